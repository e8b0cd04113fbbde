//! How an entry's attributes are kept: a directory of what there is, then the octets that are
//! kept here. One attribute is found without a look at the others.
//!
//! ```text
//! count           2 octets, how many directory entries follow
//! entry           12 octets each:
//!   key           2   the attribute-type
//!   source        1   0 the octets below, 1 the content, 2 the envelope
//!   retag         1   0, or the octet that takes the place of the first (its tag)
//!   offset        4   where the values begin in their source
//!   length        4   how many octets they take
//! octets          values, each the BER of one
//! ```
//!
//! Numbers are big-endian. The values of an attribute stand in its entries in order, one or more
//! in each; an entry with a retag octet holds one value. What lies in the content or the envelope
//! is not copied.

use std::ops::Range;

use bytes::Bytes;
use restante_ber::{Bytes as BerBytes, Reader, Rope, Writer};

use super::Key;

/// How many directory entries an entry may have; what comes after them is left out.
const ENTRIES_MAX: usize = 4096;
const ENTRY_LEN: usize = 12;
const COUNT_LEN: usize = 2;

/// Where values lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Among the attributes.
    Here,
    /// In the content.
    Content,
    /// In the envelope.
    Envelope,
}

/// A directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    key: Key,
    /// Where the octets lie.
    pub(crate) source: Source,
    retag: u8,
    offset: u32,
    length: u32,
}

/// Writes attributes.
#[derive(Debug, Default)]
pub(crate) struct BlobWriter {
    places: Vec<Place>,
    octets: Vec<u8>,
    /// Whether something was left out; then all is that comes later.
    full: bool,
}

impl BlobWriter {
    /// Whether an attribute has a value.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.places.iter().any(|place| place.key == key)
    }

    /// Adds values that are kept here.
    pub(crate) fn here(&mut self, key: Key, values: &[u8]) {
        let offset = self.octets.len();
        if self.place(key, Source::Here, 0, offset, values.len()) {
            self.octets.extend_from_slice(values);
        }
    }

    /// Adds values that lie in the content.
    pub(crate) fn in_content(&mut self, key: Key, retag: Option<u8>, offset: usize, len: usize) {
        self.place(key, Source::Content, retag.unwrap_or(0), offset, len);
    }

    /// Adds values that lie in the envelope.
    pub(crate) fn in_envelope(&mut self, key: Key, offset: usize, len: usize) {
        self.place(key, Source::Envelope, 0, offset, len);
    }

    /// Adds a directory entry; whether there was room for it.
    fn place(&mut self, key: Key, source: Source, retag: u8, offset: usize, len: usize) -> bool {
        // A range beyond 4 GiB can't come from a PDU that was taken.
        let (Ok(offset), Ok(length)) = (u32::try_from(offset), u32::try_from(len)) else {
            return false;
        };
        if length == 0 || self.full {
            return false;
        }
        if let Some(last) = self.places.last_mut()
            && (last.key, last.source, last.retag, retag) == (key, source, 0, 0)
            && last.offset.checked_add(last.length) == Some(offset)
            && let Some(length) = last.length.checked_add(length)
        {
            // Values that follow each other need one entry.
            last.length = length;
            return true;
        }
        self.full = self.places.len() == ENTRIES_MAX;
        if !self.full {
            self.places.push(Place { key, source, retag, offset, length });
        }
        !self.full
    }

    /// The encoded attributes.
    pub(crate) fn finish(self) -> Bytes {
        let count = u16::try_from(self.places.len()).unwrap_or(u16::MAX);
        let len = COUNT_LEN + self.places.len() * ENTRY_LEN + self.octets.len();
        let mut blob = Vec::with_capacity(len);
        blob.extend_from_slice(&count.to_be_bytes());
        for place in &self.places {
            blob.extend_from_slice(&place.key.octets());
            blob.push(match place.source {
                Source::Here => 0,
                Source::Content => 1,
                Source::Envelope => 2,
            });
            blob.push(place.retag);
            blob.extend_from_slice(&place.offset.to_be_bytes());
            blob.extend_from_slice(&place.length.to_be_bytes());
        }
        blob.extend_from_slice(&self.octets);
        Bytes::from(blob)
    }
}

