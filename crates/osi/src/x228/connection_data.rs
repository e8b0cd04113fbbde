//! ConnectionData (X.228 §9), whose open type is `[0] IMPLICIT NULL` where there is nothing in it.

use crate::Open;
use crate::x228::SessionConnectionIdentifier;
use restante_ber::{Decode, Element, Encode, Error, Result, Tag, Writer};

const OPEN: Tag = Tag::context(0);
const RECOVER: Tag = Tag::context(1);

/// What RTORQ and RTOAC carry.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionData {
    /// Data of the user of reliable transfer: its bind.
    Open(Option<Open>),
    /// The association that is to be recovered, by its session connection.
    Recover(SessionConnectionIdentifier),
}

impl Decode for ConnectionData {
    const NAME: &'static str = "ConnectionData";
    const UNTAGGED: bool = true;
    fn accepts(tag: Tag) -> bool {
        tag == OPEN || tag == RECOVER
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        match element.tag {
            OPEN if element.contents().is_empty() => Ok(Self::Open(None)),
            OPEN => {
                Open::decode_contents(&element.only_child()?).map(|data| Self::Open(Some(data)))
            }
            RECOVER => SessionConnectionIdentifier::decode_contents(element).map(Self::Recover),
            found => Err(Error::Unexpected { wanted: Self::NAME, found }),
        }
    }
}

impl Encode for ConnectionData {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Open(None) => writer.primitive(OPEN, |_| {}),
            Self::Open(Some(data)) => writer.constructed(OPEN, |writer| data.encode(writer)),
            Self::Recover(identifier) => identifier.encode_as(RECOVER, writer),
        }
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}
