//! Sets of bits in which X.225 negotiates: functional units, versions, tokens.

use core::ops::{BitAnd, BitOr};

/// Session user requirements (X.225 §8.3.1.16): a set of functional units; the kernel is always
/// there and has no bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requirements(pub u16);

impl Requirements {
    /// None but the kernel.
    pub const KERNEL: Self = Self(0);
    /// Half-duplex.
    pub const HALF_DUPLEX: Self = Self(0x0001);
    /// Duplex.
    pub const DUPLEX: Self = Self(0x0002);
    /// Expedited data.
    pub const EXPEDITED: Self = Self(0x0004);
    /// Minor synchronize.
    pub const MINOR_SYNCHRONIZE: Self = Self(0x0008);
    /// Major synchronize.
    pub const MAJOR_SYNCHRONIZE: Self = Self(0x0010);
    /// Resynchronize.
    pub const RESYNCHRONIZE: Self = Self(0x0020);
    /// Activity management.
    pub const ACTIVITY_MANAGEMENT: Self = Self(0x0040);
    /// Negotiated release.
    pub const NEGOTIATED_RELEASE: Self = Self(0x0080);
    /// Capability data exchange.
    pub const CAPABILITY_DATA: Self = Self(0x0100);
    /// Exceptions.
    pub const EXCEPTIONS: Self = Self(0x0200);
    /// Typed data.
    pub const TYPED_DATA: Self = Self(0x0400);
    /// What reliable transfer goes over (X.228 §8.1): half-duplex, minor synchronize, activity
    /// management and exceptions.
    pub const RELIABLE_TRANSFER: Self = Self(0x0249);
    /// Those that this machine has the rules of, kernel apart: a connection has either duplex or
    /// all of [`Self::RELIABLE_TRANSFER`]. The others have their bits here so that a proposal can
    /// be shown, and are never agreed on.
    pub const SUPPORTED: Self = Self(0x024b);
    /// What is meant where the parameter is absent: half-duplex, minor synchronize, activity
    /// management, capability data exchange and exceptions.
    pub const DEFAULT: Self = Self(0x0349);

    /// Whether all of `other` are in it.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Requirements {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Requirements {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The version of the session protocol in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Version 1: user data up to 512 octets (9 in an AB).
    V1,
    /// Version 2: user data without limit.
    V2,
}

/// Token setting item or token item (X.225 §8.3.1.14, §8.3.4.9): two bits, or one, for each of
/// data, synchronize-minor, major/activity and release token, the data token lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tokens(pub u8);

impl Tokens {
    /// None; as a setting: all at the initiator's end.
    pub const NONE: Self = Self(0);
    /// As a setting: all tokens of reliable transfer at the responder's end.
    pub const RESPONDER: Self = Self(0x15);
    /// As tokens: the data token.
    pub const DATA: Self = Self(0x01);
    /// As tokens: the data, synchronize-minor and major/activity token, which are those of
    /// reliable transfer.
    pub const RELIABLE_TRANSFER: Self = Self(0x15);

    /// Whether all of `other` are in it.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// A setting in which what the first left to the acceptor's choice is as the answer has it;
    /// what nobody chooses stays with the initiator.
    pub fn settled(proposed: Option<Self>, answer: Option<Self>) -> Self {
        let (proposed, answer) =
            (proposed.unwrap_or(Self::NONE).0, answer.unwrap_or(Self::NONE).0);
        let choice = (proposed >> 1) & 0x55;
        Self((proposed & 0x55 & !choice) | (answer & choice))
    }
}
