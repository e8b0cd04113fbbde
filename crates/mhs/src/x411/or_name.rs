//! O/R names and addresses as they are encoded (X.411 MTSAbstractService, OR Names). Their text
//! forms and their comparison stand in [`x402`](crate::x402).
//!
//! Lengths beyond the upper bounds are not refused: peers send them, and what they name is
//! there or is not.

use super::ExtensionAttributes;
use crate::x501::Name;
use restante_ber::{
    Decode, Element, Encode, NumericString, PrintableString, Result, Tag, Writer, choice, newtype,
    sequence, set,
};

/// `ORName`, also called ORAddressAndOrDirectoryName and ORAddressAndOptionalDirectoryName: an
/// O/R address whose members stand in one SEQUENCE with the name of a Directory entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ORName {
    /// The address; without any attribute where the name is a directory-name only.
    pub address: ORAddress,
    /// The Directory's name, `[0]`.
    pub directory_name: Option<Name>,
}

/// An O/R name that has an address or a directory-name.
pub type ORAddressAndOrDirectoryName = ORName;
/// An O/R name that has an address.
pub type ORAddressAndOptionalDirectoryName = ORName;

impl ORName {
    const TAG: Tag = Tag::application(0);
    const DIRECTORY_NAME: Tag = Tag::context(0);
}

impl From<ORAddress> for ORName {
    fn from(address: ORAddress) -> Self {
        Self { address, directory_name: None }
    }
}

impl Decode for ORName {
    const NAME: &'static str = "ORName";
    fn accepts(tag: Tag) -> bool {
        tag == Self::TAG
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        // COMPONENTS OF ORAddress: an address, followed by what it does not know.
        let address = ORAddress::decode_contents(element)?;
        let mut directory_name = None;
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            if member.tag == Self::DIRECTORY_NAME {
                directory_name = Some(Name::decode(&member.only_child()?)?);
            }
        }
        Ok(Self { address, directory_name })
    }
}

impl Encode for ORName {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Self::TAG, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| {
            if let Some(name) = &self.directory_name {
                writer.constructed(Self::DIRECTORY_NAME, |writer| name.encode(writer));
            }
            if let Some(attributes) = &self.address.extension_attributes {
                attributes.encode(writer);
            }
            if let Some(attributes) = &self.address.built_in_domain_defined_attributes {
                attributes.encode(writer);
            }
            self.address.built_in_standard_attributes.encode(writer);
        });
    }
}

sequence! { IMPLICIT TAGS;
    /// An O/R address (X.402 §18).
    #[derive(Default, Eq, Hash)]
    pub struct ORAddress {
        /// The standard attributes of 1984.
        built_in_standard_attributes: BuiltInStandardAttributes,
        /// Attributes that a domain gives a meaning to.
        built_in_domain_defined_attributes: Option<Vec<BuiltInDomainDefinedAttribute>>,
        /// All that came later.
        extension_attributes: Option<ExtensionAttributes>,
    }
}

sequence! { IMPLICIT TAGS;
    /// The standard attributes of 1984.
    #[derive(Default, Eq, Hash)]
    pub struct BuiltInStandardAttributes {
        /// C
        country_name: Option<CountryName>,
        /// ADMD; one space means any.
        administration_domain_name: Option<AdministrationDomainName>,
        /// X.121
        network_address: Option<NumericString> [0],
        /// T-ID
        terminal_identifier: Option<PrintableString> [1],
        /// PRMD
        private_domain_name: Option<NumericOrPrintable> [2],
        /// O
        organization_name: Option<PrintableString> [3],
        /// N-ID
        numeric_user_identifier: Option<NumericString> [4],
        /// S, G, I, Q
        personal_name: Option<PersonalName> [5],
        /// OU1 to OU4, the largest unit first.
        organizational_unit_names: Option<Vec<PrintableString>> [6],
    }
}

choice! { IMPLICIT TAGS;
    /// What names a country, a domain or a postal area: digits or a printable string.
    #[derive(Eq, Hash)]
    pub enum NumericOrPrintable {
        /// X.121's country code, a domain's number.
        Numeric(NumericString),
        /// ISO 3166's two letters, a domain's name.
        Printable(PrintableString),
    }
}

impl NumericOrPrintable {
    /// The characters, of either kind.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Numeric(text) => text.as_str(),
            Self::Printable(text) => text.as_str(),
        }
    }
}

newtype! { IMPLICIT TAGS;
    /// A country: two letters or X.121's three digits.
    #[derive(Eq, Hash)]
    pub struct CountryName(NumericOrPrintable) [APPLICATION 1];
}

newtype! { IMPLICIT TAGS;
    /// An administration management domain.
    #[derive(Eq, Hash)]
    pub struct AdministrationDomainName(NumericOrPrintable) [APPLICATION 2];
}

set! { IMPLICIT TAGS;
    /// The name of a person.
    #[derive(Default, Eq, Hash)]
    pub struct PersonalName {
        /// S. The standard has it mandatory; empty where a peer has none.
        surname: PrintableString [0] = PrintableString::default(),
        /// G
        given_name: Option<PrintableString> [1],
        /// I: all but that of the surname.
        initials: Option<PrintableString> [2],
        /// Q: "Jr", "III".
        generation_qualifier: Option<PrintableString> [3],
    }
}

sequence! { IMPLICIT TAGS;
    /// An attribute that a domain gives a meaning to.
    #[derive(Eq, Hash)]
    pub struct BuiltInDomainDefinedAttribute {
        /// What it is.
        r#type: PrintableString,
        /// Its value.
        value: PrintableString,
    }
}

#[cfg(test)]
#[path = "or_name_tests.rs"]
mod tests;
