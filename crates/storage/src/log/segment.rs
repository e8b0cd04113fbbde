//! A segment, and reading of single records.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use super::{
    Place, Segments,
    open_files::OpenFiles,
    segments::{name_of, turn_of},
};
use crate::{
    File, StorageError,
    record::{Content, RECORD_HEADER_BYTES, Record, RecordHeader, verifies},
};

/// A record up to this length is read whole and its content verified; of a larger one, what is
/// asked for is mapped, and its content verified when it is first read.
const WHOLE_BYTES_MAX: u64 = 256 * 1024 - 1;

/// How much of a large content is read at once to verify it, octets.
const VERIFY_BYTES: usize = 256 * 1024;

/// How much of a record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All.
    Whole,
    /// Header and meta.
    Head,
}

/// A segment of the log. Who holds it keeps its file from being used for another.
pub(crate) struct Segment {
    pub(crate) sequence: u64,
    /// The first of the segments for which it stands: its own, unless it was rewritten.
    pub(crate) first: u64,
    pub(crate) seed: u32,
    /// The file's length, octets.
    pub(crate) bytes: u64,
    /// Whether its header could be read.
    pub(crate) sound: bool,
    /// Whether the file was another segment before, so that what is behind the records is not
    /// zero.
    pub(crate) used_before: bool,
    pub(super) files: Arc<OpenFiles>,
    /// Where the large contents lie that were verified since the store was opened.
    pub(super) verified: Mutex<BTreeSet<u64>>,
}

/// Octets that may be mapped.
struct Held {
    octets: Bytes,
    _segment: Arc<Segment>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

impl Segments {
    /// A record, which is read and verified whole; its content may be damaged all the same.
    pub(crate) fn record(&self, change: u64, place: Place) -> Result<Record, StorageError> {
        let Place { segment, offset, bytes } = place;
        let damaged = || StorageError::Damaged { segment, offset, change };
        let segment = self.get(segment).ok_or_else(damaged)?;
        let end = segment.bytes;
        let read = |at, length| segment.read_bytes(at, length);
        let record = segment.record_at((offset, end), Extent::Whole, read)?;
        let record = record.ok_or_else(damaged)?;
        let same = record.header.change == change && record.header.record_bytes() == bytes;
        if same { Ok(record) } else { Err(damaged()) }
    }

    /// Whether a record can be read whole without waiting for the disk.
    pub(crate) fn is_cached(&self, place: Place) -> bool {
        let Place { segment, offset, bytes } = place;
        let file = self.get(segment).and_then(|segment| segment.open_file());
        bytes <= WHOLE_BYTES_MAX && file.is_some_and(|file| file.is_cached(offset, bytes))
    }

    /// Header and meta of a record, verified, and where its content begins; the content itself
    /// where the record is small.
    pub(crate) fn read(&self, change: u64, place: Place) -> Result<StoredRecord, StorageError> {
        let Place { segment, offset, bytes } = place;
        let damaged = || StorageError::Damaged { segment, offset, change };
        let segment = self.get(segment).ok_or_else(damaged)?;
        let whole = bytes <= WHOLE_BYTES_MAX;
        let first = if whole { bytes } else { RECORD_HEADER_BYTES as u64 };
        let octets = segment.read_bytes(offset, first)?;
        let header = RecordHeader::decode(&octets).ok_or_else(damaged)?;
        if header.change != change || header.record_bytes() != bytes {
            return Err(damaged());
        }
        let head = RECORD_HEADER_BYTES + header.meta_bytes as usize;
        let octets = if whole { octets } else { segment.read_bytes(offset, head as u64)? };
        if !verifies(segment.seed, &octets[..head]) {
            return Err(damaged());
        }
        let content = whole.then(|| octets.slice(head..head + header.content_bytes as usize));
        if content.as_ref().is_some_and(|c| crc32c::crc32c(c) != header.content_checksum) {
            return Err(damaged());
        }
        let meta = octets.slice(RECORD_HEADER_BYTES..head);
        let content = match content {
            Some(content) => StoredContent::Read(content),
            None => StoredContent::OnDisk { segment, offset, header },
        };
        Ok(StoredRecord { meta, content })
    }
}

/// A record of which the content may still be on disk.
pub(crate) struct StoredRecord {
    pub(crate) meta: Bytes,
    content: StoredContent,
}

enum StoredContent {
    Read(Bytes),
    OnDisk { segment: Arc<Segment>, offset: u64, header: RecordHeader },
}

impl StoredRecord {
    /// A range of the content.
    pub(crate) fn content(&self, range: std::ops::Range<u64>) -> Result<Bytes, StorageError> {
        match &self.content {
            StoredContent::Read(content) => {
                Ok(content.slice(range.start as usize..range.end as usize))
            }
            StoredContent::OnDisk { segment, offset, header } => {
                let at = offset + RECORD_HEADER_BYTES as u64 + u64::from(header.meta_bytes);
                if !segment.verifies_content(at, header)? {
                    let (segment, change) = (segment.sequence, header.change);
                    return Err(StorageError::Damaged { segment, offset: *offset, change });
                }
                Ok(segment.read_bytes(at + range.start, range.end - range.start)?)
            }
        }
    }
}

impl Segment {
    /// The place of its records in the log: that of the last of the segments that it stands for.
    pub(crate) fn turn(&self) -> u64 {
        turn_of(self.sequence)
    }

