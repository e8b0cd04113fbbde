//! Reading a whole segment that is to be rewritten, and the file that it becomes.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{Extent, Place, Segment, Segments, window::Window};
use crate::{
    File, StorageError,
    record::{ALIGN_BYTES, Record, RecordHeader, SEGMENT_HEADER_BYTES, SegmentHeader, seed},
};

/// How much is written and synced at once: a commit's own sync never waits for more.
const PIECE_BYTES: usize = 1024 * 1024;

/// Reads all records of a segment; whether there is nothing in it that is damaged.
pub(crate) fn read_all(
    segments: &Segments,
    segment: &Arc<Segment>,
    each: &mut dyn FnMut(Place, Record) -> Result<(), StorageError>,
) -> Result<bool, StorageError> {
    let mut window = Window::new(segment.clone(), segment.bytes, Extent::Whole);
    let mut at = SEGMENT_HEADER_BYTES;
    let mut last: Option<RecordHeader> = None;
    let follows = |last: Option<RecordHeader>, next: &RecordHeader| {
        last.is_none_or(|last| next.previous == last.change)
    };
    while let Some(record) = window.record(at, |next| follows(last, next))? {
        if record.content.is_damaged() {
            return Ok(false);
        }
        let bytes = record.header.record_bytes();
        let place = Place { segment: segment.sequence, offset: at, bytes };
        at += bytes;
        last = Some(record.header);
        each(place, record)?;
    }
    // What follows says whether that was all.
    let next = segments.all().into_iter().find(|next| next.turn() > segment.turn());
    let Some(next) = next else { return Ok(false) };
    let mut window = Window::new(next.clone(), next.bytes, Extent::Head);
    let next =
        window.record(SEGMENT_HEADER_BYTES, |next| last.is_some() && follows(last, next))?;
    Ok(next.is_some())
}

/// The file of a segment that is to stand for others. It counts for nothing until it is whole.
pub(crate) struct RewrittenFile<'a> {
    segments: &'a Segments,
    header: SegmentHeader,
    first: u64,
    seed: u32,
    file: Arc<dyn File>,
    buffer: Vec<u8>,
    /// Where the buffer is to be written.
    buffer_at: u64,
    finished: bool,
}

impl<'a> RewrittenFile<'a> {
    pub(crate) fn create(
        segments: &'a Segments,
        sequence: u64,
        first: u64,
        epoch: u32,
    ) -> io::Result<Self> {
        let file = segments.begin_rewriting(sequence, first)?;
        let header = SegmentHeader { store: segments.store, sequence, epoch, used_before: false };
        let mut buffer = header.encode().to_vec();
        buffer.resize(SEGMENT_HEADER_BYTES as usize, 0);
        Ok(Self {
            segments,
            header,
            first,
            seed: seed(segments.store, sequence),
            file,
            buffer,
            buffer_at: 0,
            finished: false,
        })
    }

    /// Writes a record.
    pub(crate) fn write(
        &mut self,
        header: &RecordHeader,
        meta: &[u8],
        content: &Bytes,
    ) -> io::Result<Place> {
        let offset = self.at();
        header.encode(self.seed, meta, &mut self.buffer);
        for piece in content.chunks(PIECE_BYTES) {
            self.buffer.extend_from_slice(piece);
            self.write_buffer(PIECE_BYTES)?;
        }
        let padding = self.at().next_multiple_of(ALIGN_BYTES) - self.at();
        self.buffer.resize(self.buffer.len() + padding as usize, 0);
        self.write_buffer(PIECE_BYTES)?;
        Ok(Place { segment: self.header.sequence, offset, bytes: self.at() - offset })
    }

    fn at(&self) -> u64 {
        self.buffer_at + self.buffer.len() as u64
    }

    fn write_buffer(&mut self, bytes_min: usize) -> io::Result<()> {
        if self.buffer.len() < bytes_min {
            return Ok(());
        }
        self.file.write_at(&self.buffer, self.buffer_at)?;
        self.buffer_at += self.buffer.len() as u64;
        self.buffer.clear();
        self.file.sync()
    }

    /// Makes it whole and puts it in the place of those for which it stands.
    pub(crate) fn finish(mut self) -> io::Result<Arc<Segment>> {
        self.write_buffer(1)?;
        self.finished = true;
        self.segments.finish_rewriting(self.header, self.first, self.buffer_at)
    }
}

impl Drop for RewrittenFile<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // A start takes it away as well.
            let _ = self.segments.give_up_rewriting(self.header.sequence, self.first);
        }
    }
}
