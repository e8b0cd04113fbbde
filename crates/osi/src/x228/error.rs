//! What can go wrong in reliable transfer, and what the peer is told of it: an RTAB.

use crate::buffer::BufferError;
use crate::x228::AbortReason;
use thiserror::Error;

/// Why reliable transfer ends the association.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Malformed: octets that are no APDU of reliable transfer.
    #[error("malformed APDU: {0}")]
    Malformed(#[from] restante_ber::Error),
    /// Protocol violation: the peer does what may not be done now.
    #[error("reliable transfer violated: {0}")]
    Violation(&'static str),
    /// Too large, or no room.
    #[error(transparent)]
    Buffer(#[from] BufferError),
    /// The peer says that it is about to fail.
    #[error("the peer may not be able to take what is transferred")]
    Jeopardized,
    /// The peer transfers on and on, and does not give the turn that it is asked for.
    #[error("the peer does not give the turn")]
    TurnWithheld,
    /// The peer reports exceptions again and again.
    #[error("a transfer was begun {0} times and the peer did not take it")]
    Exceptions(u8),
}

impl Error {
    /// What the RTAB says.
    pub fn reason(&self) -> AbortReason {
        match self {
            Self::Malformed(_) | Self::Violation(_) => AbortReason::PROTOCOL_ERROR,
            Self::Buffer(BufferError::TooLarge { .. }) | Self::Exceptions(_) => {
                AbortReason::PERMANENT_PROBLEM
            }
            Self::Buffer(BufferError::Exhausted) | Self::Jeopardized | Self::TurnWithheld => {
                AbortReason::TEMPORARY_PROBLEM
            }
            Self::Buffer(BufferError::Failed(_)) => AbortReason::LOCAL_SYSTEM_PROBLEM,
        }
    }
}
