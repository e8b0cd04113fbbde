//! An association: all layers composed into one machine without sockets, clocks or threads.
//!
//! Each state is a type that is consumed by what happens to it and gives the next one. What a
//! peer does wrong is a [`Failure`](answer::Failure), and [`answer`] alone says what the peer is
//! told. Below is transport and session ([`stack`]).
//!
//! It refuses application contexts that are not in the caller's [`ContextTable`], X.410-1984 mode,
//! and whatever the layers below refuse.

mod abort;
mod answer;
mod bound;
mod connecting;
mod error;
mod established;
mod listening;
mod options;
mod recovery;
mod reliable;
mod service;
mod shared;
mod stack;
mod trace;
mod user_information;

pub use error::{Fault, Layer, Misuse, ProtocolError, Refusal};
pub use options::{
    ApplicationContext, BindRequest, ContextTable, Direction, InitiatorOptions, Limits,
    ResponderOptions, RtseOptions, Tracer,
};
pub use recovery::{RecoveryLimits, RtseRecovery};
pub use service::{
    Abort, AbortedBy, BindConfirmation, BindIndication, Event, Invocation, Output,
    ProposedContext, Request, Selectors,
};

use crate::buffer::BufferSource;
use crate::x228::SessionConnectionIdentifier;
use crate::{x224, x225};
use bound::{Bound, Closing, Granting, Releasing};
use connecting::Connecting;
use listening::{Deciding, Listening};
use recovery::{Bind, Suspended};
use shared::Shared;
use stack::{Opening, Signal, Stack};
use std::mem;
use std::time::Instant;
use trace::Trace;

/// Which end of the association this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Initiator,
    Responder,
}

/// Where an association is.
enum State {
    Listening(Listening),
    Deciding(Box<Deciding>),
    Connecting(Box<Connecting>),
    Bound(Box<Bound>),
    Granting(Box<Granting>),
    Closing(Box<Closing>),
    Releasing(Box<Releasing>),
    /// Over: the peer is to close, or the connection is being closed.
    Ending,
}

/// One end of an association over one TCP connection.
///
/// After every call its driver asks [`poll_output`](Self::poll_output) until there is nothing,
/// and sets its timer by [`next_timeout`](Self::next_timeout).
pub struct Association {
    shared: Shared,
    state: State,
    /// Whether [`Output::Close`] has been given, or the connection is gone.
    closed: bool,
}