/// Reads attributes.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    octets: Bytes,
    here: usize,
}

impl Blob {
    /// Over what was written; octets that were not are a blob with nothing in it.
    pub(crate) fn new(octets: Bytes) -> Self {
        let count = match octets.get(..COUNT_LEN) {
            Some([high, low]) => usize::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        };
        let here = COUNT_LEN + count * ENTRY_LEN;
        if octets.len() < here {
            Self { octets: Bytes::new(), here: 0 }
        } else {
            Self { octets, here }
        }
    }

    /// Where the values of an attribute lie, in order.
    pub(crate) fn places(&self, key: Key) -> impl DoubleEndedIterator<Item = Place> + '_ {
        let wanted = key.octets();
        self.octets
            .get(COUNT_LEN.min(self.here)..self.here)
            .unwrap_or_default()
            .chunks_exact(ENTRY_LEN)
            .filter(move |entry| entry.starts_with(&wanted))
            .filter_map(place)
    }

    /// Where all values lie.
    pub(crate) fn all(&self) -> impl Iterator<Item = Place> + '_ {
        let directory = self.octets.get(COUNT_LEN.min(self.here)..self.here);
        directory.unwrap_or_default().chunks_exact(ENTRY_LEN).filter_map(place)
    }

    /// As [`Self::here`], borrowed.
    pub(crate) fn here_octets(&self) -> &[u8] {
        self.octets.get(self.here..).unwrap_or_default()
    }

    /// The octets that are kept here.
    pub(crate) fn here(&self) -> Bytes {
        self.octets.slice(self.here.min(self.octets.len())..)
    }
}

fn place(entry: &[u8]) -> Option<Place> {
    let [k1, k2, source, retag, o1, o2, o3, o4, l1, l2, l3, l4] = *entry else { return None };
    Some(Place {
        key: Key::from_octets([k1, k2]),
        source: match source {
            0 => Source::Here,
            1 => Source::Content,
            _ => Source::Envelope,
        },
        retag,
        offset: u32::from_be_bytes([o1, o2, o3, o4]),
        length: u32::from_be_bytes([l1, l2, l3, l4]),
    })
}

impl Place {
    /// Whose values they are.
    pub(crate) fn key(&self) -> Key {
        self.key
    }

    /// Its octets of those of its source; `None` where they are not there.
    fn range(&self, source: usize) -> Option<Range<usize>> {
        let from = usize::try_from(self.offset).ok()?;
        let to = from.checked_add(usize::try_from(self.length).ok()?)?;
        (to <= source).then_some(from..to)
    }

    /// Writes the values, from the octets of their source.
    pub(crate) fn write(&self, source: &[u8], writer: &mut Writer) {
        let octets = self.range(source.len()).and_then(|range| source.get(range));
        match (octets, self.retag) {
            (None, _) => {}
            (Some(octets), 0) => writer.octets(octets),
            (Some(octets), retag) => {
                writer.octets(octets.get(1..).unwrap_or_default());
                writer.octet(retag);
            }
        }
    }

