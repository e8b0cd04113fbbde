//! What can go wrong in the transport layer, sorted by whose fault it is. Where the layer
//! prescribes an answer (an ER or a DR TPDU) it has been queued when the error is returned.

use crate::buffer::BufferError;
use crate::x224::{DisconnectReason, RejectCause};
use thiserror::Error;

/// Why a transport connection came to its end by an error. After one, what is left of
/// [`poll_transmit`](crate::x224::Transport::poll_transmit) goes out and the TCP connection is
/// closed; further input is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Malformed: the octets are no TPKT of RFC 1006 §6. No answer is prescribed.
    #[error("malformed TPKT: {0}")]
    MalformedTpkt(&'static str),
    /// Malformed: a TPDU that can't be read. Answered by an ER.
    #[error("malformed TPDU: {what}")]
    MalformedTpdu {
        /// What is wrong with it.
        what: &'static str,
        /// The cause that the ER names.
        cause: RejectCause,
    },
    /// Protocol violation: a TPDU that has no place in this state. Answered by an ER.
    #[error("TPDU code {code:#04x} is not expected while {state}")]
    UnexpectedTpdu {
        /// The octet that tells the TPDU's type.
        code: u8,
        /// What the connection was doing.
        state: &'static str,
    },
    /// Protocol violation: an answer that is none to our CR. Answered by an ER.
    #[error("the CC does not fit the CR: {0}")]
    MismatchedConfirm(&'static str),
    /// Incompatible: the CR was refused by us with a DR.
    #[error("transport connection refused: {reason}")]
    Refused {
        /// The reason that the DR names.
        reason: DisconnectReason,
        /// The called transport selector.
        called: bytes::Bytes,
        /// The calling transport selector.
        calling: bytes::Bytes,
    },
    /// Too large: the peer's TSDU outgrew its limit, or there was no room for it. Class 0 ends a
    /// connection by closing it.
    #[error(transparent)]
    Buffer(#[from] BufferError),
}

/// A request that our caller may not make now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misuse {
    /// Data may be sent on an open transport connection only.
    #[error("the transport connection is not open")]
    NotOpen,
    /// Selectors are to be shorter.
    #[error("the transport selectors are too long for a CR, give shorter ones")]
    SelectorTooLong,
}
