//! The log: segments in the order of their sequence, records in the order of their change.

mod append;
mod open_files;
mod recover;
mod rewrite;
mod segment;
mod segments;
mod window;

pub(crate) use append::{AppendError, Appender, NextSegment, Parts};
pub(crate) use recover::{Event, Recovered, recover, scan};
pub(crate) use rewrite::{RewrittenFile, read_all};
pub(crate) use segment::{Extent, Segment, StoredRecord};
pub(crate) use segments::{
    REWRITINGS_MAX, SegmentLimits, Segments, rewritings_of, turn_of, with_rewritings,
};

/// Where a record lies. Places change when space is reclaimed; change-numbers do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The segment's sequence.
    pub(crate) segment: u64,
    /// Offset in its file, octets.
    pub(crate) offset: u64,
    /// What the record takes, octets.
    pub(crate) bytes: u64,
}

impl Place {
    /// The place of its segment in the log.
    pub(crate) fn turn(&self) -> u64 {
        turn_of(self.segment)
    }

    /// Where the next record would lie.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes
    }
}
