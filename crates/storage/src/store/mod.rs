//! The store: a log, its index, one thread that writes and one that projects.
//!
//! A commit is prepared on its caller's thread (checked, extracted, its checksum taken), waits in
//! a bounded queue, and is written, synced and made visible by the writer. What the index does
//! not have yet is in memory, bounded as well: when it is full the writer waits, then the queue
//! fills, then the callers wait.

mod export;
mod extraction;
mod health;
mod numbering;
mod open;
mod prepare;
mod projector;
mod queue;
mod rewrite;
mod space;
mod upkeep;
mod writer;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use uuid::Uuid;

pub use export::{Whole, WholeChild};
pub use health::{Health, Notice, Watcher};
pub(crate) use open::Replay;
pub use open::{Damage, IndexState, OpenReport};
pub use space::{Reclaimed, SpaceUse};
pub use upkeep::Resync;

use crate::{
    Backend, Count, Entry, Extractor, Mailbox, MailboxId, Query, Scope, Selection, Storage,
    StorageError, Ticket, Transaction,
    index::Index,
    log::{Place, Segments, StoredRecord},
    record::{Effect, LoggedEntry, decode_effects},
    rows::Rows,
    view::View,
};

/// Where the index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexPlace {
    /// In memory: made again at every open.
    Memory,
    /// A SQLite file.
    File(PathBuf),
}

/// The limits of a store. The defaults suit a machine with a few processors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Size of a log segment, octets; a larger record gets one of its own.
    pub segment_bytes: u64,
    /// Transactions that may wait for the writer, and their octets, before a commit waits.
    pub queue_transactions_max: usize,
    /// See [`Options::queue_transactions_max`]; one that is larger waits alone.
    pub queue_bytes_max: usize,
    /// How much is written with one sync, octets.
    pub batch_bytes_max: usize,
    /// What may be visible and not yet in the index before the writer waits, octets.
    pub pending_bytes_max: usize,
    /// Records in one transaction of the index.
    pub index_batch_records: usize,
    /// How long a record waits at most for its batch of the index to become large.
    pub index_delay: Duration,
    /// How much of the log, octets, is read with all its contents at an open where the index lacks
    /// it. Where it lacks more, only what is beside the contents is read then, and columns and
    /// attributes are made afterwards, while the store serves.
    pub replay_bytes_max: u64,
    /// How many threads make them.
    pub extraction_threads: usize,
    /// How long a read waits for those of its mailbox, which then come first; after that it is
    /// [`StorageError::Busy`].
    pub extraction_wait: Duration,
    /// Columns that are kept in memory, octets; those of the largest mailbox are kept beside them.
    pub columns_bytes_max: usize,
    /// Attributes that were read and are kept in memory for the next list, octets.
    pub attributes_bytes_max: usize,
    /// Files of log segments that are open, beside those that are read at the moment.
    pub open_files_max: usize,
    /// With less than this free, octets, no content is taken in; all else goes on.
    pub free_bytes_min: u64,
    /// A segment of which less than this part is in use is rewritten, in hundredths.
    pub live_percent_min: u8,
    /// How much is read for that in a second, octets; 0: only when asked, see
    /// [`Store::reclaim`].
    pub reclaim_bytes_per_second: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024 * 1024,
            queue_transactions_max: 4096,
            queue_bytes_max: 32 * 1024 * 1024,
            batch_bytes_max: 8 * 1024 * 1024,
            pending_bytes_max: 32 * 1024 * 1024,
            index_batch_records: 2000,
            index_delay: Duration::from_millis(500),
            replay_bytes_max: 256 * 1024 * 1024,
            extraction_threads: thread::available_parallelism()
                .map_or(1, |n| n.get() / 2)
                .clamp(1, 4),
            extraction_wait: Duration::from_secs(10),
            columns_bytes_max: 64 * 1024 * 1024,
            attributes_bytes_max: 48 * 1024 * 1024,
            open_files_max: 64,
            free_bytes_min: 128 * 1024 * 1024,
            live_percent_min: 50,
            reclaim_bytes_per_second: 16 * 1024 * 1024,
        }
    }
}

/// What the threads of a store share.
struct Shared {
    extractor: Arc<dyn Extractor>,
    segments: Arc<Segments>,
    index: Arc<Index>,
    view: View,
    queue: queue::Queue,
    space: space::Space,
    extraction: extraction::Extraction,
    epoch: u32,
    /// Why nothing is accepted any more.
    stopped: OnceLock<Arc<str>>,
    upkeep: upkeep::Upkeep,
    watch: health::Watch,
}

/// An open store.
pub struct Store {
    shared: Arc<Shared>,
    report: OpenReport,
    writer: Option<JoinHandle<()>>,
    projector: Option<JoinHandle<()>>,
    reclaimer: Option<JoinHandle<()>>,
    extracting: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens a store, or makes a new one where the backend holds none: finds the end of the log,
    /// brings the index up to it, and starts.
    pub fn open(
        backend: Arc<dyn Backend>,
        index: &IndexPlace,
        options: Options,
        extractor: Arc<dyn Extractor>,
    ) -> Result<Self, StorageError> {
        open::open(backend, index, options, extractor)
    }

    /// What opening it came to.
    pub fn open_report(&self) -> &OpenReport {
        &self.report
    }

    /// The store's own identifier.
    pub fn id(&self) -> Uuid {
        self.shared.segments.store
    }

    /// Why it accepts nothing any more; `None` while it does.
    pub fn stopped(&self) -> Option<StorageError> {
        self.shared.stopped()
    }

    /// Waits until the index has all that is visible.
    pub fn wait_for_index(&self) {
        self.shared.view.pending().wait_until_projected(u64::MAX);
    }

