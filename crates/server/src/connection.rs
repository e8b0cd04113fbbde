//! One association: the task that moves octets between its TCP connection and the machine of
//! `osi`, has its operations carried out, and wakes it in time.
//!
//! It has no buffer of its own while nothing happens. A peer that does not read its answers, or
//! sends more than is carried out, is not read either. Each association that ends otherwise than
//! by an unbind is told of in exactly one event.

mod alerting;
mod audit;
mod calling;
mod control;
mod interrupted;

use std::{
    fmt, future, io,
    mem::MaybeUninit,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
    time::{Duration, Instant},
};

use restante_ber::{Encode, Null};
use restante_mhs::x419::{ApplicationContext, ms_access};
use restante_ms::{Passed, Reply};
use restante_osi::{
    Abort, AbortedBy, Association, BindIndication, Event, Output, Refusal, Request,
    x227::{AcseServiceUser, AssociateResult, AssociateSourceDiagnostic},
    x880::{Code, RejectProblem},
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, Interest, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::sleep_until,
};

use alerting::Alerting;
use control::Control;
pub(crate) use interrupted::Interrupted;

use crate::{
    admission::Place,
    bind::{Bound, Peer, facility},
    events::{Facility, Fact, tell_of},
    hub::Presence,
    outgoing::Outgoing,
    shared::Shared,
    submission::Caller,
    work::{Answer, Invocation, Ready, Rejection, Work},
};

/// What is read at once, octets: on the stack, and only while something is there.
const READ_OCTETS: usize = 32 << 10;
/// What may wait to be written before nothing more is begun and nothing is read, octets.
const OUTGOING_OCTETS_MAX: usize = 1 << 20;
/// How long a peer may take nothing of what waits for it.
const STALL_TIME: Duration = Duration::from_secs(60);
/// What the store invokes on user agents.
const ALERT: Code = Code::Local(ms_access::OP_ALERT);
/// How long a peer that this end has aborted may take to close the connection.
const ABORT_TIME: Duration = Duration::from_secs(1);

/// One association.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
    _place: Option<Place>,
    presence: Presence,
    stream: TcpStream,
    association: Association,
    outgoing: Outgoing,
    work: Work,
    /// What this end does on an association that it opened.
    caller: Option<Caller>,
    alerting: Alerting,
    /// What the MTA was told that it may deliver.
    control: Control,
    /// What goes on over another connection.
    interrupted: Option<Interrupted>,
    /// Whether this end has asked for its release.
    released: bool,
    /// Who tells of it.
    facility: Facility,
    /// The application entity that the peer says it is: AP-title and AE-qualifier.
    calling: String,
    /// Whether its end has been told.
    told: bool,
    /// The unbind that the peer asks for, while operations are in hand.
    unbinding: Option<Unbinding>,
    /// Whether the server stops.
    stopping: bool,
    /// Whether the connection is to be closed when all is written.
    closing: bool,
    /// When the peer last took something of what waits for it.
    taken: Instant,
    /// When to close the connection, whatever the peer does.
    close_at: Option<Instant>,
}

/// An unbind that the peer asks for.
struct Unbinding {
    with_argument: bool,
}

impl Connection {
    /// The association with a peer that has just connected.
    pub(crate) fn new(
        shared: Arc<Shared>,
        stop: watch::Receiver<bool>,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
    ) -> Self {
        let buffers = shared.assembly.buffers();
        let options = shared.responder_options(peer.ip());
        let association = Association::responder(options, buffers, Instant::now());
        let presence = shared.hub.enter(peer, false);
        let mut connection = Self::over(shared, stop, stream, presence, association);
        connection._place = Some(place);
        connection
    }

    fn over(
        shared: Arc<Shared>,
        stop: watch::Receiver<bool>,
        stream: TcpStream,
        presence: Presence,
        association: Association,
    ) -> Self {
        let control = Control::new(&shared);
        Self {
            shared,
            stop,
            _place: None,
            work: Work::of(presence.id()),
            presence,
            stream,
            association,
            outgoing: Outgoing::default(),
            caller: None,
            alerting: Alerting::default(),
            control,
            interrupted: None,
            released: false,
            facility: Facility::Osi,
            calling: String::new(),
            told: false,
            unbinding: None,
            stopping: false,
            closing: false,
            taken: Instant::now(),
            close_at: None,
        }
    }

