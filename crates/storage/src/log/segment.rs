//! Segment files: their names, their headers, and reading of single records.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use bytes::Bytes;
use uuid::Uuid;

use super::Place;
use crate::{
    Backend, File, StorageError,
    record::{
        RECORD_HEADER_BYTES, Record, RecordHeader, SEGMENT_HEADER_BYTES, SegmentHeader,
        SegmentHeaderError, seed, verifies,
    },
};

/// A record up to this length is read whole and its content verified; of a larger one, what is
/// asked for is mapped, and its content verified when it is first read.
const WHOLE_BYTES_MAX: u64 = 256 * 1024;

/// How much of a large content is read at once to verify it, octets.
const VERIFY_BYTES: usize = 256 * 1024;

const NAME_END: &str = ".log";

/// An open segment.
pub(crate) struct Segment {
    pub(crate) sequence: u64,
    pub(crate) seed: u32,
    pub(crate) file: Arc<dyn File>,
    /// Whether its header could be read.
    pub(crate) sound: bool,
    /// Where the large contents lie that were verified since it was opened.
    verified: Mutex<BTreeSet<u64>>,
}

/// All segments of a store.
pub(crate) struct Segments {
    backend: Arc<dyn Backend>,
    pub(crate) store: Uuid,
    open: RwLock<BTreeMap<u64, Arc<Segment>>>,
}

fn name_of(sequence: u64) -> String {
    format!("{sequence:016x}{NAME_END}")
}

fn sequence_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(NAME_END)?;
    let sequence = u64::from_str_radix(digits, 16).ok()?;
    (name_of(sequence) == name).then_some(sequence)
}

/// Reads a segment's header; `None` where it is damaged.
fn read_header(file: &dyn File) -> Result<Option<SegmentHeader>, StorageError> {
    let mut octets = [0; 64];
    if file.len()? < SEGMENT_HEADER_BYTES {
        return Ok(None);
    }
    file.read_at(&mut octets, 0)?;
    match SegmentHeader::decode(&octets) {
        Ok(header) => Ok(Some(header)),
        Err(SegmentHeaderError::Damaged) => Ok(None),
        Err(SegmentHeaderError::Version(version)) => Err(StorageError::NotReadable(format!(
            "its format is version {version}; use the release that wrote it, or a later one"
        ))),
    }
}

impl Segments {
    /// Opens all segments that are there. A store that has none becomes a new one.
    pub(crate) fn open(backend: Arc<dyn Backend>) -> Result<Self, StorageError> {
        let mut files = Vec::new();
        let mut store = None;
        for name in backend.list()? {
            let Some(sequence) = sequence_of(&name) else { continue };
            let file = backend.open(&name)?;
            let header = read_header(&*file)?;
            if header.is_some_and(|header| *store.get_or_insert(header.store) != header.store) {
                return Err(StorageError::NotReadable(format!(
                    "segment {name} is of another store; move it away"
                )));
            }
            let sound = header.is_some_and(|header| header.sequence == sequence);
            files.push((sequence, file, sound));
        }
        if store.is_none() && !Self::are_never_used(&files)? {
            return Err(StorageError::NotReadable(
                "no segment has a readable header; restore from a backup".into(),
            ));
        }
        if store.is_none() {
            files.iter().try_for_each(|(sequence, ..)| backend.remove(&name_of(*sequence)))?;
            files.clear();
        }
        let store = store.unwrap_or_else(Uuid::new_v4);
        let open = files
            .into_iter()
            .map(|(sequence, file, sound)| {
                let seed = seed(store, sequence);
                (sequence, Arc::new(Segment::new(sequence, seed, file, sound)))
            })
            .collect();
        Ok(Self { backend, store, open: RwLock::new(open) })
    }

    /// Whether there is at most the first segment, without a record: a start that was cut off.
    fn are_never_used(files: &[(u64, Arc<dyn File>, bool)]) -> io::Result<bool> {
        let [(1, file, _)] = files else { return Ok(files.is_empty()) };
        if file.len()? <= SEGMENT_HEADER_BYTES {
            return Ok(true);
        }
        let mut octets = [0; RECORD_HEADER_BYTES];
        file.read_at(&mut octets, SEGMENT_HEADER_BYTES)?;
        Ok(octets == [0; RECORD_HEADER_BYTES])
    }

