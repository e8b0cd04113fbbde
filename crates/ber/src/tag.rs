//! Tags (X.690 §8.1.2): class and number. The primitive/constructed bit belongs to an encoding,
//! not to the tag.

use core::fmt;

/// The class of a tag (X.680 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Types of X.680 itself.
    Universal,
    /// Types common to one application.
    Application,
    /// Members within one type.
    Context,
    /// Types of an enterprise.
    Private,
}

/// A tag: class and number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// The class.
    pub class: Class,
    /// The number, at most 2^32-1.
    pub number: u32,
}

impl Tag {
    /// `[UNIVERSAL number]`.
    pub const fn universal(number: u32) -> Self {
        Self { class: Class::Universal, number }
    }
    /// `[APPLICATION number]`.
    pub const fn application(number: u32) -> Self {
        Self { class: Class::Application, number }
    }
    /// `[number]`.
    pub const fn context(number: u32) -> Self {
        Self { class: Class::Context, number }
    }
    /// `[PRIVATE number]`.
    pub const fn private(number: u32) -> Self {
        Self { class: Class::Private, number }
    }

    /// BOOLEAN.
    pub const BOOLEAN: Self = Self::universal(1);
    /// INTEGER.
    pub const INTEGER: Self = Self::universal(2);
    /// BIT STRING.
    pub const BIT_STRING: Self = Self::universal(3);
    /// OCTET STRING.
    pub const OCTET_STRING: Self = Self::universal(4);
    /// NULL.
    pub const NULL: Self = Self::universal(5);
    /// OBJECT IDENTIFIER.
    pub const OBJECT_IDENTIFIER: Self = Self::universal(6);
    /// EXTERNAL and INSTANCE OF.
    pub const EXTERNAL: Self = Self::universal(8);
    /// ENUMERATED.
    pub const ENUMERATED: Self = Self::universal(10);
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: Self = Self::universal(16);
    /// SET and SET OF.
    pub const SET: Self = Self::universal(17);
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Class::Universal => write!(f, "[UNIVERSAL {}]", self.number),
            Class::Application => write!(f, "[APPLICATION {}]", self.number),
            Class::Context => write!(f, "[{}]", self.number),
            Class::Private => write!(f, "[PRIVATE {}]", self.number),
        }
    }
}
