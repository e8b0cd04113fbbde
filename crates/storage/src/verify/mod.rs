//! Verification: every record's checksums, and the index against what the log says.
//!
//! It changes nothing. What the log says is found as a rebuild would find it: all records go
//! through the same steps into a scratch index, in which a digest stands for what the extractor
//! made, and that one is compared with the index row by row.

mod check;

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::{Damage, MailboxId};

pub use check::verify;
pub(crate) use check::{Check, Digest, Observer, digest};

/// How far a verification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Octets of records that were read.
    pub bytes: u64,
    /// Octets of all segments, unused ones among them.
    pub bytes_all: u64,
}

/// An entry, as people name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The mailbox's identifier.
    pub mailbox: MailboxId,
    /// The mailbox's name.
    pub name: Arc<str>,
    /// The sequence-number.
    pub number: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.number)
    }
}

/// Damage with the entries that it costs, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedPlace {
    /// Where in the log.
    pub damage: Damage,
    /// Ascending. An entry that only the lost record knew is not among them.
    pub entries: Vec<Location>,
}

impl DamagedPlace {
    /// A place of which no entries are known.
    pub(crate) fn of(damage: &Damage) -> Self {
        Self { damage: *damage, entries: Vec::new() }
    }
}

impl fmt::Display for DamagedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { segment, offset, bytes, change } = self.damage;
        write!(f, "segment {segment} at {offset}: {bytes} octets are damaged")?;
        if let Some(change) = change {
            write!(f, ", change {change}")?;
        }
        for (place, entry) in self.entries.iter().enumerate() {
            write!(f, "{} {entry}", if place == 0 { ", entries:" } else { "," })?;
        }
        Ok(())
    }
}

/// Where the index is not what the log makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The log has an entry that the index has not.
    Missing(Location),
    /// The index has an entry that the log has not.
    Orphan(Location),
    /// The index says something else of an entry.
    Entry(Location),
    /// The index says something else of where a change's record is, or of how many of its
    /// entries are left.
    Record {
        /// The change-number.
        change: u64,
    },
    /// The index counts a segment's octets otherwise, in all or of what is there.
    Segment {
        /// The segment's sequence.
        segment: u64,
    },
    /// One of them does not have this mailbox, or has it otherwise.
    Mailbox {
        /// Its name.
        name: Arc<str>,
    },
    /// They do not agree on the highest sequence-number that was given out.
    HighWater {
        /// The mailbox's identifier.
        mailbox: MailboxId,
        /// Its name.
        name: Arc<str>,
        /// What the index has.
        index: u32,
        /// What the log makes it.
        log: u32,
    },
    /// They do not agree on a value.
    Value {
        /// The mailbox's identifier, 0 for the store's own.
        mailbox: u32,
        /// Its key.
        key: Bytes,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(entry) => write!(f, "{entry}: in the log, but not in the index"),
            Self::Orphan(entry) => write!(f, "{entry}: in the index, but not in the log"),
            Self::Entry(entry) => write!(f, "{entry}: the index is not as the log"),
            Self::Record { change } => {
                write!(f, "change {change}: the index has another place or count of its record")
            }
            Self::Segment { segment } => {
                write!(f, "segment {segment}: the index counts its octets otherwise")
            }
            Self::Mailbox { name } => write!(f, "{name}: the index has the mailbox otherwise"),
            Self::HighWater { name, index, log, .. } => write!(
                f,
                "{name}: the highest number given out is {index} in the index, {log} in the log"
            ),
            Self::Value { mailbox: 0, key } => {
                write!(f, "the store's value {}: the index is not as the log", key.escape_ascii())
            }
            Self::Value { mailbox, key } => write!(
                f,
                "value {} of mailbox {mailbox}: the index is not as the log",
                key.escape_ascii()
            ),
        }
    }
}

/// What became of the index in a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexCheck {
    /// It was compared with the log.
    Compared,
    /// It will be made again at the next start, for this reason; that is no damage.
    NotCompared(String),
    /// It can't be read, for this reason; it will be made again at the next start.
    Unreadable(String),
}

/// How many differences are kept; beyond that they are only counted.
pub(crate) const DIFFERENCES_MAX: usize = 1000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Records that were read.
    pub records: u64,
    /// Octets of them.
    pub bytes: u64,
    /// Entries that are there, by the log.
    pub entries: u64,
    /// Whether an unfinished write is at the end: it was never acknowledged, and the next start
    /// drops it. No damage.
    pub torn: bool,
    /// What is damaged in the log.
    pub damaged: Vec<DamagedPlace>,
    /// What became of the index.
    pub index: IndexCheck,
    /// Where log and index differ: the first thousand. Where a record is lost, only what does not
    /// depend on what was in it is compared.
    pub differences: Vec<Difference>,
    /// How many differences there are in all.
    pub differences_all: u64,
}

impl Verification {
    /// Whether all is as it should be.
    pub fn is_clean(&self) -> bool {
        let readable = !matches!(self.index, IndexCheck::Unreadable(_));
        self.damaged.is_empty() && self.differences_all == 0 && readable
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, bytes, entries, .. } = self;
        write!(f, "{records} records ({bytes} octets), {entries} entries")?;
        if self.torn {
            write!(f, ", an unfinished write at the end")?;
        }
        match &self.index {
            IndexCheck::Compared => {}
            IndexCheck::NotCompared(why) => write!(f, ", index not compared ({why})")?,
            IndexCheck::Unreadable(why) => write!(f, ", index can't be read ({why})")?,
        }
        if self.is_clean() {
            return write!(f, ": nothing is damaged");
        }
        let (damaged, differences) = (self.damaged.len(), self.differences_all);
        write!(f, ": {damaged} damaged places, {differences} differences between log and index")
    }
}
