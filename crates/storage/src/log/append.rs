//! Appending: gathered in a buffer, large contents from where they lie, one sync for the batch.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::{Place, Segment, Segments};
use crate::{
    File, StorageError,
    record::{ALIGN_BYTES, RecordHeader, SEGMENT_HEADER_BYTES, record_bytes},
};

/// A piece of content from this length on is written from where it lies.
const GATHER_BYTES_MAX: usize = 64 * 1024;

/// The buffer is written when it has this much.
const BUFFER_BYTES: usize = 512 * 1024;

/// The first segment of a store, so that a new store is there at once; each one after it has
/// twice as much, up to the size that is set.
const FIRST_BYTES: u64 = 4 * 1024 * 1024;

/// From this length of batches on, octets, the next segment is not filled before it is written: to
/// write its octets twice takes longer than what each sync of one that is not filled takes more.
const LARGE_BATCH_BYTES: u64 = 1024 * 1024;

/// The segment that follows the current one, made ready by whoever comes first.
pub(crate) struct NextSegment {
    segments: Arc<Segments>,
    epoch: u32,
    segment_bytes: u64,
    state: Mutex<NextState>,
}

struct NextState {
    sequence: u64,
    ready: Option<Arc<Segment>>,
    /// Whether it need not be filled.
    for_large: bool,
}

impl NextSegment {
    pub(crate) fn new(
        segments: Arc<Segments>,
        epoch: u32,
        segment_bytes: u64,
        sequence: u64,
        ready: Option<Arc<Segment>>,
    ) -> Self {
        let state = Mutex::new(NextState { sequence, ready, for_large: false });
        Self { segments, epoch, segment_bytes, state }
    }

    fn lock(&self) -> MutexGuard<'_, NextState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes it ready, where it is not yet.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        self.prepare_locked(&mut self.lock()).map(drop)
    }

    /// Says whether batches are large that will come into it.
    fn expect(&self, large: bool) {
        self.lock().for_large = large;
    }

    fn prepare_locked(&self, state: &mut NextState) -> io::Result<Arc<Segment>> {
        if let Some(ready) = &state.ready {
            return Ok(ready.clone());
        }
        let bytes = self.regular_bytes(state);
        let segment =
            self.segments.create(state.sequence, self.epoch, (bytes, state.for_large))?;
        state.ready = Some(segment.clone());
        Ok(segment)
    }

    /// What a segment has that is made ready before it is known what comes into it.
    fn regular_bytes(&self, state: &NextState) -> u64 {
        if let Some(ready) = &state.ready {
            return ready.bytes;
        }
        let doublings = u32::try_from(state.sequence - 1).unwrap_or(u32::MAX);
        let grown = FIRST_BYTES.saturating_mul(2u64.saturating_pow(doublings));
        self.segment_bytes.min(grown)
    }

    /// Takes it, with room for `bytes` of records.
    fn take(&self, bytes: u64) -> io::Result<(Arc<Segment>, u64)> {
        let mut state = self.lock();
        let wanted = SEGMENT_HEADER_BYTES + bytes;
        let segment = if wanted > self.regular_bytes(&state) {
            if let Some(ready) = &state.ready {
                self.segments.put_aside(ready)?;
                state.ready = None;
            }
            self.segments.create_large(state.sequence, self.epoch, wanted)?
        } else {
            self.prepare_locked(&mut state)?
        };
        state.ready = None;
        state.sequence += 1;
        let bytes = segment.bytes;
        Ok((segment, bytes))
    }
}

/// What went wrong while appending.
pub(crate) enum AppendError {
    /// Nothing of this record was written; others can be.
    Refused(StorageError),
    /// Something may have been written: nothing more is.
    Failed(io::Error),
}

impl From<AppendError> for StorageError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(error) => error,
            AppendError::Failed(error) => error.into(),
        }
    }
}

/// What a record is made of.
pub(crate) struct Parts<'a> {
    pub(crate) header: RecordHeader,
    pub(crate) meta: &'a [u8],
    pub(crate) content: &'a [Bytes],
}

/// The segment that is written, whose file stays open.
#[derive(Clone)]
struct Current {
    segment: Arc<Segment>,
    file: Arc<dyn File>,
}

