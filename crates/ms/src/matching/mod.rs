//! Matching-rules (X.413 §12, X.420 §19.9, X.520 §8): what a value is compared as.
//!
//! A value and an assertion become a [`Comparand`] once; comparing is cheap after that. Rules that
//! only other-match names are in [`rule`], those of them that look into names in `elements`.

mod elements;
pub(crate) mod names;
pub(crate) mod rule;
pub(crate) mod text;

use restante_ber::{
    BitString, Bytes, Class, Decode, Element, GeneralizedTime, Null, OctetString, Oid, Reader,
    Tag, UtcTime,
};
use restante_mhs::x411::MTSIdentifier;
use restante_mhs::x413::attributes::SyntaxKind;
use restante_mhs::x413::string_text;

use names::{Coded, Name, RecipientName};

/// A value in the form in which it is compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Comparand {
    /// INTEGER or ENUMERATED.
    Integer(i64),
    /// BOOLEAN.
    Boolean(bool),
    /// NULL.
    Null,
    /// OBJECT IDENTIFIER.
    Oid(Oid),
    /// A time, microseconds since 1970.
    Time(i64),
    /// A character string, folded.
    Text(String),
    /// Several.
    Texts(Vec<String>),
    /// BIT STRING.
    Bits(BitString),
    /// OCTET STRING.
    Octets(Bytes),
    /// ORName.
    Name(Box<Name>),
    /// ORDescriptor or RecipientSpecifier: who is meant.
    Recipient(Box<RecipientName>),
    /// DistributionCode or InformationCategory.
    Coded(Box<Coded>),
    /// IPMIdentifier: the user where it is named, and the folded rest.
    Ipm(Option<Box<Name>>, String),
    /// Compared octet for octet.
    Other(Bytes),
}

/// The value is none of the syntax.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotOfSyntax;

impl From<restante_ber::Error> for NotOfSyntax {
    fn from(_: restante_ber::Error) -> Self {
        Self
    }
}

impl Comparand {
    /// A value of a syntax, from its BER.
    pub(crate) fn of(kind: SyntaxKind, octets: &Bytes) -> Result<Self, NotOfSyntax> {
        let element = Reader::over(octets).only()?;
        Ok(match kind {
            SyntaxKind::Integer => {
                Self::Integer(scalar(&element, &[Tag::INTEGER, Tag::ENUMERATED])?)
            }
            SyntaxKind::Boolean => Self::Boolean(scalar(&element, &[Tag::BOOLEAN])?),
            SyntaxKind::Null => Null::decode(&element).map(|_| Self::Null)?,
            SyntaxKind::ObjectIdentifier => Self::Oid(Oid::decode(&element)?),
            SyntaxKind::UtcTime => {
                Self::Time(UtcTime::decode(&element)?.0.saturating_mul(1_000_000))
            }
            SyntaxKind::GeneralizedTime => Self::Time(GeneralizedTime::decode(&element)?.0),
            SyntaxKind::String => Self::Text(text::fold(&string(&element)?)),
            SyntaxKind::StringList => Self::Texts(strings(&element)?),
            SyntaxKind::BitString => Self::Bits(scalar(&element, &[Tag::BIT_STRING])?),
            SyntaxKind::OctetString => {
                Self::Octets(scalar::<OctetString>(&element, &[Tag::OCTET_STRING])?.0)
            }
            SyntaxKind::ORName => Self::Name(Box::new(Name::decode(&element)?)),
            SyntaxKind::MTSIdentifier => {
                Self::Text(names::mts_identifier(&MTSIdentifier::decode(&element)?))
            }
            SyntaxKind::IPMIdentifier => {
                let (user, local) = names::ipm_identifier(&element)?;
                Self::Ipm(user.map(Box::new), local)
            }
            SyntaxKind::ORDescriptor => {
                Self::Recipient(Box::new(RecipientName::of_descriptor(&element)?))
            }
            SyntaxKind::RecipientSpecifier => {
                Self::Recipient(Box::new(RecipientName::of_specifier(&element)?))
            }
            SyntaxKind::CirculationMember => {
                Self::Recipient(Box::new(RecipientName::of_circulation(&element)?))
            }
            SyntaxKind::DistributionCode => {
                Self::Coded(Box::new(Coded::of_distribution(&element)?))
            }
            SyntaxKind::InformationCategory => {
                Self::Coded(Box::new(Coded::of_category(&element)?))
            }
            SyntaxKind::Other => Self::Other(octets.clone()),
        })
    }

    /// Whether two of one syntax match for equality.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.matches(other),
            (Self::Recipient(one), Self::Recipient(other)) => one.matches(other),
            (Self::Coded(one), Self::Coded(other)) => one.matches(other),
            (Self::Ipm(one_user, one), Self::Ipm(other_user, other)) => {
                one == other
                    && match (one_user, other_user) {
                        (Some(one), Some(other)) => one.matches(other),
                        // A user that is not named on one side says nothing against it.
                        _ => true,
                    }
            }
            (Self::Bits(one), Self::Bits(other)) => one.ones().eq(other.ones()),
            _ => self == other,
        }
    }

    /// Whether two of one syntax are about the same: strings that have the same letters and digits
    /// in the same order, all else as for equality.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => text::resembles(one, other),
            (Self::Texts(one), Self::Texts(other)) => {
                let mut both = one.iter().zip(other);
                one.len() == other.len() && both.all(|(one, other)| text::resembles(one, other))
            }
            _ => self.matches(other),
        }
    }

    /// Whether it is `other` or comes after it; false where the syntax has no order.
    pub(crate) fn is_at_least(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one >= other,
            (Self::Time(one), Self::Time(other)) => one >= other,
            (Self::Text(one), Self::Text(other)) => one >= other,
            _ => false,
        }
    }
}

/// A value of a type that may have a tag of its own, such as priority; a universal tag must be
/// one of these.
fn scalar<T: Decode>(element: &Element<'_>, tags: &[Tag]) -> Result<T, NotOfSyntax> {
    if element.tag.class == Class::Universal && !tags.contains(&element.tag) {
        return Err(NotOfSyntax);
    }
    Ok(T::decode_contents(element)?)
}

/// The text of a character string, under whatever tag its type gives it.
fn string(element: &Element<'_>) -> Result<String, NotOfSyntax> {
    if element.tag.class == Class::Universal {
        return Ok(string_text(element)?);
    }
    // A type with a tag of its own (content-identifier): characters of PrintableString.
    let text = restante_ber::PrintableString::decode_contents(element)?;
    Ok(text.0)
}

fn strings(element: &Element<'_>) -> Result<Vec<String>, NotOfSyntax> {
    let mut members = element.children()?;
    let mut texts = Vec::new();
    while let Some(member) = members.next_element()? {
        texts.push(text::fold(&string(&member)?));
    }
    Ok(texts)
}

/// The folded text of a part of a string: space at its ends stays.
pub(crate) fn substring(octets: &Bytes) -> Result<String, NotOfSyntax> {
    let element = Reader::over(octets).only()?;
    Ok(text::fold_part(&string(&element)?))
}
