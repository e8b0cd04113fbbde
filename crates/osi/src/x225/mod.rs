//! X.225 session connections over a transport connection, versions 1 and 2, as one machine
//! without timers: kernel and duplex functional units, or in place of duplex those that reliable
//! transfer needs (half-duplex, minor synchronize, activity management, exceptions);
//! concatenation, segmented SSDUs, connect data of any length by overflow.
//!
//! TSDUs go in as [`Bytes`] and user data comes out as slices of them (joined only where it came
//! in segments); user data sent is a [`Rope`] that is passed on in its pieces.
//!
//! It keeps no transport connection for a next session, sends no expedited data, and agrees on no
//! functional unit but those of [`Requirements::SUPPORTED`].

mod activity;
mod assembly;
mod code;
mod connect;
mod error;
mod open;
mod requirements;
mod service;
mod spdu;
mod state;
#[cfg(test)]
mod tests;
mod write;

pub use activity::{ActivityIndication, ActivityRequest, ActivityResume};
pub use code::{AbortFlags, ExceptionReason, RefuseReason};
pub use error::{Error, Misuse};
pub use requirements::{Requirements, Tokens, Version};
pub use service::{
    ConnectConfirm, ConnectIndication, ConnectRequest, ConnectResponse, ConnectionIdentifier,
    Indication, Output, Request,
};

use crate::buffer::BufferSource;
use assembly::Assembly;
use bytes::Bytes;
use connect::{AwaitAccept, AwaitConnect};
use restante_ber::Rope;
use spdu::Spdu;
use state::{Link, Outputs, State};

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
pub struct Session {
    state: State,
    assembly: Assembly,
    ssdu_limit: usize,
    out: Outputs,
}

impl Session {
    /// S-CONNECT request: its CN is ready to be transmitted at once. `ssdu_limit` is the largest
    /// SSDU put together from segments, in octets.
    ///
    /// # Errors
    /// When neither duplex nor reliable transfer's functional units are asked for, or when
    /// selectors and references are longer than 4096 octets together.
    pub fn initiator(request: ConnectRequest, ssdu_limit: usize) -> Result<Self, Misuse> {
        let mut out = Outputs::default();
        let state = State::AwaitAccept(AwaitAccept::start(request, &mut out)?);
        Ok(Self { state, assembly: Assembly::default(), ssdu_limit, out })
    }

    /// The end that awaits a CN.
    pub fn responder(options: ResponderOptions) -> Self {
        Self {
            ssdu_limit: options.ssdu_limit,
            state: State::AwaitConnect(AwaitConnect { options }),
            assembly: Assembly::default(),
            out: Outputs::default(),
        }
    }

    /// T-DATA indication: takes a TSDU.
    ///
    /// # Errors
    /// Where the connection is at its end; what the layer prescribes as the answer, and whether
    /// to await the peer's disconnect, is then ready in [`Self::poll_output`].
    pub fn input(&mut self, tsdu: Bytes, buffers: &mut dyn BufferSource) -> Result<(), Error> {
        let spdus = match (&self.state, spdu::read(tsdu.clone())) {
            // What comes after the end is looked through for the peer's AA and no more.
            (State::Closed, _) | (State::Ending, Err(_)) => return Ok(()),
            (_, Err(error)) => return Err(self.fail(error, self.state.link().copied(), &tsdu)),
            (_, Ok(spdus)) => spdus,
        };
        for spdu in spdus {
            let link = self.state.link().copied();
            self.spdu(spdu, buffers).map_err(|error| self.fail(error, link, &tsdu))?;
        }
        Ok(())
    }

    fn spdu(&mut self, spdu: Spdu, buffers: &mut dyn BufferSource) -> Result<(), Error> {
        let limit = self.ssdu_limit;
        let whole = match self.state {
            State::Ending | State::Closed => Some(spdu),
            _ => self.assembly.take(spdu, limit, buffers)?,
        };
        if let Some(spdu) = whole {
            let state = core::mem::replace(&mut self.state, State::Closed);
            self.state = state.spdu(spdu, limit, buffers, &mut self.out)?;
        }
        Ok(())
    }

    fn fail(&mut self, error: Error, link: Option<Link>, tsdu: &[u8]) -> Error {
        self.state = state::fail(link.as_ref(), &error, tsdu, &mut self.out);
        error
    }

    /// A request or response of the session user.
    ///
    /// # Errors
    /// When it has no place in this state or can't be carried; nothing has happened then.
    pub fn request(&mut self, request: Request) -> Result<(), Misuse> {
        self.state.check(&request)?;
        let state = core::mem::replace(&mut self.state, State::Closed);
        self.state = state.request(request, &mut self.out);
        Ok(())
    }

    /// Aborts as the provider does, where limits of the layers below or time end the connection:
    /// an AB with `flags` (an [`AbortFlags::RELEASED`] is added), without user data, or a
    /// disconnect where there is no session connection. S-P-ABORT is not indicated. Does nothing
    /// when the connection is over.
    pub fn abort(&mut self, flags: AbortFlags) {
        if !matches!(self.state, State::Ending | State::Closed) {
            let flags = AbortFlags(flags.0 | AbortFlags::RELEASED);
            let link = self.state.link().copied();
            self.state = state::abort(link.as_ref(), flags, &[], Rope::new(), &mut self.out);
        }
    }

    /// The largest SSDU put together from segments from now on, in octets.
    pub fn set_ssdu_limit(&mut self, limit: usize) {
        self.ssdu_limit = limit;
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.0.pop_front()
    }
}
