//! Audit records of an association itself: that it begins, is refused, and ends.

use restante_mhs::x419::Protocol;
use restante_ms::InvokeProblem;
use restante_view::audit::Keyword;

use super::*;
use crate::{bind::Session, logging::Audit};

impl Connection {
    /// Writes a record of something that the association does.
    pub(super) fn audit(&self, keyword: Keyword, fill: impl FnOnce(&mut Audit)) {
        self.shared.logging.audit(keyword, self.presence.id(), |audit| {
            fill(audit);
            if let Some(session) = self.work.session() {
                let key = match session.peer {
                    Peer::UserAgent { .. } => "mailbox",
                    Peer::Mta(_) => "mtaname",
                };
                let name = match &session.peer {
                    Peer::UserAgent { binding, .. } => &binding.user.key,
                    Peer::Mta(deliverer) => &deliverer.mta,
                };
                audit.put(key, name);
            }
        });
    }

    /// It is bound.
    pub(super) fn audit_bind(&self, session: &Session) {
        let (context, name) = (session.context.name, &session.name);
        self.record_bind(session.context.protocol == Protocol::P3, name, Some(context), "ok");
    }

    /// A peer's bind is refused.
    pub(super) fn audit_refusal(&self, name: &str, why: &str) {
        self.record_bind(self.facility == Facility::P3, name, None, why);
    }

    /// The MTA refuses the bind.
    pub(super) fn audit_refused(&self, why: &str) {
        self.record_bind(true, "", None, why);
    }

    fn record_bind(&self, p3: bool, name: &str, context: Option<&str>, result: &str) {
        let config = &self.shared.config;
        self.shared.logging.audit(Keyword::Bind, self.presence.id(), |audit| {
            let (bind_type, key) = match (&self.caller, p3) {
                (Some(_), _) => ("to MTA", "p3serverdn"),
                (None, true) => ("by MTA", "mtaname"),
                (None, false) => ("by UA", "uaname"),
            };
            audit.put("bindtype", bind_type);
            audit.put("p7serverdn", &config.service.name);
            audit.put(key, name);
            if let Some(caller) = &self.caller {
                audit.put("initiator", caller.name_text());
            }
            audit.put_some("context", context);
            audit.put("peer", self.presence.peer());
            audit.put("result", result);
        });
    }

    /// The MTA controls what is submitted to it.
    pub(super) fn audit_control(&self, answer: &Result<Reply, InvokeProblem>) {
        self.audit(Keyword::SubmissionControl, |audit| {
            if let Some(caller) = &self.caller {
                audit.put("permitted", caller.controls());
            }
            match answer {
                Ok(_) => audit.put("result", "ok"),
                Err(problem) => audit.put("result", format_args!("rejected: {problem}")),
            }
        });
    }

    /// It ends, if it was bound.
    pub(super) fn audit_end(&self, how: Fact<'_>) {
        if self.work.session().is_some() {
            self.audit(Keyword::Unbind, |audit| {
                audit.put("peer", self.presence.peer());
                match how {
                    Fact::Unbound => audit.put("result", "ok"),
                    how => audit.put("result", how),
                }
            });
        }
    }
}