    /// All of them, ascending.
    pub(crate) fn all(&self) -> Vec<Arc<Segment>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.values().cloned().collect()
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<Arc<Segment>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&sequence).cloned()
    }

    /// Makes a segment ready: filled, with its header, durable. What is left of a failed attempt
    /// is taken away.
    pub(crate) fn create(
        &self,
        sequence: u64,
        epoch: u32,
        bytes: u64,
    ) -> io::Result<Arc<Segment>> {
        let name = name_of(sequence);
        let file = self.backend.create(&name)?;
        let filled = (|| {
            file.set_len(bytes)?;
            let header = SegmentHeader { store: self.store, sequence, epoch };
            file.write_at(&header.encode(), 0)?;
            file.sync()?;
            self.backend.sync_directory()
        })();
        if let Err(error) = filled {
            // The first error says more than one of the removal would.
            let _ = self.backend.remove(&name);
            return Err(error);
        }
        let seed = seed(self.store, sequence);
        let segment = Arc::new(Segment::new(sequence, seed, file, true));
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(sequence, segment.clone());
        Ok(segment)
    }

    /// Removes a segment.
    pub(crate) fn remove(&self, sequence: u64) -> io::Result<()> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.remove(&sequence);
        self.backend.remove(&name_of(sequence))?;
        self.backend.sync_directory()
    }

    /// The header of a record, which is read and verified whole.
    pub(crate) fn header(&self, change: u64, place: Place) -> Result<RecordHeader, StorageError> {
        let Place { segment, offset, bytes } = place;
        let damaged = || StorageError::Damaged { segment, offset, change };
        let segment = self.get(segment).ok_or_else(damaged)?;
        let end = segment.file.len()?;
        let read = |at, length| segment.file.read_bytes(at, length);
        let record = segment.record_at(offset, end, read)?.ok_or_else(damaged)?;
        let same = record.header.change == change && record.header.record_bytes() == bytes;
        if same { Ok(record.header) } else { Err(damaged()) }
    }

    /// Header and meta of a record, verified, and where its content begins; the content itself
    /// where the record is small.
    pub(crate) fn read(&self, change: u64, place: Place) -> Result<StoredRecord, StorageError> {
        let Place { segment, offset, bytes } = place;
        let damaged = || StorageError::Damaged { segment, offset, change };
        let segment = self.get(segment).ok_or_else(damaged)?;
        let whole = bytes <= WHOLE_BYTES_MAX;
        let first = if whole { bytes } else { RECORD_HEADER_BYTES as u64 };
        let octets = segment.file.read_bytes(offset, first)?;
        let header = RecordHeader::decode(&octets).ok_or_else(damaged)?;
        if header.change != change || header.record_bytes() != bytes {
            return Err(damaged());
        }
        let head = RECORD_HEADER_BYTES + header.meta_bytes as usize;
        let octets = if whole { octets } else { segment.file.read_bytes(offset, head as u64)? };
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
                Ok(segment.file.read_bytes(at + range.start, range.end - range.start)?)
            }
        }
    }
}

impl Segment {
    fn new(sequence: u64, seed: u32, file: Arc<dyn File>, sound: bool) -> Self {
        Self { sequence, seed, file, sound, verified: Mutex::default() }
    }

    /// Whether a content is what was written: read in pieces, and only once.
    fn verifies_content(&self, at: u64, header: &RecordHeader) -> io::Result<bool> {
        let verified = || self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified().contains(&at) {
            return Ok(true);
        }
        let mut sum = 0;
        let mut piece = vec![0; VERIFY_BYTES];
        let (mut from, end) = (at, at + header.content_bytes);
        while from < end {
            let length = piece.len().min(usize::try_from(end - from).unwrap_or(usize::MAX));
            self.file.read_at(&mut piece[..length], from)?;
            sum = crc32c::crc32c_append(sum, &piece[..length]);
            from += length as u64;
        }
        let sound = sum == header.content_checksum;
        if sound {
            verified().insert(at);
        }
        Ok(sound)
    }

    /// Reads and verifies all of what may be a record; `None` where there is none.
    pub(crate) fn record_at(
        &self,
        offset: u64,
        end: u64,
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
        let whole = octets(offset, head + header.content_bytes)?;
        let head = head as usize;
        if !verifies(self.seed, &whole[..head]) {
            return Ok(None);
        }
        let content = whole.slice(head..);
        let sound = crc32c::crc32c(&content) == header.content_checksum;
        let meta = whole.slice(RECORD_HEADER_BYTES..head);
        Ok(Some(Record { header, meta, content: sound.then_some(content) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_segments() {
        assert_eq!(sequence_of(&name_of(0x1f)), Some(0x1f));
        assert_eq!(sequence_of("000000000000001f.log"), Some(0x1f));
        for name in ["lock", "1f.log", "000000000000001F.log", "+00000000000001f.log"] {
            assert_eq!(sequence_of(name), None, "{name}");
        }
    }
}
