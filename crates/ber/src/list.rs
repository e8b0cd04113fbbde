//! SEQUENCE OF, which is `Vec<T>`, and SET OF, which is [`SetOf<T>`] (X.690 §8.10, 8.12).

use crate::{Decode, Element, Encode, Error, Result, Tag, Writer};

/// How many members a SEQUENCE OF or SET OF may have.
pub const MAX_MEMBERS: usize = 1 << 20;

/// A SET OF, in the order in which it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SetOf<T>(pub Vec<T>);

impl<T> Default for SetOf<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for SetOf<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

fn decode_members<T: Decode>(element: &Element<'_>) -> Result<Vec<T>> {
    let mut children = element.children()?;
    let mut members = Vec::new();
    while let Some(child) = children.next_element()? {
        if members.len() == MAX_MEMBERS {
            return Err(Error::TooMany);
        }
        members.push(T::decode(&child)?);
    }
    Ok(members)
}

fn encode_members<T: Encode>(members: &[T], tag: Tag, writer: &mut Writer) {
    writer.constructed(tag, |writer| {
        members.iter().rev().for_each(|member| member.encode(writer));
    });
}

impl<T: Decode> Decode for Vec<T> {
    const NAME: &'static str = "SEQUENCE OF";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::SEQUENCE
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        decode_members(element)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::SEQUENCE, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        encode_members(self, tag, writer);
    }
}

impl<T: Decode> Decode for SetOf<T> {
    const NAME: &'static str = "SET OF";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::SET
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        decode_members(element).map(Self)
    }
}

impl<T: Encode> Encode for SetOf<T> {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::SET, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        encode_members(&self.0, tag, writer);
    }
}