    /// Serves the peer until the association has ended. Gives what can go on over another
    /// connection, which this end is to open.
    pub(crate) async fn run(mut self) -> Option<Interrupted> {
        while self.step() {
            let interest = self.interest();
            let wake = self.wake();
            tokio::select! {
                moved = moved(&mut self.stream, &mut self.association, interest),
                    if interest.is_some() => self.moved(moved),
                ready = self.work.next(&self.shared), if self.work.is_busy() => self.ready(ready),
                alert = self.alerting.next(), if self.may_alert() => self.alert(alert),
                crowded = Self::called(self.caller.as_ref()), if self.may_submit() => {
                    if crowded {
                        self.make_place();
                    }
                }
                Ok(()) = self.control.changes.changed() => self.control(),
                () = sleep_until(wake.into()) => self.timeout(),
                () = stopped(&mut self.stop), if !self.stopping => self.stop(),
                () = self.presence.disconnected(), if !self.told => self.disconnected(),
            }
        }
        // Where this fails the connection is gone, which is what is wanted.
        let _ = self.stream.shutdown().await;
        if let Some(interrupted) = self.interrupted.take() {
            return Some(interrupted);
        }
        self.end(Fact::ConnectionClosed);
        None
    }

    /// Does all that can be done now; false when it is over.
    fn step(&mut self) -> bool {
        self.poll();
        self.submit();
        let nothing_in_hand = self.outgoing.is_empty()
            && !self.work.is_busy()
            && !self.association.is_sending()
            && self.caller.as_ref().is_none_or(Caller::is_done);
        if self.stopping && !self.told && nothing_in_hand {
            self.stopped();
        }
        if !self.closing && !self.stopping && self.outgoing.len() < OUTGOING_OCTETS_MAX {
            self.work.begin(&self.shared);
        }
        !(self.closing && self.outgoing.is_empty())
    }

    /// All that was in hand when the server was told to stop is done.
    fn stopped(&mut self) {
        if self.caller.as_ref().is_some_and(Caller::is_bound) || self.released {
            self.make_place();
            self.release();
        } else {
            self.end(Fact::AbortedStopping);
            self.abort();
            self.poll();
        }
    }

    /// Whether operations that wait can be invoked here.
    fn may_submit(&self) -> bool {
        let room = self.outgoing.len() < OUTGOING_OCTETS_MAX;
        room && !self.told && self.caller.as_ref().is_some_and(Caller::has_room)
    }

    /// Takes what the association has, as far as there is room for it.
    fn poll(&mut self) {
        while self.outgoing.len() < OUTGOING_OCTETS_MAX {
            match self.association.poll_output() {
                None => break,
                Some(Output::Event(event)) => self.event(event),
                Some(Output::Close) => self.closing = true,
                Some(Output::Transmit(octets)) => {
                    if self.outgoing.is_empty() {
                        self.taken = Instant::now();
                    }
                    self.outgoing.push(octets);
                }
            }
        }
    }
}

/// Octets in and out.
impl Connection {
    /// What of the connection is waited for.
    fn interest(&self) -> Option<Interest> {
        let room = self.outgoing.len() < OUTGOING_OCTETS_MAX && !self.work.is_full();
        // While operations in hand are finished for a stop, nothing new is taken, but what lets
        // reliable transfer go on.
        let answers = self.association.is_sending();
        let awaits = !self.stopping || self.told || self.caller.is_some() || answers;
        let read = room && !self.closing && awaits;
        match (read, !self.outgoing.is_empty()) {
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        }
    }

    fn moved(&mut self, moved: io::Result<Moved>) {
        let result = moved.and_then(|moved| match moved {
            Moved::Read => Ok(()),
            Moved::End => {
                self.closed();
                Ok(())
            }
            Moved::Writable => {
                if self.outgoing.write_to(&self.stream)? {
                    self.taken = Instant::now();
                }
                Ok(())
            }
        });
        if result.is_err() {
            self.outgoing = Outgoing::default();
            self.closed();
        }
    }

    fn closed(&mut self) {
        self.association.handle_closed(Instant::now());
        self.closing = true;
    }

    /// When to look at the time again.
    fn wake(&self) -> Instant {
        let stalled = (!self.outgoing.is_empty()).then(|| self.taken + STALL_TIME);
        let called = self.caller.as_ref().and_then(Caller::wake_at);
        let times = [self.association.next_timeout(), stalled, self.close_at, called];
        let first = times.into_iter().flatten().min();
        first.unwrap_or_else(|| Instant::now() + STALL_TIME)
    }