    /// The values, from the octets of their source.
    pub(crate) fn values(&self, source: &BerBytes, into: &mut Vec<Rope>) {
        let Some(range) = self.range(source.len()) else { return };
        let octets = source.slice(range);
        if self.retag != 0 {
            let mut rope = Rope::from(vec![self.retag]);
            rope.push(octets.slice(octets.len().min(1)..));
            into.push(rope);
            return;
        }
        let mut reader = Reader::over(&octets);
        while let Ok(Some(element)) = reader.next_element() {
            into.push(Rope::from(element.to_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(blob: &Blob, key: Key, content: &'static [u8]) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        for place in blob.places(key) {
            let source = match place.source {
                Source::Here => blob.here(),
                _ => Bytes::from_static(content),
            };
            place.values(&source, &mut values);
        }
        values.iter().map(|value| value.to_bytes().to_vec()).collect()
    }

    #[test]
    fn an_attribute_is_found_among_others() {
        let mut writer = BlobWriter::default();
        writer.here(Key::PRIORITY, &[0x47, 1, 2]);
        writer.here(Key::OTHER_RECIPIENT_NAMES, &[0x60, 0, 0x60, 1, 9]);
        writer.in_content(Key::BODY, None, 2, 3);
        writer.in_content(Key::IA5_TEXT_BODY_PARTS, Some(0x30), 2, 3);
        writer.here(Key::OTHER_RECIPIENT_NAMES, &[0x60, 1, 7]);
        assert!(writer.has(Key::BODY) && !writer.has(Key::HEADING));
        let blob = Blob::new(writer.finish());
        let content = &[0x30, 5, 0xa0, 1, 4, 0, 0];
        assert_eq!(values(&blob, Key::PRIORITY, content), [[0x47, 1, 2]]);
        assert_eq!(values(&blob, Key::BODY, content), [[0xa0, 1, 4]]);
        assert_eq!(values(&blob, Key::IA5_TEXT_BODY_PARTS, content), [[0x30, 1, 4]]);
        assert_eq!(
            values(&blob, Key::OTHER_RECIPIENT_NAMES, content),
            [vec![0x60, 0], vec![0x60, 1, 9], vec![0x60, 1, 7]]
        );
        assert!(values(&blob, Key::HEADING, content).is_empty());
    }

    #[test]
    fn values_of_one_attribute_that_follow_each_other_share_an_entry() {
        let mut writer = BlobWriter::default();
        (0..=255).cycle().take(3 * ENTRIES_MAX).for_each(|octet| {
            writer.here(Key::OTHER_RECIPIENT_NAMES, &[0x60, 1, octet]);
        });
        writer.in_content(Key::IA5_TEXT_BODY_PARTS, Some(0x30), 0, 2);
        writer.in_content(Key::IA5_TEXT_BODY_PARTS, Some(0x30), 2, 2);
        writer.here(Key::PRIORITY, &[0x47, 1, 2]);
        assert_eq!(writer.places.len(), 4);
        let blob = Blob::new(writer.finish());
        let content = &[0xa0, 0, 0xa0, 0];
        let names = values(&blob, Key::OTHER_RECIPIENT_NAMES, content);
        assert_eq!((names.len(), &names[257]), (3 * ENTRIES_MAX, &vec![0x60, 1, 1]));
        assert_eq!(values(&blob, Key::IA5_TEXT_BODY_PARTS, content), [[0x30, 0], [0x30, 0]]);
        assert_eq!(values(&blob, Key::PRIORITY, content), [[0x47, 1, 2]]);
    }

    #[test]
    fn octets_that_are_no_blob_hold_nothing() {
        for octets in [&b""[..], &[0], &[0, 9, 1], &[0xff; 40]] {
            let blob = Blob::new(Bytes::copy_from_slice(octets));
            assert_eq!(blob.places(Key::CONTENT).count(), 0);
            assert!(blob.here().is_empty());
        }
        let mut writer = BlobWriter::default();
        writer.in_content(Key::BODY, None, 3, 30);
        let keys = [Key::LANGUAGES, Key::SUBJECT].into_iter().cycle();
        keys.take(2 * ENTRIES_MAX).for_each(|key| writer.here(key, &[0x13, 0]));
        assert!(writer.octets.len() < 2 * ENTRIES_MAX);
        assert!(values(&Blob::new(writer.finish()), Key::BODY, &[1, 2, 3, 4]).is_empty());
    }
}
