//! The message log, which is the truth, and its index, which is a view.
//!
//! All that changes is a [`Transaction`]: one checksummed record in the log, atomic, given a
//! change-number that is never used twice. One writer gathers what waits, appends it, syncs once
//! and only then makes the [`Ticket`]s ready: what can be seen is on disk. The index (SQLite) is
//! written behind that and can be dropped at any time: it is made again from the log.
//! `docs/data_file.md` describes every byte.
//!
//! What it knows is bytes, mailboxes and sequence-numbers. It refuses to know ASN.1 (an
//! [`Extractor`] that is handed in at open makes the columns and attributes), the time (creation
//! times are given in), and who may do what.

mod backend;
mod error;
mod extract;
mod index;
mod log;
mod query;
mod record;
mod rows;
mod storage;
mod store;
mod ticket;
mod transaction;
mod verify;
mod view;

pub use backend::{Backend, File, FileBackend, MemoryBackend, UnsyncedWrite};
pub use error::StorageError;
pub use extract::{Columns, EntrySource, Extracted, Extractor, TEXT_BYTES_MAX};
pub use index::known_damage;
pub use query::{Family, Query, Test, TextField, TextMatch};
pub use rows::{Entry, EntryRow, Selection};
pub use storage::{Count, Mailbox, Storage};
pub use store::{
    Damage, Health, IndexPlace, IndexState, Notice, OpenReport, Options, Reclaimed, Resync,
    SpaceUse, Store, Watcher, Whole, WholeChild,
};
pub use ticket::{Committed, StoredEntry, Ticket};
pub use transaction::{
    Change, Child, MailboxId, NUMBER_MAX, NewContent, NewEntry, NumberSet, Scope, Transaction,
};
pub use verify::{DamagedPlace, Difference, IndexCheck, Location, Progress, Verification, verify};
