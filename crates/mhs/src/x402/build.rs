//! Makes an O/R address of attributes: which of them goes where, and in which form.

use super::attribute::AttributeType as T;
use super::read::{AddressError, AddressFault, Placed};
use crate::x411::{
    AdministrationDomainName, BuiltInDomainDefinedAttribute, BuiltInStandardAttributes,
    CountryName, E1634Address, ExtendedNetworkAddress, ExtensionAttribute,
    ExtensionAttributeType as X, ExtensionAttributes, NumericOrPrintable, ORAddress, PDSParameter,
    PersonalName, TeletexDomainDefinedAttribute, TeletexPersonalName, TerminalType,
    UnformattedPostalAddress, UniversalDomainDefinedAttribute, UniversalOrBMPString,
    UniversalPersonalName,
};
use restante_ber::{Any, Bytes, Decode, PrintableString, TeletexString};

/// How far a universal postal attribute's number lies behind that of the printable one.
pub(super) const UNIVERSAL: i64 = 19;

/// Terminal types as RFC 1685 writes them.
pub(super) const TERMINAL_TYPES: [(&str, TerminalType); 6] = [
    ("tlx", TerminalType::TELEX),
    ("ttx", TerminalType::TELETEX),
    ("g3fax", TerminalType::G3_FACSIMILE),
    ("g4fax", TerminalType::G4_FACSIMILE),
    ("ia5", TerminalType::IA5_TERMINAL),
    ("vtx", TerminalType::VIDEOTEX),
];

/// Which form a value goes into.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Printable,
    Teletex,
    Universal,
}

impl Form {
    /// The first form that has all characters of all values.
    fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let of = |value: &str| match value.chars().max().map_or(0, u32::from) {
            0..=0x7f => Self::Printable,
            0x80..=0xff => Self::Teletex,
            _ => Self::Universal,
        };
        values.into_iter().map(of).max().unwrap_or(Self::Printable)
    }
}

/// The address of attributes that have been looked at for duplicates.
pub(super) fn address(placed: &[Placed]) -> Result<ORAddress, AddressError> {
    Builder { placed, extensions: ExtensionAttributes::default() }.build()
}

struct Builder<'a> {
    placed: &'a [Placed],
    extensions: ExtensionAttributes,
}