    /// Writes what waits, brings the index up to date, and ends.
    pub fn close(mut self) -> Result<(), StorageError> {
        self.finish();
        match self.shared.stopped() {
            Some(error) => Err(error),
            None => Ok(self.shared.index.checkpoint()?),
        }
    }

    fn finish(&mut self) {
        self.shared.queue.close();
        // A thread that panicked has said so; there is nothing to add.
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        self.shared.view.pending().close();
        if let Some(projector) = self.projector.take() {
            let _ = projector.join();
        }
        self.shared.space.close();
        self.shared.extraction.bare().close();
        for thread in [self.reclaimer.take(), self.extracting.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }

    /// The row, the record's meta and the record of an entry.
    fn stored(&self, mailbox: MailboxId, number: u32) -> Result<Option<Stored>, StorageError> {
        let Some(row) = self.entry(mailbox, number)? else { return Ok(None) };
        let view = &self.shared.view;
        let Some(mut place) = view.known_place(row.change)? else { return Ok(None) };
        loop {
            let read = self.read_stored(&row, place);
            if matches!(read, Err(StorageError::Damaged { .. })) {
                // It may have been moved, or deleted, since its place was looked up.
                match view.place(row.change)? {
                    None => return Ok(None),
                    Some(now) if now != place => {
                        place = now;
                        continue;
                    }
                    Some(_) => {}
                }
            }
            return self.noting(mailbox, number, place, read).map(Some);
        }
    }

    /// Where the record of an entry lies, as far as is known without a look into the log.
    fn entry_place(&self, mailbox: MailboxId, number: u32) -> Result<Option<Place>, StorageError> {
        let view = &self.shared.view;
        match view.rows(mailbox, |rows| rows.get(number).map(|row| row.change))? {
            Some(change) => view.known_place(change),
            None => Ok(None),
        }
    }

    fn read_stored(&self, row: &Entry, place: Place) -> Result<Stored, StorageError> {
        let record = self.shared.segments.read(row.change, place)?;
        let damaged = || StorageError::Damaged {
            segment: place.segment,
            offset: place.offset,
            change: row.change,
        };
        let effects = decode_effects(record.meta.clone()).ok_or_else(damaged)?;
        let entry = effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Store(entries) => Some(entries),
                _ => None,
            })
            .flatten()
            .find(|entry| entry.ordinal == row.ordinal);
        Ok(Stored { entry: entry.ok_or_else(damaged)?, record, place })
    }
}

/// An entry with its record.
struct Stored {
    entry: LoggedEntry,
    record: StoredRecord,
    place: Place,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Storage for Store {
    fn commit(&self, transaction: Transaction) -> Ticket {
        prepare::commit(&self.shared, transaction)
    }

    fn has_room(&self) -> bool {
        self.shared.queue.has_room()
    }

    fn has_columns(&self, mailbox: MailboxId) -> bool {
        self.shared.view.has_rows(mailbox)
    }

    fn has_record(&self, mailbox: MailboxId, number: u32) -> bool {
        self.has_columns(mailbox)
            && self
                .entry_place(mailbox, number)
                .is_ok_and(|place| place.is_none_or(|place| self.shared.segments.is_cached(place)))
    }

    fn mailbox(&self, name: &str) -> Option<MailboxId> {
        self.shared.view.by_name(name)
    }

    fn name(&self, mailbox: MailboxId) -> Result<Arc<str>, StorageError> {
        self.shared.view.name(mailbox)
    }

    fn mailboxes(&self) -> Vec<Mailbox> {
        self.shared.view.mailboxes()
    }

    fn select(&self, mailbox: MailboxId, query: &Query) -> Result<Selection, StorageError> {
        // The search is not under the mailbox's lock: a delivery does not wait for it.
        Ok(self.shared.view.rows(mailbox, Rows::clone)?.select(query))
    }

    fn entry(&self, mailbox: MailboxId, number: u32) -> Result<Option<Entry>, StorageError> {
        self.shared.view.rows(mailbox, |rows| rows.get(number).map(|row| row.to_entry()))
    }

    fn attributes(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        let view = &self.shared.view;
        let found = |rows: &Rows| rows.get(number).map(|r| (r.change, r.ordinal));
        match view.rows(mailbox, found)? {
            Some((change, ordinal)) => view.attributes(mailbox, number, change, ordinal),
            None => Ok(None),
        }
    }

    fn attributes_of(
        &self,
        mailbox: MailboxId,
        selection: &Selection,
        places: &[usize],
    ) -> Result<Vec<Option<Bytes>>, StorageError> {
        self.shared.view.attributes_of(mailbox, selection, places)
    }

    fn amendment(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        self.shared.view.amendment(mailbox, number)
    }

    fn envelope(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        Ok(self.stored(mailbox, number)?.map(|stored| stored.entry.envelope))
    }

    fn content(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        match self.stored(mailbox, number)? {
            Some(Stored { entry, record, place }) => {
                let content = record.content(entry.content);
                self.noting(mailbox, number, place, content).map(Some)
            }
            None => Ok(None),
        }
    }

    fn counts(&self, mailbox: MailboxId) -> Result<Vec<Count>, StorageError> {
        Ok(self.shared.view.rows(mailbox, Rows::clone)?.counts())
    }

    fn high_water(&self, mailbox: MailboxId) -> Result<u32, StorageError> {
        self.shared.view.high_water(mailbox)
    }

    fn revision(&self, mailbox: MailboxId) -> Result<u64, StorageError> {
        self.shared.view.revision(mailbox)
    }

    fn value(&self, scope: Scope, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.shared.view.value(scope, key)
    }

    fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
        max: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
        self.shared.view.values_after(scope, prefix, after, max)
    }
}
