//! Rules that other-match names (X.413 §12, X.420 §19.9), each made ready once from its assertion.
//!
//! A rule can be named for every attribute whose values it can compare: one for equality or
//! ordering where the syntax is the rule's, one for strings where the values are strings, one
//! that looks at elements where the values are or hold names. By an ordering rule the value comes
//! before the one that is asserted.

use restante_ber::{Bytes, Decode, Element, Reader, Tag};
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind};
use restante_mhs::x413::string_text;

use super::elements::{Elements, Shape};
use super::text::{Part, fold, fold_part, has_parts, one_space};
use super::{Comparand, NotOfSyntax};

/// A rule with what is asserted.
#[derive(Clone, Debug)]
pub(crate) enum Asserted {
    /// The value is this.
    Equals(Comparand),
    /// The value comes before this.
    Before(Comparand),
    /// The value has these parts.
    Parts(Vec<Part>),
    /// The value is this, in its case.
    InItsCase(String),
    /// The strings of the value match these.
    Strings(Strings, Vec<String>),
    /// There are so many values.
    Count(usize),
    /// The elements of the value match these.
    Elements(Shape, How, Elements),
    /// An element of the value is this.
    Element(Shape, String),
    /// The reason of the redirection is this.
    Reason(i64),
    /// The check mark is of this kind; `None`: there is none.
    Checkmark(Option<Tag>),
    /// The location is this entry.
    Location(i64),
}

/// How lists of strings are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strings {
    /// All are in the value, in their order.
    Among,
    /// There are as many, and each is a part of its counterpart.
    PartsOfEach,
    /// Each is a part of one of the value's, in their order.
    PartsAmong,
}

/// How elements are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// There are these, and no others.
    Whole,
    /// There are these.
    These,
    /// There are ones that these are parts of.
    PartsOfThese,
}

/// Why a rule can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It does not compare values of the attribute.
    Inappropriate,
    /// The assertion is not of the rule's syntax.
    Invalid,
}

impl From<NotOfSyntax> for Unusable {
    fn from(_: NotOfSyntax) -> Self {
        Self::Invalid
    }
}

impl From<restante_ber::Error> for Unusable {
    fn from(_: restante_ber::Error) -> Self {
        Self::Invalid
    }
}

/// The syntax that a rule for equality or ordering compares, and whether it is for ordering.
fn compared(rule: &str) -> Option<(SyntaxKind, bool)> {
    Some(match rule {
        "objectIdentifierMatch" => (SyntaxKind::ObjectIdentifier, false),
        "booleanMatch" => (SyntaxKind::Boolean, false),
        "integerMatch" => (SyntaxKind::Integer, false),
        "bitStringMatch" => (SyntaxKind::BitString, false),
        "uTCTimeMatch" => (SyntaxKind::UtcTime, false),
        "generalizedTimeMatch" => (SyntaxKind::GeneralizedTime, false),
        "contentIdentifierMatch" | "mSStringMatch" => (SyntaxKind::String, false),
        "mSStringListMatch" => (SyntaxKind::StringList, false),
        "mTSIdentifierMatch" => (SyntaxKind::MTSIdentifier, false),
        "oRNameMatch" => (SyntaxKind::ORName, false),
        "iPMIdentifierMatch" => (SyntaxKind::IPMIdentifier, false),
        "oRDescriptorMatch" => (SyntaxKind::ORDescriptor, false),
        "recipientSpecifierMatch" => (SyntaxKind::RecipientSpecifier, false),
        "circulationMemberMatch" => (SyntaxKind::CirculationMember, false),
        "distributionCodeMatch" => (SyntaxKind::DistributionCode, false),
        "informationCategoryMatch" => (SyntaxKind::InformationCategory, false),
        "integerOrderingMatch" => (SyntaxKind::Integer, true),
        "uTCTimeOrderingMatch" => (SyntaxKind::UtcTime, true),
        "generalizedTimeOrderingMatch" => (SyntaxKind::GeneralizedTime, true),
        "mSStringOrderingMatch" => (SyntaxKind::String, true),
        _ => return None,
    })
}

