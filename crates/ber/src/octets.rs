//! OCTET STRING (X.690 §8.7), joined or in the pieces in which it came.

use crate::{Decode, Element, Encode, Error, Result, Rope, Tag, Writer};
use bytes::Bytes;

/// How many segments a string may have: each costs memory that its octets need not pay for.
pub const MAX_SEGMENTS: usize = 1 << 20;

/// An OCTET STRING in one piece; segments of a constructed encoding are joined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OctetString(pub Bytes);

impl From<&'static [u8]> for OctetString {
    fn from(octets: &'static [u8]) -> Self {
        Self(Bytes::from_static(octets))
    }
}

/// Collects the segments of a string type, primitive or constructed (X.690 §8.7.3, §8.23.5):
/// segments are OCTET STRINGs or of the string's own type, nested at will.
pub(crate) fn segments(element: &Element<'_>, own: Tag, into: &mut Rope) -> Result<()> {
    if !element.constructed {
        if into.pieces().len() == MAX_SEGMENTS {
            return Err(Error::TooMany);
        }
        into.push(element.contents_to_bytes());
        return Ok(());
    }
    let mut children = element.children()?;
    while let Some(child) = children.next_element()? {
        if child.tag != Tag::OCTET_STRING && child.tag != own {
            return Err(Error::Unexpected { wanted: "segment of a string", found: child.tag });
        }
        segments(&child, own, into)?;
    }
    Ok(())
}

impl Decode for Rope {
    const NAME: &'static str = "OCTET STRING";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::OCTET_STRING
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut rope = Self::new();
        segments(element, Tag::OCTET_STRING, &mut rope)?;
        Ok(rope)
    }
}

impl Encode for Rope {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::OCTET_STRING, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| writer.rope(self));
    }
}

impl Decode for OctetString {
    const NAME: &'static str = "OCTET STRING";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::OCTET_STRING
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Rope::decode_contents(element).map(|rope| Self(rope.to_bytes()))
    }
}

impl Encode for OctetString {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::OCTET_STRING, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| writer.bytes(&self.0));
    }
}
