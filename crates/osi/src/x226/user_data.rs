//! User-data (X.226 §8.4): presentation data values in their contexts, as P-DATA carries them and
//! as the last parameter of most PPDUs.

use crate::Open;
use bytes::Bytes;
use restante_ber::{BitString, Error, Oid, Reader, Result, Rope, choice, sequence};

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

impl PresentationDataValues {
    /// All values as octets, one element after the other.
    pub fn octets(&self) -> Bytes {
        match self {
            Self::SingleAsn1Type(value) => value.to_bytes(),
            Self::OctetAligned(octets) => octets.to_bytes(),
            Self::Arbitrary(bits) => Bytes::copy_from_slice(bits.octets()),
        }
    }
}

sequence! { EXPLICIT TAGS;
    /// Values of one presentation context.
    pub struct PdvList {
        /// Where several were proposed for the context and none has been selected yet; peers also
        /// send it where it says nothing.
        transfer_syntax_name: Option<Oid>,
        /// The context.
        presentation_context_identifier: i64,
        /// The values.
        presentation_data_values: PresentationDataValues,
    }
}

choice! { IMPLICIT TAGS;
    /// User-data.
    pub enum UserData {
        /// In the default context.
        SimplyEncoded(Rope) [APPLICATION 0],
        /// With the context named for each list.
        FullyEncoded(Vec<PdvList>) [APPLICATION 1],
    }
}

/// One presentation data value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdv {
    /// Its context; `None`: the default context.
    pub context: Option<i64>,
    /// The octets of the value; an element where it is well formed.
    pub value: Bytes,
}

impl UserData {
    /// User-data of one value in a context; `None`: the default context.
    pub fn single(context: Option<i64>, value: Rope) -> Self {
        match context {
            Some(presentation_context_identifier) => Self::FullyEncoded(vec![PdvList {
                transfer_syntax_name: None,
                presentation_context_identifier,
                presentation_data_values: PresentationDataValues::SingleAsn1Type(value.into()),
            }]),
            None => Self::SimplyEncoded(value),
        }
    }

    /// The values in order. Octets that are no element are one value, which is for the user of
    /// the context to judge.
    ///
    /// # Errors
    /// When there is none, which X.226 does not allow.
    pub fn values(&self) -> Result<Vec<Pdv>> {
        let mut values = Vec::new();
        match self {
            Self::SimplyEncoded(octets) => split(None, &octets.to_bytes(), &mut values),
            Self::FullyEncoded(lists) => {
                for list in lists {
                    let context = Some(list.presentation_context_identifier);
                    split(context, &list.presentation_data_values.octets(), &mut values);
                }
            }
        }
        if values.is_empty() { Err(Error::Value("user data without a value")) } else { Ok(values) }
    }
}

/// Cuts octets into elements that share them.
fn split(context: Option<i64>, octets: &Bytes, values: &mut Vec<Pdv>) {
    let mut reader = Reader::over(octets);
    while !reader.is_empty() {
        let rest = reader.rest();
        match reader.next_element() {
            Ok(Some(element)) => values.push(Pdv { context, value: element.to_bytes() }),
            _ => return values.push(Pdv { context, value: octets.slice_ref(rest) }),
        }
    }
}
