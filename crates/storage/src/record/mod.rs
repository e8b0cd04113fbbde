//! The record: a header, what changed, and the content. `docs/data_file.md` has every byte.
//!
//! All numbers are little-endian. The header's checksum begins from the store's UUID and the
//! segment's sequence, so that a record that an earlier use of a segment left, or that came from
//! another store, is not one here. What is inside comes last the content, which is written from
//! wherever its pieces lie.

mod effect;
mod octets;

use bytes::Bytes;
use uuid::Uuid;

pub(crate) use effect::{
    ENTRY_BYTES_MIN, Effect, LoggedEntry, decode_effects, encode_effects, encode_rewritten,
    encoded_len,
};

/// The version of everything in this format.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Where a segment's first record begins: what is before is the segment's header.
pub(crate) const SEGMENT_HEADER_BYTES: u64 = 4096;

/// The record's header.
pub(crate) const RECORD_HEADER_BYTES: usize = 64;

/// Records begin at multiples of this.
pub(crate) const ALIGN_BYTES: u64 = 8;

const SEGMENT_MAGIC: [u8; 8] = *b"restante";
const RECORD_MAGIC: [u8; 4] = *b"\xabrec";

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A transaction.
    Transaction,
    /// The store was opened: the first record of an epoch, alone in its batch.
    Opened,
}

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    /// How often the store had been opened, this time among them.
    pub(crate) epoch: u32,
    pub(crate) kind: Kind,
    /// The change-number, never used twice.
    pub(crate) change: u64,
    /// The change-number of the record before it in the log, 0 for the first.
    pub(crate) previous: u64,
    /// The change-number of the first record that was synced with it: all before that one was
    /// on disk when this one was written.
    pub(crate) batch: u64,
    pub(crate) meta_bytes: u32,
    pub(crate) content_checksum: u32,
    pub(crate) content_bytes: u64,
}

impl RecordHeader {
    /// What it takes in the log with all that follows it.
    pub(crate) fn record_bytes(&self) -> u64 {
        record_bytes(self.meta_bytes as usize, self.content_bytes)
    }

    /// Writes header and meta.
    pub(crate) fn encode(&self, seed: u32, meta: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&RECORD_MAGIC);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&[self.kind as u8 + 1, 0, 0, 0]);
        out.extend_from_slice(&self.change.to_le_bytes());
        out.extend_from_slice(&self.previous.to_le_bytes());
        out.extend_from_slice(&self.batch.to_le_bytes());
        out.extend_from_slice(&self.meta_bytes.to_le_bytes());
        out.extend_from_slice(&self.content_checksum.to_le_bytes());
        out.extend_from_slice(&self.content_bytes.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(meta);
        let checksum = crc32c::crc32c_append(seed, &out[start + 8..]);
        out[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Reads a header's fields; its checksum covers the meta too, see [`verifies`].
    pub(crate) fn decode(octets: &[u8]) -> Option<Self> {
        let octets = octets.get(..RECORD_HEADER_BYTES)?;
        if octets[..4] != RECORD_MAGIC || octets[13..16] != [0; 3] || octets[56..] != [0; 8] {
            return None;
        }
        let u32_at = |at: usize| u32::from_le_bytes(octets[at..at + 4].try_into().expect("4"));
        let u64_at = |at: usize| u64::from_le_bytes(octets[at..at + 8].try_into().expect("8"));
        let kind = match octets[12] {
            1 => Kind::Transaction,
            2 => Kind::Opened,
            _ => return None,
        };
        Some(Self {
            epoch: u32_at(8),
            kind,
            change: u64_at(16),
            previous: u64_at(24),
            batch: u64_at(32),
            meta_bytes: u32_at(40),
            content_checksum: u32_at(44),
            content_bytes: u64_at(48),
        })
    }
}

/// What a record takes in the log, octets.
pub(crate) fn record_bytes(meta_bytes: usize, content_bytes: u64) -> u64 {
    let bytes = RECORD_HEADER_BYTES as u64 + meta_bytes as u64;
    bytes.saturating_add(content_bytes).checked_next_multiple_of(ALIGN_BYTES).unwrap_or(u64::MAX)
}

/// Whether `octets`, a header and its meta, are what was written.
pub(crate) fn verifies(seed: u32, octets: &[u8]) -> bool {
    let checksum = crc32c::crc32c_append(seed, &octets[8..]);
    octets[4..8] == checksum.to_le_bytes()
}

/// Where a checksum in a segment begins.
pub(crate) fn seed(store: Uuid, segment: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(store.as_bytes()), &segment.to_le_bytes())
}

