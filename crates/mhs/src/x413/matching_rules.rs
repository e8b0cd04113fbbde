//! Matching-rules by name and object identifier (X.413 §12, X.420 §19.9, X.520 §8), and the
//! strings that they compare.
//!
//! The table names the rules; comparing is the store's.

use crate::x411::UniversalOrBMPString;
use crate::x420::text;
use restante_ber::{BmpString, Class, Decode, Element, Error, Oid, Result, Tag, UniversalString};
use restante_ber::{GeneralString, PrintableString, TeletexString, Utf8String, choice, oid};

/// A matching-rule.
#[derive(Debug, PartialEq, Eq)]
pub struct MatchingRule {
    /// The name in the standard, `mSStringMatch`.
    pub name: &'static str,
    /// The object identifier.
    pub oid: Oid,
}

impl MatchingRule {
    /// The rule of this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// The rule with this object identifier.
    pub fn by_oid(oid: &Oid) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.oid == *oid)
    }

    /// All rules of X.413 and X.420, with those of X.520 that they use.
    pub fn all() -> &'static [Self] {
        &RULES
    }
}

macro_rules! rules {
    ($($name:literal $($arc:literal)+;)*) => {
        static RULES: [MatchingRule; [$($name),*].len()] =
            [$(MatchingRule { name: $name, oid: oid!($($arc),+) }),*];
    };
}
rules! {
    "objectIdentifierMatch" 2 5 13 0;
    "booleanMatch" 2 5 13 13;
    "integerMatch" 2 5 13 14;
    "integerOrderingMatch" 2 5 13 15;
    "bitStringMatch" 2 5 13 16;
    "uTCTimeMatch" 2 5 13 25;
    "uTCTimeOrderingMatch" 2 5 13 26;
    "generalizedTimeMatch" 2 5 13 27;
    "generalizedTimeOrderingMatch" 2 5 13 28;
    "contentCorrelatorMatch" 2 6 4 8 1;
    "contentIdentifierMatch" 2 6 4 8 2;
    "mSSingleSubstringListElementsMatch" 2 6 4 8 3;
    "mSSingleSubstringListMatch" 2 6 4 8 4;
    "mSSingleSubstringMatch" 2 6 4 8 5;
    "mSSubstringsMatch" 2 6 4 8 6;
    "mSStringCaseSensitiveMatch" 2 6 4 8 7;
    "mSStringListElementsMatch" 2 6 4 8 8;
    "mSStringListMatch" 2 6 4 8 9;
    "mSStringMatch" 2 6 4 8 10;
    "mSStringOrderingMatch" 2 6 4 8 11;
    "mTSIdentifierMatch" 2 6 4 8 12;
    "oRAddressElementsMatch" 2 6 4 8 13;
    "oRAddressMatch" 2 6 4 8 14;
    "oRAddressSubstringElementsMatch" 2 6 4 8 15;
    "oRNameElementsMatch" 2 6 4 8 16;
    "oRNameMatch" 2 6 4 8 17;
    "oRNameSingleElementMatch" 2 6 4 8 18;
    "oRNameSubstringElementsMatch" 2 6 4 8 19;
    "redirectionOrDLExpansionElementsMatch" 2 6 4 8 20;
    "redirectionOrDLExpansionMatch" 2 6 4 8 21;
    "redirectionOrDLExpansionSubstringElementsMatch" 2 6 4 8 22;
    "redirectionReasonMatch" 2 6 4 8 23;
    "valueCountMatch" 2 6 4 8 24;
    "redirectionOrDLExpansionSingleElementMatch" 2 6 4 8 25;
    "iPMIdentifierMatch" 2 6 1 14 0;
    "oRDescriptorMatch" 2 6 1 14 1;
    "oRDescriptorElementsMatch" 2 6 1 14 2;
    "oRDescriptorSubstringElementsMatch" 2 6 1 14 3;
    "recipientSpecifierMatch" 2 6 1 14 4;
    "recipientSpecifierElementsMatch" 2 6 1 14 5;
    "recipientSpecifierSubstringElementsMatch" 2 6 1 14 6;
    "iPMLocationMatch" 2 6 1 14 7;
    "oRDescriptorSingleElementMatch" 2 6 1 14 8;
    "recipientSpecifierSingleElementMatch" 2 6 1 14 9;
    "circulationMemberMatch" 2 6 1 14 10;
    "circulationMemberElementsMatch" 2 6 1 14 11;
    "circulationMemberSubstringElementsMatch" 2 6 1 14 12;
    "circulationMemberSingleElementMatch" 2 6 1 14 13;
    "circulationMemberCheckmarkMatch" 2 6 1 14 14;
    "distributionCodeMatch" 2 6 1 14 15;
    "informationCategoryMatch" 2 6 1 14 16;
}

choice! { EXPLICIT TAGS;
    /// A string to compare with, in the repertoire that the user agent has.
    pub enum MSString {
        /// PrintableString.
        Printable(PrintableString),
        /// TeletexString.
        Teletex(TeletexString),
        /// GeneralString.
        General(GeneralString),
        /// UniversalString.
        Universal(UniversalString),
        /// BMPString.
        Bmp(BmpString),
    }
}

const TELETEX: u32 = 20;

/// The text of a value of any character string type, or of a UniversalOrBMPString, which is a SET
/// around one; Teletex and General strings by their character sets. A primitive element with a tag
/// of a context is a string whose type an implicit tag hides, and is read as teletex.
///
/// # Errors
/// When the element is no character string.
pub fn string_text(element: &Element<'_>) -> Result<String> {
    let octets = || text::string_octets(element);
    let number = match element.tag {
        Tag::SET => {
            let string = UniversalOrBMPString::decode_contents(element)?;
            return Ok(string.as_str().to_owned());
        }
        Tag { class: Class::Universal, number } => number,
        Tag { class: Class::Context, .. } if !element.constructed => TELETEX,
        found => return Err(Error::Unexpected { wanted: "character string", found }),
    };
    match number {
        12 => Utf8String::decode_contents(element).map(|string| string.0),
        28 => UniversalString::decode_contents(element).map(|string| string.0),
        30 => BmpString::decode_contents(element).map(|string| string.0),
        TELETEX => Ok(text::from_teletex(&octets()?)),
        25 | 27 => Ok(text::from_general(&octets()?, &[])),
        18 | 19 | 21 | 22 | 26 => Ok(text::from_latin1(&octets()?)),
        _ => Err(Error::Unexpected { wanted: "character string", found: element.tag }),
    }
}
