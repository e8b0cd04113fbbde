//! What an association has settled once it is bound: its presentation contexts, and the remote
//! operations that go over them.

use crate::Open;
use crate::association::answer::Failure;
use crate::association::reliable::Carriage;
use crate::association::shared::Shared;
use crate::association::{Event, Fault, Invocation, Layer, Misuse, Request};
use crate::x226::{AbortReason, Contexts, EventIdentifier, UserData};
use crate::x227::AcseApdu;
use crate::x880::{
    Invoke, InvokeId, LinkedId, Received, Reject, RejectProblem, ReturnError, ReturnResult,
    ReturnedResult, Ros, Rose,
};
use bytes::Bytes;
use core::fmt;
use restante_ber::{Decode, Encode, Oid};

/// A bound association.
pub(super) struct Established {
    pub(super) contexts: Contexts,
    /// The context of association control; `None`: the default context.
    pub(super) acse_context: Option<i64>,
    /// The context on which bind and unbind go.
    pub(super) bind_context: Option<i64>,
    pub(super) rose: Rose,
    pub(super) carriage: Carriage,
    /// Whether this end has asked for release: it can send nothing more, and takes answers only.
    pub(super) releasing: bool,
}

impl Established {
    /// The context for an abstract syntax: the bind's where it was not negotiated.
    fn context_of(&self, abstract_syntax: &Oid) -> Option<i64> {
        self.contexts.find(abstract_syntax).unwrap_or(self.bind_context)
    }

    /// S-DATA indication.
    pub(super) fn data(
        &mut self,
        octets: &Bytes,
        shared: &mut Shared,
    ) -> Result<(), Box<Failure>> {
        let event = EventIdentifier::TD_PPDU;
        shared.trace_received(Layer::Presentation, &"TD user data", octets);
        let values = UserData::from_bytes(octets)
            .and_then(|user_data| user_data.values())
            .map_err(|error| Failure::unreadable(error, event))?;
        for pdv in values {
            let abstract_syntax = self.contexts.abstract_syntax(pdv.context).cloned();
            let abstract_syntax = abstract_syntax.ok_or_else(|| {
                let text = "a presentation context that is not defined";
                let reason = AbortReason::INVALID_PPDU_PARAMETER_VALUE;
                Failure::ppdu(Fault::Violation, text, reason, event)
            })?;
            match self.carriage {
                Carriage::Direct => {
                    self.receive(pdv.context, abstract_syntax, &pdv.value, shared);
                }
                Carriage::Reliable(_) => self.part(&pdv.value)?,
            }
        }
        Ok(())
    }

    /// An APDU of remote operations came.
    pub(super) fn receive(
        &mut self,
        context: Option<i64>,
        abstract_syntax: Oid,
        value: &Bytes,
        shared: &mut Shared,
    ) {
        let received = self.rose.receive(context, value);
        shared.trace_received(Layer::RemoteOperations, &Shown(&received), value);
        match received {
            Received::Invoke(..) if self.releasing => {}
            Received::Invoke(invoke_id, invoke) => shared.emit(Event::Invoke {
                invoke_id,
                linked_id: linked_number(invoke.linked_id),
                abstract_syntax,
                operation: invoke.opcode,
                argument: invoke.argument.map(|argument| argument.to_bytes()),
            }),
            Received::Result(invoke_id, operation, result) => {
                shared.emit(Event::Result { invoke_id, operation, result });
            }
            Received::Error(invoke_id, operation, returned) => shared.emit(Event::Error {
                invoke_id,
                operation,
                error: returned.errcode,
                parameter: returned.parameter.map(|parameter| parameter.to_bytes()),
            }),
            Received::Reject(reject) => shared.emit(rejected(&reject, true)),
            Received::Refuse(reject) => {
                shared.emit(rejected(&reject, false));
                self.send(context, &Ros::Reject(reject), shared);
            }
            Received::BadReject(reject) => shared.emit(rejected(&reject, false)),
        }
    }

    /// Sends an APDU on a context.
    fn send(&mut self, context: Option<i64>, apdu: &Ros, shared: &mut Shared) {
        if self.releasing {
            return;
        }
        let octets = apdu.to_rope();
        shared.trace_sent(Layer::RemoteOperations, &ShownApdu(apdu), &octets);
        self.carry(context, octets, shared);
    }

    /// Invokes an operation.
    pub(super) fn invoke(
        &mut self,
        invocation: Invocation,
        shared: &mut Shared,
    ) -> Result<i64, Misuse> {
        if invocation.linked_id.is_some_and(|id| self.rose.performing(id).is_none()) {
            return Err(Misuse::NoSuchInvocation);
        }
        let number = self.rose.invoke(invocation.operation.clone());
        let invoke_id = number.ok_or(Misuse::TooManyOutstanding)?;
        let context = self.context_of(&invocation.abstract_syntax);
        let invoke = Invoke {
            invoke_id: InvokeId::Present(invoke_id),
            linked_id: invocation.linked_id.map(LinkedId::Present),
            opcode: invocation.operation,
            argument: invocation.argument.map(Open),
        };
        self.send(context, &Ros::Invoke(invoke), shared);
        Ok(invoke_id)
    }

