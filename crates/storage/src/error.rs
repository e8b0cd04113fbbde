//! What can go wrong in storage, sorted by fault: our caller's misuse, the disk's, the operator's.
//!
//! Cloneable, because one failed sync is the answer to every transaction that waited for it.

use std::{io, sync::Arc};

use crate::MailboxId;

/// Why storage did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// The mailbox was removed, or never created.
    #[error("there is no mailbox {0}; it was removed or never created")]
    NoMailbox(MailboxId),
    /// A mailbox of this name exists already.
    #[error("a mailbox named {0} exists already; choose another name or remove it first")]
    MailboxExists(String),
    /// The mailbox has given out its last sequence-number, 2^31-1.
    #[error("mailbox {0} has no sequence-numbers left; move its user to a new mailbox")]
    NumbersExhausted(MailboxId),
    /// A transaction that makes no sense: our caller's mistake. Nothing was written.
    #[error("the transaction is not valid: {0}")]
    Invalid(&'static str),
    /// Sequence-numbers can't be raised by so many. Nothing was written.
    #[error(
        "mailbox {name} has given out the sequence-number {high_water}: it can't be raised by \
         {increment}, as the highest there is is 2147483647; choose {} or less",
        crate::NUMBER_MAX.saturating_sub(*high_water)
    )]
    IncrementTooHigh {
        /// The mailbox's name.
        name: Arc<str>,
        /// The highest number that it has given out.
        high_water: u32,
        /// By how many it was to be raised.
        increment: u32,
    },
    /// The disk has no room for what was to be stored. Nothing was written; the store goes on.
    #[error("no room for more in the log ({0}); free space on the data volume")]
    NoSpace(Arc<io::Error>),
    /// A record in the log does not match its checksum.
    #[error("the record of change {change} in log segment {segment} at {offset} is damaged")]
    Damaged {
        /// The segment's sequence.
        segment: u64,
        /// Offset of the record in the segment's file, octets.
        offset: u64,
        /// Its change-number.
        change: u64,
    },
    /// What is shown of the mailbox's entries is still being made, see
    /// [`crate::Options::extraction_wait`].
    #[error("what is shown of the entries of mailbox {0} is still being made; try again later")]
    Busy(MailboxId),
    /// A write or sync failed, or the index could not be written; nothing is accepted any more.
    /// The transaction may or may not be on disk: a start finds out.
    #[error("the store stopped accepting changes: {0}; see to the disk, then start again")]
    Stopped(Arc<str>),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Another process has the data directory open.
    #[error("the data directory is in use by another process; stop that one first")]
    InUse,
    /// The directory's log is not one that this version can read.
    #[error("the log can't be opened: {0}")]
    NotReadable(String),
    /// The disk refused a read, or an operation at open.
    #[error("storage input/output failed: {0}")]
    Io(Arc<io::Error>),
    /// The index refused.
    #[error("the index failed: {0}; remove the index file, it is made again at the next start")]
    Index(Arc<rusqlite::Error>),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(Arc::new(error))
    }
}
