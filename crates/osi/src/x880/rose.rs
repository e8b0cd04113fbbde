//! The invocations of one association, both ways (X.880 §8): what is outstanding, which answer
//! belongs to what, and what an APDU that breaks the rules is rejected with.
//!
//! Operations and their types are its user's. A reject is never answered by a reject.

use crate::x880::{
    Code, GeneralProblem, Invoke, InvokeId, InvokeProblem, LinkedId, Reject, RejectProblem,
    ReturnError, ReturnErrorProblem, ReturnResult, ReturnResultProblem, Ros,
};
use bytes::Bytes;
use restante_ber::{Decode, Element, Error, Reader, Tag};
use std::collections::HashMap;

/// An invocation of the peer's that has not been answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performing {
    /// The operation.
    pub operation: Code,
    /// The presentation context on which the invocation came; `None`: the default context.
    pub context: Option<i64>,
}

/// What an APDU comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// An invocation, now outstanding.
    Invoke(i64, Invoke),
    /// A result of an invocation of ours, which is no longer outstanding.
    Result(i64, Code, Option<Bytes>),
    /// An error of an invocation of ours, which is no longer outstanding.
    Error(i64, Code, ReturnError),
    /// A reject by the peer.
    Reject(Reject),
    /// The APDU breaks the rules: this reject is the answer.
    Refuse(Reject),
    /// A reject breaks the rules in this way: there is no answer to that.
    BadReject(Reject),
}

/// Remote operations over one association.
#[derive(Debug)]
pub struct Rose {
    limit: usize,
    last_id: i64,
    invoked: HashMap<i64, Code>,
    performing: HashMap<i64, Performing>,
}

impl Rose {
    /// Nothing outstanding; at most `limit` invocations will be, each way.
    pub fn new(limit: usize) -> Self {
        Self { limit, last_id: 0, invoked: HashMap::new(), performing: HashMap::new() }
    }

    /// Whether an invocation of the peer's waits for its answer.
    pub fn is_performing(&self) -> bool {
        !self.performing.is_empty()
    }

    /// The invocation of the peer's with this number.
    pub fn performing(&self, invoke_id: i64) -> Option<&Performing> {
        self.performing.get(&invoke_id)
    }

    /// Takes an invocation of the peer's off, since it is being answered.
    pub fn answered(&mut self, invoke_id: i64) -> Option<Performing> {
        self.performing.remove(&invoke_id)
    }

    /// Numbers an invocation of ours, unless too many are outstanding.
    pub fn invoke(&mut self, operation: Code) -> Option<i64> {
        if self.invoked.len() >= self.limit {
            return None;
        }
        // X.880 leaves the range open; what a peer keeps in 31 bits stays in them.
        self.last_id = if self.last_id < i64::from(i32::MAX) { self.last_id + 1 } else { 1 };
        while self.invoked.contains_key(&self.last_id) {
            self.last_id += 1;
        }
        self.invoked.insert(self.last_id, operation);
        Some(self.last_id)
    }

    /// Takes an APDU that came on a presentation context.
    pub fn receive(&mut self, context: Option<i64>, apdu: &Bytes) -> Received {
        let Ok(element) = Reader::over(apdu).only() else {
            return Received::Refuse(general(None, GeneralProblem::BADLY_STRUCTURED_PDU));
        };
        match Ros::decode(&element) {
            Ok(Ros::Invoke(invoke)) => self.receive_invoke(context, invoke),
            Ok(Ros::ReturnResult(result)) => self.receive_result(result),
            Ok(Ros::ReturnError(error)) => self.receive_error(error),
            Ok(Ros::Reject(reject)) => self.receive_reject(reject),
            Err(error) => self.receive_unreadable(&element, &error),
        }
    }

