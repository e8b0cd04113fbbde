//! A virtual link between two associations, on a virtual clock: no socket, no sleep.

use bytes::Bytes;
use restante_ber::{Encode, OctetString, Oid, oid};
use restante_osi::x880::Code;
use restante_osi::{
    ApplicationContext, Association, BindRequest, ContextTable, Event, InitiatorOptions,
    Invocation, MemoryBuffers, Output, PresentationAddress, ResponderOptions,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// The largest TSDU that either end takes.
const TSDU_LIMIT: usize = 64 * 1024 * 1024;

/// One end of a link: the association and what came out of it.
pub struct End {
    /// The association.
    pub association: Association,
    /// What happened, in order.
    pub events: VecDeque<Event>,
    /// Octets that wait to be carried to the other end.
    pub outgoing: Vec<u8>,
    /// Whether the association closed its connection.
    pub closed: bool,
}

impl End {
    /// An end around an association.
    pub fn new(association: Association) -> Self {
        Self { association, events: VecDeque::new(), outgoing: Vec::new(), closed: false }
    }

    /// Takes all that comes out of the association.
    pub fn drain(&mut self) {
        while let Some(output) = self.association.poll_output() {
            assert!(!self.closed, "something comes after the connection was closed");
            match output {
                Output::Transmit(rope) => {
                    rope.pieces().for_each(|piece| self.outgoing.extend_from_slice(piece));
                }
                Output::Event(event) => self.events.push_back(event),
                Output::Close => self.closed = true,
            }
        }
    }
}

/// Two ends and the time.
pub struct Link {
    /// The end that called.
    pub initiator: End,
    /// The end that was called.
    pub responder: End,
    /// The time.
    pub now: Instant,
    /// How many octets are carried at once.
    pub fragment: usize,
}

/// The application-context that links use: ms-access-88.
pub fn application_context() -> ApplicationContext {
    ApplicationContext {
        name: oid!(2, 6, 0, 1, 4),
        bind_syntax: oid!(2, 6, 0, 2, 9),
        abstract_syntaxes: vec![retrieval_syntax()],
        reliable: false,
    }
}

/// The application-context of links over reliable transfer: ms-reliable-access-88.
pub fn reliable_context() -> ApplicationContext {
    ApplicationContext {
        name: oid!(2, 6, 0, 1, 5),
        bind_syntax: oid!(2, 6, 0, 2, 10),
        abstract_syntaxes: vec![retrieval_syntax()],
        reliable: true,
    }
}

/// A fetch whose argument takes some checkpoints.
pub fn invocation() -> Invocation {
    Invocation {
        abstract_syntax: retrieval_syntax(),
        operation: Code::Local(22),
        linked_id: None,
        argument: Some(OctetString(vec![7; 5_000].into()).to_rope()),
    }
}

/// The abstract syntax of retrieval, 1988.
pub fn retrieval_syntax() -> Oid {
    oid!(2, 6, 0, 2, 5)
}

/// A responder that knows [`application_context`] and [`reliable_context`].
pub fn responder(now: Instant) -> Association {
    let contexts = Arc::new(ContextTable(vec![application_context(), reliable_context()]));
    let buffers = Box::new(MemoryBuffers::new(TSDU_LIMIT));
    Association::responder(ResponderOptions::new(contexts), buffers, now)
}

impl Link {
    /// A link whose initiator binds with an argument.
    pub fn new(argument: Bytes, now: Instant) -> Self {
        Self::in_context(application_context(), argument, now)
    }

    /// The same over reliable transfer, with checkpoints of 1 KiB.
    pub fn reliable(argument: Bytes, now: Instant) -> Self {
        Self::in_context(reliable_context(), argument, now)
    }

    fn in_context(context: ApplicationContext, argument: Bytes, now: Instant) -> Self {
        let bind = BindRequest {
            context,
            called_entity: Default::default(),
            calling_entity: Default::default(),
            argument: Some(argument.into()),
        };
        let mut options = InitiatorOptions::new(PresentationAddress::default());
        options.rtse.checkpoint_size = 1;
        let buffers = Box::new(MemoryBuffers::new(TSDU_LIMIT));
        Self {
            initiator: End::new(Association::initiator(options, bind, buffers, now)),
            responder: End::new(responder(now)),
            now,
            fragment: usize::MAX,
        }
    }

    /// Carries octets both ways until none are left.
    pub fn carry(&mut self) {
        loop {
            self.initiator.drain();
            self.responder.drain();
            let sent = std::mem::take(&mut self.initiator.outgoing);
            let answered = std::mem::take(&mut self.responder.outgoing);
            if sent.is_empty() && answered.is_empty() {
                return;
            }
            for part in sent.chunks(self.fragment.max(1)) {
                self.responder.association.handle_input(part, self.now);
                self.responder.drain();
            }
            for part in answered.chunks(self.fragment.max(1)) {
                self.initiator.association.handle_input(part, self.now);
                self.initiator.drain();
            }
        }
    }

    /// The next event at the responder, all octets having been carried.
    pub fn at_responder(&mut self) -> Option<Event> {
        self.carry();
        self.responder.events.pop_front()
    }

    /// The next event at the initiator, all octets having been carried.
    pub fn at_initiator(&mut self) -> Option<Event> {
        self.carry();
        self.initiator.events.pop_front()
    }
}
