//! Delivery-control on an association with an MTA (X.411 §8.3.1.3): the MTA is told what is held,
//! whenever that is another than it was told, in either direction of the bind. It may refuse or
//! not answer: what it delivers all the same is refused by the service.

use bytes::Bytes;
use restante_ber::Decode;
use restante_mhs::{
    x411::{DeliveryControlResult, Operations, WaitingMessages},
    x419::mts_access,
};
use restante_ms::Hold;
use restante_view::audit::Keyword;

use super::*;
use crate::bind::Peer;

/// How many delivery-controls may be unanswered on one association. What changes then is told when
/// the MTA has answered one.
const UNANSWERED_MAX: usize = 8;

/// What the MTA of an association was told.
pub(super) struct Control {
    /// Told when something may have changed.
    pub(super) changes: watch::Receiver<()>,
    told: Hold,
    unanswered: Vec<i64>,
}

impl Control {
    pub(super) fn new(shared: &Shared) -> Self {
        let changes = shared.held.subscribe();
        Self { changes, told: Hold::default(), unanswered: Vec::new() }
    }
}

impl Connection {
    /// Tells the MTA what is held, where it does not know. A server that stops takes nothing.
    pub(super) fn control(&mut self) {
        let Some(session) = self.work.session() else { return };
        let Peer::Mta(deliverer) = &session.peer else { return };
        let hold = match self.stopping {
            true => Hold::everything(),
            false => self.shared.service.holds().of(deliverer.user.as_ref()),
        };
        let full = self.control.unanswered.len() >= UNANSWERED_MAX;
        // One that this end is about to release needs no hold.
        let leaving = self.stopping && self.caller.as_ref().is_some_and(Caller::is_done);
        if self.told || self.released || leaving || full || hold == self.control.told {
            return;
        }
        let argument = hold.delivery_control(session.context.edition);
        let operation = mts_access::OP_DELIVERY_CONTROL;
        let invocation = restante_client::p3::of_user(session.context, operation, argument);
        match self.association.invoke(invocation, Instant::now()) {
            Ok(invoke_id) => {
                self.control.unanswered.push(invoke_id);
                self.tell(Fact::ControlSent { hold: &hold });
            }
            Err(misuse) => self.tell(Fact::ControlNotSent { hold: &hold, misuse: &misuse }),
        }
        self.control.told = hold;
    }

    /// The answer to a delivery-control; false where it is not to one.
    pub(super) fn controlled(&mut self, event: &Event) -> bool {
        let invoke_id = match event {
            Event::Result { invoke_id, .. } | Event::Error { invoke_id, .. } => *invoke_id,
            Event::Reject { invoke_id: Some(invoke_id), received: true, .. } => *invoke_id,
            _ => return false,
        };
        let unanswered = &mut self.control.unanswered;
        let Some(at) = unanswered.iter().position(|one| *one == invoke_id) else { return false };
        unanswered.swap_remove(at);
        match event {
            Event::Result { result, .. } => {
                self.audit(Keyword::DeliveryControl, |audit| audit.put("result", "ok"));
                self.tell(Fact::ControlAccepted { waiting: &waiting(result.as_ref()) });
            }
            Event::Error { error, parameter, .. } => {
                let text = restante_client::p3::error_text(error, parameter.as_ref());
                self.audit(Keyword::DeliveryControl, |audit| audit.put("result", &text));
                self.tell(Fact::ControlRefused { error: &text });
            }
            Event::Reject { problem, .. } => {
                let text = format_args!("rejected: {problem}");
                self.audit(Keyword::DeliveryControl, |audit| audit.put("result", text));
                self.tell(Fact::ControlRejected { problem: &problem });
            }
            _ => {}
        }
        self.control();
        true
    }
}

/// What waits at the MTA, in words. The result of 1988 is that of 1994 without extensions.
fn waiting(result: Option<&Bytes>) -> String {
    let result = result.and_then(|octets| DeliveryControlResult::from_bytes(octets).ok());
    let Some(result) = result else { return "what waits can't be read".to_owned() };
    let (operations, why) = (&result.waiting_operations, &result.waiting_messages);
    let named = [
        (operations.has(Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY), "messages"),
        (operations.has(Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY), "reports"),
        (why.has(WaitingMessages::LONG_CONTENT), "long contents"),
        (why.has(WaitingMessages::LOW_PRIORITY), "low priorities"),
        (why.has(WaitingMessages::OTHER_SECURITY_LABELS), "other labels"),
    ];
    let there: Vec<_> = named.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    match there.is_empty() {
        true => "nothing waits".to_owned(),
        false => format!("there wait: {}", there.join(", ")),
    }
}
