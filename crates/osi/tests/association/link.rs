//! A virtual link and clock: two associations, or one and octets made by hand.

use bytes::Bytes;
use restante_ber::{Oid, Rope, oid};
use restante_osi::x880::Code;
use restante_osi::{
    ApplicationContext, Association, BindRequest, ContextTable, Event, InitiatorOptions,
    Invocation, Limits, MemoryBuffers, Output, Request, ResponderOptions,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// ms-access-88.
pub(crate) const MS_ACCESS: Oid = oid!(2, 6, 0, 1, 4);
/// The bind and unbind of ms-access-88.
pub(crate) const MS: Oid = oid!(2, 6, 0, 2, 9);
/// Retrieval of 1988.
pub(crate) const MRSE: Oid = oid!(2, 6, 0, 2, 5);
/// Administration of 1988, which the responder does not have.
pub(crate) const MASE: Oid = oid!(2, 6, 0, 2, 6);

/// INTEGER 5, for arguments.
pub(crate) const ARGUMENT: &[u8] = &[2, 1, 5];
/// NULL, for results.
pub(crate) const NULL: &[u8] = &[5, 0];

pub(crate) fn table() -> Arc<ContextTable> {
    Arc::new(ContextTable(vec![ApplicationContext {
        name: MS_ACCESS,
        bind_syntax: MS,
        abstract_syntaxes: vec![MRSE],
        reliable: false,
    }]))
}

pub(crate) fn bind_request() -> BindRequest {
    BindRequest {
        context: ApplicationContext {
            name: MS_ACCESS,
            bind_syntax: MS,
            abstract_syntaxes: vec![MRSE, MASE],
            reliable: false,
        },
        called_entity: Default::default(),
        calling_entity: Default::default(),
        argument: Some(rope(ARGUMENT)),
    }
}

pub(crate) fn rope(octets: &[u8]) -> Rope {
    Rope::from(Bytes::copy_from_slice(octets))
}

pub(crate) fn invocation(operation: i64) -> Invocation {
    Invocation {
        abstract_syntax: MRSE,
        operation: Code::Local(operation),
        linked_id: None,
        argument: Some(rope(ARGUMENT)),
    }
}

pub(crate) fn initiator_options() -> InitiatorOptions {
    InitiatorOptions::new("\"3001\"/Internet=127.0.0.1+3001".parse().unwrap())
}

/// One end and what it has given out.
pub(crate) struct End {
    pub(crate) association: Association,
    pub(crate) now: Instant,
    sent: Vec<u8>,
    events: VecDeque<Event>,
    /// Whether it asked for the connection to be closed.
    pub(crate) closed: bool,
}

impl End {
    pub(crate) fn responder(options: ResponderOptions, now: Instant) -> Self {
        let buffers = Box::new(MemoryBuffers::new(usize::MAX));
        Self::new(Association::responder(options, buffers, now), now)
    }

    pub(crate) fn initiator(options: InitiatorOptions, bind: BindRequest, now: Instant) -> Self {
        let buffers = Box::new(MemoryBuffers::new(usize::MAX));
        Self::new(Association::initiator(options, bind, buffers, now), now)
    }

    /// An end that is there.
    pub(crate) fn over(association: Association, now: Instant) -> Self {
        Self::new(association, now)
    }

    fn new(association: Association, now: Instant) -> Self {
        let (sent, events) = Default::default();
        Self { association, now, sent, events, closed: false }
    }

    fn collect(&mut self) {
        while let Some(output) = self.association.poll_output() {
            assert!(!self.closed, "{output:?} after the close");
            match output {
                Output::Transmit(rope) => {
                    rope.pieces().for_each(|piece| self.sent.extend_from_slice(piece))
                }
                Output::Event(event) => self.events.push_back(event),
                Output::Close => self.closed = true,
            }
        }
    }

    pub(crate) fn input(&mut self, octets: &[u8]) {
        self.association.handle_input(octets, self.now);
        self.collect();
    }

    pub(crate) fn lose(&mut self) {
        self.association.handle_closed(self.now);
        self.collect();
    }

    pub(crate) fn request(&mut self, request: Request) {
        assert_eq!(self.association.request(request, self.now), Ok(()));
        self.collect();
    }

    pub(crate) fn invoke(&mut self, invocation: Invocation) -> i64 {
        let invoke_id = self.association.invoke(invocation, self.now).unwrap();
        self.collect();
        invoke_id
    }

    /// The octets sent since the last time.
    pub(crate) fn sent(&mut self) -> Vec<u8> {
        self.collect();
        std::mem::take(&mut self.sent)
    }

    /// The next event, which there must be.
    pub(crate) fn event(&mut self) -> Event {
        self.collect();
        self.events.pop_front().expect("an event")
    }

    /// All events since the last time.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.collect();
        self.events.drain(..).collect()
    }

    pub(crate) fn no_event(&mut self) {
        self.collect();
        assert_eq!(self.events.pop_front(), None);
    }

    /// Lets the time pass that the association waits for.
    pub(crate) fn time_out(&mut self) {
        let due = self.association.next_timeout().expect("a timer");
        self.association.handle_timeout(due - Duration::from_nanos(1));
        self.collect();
        assert_eq!(self.association.next_timeout(), Some(due), "too early");
        self.now = due;
        self.association.handle_timeout(due);
        self.collect();
    }
}

