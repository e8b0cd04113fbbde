//! Open types, octets that are kept, and EXTERNAL (X.690 §8.18).

use crate::{
    Class, Decode, Element, Encode, Error, OctetString, Oid, Reader, Result, Tag, Tagging, Writer,
};
use bytes::Bytes;

/// Any one element, as it was received or encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Any(pub Bytes);

impl Any {
    /// The encoding of a value.
    pub fn of<T: Encode + ?Sized>(value: &T) -> Self {
        Self(value.to_ber())
    }

    /// Reads it as a type; a member's tag that stands in place of the type's own is taken.
    ///
    /// # Errors
    /// When it is no value of the type.
    pub fn to<T: Decode>(&self) -> Result<T> {
        let element = self.element()?;
        if element.tag.class == Class::Context && !T::UNTAGGED && !T::accepts(element.tag) {
            T::decode_contents(&element)
        } else {
            T::decode(&element)
        }
    }

    /// The element.
    ///
    /// # Errors
    /// When the octets are not one whole element.
    pub fn element(&self) -> Result<Element<'_>> {
        Reader::over(&self.0).only()
    }
}

impl Decode for Any {
    const NAME: &'static str = "open type";
    const UNTAGGED: bool = true;
    fn accepts(_: Tag) -> bool {
        true
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Ok(Self(element.to_bytes()))
    }
    fn decode_tagged(element: &Element<'_>, _: Tagging) -> Result<Self> {
        Self::decode_contents(&element.open_value()?)
    }
}

impl Encode for Any {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}

/// A value beside the octets in which it came; written as it came. Octets that may be signed or
/// go out again stay what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    octets: Bytes,
    value: T,
}

impl<T> Kept<T> {
    /// The octets: the whole element.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: Encode> From<T> for Kept<T> {
    fn from(value: T) -> Self {
        Self { octets: value.to_ber(), value }
    }
}

impl<T> core::ops::Deref for Kept<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Kept octets carry their tag, so that a member of this type can't have an implicit one.
impl<T: Decode> Decode for Kept<T> {
    const NAME: &'static str = T::NAME;
    const UNTAGGED: bool = T::UNTAGGED;
    fn accepts(tag: Tag) -> bool {
        T::accepts(tag)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Ok(Self { octets: element.to_bytes(), value: T::decode_contents(element)? })
    }
}

impl<T: Encode> Encode for Kept<T> {
    const UNTAGGED: bool = T::UNTAGGED;
    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.octets);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        // The contents go out under the member's tag as they came.
        match Reader::over(&self.octets).only() {
            Ok(element) if !element.constructed => {
                writer.primitive(tag, |writer| writer.octets(element.contents()));
            }
            Ok(element) => writer.constructed(tag, |writer| writer.octets(element.contents())),
            Err(_) => self.value.encode_as(tag, writer),
        }
    }
}

/// EXTERNAL and INSTANCE OF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// What the value is, where its type is registered.
    pub direct_reference: Option<Oid>,
    /// The presentation context, where one is meant.
    pub indirect_reference: Option<i64>,
    /// A description for people.
    pub data_value_descriptor: Option<OctetString>,
    /// The value.
    pub encoding: ExternalEncoding,
}

/// The value of an [`External`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalEncoding {
    /// `[0]`: one element.
    SingleAsn1Type(Any),
    /// `[1]`: octets.
    OctetAligned(OctetString),
    /// `[2]`: bits.
    Arbitrary(crate::BitString),
}

impl External {
    /// One element of a registered type.
    pub fn single(reference: Oid, value: Any) -> Self {
        Self {
            direct_reference: Some(reference),
            indirect_reference: None,
            data_value_descriptor: None,
            encoding: ExternalEncoding::SingleAsn1Type(value),
        }
    }

    /// The value as one element, whichever encoding it came in.
    ///
    /// # Errors
    /// When octets or bits are not one whole element.
    pub fn value(&self) -> Result<Any> {
        let octets = match &self.encoding {
            ExternalEncoding::SingleAsn1Type(any) => return Ok(any.clone()),
            ExternalEncoding::OctetAligned(octets) => octets.0.clone(),
            ExternalEncoding::Arbitrary(bits) => Bytes::copy_from_slice(bits.octets()),
        };
        Any::from_bytes(&octets)
    }
}

impl Decode for External {
    const NAME: &'static str = "EXTERNAL";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::EXTERNAL
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut members = element.children()?;
        let mut direct_reference = None;
        let mut indirect_reference = None;
        let mut data_value_descriptor = None;
        loop {
            let member = members
                .next_element()?
                .ok_or(Error::Missing { of: Self::NAME, member: "encoding" })?;
            let encoding = match member.tag {
                Tag::OBJECT_IDENTIFIER => {
                    direct_reference = Some(Oid::decode(&member)?);
                    continue;
                }
                Tag::INTEGER => {
                    indirect_reference = Some(i64::decode(&member)?);
                    continue;
                }
                tag if tag == Tag::universal(7) => {
                    data_value_descriptor = Some(OctetString::decode_contents(&member)?);
                    continue;
                }
                tag if tag == Tag::context(0) => {
                    ExternalEncoding::SingleAsn1Type(Any::decode(&member.only_child()?)?)
                }
                tag if tag == Tag::context(1) => {
                    ExternalEncoding::OctetAligned(OctetString::decode_contents(&member)?)
                }
                tag if tag == Tag::context(2) => {
                    ExternalEncoding::Arbitrary(crate::BitString::decode_contents(&member)?)
                }
                found => return Err(Error::Unexpected { wanted: "EXTERNAL", found }),
            };
            let external =
                Self { direct_reference, indirect_reference, data_value_descriptor, encoding };
            return Ok(external);
        }
    }
}

impl Encode for External {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::EXTERNAL, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| {
            match &self.encoding {
                ExternalEncoding::SingleAsn1Type(any) => any.encode_as(Tag::context(0), writer),
                ExternalEncoding::OctetAligned(octets) => {
                    octets.encode_as(Tag::context(1), writer);
                }
                ExternalEncoding::Arbitrary(bits) => bits.encode_as(Tag::context(2), writer),
            }
            if let Some(text) = &self.data_value_descriptor {
                text.encode_as(Tag::universal(7), writer);
            }
            if let Some(number) = &self.indirect_reference {
                number.encode(writer);
            }
            if let Some(oid) = &self.direct_reference {
                oid.encode(writer);
            }
        });
    }
}