impl<'a> Builder<'a> {
    fn find(&self, wanted: &T) -> Option<&'a str> {
        let found = self.placed.iter().find(|(_, one)| one.attribute_type == *wanted);
        found.map(|(_, one)| one.value.as_str())
    }

    fn build(mut self) -> Result<ORAddress, AddressError> {
        self.placed.iter().try_for_each(check)?;
        let standard = BuiltInStandardAttributes {
            country_name: self.find(&T::CountryName).map(|c| CountryName(either(c))),
            administration_domain_name: self
                .find(&T::AdministrationDomainName)
                .map(|a| AdministrationDomainName(either(if a.is_empty() { " " } else { a }))),
            network_address: self.find(&T::NetworkAddress).map(Into::into),
            terminal_identifier: self.find(&T::TerminalIdentifier).map(Into::into),
            private_domain_name: self.find(&T::PrivateDomainName).map(either),
            organization_name: self.organization_name(),
            numeric_user_identifier: self.find(&T::NumericUserIdentifier).map(Into::into),
            personal_name: self.personal_name()?,
            organizational_unit_names: self.unit_names()?,
        };
        let domain_defined = self.domain_defined();
        self.common_name();
        self.networks();
        self.postal();
        self.raw();
        let some = !self.extensions.0.0.is_empty();
        Ok(ORAddress {
            built_in_standard_attributes: standard,
            built_in_domain_defined_attributes: domain_defined,
            extension_attributes: some.then_some(self.extensions),
        })
    }

    fn organization_name(&mut self) -> Option<PrintableString> {
        let name = self.find(&T::OrganizationName)?;
        match Form::of([name]) {
            Form::Printable => return Some(name.into()),
            Form::Teletex => {
                self.extensions.push(X::TELETEX_ORGANIZATION_NAME, &TeletexString::from(name));
            }
            Form::Universal => {
                let name = UniversalOrBMPString::from(name);
                self.extensions.push(X::UNIVERSAL_ORGANIZATION_NAME, &name);
            }
        }
        None
    }

    fn common_name(&mut self) {
        let Some(name) = self.find(&T::CommonName) else { return };
        match Form::of([name]) {
            Form::Printable => self.extensions.push(X::COMMON_NAME, &PrintableString::from(name)),
            Form::Teletex => {
                self.extensions.push(X::TELETEX_COMMON_NAME, &TeletexString::from(name));
            }
            Form::Universal => {
                let name = UniversalOrBMPString::from(name);
                self.extensions.push(X::UNIVERSAL_COMMON_NAME, &name);
            }
        }
    }

    fn personal_name(&mut self) -> Result<Option<PersonalName>, AddressError> {
        let parts =
            [T::Surname, T::GivenName, T::Initials, T::GenerationQualifier].map(|t| self.find(&t));
        let [surname, given_name, initials, generation_qualifier] = parts;
        let Some(surname) = surname else {
            let person = |(_, one): &&Placed| {
                matches!(one.attribute_type, T::GivenName | T::Initials | T::GenerationQualifier)
            };
            return match self.placed.iter().find(person) {
                None => Ok(None),
                Some((position, one)) => {
                    let fault = AddressFault::NoSurname(one.attribute_type.to_string());
                    Err(AddressError { position: *position, fault })
                }
            };
        };
        match Form::of(parts.into_iter().flatten()) {
            Form::Printable => {
                return Ok(Some(PersonalName {
                    surname: surname.into(),
                    given_name: given_name.map(Into::into),
                    initials: initials.map(Into::into),
                    generation_qualifier: generation_qualifier.map(Into::into),
                }));
            }
            Form::Teletex => self.extensions.push(
                X::TELETEX_PERSONAL_NAME,
                &TeletexPersonalName {
                    surname: surname.into(),
                    given_name: given_name.map(Into::into),
                    initials: initials.map(Into::into),
                    generation_qualifier: generation_qualifier.map(Into::into),
                },
            ),
            Form::Universal => self.extensions.push(
                X::UNIVERSAL_PERSONAL_NAME,
                &UniversalPersonalName {
                    surname: surname.into(),
                    given_name: given_name.map(Into::into),
                    initials: initials.map(Into::into),
                    generation_qualifier: generation_qualifier.map(Into::into),
                },
            ),
        }
        Ok(None)
    }

    fn unit_names(&mut self) -> Result<Option<Vec<PrintableString>>, AddressError> {
        let mut names = Vec::new();
        for number in 1..=4 {
            let Some(name) = self.find(&T::OrganizationalUnitName(number)) else { break };
            names.push(name);
        }
        let given = u8::try_from(names.len()).unwrap_or(4);
        for (position, one) in self.placed {
            match one.attribute_type {
                T::OrganizationalUnitName(number) if number > given => {
                    let fault = AddressFault::UnitMissing(number, number - 1);
                    return Err(AddressError { position: *position, fault });
                }
                _ => {}
            }
        }
        if names.is_empty() {
            return Ok(None);
        }
        match Form::of(names.iter().copied()) {
            Form::Printable => return Ok(Some(names.into_iter().map(Into::into).collect())),
            Form::Teletex => {
                let names: Vec<TeletexString> = names.into_iter().map(Into::into).collect();
                self.extensions.push(X::TELETEX_ORGANIZATIONAL_UNIT_NAMES, &names);
            }
            Form::Universal => {
                let names: Vec<UniversalOrBMPString> = names.into_iter().map(Into::into).collect();
                self.extensions.push(X::UNIVERSAL_ORGANIZATIONAL_UNIT_NAMES, &names);
            }
        }
        Ok(None)
    }

    fn domain_defined(&mut self) -> Option<Vec<BuiltInDomainDefinedAttribute>> {
        let pairs: Vec<(&str, &str)> = self
            .placed
            .iter()
            .filter_map(|(_, one)| match &one.attribute_type {
                T::DomainDefined(name) => Some((name.as_str(), one.value.as_str())),
                _ => None,
            })
            .collect();
        if pairs.is_empty() {
            return None;
        }
        match Form::of(pairs.iter().flat_map(|(name, value)| [*name, *value])) {
            Form::Printable => {
                let of = |(name, value): (&str, &str)| BuiltInDomainDefinedAttribute {
                    r#type: name.into(),
                    value: value.into(),
                };
                return Some(pairs.into_iter().map(of).collect());
            }
            Form::Teletex => {
                let of = |(name, value): (&str, &str)| TeletexDomainDefinedAttribute {
                    r#type: name.into(),
                    value: value.into(),
                };
                let all: Vec<_> = pairs.into_iter().map(of).collect();
                self.extensions.push(X::TELETEX_DOMAIN_DEFINED_ATTRIBUTES, &all);
            }
            Form::Universal => {
                let of = |(name, value): (&str, &str)| UniversalDomainDefinedAttribute {
                    r#type: name.into(),
                    value: value.into(),
                };
                let all: Vec<_> = pairs.into_iter().map(of).collect();
                self.extensions.push(X::UNIVERSAL_DOMAIN_DEFINED_ATTRIBUTES, &all);
            }
        }
        None
    }

    fn networks(&mut self) {
        if let Some(number) = self.find(&T::ExtendedNetworkAddress) {
            let (number, sub_address) = match number.split_once('+') {
                Some((number, sub_address)) => (number, Some(sub_address.into())),
                None => (number, None),
            };
            let address = E1634Address { number: number.into(), sub_address };
            let address = ExtendedNetworkAddress::E1634Address(address);
            self.extensions.push(X::EXTENDED_NETWORK_ADDRESS, &address);
        }
        if let Some(terminal_type) = self.find(&T::TerminalType).and_then(terminal_type) {
            self.extensions.push(X::TERMINAL_TYPE, &terminal_type);
        }
    }

    fn postal(&mut self) {
        if let Some(name) = self.find(&T::PdsName) {
            self.extensions.push(X::PDS_NAME, &PrintableString::from(name));
        }
        if let Some(country) = self.find(&T::PhysicalDeliveryCountryName) {
            self.extensions.push(X::PHYSICAL_DELIVERY_COUNTRY_NAME, &either(country));
        }
        if let Some(code) = self.find(&T::PostalCode) {
            self.extensions.push(X::POSTAL_CODE, &either(code));
        }
        for (_, one) in self.placed {
            let T::Postal(number) = one.attribute_type else { continue };
            let value = one.value.as_str();
            let mut parameter = PDSParameter::default();
            match Form::of([value]) {
                Form::Printable => parameter.printable_string = Some(value.into()),
                Form::Teletex => parameter.teletex_string = Some(value.into()),
                Form::Universal => {
                    let value = UniversalOrBMPString::from(value);
                    self.extensions.push(X(number + UNIVERSAL), &value);
                    continue;
                }
            }
            self.extensions.push(X(number), &parameter);
        }
        let lines = (1..=6).filter_map(|line| self.find(&T::UnformattedPostalAddress(line)));
        let lines: Vec<&str> = lines.collect();
        if lines.is_empty() {
            return;
        }
        let mut address = UnformattedPostalAddress::default();
        match Form::of(lines.iter().copied()) {
            Form::Printable => {
                address.printable_address = Some(lines.into_iter().map(Into::into).collect());
            }
            Form::Teletex => address.teletex_string = Some(lines.join("\r\n").into()),
            Form::Universal => {
                let text = UniversalOrBMPString::from(lines.join("\r\n").as_str());
                self.extensions.push(X::UNIVERSAL_UNFORMATTED_POSTAL_ADDRESS, &text);
                return;
            }
        }
        self.extensions.push(X::UNFORMATTED_POSTAL_ADDRESS, &address);
    }

    fn raw(&mut self) {
        for (_, one) in self.placed {
            let T::Extension(number) = one.attribute_type else { continue };
            let Some(value) = hexadecimal(&one.value) else { continue };
            self.extensions.0.0.push(ExtensionAttribute {
                extension_attribute_type: X(number),
                extension_attribute_value: value,
            });
        }
    }
}

