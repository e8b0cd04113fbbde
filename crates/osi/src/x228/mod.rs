//! Reliable transfer: the APDUs of X.228 (module `Reliable-Transfer-APDU`) in normal mode, and
//! the protocol machine of one end ([`Rtpm`]), which turns transfers into activities of the
//! session and brings back what a broken connection interrupted.
//!
//! An APDU goes out in its pieces and comes in into a buffer of the driver's. X.410-1984 mode is
//! refused; no time-outs are kept here.

mod apdu;
mod connection_data;
mod error;
mod identifier;
mod receiving;
mod rtpm;
mod sending;
#[cfg(test)]
mod tests;

pub use apdu::{AbortReason, DialogueMode, RefuseReason, Rtab, Rtoac, Rtorj, Rtorq, RtseApdu};
pub use connection_data::ConnectionData;
pub use error::Error;
pub use identifier::SessionConnectionIdentifier;
pub use rtpm::{Agreement, Rtpm, Suspended};

use restante_ber::{Oid, oid};

/// X.228's own abstract syntax, for those that do not name one of their application's.
pub const RTSE: Oid = oid!(2, 3, 2);
