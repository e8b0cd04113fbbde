//! Session connection identifiers (X.228 §9), by which an association is recovered and an activity
//! resumed on another session connection. The session carries the parts as BER elements.

use crate::x225::ConnectionIdentifier;
use bytes::Bytes;
use restante_ber::{
    Decode, Element, Encode, Error, OctetString, Result, Rope, Tag, UtcTime, Writer,
};

/// T61String.
const T61_STRING: Tag = Tag::universal(20);
const ADDITIONAL: Tag = Tag::context(0);

/// A session connection identifier; two are the same where their octets and their time are,
/// whatever the string types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConnectionIdentifier {
    /// The caller's reference.
    pub calling_ss_user_reference: Bytes,
    /// When the connection, or its system, began.
    pub common_reference: UtcTime,
    /// What else tells connections apart; often empty.
    pub additional_reference_information: Bytes,
}

impl SessionConnectionIdentifier {
    /// As the session has it; `None` where that is none of reliable transfer's.
    pub fn from_session(session: &ConnectionIdentifier) -> Option<Self> {
        let additional = &session.additional_reference;
        Some(Self {
            calling_ss_user_reference: string(&Element::parse(&session.user_reference).ok()?)
                .ok()?,
            common_reference: UtcTime::from_ber(&session.common_reference).ok()?,
            additional_reference_information: match additional.is_empty() {
                true => Bytes::new(),
                false => string(&Element::parse(additional).ok()?).ok()?,
            },
        })
    }

    /// For the session.
    pub fn to_session(&self) -> ConnectionIdentifier {
        let text = |octets: &Bytes| match octets.is_empty() {
            true => Bytes::new(),
            false => {
                let mut writer = Writer::new();
                OctetString(octets.clone()).encode_as(T61_STRING, &mut writer);
                writer.finish().to_bytes()
            }
        };
        ConnectionIdentifier {
            user_reference: text(&self.calling_ss_user_reference),
            common_reference: self.common_reference.to_ber(),
            additional_reference: text(&self.additional_reference_information),
        }
    }
}

/// The octets of a string of either type.
fn string(element: &Element<'_>) -> Result<Bytes> {
    match element.tag {
        Tag::OCTET_STRING | T61_STRING | ADDITIONAL => {
            Rope::decode_contents(element).map(|octets| octets.to_bytes())
        }
        found => Err(Error::Unexpected { wanted: "CallingSSuserReference", found }),
    }
}

impl Decode for SessionConnectionIdentifier {
    const NAME: &'static str = "SessionConnectionIdentifier";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::SEQUENCE
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut members = element.children()?;
        let calling_ss_user_reference = string(&members.required()?)?;
        let common_reference = UtcTime::decode(&members.required()?)?;
        let additional = members.next_element()?.filter(|member| member.tag == ADDITIONAL);
        Ok(Self {
            calling_ss_user_reference,
            common_reference,
            additional_reference_information: match additional {
                Some(member) => string(&member)?,
                None => Bytes::new(),
            },
        })
    }
}

impl Encode for SessionConnectionIdentifier {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::SEQUENCE, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| {
            let additional = &self.additional_reference_information;
            if !additional.is_empty() {
                OctetString(additional.clone()).encode_as(ADDITIONAL, writer);
            }
            self.common_reference.encode(writer);
            OctetString(self.calling_ss_user_reference.clone()).encode(writer);
        });
    }
}