impl Association {
    /// The end that is called, on a TCP connection that has just been accepted.
    pub fn responder(
        options: ResponderOptions,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Self {
        let transport = x224::Transport::responder(x224::ResponderOptions {
            selectors: options.transport_selectors,
            tpdu_size: options.tpdu_size,
            tsdu_limit: options.limits.tsdu_before_bind,
            refuse: None,
        });
        let opening = Opening::Listen(x225::ResponderOptions {
            selectors: options.session_selector.into_iter().collect(),
            requirements: match options.contexts.has_reliable() {
                true => x225::Requirements::SUPPORTED,
                false => x225::Requirements::DUPLEX,
            },
            ssdu_limit: options.limits.tsdu_before_bind,
        });
        let listening = Listening {
            presentation_selector: options.presentation_selector,
            table: options.contexts,
            entity: options.entity,
        };
        let stack = Stack::new(Ok(transport), opening, buffers, Trace::new(options.tracer));
        Self {
            shared: Shared::new(stack, options.limits, options.rtse, Role::Responder, now),
            state: State::Listening(listening),
            closed: false,
        }
    }

    /// The end that calls, on a TCP connection that has just been made. Selectors that no PDU can
    /// carry end it at once, with [`Event::Aborted`].
    pub fn initiator(
        options: InitiatorOptions,
        bind: BindRequest,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Self {
        Self::call(options, bind, None, buffers, now)
    }

    /// The end that calls, to recover an association of its that lost its connection (X.228
    /// §7.8), by the name that [`suspended`](Self::suspended) gave. `None` where the store of
    /// `options` has it no more. The peer decides: [`Event::BindConfirmed`] without a result
    /// means that it goes on, and what was invoked is still outstanding;
    /// [`Event::BindRefused`] that all is to be begun again.
    pub fn resume(
        options: InitiatorOptions,
        suspended: &SessionConnectionIdentifier,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Option<Self> {
        let ours = |kept: &Suspended| matches!(kept.bind, Bind::Ours(_));
        let kept = options.rtse.recover(suspended, now, ours)?;
        let Bind::Ours(bind) = kept.bind.clone() else { return None };
        let recovers = Some((suspended.clone(), kept));
        Some(Self::call(options, *bind, recovers, buffers, now))
    }

    /// By which name the association, whose connection is gone or was aborted by a provider for a
    /// reason that passes, or whose recovery was refused so, can be recovered; `None` where it
    /// can't be.
    pub fn suspended(&self) -> Option<&SessionConnectionIdentifier> {
        self.shared.suspended.as_ref()
    }

    /// Who looks on, to look on at the association that goes on with this one.
    pub fn take_tracer(&mut self) -> Option<Box<dyn Tracer>> {
        self.shared.stack.trace.take_tracer()
    }

    fn call(
        mut options: InitiatorOptions,
        bind: BindRequest,
        recovers: Option<(SessionConnectionIdentifier, Suspended)>,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Self {
        let mut trace = Trace::new(options.tracer.take());
        let (connecting, request) = Connecting::new(&options, bind, recovers, &mut trace);
        let transport = x224::Transport::initiator(x224::InitiatorOptions {
            called: options.called.selectors.transport,
            calling: options.calling.transport,
            tpdu_size: options.tpdu_size,
            tsdu_limit: options.limits.tsdu,
        });
        let ssdu_limit = options.limits.tsdu;
        let opening = Opening::Call { request: Box::new(request), ssdu_limit };
        let stack = Stack::new(transport, opening, buffers, trace);
        let mut association = Self {
            shared: Shared::new(stack, options.limits, options.rtse, Role::Initiator, now),
            state: State::Connecting(Box::new(connecting)),
            closed: false,
        };
        association.pump();
        association
    }

    /// Octets came on the TCP connection, in any fragmentation.
    pub fn handle_input(&mut self, octets: &[u8], now: Instant) {
        if self.closed {
            return;
        }
        self.shared.now = now;
        self.shared.heard = now;
        self.shared.stack.input(octets);
        self.pump();
    }

    /// The TCP connection ended or failed.
    pub fn handle_closed(&mut self, now: Instant) {
        self.shared.now = now;
        if !self.closed {
            self.suspend();
            self.shared.lost("the TCP connection ended");
        }
        self.state = State::Ending;
        self.shared.stack.discard();
    }

    /// It is [`next_timeout`](Self::next_timeout) or later; harmless where it is not.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.next_timeout().is_none_or(|due| now < due) {
            return;
        }
        self.shared.now = now;
        self.state = match mem::replace(&mut self.state, State::Ending) {
            State::Listening(listening) => listening.give_up(&mut self.shared),
            State::Deciding(deciding) => deciding.give_up(&mut self.shared),
            State::Connecting(connecting) => connecting.give_up(&mut self.shared),
            // A peer that is still taking what it asked for is not idle.
            State::Bound(bound) if mem::take(&mut self.shared.sent) => {
                self.shared.heard = now;
                State::Bound(bound)
            }
            State::Bound(bound) => bound.give_up(&mut self.shared),
            State::Granting(granting) => State::Granting(granting),
            State::Closing(closing) => closing.give_up(&mut self.shared),
            State::Releasing(releasing) => releasing.give_up(&mut self.shared),
            State::Ending => {
                self.shared.close();
                self.shared.stack.discard();
                State::Ending
            }
        };
        self.pump();
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn next_timeout(&self) -> Option<Instant> {
        match &self.state {
            _ if self.closed => None,
            State::Bound(bound) => {
                let time = bound.patience(&self.shared.limits)?;
                self.shared.heard.checked_add(time)
            }
            _ => self.shared.deadline,
        }
    }

    /// Whether something that was requested is still on its way: in reliable transfer it is until
    /// the peer has confirmed all of it; otherwise it is in the next output.
    pub fn is_sending(&self) -> bool {
        matches!(&self.state, State::Bound(bound) if bound.is_sending())
    }

    /// A request or response of the user's.
    ///
    /// # Errors
    /// Where the user asks for what can't be now; nothing has happened then.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Misuse> {
        self.shared.now = now;
        let shared = &mut self.shared;
        let (state, result) = match mem::replace(&mut self.state, State::Ending) {
            State::Listening(listening) => listening.request(&request, shared),
            State::Deciding(deciding) => deciding.request(request, shared),
            State::Connecting(connecting) => connecting.request(request, shared),
            State::Bound(bound) => bound.request(request, shared),
            State::Granting(granting) => granting.request(request, shared),
            State::Closing(closing) => closing.request(&request, shared),
            State::Releasing(releasing) => releasing.request(request, shared),
            State::Ending => (State::Ending, Err(Misuse::WrongState)),
        };
        self.state = state;
        self.pump();
        result
    }

    /// Invokes an operation; its number comes back in [`Event::Result`], [`Event::Error`] or
    /// [`Event::Reject`].
    ///
    /// # Errors
    /// Where the association is not bound or too much is outstanding.
    pub fn invoke(&mut self, invocation: Invocation, now: Instant) -> Result<i64, Misuse> {
        self.shared.now = now;
        let result = match &mut self.state {
            State::Bound(bound) => bound.invoke(invocation, &mut self.shared),
            _ => Err(Misuse::WrongState),
        };
        self.pump();
        result
    }

    /// What is to be done next; to be asked until there is nothing. [`Output::Close`] is the last.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(event) = self.shared.next_event() {
            return Some(Output::Event(event));
        }
        if self.closed {
            return None;
        }
        if let Some(packets) = self.shared.stack.poll_transmit() {
            self.shared.sent = true;
            return Some(Output::Transmit(packets));
        }
        self.closed = self.shared.is_closing();
        self.closed.then_some(Output::Close)
    }