/// The shape of values whose elements a rule compares, that of the assertion, and how.
fn by_elements(rule: &str) -> Option<(Shape, Shape, How)> {
    use How::{PartsOfThese, These, Whole};
    use Shape::{Address, Circulation, Descriptor, History, Name, Specifier};
    Some(match rule {
        "oRAddressMatch" => (Name, Address, Whole),
        "oRAddressElementsMatch" => (Name, Address, These),
        "oRAddressSubstringElementsMatch" => (Name, Address, PartsOfThese),
        "oRNameElementsMatch" => (Name, Name, These),
        "oRNameSubstringElementsMatch" => (Name, Name, PartsOfThese),
        "redirectionOrDLExpansionMatch" => (History, Name, Whole),
        "redirectionOrDLExpansionElementsMatch" => (History, Name, These),
        "redirectionOrDLExpansionSubstringElementsMatch" => (History, Name, PartsOfThese),
        "oRDescriptorElementsMatch" => (Descriptor, Descriptor, These),
        "oRDescriptorSubstringElementsMatch" => (Descriptor, Descriptor, PartsOfThese),
        "recipientSpecifierElementsMatch" => (Specifier, Specifier, These),
        "recipientSpecifierSubstringElementsMatch" => (Specifier, Specifier, PartsOfThese),
        "circulationMemberElementsMatch" => (Circulation, Circulation, These),
        "circulationMemberSubstringElementsMatch" => (Circulation, Circulation, PartsOfThese),
        _ => return None,
    })
}

/// The shape of values of which a rule compares one element with a string.
fn by_one_element(rule: &str) -> Option<Shape> {
    Some(match rule {
        "oRNameSingleElementMatch" => Shape::Name,
        "redirectionOrDLExpansionSingleElementMatch" => Shape::History,
        "oRDescriptorSingleElementMatch" => Shape::Descriptor,
        "recipientSpecifierSingleElementMatch" => Shape::Specifier,
        "circulationMemberSingleElementMatch" => Shape::Circulation,
        _ => return None,
    })
}

impl Asserted {
    /// Makes a rule ready.
    ///
    /// # Errors
    /// Where it compares no values of the attribute, or the assertion is not of its syntax.
    pub(crate) fn of(
        rule: &str,
        row: &AttributeDescription,
        octets: &Bytes,
    ) -> Result<Self, Unusable> {
        let inappropriate = |wanted: bool| match wanted {
            true => Ok(()),
            false => Err(Unusable::Inappropriate),
        };
        if let Some((kind, ordering)) = compared(rule) {
            inappropriate(row.kind == kind)?;
            let wanted = Comparand::of(kind, octets)?;
            return Ok(if ordering { Self::Before(wanted) } else { Self::Equals(wanted) });
        }
        let element = Reader::over(octets).only()?;
        if let Some((shape, asserted, how)) = by_elements(rule) {
            inappropriate(Shape::of(row) == Some(shape))?;
            return Ok(Self::Elements(shape, how, Elements::of(&element, asserted)?));
        }
        if let Some(shape) = by_one_element(rule) {
            inappropriate(Shape::of(row) == Some(shape))?;
            return Ok(Self::Element(shape, fold(&string_text(&element)?)));
        }
        let is_string = inappropriate(row.kind == SyntaxKind::String);
        let is_list = inappropriate(row.kind == SyntaxKind::StringList);
        Ok(match rule {
            "mSSubstringsMatch" => is_string.and(parts(&element)).map(Self::Parts)?,
            "mSSingleSubstringMatch" => {
                is_string?;
                Self::Parts(vec![Part::Any(fold_part(&string_text(&element)?))])
            }
            "mSStringCaseSensitiveMatch" => {
                is_string.and(Ok(Self::InItsCase(one_space(&string_text(&element)?))))?
            }
            "mSStringListElementsMatch" => {
                is_list?;
                Self::Strings(Strings::Among, strings(&element, fold)?)
            }
            "mSSingleSubstringListMatch" => {
                is_list?;
                Self::Strings(Strings::PartsOfEach, strings(&element, fold_part)?)
            }
            "mSSingleSubstringListElementsMatch" => {
                is_list?;
                Self::Strings(Strings::PartsAmong, strings(&element, fold_part)?)
            }
            "valueCountMatch" => {
                inappropriate(!row.single_valued)?;
                Self::Count(usize::try_from(u32::decode(&element)?).unwrap_or(usize::MAX))
            }
            "contentCorrelatorMatch" => {
                inappropriate(row.syntax == "ContentCorrelator")?;
                Self::Equals(Comparand::Other(octets.clone()))
            }
            "redirectionReasonMatch" => {
                inappropriate(row.syntax == "Redirection")?;
                Self::Reason(enumerated(&element)?)
            }
            "circulationMemberCheckmarkMatch" => {
                inappropriate(row.kind == SyntaxKind::CirculationMember)?;
                Self::Checkmark(checkmark(&element))
            }
            "iPMLocationMatch" => {
                inappropriate(row.syntax == "IPMLocation")?;
                Self::Location(i64::decode(&element)?)
            }
            _ => return Err(Unusable::Inappropriate),
        })
    }

