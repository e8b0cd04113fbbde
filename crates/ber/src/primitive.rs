//! BOOLEAN, INTEGER and NULL (X.690 §8.2, 8.3, 8.8).

use crate::{Decode, Element, Encode, Error, Result, Tag, Writer};

impl Decode for bool {
    const NAME: &'static str = "BOOLEAN";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::BOOLEAN
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        match element.primitive()? {
            [octet] => Ok(*octet != 0),
            _ => Err(Error::Value("a BOOLEAN has one octet")),
        }
    }
}

impl Encode for bool {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::BOOLEAN, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| writer.octet(if *self { 0xff } else { 0 }));
    }
}

/// Reads contents octets as an integer; leading octets that say nothing are taken.
pub(crate) fn read_integer(element: &Element<'_>) -> Result<i64> {
    let octets = element.primitive()?;
    let first = *octets.first().ok_or(Error::Value("an INTEGER has an octet at least"))?;
    let fill = if first & 0x80 == 0 { 0x00 } else { 0xff };
    let excess = octets.len().saturating_sub(8);
    let (lead, tail) = octets.split_at_checked(excess).ok_or(Error::Truncated)?;
    let negative = tail.first().is_some_and(|octet| octet & 0x80 != 0);
    if lead.iter().any(|octet| *octet != fill) || (excess > 0 && negative != (fill == 0xff)) {
        return Err(Error::Value("an INTEGER outside of 64 bits"));
    }
    let mut value = if fill == 0 { 0i64 } else { -1i64 };
    for octet in tail {
        value = value << 8 | i64::from(*octet);
    }
    Ok(value)
}

/// Writes an integer in its shortest form.
pub(crate) fn write_integer(value: i64, tag: Tag, writer: &mut Writer) {
    writer.primitive(tag, |writer| {
        let octets = value.to_be_bytes();
        let mut rest = octets.as_slice();
        while let [0x00, next, ..] | [0xff, next, ..] = rest {
            let fill = rest.first().copied().unwrap_or_default();
            if (next ^ fill) & 0x80 != 0 {
                break;
            }
            rest = rest.split_first().map_or(rest, |(_, tail)| tail);
        }
        writer.octets(rest);
    });
}

macro_rules! integer_types {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            const NAME: &'static str = "INTEGER";
            fn accepts(tag: Tag) -> bool {
                tag == Tag::INTEGER
            }
            fn decode_contents(element: &Element<'_>) -> Result<Self> {
                Self::try_from(read_integer(element)?)
                    .map_err(|_| Error::Value("an INTEGER out of range"))
            }
        }
        impl Encode for $type {
            fn encode(&self, writer: &mut Writer) {
                self.encode_as(Tag::INTEGER, writer);
            }
            fn encode_as(&self, tag: Tag, writer: &mut Writer) {
                write_integer(i64::from(*self), tag, writer);
            }
        }
    )*};
}
integer_types!(i16, i32, i64, u16, u32);

/// NULL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Null;

impl Decode for Null {
    const NAME: &'static str = "NULL";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::NULL
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        match element.primitive()? {
            [] => Ok(Self),
            _ => Err(Error::Value("a NULL has no octets")),
        }
    }
}

impl Encode for Null {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::NULL, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.header(tag, false, 0);
    }
}
