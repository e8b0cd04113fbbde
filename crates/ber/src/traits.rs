//! What a type that can be read or written offers.

use crate::{Element, Error, Reader, Result, Rope, Tag, Writer};
use bytes::Bytes;

/// How a member's tag stands to the tag of its type (X.680 §31). On a CHOICE or an open type
/// both mean the same, since such a tag is always explicit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// The tag replaces that of the type.
    Implicit,
    /// The tag is put around the type's own.
    Explicit,
}

/// A type that can be read.
pub trait Decode: Sized {
    /// The name of the type, for errors.
    const NAME: &'static str;

    /// Whether the type has no tag of its own (a CHOICE or an open type).
    const UNTAGGED: bool = false;

    /// Whether an element with this tag can be of this type.
    fn accepts(tag: Tag) -> bool;

    /// Reads the value of an element whose tag has been looked at: accepted by this type, or the
    /// implicit tag of a member.
    ///
    /// # Errors
    /// When the contents are no value of the type.
    fn decode_contents(element: &Element<'_>) -> Result<Self>;

    /// Reads an element that must carry a tag of this type.
    ///
    /// # Errors
    /// When the tag is another, or the contents are no value of the type.
    fn decode(element: &Element<'_>) -> Result<Self> {
        if Self::accepts(element.tag) {
            Self::decode_contents(element)
        } else {
            Err(Error::Unexpected { wanted: Self::NAME, found: element.tag })
        }
    }

    /// Reads a member whose own tag, whatever it is, has been accepted.
    ///
    /// There are encoders that write implicit tags where the standard has explicit ones. What
    /// they write is read as well where it can't be mistaken: the element is primitive, or what
    /// is in it does not begin the type.
    ///
    /// # Errors
    /// When the contents are no value of the type.
    fn decode_tagged(element: &Element<'_>, tagging: Tagging) -> Result<Self> {
        if tagging == Tagging::Implicit && !Self::UNTAGGED {
            return Self::decode_contents(element);
        }
        let inner = element.only_child();
        let implicit =
            !Self::UNTAGGED && !inner.as_ref().is_ok_and(|inner| Self::accepts(inner.tag));
        if implicit { Self::decode_contents(element) } else { Self::decode(&inner?) }
    }

    /// Reads a value from octets that hold nothing else; what is kept of them is copied.
    ///
    /// # Errors
    /// When the octets are no value of the type.
    fn from_ber(octets: &[u8]) -> Result<Self> {
        Self::decode(&Reader::new(octets).only()?)
    }

    /// Reads a value from a shared buffer that holds nothing else; what is kept shares it.
    ///
    /// # Errors
    /// When the octets are no value of the type.
    fn from_bytes(octets: &Bytes) -> Result<Self> {
        Self::decode(&Reader::over(octets).only()?)
    }
}

/// A type that can be written.
pub trait Encode {
    /// Whether the type has no tag of its own (a CHOICE or an open type).
    const UNTAGGED: bool = false;

    /// Writes the element with the type's own tag.
    fn encode(&self, writer: &mut Writer);

    /// Writes the element with `tag` in place of the type's own. Never called for a type without
    /// a tag of its own.
    fn encode_as(&self, tag: Tag, writer: &mut Writer);

    /// Writes the element as a member with a tag.
    fn encode_tagged(&self, tag: Tag, tagging: Tagging, writer: &mut Writer) {
        if tagging == Tagging::Explicit || Self::UNTAGGED {
            writer.constructed(tag, |writer| self.encode(writer));
        } else {
            self.encode_as(tag, writer);
        }
    }

    /// The encoding, large octets shared.
    fn to_rope(&self) -> Rope {
        let mut writer = Writer::new();
        self.encode(&mut writer);
        writer.finish()
    }

    /// The encoding in one piece.
    fn to_ber(&self) -> Bytes {
        self.to_rope().to_bytes()
    }
}

impl<T: Decode> Decode for Box<T> {
    const NAME: &'static str = T::NAME;
    const UNTAGGED: bool = T::UNTAGGED;
    fn accepts(tag: Tag) -> bool {
        T::accepts(tag)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        T::decode_contents(element).map(Box::new)
    }
}

impl<T: Encode> Encode for Box<T> {
    const UNTAGGED: bool = T::UNTAGGED;
    fn encode(&self, writer: &mut Writer) {
        T::encode(self, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        T::encode_as(self, tag, writer);
    }
}
