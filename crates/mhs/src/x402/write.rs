//! The attributes of an O/R address, its text in both syntaxes, and its key.

use super::attribute::{Attribute, AttributeType as T, Syntax};
use super::build::{TERMINAL_TYPES, UNIVERSAL};
use crate::x411::{
    ExtendedNetworkAddress, ExtensionAttribute, ExtensionAttributeType as X, NumericOrPrintable,
    ORAddress, ORName, PDSParameter, TeletexDomainDefinedAttribute, TeletexPersonalName,
    TerminalType, UnformattedPostalAddress, UniversalDomainDefinedAttribute, UniversalOrBMPString,
    UniversalPersonalName,
};
use core::fmt;
use restante_ber::{Decode, PrintableString, TeletexString};

/// An address whose extension attributes are looked up.
struct View<'a> {
    address: &'a ORAddress,
    attributes: Vec<Attribute>,
}

impl View<'_> {
    fn extension<V: Decode>(&self, which: X) -> Option<V> {
        self.address.extension_attributes.as_ref()?.get(which)
    }

    /// Adds an attribute in the first of its forms that is not blank. Control characters become
    /// blanks: an address stays on its line.
    fn push<const N: usize>(&mut self, attribute_type: T, forms: [Option<String>; N]) {
        let text = |form: String| form.replace(char::is_control, " ").trim().to_owned();
        let value = forms.into_iter().flatten().map(text).find(|value| !value.is_empty());
        if let Some(value) = value {
            self.attributes.push(Attribute { attribute_type, value });
        }
    }

    fn domain_defined(&mut self) {
        let standard = self.address.built_in_domain_defined_attributes.iter().flatten();
        let mut all: Vec<(String, String)> =
            standard.map(|one| (one.r#type.0.clone(), one.value.0.clone())).collect();
        if all.is_empty() {
            let teletex: Option<Vec<TeletexDomainDefinedAttribute>> =
                self.extension(X::TELETEX_DOMAIN_DEFINED_ATTRIBUTES);
            all.extend(teletex.into_iter().flatten().map(|one| (one.r#type.0, one.value.0)));
        }
        if all.is_empty() {
            let universal: Option<Vec<UniversalDomainDefinedAttribute>> =
                self.extension(X::UNIVERSAL_DOMAIN_DEFINED_ATTRIBUTES);
            let text = |text: &UniversalOrBMPString| text.as_str().to_owned();
            let pairs = universal.into_iter().flatten();
            all.extend(pairs.map(|one| (text(&one.r#type), text(&one.value))));
        }
        for (name, value) in all {
            let name = name.replace(char::is_control, " ").trim().to_owned();
            self.push(T::DomainDefined(name), [Some(value)]);
        }
    }

    fn postal(&mut self) {
        for number in (10..=15).chain(17..=21) {
            let parameter: PDSParameter = self.extension(X(number)).unwrap_or_default();
            let universal: Option<UniversalOrBMPString> = self.extension(X(number + UNIVERSAL));
            let forms = [
                parameter.printable_string.map(|text| text.0),
                parameter.teletex_string.map(|text| text.0),
                universal.map(|text| text.as_str().to_owned()),
            ];
            self.push(T::Postal(number), forms);
        }
        let lines: UnformattedPostalAddress =
            self.extension(X::UNFORMATTED_POSTAL_ADDRESS).unwrap_or_default();
        let universal: Option<UniversalOrBMPString> =
            self.extension(X::UNIVERSAL_UNFORMATTED_POSTAL_ADDRESS);
        let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let lines = lines
            .printable_address
            .map(|lines| lines.into_iter().map(|line| line.0).collect())
            .or_else(|| lines.teletex_string.map(|text| split(&text.0)))
            .or_else(|| universal.map(|text| split(text.as_str())))
            .unwrap_or_default();
        for (number, line) in (1..=6).zip(lines) {
            self.push(T::UnformattedPostalAddress(number), [Some(line)]);
        }
        let text = |code: NumericOrPrintable| code.as_str().to_owned();
        let code = self.extension(X::POSTAL_CODE).map(text);
        self.push(T::PostalCode, [code]);
        let country = self.extension(X::PHYSICAL_DELIVERY_COUNTRY_NAME).map(text);
        self.push(T::PhysicalDeliveryCountryName, [country]);
        let name: Option<PrintableString> = self.extension(X::PDS_NAME);
        self.push(T::PdsName, [name.map(|name| name.0)]);
    }

    fn networks(&mut self) {
        let standard = &self.address.built_in_standard_attributes;
        if let Some(terminal_type) = self.extension::<TerminalType>(X::TERMINAL_TYPE) {
            let known = TERMINAL_TYPES.iter().find(|(_, number)| *number == terminal_type);
            let value = known.map_or(terminal_type.0.to_string(), |(name, _)| (*name).to_owned());
            self.push(T::TerminalType, [Some(value)]);
        }
        let terminal = standard.terminal_identifier.as_ref().map(|text| text.0.clone());
        self.push(T::TerminalIdentifier, [terminal]);
        if let Some(ExtendedNetworkAddress::E1634Address(address)) =
            self.extension(X::EXTENDED_NETWORK_ADDRESS)
        {
            let mut value = address.number.0;
            if let Some(sub_address) = address.sub_address {
                value = format!("{value}+{sub_address}");
            }
            self.push(T::ExtendedNetworkAddress, [Some(value)]);
        }
        let number = standard.network_address.as_ref().map(|text| text.0.clone());
        self.push(T::NetworkAddress, [number]);
        let number = standard.numeric_user_identifier.as_ref().map(|text| text.0.clone());
        self.push(T::NumericUserIdentifier, [number]);
    }

    fn person(&mut self) {
        let standard = self.address.built_in_standard_attributes.personal_name.clone();
        let teletex: Option<TeletexPersonalName> = self.extension(X::TELETEX_PERSONAL_NAME);
        let universal: Option<UniversalPersonalName> = self.extension(X::UNIVERSAL_PERSONAL_NAME);
        macro_rules! part {
            ($name:expr, $field:ident) => {
                $name.as_ref().and_then(|name| name.$field.as_ref()).map(|t| t.as_str().to_owned())
            };
        }
        macro_rules! optional {
            ($type:ident, $field:ident) => {
                let forms =
                    [part!(standard, $field), part!(teletex, $field), part!(universal, $field)];
                self.push(T::$type, forms);
            };
        }
        optional!(GivenName, given_name);
        optional!(Initials, initials);
        let surname = [
            standard.as_ref().map(|name| name.surname.0.clone()),
            teletex.as_ref().map(|name| name.surname.0.clone()),
            universal.as_ref().map(|name| name.surname.as_str().to_owned()),
        ];
        self.push(T::Surname, surname);
        optional!(GenerationQualifier, generation_qualifier);
        let common_name: [Option<String>; 3] = [
            self.extension(X::COMMON_NAME).map(|name: PrintableString| name.0),
            self.extension(X::TELETEX_COMMON_NAME).map(|name: TeletexString| name.0),
            self.extension(X::UNIVERSAL_COMMON_NAME)
                .map(|name: UniversalOrBMPString| name.as_str().to_owned()),
        ];
        self.push(T::CommonName, common_name);
    }

    fn organization(&mut self) {
        let standard = &self.address.built_in_standard_attributes;
        let teletex: Vec<TeletexString> =
            self.extension(X::TELETEX_ORGANIZATIONAL_UNIT_NAMES).unwrap_or_default();
        let universal: Vec<UniversalOrBMPString> =
            self.extension(X::UNIVERSAL_ORGANIZATIONAL_UNIT_NAMES).unwrap_or_default();
        let units = standard.organizational_unit_names.as_deref().unwrap_or_default();
        for number in (1..=4u8).rev() {
            let at = usize::from(number - 1);
            let forms = [
                units.get(at).map(|unit| unit.0.clone()),
                teletex.get(at).map(|unit| unit.0.clone()),
                universal.get(at).map(|unit| unit.as_str().to_owned()),
            ];
            self.push(T::OrganizationalUnitName(number), forms);
        }
        let organization = [
            standard.organization_name.as_ref().map(|name| name.0.clone()),
            self.extension(X::TELETEX_ORGANIZATION_NAME).map(|name: TeletexString| name.0),
            self.extension(X::UNIVERSAL_ORGANIZATION_NAME)
                .map(|name: UniversalOrBMPString| name.as_str().to_owned()),
        ];
        self.push(T::OrganizationName, organization);
        let private = standard.private_domain_name.as_ref();
        self.push(T::PrivateDomainName, [private.map(|name| name.as_str().to_owned())]);
        let administration = standard.administration_domain_name.as_ref();
        let administration = administration.map(|name| name.0.as_str().to_owned());
        self.push(T::AdministrationDomainName, [administration]);
        let country = standard.country_name.as_ref();
        self.push(T::CountryName, [country.map(|name| name.0.as_str().to_owned())]);
    }

    /// Extension attributes that nothing above shows.
    fn raw(&mut self) {
        let attributes = self.address.extension_attributes.iter().flat_map(|all| &all.0.0);
        for one in attributes.filter(|one| !is_shown(one)) {
            let octets = one.extension_attribute_value.0.iter();
            let value = octets.map(|octet| format!("{octet:02x}")).collect();
            self.push(T::Extension(one.extension_attribute_type.0), [Some(value)]);
        }
    }
}

/// Whether an extension attribute has a label and a value that can be read.
fn is_shown(attribute: &ExtensionAttribute) -> bool {
    let value = &attribute.extension_attribute_value;
    match attribute.extension_attribute_type.0 {
        1 | 7 => value.to::<PrintableString>().is_ok(),
        2 | 3 => value.to::<TeletexString>().is_ok(),
        4 => value.to::<TeletexPersonalName>().is_ok(),
        5 => value.to::<Vec<TeletexString>>().is_ok(),
        6 => value.to::<Vec<TeletexDomainDefinedAttribute>>().is_ok(),
        8 | 9 => value.to::<NumericOrPrintable>().is_ok(),
        16 => value.to::<UnformattedPostalAddress>().is_ok(),
        10..=21 => value.to::<PDSParameter>().is_ok(),
        22 => matches!(value.to(), Ok(ExtendedNetworkAddress::E1634Address(_))),
        23 => value.to::<TerminalType>().is_ok(),
        26 => value.to::<UniversalPersonalName>().is_ok(),
        27 => value.to::<Vec<UniversalOrBMPString>>().is_ok(),
        28 => value.to::<Vec<UniversalDomainDefinedAttribute>>().is_ok(),
        24..=40 => value.to::<UniversalOrBMPString>().is_ok(),
        _ => false,
    }
}

impl ORAddress {
    /// The attributes that are there, the most specific first and the country last. Blank ones,
    /// as an ADMD may be, are left out.
    pub fn attributes(&self) -> Vec<Attribute> {
        let mut view = View { address: self, attributes: Vec::new() };
        view.raw();
        view.domain_defined();
        view.postal();
        view.networks();
        view.person();
        view.organization();
        view.attributes
    }

    /// Whether there is no attribute at all: the name is a directory-name only.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The text with slashes, `/CN=EGLLZTZX/O=EGLL/PRMD=GB-X/ADMD=ICAO/C=XX/`.
    pub fn slash_form(&self) -> String {
        let mut text = String::from("/");
        for one in self.attributes() {
            write_attribute(&mut text, Syntax::Slash, &one.attribute_type, &one.value);
            text.push('/');
        }
        text
    }

    /// The text with semicolons, `G=john; S=smith; O=a bank; P=abl; A=snomail; C=gb`.
    pub fn semicolon_form(&self) -> String {
        let mut text = String::new();
        for one in self.attributes() {
            if !text.is_empty() {
                text.push_str("; ");
            }
            write_attribute(&mut text, Syntax::Semicolon, &one.attribute_type, &one.value);
        }
        text
    }

    /// What two addresses share exactly when they are equal (X.402 §18.4): the text with slashes
    /// in lower case, without blanks at the ends of a value, with one where there are several,
    /// with none in numbers, and without a blank ADMD. The form that an attribute came in, digits
    /// or printable, teletex or universal, makes no difference. It can be read as an address.
    pub fn key(&self) -> String {
        let mut text = String::from("/");
        for one in self.attributes() {
            let between = match one.attribute_type {
                T::NetworkAddress | T::NumericUserIdentifier | T::ExtendedNetworkAddress => "",
                _ => " ",
            };
            let fold = |value: &str| {
                value.split_whitespace().collect::<Vec<_>>().join(between).to_lowercase()
            };
            let value = fold(&one.value);
            let attribute_type = match one.attribute_type {
                T::DomainDefined(name) => T::DomainDefined(fold(&name)),
                other => other,
            };
            let mut attribute = String::new();
            write_attribute(&mut attribute, Syntax::Slash, &attribute_type, &value);
            text.push_str(&attribute.to_lowercase());
            text.push('/');
        }
        text
    }
}

/// Writes label=value with what is doubled or escaped.
fn write_attribute(text: &mut String, syntax: Syntax, attribute_type: &T, value: &str) {
    let delimiter = syntax.delimiter();
    for character in attribute_type.label(syntax).chars() {
        match character {
            '=' => text.push('='),
            '$' => text.push('$'),
            _ if character == delimiter => text.push(delimiter),
            _ => {}
        }
        text.push(character);
    }
    text.push('=');
    let domain_defined = matches!(attribute_type, T::DomainDefined(_));
    for (at, character) in value.chars().enumerate() {
        match character {
            '$' => text.push('$'),
            // Otherwise it would double the one that ends the type.
            '=' if at == 0 && domain_defined => text.push('$'),
            _ if character == delimiter => text.push(delimiter),
            _ => {}
        }
        text.push(character);
    }
}

/// The text with slashes.
impl fmt::Display for ORAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.slash_form())
    }
}

/// The address with slashes; the directory-name where there is no address.
impl fmt::Display for ORName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.directory_name {
            Some(name) if self.address.is_empty() => name.fmt(f),
            _ => self.address.fmt(f),
        }
    }
}
