//! Content types, encoded information types and priority (X.411, Envelope Fields and Encoded
//! Information Types), and the object identifiers that stand for them in the message store.

use super::oids;
use core::fmt;
use restante_ber::{
    BitString, Decode, Element, Encode, OctetString, Oid, Result, SetOf, Tag, TeletexString,
    Writer, bits, choice, enumerated, integer, oid, set,
};
use std::collections::HashSet;

integer! {
    /// The content types that have a number.
    pub struct BuiltInContentType [APPLICATION 6] {
        /// Nobody says what it is.
        UNIDENTIFIED = 0,
        /// Said by the EXTERNAL that the content is.
        EXTERNAL = 1,
        /// P2
        INTERPERSONAL_MESSAGING_1984 = 2,
        /// P22
        INTERPERSONAL_MESSAGING_1988 = 22,
        /// EDI (X.435)
        EDI_MESSAGING = 35,
        /// Voice (X.440)
        VOICE_MESSAGING = 40,
    }
}

/// A content type that has an object identifier. The text of 1999 says RELATIVE-OID, what is
/// sent everywhere is an OBJECT IDENTIFIER; both are read, the latter is written. What comes as a
/// RELATIVE-OID has all arcs from the root, the first two apart or, as in an OBJECT IDENTIFIER,
/// in one: the first number is 2 at most in the former only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExtendedContentType(pub Oid);

impl ExtendedContentType {
    const RELATIVE_OID: Tag = Tag::universal(13);
}

impl Decode for ExtendedContentType {
    const NAME: &'static str = "ExtendedContentType";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::OBJECT_IDENTIFIER || tag == Self::RELATIVE_OID
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let oid = Oid::decode_contents(element)?;
        match oid.arcs().as_slice() {
            [0, from_root @ ..]
                if element.tag == Self::RELATIVE_OID && matches!(from_root, [0..=2, _, ..]) =>
            {
                Oid::from_arcs(from_root).map(Self)
            }
            _ => Ok(Self(oid)),
        }
    }
}

impl Encode for ExtendedContentType {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        self.0.encode_as(tag, writer);
    }
}

choice! { IMPLICIT TAGS;
    /// What a content is.
    #[derive(Eq, Hash)]
    pub enum ContentType {
        /// By number, `46`.
        BuiltIn(BuiltInContentType),
        /// By object identifier.
        Extended(ExtendedContentType),
    }
}

choice! { IMPLICIT TAGS;
    /// What a content is, in a delivery: the number's tag is `80`.
    #[derive(Eq, Hash)]
    pub enum DeliveredContentType {
        /// By number.
        BuiltIn(BuiltInContentType) [0],
        /// By object identifier.
        Extended(ExtendedContentType),
    }
}

impl From<DeliveredContentType> for ContentType {
    fn from(delivered: DeliveredContentType) -> Self {
        match delivered {
            DeliveredContentType::BuiltIn(number) => Self::BuiltIn(number),
            DeliveredContentType::Extended(oid) => Self::Extended(oid),
        }
    }
}

impl From<ContentType> for DeliveredContentType {
    fn from(content_type: ContentType) -> Self {
        match content_type {
            ContentType::BuiltIn(number) => Self::BuiltIn(number),
            ContentType::Extended(oid) => Self::Extended(oid),
        }
    }
}

/// The numbers that have an object identifier too: X.413 gives content types by object
/// identifier only.
const BY_NUMBER: [(BuiltInContentType, Oid); 3] = [
    (BuiltInContentType::UNIDENTIFIED, oids::ID_CONT_UNIDENTIFIED),
    (BuiltInContentType::INTERPERSONAL_MESSAGING_1984, oid!(2, 6, 1, 10, 0)),
    (BuiltInContentType::INTERPERSONAL_MESSAGING_1988, oid!(2, 6, 1, 10, 1)),
];

impl ContentType {
    /// The object identifier; a number that has none is [`oids::ID_CONT_UNIDENTIFIED`].
    pub fn oid(&self) -> Oid {
        match self {
            Self::Extended(oid) => oid.0.clone(),
            Self::BuiltIn(number) => BY_NUMBER
                .iter()
                .find(|(known, _)| known == number)
                .map_or(oids::ID_CONT_UNIDENTIFIED, |(_, oid)| oid.clone()),
        }
    }

    /// Whether it is the same, by number or by object identifier.
    pub fn is(&self, other: &Self) -> bool {
        let by_number = |one: &Self| match one {
            Self::Extended(oid) => Self::of_oid(oid.0.clone()),
            Self::BuiltIn(number) => Self::BuiltIn(*number),
        };
        by_number(self) == by_number(other)
    }