impl Current {
    fn new(segment: Arc<Segment>) -> io::Result<Self> {
        let file = segment.file()?;
        Ok(Self { segment, file })
    }
}

/// The end of the log.
pub(crate) struct Appender {
    next: Arc<NextSegment>,
    current: Option<Current>,
    /// Where the buffer is to be written, and where the segment ends.
    buffer_at: u64,
    end: u64,
    buffer: Vec<u8>,
    dirty: bool,
    /// Batches that were synced in this segment, and where the first of them begins.
    batches: u64,
    batches_at: u64,
    /// Whether it was said that the next segment is wanted.
    next_wanted: bool,
}

impl Appender {
    /// Goes on after `last`, in its segment.
    pub(crate) fn new(
        next: Arc<NextSegment>,
        current: Option<(Arc<Segment>, u64)>,
    ) -> io::Result<Self> {
        let end = match &current {
            Some((segment, _)) => segment.bytes,
            None => 0,
        };
        let buffer_at = current.as_ref().map_or(0, |(_, at)| *at);
        let current = current.map(|(segment, _)| Current::new(segment)).transpose()?;
        Ok(Self {
            next,
            current,
            buffer_at,
            end,
            buffer: Vec::new(),
            dirty: false,
            batches: 0,
            batches_at: buffer_at,
            next_wanted: false,
        })
    }

    fn at(&self) -> u64 {
        self.buffer_at + self.buffer.len() as u64
    }

    /// Makes sure that a record of this size has its place. Whether the segment was changed.
    pub(crate) fn make_room(
        &mut self,
        meta_bytes: usize,
        content_bytes: u64,
    ) -> Result<bool, AppendError> {
        let bytes = record_bytes(meta_bytes, content_bytes);
        if self.current.is_some() && bytes <= self.end - self.at() {
            return Ok(false);
        }
        self.sync().map_err(AppendError::Failed)?;
        let (segment, end) = self
            .next
            .take(bytes)
            .map_err(|error| AppendError::Refused(StorageError::NoSpace(Arc::new(error))))?;
        let current = Current::new(segment).map_err(AppendError::Failed)?;
        (self.current, self.end) = (Some(current), end);
        self.buffer_at = SEGMENT_HEADER_BYTES;
        (self.batches, self.batches_at) = (0, self.buffer_at);
        self.next_wanted = false;
        Ok(true)
    }

    /// Whether it is time to make the next segment ready; true once a segment.
    pub(crate) fn wants_next(&mut self) -> bool {
        let wanted = self.at() >= self.end / 2 && !std::mem::replace(&mut self.next_wanted, true);
        if wanted {
            let bytes = self.at() - self.batches_at;
            self.next.expect(bytes / self.batches.max(1) >= LARGE_BATCH_BYTES);
        }
        wanted
    }

    /// Appends a record for which there is room.
    pub(crate) fn append(&mut self, parts: &Parts<'_>) -> io::Result<Place> {
        let Current { segment, file } = self.current.clone().expect("room was made");
        let offset = self.at();
        parts.header.encode(segment.seed, parts.meta, &mut self.buffer);
        for piece in parts.content {
            if piece.len() < GATHER_BYTES_MAX {
                self.buffer.extend_from_slice(piece);
            } else {
                self.write_buffer()?;
                file.write_at(piece, self.buffer_at)?;
                self.buffer_at += piece.len() as u64;
            }
            if self.buffer.len() >= BUFFER_BYTES {
                self.write_buffer()?;
            }
        }
        let padding = self.at().next_multiple_of(ALIGN_BYTES) - self.at();
        self.buffer.resize(self.buffer.len() + padding as usize, 0);
        self.dirty = true;
        Ok(Place { segment: segment.sequence, offset, bytes: self.at() - offset })
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        let Some(Current { file, .. }) = &self.current else { return Ok(()) };
        if !self.buffer.is_empty() {
            file.write_at(&self.buffer, self.buffer_at)?;
            self.buffer_at += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Makes all that was appended durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.write_buffer()?;
        match &self.current {
            Some(current) if std::mem::take(&mut self.dirty) => {
                self.batches += 1;
                current.file.sync()
            }
            _ => Ok(()),
        }
    }
}