    /// Brings up what the layers below have, until they have nothing.
    fn pump(&mut self) {
        while let Some(signal) = self.shared.next_signal() {
            self.handle_signal(signal);
        }
        if self.shared.is_over() {
            self.state = State::Ending;
        }
    }

    fn handle_signal(&mut self, signal: Signal) {
        let shared = &mut self.shared;
        match signal {
            Signal::Session(indication) if !shared.is_over() => self.handle_indication(indication),
            Signal::Session(_) => {}
            Signal::AwaitDisconnect => shared.await_disconnect(),
            Signal::Disconnect => shared.close(),
            Signal::TransportDisconnect(reason) => {
                let refusal = matches!(self.state, State::Connecting(_));
                self.suspend();
                let refusal = refusal.then_some(Refusal::Transport(reason));
                self.shared.disconnected(refusal, &reason);
            }
            Signal::TransportRejected(cause) => {
                let refusal = matches!(self.state, State::Connecting(_));
                shared.disconnected(refusal.then_some(Refusal::TransportError(cause)), &cause);
            }
            Signal::Broken(error) => {
                let at_transport = error.layer == Layer::Transport;
                shared.broken(error);
                if at_transport {
                    shared.close();
                }
            }
            Signal::Limit(abort) => shared.limit_reached(abort),
        }
    }

    /// The connection is gone: what can be recovered is kept.
    fn suspend(&mut self) {
        if self.shared.is_over() {
            return;
        }
        self.shared.suspended = match mem::replace(&mut self.state, State::Ending) {
            State::Bound(bound) => bound.0.suspend(&self.shared),
            State::Connecting(connecting) => connecting.suspend(&self.shared),
            State::Deciding(deciding) => deciding.suspend(&self.shared),
            _ => None,
        };
    }

    fn handle_indication(&mut self, indication: x225::Indication) {
        let shared = &mut self.shared;
        let aborted = match &indication {
            x225::Indication::UAbort(user_data) => Some(abort::by_user(user_data, shared)),
            x225::Indication::PAbort(flags) => Some(abort::by_session(*flags)),
            _ => None,
        };
        if let Some((abort, passes)) = aborted {
            if passes {
                self.suspend();
            }
            let shared = &mut self.shared;
            shared.finish(Some(Event::Aborted(abort)));
            self.state = State::Ending;
            return;
        }
        let next = match mem::replace(&mut self.state, State::Ending) {
            State::Listening(listening) => listening.handle(indication, shared),
            State::Deciding(deciding) => deciding.handle(indication),
            State::Connecting(connecting) => connecting.handle(indication, shared),
            State::Bound(bound) => bound.handle(indication, shared),
            State::Granting(granting) => granting.handle(indication),
            State::Closing(closing) => closing.handle(indication, shared),
            State::Releasing(releasing) => releasing.handle(indication, shared),
            State::Ending => Ok(State::Ending),
        };
        self.state = next.unwrap_or_else(|failure| {
            answer::fail(*failure, shared);
            State::Ending
        });
    }
}