    /// The content type of an object identifier: by number where it has one.
    pub fn of_oid(oid: Oid) -> Self {
        match BY_NUMBER.iter().find(|(_, known)| *known == oid) {
            Some((number, _)) => Self::BuiltIn(*number),
            None => Self::Extended(ExtendedContentType(oid)),
        }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(number) => number.fmt(f),
            Self::Extended(oid) => oid.0.fmt(f),
        }
    }
}

set! { IMPLICIT TAGS;
    /// Which kinds of information a content has in it.
    #[derive(Default, Eq, Hash)]
    pub struct EncodedInformationTypes [APPLICATION 5] {
        /// Those that have a bit.
        built_in_encoded_information_types: BuiltInEncodedInformationTypes [0],
        /// Properties of facsimile.
        g3_facsimile: G3FacsimileNonBasicParameters [1] = Default::default(),
        /// Properties of teletex.
        teletex: TeletexNonBasicParameters [2] = Default::default(),
        /// Those that have an object identifier.
        extended_encoded_information_types: Option<SetOf<Oid>> [4],
    }
}

/// What the originator says of a content.
pub type OriginalEncodedInformationTypes = EncodedInformationTypes;
/// What conversion has made of it.
pub type ConvertedEncodedInformationTypes = EncodedInformationTypes;
/// Encoded information types by object identifier.
pub type ExtendedEncodedInformationTypes = SetOf<Oid>;

bits! {
    /// The encoded information types that have a bit.
    pub struct BuiltInEncodedInformationTypes {
        /// Something else, or not known.
        UNKNOWN = 0,
        /// IA5 text
        IA5_TEXT = 2,
        /// Group 3 facsimile
        G3_FACSIMILE = 3,
        /// Group 4 facsimile, class 1
        G4_CLASS_1 = 4,
        /// Teletex
        TELETEX = 5,
        /// Videotex
        VIDEOTEX = 6,
        /// Voice
        VOICE = 7,
        /// Simple formattable document
        SFD = 8,
        /// Mixed mode
        MIXED_MODE = 9,
    }
}

/// Bits of T.30, carried.
pub type G3FacsimileNonBasicParameters = BitString;

set! { IMPLICIT TAGS;
    /// Properties of teletex (T.62), carried.
    #[derive(Default, Eq, Hash)]
    pub struct TeletexNonBasicParameters {
        /// Graphic characters.
        graphic_character_sets: Option<TeletexString> [0],
        /// Control characters.
        control_character_sets: Option<TeletexString> [1],
        /// Formats of pages.
        page_formats: Option<OctetString> [2],
        /// What terminals can do.
        miscellaneous_terminal_capabilities: Option<TeletexString> [3],
        /// Private use.
        private_use: Option<OctetString> [4],
    }
}

/// ub-built-in-encoded-information-types.
const BUILT_IN_MAX: usize = 32;

impl EncodedInformationTypes {
    /// Encoded information types from bits, [`BuiltInEncodedInformationTypes`].
    pub fn of_bits(bits: impl IntoIterator<Item = usize>) -> Self {
        let built_in_encoded_information_types = BuiltInEncodedInformationTypes::of(bits);
        Self { built_in_encoded_information_types, ..Self::default() }
    }

    /// The object identifiers, each once: id-eit.n for bit n, as far as there can be such bits
    /// (ub-built-in-encoded-information-types), then those that came as such.
    pub fn oids(&self) -> Vec<Oid> {
        let bits = &self.built_in_encoded_information_types;
        let bits = (0..BUILT_IN_MAX).filter(|bit| bits.has(*bit));
        let built_in = bits.filter_map(|bit| {
            let arc = u128::try_from(bit).ok()?;
            Oid::from_arcs(&[2, 6, 3, 4, arc]).ok()
        });
        let extended = self.extended_encoded_information_types.iter().flat_map(|set| &set.0);
        let mut known = HashSet::new();
        built_in.chain(extended.cloned()).filter(|oid| known.insert(oid.clone())).collect()
    }
}

enumerated! {
    /// How urgent a message is.
    #[derive(Default)]
    pub struct Priority [APPLICATION 7] {
        /// Unless said otherwise.
        NORMAL = 0,
        /// May wait.
        NON_URGENT = 1,
        /// Goes first.
        URGENT = 2,
    }
}

impl Priority {
    /// What priorities are compared by: more is more urgent, which their numbers don't say.
    pub fn urgency(self) -> i64 {
        match self {
            Self::NON_URGENT => 0,
            Self::NORMAL => 1,
            Self(other) => other,
        }
    }
}

/// How long a content is, in octets.
pub type ContentLength = i64;

/// Content types, in a SET OF.
pub type ContentTypes = SetOf<ContentType>;

#[cfg(test)]
#[path = "content_type_tests.rs"]
mod tests;