/// Two ends and what lies between them.
pub(crate) struct Link {
    pub(crate) initiator: End,
    pub(crate) responder: End,
    /// How many octets arrive at once, over and over.
    chunks: Vec<usize>,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self::with(initiator_options(), bind_request(), ResponderOptions::new(table()))
    }

    pub(crate) fn with(
        initiator: InitiatorOptions,
        bind: BindRequest,
        responder: ResponderOptions,
    ) -> Self {
        let now = Instant::now();
        Self {
            initiator: End::initiator(initiator, bind, now),
            responder: End::responder(responder, now),
            chunks: vec![usize::MAX],
        }
    }

    /// Between two ends that are there.
    pub(crate) fn between(initiator: End, responder: End) -> Self {
        Self { initiator, responder, chunks: vec![usize::MAX] }
    }

    pub(crate) fn fragmented(mut self, chunks: Vec<usize>) -> Self {
        self.chunks = chunks;
        self
    }

    /// Carries octets both ways until none is left, and the end of the connection.
    pub(crate) fn run(&mut self) {
        loop {
            let (forth, back) = (self.initiator.sent(), self.responder.sent());
            if forth.is_empty() && back.is_empty() {
                break;
            }
            carry(&forth, &self.chunks, &mut self.responder);
            carry(&back, &self.chunks, &mut self.initiator);
        }
        if self.initiator.closed && !self.responder.closed {
            self.responder.lose();
        }
        if self.responder.closed && !self.initiator.closed {
            self.initiator.lose();
        }
    }

    /// Carries octets both ways until none is left or so many have gone to the responder; gives
    /// how many went to the responder and back.
    pub(crate) fn run_counting(&mut self, forth_max: usize) -> (usize, usize) {
        self.run_limited(forth_max, usize::MAX)
    }

    /// The same with a limit on what goes to the initiator.
    pub(crate) fn run_counting_back(&mut self, back_max: usize) -> (usize, usize) {
        self.run_limited(usize::MAX, back_max)
    }

    fn run_limited(&mut self, forth_max: usize, back_max: usize) -> (usize, usize) {
        let (mut forth, mut back) = (0, 0);
        loop {
            let (there, here) = (self.initiator.sent(), self.responder.sent());
            if (there.is_empty() && here.is_empty()) || forth == forth_max || back == back_max {
                return (forth, back);
            }
            let there = &there[..there.len().min(forth_max - forth)];
            let here = &here[..here.len().min(back_max - back)];
            (forth, back) = (forth + there.len(), back + here.len());
            carry(there, &self.chunks, &mut self.responder);
            carry(here, &self.chunks, &mut self.initiator);
        }
    }

    /// Binds, with all events checked.
    pub(crate) fn bound(mut self) -> Self {
        self.run();
        let Event::BindIndication(indication) = self.responder.event() else { panic!("no bind") };
        assert_eq!(indication.argument.as_deref(), Some(ARGUMENT));
        self.responder.request(Request::AcceptBind { result: Some(rope(NULL)) });
        self.run();
        let Event::BindConfirmed(confirmation) = self.initiator.event() else { panic!("refused") };
        assert_eq!(confirmation.result.as_deref(), Some(NULL));
        self
    }

    /// Nothing more happened, and the connection is closed at both ends.
    pub(crate) fn over(&mut self) {
        self.run();
        self.initiator.no_event();
        self.responder.no_event();
        assert!(self.initiator.closed && self.responder.closed, "still open");
    }
}

fn carry(octets: &[u8], chunks: &[usize], to: &mut End) {
    let mut rest = octets;
    for chunk in chunks.iter().cycle() {
        if rest.is_empty() {
            return;
        }
        let (now, later) = rest.split_at(rest.len().min((*chunk).max(1)));
        to.input(now);
        rest = later;
    }
}

/// A responder's options with other limits.
pub(crate) fn limited(limits: Limits) -> ResponderOptions {
    ResponderOptions { limits, ..ResponderOptions::new(table()) }
}