/// Whether a value has the characters that its attribute can have.
fn check((position, one): &Placed) -> Result<(), AddressError> {
    let value = one.value.as_str();
    let digits = |c: char| c.is_ascii_digit() || c == ' ';
    let wanted = match &one.attribute_type {
        T::CountryName | T::PhysicalDeliveryCountryName => {
            let letters = value.len() == 2 && value.chars().all(|c| c.is_ascii_alphabetic());
            let number = value.len() == 3 && value.chars().all(|c| c.is_ascii_digit());
            (!letters && !number).then_some("two letters or three digits")
        }
        T::NetworkAddress | T::NumericUserIdentifier => {
            (!value.chars().all(digits)).then_some("digits only")
        }
        T::ExtendedNetworkAddress => {
            let (number, sub_address) = value.split_once('+').unwrap_or((value, "0"));
            let good = |part: &str| !part.is_empty() && part.chars().all(digits);
            (!good(number) || !good(sub_address)).then_some("digits, and + before a sub-address")
        }
        T::AdministrationDomainName
        | T::PrivateDomainName
        | T::TerminalIdentifier
        | T::PdsName
        | T::PostalCode => (!value.is_ascii()).then_some("characters of ASCII only"),
        T::TerminalType => {
            let known = terminal_type(value).is_some();
            (!known).then_some("tlx, ttx, g3fax, g4fax, ia5, vtx or a number")
        }
        T::Extension(_) => {
            hexadecimal(value).is_none().then_some("the hexadecimal octets of one BER element")
        }
        _ => None,
    };
    match wanted {
        None => Ok(()),
        Some(wanted) => {
            let fault = AddressFault::Characters(one.attribute_type.to_string(), wanted);
            Err(AddressError { position: *position, fault })
        }
    }
}

fn either(value: &str) -> NumericOrPrintable {
    if !value.trim().is_empty() && value.chars().all(|c| c.is_ascii_digit()) {
        NumericOrPrintable::Numeric(value.into())
    } else {
        NumericOrPrintable::Printable(value.into())
    }
}

fn terminal_type(value: &str) -> Option<TerminalType> {
    let known = TERMINAL_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    known.map(|(_, number)| *number).or_else(|| value.parse().ok().map(TerminalType))
}

fn hexadecimal(value: &str) -> Option<Any> {
    let mut octets = Vec::with_capacity(value.len() / 2);
    let mut digits = value.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()));
    while let Some(high) = digits.next() {
        octets.push(high? << 4 | digits.next()??);
    }
    Any::from_bytes(&Bytes::from(octets)).ok()
}
