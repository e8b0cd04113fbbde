//! What a content of interpersonal messaging is: an IPM or an IPN (X.420 §7).

use super::{BodyPart, Heading, IPN};
use restante_ber::{Any, Decode, Element, Encode, Kept, Result, SetOf, Tag, Writer};
use restante_ber::{Null, Oid, choice, sequence};

choice! { IMPLICIT TAGS;
    /// A content.
    pub enum InformationObject {
        /// A message.
        Ipm(IPM) [0],
        /// A notification.
        Ipn(IPN) [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// An interpersonal message.
    pub struct IPM {
        /// Who, to whom, about what; as it came.
        heading: Kept<Heading>,
        /// The parts.
        body: Body,
    }
}

impl IPM {
    /// A message.
    pub fn new(heading: Heading, body: impl IntoIterator<Item = BodyPart>) -> Self {
        Self { heading: heading.into(), body: Body(body.into_iter().collect()) }
    }
}

/// The parts of a message, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body(pub Vec<BodyPart>);

impl Decode for Body {
    const NAME: &'static str = "Body";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::SEQUENCE
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut parts = Vec::new();
        let mut children = element.children()?;
        while let Some(child) = children.next_element()? {
            let part = BodyPart::decode(&child);
            parts.push(part.unwrap_or_else(|_| BodyPart::Unknown(Any(child.to_bytes()))));
        }
        Ok(Self(parts))
    }
}

impl Encode for Body {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        self.0.encode_as(tag, writer);
    }
}

sequence! { IMPLICIT TAGS;
    /// An extension of a heading, a recipient or a notification.
    pub struct IPMSExtension {
        /// Which.
        r#type: Oid,
        /// Its value, as it came.
        value: Any = Any::of(&Null),
    }
}

/// Extensions of a heading, a recipient or a notification.
pub type ExtensionsField = SetOf<IPMSExtension>;