    fn receive_unreadable(&mut self, element: &Element<'_>, error: &Error) -> Received {
        let problem = match error {
            _ if !Ros::accepts(element.tag) => GeneralProblem::UNRECOGNIZED_PDU,
            Error::Truncated | Error::BadHeader(_) | Error::TooDeep => {
                GeneralProblem::BADLY_STRUCTURED_PDU
            }
            _ => GeneralProblem::MISTYPED_PDU,
        };
        let invoke_id = read_invoke_id(element);
        let reject = general(invoke_id, problem);
        if element.tag == Tag::context(4) {
            return Received::BadReject(reject);
        }
        // An answer that can't be read is none: the invocation ends with the reject.
        if element.tag == Tag::context(2) || element.tag == Tag::context(3) {
            invoke_id.and_then(|invoke_id| self.invoked.remove(&invoke_id));
        }
        Received::Refuse(reject)
    }

    fn receive_invoke(&mut self, context: Option<i64>, invoke: Invoke) -> Received {
        let InvokeId::Present(invoke_id) = invoke.invoke_id else {
            return Received::Refuse(general(None, GeneralProblem::MISTYPED_PDU));
        };
        let problem = match invoke.linked_id {
            _ if self.performing.contains_key(&invoke_id) => InvokeProblem::DUPLICATE_INVOCATION,
            Some(LinkedId::Present(linked_id)) if !self.invoked.contains_key(&linked_id) => {
                InvokeProblem::UNRECOGNIZED_LINKED_ID
            }
            _ if self.performing.len() >= self.limit => InvokeProblem::RESOURCE_LIMITATION,
            _ => {
                let operation = invoke.opcode.clone();
                self.performing.insert(invoke_id, Performing { operation, context });
                return Received::Invoke(invoke_id, invoke);
            }
        };
        Received::Refuse(Reject {
            invoke_id: invoke.invoke_id,
            problem: RejectProblem::Invoke(problem),
        })
    }

    fn receive_result(&mut self, returned: ReturnResult) -> Received {
        let found = returned.invoke_id.number().and_then(|id| self.invoked.remove_entry(&id));
        let problem = match (found, returned.result) {
            (Some((invoke_id, operation)), None) => {
                return Received::Result(invoke_id, operation, None);
            }
            (Some((invoke_id, operation)), Some(result)) if result.opcode == operation => {
                return Received::Result(invoke_id, operation, Some(result.result.to_bytes()));
            }
            // The result of another operation than the one invoked (X.880 §9.3).
            (Some(_), Some(_)) | (None, _) => ReturnResultProblem::UNRECOGNIZED_INVOCATION,
        };
        Received::Refuse(Reject {
            invoke_id: returned.invoke_id,
            problem: RejectProblem::ReturnResult(problem),
        })
    }

    fn receive_error(&mut self, returned: ReturnError) -> Received {
        match returned.invoke_id.number().and_then(|id| self.invoked.remove_entry(&id)) {
            Some((invoke_id, operation)) => Received::Error(invoke_id, operation, returned),
            None => Received::Refuse(Reject {
                invoke_id: returned.invoke_id,
                problem: RejectProblem::ReturnError(ReturnErrorProblem::UNRECOGNIZED_INVOCATION),
            }),
        }
    }

    /// A reject of our invocation ends it; one of our answers comes too late to change anything.
    fn receive_reject(&mut self, reject: Reject) -> Received {
        if let (Some(invoke_id), RejectProblem::Invoke(_) | RejectProblem::General(_)) =
            (reject.invoke_id.number(), reject.problem)
        {
            self.invoked.remove(&invoke_id);
        }
        Received::Reject(reject)
    }
}

fn general(invoke_id: Option<i64>, problem: GeneralProblem) -> Reject {
    Reject { invoke_id: invoke_id.into(), problem: RejectProblem::General(problem) }
}

/// The number in an APDU that is otherwise not what it should be.
fn read_invoke_id(element: &Element<'_>) -> Option<i64> {
    let first = element.children().ok()?.next_element().ok()??;
    InvokeId::decode(&first).ok()?.number()
}
