//! User-data (X.226 §8.4): presentation data values in their contexts.

use crate::Open;
use core::fmt;
use restante_ber::{BitString, Decode, Element, Encode, Error, Oid, Result, Rope, Tag, Writer};
use restante_ber::{choice, newtype, sequence};

choice! { EXPLICIT TAGS;
    /// How the values of one presentation context are put together.
    pub enum PresentationDataValues {
        /// One value, a BER element.
        SingleAsn1Type(Open) [0],
        /// Octets: one element after the other.
        OctetAligned(Rope) [IMPLICIT 1],
        /// Bits, in BER whole octets.
        Arbitrary(BitString) [IMPLICIT 2],
    }
}
