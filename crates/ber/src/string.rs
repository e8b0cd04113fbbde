//! The character string types (X.690 §8.23), read leniently.
//!
//! The types of one octet a character are kept as text in which each octet is the character of
//! the same number (ISO 8859-1): what peers send beyond the type's repertoire survives, and is
//! written as it came. Escape sequences and T.61's combining accents are not interpreted here.

use crate::octets::segments;
use crate::{Decode, Element, Encode, Error, Result, Rope, Tag, Writer};
use core::fmt;

fn latin1_to_text(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

fn text_to_latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn utf16_to_text(octets: &[u8]) -> Result<String> {
    let mut units = Vec::with_capacity(octets.len() / 2);
    for pair in octets.chunks(2) {
        let [high, low] = pair else { return Err(Error::Value("half a character")) };
        units.push(u16::from_be_bytes([*high, *low]));
    }
    Ok(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

fn ucs4_to_text(octets: &[u8]) -> Result<String> {
    let mut text = String::with_capacity(octets.len() / 4);
    for four in octets.chunks(4) {
        let [a, b, c, d] = four else { return Err(Error::Value("a part of a character")) };
        let number = u32::from_be_bytes([*a, *b, *c, *d]);
        text.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Ok(text)
}

macro_rules! string_types {
    ($($(#[$doc:meta])* $name:ident $number:literal $title:literal
        ($octets:ident => $read:expr) ($text:ident => $write:expr);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Decode for $name {
            const NAME: &'static str = $title;
            fn accepts(tag: Tag) -> bool {
                tag == Tag::universal($number)
            }
            fn decode_contents(element: &Element<'_>) -> Result<Self> {
                let mut rope = Rope::new();
                segments(element, Tag::universal($number), &mut rope)?;
                let joined = rope.to_bytes();
                let $octets: &[u8] = &joined;
                Ok(Self($read))
            }
        }

        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                self.encode_as(Tag::universal($number), writer);
            }
            fn encode_as(&self, tag: Tag, writer: &mut Writer) {
                let $text: &str = &self.0;
                writer.primitive(tag, |writer| writer.octets(&$write));
            }
        }
    )*};
}

string_types! {
    /// UTF8String; octets that are no UTF-8 become replacement characters.
    Utf8String 12 "UTF8String"
        (octets => String::from_utf8_lossy(octets).into_owned()) (text => text.as_bytes());
    /// NumericString: digits and space.
    NumericString 18 "NumericString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// PrintableString: letters, digits, space and `'()+,-./:=?`; `@` and `_` are met in it.
    PrintableString 19 "PrintableString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// TeletexString (T.61).
    TeletexString 20 "TeletexString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// VideotexString.
    VideotexString 21 "VideotexString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// IA5String: ASCII; eight-bit characters are met in it.
    Ia5String 22 "IA5String"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// GraphicString.
    GraphicString 25 "GraphicString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// VisibleString: printing ASCII.
    VisibleString 26 "VisibleString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// GeneralString.
    GeneralString 27 "GeneralString"
        (octets => latin1_to_text(octets)) (text => text_to_latin1(text));
    /// UniversalString: four octets a character.
    UniversalString 28 "UniversalString" (octets => ucs4_to_text(octets)?)
        (text => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>());
    /// BMPString: two octets a character.
    BmpString 30 "BMPString" (octets => utf16_to_text(octets)?)
        (text => text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
}
