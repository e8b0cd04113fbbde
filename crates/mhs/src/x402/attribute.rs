//! The attributes of an O/R address (X.402 §18.3) with their labels (F.401 Annex B, RFC 2156).

use core::fmt;

/// One attribute of an address, whatever form its value has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Which.
    pub attribute_type: AttributeType,
    /// Its value.
    pub value: String,
}

/// Which attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// C
    CountryName,
    /// ADMD
    AdministrationDomainName,
    /// PRMD
    PrivateDomainName,
    /// O
    OrganizationName,
    /// OU1 to OU4
    OrganizationalUnitName(u8),
    /// CN
    CommonName,
    /// G
    GivenName,
    /// I
    Initials,
    /// S
    Surname,
    /// Q
    GenerationQualifier,
    /// N-ID
    NumericUserIdentifier,
    /// X.121
    NetworkAddress,
    /// ISDN: a number of E.163 or E.164, with `+` before a sub-address.
    ExtendedNetworkAddress,
    /// T-ID
    TerminalIdentifier,
    /// T-TY
    TerminalType,
    /// PD-SN
    PdsName,
    /// PD-C
    PhysicalDeliveryCountryName,
    /// PD-PC
    PostalCode,
    /// PD-A1 to PD-A6
    UnformattedPostalAddress(u8),
    /// A postal attribute that is a PDSParameter, by its number, 10 to 21.
    Postal(i64),
    /// DDA, and its type.
    DomainDefined(String),
    /// An extension attribute that has no label, or whose value can't be read.
    Extension(i64),
}

use AttributeType as T;

/// Label in the slash form, label in the semicolon form, other labels that are read.
type Labels = (AttributeType, &'static str, &'static str, &'static [&'static str]);

/// The attributes whose label has no number or type behind it.
const LABELS: [Labels; 28] = [
    (T::CountryName, "C", "C", &["COUNTRY"]),
    (T::AdministrationDomainName, "ADMD", "A", &[]),
    (T::PrivateDomainName, "PRMD", "P", &[]),
    (T::OrganizationName, "O", "O", &["ORG"]),
    (T::CommonName, "CN", "CN", &[]),
    (T::GivenName, "G", "G", &[]),
    (T::Initials, "I", "I", &[]),
    (T::Surname, "S", "S", &[]),
    (T::GenerationQualifier, "Q", "Q", &["GQ"]),
    (T::NumericUserIdentifier, "N-ID", "N-ID", &["UA-ID"]),
    (T::NetworkAddress, "X.121", "X.121", &["X121"]),
    (T::ExtendedNetworkAddress, "ISDN", "ISDN", &["NET-NUM", "E.164"]),
    (T::TerminalIdentifier, "T-ID", "T-ID", &[]),
    (T::TerminalType, "T-TY", "T-TY", &[]),
    (T::PdsName, "PD-SN", "PD-SN", &["PD-SERVICE"]),
    (T::PhysicalDeliveryCountryName, "PD-C", "PD-C", &["PD-COUNTRY"]),
    (T::PostalCode, "PD-PC", "PD-PC", &["PD-CODE"]),
    (T::Postal(10), "PD-OF", "PD-OF", &["PD-OFFICE"]),
    (T::Postal(11), "PD-OFN", "PD-OFN", &["PD-OFFICE NUMBER", "PD-OFFICE-NUM"]),
    (T::Postal(12), "PD-EA", "PD-EA", &["PD-EXT.ADDRESS", "PD-EXT-ADDRESS"]),
    (T::Postal(13), "PD-PN", "PD-PN", &["PD-PERSON"]),
    (T::Postal(14), "PD-O", "PD-O", &["PD-ORGANIZATION"]),
    (T::Postal(15), "PD-ED", "PD-ED", &["PD-EXT.DELIVERY", "PD-EXT-DELIVERY"]),
    (T::Postal(17), "PD-S", "PD-S", &["PD-STREET"]),
    (T::Postal(18), "PD-B", "PD-B", &["PD-BOX"]),
    (T::Postal(19), "PD-R", "PD-R", &["PD-RESTANTE"]),
    (T::Postal(20), "PD-U", "PD-U", &["PD-UNIQUE"]),
    (T::Postal(21), "PD-L", "PD-L", &["PD-LOCAL"]),
];

/// What a label means.
pub(super) enum Label {
    /// An attribute.
    One(AttributeType),
    /// A unit without number.
    Unit,
}

/// The two syntaxes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// `/CN=…/O=…/`
    Slash,
    /// `CN=…; O=…`
    Semicolon,
}

impl Syntax {
    /// What stands between attributes.
    pub(super) fn delimiter(self) -> char {
        match self {
            Self::Slash => '/',
            Self::Semicolon => ';',
        }
    }
}

impl AttributeType {
    /// The label as it is written.
    pub(super) fn label(&self, syntax: Syntax) -> String {
        let labels = LABELS.iter().find(|(known, ..)| known == self);
        match (self, labels) {
            (_, Some((_, slash, _, _))) if syntax == Syntax::Slash => (*slash).to_owned(),
            (_, Some((_, _, semicolon, _))) => (*semicolon).to_owned(),
            (Self::OrganizationalUnitName(number), _) => format!("OU{number}"),
            (Self::UnformattedPostalAddress(number), _) => format!("PD-A{number}"),
            (Self::DomainDefined(name), _) if syntax == Syntax::Slash => format!("DD.{name}"),
            (Self::DomainDefined(name), _) => format!("DDA:{name}"),
            (Self::Extension(number) | Self::Postal(number), _) => format!("EXT.{number}"),
            _ => String::new(),
        }
    }

    /// The attribute of a label, in any case; `None` where it is no label.
    pub(super) fn of_label(label: &str) -> Option<Label> {
        if let Some(name) = domain_defined(label) {
            let name = name.trim();
            return (!name.is_empty()).then(|| Label::One(Self::DomainDefined(name.to_owned())));
        }
        let label = label.to_ascii_uppercase();
        let is = |(_, slash, semicolon, others): &&Labels| {
            *slash == label || *semicolon == label || others.contains(&label.as_str())
        };
        if let Some((known, ..)) = LABELS.iter().find(is) {
            return Some(Label::One(known.clone()));
        }
        if label == "OU" {
            return Some(Label::Unit);
        }
        let number = |prefix: &str, most: u8| -> Option<u8> {
            let number = label.strip_prefix(prefix)?.parse().ok()?;
            (1..=most).contains(&number).then_some(number)
        };
        let unit = number("OU", 4).or_else(|| number("OU.", 4));
        let one = unit
            .map(Self::OrganizationalUnitName)
            .or_else(|| number("PD-A", 6).map(Self::UnformattedPostalAddress))
            .or_else(|| label.strip_prefix("EXT.")?.parse().ok().map(Self::Extension));
        one.map(Label::One)
    }
}

/// The type of a domain-defined attribute, where a label is one of those.
pub(super) fn domain_defined(label: &str) -> Option<&str> {
    ["DDA:", "DD.", "DD:"].into_iter().find_map(|prefix| {
        let (head, name) = label.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(name)
    })
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label(Syntax::Slash))
    }
}
