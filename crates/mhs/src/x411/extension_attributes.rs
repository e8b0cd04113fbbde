//! The extension attributes of an O/R address (X.411, Extension Attributes): each is kept as it
//! came, and read as its type when somebody asks.

use crate::x501::PresentationAddress;
use restante_ber::{
    Any, BmpString, Decode, Encode, NumericString, PrintableString, SetOf, TeletexString,
    UniversalString, choice, integer, newtype, sequence, set,
};

integer! {
    /// Which extension attribute (EXTENSION-ATTRIBUTE.&id).
    pub struct ExtensionAttributeType {
        /// PrintableString
        COMMON_NAME = 1,
        /// TeletexString
        TELETEX_COMMON_NAME = 2,
        /// TeletexString
        TELETEX_ORGANIZATION_NAME = 3,
        /// [`TeletexPersonalName`]
        TELETEX_PERSONAL_NAME = 4,
        /// SEQUENCE OF TeletexString
        TELETEX_ORGANIZATIONAL_UNIT_NAMES = 5,
        /// SEQUENCE OF [`TeletexDomainDefinedAttribute`]
        TELETEX_DOMAIN_DEFINED_ATTRIBUTES = 6,
        /// PrintableString
        PDS_NAME = 7,
        /// [`NumericOrPrintable`](super::NumericOrPrintable)
        PHYSICAL_DELIVERY_COUNTRY_NAME = 8,
        /// [`NumericOrPrintable`](super::NumericOrPrintable)
        POSTAL_CODE = 9,
        /// [`PDSParameter`]
        PHYSICAL_DELIVERY_OFFICE_NAME = 10,
        /// [`PDSParameter`]
        PHYSICAL_DELIVERY_OFFICE_NUMBER = 11,
        /// [`PDSParameter`]
        EXTENSION_OR_ADDRESS_COMPONENTS = 12,
        /// [`PDSParameter`]
        PHYSICAL_DELIVERY_PERSONAL_NAME = 13,
        /// [`PDSParameter`]
        PHYSICAL_DELIVERY_ORGANIZATION_NAME = 14,
        /// [`PDSParameter`]
        EXTENSION_PHYSICAL_DELIVERY_ADDRESS_COMPONENTS = 15,
        /// [`UnformattedPostalAddress`]
        UNFORMATTED_POSTAL_ADDRESS = 16,
        /// [`PDSParameter`]
        STREET_ADDRESS = 17,
        /// [`PDSParameter`]
        POST_OFFICE_BOX_ADDRESS = 18,
        /// [`PDSParameter`]
        POSTE_RESTANTE_ADDRESS = 19,
        /// [`PDSParameter`]
        UNIQUE_POSTAL_NAME = 20,
        /// [`PDSParameter`]
        LOCAL_POSTAL_ATTRIBUTES = 21,
        /// [`ExtendedNetworkAddress`]
        EXTENDED_NETWORK_ADDRESS = 22,
        /// [`TerminalType`]
        TERMINAL_TYPE = 23,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_COMMON_NAME = 24,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_ORGANIZATION_NAME = 25,
        /// [`UniversalPersonalName`]
        UNIVERSAL_PERSONAL_NAME = 26,
        /// SEQUENCE OF [`UniversalOrBMPString`]
        UNIVERSAL_ORGANIZATIONAL_UNIT_NAMES = 27,
        /// SEQUENCE OF [`UniversalDomainDefinedAttribute`]
        UNIVERSAL_DOMAIN_DEFINED_ATTRIBUTES = 28,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_PHYSICAL_DELIVERY_OFFICE_NAME = 29,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_PHYSICAL_DELIVERY_OFFICE_NUMBER = 30,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_EXTENSION_OR_ADDRESS_COMPONENTS = 31,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_PHYSICAL_DELIVERY_PERSONAL_NAME = 32,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_PHYSICAL_DELIVERY_ORGANIZATION_NAME = 33,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_EXTENSION_PHYSICAL_DELIVERY_ADDRESS_COMPONENTS = 34,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_UNFORMATTED_POSTAL_ADDRESS = 35,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_STREET_ADDRESS = 36,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_POST_OFFICE_BOX_ADDRESS = 37,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_POSTE_RESTANTE_ADDRESS = 38,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_UNIQUE_POSTAL_NAME = 39,
        /// [`UniversalOrBMPString`]
        UNIVERSAL_LOCAL_POSTAL_ATTRIBUTES = 40,
    }
}

sequence! { IMPLICIT TAGS;
    /// One extension attribute.
    #[derive(Eq, Hash)]
    pub struct ExtensionAttribute {
        /// Which.
        extension_attribute_type: ExtensionAttributeType [0],
        /// Its value, as it came.
        extension_attribute_value: Any [1],
    }
}

newtype! { IMPLICIT TAGS;
    /// The extension attributes of an address.
    #[derive(Default, Eq, Hash)]
    pub struct ExtensionAttributes(SetOf<ExtensionAttribute>);
}

