//! An association that this end opened: what it does beside serving its peer. See
//! [`crate::submission`].

use restante_mhs::x419::mts_access;
use restante_osi::InitiatorOptions;

use super::*;
use crate::submission::{self, Caller, Controls, Due};

impl Connection {
    /// The association that this end opens over a connection.
    pub(crate) fn calling(
        shared: Arc<Shared>,
        stream: TcpStream,
        peer: SocketAddr,
        caller: Caller,
    ) -> Self {
        let buffers = shared.assembly.buffers();
        // Without an MTA there is no caller.
        let options =
            caller.options().unwrap_or_else(|| InitiatorOptions::new(Default::default()));
        let association =
            Association::initiator(options, caller.request(), buffers, Instant::now());
        Self::called_by(caller, shared, stream, peer, association)
    }

    /// An association that this end opens, over a connection.
    pub(super) fn called_by(
        caller: Caller,
        shared: Arc<Shared>,
        stream: TcpStream,
        peer: SocketAddr,
        association: Association,
    ) -> Self {
        let stop = shared.stop.clone();
        let presence = shared.hub.enter(peer, true);
        let mut connection = Self::over(shared, stop, stream, presence, association);
        connection.facility = Facility::P3;
        connection.caller = Some(caller);
        connection
    }

    /// Invokes what waits, as far as there is room.
    pub(super) fn submit(&mut self) {
        while !self.told
            && !self.released
            && self.outgoing.len() < OUTGOING_OCTETS_MAX
            && let Some(caller) = &mut self.caller
            && let Some(job) = caller.take()
        {
            let context = caller.context();
            let argument = job.argument.clone();
            let invocation = restante_client::p3::of_user(context, job.operation, argument);
            match self.association.invoke(invocation, Instant::now()) {
                Ok(invoke_id) => caller.invoked(invoke_id, job),
                Err(misuse) => caller.not_invoked(job, misuse.to_string()),
            }
            self.poll();
        }
        if self.caller.as_ref().is_some_and(Caller::is_over) {
            self.release();
        }
    }

    /// Waits until there is something to invoke, or the association is to make place.
    pub(super) async fn called(caller: Option<&Caller>) -> bool {
        match caller {
            Some(caller) => caller.woken().await,
            None => std::future::pending().await,
        }
    }

    /// The association is to make place for another.
    pub(super) fn make_place(&mut self) {
        if let Some(caller) = &mut self.caller {
            caller.leave();
        }
    }

    /// Something happened on an association that this end opened.
    pub(super) fn calling_event(&mut self, event: Event) {
        if let Event::BindRefused(refusal) = &event
            && self.interrupt(refusal)
        {
            return;
        }
        let Some(caller) = &mut self.caller else { return };
        match event {
            Event::BindConfirmed(confirmation) => match caller.confirmed(&confirmation) {
                Ok(session) => {
                    let (context, name) = (session.context.name, caller.name_text());
                    self.audit_bind(&session);
                    self.presence.bound(session.bound_as());
                    self.work.accept(session);
                    self.tell(Fact::BoundToMta { name: &name, context: &context });
                    self.control();
                }
                Err(reason) => {
                    self.end(Fact::MtaWrong { reason: &reason });
                    self.abort();
                }
            },
            Event::BindRefused(refusal) => {
                let text = match &refusal {
                    Refusal::Bind { error, .. } => restante_client::p3::bind_error_text(error),
                    other => other.to_string(),
                };
                self.audit_refused(&text);
                self.end(Fact::MtaRefused { why: &text });
            }
            Event::Result { invoke_id, result, .. } => {
                caller.answer(invoke_id, Passed::Result(result));
            }
            Event::Error { invoke_id, error, parameter, .. } => {
                caller.answer(invoke_id, submission::error(&error, parameter));
            }
            Event::UnbindConfirmed { .. } => self.end(Fact::Unbound),
            _ => {}
        }
    }

    /// The MTA rejected something: what waits for its answer has none.
    pub(super) fn rejected_call(&mut self, invoke_id: Option<i64>, problem: RejectProblem) {
        let reason = format!("the MTA rejected the operation: {problem}");
        if let Some((caller, invoke_id)) = self.caller.as_mut().zip(invoke_id) {
            caller.answer(invoke_id, Passed::Unanswered { reason });
        }
    }

    /// An operation that the peer invokes. Submission-control is dealt with at once: it says what
    /// may be invoked next; on an association that this end did not open, nothing is.
    pub(super) fn invoked(&mut self, invocation: Invocation) {
        let by_mta =
            self.work.session().is_some_and(|session| matches!(session.peer, Peer::Mta(_)));
        if !by_mta || invocation.operation != Code::Local(mts_access::OP_SUBMISSION_CONTROL) {
            return self.work.push(invocation);
        }
        let mut nothing = Controls::default();
        let controls = self.caller.as_mut().map_or(&mut nothing, Caller::controls_mut);
        let reply = controls.set(invocation.argument.as_ref());
        self.audit_control(&reply);
        let reply = reply.map_err(Rejection::from);
        self.answer(Answer { invoke_id: invocation.invoke_id, reply });
    }

    /// What is due at this time.
    pub(super) fn calling_timeout(&mut self, now: Instant) {
        let busy = self.work.is_busy();
        let Some(caller) = &mut self.caller else { return };
        if busy {
            caller.used();
        }
        match caller.due(now) {
            Some(Due::Unbind) => caller.leave(),
            Some(Due::Abort) => {
                self.end(Fact::MtaSilent);
                self.abort();
            }
            None => {}
        }
    }

    /// Ends it in order, once: what is in hand for the peer is finished first.
    pub(super) fn release(&mut self) {
        if !self.released && !self.told && self.work.is_done() {
            self.released = true;
            self.request(Request::Unbind { argument: None });
            self.poll();
        }
    }
}