    /// Whether it holds of the values of an attribute of a syntax.
    pub(crate) fn holds(&self, kind: SyntaxKind, values: &[Bytes]) -> bool {
        match self {
            Self::Count(count) => values.len() == *count,
            _ => values.iter().any(|value| self.holds_of(kind, value).unwrap_or(false)),
        }
    }

    /// Of one value; one that is not of its syntax matches nothing.
    fn holds_of(&self, kind: SyntaxKind, octets: &Bytes) -> Result<bool, Unusable> {
        let element = Reader::over(octets).only()?;
        Ok(match self {
            Self::Equals(wanted) => Comparand::of(kind, octets)?.matches(wanted),
            Self::Before(wanted) => !Comparand::of(kind, octets)?.is_at_least(wanted),
            Self::Parts(parts) => match Comparand::of(kind, octets)? {
                Comparand::Text(text) => has_parts(&text, parts),
                _ => false,
            },
            Self::InItsCase(wanted) => one_space(&super::string(&element)?) == *wanted,
            Self::Strings(how, wanted) => match Comparand::of(kind, octets)? {
                Comparand::Texts(texts) => list_matches(*how, &texts, wanted),
                _ => false,
            },
            Self::Count(_) => false,
            Self::Elements(shape, how, wanted) => {
                let elements = Elements::of(&element, *shape)?;
                match how {
                    How::Whole => elements.are(wanted),
                    How::These => elements.have(wanted),
                    How::PartsOfThese => elements.have_parts(wanted),
                }
            }
            Self::Element(shape, wanted) => Elements::of(&element, *shape)?.have_one(wanted),
            Self::Reason(wanted) => reason(&element) == Some(*wanted),
            Self::Checkmark(wanted) => checkmark(&element) == *wanted,
            Self::Location(wanted) => locations(&element).contains(wanted),
        })
    }
}

/// A SubstringAssertion.
fn parts(element: &Element<'_>) -> Result<Vec<Part>, Unusable> {
    let mut all = Vec::new();
    let mut members = element.children()?;
    while let Some(member) = members.next_element()? {
        let text = fold_part(&string_text(&member.open_value()?)?);
        all.push(match member.tag {
            tag if tag == Tag::context(0) => Part::Initial(text),
            tag if tag == Tag::context(1) => Part::Any(text),
            tag if tag == Tag::context(2) => Part::Final(text),
            _ => return Err(Unusable::Invalid),
        });
    }
    Ok(all)
}