impl ExtensionAttributes {
    /// The value of an attribute as its type, `None` where it is absent or no value of the type.
    pub fn get<T: Decode>(&self, which: ExtensionAttributeType) -> Option<T> {
        let wanted = |attribute: &&ExtensionAttribute| attribute.extension_attribute_type == which;
        self.0.0.iter().find(wanted)?.extension_attribute_value.to().ok()
    }

    /// Adds an attribute.
    pub fn push<T: Encode>(&mut self, which: ExtensionAttributeType, value: &T) {
        self.0.0.push(ExtensionAttribute {
            extension_attribute_type: which,
            extension_attribute_value: Any::of(value),
        });
    }
}

set! { IMPLICIT TAGS;
    /// The name of a person in T.61.
    #[derive(Default, Eq, Hash)]
    pub struct TeletexPersonalName {
        /// S
        surname: TeletexString [0],
        /// G
        given_name: Option<TeletexString> [1],
        /// I
        initials: Option<TeletexString> [2],
        /// Q
        generation_qualifier: Option<TeletexString> [3],
    }
}

set! { IMPLICIT TAGS;
    /// The name of a person in ISO 10646.
    #[derive(Default, Eq, Hash)]
    pub struct UniversalPersonalName {
        /// S
        surname: UniversalOrBMPString [0],
        /// G
        given_name: Option<UniversalOrBMPString> [1],
        /// I
        initials: Option<UniversalOrBMPString> [2],
        /// Q
        generation_qualifier: Option<UniversalOrBMPString> [3],
    }
}

sequence! { IMPLICIT TAGS;
    /// A domain-defined attribute in T.61.
    #[derive(Eq, Hash)]
    pub struct TeletexDomainDefinedAttribute {
        /// What it is.
        r#type: TeletexString,
        /// Its value.
        value: TeletexString,
    }
}

sequence! { IMPLICIT TAGS;
    /// A domain-defined attribute in ISO 10646.
    #[derive(Eq, Hash)]
    pub struct UniversalDomainDefinedAttribute {
        /// What it is.
        r#type: UniversalOrBMPString,
        /// Its value.
        value: UniversalOrBMPString,
    }
}

choice! { IMPLICIT TAGS;
    /// Characters of ISO 10646 in two octets or in four.
    #[derive(Eq, Hash)]
    pub enum CharacterEncoding {
        /// Two octets each.
        TwoOctets(BmpString),
        /// Four octets each.
        FourOctets(UniversalString),
    }
}

set! { IMPLICIT TAGS;
    /// Text in ISO 10646, with its language where that is said.
    #[derive(Eq, Hash)]
    pub struct UniversalOrBMPString {
        /// The text.
        character_encoding: CharacterEncoding,
        /// Its language.
        iso_639_language_code: Option<PrintableString>,
    }
}

impl UniversalOrBMPString {
    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.character_encoding {
            CharacterEncoding::TwoOctets(text) => text.as_str(),
            CharacterEncoding::FourOctets(text) => text.as_str(),
        }
    }
}

impl Default for UniversalOrBMPString {
    fn default() -> Self {
        Self::from("")
    }
}

impl From<&str> for UniversalOrBMPString {
    /// Two octets a character where that is enough.
    fn from(text: &str) -> Self {
        let character_encoding = if text.chars().all(|c| u32::from(c) <= 0xffff) {
            CharacterEncoding::TwoOctets(text.into())
        } else {
            CharacterEncoding::FourOctets(text.into())
        };
        Self { character_encoding, iso_639_language_code: None }
    }
}

set! { IMPLICIT TAGS;
    /// A part of a postal address.
    #[derive(Default, Eq, Hash)]
    pub struct PDSParameter {
        /// In printable characters.
        printable_string: Option<PrintableString>,
        /// In T.61.
        teletex_string: Option<TeletexString>,
    }
}

set! { IMPLICIT TAGS;
    /// A postal address line by line.
    #[derive(Default, Eq, Hash)]
    pub struct UnformattedPostalAddress {
        /// Its lines in printable characters.
        printable_address: Option<Vec<PrintableString>>,
        /// All of it in T.61.
        teletex_string: Option<TeletexString>,
    }
}

choice! { IMPLICIT TAGS;
    /// An address in a network that has no place in the built-in attributes.
    #[derive(Eq, Hash)]
    pub enum ExtendedNetworkAddress {
        /// A telephone or ISDN number.
        E1634Address(E1634Address),
        /// An OSI presentation address.
        PsapAddress(PresentationAddress) [0],
    }
}

sequence! { IMPLICIT TAGS;
    /// A number of E.163 or E.164.
    #[derive(Eq, Hash)]
    pub struct E1634Address {
        /// The number.
        number: NumericString [0],
        /// What lies behind it.
        sub_address: Option<NumericString> [1],
    }
}

integer! {
    /// What kind of terminal it is.
    pub struct TerminalType {
        /// Telex
        TELEX = 3,
        /// Teletex
        TELETEX = 4,
        /// Group 3 facsimile
        G3_FACSIMILE = 5,
        /// Group 4 facsimile
        G4_FACSIMILE = 6,
        /// An IA5 terminal
        IA5_TERMINAL = 7,
        /// Videotex
        VIDEOTEX = 8,
    }
}