    fn timeout(&mut self) {
        let now = Instant::now();
        self.association.handle_timeout(now);
        self.calling_timeout(now);
        if !self.outgoing.is_empty() && now >= self.taken + STALL_TIME {
            self.end(Fact::AbortedStalled { seconds: &STALL_TIME.as_secs() });
            self.outgoing = Outgoing::default();
            self.closing = true;
        }
        if self.close_at.is_some_and(|at| now >= at) {
            self.closing = true;
        }
    }
}

/// What happens on the association.
impl Connection {
    fn event(&mut self, event: Event) {
        if self.controlled(&event) {
            return;
        }
        match event {
            Event::BindIndication(indication) => self.bind(*indication),
            Event::Invoke { invoke_id, operation, argument, .. } => {
                self.presence.operation();
                self.invoked(Invocation::new(invoke_id, operation, argument));
            }
            Event::UnbindIndication { argument } => {
                self.unbinding = Some(Unbinding { with_argument: argument.is_some() });
                self.go_on();
            }
            Event::Reject { invoke_id, problem, received } => {
                self.rejected(problem, received);
                if received {
                    self.alerted();
                    self.rejected_call(invoke_id, problem);
                }
            }
            Event::Aborted(abort) if self.interrupt(&abort) => {}
            Event::Aborted(abort) => self.aborted(&abort),
            Event::ProtocolError(error) => self.end(Fact::ProtocolError { error: &error }),
            Event::Result { operation: ALERT, .. } | Event::Error { operation: ALERT, .. } => {
                self.alerted();
            }
            // Answers to what only an end that opened its association asks.
            event @ (Event::BindConfirmed(_)
            | Event::BindRefused(_)
            | Event::Result { .. }
            | Event::Error { .. }
            | Event::UnbindConfirmed { .. }) => self.calling_event(event),
        }
    }

    fn bind(&mut self, indication: BindIndication) {
        let context = ApplicationContext::of(&indication.application_context);
        match context {
            Some(context) if !self.stopping => {
                self.facility = facility(context);
                self.calling = indication.calling_entity.to_string();
                self.work.bind(&self.shared, context, indication);
            }
            _ => self.refuse(AssociateResult::REJECTED_TRANSIENT, "the server stops"),
        }
    }

    fn bound(&mut self, bound: Bound) {
        match bound {
            Bound::Accepted { session, result } => {
                self.request(Request::AcceptBind { result: Some(result) });
                self.presence.bound(session.bound_as());
                if let Peer::UserAgent { bound, .. } = &session.peer {
                    self.alerting = Alerting::of(bound.take_alerts());
                }
                self.audit_bind(&session);
                let (context, calling) = (&session.context.name, &self.calling);
                self.tell(Fact::Bound { context, calling });
                self.control();
            }
            Bound::Refused { name, error, text, authentic } => {
                self.audit_refusal(&name, &text);
                self.request(Request::RefuseBind { error });
                let why = &text;
                self.end(match authentic {
                    true => Fact::BindRefused { why },
                    false => Fact::BindNotAuthentic { why },
                });
            }
            Bound::Unreadable { text } => self.refuse(AssociateResult::REJECTED_PERMANENT, &text),
        }
    }

    /// Refuses without an error of the bind.
    fn refuse(&mut self, result: AssociateResult, text: &str) {
        let why = AcseServiceUser::NO_REASON_GIVEN;
        let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(why);
        self.request(Request::RefuseAssociation { result, diagnostic });
        self.end(Fact::BindRefused { why: &text });
    }

    /// Something that was begun is ready.
    fn ready(&mut self, ready: Ready) {
        match ready {
            Ready::Bound(bound) => self.bound(bound),
            Ready::Answers(answers) => answers.into_iter().for_each(|one| self.answer(one)),
            Ready::Failed(error) => {
                self.end(Fact::AbortedFailed { error: &error });
                self.abort();
            }
        }
        self.go_on();
    }

    fn answer(&mut self, Answer { invoke_id, reply }: Answer) {
        let Some(session) = self.work.session() else { return };
        let context = session.context;
        // A syntax that was not negotiated, as this name is, goes by the bind's.
        let syntax = |port| context.abstract_syntax(port).unwrap_or_else(|| context.oid().clone());
        let request = match reply {
            Ok(Reply::Result { port, value, .. }) => {
                Request::Result { invoke_id, abstract_syntax: syntax(port), result: Some(value) }
            }
            Ok(Reply::Error { code, port, parameter }) => Request::Error {
                invoke_id,
                abstract_syntax: syntax(port),
                error: Code::Local(code),
                parameter,
            },
            Ok(Reply::Reject(problem)) => self.reject(invoke_id, &problem.into()),
            // Nobody is answered before there is an answer.
            Ok(Reply::Later) => return,
            Err(rejection) => self.reject(invoke_id, &rejection),
        };
        self.request(request);
    }

