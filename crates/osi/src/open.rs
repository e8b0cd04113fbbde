//! Open types that are written from a rope, so that a large value goes out without being joined.

use bytes::Bytes;
use restante_ber::{Decode, Element, Encode, Result, Rope, Tag, Writer};

/// One element of any type: received it shares the received octets, sent it may be in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open(pub Rope);

impl Open {
    /// The element in one piece; one that was received is so already.
    pub fn to_bytes(&self) -> Bytes {
        self.0.to_bytes()
    }
}

impl From<Rope> for Open {
    fn from(element: Rope) -> Self {
        Self(element)
    }
}

impl Decode for Open {
    const NAME: &'static str = "open type";
    const UNTAGGED: bool = true;
    fn accepts(_: Tag) -> bool {
        true
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Ok(Self(Rope::from(element.to_bytes())))
    }
}

impl Encode for Open {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        writer.rope(&self.0);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}
