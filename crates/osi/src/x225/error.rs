//! What can go wrong in the session layer, sorted by whose fault it is. Where the layer prescribes
//! an answer (an AB or an RF SPDU) it has been queued when the error is returned.

use crate::buffer::BufferError;
use crate::x225::RefuseReason;
use bytes::Bytes;
use thiserror::Error;

/// Why a session connection came to its end by an error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Malformed: a TSDU that can't be read as SPDUs, or a parameter that has no such value.
    #[error("malformed SPDU: {0}")]
    Malformed(&'static str),
    /// Protocol violation: an SPDU that has no place in this state.
    #[error("SPDU {si} is not expected while {state}")]
    UnexpectedSpdu {
        /// The SPDU identifier.
        si: u8,
        /// What the connection was doing.
        state: &'static str,
    },
    /// Protocol violation: an SPDU that is allowed here but contradicts what went before.
    #[error("session protocol violated: {0}")]
    Violation(&'static str),
    /// Incompatible: the CN was refused by us with an RF.
    #[error("session connection refused: {reason}")]
    Refused {
        /// The reason that the RF names.
        reason: RefuseReason,
        /// The called session selector.
        called: Bytes,
        /// The calling session selector.
        calling: Bytes,
    },
    /// Incompatible: the peer demands TSDUs so short that nothing can be sent in them.
    #[error("a TSDU maximum size of {0} octets is too small")]
    TsduSize(usize),
    /// Too large: an SSDU in segments outgrew its limit, or there was no room for it.
    #[error(transparent)]
    Buffer(#[from] BufferError),
}

/// A request that our caller may not make now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The primitive has no place in this state.
    #[error("{primitive} may not be issued while {state}")]
    OutOfState {
        /// The primitive.
        primitive: &'static str,
        /// What the connection was doing.
        state: &'static str,
    },
    /// Version 1 can't carry so much user data.
    #[error("{len} octets of user data where session version 1 carries {max}")]
    UserDataTooLong {
        /// How many octets were given.
        len: usize,
        /// How many may be.
        max: usize,
    },
    /// Selectors or references are to be shorter.
    #[error("the session selectors or references are too long, give shorter ones")]
    ParametersTooLong,
    /// The functional units asked for were not proposed, or are none that can work together.
    #[error("functional units that can not be agreed on")]
    Requirements,
}
