//! Names and identifiers as they are compared (X.413 §12.4, X.420 §19.9): oRNameMatch,
//! oRDescriptorMatch, recipientSpecifierMatch, iPMIdentifierMatch, mTSIdentifierMatch.

use restante_ber::{Decode, Element, Error, Oid, PrintableString, Tag, TeletexString};
use restante_mhs::x411::{MTSIdentifier, NumericOrPrintable, ORName, UniversalOrBMPString};
use restante_mhs::x413::string_text;
use restante_mhs::x501;

use super::NotOfSyntax;
use super::elements::member;
use super::text::{fold, longest};

/// An O/R name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    /// The canonical form of the address, `None` where there is only a directory-name.
    address: Option<String>,
    directory_name: Option<x501::Name>,
}

impl Name {
    pub(crate) fn of(name: &ORName) -> Self {
        let address = (!name.address.is_empty()).then(|| name.address.key());
        Self { address, directory_name: name.directory_name.clone() }
    }

    pub(crate) fn decode(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        Ok(Self::of(&ORName::decode(element)?))
    }

    /// A word of the address that is in the text of every equal one. Numbers are left out: they
    /// may be written with space in them.
    pub(crate) fn word(&self) -> Option<String> {
        let words = self.address.as_deref()?.split(['/', '=', ' ', '$']);
        longest(words.filter(|word| word.contains(|c: char| !c.is_ascii_digit())))
    }

    /// Addresses decide where both have one, else directory-names.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        match (&self.address, &other.address) {
            (Some(one), Some(other)) => one == other,
            _ => self.directory_name.is_some() && self.directory_name == other.directory_name,
        }
    }
}

/// An O/R name as people write it.
pub(crate) fn text(name: &ORName) -> String {
    name.to_string()
}

/// Who an ORDescriptor means: the formal name where there is one, else the free-form name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecipientName {
    formal_name: Option<Name>,
    free_form_name: Option<String>,
    telephone_number: Option<String>,
}

impl RecipientName {
    /// Of an ORDescriptor.
    pub(crate) fn of_descriptor(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        let mut descriptor =
            Self { formal_name: None, free_form_name: None, telephone_number: None };
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            if ORName::accepts(member.tag) {
                descriptor.formal_name = Some(Name::decode(&member)?);
            } else if member.tag == Tag::context(0) {
                let free = TeletexString::decode_contents(&member)?;
                descriptor.free_form_name = Some(fold(free.as_str()));
            } else if member.tag == Tag::context(1) {
                let number = PrintableString::decode_contents(&member)?;
                descriptor.telephone_number = Some(fold(number.as_str()));
            }
        }
        Ok(descriptor)
    }

    /// Of a RecipientSpecifier: what is asked of the recipient does not count.
    pub(crate) fn of_specifier(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            if member.tag == Tag::context(0) {
                return Self::of_descriptor(&member);
            }
        }
        Err(Error::Missing { of: "RecipientSpecifier", member: "recipient" }.into())
    }

    /// Of a CirculationMember: whether it was checked does not count.
    pub(crate) fn of_circulation(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        let specifier = member(element, Tag::SET).ok_or(NotOfSyntax)?;
        Self::of_specifier(&specifier)
    }

    /// Formal names decide where both have one, else what else is said.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        match (&self.formal_name, &other.formal_name) {
            (Some(one), Some(other)) => one.matches(other),
            _ => {
                (self.free_form_name.is_some() || self.telephone_number.is_some())
                    && self.free_form_name == other.free_form_name
                    && self.telephone_number == other.telephone_number
            }
        }
    }
}

/// What a code or category says: all that it names must be equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Coded {
    oid: Option<Oid>,
    text: Option<String>,
    who: Option<RecipientName>,
}

