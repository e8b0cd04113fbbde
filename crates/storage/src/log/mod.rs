//! The log: segments in the order of their sequence, records in the order of their change.

mod append;
mod recover;
mod segment;
mod window;

pub(crate) use append::{AppendError, Appender, NextSegment, Parts};
pub(crate) use recover::{Event, Recovered, recover, scan};
pub(crate) use segment::{Segment, Segments, StoredRecord};

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
    /// Where the next record would lie.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes
    }
}
