//! Basic Encoding Rules (X.690): a borrowed reader, a back-to-front writer, the primitive types
//! and macros in which a SEQUENCE, SET or CHOICE is one line a field.
//!
//! Liberal in what is read: definite and indefinite lengths, constructed strings, lengths that
//! are longer than they need be, SET members in any order, unknown members skipped. Strict in
//! what is written: definite lengths in their shortest form, defaults left out. Octets that must
//! survive as they came are kept ([`Any`], [`Kept`]) and are shared with the received buffer
//! rather than copied when the reader was made over [`Bytes`].
//!
//! It knows no type of any protocol, never panics on input, never recurses deeper than
//! [`MAX_DEPTH`] and never allocates what a length merely announces.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod any;
mod bits;
mod error;
mod list;
mod macros;
mod macros_scalar;
mod member;
mod octets;
mod oid;
mod primitive;
mod reader;
mod rope;
mod string;
mod tag;
#[cfg(test)]
mod tests;
mod time;
mod traits;
mod writer;

pub use any::{Any, External, ExternalEncoding, Kept};
pub use bits::BitString;
pub use bytes::Bytes;
pub use error::{Error, Result};
pub use list::{MAX_MEMBERS, SetOf};
#[doc(hidden)]
pub use member::{
    Member, encode_default, member_accepts, member_claims, member_decode, member_encode,
    tagged_accepts,
};
pub use octets::{MAX_SEGMENTS, OctetString};
pub use oid::{Oid, arcs_len, encode_arcs};
pub use primitive::Null;
pub use reader::{Element, MAX_DEPTH, Reader, measure};
pub use rope::Rope;
pub use string::{
    BmpString, GeneralString, GraphicString, Ia5String, NumericString, PrintableString,
    TeletexString, UniversalString, Utf8String, VideotexString, VisibleString,
};
pub use tag::{Class, Tag};
pub use time::{GeneralizedTime, UtcTime};
pub use traits::{Decode, Encode, Tagging};
pub use writer::Writer;
