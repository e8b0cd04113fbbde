//! An association over RTSE that this end opened and whose connection was lost while the MTA had
//! not answered everything: it goes on over another connection (X.228 §7.8), which carries what
//! was under way to its end and nothing more. One that the MTA opened is for the MTA to recover.

use restante_osi::x228::SessionConnectionIdentifier;

use super::*;

/// What is left of such an association.
pub(crate) struct Interrupted {
    caller: Caller,
    name: SessionConnectionIdentifier,
}

impl Connection {
    /// Whether the association, which ended so, is to go on over another connection.
    pub(super) fn interrupt(&mut self, why: &dyn fmt::Display) -> bool {
        let Some(name) = self.association.suspended().cloned() else { return false };
        let wanted = !self.stopping && !self.told && !self.released;
        let Some(mut caller) = self.caller.take_if(|caller| wanted && caller.has_outstanding())
        else {
            return false;
        };
        let fact = Fact::Interrupted { why };
        self.tell(fact);
        self.audit_end(fact);
        self.told = true;
        self.work.end();
        caller.leave();
        self.interrupted = Some(Interrupted { caller, name });
        self.closing = true;
        true
    }
}

impl Interrupted {
    /// The association again, over another connection; `None` where it is not kept any more, and
    /// what was outstanding has been told so.
    pub(crate) fn over(
        self,
        shared: &Arc<Shared>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<Connection> {
        let Self { caller, name } = self;
        let (buffers, now) = (shared.assembly.buffers(), Instant::now());
        let options = caller.options();
        let resumed =
            options.and_then(|options| Association::resume(options, &name, buffers, now));
        match resumed {
            Some(association) => {
                Some(Connection::called_by(caller, shared.clone(), stream, peer, association))
            }
            None => {
                Self { caller, name }.ended("too long ago to be resumed");
                None
            }
        }
    }

    /// Until when its answers are waited for.
    pub(crate) fn due(&self) -> Instant {
        self.caller.wake_at().unwrap_or_else(Instant::now)
    }

    /// It can't be had again: what is outstanding is told so.
    pub(crate) fn ended(mut self, reason: &str) {
        self.caller.ended(reason);
    }
}
