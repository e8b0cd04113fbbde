//! Codes of X.224 that a peer may extend: reasons of DR (§13.5.3) and causes of ER (§13.12.3).

use core::fmt;

/// Why a transport connection is refused or ended: the reason of a DR TPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DisconnectReason(pub u8);

impl DisconnectReason {
    /// Reason not specified.
    pub const NOT_SPECIFIED: Self = Self(0);
    /// Congestion at the TSAP.
    pub const CONGESTION_AT_TSAP: Self = Self(1);
    /// No session entity is attached to the TSAP.
    pub const NO_SESSION_ENTITY: Self = Self(2);
    /// The called TSAP-ID is unknown.
    pub const ADDRESS_UNKNOWN: Self = Self(3);
    /// A normal disconnect by the session entity.
    pub const NORMAL: Self = Self(128);
    /// Congestion of the remote transport entity at connect time.
    pub const REMOTE_CONGESTION: Self = Self(129);
    /// The classes proposed are not supported.
    pub const NEGOTIATION_FAILED: Self = Self(130);
    /// A protocol error.
    pub const PROTOCOL_ERROR: Self = Self(133);
    /// The request is refused on this network connection.
    pub const REFUSED: Self = Self(136);
    /// The header or a parameter has an invalid length.
    pub const LENGTH_INVALID: Self = Self(138);
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "reason not specified",
            1 => "congestion at the TSAP",
            2 => "no session entity attached to the TSAP",
            3 => "called address unknown",
            128 => "normal disconnect",
            129 => "remote transport entity congested",
            130 => "no common transport class",
            131 => "duplicate source reference",
            132 => "mismatched references",
            133 => "protocol error",
            135 => "reference overflow",
            136 => "connection request refused",
            138 => "header or parameter length invalid",
            _ => return write!(f, "reason {}", self.0),
        };
        f.write_str(text)
    }
}

/// Why a TPDU is rejected: the reject cause of an ER TPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RejectCause(pub u8);

impl RejectCause {
    /// Reason not specified.
    pub const NOT_SPECIFIED: Self = Self(0);
    /// An invalid parameter code.
    pub const PARAMETER_CODE: Self = Self(1);
    /// An invalid TPDU type.
    pub const TPDU_TYPE: Self = Self(2);
    /// An invalid parameter value.
    pub const PARAMETER_VALUE: Self = Self(3);
}

impl fmt::Display for RejectCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("reason not specified"),
            1 => f.write_str("invalid parameter code"),
            2 => f.write_str("invalid TPDU type"),
            3 => f.write_str("invalid parameter value"),
            other => write!(f, "cause {other}"),
        }
    }
}