fn strings(
    element: &Element<'_>,
    folded: impl Fn(&str) -> String,
) -> Result<Vec<String>, Unusable> {
    let mut all = Vec::new();
    let mut members = element.children()?;
    while let Some(member) = members.next_element()? {
        all.push(folded(&string_text(&member)?));
    }
    Ok(all)
}

fn list_matches(how: Strings, texts: &[String], wanted: &[String]) -> bool {
    let in_order = |is: &dyn Fn(&String, &String) -> bool| {
        let mut rest = texts.iter();
        wanted.iter().all(|wanted| rest.any(|text| is(text, wanted)))
    };
    match how {
        Strings::Among => in_order(&|text, wanted| text == wanted),
        Strings::PartsAmong => in_order(&|text, wanted| text.contains(wanted.as_str())),
        Strings::PartsOfEach => {
            let mut both = texts.iter().zip(wanted);
            texts.len() == wanted.len() && both.all(|(text, part)| text.contains(part.as_str()))
        }
    }
}

fn enumerated(element: &Element<'_>) -> Result<i64, Unusable> {
    match element.tag {
        Tag::ENUMERATED => Ok(i64::decode_contents(element)?),
        _ => Err(Unusable::Invalid),
    }
}

/// The reason of a Redirection.
fn reason(redirection: &Element<'_>) -> Option<i64> {
    let mut members = redirection.children().ok()?;
    while let Some(member) = members.next_element().ok()? {
        if member.tag == Tag::ENUMERATED {
            return i64::decode_contents(&member).ok();
        }
    }
    None
}

/// The kind of the check mark of a CirculationMember, which is its tag.
fn checkmark(member: &Element<'_>) -> Option<Tag> {
    let mut members = member.children().ok()?;
    while let Some(member) = members.next_element().ok()? {
        if member.tag != Tag::SET {
            return Some(member.tag);
        }
    }
    None
}

/// The entries of an IPMLocation.
fn locations(location: &Element<'_>) -> Vec<i64> {
    let mut all = Vec::new();
    if let Ok(mut members) = location.children() {
        while let Ok(Some(member)) = members.next_element() {
            all.extend(i64::decode(&member));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_mhs::x413::{MatchingRule, attributes};

    #[test]
    fn every_rule_can_be_named_for_some_attribute() {
        // Of any syntax: that it is not of the rule's is no matter of the attribute.
        let none = Bytes::from_static(&[0x5f, 0x1f, 0]);
        for rule in MatchingRule::all() {
            let takes = |row: &attributes::AttributeDescription| {
                Asserted::of(rule.name, row, &none).err() != Some(Unusable::Inappropriate)
            };
            assert!(attributes::all().iter().any(takes), "{}", rule.name);
        }
    }

    #[test]
    fn the_rules_of_an_attribute_can_be_named_for_it() {
        let none = Bytes::from_static(&[0x5f, 0x1f, 0]);
        for row in attributes::all() {
            let rules = [row.equality, row.ordering, row.substrings];
            for rule in rules.into_iter().flatten().chain(row.other.iter().copied()) {
                let unusable = Asserted::of(rule.name, row, &none).err();
                assert_ne!(
                    unusable,
                    Some(Unusable::Inappropriate),
                    "{} of {}",
                    rule.name,
                    row.name
                );
            }
        }
    }

    #[test]
    fn lists_match_in_order() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let group = texts(&["work", "urgent", "today"]);
        let holds = |how, wanted: &[&str]| list_matches(how, &group, &texts(wanted));
        assert!(holds(Strings::Among, &["work", "today"]) && holds(Strings::Among, &[]));
        assert!(!holds(Strings::Among, &["today", "work"]));
        assert!(holds(Strings::PartsOfEach, &["or", "", "day"]));
        assert!(!holds(Strings::PartsOfEach, &["or", "day"]));
        assert!(holds(Strings::PartsAmong, &["or", "day"]));
    }
}
