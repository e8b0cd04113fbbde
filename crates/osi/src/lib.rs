//! The OSI upper layers over TCP, without sockets or clocks: RFC 1006 and X.224 class 0
//! ([`x224`]), X.225 ([`x225`]), X.226 ([`x226`]), X.227 ([`x227`]), X.228 ([`x228`]) and
//! X.880/X.229 ([`x880`]), one module a layer, and [`Association`] on top, which is all that a
//! driver needs.
//!
//! A driver gives an association the octets that come on a TCP connection and the time, and takes
//! from it what to transmit, when to wake and what happened. It knows no operation: arguments and
//! results are the octets of one BER element.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod address;
mod association;
pub mod buffer;
mod open;
mod tpkt;
pub mod x224;
pub mod x225;
pub mod x226;
pub mod x227;
pub mod x228;
pub mod x880;

pub use address::{AddressError, DEFAULT_PORT, NetworkAddress, PresentationAddress};
pub use association::{
    Abort, AbortedBy, ApplicationContext, Association, BindConfirmation, BindIndication,
    BindRequest, ContextTable, Direction, Event, Fault, InitiatorOptions, Invocation, Layer,
    Limits, Misuse, Output, ProposedContext, ProtocolError, RecoveryLimits, Refusal, Request,
    ResponderOptions, RtseOptions, RtseRecovery, Selectors, Tracer,
};
pub use buffer::{BufferError, BufferSource, MemoryBuffers, TsduBuffer};
pub use open::Open;
