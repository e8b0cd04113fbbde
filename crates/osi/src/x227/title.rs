//! AP-titles and AE-qualifiers (X.227 §9): form 1 is a directory name or a relative
//! distinguished name, form 2 an object identifier or an integer, form 3 a PrintableString. They
//! are kept as they came and shown as text; nothing is decided by them.

use core::fmt;
use restante_ber::{
    Any, BmpString, Class, Decode, Element, Error, Ia5String, Oid, PrintableString, Result, Tag,
    TeletexString, Utf8String, newtype,
};

newtype! { EXPLICIT TAGS;
    /// An AP-title or an AE-qualifier in any of its forms.
    #[derive(Eq)]
    pub struct Title(Any);
}

impl Title {
    /// An AP-title of form 2.
    pub fn object_identifier(oid: &Oid) -> Self {
        Self(Any::of(oid))
    }

    /// An AE-qualifier of form 2.
    pub fn integer(number: i64) -> Self {
        Self(Any::of(&number))
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.element().and_then(|element| describe(&element)) {
            Ok(text) => f.write_str(&text),
            Err(_) => f.write_str("(unreadable)"),
        }
    }
}

fn describe(element: &Element<'_>) -> Result<String> {
    match element.tag {
        Tag::SEQUENCE => joined(element, "/", relative_distinguished_name),
        Tag::SET => relative_distinguished_name(element),
        _ => Ok(value(element)),
    }
}

/// Members one after the other, a delimiter before each.
fn joined(
    element: &Element<'_>,
    before: &str,
    describe: impl Fn(&Element<'_>) -> Result<String>,
) -> Result<String> {
    let mut members = element.children()?;
    let mut text = String::new();
    while let Some(member) = members.next_element()? {
        text.push_str(before);
        text.push_str(&describe(&member)?);
    }
    Ok(text)
}

fn relative_distinguished_name(element: &Element<'_>) -> Result<String> {
    joined(element, "", attribute).map(|text| text.trim_start_matches('+').to_owned())
}

/// AttributeTypeAndValue; a `+` stands before each.
fn attribute(element: &Element<'_>) -> Result<String> {
    let mut members = element.children()?;
    let attribute_type = Oid::decode(&members.required()?)?;
    let keyword = match attribute_type.arcs().as_slice() {
        [2, 5, 4, 3] => "CN".to_owned(),
        [2, 5, 4, 6] => "C".to_owned(),
        [2, 5, 4, 7] => "L".to_owned(),
        [2, 5, 4, 8] => "ST".to_owned(),
        [2, 5, 4, 10] => "O".to_owned(),
        [2, 5, 4, 11] => "OU".to_owned(),
        _ => attribute_type.to_string(),
    };
    Ok(format!("+{keyword}={}", value(&members.required()?)))
}

fn value(element: &Element<'_>) -> String {
    text(element).unwrap_or_else(|_| hexadecimal(element.octets()))
}

fn text(element: &Element<'_>) -> Result<String> {
    match (element.tag.class, element.tag.number) {
        (Class::Universal, 2) => i64::decode(element).map(|number| number.to_string()),
        (Class::Universal, 6) => Oid::decode(element).map(|oid| oid.to_string()),
        (Class::Universal, 12) => Utf8String::decode(element).map(|string| string.0),
        (Class::Universal, 19) => PrintableString::decode(element).map(|string| string.0),
        (Class::Universal, 20) => TeletexString::decode(element).map(|string| string.0),
        (Class::Universal, 22) => Ia5String::decode(element).map(|string| string.0),
        (Class::Universal, 30) => BmpString::decode(element).map(|string| string.0),
        _ => Err(Error::Value("no string")),
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Which application entity is meant, as far as a peer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationEntity {
    /// The application process.
    pub ap_title: Option<Title>,
    /// The entity in it.
    pub ae_qualifier: Option<Title>,
    /// The invocation of the process.
    pub ap_invocation_identifier: Option<i64>,
    /// The invocation of the entity.
    pub ae_invocation_identifier: Option<i64>,
}

impl fmt::Display for ApplicationEntity {
    /// `AP-title,AE-qualifier,AP-invocation,AE-invocation` as far as known, `-` where nothing is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.ap_title.as_ref().map(Title::to_string),
            self.ae_qualifier.as_ref().map(|title| format!("qualifier {title}")),
            self.ap_invocation_identifier.map(|number| format!("AP-invocation {number}")),
            self.ae_invocation_identifier.map(|number| format!("AE-invocation {number}")),
        ];
        let known: Vec<String> = parts.into_iter().flatten().collect();
        if known.is_empty() { f.write_str("-") } else { f.write_str(&known.join(", ")) }
    }
}
