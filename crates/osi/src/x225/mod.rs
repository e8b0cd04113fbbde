//! X.225 session connections over a transport connection, versions 1 and 2, as one machine
//! without timers: kernel and duplex functional units, concatenation, segmented SSDUs, connect
//! data of any length by overflow.
//!
//! TSDUs go in as [`Bytes`] and user data comes out as slices of them (joined only where it came
//! in segments); user data sent is a [`Rope`] that is passed on in its pieces.
//!
//! It keeps no transport connection for a next session, sends no expedited data, and refuses the
//! functional units that it does not list.

mod code;
mod error;
mod requirements;
mod service;

pub use code::{AbortFlags, RefuseReason};
pub use error::{Error, Misuse};
pub use requirements::{Requirements, Tokens, Version};
pub use service::{
    ConnectConfirm, ConnectIndication, ConnectRequest, ConnectResponse, ConnectionIdentifier,
    Indication, Output, Request,
};

use crate::buffer::BufferSource;
use bytes::Bytes;

/// How a responder answers requests for a session connection.
#[derive(Clone, Debug)]
pub struct ResponderOptions {
    /// The session selectors that may be called; when there is none, any.
    pub selectors: Vec<Bytes>,
    /// The functional units supported.
    pub requirements: Requirements,
    /// The largest SSDU put together from segments, in octets.
    pub ssdu_limit: usize,
}

/// A session connection, from either end, on a transport connection that is open.
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// S-CONNECT request: its CN is ready to be transmitted at once. `ssdu_limit` is the largest
    /// SSDU put together from segments, in octets.
    pub fn initiator(request: ConnectRequest, ssdu_limit: usize) -> Self {
        drop((request, ssdu_limit));
        Self {}
    }

    /// The end that awaits a CN.
    pub fn responder(options: ResponderOptions) -> Self {
        drop(options);
        Self {}
    }

    /// T-DATA indication: takes a TSDU.
    ///
    /// # Errors
    /// Where the connection is at its end; what the layer prescribes as the answer, and whether
    /// to await the peer's disconnect, is then ready in [`Self::poll_output`].
    pub fn input(&mut self, tsdu: Bytes, buffers: &mut dyn BufferSource) -> Result<(), Error> {
        drop((tsdu, buffers.begin()));
        Ok(())
    }

    /// A request or response of the session user.
    ///
    /// # Errors
    /// When it has no place in this state or can't be carried; nothing has happened then.
    pub fn request(&mut self, request: Request) -> Result<(), Misuse> {
        drop(request);
        Ok(())
    }

    /// Aborts as the provider does, where a layer's own limits end the connection: an AB with
    /// `flags`, without user data. S-P-ABORT is not indicated.
    pub fn abort(&mut self, flags: AbortFlags) {
        let _ = flags;
    }

    /// The largest SSDU put together from segments from now on, in octets.
    pub fn set_ssdu_limit(&mut self, limit: usize) {
        let _ = limit;
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }
}