    fn reject(&self, invoke_id: i64, why: &Rejection) -> Request {
        self.tell(Fact::OperationRejected { why: &why });
        Request::RejectInvoke { invoke_id, problem: why.problem() }
    }

    /// Grants the unbind that waited for the operations in hand.
    fn go_on(&mut self) {
        if self.work.is_done()
            && let Some(Unbinding { with_argument }) = self.unbinding.take()
        {
            let result = with_argument.then(|| Null.to_rope());
            self.request(Request::AcceptUnbind { result });
            self.end(Fact::Unbound);
        }
    }

    /// The server stops: nothing new is begun, and once nothing is in hand the association is
    /// aborted. One that has ended already is not waited for any longer.
    fn stop(&mut self) {
        self.stopping = true;
        self.work.forget_waiting();
        self.control();
        if self.told {
            self.close_at = Some(Instant::now() + ABORT_TIME);
        }
    }

    /// Somebody who runs the store wants it ended.
    fn disconnected(&mut self) {
        self.end(Fact::Disconnected);
        self.abort();
    }

    fn abort(&mut self) {
        self.request(Request::Abort);
        self.close_at = Some(Instant::now() + ABORT_TIME);
    }

    fn rejected(&mut self, problem: RejectProblem, received: bool) {
        self.tell(match received {
            true => Fact::AnswerRejected { problem: &problem },
            false => Fact::Rejected { problem: &problem },
        });
    }

    fn aborted(&mut self, abort: &Abort) {
        let bound = self.work.session().is_some();
        self.end(match abort.by {
            AbortedBy::PeerUser => Fact::Aborted { abort },
            AbortedBy::Connection if !bound => Fact::Aborted { abort },
            _ => Fact::Broken { abort },
        });
    }

    fn request(&mut self, request: Request) {
        if let Err(misuse) = self.association.request(request, Instant::now()) {
            // The association ended meanwhile, which has been told or is about to be.
            self.tell(Fact::NotSent { misuse: &misuse });
        }
    }

    /// Tells how the association ended, once. From then on nobody is bound here, however long
    /// the peer keeps the connection.
    fn end(&mut self, how: Fact<'_>) {
        if !self.told {
            let name = self.work.session().map(|session| session.name.clone());
            self.audit_end(how);
            self.told = true;
            self.end_alerting();
            self.work.end();
            // Whoever reads it finds it so.
            self.tell_of(name.as_deref(), how);
            if let Some(caller) = &mut self.caller {
                caller.ended(&how.to_string());
            }
        }
    }

    fn tell(&self, fact: Fact<'_>) {
        self.tell_of(self.work.session().map(|session| &*session.name), fact);
    }

    fn tell_of(&self, name: Option<&str>, fact: Fact<'_>) {
        let peer = self.presence.peer();
        match name {
            Some(name) => tell_of(self.facility, &format_args!("{peer}: {name}"), fact),
            None => tell_of(self.facility, &peer, fact),
        }
    }
}

/// What became of a connection.
enum Moved {
    /// Octets came and were taken in.
    Read,
    /// No more will come.
    End,
    /// It takes octets.
    Writable,
}

/// Waits until octets come, which the association takes in, or can be written.
async fn moved(
    stream: &mut TcpStream,
    association: &mut Association,
    interest: Option<Interest>,
) -> io::Result<Moved> {
    let wants = |what: fn(Interest) -> bool| interest.is_some_and(what);
    let (read, write) = (wants(Interest::is_readable), wants(Interest::is_writable));
    future::poll_fn(|context| {
        if write && stream.poll_write_ready(context)?.is_ready() {
            return Poll::Ready(Ok(Moved::Writable));
        }
        if !read {
            return Poll::Pending;
        }
        let mut octets = [MaybeUninit::uninit(); READ_OCTETS];
        let mut buffer = ReadBuf::uninit(&mut octets);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(Moved::End));
        }
        association.handle_input(buffer.filled(), Instant::now());
        Poll::Ready(Ok(Moved::Read))
    })
    .await
}

/// Waits until the server is told to stop, or nobody has it any more.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
