//! Where extracted values go: small ones are kept with the attributes, larger ones by their place
//! in the content or the envelope.

use restante_ber::{Bytes, Element, Encode, Tag, Writer};

use crate::attributes::{BlobWriter, Key};

/// Values above this many octets that stand in the content or envelope as they are asked for are
/// kept by their place.
const KEPT_BYTES_MAX: usize = 512;

/// What an element is read from.
#[derive(Clone, Copy)]
pub(crate) enum From<'a> {
    /// The content of the entry.
    Content(&'a Bytes),
    /// Its envelope.
    Envelope(&'a Bytes),
}

/// Attributes in the making, from one source.
pub(crate) struct Sink<'a> {
    pub(crate) blob: &'a mut BlobWriter,
    pub(crate) from: From<'a>,
}

impl Sink<'_> {
    /// A value that is made here.
    pub(crate) fn made<T: Encode + ?Sized>(&mut self, key: Key, value: &T) {
        self.blob.here(key, &value.to_ber());
    }

    /// An element as it came.
    pub(crate) fn element(&mut self, key: Key, element: &Element<'_>) {
        self.octets(key, element.octets());
    }

    /// The elements inside one, each a value.
    pub(crate) fn members(&mut self, key: Key, element: &Element<'_>) {
        if element.constructed {
            self.octets(key, element.contents());
        }
    }

    /// The contents of an element under the tag that its type has.
    pub(crate) fn retagged(&mut self, key: Key, element: &Element<'_>, tag: Tag) {
        self.blob.here(key, &retagged(element, tag));
    }

    /// An element of the content by its place, its first octet (its tag) replaced.
    pub(crate) fn in_content(&mut self, key: Key, element: &Element<'_>, retag: Option<u8>) {
        if let From::Content(content) = self.from
            && let Some(offset) = offset_in(content, element.octets())
        {
            self.blob.in_content(key, retag, offset, element.octets().len());
        }
    }

    fn octets(&mut self, key: Key, octets: &[u8]) {
        let place = (octets.len() > KEPT_BYTES_MAX).then(|| self.offset(octets)).flatten();
        match (place, self.from) {
            (Some(offset), From::Content(_)) => {
                self.blob.in_content(key, None, offset, octets.len());
            }
            (Some(offset), From::Envelope(_)) => {
                self.blob.in_envelope(key, offset, octets.len());
            }
            (None, _) => self.blob.here(key, octets),
        }
    }

    fn offset(&self, octets: &[u8]) -> Option<usize> {
        match self.from {
            From::Content(source) | From::Envelope(source) => offset_in(source, octets),
        }
    }
}

/// Where `part` begins in `whole`, `None` where it lies elsewhere.
pub(crate) fn offset_in(whole: &[u8], part: &[u8]) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (offset.checked_add(part.len())? <= whole.len()).then_some(offset)
}

/// An element inside another.
pub(crate) fn wrapped(tag: Tag, element: Bytes) -> Bytes {
    let mut writer = Writer::new();
    writer.constructed(tag, |writer| writer.bytes(&element));
    writer.finish().to_bytes()
}

/// The contents of an element under another tag.
pub(crate) fn retagged(element: &Element<'_>, tag: Tag) -> Bytes {
    let mut writer = Writer::new();
    writer.octets(element.contents());
    writer.header(tag, element.constructed, element.contents().len());
    writer.finish().to_bytes()
}
