//! What the macros call for the members of SEQUENCE, SET and CHOICE.

use crate::{Decode, Element, Encode, Error, Result, Tag, Tagging, Writer};

/// The tag that a member has in its type, `None` where it goes by the tag of its own type.
type Spec = Option<(Tag, Tagging)>;

/// A member: a type, mandatory, or an `Option` of one.
pub trait Member: Sized {
    /// The type itself.
    type Value: Decode + Encode;
    /// The member from what was found of it.
    ///
    /// # Errors
    /// When it is mandatory and was not there.
    fn found(value: Option<Self::Value>, of: &'static str, member: &'static str) -> Result<Self>;
    /// The value where there is one.
    fn value(&self) -> Option<&Self::Value>;
}

impl<T: Decode + Encode> Member for T {
    type Value = T;
    fn found(value: Option<T>, of: &'static str, member: &'static str) -> Result<Self> {
        value.ok_or(Error::Missing { of, member })
    }
    fn value(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T: Decode + Encode> Member for Option<T> {
    type Value = T;
    fn found(value: Self, _: &'static str, _: &'static str) -> Result<Self> {
        Ok(value)
    }
    fn value(&self) -> Option<&T> {
        self.as_ref()
    }
}

/// Whether an element can be this member.
pub fn member_accepts<M: Member>(spec: Spec, tag: Tag) -> bool {
    tagged_accepts::<M::Value>(spec, tag)
}

/// Whether an element can be this member and no unknown one: an open type claims nothing.
pub fn member_claims<M: Member>(spec: Spec, tag: Tag) -> bool {
    let open = spec.is_none() && M::Value::accepts(Tag::private(u32::MAX));
    !open && member_accepts::<M>(spec, tag)
}

/// Whether an element can be this type under a tag.
pub fn tagged_accepts<T: Decode>(spec: Spec, tag: Tag) -> bool {
    match spec {
        Some((own, _)) => own == tag,
        None => T::accepts(tag),
    }
}

/// Reads a member from an element that can be it.
///
/// # Errors
/// When the element is no value of the member's type.
pub fn member_decode<M: Member>(spec: Spec, element: &Element<'_>) -> Result<M::Value> {
    match spec {
        Some((_, tagging)) => M::Value::decode_tagged(element, tagging),
        None => M::Value::decode_contents(element),
    }
}

/// Writes a member, nothing where it is absent.
pub fn member_encode<M: Member>(member: &M, spec: Spec, writer: &mut Writer) {
    match (member.value(), spec) {
        (None, _) => {}
        (Some(value), Some((tag, tagging))) => value.encode_tagged(tag, tagging, writer),
        (Some(value), None) => value.encode(writer),
    }
}

/// Writes a member unless it has its default.
pub fn encode_default<M: Member + PartialEq>(
    member: &M,
    default: &M,
    spec: Spec,
    writer: &mut Writer,
) {
    if member != default {
        member_encode(member, spec, writer);
    }
}
