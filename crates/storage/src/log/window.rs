//! Reading a segment from its beginning to its end without a call for every record.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{Extent, Segment};
use crate::record::{ALIGN_BYTES, Record, RecordHeader, SEGMENT_HEADER_BYTES};

const WINDOW_BYTES: u64 = 1024 * 1024;

pub(super) struct Window {
    segment: Arc<Segment>,
    end: u64,
    extent: Extent,
    octets: Bytes,
    octets_at: u64,
    saw_octets: bool,
}

impl Window {
    pub(super) fn new(segment: Arc<Segment>, end: u64, extent: Extent) -> Self {
        Self { segment, end, extent, octets: Bytes::new(), octets_at: 0, saw_octets: false }
    }

    /// Whether the last search passed over anything but zeros.
    pub(super) fn saw_octets(&self) -> bool {
        self.saw_octets
    }

    fn octets(&mut self, offset: u64, length: u64) -> io::Result<Bytes> {
        if length > WINDOW_BYTES {
            return self.segment.read_bytes(offset, length);
        }
        let inside = offset >= self.octets_at
            && offset + length <= self.octets_at + self.octets.len() as u64;
        if !inside {
            let mut buffer = vec![0; WINDOW_BYTES.min(self.end - offset) as usize];
            self.segment.file()?.read_at(&mut buffer, offset)?;
            (self.octets, self.octets_at) = (buffer.into(), offset);
        }
        let from = (offset - self.octets_at) as usize;
        Ok(self.octets.slice(from..from + length as usize))
    }

    /// The record at `offset`, if there is one that `accept` takes.
    pub(super) fn record(
        &mut self,
        offset: u64,
        accept: impl Fn(&RecordHeader) -> bool,
    ) -> io::Result<Option<Record>> {
        let (segment, within) = (self.segment.clone(), (offset, self.end));
        let record =
            segment.record_at(within, self.extent, |at, length| self.octets(at, length))?;
        Ok(record.filter(|record| accept(&record.header)))
    }

    /// The first such record from `offset` on.
    pub(super) fn find(
        &mut self,
        offset: u64,
        accept: impl Fn(&RecordHeader) -> bool,
    ) -> io::Result<Option<(u64, Record)>> {
        self.saw_octets = false;
        let mut at = offset.max(SEGMENT_HEADER_BYTES).next_multiple_of(ALIGN_BYTES);
        while at < self.end {
            let piece = self.octets(at, WINDOW_BYTES.min(self.end - at))?;
            for (place, word) in piece.chunks_exact(ALIGN_BYTES as usize).enumerate() {
                if word == [0; ALIGN_BYTES as usize] {
                    continue;
                }
                self.saw_octets = true;
                let offset = at + place as u64 * ALIGN_BYTES;
                if let Some(record) = self.record(offset, &accept)? {
                    return Ok(Some((offset, record)));
                }
            }
            at += piece.len() as u64 / ALIGN_BYTES * ALIGN_BYTES;
            if (piece.len() as u64) < ALIGN_BYTES {
                break;
            }
        }
        Ok(None)
    }
}
