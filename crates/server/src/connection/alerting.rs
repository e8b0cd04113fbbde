//! Alert (X.413 §8.3.7), which the store invokes on a user agent: what waits in the association's
//! queue goes out as soon as there is room, a few at a time unanswered.

use restante_ber::Encode;
use std::collections::VecDeque;

use restante_mhs::{
    x413::In1988,
    x419::{Edition, Port, ms_access},
};
use restante_osi::Invocation as Invoke;
use restante_view::audit::Keyword;

use super::*;
use crate::bound::{Alerts, Waiting};

/// Alerts that a user agent may leave unanswered before no more are sent.
const UNANSWERED_MAX: usize = 16;

/// The alerts of one association.
#[derive(Default)]
pub(super) struct Alerting {
    /// Those that wait; `None` where no user agent is bound.
    waiting: Option<Alerts>,
    /// Those that were sent and are not answered.
    unanswered: VecDeque<Arc<Waiting>>,
}

impl Alerting {
    /// A user agent is bound.
    pub(super) fn of(waiting: Option<Alerts>) -> Self {
        Self { waiting, unanswered: VecDeque::new() }
    }

    /// Waits for the next one. Nothing is lost where it is not waited for to the end.
    pub(super) async fn next(&mut self) -> Arc<Waiting> {
        match &mut self.waiting {
            Some(waiting) => match waiting.recv().await {
                Some(alert) => alert,
                None => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }

    /// Whether one may be sent.
    fn has_room(&self) -> bool {
        self.waiting.is_some() && self.unanswered.len() < UNANSWERED_MAX
    }

    /// One was answered: whether that was the last of all.
    fn answered(&mut self) -> bool {
        let one = self.unanswered.pop_front().is_some();
        let none_waits = self.waiting.as_ref().is_none_or(Alerts::is_empty);
        one && none_waits && self.unanswered.is_empty()
    }

    /// Ends it: whether something was not taken.
    fn end(&mut self) -> bool {
        let waiting = self.waiting.take().is_some_and(|mut waiting| waiting.try_recv().is_ok());
        waiting || !self.unanswered.is_empty()
    }
}

impl Connection {
    /// Whether an alert can be sent now.
    pub(super) fn may_alert(&self) -> bool {
        let free = !self.told && !self.stopping && self.unbinding.is_none();
        free && self.outgoing.len() < OUTGOING_OCTETS_MAX && self.alerting.has_room()
    }

    /// Alerts the user agent.
    pub(super) fn alert(&mut self, alert: Arc<Waiting>) {
        let Some(session) = self.work.session() else { return };
        let context = session.context;
        let argument = match context.edition {
            Edition::E1988 => alert.argument.clone().in_1988().to_rope(),
            Edition::E1994 => alert.argument.to_rope(),
        };
        let syntax = context.abstract_syntax(Port::Retrieval);
        let invocation = Invoke {
            abstract_syntax: syntax.unwrap_or_else(|| context.oid().clone()),
            operation: Code::Local(ms_access::OP_ALERT),
            linked_id: None,
            argument: Some(argument),
        };
        match self.association.invoke(invocation, Instant::now()) {
            Ok(_) => {
                let entry = alert.argument.new_entry.as_ref();
                self.audit(Keyword::Alert, |audit| {
                    audit.put_some("p7-seqnum", entry.map(|entry| entry.sequence_number.0));
                    audit.put("result", "ok");
                });
                self.alerting.unanswered.push_back(alert);
            }
            // It has ended meanwhile.
            Err(_) => self.missed(),
        }
    }

    /// The user agent has answered an alert, with whatever it was.
    pub(super) fn alerted(&mut self) {
        if self.alerting.answered()
            && let Some(mailbox) = self.mailbox()
        {
            self.shared.alert_answered(mailbox);
        }
    }

    /// The association has ended: what its user agent did not take is missed.
    pub(super) fn end_alerting(&mut self) {
        if self.alerting.end() {
            self.missed();
        }
    }

    fn missed(&self) {
        if let Some(mailbox) = self.mailbox() {
            self.shared.alert_missed(mailbox);
        }
    }

    /// The name of the mailbox of the user who is bound.
    fn mailbox(&self) -> Option<String> {
        match self.work.session().map(|session| &session.peer) {
            Some(Peer::UserAgent { binding, .. }) => Some(binding.user.key.clone()),
            _ => None,
        }
    }
}
