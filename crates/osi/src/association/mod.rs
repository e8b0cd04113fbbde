//! An association: all layers composed into one machine without sockets, clocks or threads.

mod error;
mod options;
mod service;

pub use error::{Fault, Layer, Misuse, ProtocolError, Refusal};
pub use options::{
    ApplicationContext, BindRequest, ContextTable, Direction, InitiatorOptions, Limits,
    ResponderOptions, Tracer,
};
pub use service::{
    Abort, AbortedBy, BindConfirmation, BindIndication, Event, Invocation, Output,
    ProposedContext, Request, Selectors,
};

use crate::buffer::BufferSource;
use std::time::Instant;

/// One end of an association over one TCP connection.
#[derive(Debug)]
pub struct Association {}

impl Association {
    /// The end that is called, on a TCP connection that has just been accepted.
    pub fn responder(
        options: ResponderOptions,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Self {
        let _ = (options, buffers, now);
        Self {}
    }

    /// The end that calls, on a TCP connection that has just been made.
    pub fn initiator(
        options: InitiatorOptions,
        bind: BindRequest,
        buffers: Box<dyn BufferSource>,
        now: Instant,
    ) -> Self {
        let _ = (options, bind, buffers, now);
        Self {}
    }

    /// Octets came on the TCP connection, in any fragmentation.
    pub fn handle_input(&mut self, octets: &[u8], now: Instant) {
        let _ = (octets, now);
    }

    /// The TCP connection ended or failed.
    pub fn handle_closed(&mut self, now: Instant) {
        let _ = now;
    }

    /// It is [`next_timeout`](Self::next_timeout) or later; harmless where it is not.
    pub fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn next_timeout(&self) -> Option<Instant> {
        None
    }

    /// A request or response of the user's.
    ///
    /// # Errors
    /// Where the user asks for what can't be now; nothing has happened then.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Misuse> {
        let _ = (request, now);
        Err(Misuse::WrongState)
    }

    /// Invokes an operation; its number comes back in [`Event::Result`], [`Event::Error`] or
    /// [`Event::Reject`].
    ///
    /// # Errors
    /// Where the association is not bound or too much is outstanding.
    pub fn invoke(&mut self, invocation: Invocation, now: Instant) -> Result<i64, Misuse> {
        let _ = (invocation, now);
        Err(Misuse::WrongState)
    }

    /// What is to be done next; to be asked until there is nothing.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }
}
