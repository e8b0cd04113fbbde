//! What can go wrong, sorted by whose fault it is.

use crate::x224::{DisconnectReason, RejectCause};
use crate::x225::RefuseReason;
use crate::x226::ProviderReason;
use crate::x227::{AssociateResult, AssociateSourceDiagnostic};
use bytes::Bytes;
use core::fmt;
use thiserror::Error;

/// A layer of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// RFC 1006 and X.224.
    Transport,
    /// X.225.
    Session,
    /// X.226.
    Presentation,
    /// X.227.
    AssociationControl,
    /// X.228.
    ReliableTransfer,
    /// X.880.
    RemoteOperations,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transport => "transport layer",
            Self::Session => "session layer",
            Self::Presentation => "presentation layer",
            Self::AssociationControl => "association control",
            Self::ReliableTransfer => "reliable transfer",
            Self::RemoteOperations => "remote operations",
        })
    }
}

/// Whose fault a protocol error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The octets are no PDU of the layer.
    Malformed,
    /// The PDU is one, but not one that may come now.
    Violation,
    /// The peer asks for what this end does not offer.
    Incompatible,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed",
            Self::Violation => "protocol violation",
            Self::Incompatible => "incompatible",
        })
    }
}

/// What a peer did wrong or asked for in vain. Its text is for the event log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{fault} at the {layer}: {text}")]
pub struct ProtocolError {
    /// Where.
    pub layer: Layer,
    /// Whose fault.
    pub fault: Fault,
    /// What was wrong.
    pub text: String,
}

/// Who refused an association that this end asked for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The application, with a bind error.
    #[error("the peer refused the bind ({diagnostic})")]
    Bind {
        /// The parameter of the bind error: the whole element inside `[18]`.
        error: Bytes,
        /// For good or for now.
        result: AssociateResult,
        /// What association control says to it.
        diagnostic: AssociateSourceDiagnostic,
    },
    /// Association control.
    #[error("the peer refused the association: {result}, {diagnostic}")]
    Association {
        /// For good or for now.
        result: AssociateResult,
        /// Why.
        diagnostic: AssociateSourceDiagnostic,
    },
    /// The presentation layer.
    #[error("the peer's presentation layer refused{}", behind_colon(*.0))]
    Presentation(Option<ProviderReason>),
    /// The session layer, with the reason code of RF (X.225 §8.3.5.10).
    #[error("the peer's session layer refused: {0}")]
    Session(RefuseReason),
    /// The transport layer, with the reason code of DR (X.224 §13.5.3).
    #[error("the peer's transport layer refused: {0}")]
    Transport(DisconnectReason),
    /// The transport layer, with the reject cause of ER (X.224 §13.12.3).
    #[error("the peer's transport layer could not read our request: {0}")]
    TransportError(RejectCause),
}

fn behind_colon(reason: Option<ProviderReason>) -> String {
    reason.map_or(String::new(), |reason| format!(": {reason}"))
}

/// Our own user asked for what can't be now: a mistake in this program, never the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Misuse {
    /// The association is not in a state for this request.
    #[error("the association is not in a state for this request")]
    WrongState,
    /// No invocation of the peer's with this number is outstanding.
    #[error("no invocation with this number is outstanding")]
    NoSuchInvocation,
    /// As many invocations are outstanding as the limit has it.
    #[error("too many operations are outstanding, wait for an answer")]
    TooManyOutstanding,
    /// The problem is not one of a result or an error.
    #[error("only a result or an error of the peer's can be rejected so")]
    WrongProblem,
}
