//! RFC 1006 and X.224 class 0: transport connections over TCP, as one machine without sockets.
//!
//! Octets from the TCP connection go in, in any fragmentation; out come TPKTs to transmit and
//! the primitives of X.214. TSDUs are put together in buffers of a [`BufferSource`]; what is sent
//! is a [`Rope`] that is segmented as it goes out, without joining or copying.
//!
//! It refuses every class but 0, expedited data and user data in CR and CC. It has no timer: a
//! peer that announces octets and never sends them is its caller's to give up.

mod code;
mod error;
mod frame;
mod outgoing;
mod size;
mod state;
#[cfg(test)]
mod tests;
mod tpdu;

pub use code::{DisconnectReason, RejectCause};
pub use error::{Error, Misuse};

use crate::buffer::BufferSource;
use bytes::Bytes;
use frame::{Deframer, Part};
use outgoing::Outgoing;
use restante_ber::Rope;
use size::SendSize;
use state::{AwaitConfirm, AwaitRequest, State};
use std::collections::VecDeque;

/// The largest TPDU that a TPKT carries, and RFC 1006's default, in octets.
pub const TPDU_SIZE_MAX: usize = 65_531;

/// How an initiator asks for a transport connection.
#[derive(Clone, Debug)]
pub struct InitiatorOptions {
    /// The called transport selector; an empty one is left out.
    pub called: Bytes,
    /// The calling transport selector; an empty one is left out.
    pub calling: Bytes,
    /// The largest TPDU, in octets, from 128 to [`TPDU_SIZE_MAX`]; rounded down to what the
    /// parameters can say.
    pub tpdu_size: usize,
    /// The largest TSDU accepted, in octets.
    pub tsdu_limit: usize,
}

/// How a responder answers requests for a transport connection.
#[derive(Clone, Debug)]
pub struct ResponderOptions {
    /// The transport selectors that may be called; when there is none, any.
    pub selectors: Vec<Bytes>,
    /// The largest TPDU, in octets, from 128 to [`TPDU_SIZE_MAX`].
    pub tpdu_size: usize,
    /// The largest TSDU accepted, in octets.
    pub tsdu_limit: usize,
    /// Refuses every CR with this reason, for a server that has no room left or shuts down.
    pub refuse: Option<DisconnectReason>,
}

/// The primitives of X.214 that go up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// T-CONNECT indication, which has been accepted with a CC.
    Connect {
        /// The called transport selector, empty when absent.
        called: Bytes,
        /// The calling transport selector, empty when absent.
        calling: Bytes,
        /// The TPDU size agreed on, in octets; `None` where the peer named none.
        tpdu_size: Option<usize>,
    },
    /// T-CONNECT confirm.
    ConnectConfirm {
        /// The TPDU size agreed on, in octets; `None` where the peer named none.
        tpdu_size: Option<usize>,
    },
    /// T-DATA indication: one TSDU.
    Data(Bytes),
    /// T-DISCONNECT indication: the peer sent a DR. The TCP connection is to be closed.
    Disconnect(DisconnectReason),
    /// The peer rejected a TPDU of ours with an ER. The TCP connection is to be closed.
    Rejected(RejectCause),
}

/// A transport connection, from either end.
#[derive(Debug)]
pub struct Transport {
    state: State,
    deframer: Deframer,
    tsdu_limit: usize,
    out: Outputs,
}

/// What goes out, down and up.
#[derive(Debug, Default)]
struct Outputs {
    outgoing: Outgoing,
    indications: VecDeque<Indication>,
    /// The peer's reference, 0 as long as it is unknown.
    peer_ref: u16,
}

/// An error, and the octets of the TPDU to blame up to the one that is wrong.
#[derive(Debug)]
struct Fault {
    error: Error,
    rejected: Vec<u8>,
}

impl Fault {
    /// An error whose answer, if any, quotes nothing.
    fn unquoted(error: Error) -> Self {
        Self { error, rejected: Vec::new() }
    }
}

