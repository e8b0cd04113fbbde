//! What can go wrong at an initiating end, sorted by whose fault it is.

use restante_osi::x880::{Code, RejectProblem};
use restante_osi::{Abort, Misuse, ProtocolError, Refusal};
use thiserror::Error;

/// Why something could not be done with a peer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// No network address of the peer could be reached.
    #[error("can't reach {address}: {cause}; is the store running, and is this its address?")]
    Unreachable {
        /// The address that was tried last.
        address: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The presentation address has no network address.
    #[error("the presentation address has no network address: write …/Internet=host+port")]
    NoNetworkAddress,
    /// The TCP connection failed.
    #[error("the connection failed")]
    Connection(#[from] std::io::Error),
    /// The peer refused the association, below the bind.
    #[error(transparent)]
    Refused(Refusal),
    /// The peer refused the bind.
    #[error("the bind was refused: {0}")]
    BindRefused(String),
    /// The association was aborted.
    #[error("{0}")]
    Aborted(Abort),
    /// The association has ended.
    #[error("the association has ended")]
    Ended,
    /// The peer broke a protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// What the peer sent is not of the type that it should be.
    #[error("can't read the peer's {what}: {cause}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        cause: restante_ber::Error,
    },
    /// The operation's error.
    #[error("{}", .0.text)]
    Operation(OperationError),
    /// The peer rejected the invocation.
    #[error("the peer rejected the operation: {0}")]
    Rejected(RejectProblem),
    /// No answer came in time.
    #[error("no answer came in time")]
    TimedOut,
    /// A mistake in this program.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

/// An abstract-error that an operation returned.
#[derive(Debug)]
pub struct OperationError {
    /// Its code.
    pub code: Code,
    /// Its parameter, a whole element.
    pub parameter: Option<bytes::Bytes>,
    /// Name and parameter for people.
    pub text: String,
}