    /// Answers an invocation of the peer's, or rejects an answer of its.
    pub(super) fn answer(&mut self, request: Request, shared: &mut Shared) -> Result<(), Misuse> {
        let (context, apdu) = match request {
            Request::Result { invoke_id, abstract_syntax, result } => {
                let performed = self.rose.answered(invoke_id).ok_or(Misuse::NoSuchInvocation)?;
                let opcode = performed.operation;
                let result = result.map(|result| ReturnedResult { opcode, result: Open(result) });
                let invoke_id = InvokeId::Present(invoke_id);
                let apdu = Ros::ReturnResult(ReturnResult { invoke_id, result });
                (self.context_of(&abstract_syntax), apdu)
            }
            Request::Error { invoke_id, abstract_syntax, error, parameter } => {
                self.rose.answered(invoke_id).ok_or(Misuse::NoSuchInvocation)?;
                let apdu = Ros::ReturnError(ReturnError {
                    invoke_id: InvokeId::Present(invoke_id),
                    errcode: error,
                    parameter: parameter.map(Open),
                });
                (self.context_of(&abstract_syntax), apdu)
            }
            Request::RejectInvoke { invoke_id, problem } => {
                let performed = self.rose.answered(invoke_id).ok_or(Misuse::NoSuchInvocation)?;
                (performed.context, reject(invoke_id, RejectProblem::Invoke(problem)))
            }
            Request::RejectAnswer { invoke_id, abstract_syntax, problem } => match problem {
                RejectProblem::ReturnResult(_) | RejectProblem::ReturnError(_) => {
                    (self.context_of(&abstract_syntax), reject(invoke_id, problem))
                }
                _ => return Err(Misuse::WrongProblem),
            },
            _ => return Err(Misuse::WrongState),
        };
        self.send(context, &apdu, shared);
        Ok(())
    }

    /// The APDU of association control in the user data of a release; `None` where there is no
    /// user data.
    pub(super) fn acse_apdu(
        &self,
        octets: &Bytes,
        event: EventIdentifier,
        shared: &mut Shared,
    ) -> Result<Option<AcseApdu>, Box<Failure>> {
        if octets.is_empty() {
            return Ok(None);
        }
        let values = UserData::from_bytes(octets)
            .and_then(|user_data| user_data.values())
            .map_err(|error| Failure::unreadable(error, event))?;
        let Some(pdv) = values.into_iter().next() else { return Ok(None) };
        let apdu = AcseApdu::from_bytes(&pdv.value)
            .map_err(|error| Failure::apdu(Fault::Malformed, error, self.acse_context))?;
        shared.trace_received(Layer::AssociationControl, &apdu.name(), &pdv.value);
        Ok(Some(apdu))
    }
}

fn reject(invoke_id: i64, problem: RejectProblem) -> Ros {
    Ros::Reject(Reject { invoke_id: InvokeId::Present(invoke_id), problem })
}

fn rejected(reject: &Reject, received: bool) -> Event {
    let invoke_id = reject.invoke_id.number();
    Event::Reject { invoke_id, problem: reject.problem, received }
}

fn linked_number(linked_id: Option<LinkedId>) -> Option<i64> {
    match linked_id {
        Some(LinkedId::Present(number)) => Some(number),
        Some(LinkedId::Absent(_)) | None => None,
    }
}

/// A received APDU as text.
struct Shown<'a>(&'a Received);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Received::Invoke(id, invoke) => write!(f, "ROIV {id} operation {}", invoke.opcode),
            Received::Result(id, operation, _) => write!(f, "RORS {id} operation {operation}"),
            Received::Error(id, operation, returned) => {
                write!(f, "ROER {id} operation {operation} error {}", returned.errcode)
            }
            Received::Reject(reject) => write!(f, "RORJ {}", reject.problem),
            Received::Refuse(reject) | Received::BadReject(reject) => {
                write!(f, "unacceptable APDU: {}", reject.problem)
            }
        }
    }
}

/// An APDU of ours as text.
struct ShownApdu<'a>(&'a Ros);

impl fmt::Display for ShownApdu<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |id: InvokeId| id.number().map_or("-".to_owned(), |id| id.to_string());
        match self.0 {
            Ros::Invoke(apdu) => {
                write!(f, "ROIV {} operation {}", number(apdu.invoke_id), apdu.opcode)
            }
            Ros::ReturnResult(apdu) => write!(f, "RORS {}", number(apdu.invoke_id)),
            Ros::ReturnError(apdu) => {
                write!(f, "ROER {} error {}", number(apdu.invoke_id), apdu.errcode)
            }
            Ros::Reject(apdu) => write!(f, "RORJ {} {}", number(apdu.invoke_id), apdu.problem),
        }
    }
}
