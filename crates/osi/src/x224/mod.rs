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

pub use code::{DisconnectReason, RejectCause};
pub use error::{Error, Misuse};

use crate::buffer::BufferSource;
use bytes::Bytes;
use restante_ber::Rope;

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
        /// The TPDU size agreed on, in octets.
        tpdu_size: usize,
    },
    /// T-CONNECT confirm.
    ConnectConfirm {
        /// The TPDU size agreed on, in octets.
        tpdu_size: usize,
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
pub struct Transport {}

impl Transport {
    /// The end that calls: its CR is ready to be transmitted at once.
    pub fn initiator(options: InitiatorOptions) -> Self {
        drop(options);
        Self {}
    }

    /// The end that is called.
    pub fn responder(options: ResponderOptions) -> Self {
        drop(options);
        Self {}
    }

    /// Takes octets from the TCP connection.
    ///
    /// # Errors
    /// Where the connection is at its end; what the layer prescribes as the answer is then ready
    /// in [`Self::poll_transmit`].
    pub fn input(&mut self, octets: &[u8], buffers: &mut dyn BufferSource) -> Result<(), Error> {
        drop((octets, buffers.begin()));
        Ok(())
    }

    /// T-DATA request: sends one TSDU.
    ///
    /// # Errors
    /// When the connection is not open.
    pub fn send(&mut self, tsdu: Rope) -> Result<(), Misuse> {
        drop(tsdu);
        Err(Misuse::NotOpen)
    }

    /// The largest TSDU accepted from now on, in octets.
    pub fn set_tsdu_limit(&mut self, limit: usize) {
        let _ = limit;
    }

    /// Some whole TPKTs to transmit, pieces of what was given; `None` when there are none.
    pub fn poll_transmit(&mut self) -> Option<Rope> {
        None
    }

    /// What happened.
    pub fn poll_indication(&mut self) -> Option<Indication> {
        None
    }
}
