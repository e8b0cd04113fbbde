//! Names of the Directory (X.501 InformationFramework), read and shown.
//!
//! The text is that of RFC 4514: the most specific part first, well known attribute types by
//! their short names, others by their object identifiers. Names are not compared or looked up
//! here.

use core::fmt;
use restante_ber::{
    Any, BmpString, Decode, Element, Ia5String, NumericString, OctetString, Oid, PrintableString,
    SetOf, TeletexString, UniversalString, Utf8String, choice, oid, sequence,
};

sequence! { EXPLICIT TAGS;
    /// One attribute of a relative distinguished name; contexts of later editions are skipped.
    #[derive(Eq, Hash)]
    pub struct AttributeTypeAndDistinguishedValue {
        /// The attribute type.
        r#type: Oid,
        /// The value, as it came.
        value: Any,
    }
}

/// The attributes that tell an entry from its siblings.
pub type RelativeDistinguishedName = SetOf<AttributeTypeAndDistinguishedValue>;

choice! { EXPLICIT TAGS;
    /// The name of a Directory entry.
    #[derive(Eq, Hash)]
    pub enum Name {
        /// The path from the root to the entry.
        RdnSequence(Vec<RelativeDistinguishedName>),
    }
}

sequence! { EXPLICIT TAGS;
    /// Where an application-entity is reached (X.520 SelectedAttributeTypes).
    #[derive(Eq, Hash)]
    pub struct PresentationAddress {
        /// Presentation selector.
        p_selector: Option<OctetString> [0],
        /// Session selector.
        s_selector: Option<OctetString> [1],
        /// Transport selector.
        t_selector: Option<OctetString> [2],
        /// Network addresses.
        n_addresses: SetOf<OctetString> [3],
    }
}

/// Short names of attribute types (X.520 and RFC 4519).
const SHORT_NAMES: [(Oid, &str); 15] = [
    (oid!(2, 5, 4, 3), "CN"),
    (oid!(2, 5, 4, 4), "SN"),
    (oid!(2, 5, 4, 5), "serialNumber"),
    (oid!(2, 5, 4, 6), "C"),
    (oid!(2, 5, 4, 7), "L"),
    (oid!(2, 5, 4, 8), "ST"),
    (oid!(2, 5, 4, 9), "street"),
    (oid!(2, 5, 4, 10), "O"),
    (oid!(2, 5, 4, 11), "OU"),
    (oid!(2, 5, 4, 12), "title"),
    (oid!(2, 5, 4, 42), "GN"),
    (oid!(2, 5, 4, 43), "initials"),
    (oid!(2, 5, 4, 44), "generationQualifier"),
    (oid!(0, 9, 2342, 19200300, 100, 1, 1), "UID"),
    (oid!(0, 9, 2342, 19200300, 100, 1, 25), "DC"),
];

/// The characters of a value of one of the string types.
fn string(element: &Element<'_>) -> Option<String> {
    let text = match element.tag {
        tag if Utf8String::accepts(tag) => Utf8String::decode_contents(element).ok()?.0,
        tag if NumericString::accepts(tag) => NumericString::decode_contents(element).ok()?.0,
        tag if PrintableString::accepts(tag) => PrintableString::decode_contents(element).ok()?.0,
        tag if TeletexString::accepts(tag) => TeletexString::decode_contents(element).ok()?.0,
        tag if Ia5String::accepts(tag) => Ia5String::decode_contents(element).ok()?.0,
        tag if UniversalString::accepts(tag) => UniversalString::decode_contents(element).ok()?.0,
        tag if BmpString::accepts(tag) => BmpString::decode_contents(element).ok()?.0,
        _ => return None,
    };
    Some(text)
}

impl fmt::Display for AttributeTypeAndDistinguishedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SHORT_NAMES.iter().find(|(oid, _)| *oid == self.r#type) {
            Some((_, name)) => write!(f, "{name}=")?,
            None => write!(f, "{}=", self.r#type)?,
        }
        let Some(text) = self.value.element().ok().and_then(|element| string(&element)) else {
            write!(f, "#")?;
            return self.value.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"));
        };
        let last = text.chars().count().saturating_sub(1);
        for (at, character) in text.chars().enumerate() {
            let escaped = match character {
                ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
                '#' => at == 0,
                ' ' => at == 0 || at == last,
                _ => false,
            };
            write!(f, "{}{character}", if escaped { "\\" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::RdnSequence(path) = self;
        for (at, rdn) in path.iter().rev().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            for (at, attribute) in rdn.0.iter().enumerate() {
                if at > 0 {
                    f.write_str("+")?;
                }
                attribute.fmt(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::both_ways;

    #[test]
    fn a_name_is_read_and_shown() {
        let rdn = |arc: u64, text: &str| {
            SetOf(vec![AttributeTypeAndDistinguishedValue {
                r#type: Oid::from_arcs(&[2, 5, 4, arc.into()]).unwrap(),
                value: Any::of(&PrintableString::from(text)),
            }])
        };
        let name = Name::RdnSequence(vec![rdn(6, "XX"), rdn(3, "a,b ")]);
        both_ways(
            &name,
            "30 1c
               31 0b 30 09 06 03 55 04 06 13 02 58 58              -- countryName XX
               31 0d 30 0b 06 03 55 04 03 13 04 61 2c 62 20        -- commonName \"a,b \"",
        );
        assert_eq!(name.to_string(), "CN=a\\,b\\ ,C=XX");
        let unknown = AttributeTypeAndDistinguishedValue {
            r#type: Oid::from_arcs(&[2, 5, 4, 99]).unwrap(),
            value: Any::of(&1u32),
        };
        assert_eq!(unknown.to_string(), "2.5.4.99=#020101");
    }
}