/// A record that was read and verified.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) header: RecordHeader,
    pub(crate) meta: Bytes,
    pub(crate) content: Content,
}

/// A record's content, as it was found.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// It matches its checksum.
    Sound(Bytes),
    /// It does not.
    Damaged,
    /// Nobody looked at it.
    NotRead,
}

impl Content {
    pub(crate) fn is_damaged(&self) -> bool {
        matches!(self, Self::Damaged)
    }

    /// Its octets, where they are as they were written.
    pub(crate) fn sound(&self) -> Option<&Bytes> {
        match self {
            Self::Sound(octets) => Some(octets),
            Self::Damaged | Self::NotRead => None,
        }
    }
}

/// A segment's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) store: Uuid,
    pub(crate) sequence: u64,
    /// The epoch in which it was made ready.
    pub(crate) epoch: u32,
    /// Whether the file was another segment before.
    pub(crate) used_before: bool,
}

/// Why a segment's header can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SegmentHeaderError {
    /// It is not one: not written to the end, or damaged.
    Damaged,
    /// It is of a format that this version does not know.
    Version(u32),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..8].copy_from_slice(&SEGMENT_MAGIC);
        out[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        out[16..32].copy_from_slice(self.store.as_bytes());
        out[32..40].copy_from_slice(&self.sequence.to_le_bytes());
        out[40..44].copy_from_slice(&self.epoch.to_le_bytes());
        out[44] = u8::from(self.used_before);
        let checksum = crc32c::crc32c(&out[..60]);
        out[60..].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    pub(crate) fn decode(octets: &[u8; 64]) -> Result<Self, SegmentHeaderError> {
        let checksum = crc32c::crc32c(&octets[..60]);
        if octets[..8] != SEGMENT_MAGIC || octets[60..] != checksum.to_le_bytes() {
            return Err(SegmentHeaderError::Damaged);
        }
        let version = u32::from_le_bytes(octets[8..12].try_into().expect("4"));
        if version != FORMAT_VERSION {
            return Err(SegmentHeaderError::Version(version));
        }
        Ok(Self {
            store: Uuid::from_bytes(octets[16..32].try_into().expect("16")),
            sequence: u64::from_le_bytes(octets[32..40].try_into().expect("8")),
            epoch: u32::from_le_bytes(octets[40..44].try_into().expect("4")),
            used_before: octets[44] != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_segment_does_not_verify() {
        let store = Uuid::from_u128(1);
        let header = RecordHeader {
            epoch: 3,
            kind: Kind::Transaction,
            change: 9,
            previous: 7,
            batch: 8,
            meta_bytes: 5,
            content_checksum: 0x0102_0304,
            content_bytes: 70,
        };
        let mut octets = Vec::new();
        header.encode(seed(store, 4), b"hello", &mut octets);
        assert_eq!(octets.len(), 69);
        assert_eq!(header.record_bytes(), 144);
        assert_eq!(RecordHeader::decode(&octets), Some(header));
        assert!(verifies(seed(store, 4), &octets));
        assert!(!verifies(seed(store, 5), &octets));
        assert!(!verifies(seed(Uuid::from_u128(2), 4), &octets));
        octets[66] ^= 1;
        assert!(!verifies(seed(store, 4), &octets));
    }

    #[test]
    fn a_segment_header_says_what_is_wrong_with_it() {
        let header =
            SegmentHeader { store: Uuid::from_u128(5), sequence: 2, epoch: 1, used_before: true };
        let mut octets = header.encode();
        assert_eq!(SegmentHeader::decode(&octets), Ok(header));
        octets[20] ^= 1;
        assert_eq!(SegmentHeader::decode(&octets), Err(SegmentHeaderError::Damaged));
        octets[20] ^= 1;
        octets[8] = 9;
        let checksum = crc32c::crc32c(&octets[..60]);
        octets[60..].copy_from_slice(&checksum.to_le_bytes());
        assert_eq!(SegmentHeader::decode(&octets), Err(SegmentHeaderError::Version(9)));
    }
}