impl Coded {
    /// Of a DistributionCode.
    pub(crate) fn of_distribution(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        let mut coded = Self::default();
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            match member.tag {
                Tag::OBJECT_IDENTIFIER => coded.oid = Some(Oid::decode(&member)?),
                Tag::SET => coded.text = Some(fold(&string_text(&member)?)),
                tag if tag == Tag::context(0) => {
                    coded.who = Some(RecipientName::of_descriptor(&member)?);
                }
                _ => {}
            }
        }
        Ok(coded)
    }

    /// Of an InformationCategory.
    pub(crate) fn of_category(element: &Element<'_>) -> Result<Self, NotOfSyntax> {
        let mut coded = Self::default();
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            if member.tag == Tag::context(0) {
                coded.oid = Some(Oid::decode_contents(&member)?);
            } else if member.tag == Tag::context(1) {
                let text = UniversalOrBMPString::decode_contents(&member)?;
                coded.text = Some(fold(text.as_str()));
            }
        }
        Ok(coded)
    }

    pub(crate) fn matches(&self, other: &Self) -> bool {
        (&self.oid, &self.text) == (&other.oid, &other.text)
            && match (&self.who, &other.who) {
                (Some(one), Some(other)) => one.matches(other),
                (None, None) => true,
                _ => false,
            }
    }
}

/// The user, where it is named, and the folded user-relative-identifier of an IPMIdentifier.
pub(crate) fn ipm_identifier(
    element: &Element<'_>,
) -> Result<(Option<Name>, String), NotOfSyntax> {
    let mut user = None;
    let mut local = None;
    let mut members = element.children()?;
    while let Some(member) = members.next_element()? {
        if ORName::accepts(member.tag) {
            user = Some(Name::decode(&member)?);
        } else if PrintableString::accepts(member.tag) {
            local = Some(fold(PrintableString::decode_contents(&member)?.as_str()));
        }
    }
    Ok((user, local.ok_or(NotOfSyntax)?))
}

/// An MTSIdentifier in the form in which it is compared: the domain without regard to case, the
/// local identifier as it stands.
pub(crate) fn mts_identifier(identifier: &MTSIdentifier) -> String {
    let domain = &identifier.global_domain_identifier;
    let private = domain.private_domain_identifier.as_ref().map(NumericOrPrintable::as_str);
    format!(
        "{}\n{}\n{}\n{}",
        fold(domain.country_name.0.as_str()),
        fold(domain.administration_domain_name.0.as_str()),
        fold(private.unwrap_or_default()),
        identifier.local_identifier.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_ber::Reader;

    /// No address, and the directory-name CN=xyz.
    const DIRECTORY_NAME: &[u8] = &[
        0x60, 0x14, 0x30, 0, 0xa0, 0x10, 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 6, 3, 0x55, 4, 3,
        0x13, 3, b'x', b'y', b'z',
    ];

    fn alice() -> ORName {
        let address = "/CN=Alice/O=Example/ADMD= /C=GB/".parse().expect("an address");
        ORName { address, directory_name: None }
    }

    fn descriptor(members: &[u8]) -> RecipientName {
        let mut octets = vec![0x31, u8::try_from(members.len()).expect("short")];
        octets.extend_from_slice(members);
        let element = Reader::new(&octets).only().expect("an element");
        RecipientName::of_descriptor(&element).expect("a descriptor")
    }

    #[test]
    fn addresses_decide_before_directory_names() {
        let element = Reader::new(DIRECTORY_NAME).only().expect("an element");
        let directory = Name::decode(&element).expect("a name");
        let plain = Name::of(&alice());
        let both = Name { directory_name: directory.directory_name.clone(), ..plain.clone() };
        assert!(plain.matches(&both) && both.matches(&directory) && directory.matches(&both));
        assert!(!plain.matches(&directory));
        let capitals = "/CN=ALICE/O=example/C=gb/".parse().expect("an address");
        assert!(plain.matches(&Name::of(&ORName { address: capitals, directory_name: None })));
        assert_eq!(plain.word().as_deref(), Some("example"));
    }

    #[test]
    fn descriptors_without_formal_names_go_by_what_else_they_say() {
        let free = descriptor(&[0x80, 3, b'B', b'o', b'b']);
        assert!(free.matches(&descriptor(&[0x80, 3, b'b', b'O', b'b'])));
        assert!(!free.matches(&descriptor(&[0x80, 2, b'B', b'o'])));
        assert!(!descriptor(&[]).matches(&descriptor(&[])));
    }

    #[test]
    fn an_ipm_identifier_needs_its_local_part() {
        let of = |octets: &[u8]| ipm_identifier(&Reader::new(octets).only().expect("an element"));
        assert_eq!(of(&[0x6b, 5, 0x13, 3, b'A', b' ', b'1']), Ok((None, "a 1".to_owned())));
        assert_eq!(of(&[0x6b, 0]), Err(NotOfSyntax));
    }
}
