//! Codes of X.225 that a peer may extend: reasons of RF (§8.3.5.10) and the flags of AB (§8.3.9).

use core::fmt;

/// Why a session connection is refused: the reason code of an RF SPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefuseReason(pub u8);

impl RefuseReason {
    /// By the called session user, reason not specified.
    pub const USER: Self = Self(0);
    /// By the called session user, temporary congestion.
    pub const USER_CONGESTION: Self = Self(1);
    /// By the called session user, whose data says why.
    pub const USER_DATA: Self = Self(2);
    /// The session selector is unknown.
    pub const SELECTOR_UNKNOWN: Self = Self(129);
    /// No session user is attached to the SSAP.
    pub const NOT_ATTACHED: Self = Self(130);
    /// The provider is congested.
    pub const PROVIDER_CONGESTION: Self = Self(131);
    /// None of the proposed protocol versions is supported.
    pub const VERSION: Self = Self(132);
    /// By the provider, reason not specified.
    pub const PROVIDER: Self = Self(133);
    /// By the provider, for a restriction of the implementation.
    pub const RESTRICTION: Self = Self(134);
}

impl fmt::Display for RefuseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "by the called session user",
            1 => "by the called session user, temporary congestion",
            2 => "by the called session user, whose data says why",
            129 => "session selector unknown",
            130 => "no session user attached to the SSAP",
            131 => "session provider congested",
            132 => "proposed protocol versions not supported",
            133 => "by the session provider, reason not specified",
            134 => "by the session provider, implementation restriction",
            _ => return write!(f, "reason {}", self.0),
        };
        f.write_str(text)
    }
}

/// Who aborted and why: the transport disconnect parameter of an AB SPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AbortFlags(pub u8);

impl AbortFlags {
    /// The transport connection is released.
    pub const RELEASED: u8 = 0x01;
    /// Aborted by the session user.
    pub const USER: u8 = 0x02;
    /// Aborted by the session provider for a protocol error.
    pub const PROTOCOL_ERROR: u8 = 0x04;
    /// Aborted by the session provider without a reason.
    pub const NO_REASON: u8 = 0x08;
    /// Aborted by the session provider for a restriction of the implementation.
    pub const RESTRICTION: u8 = 0x10;

    /// Whether the flag is set.
    pub fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }
}

impl fmt::Display for AbortFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            flags if flags & Self::USER != 0 => "by the session user",
            flags if flags & Self::PROTOCOL_ERROR != 0 => "protocol error",
            flags if flags & Self::RESTRICTION != 0 => "implementation restriction",
            _ => "no reason given",
        })
    }
}

/// Why a user reports an exception, interrupts or discards an activity: the reason code of ED, AI
/// and AD SPDUs (X.225 §8.3.27.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExceptionReason(pub u8);

impl ExceptionReason {
    /// No specific reason.
    pub const NON_SPECIFIC: Self = Self(0);
    /// The receiver may not be able to take what comes.
    pub const RECEIVING_JEOPARDIZED: Self = Self(1);
    /// A user got the sequence wrong.
    pub const SEQUENCE: Self = Self(3);
    /// An error of the user's own.
    pub const LOCAL: Self = Self(5);
    /// A procedural error from which there is no recovery.
    pub const UNRECOVERABLE: Self = Self(6);
    /// The data token is demanded.
    pub const DEMAND_DATA_TOKEN: Self = Self(128);
}

impl fmt::Display for ExceptionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "no specific reason",
            1 => "receiving ability jeopardized",
            3 => "sequence error",
            5 => "local error",
            6 => "unrecoverable procedural error",
            128 => "the data token is demanded",
            _ => return write!(f, "reason {}", self.0),
        };
        f.write_str(text)
    }
}