    /// Its file, opened where it is not.
    pub(crate) fn file(&self) -> io::Result<Arc<dyn File>> {
        self.files.get(self.sequence, || self.name())
    }

    /// Its file, if it is open.
    fn open_file(&self) -> Option<Arc<dyn File>> {
        self.files.find(self.sequence)
    }

    pub(super) fn name(&self) -> String {
        name_of(self.sequence, self.first)
    }

    /// The octets of a range. As long as someone holds a large one, the segment is in use and its
    /// file is not used for anything else.
    pub(crate) fn read_bytes(self: &Arc<Self>, offset: u64, length: u64) -> io::Result<Bytes> {
        let octets = self.file()?.read_bytes(offset, length)?;
        if length <= WHOLE_BYTES_MAX {
            return Ok(octets);
        }
        Ok(Bytes::from_owner(Held { octets, _segment: self.clone() }))
    }

    /// Whether a content is what was written: read in pieces, and only once.
    fn verifies_content(&self, at: u64, header: &RecordHeader) -> io::Result<bool> {
        let verified = || self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified().contains(&at) {
            return Ok(true);
        }
        let file = self.file()?;
        let mut sum = 0;
        let mut piece = vec![0; VERIFY_BYTES];
        let (mut from, end) = (at, at + header.content_bytes);
        while from < end {
            let length = piece.len().min(usize::try_from(end - from).unwrap_or(usize::MAX));
            file.read_at(&mut piece[..length], from)?;
            sum = crc32c::crc32c_append(sum, &piece[..length]);
            from += length as u64;
        }
        let sound = sum == header.content_checksum;
        if sound {
            verified().insert(at);
        }
        Ok(sound)
    }

    /// Reads and verifies what may be a record, all of it or without its content; `None` where
    /// there is none.
    pub(crate) fn record_at(
        &self,
        (offset, end): (u64, u64),
        extent: Extent,
        mut octets: impl FnMut(u64, u64) -> io::Result<Bytes>,
    ) -> io::Result<Option<Record>> {
        if offset + RECORD_HEADER_BYTES as u64 > end {
            return Ok(None);
        }
        let first = octets(offset, RECORD_HEADER_BYTES as u64)?;
        let Some(header) = RecordHeader::decode(&first) else { return Ok(None) };
        if header.record_bytes() > end - offset {
            return Ok(None);
        }
        let head = RECORD_HEADER_BYTES as u64 + u64::from(header.meta_bytes);
        let read = match extent {
            Extent::Whole => octets(offset, head + header.content_bytes)?,
            Extent::Head => octets(offset, head)?,
        };
        let head = head as usize;
        if !verifies(self.seed, &read[..head]) {
            return Ok(None);
        }
        let meta = read.slice(RECORD_HEADER_BYTES..head);
        let content = match (extent, read.slice(head..)) {
            (Extent::Head, _) => Content::NotRead,
            (_, content) if crc32c::crc32c(&content) == header.content_checksum => {
                Content::Sound(content)
            }
            _ => Content::Damaged,
        };
        Ok(Some(Record { header, meta, content }))
    }
}