impl Transport {
    /// The end that calls: T-CONNECT request. Its CR is ready to be transmitted at once.
    ///
    /// # Errors
    /// When the selectors are too long for a CR, which takes some 230 octets of them.
    pub fn initiator(options: InitiatorOptions) -> Result<Self, Misuse> {
        let tsdu_limit = options.tsdu_limit;
        let mut out = Outputs::default();
        let state = AwaitConfirm::start(options, &mut out).ok_or(Misuse::SelectorTooLong)?;
        let state = State::AwaitConfirm(state);
        Ok(Self { state, deframer: Deframer::new(), tsdu_limit, out })
    }

    /// The end that is called.
    pub fn responder(options: ResponderOptions) -> Self {
        Self {
            tsdu_limit: options.tsdu_limit,
            state: State::AwaitRequest(AwaitRequest { options }),
            deframer: Deframer::new(),
            out: Outputs::default(),
        }
    }

    /// Takes octets from the TCP connection.
    ///
    /// # Errors
    /// Where the connection is at its end; what the layer prescribes as the answer is then ready
    /// in [`Self::poll_transmit`]. After [`Error::Buffer`] the layer above may still
    /// [`send`](Self::send) its last words.
    pub fn input(&mut self, octets: &[u8], buffers: &mut dyn BufferSource) -> Result<(), Error> {
        let mut rest = octets;
        while !matches!(self.state, State::Closed | State::Deaf(_)) {
            match self.step(&mut rest, buffers) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => return Err(self.fail(fault)),
            }
        }
        Ok(())
    }

    /// Handles the next part of a TPDU; `false` when more octets are needed for one.
    fn step(&mut self, rest: &mut &[u8], buffers: &mut dyn BufferSource) -> Result<bool, Fault> {
        let Some(part) = self.deframer.next(rest)? else { return Ok(false) };
        let out = &mut self.out;
        let state = core::mem::replace(&mut self.state, State::Closed);
        let send = state.send_size();
        let handled = match (state, part) {
            (state, Part::Header { octets, user_data }) => {
                state.tpdu(&octets, user_data, self.tsdu_limit, out)
            }
            (State::Open(open), Part::UserData { octets, last }) => {
                open.user_data(octets, last, buffers, out)
            }
            (state, Part::UserData { .. }) => Ok(state),
        };
        self.state = match (handled, send) {
            (Ok(state), _) => state,
            (Err(fault), Some(send)) if matches!(fault.error, Error::Buffer(_)) => {
                self.state = State::Deaf(send);
                return Err(fault);
            }
            (Err(fault), _) => return Err(fault),
        };
        Ok(true)
    }

    /// Queues what the peer must be told, in place of what has not gone out yet.
    fn fail(&mut self, fault: Fault) -> Error {
        if !matches!(fault.error, Error::Buffer(_)) {
            self.state = State::Closed;
        }
        if let Some(tpdu) = state::answer(&fault, self.out.peer_ref) {
            self.out.outgoing.clear();
            self.out.outgoing.push_tpdu(&tpdu);
        }
        fault.error
    }

    /// T-DATA request: sends one TSDU. T-DISCONNECT request has no TPDU in class 0: close the TCP
    /// connection.
    ///
    /// # Errors
    /// When the connection is not open.
    pub fn send(&mut self, tsdu: Rope) -> Result<(), Misuse> {
        self.state.send_size().ok_or(Misuse::NotOpen)?;
        self.out.outgoing.push_tsdu(tsdu);
        Ok(())
    }

    /// The largest TSDU accepted from now on, in octets.
    pub fn set_tsdu_limit(&mut self, limit: usize) {
        self.tsdu_limit = limit;
    }

    /// Some whole TPKTs to transmit, pieces of what was given; `None` when there are none.
    pub fn poll_transmit(&mut self) -> Option<Rope> {
        let tpdu_size = self.state.send_size().map_or(size::SIZE_MIN, SendSize::octets);
        self.out.outgoing.poll(tpdu_size)
    }

    /// What happened.
    pub fn poll_indication(&mut self) -> Option<Indication> {
        self.out.indications.pop_front()
    }
}
