//! What can be wrong with an encoding.

use crate::Tag;
use core::fmt;

/// The result of reading.
pub type Result<T> = core::result::Result<T, Error>;

/// Why octets could not be read as the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The octets end before the element does.
    Truncated,
    /// An identifier or length that is no legal BER, or larger than this reader takes.
    BadHeader(&'static str),
    /// Elements nested deeper than [`crate::MAX_DEPTH`].
    TooDeep,
    /// More elements than one container may hold.
    TooMany,
    /// A primitive encoding where a constructed one is needed, or the reverse.
    BadForm(Tag),
    /// An element that the type does not have here.
    Unexpected {
        /// The type that was being read.
        wanted: &'static str,
        /// What came.
        found: Tag,
    },
    /// A mandatory member is absent.
    Missing {
        /// The type.
        of: &'static str,
        /// Its member.
        member: &'static str,
    },
    /// A member of a SET came twice.
    Duplicate {
        /// The type.
        of: &'static str,
        /// Its member.
        member: &'static str,
    },
    /// Octets after the end of the value.
    Trailing,
    /// Contents octets that are no value of the type.
    Value(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => write!(f, "the encoding ends too early"),
            Self::BadHeader(why) => write!(f, "malformed identifier or length: {why}"),
            Self::TooDeep => write!(f, "elements are nested too deeply"),
            Self::TooMany => write!(f, "too many elements"),
            Self::BadForm(tag) => write!(f, "wrong form, primitive or constructed, of {tag}"),
            Self::Unexpected { wanted, found } => write!(f, "{found} is no {wanted}"),
            Self::Missing { of, member } => write!(f, "{member} of {of} is missing"),
            Self::Duplicate { of, member } => write!(f, "{member} of {of} is there twice"),
            Self::Trailing => write!(f, "octets follow the end of the value"),
            Self::Value(why) => write!(f, "malformed value: {why}"),
        }
    }
}

impl core::error::Error for Error {}
