//! How a store fares: what its operator should know of, told when it happens, and counted.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::ErrorCode;

use super::{Reclaimed, Shared, Store};
use crate::{DamagedPlace, StorageError, index::Index};

/// How long to wait for room before the index is written again.
const FULL_PAUSE: Duration = Duration::from_millis(500);

/// Notices that wait for somebody to tell them to; beyond that they are only counted.
const EARLY_MAX: usize = 1000;

/// Something that an operator should know of; shown as one line.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Damage that was not known, or entries that it costs.
    Damaged(DamagedPlace),
    /// Nothing is accepted any more, see [`StorageError::Stopped`].
    Stopped(StorageError),
    /// There is too little room: no content is taken in, see [`StorageError::NoSpace`].
    SpaceLow(StorageError),
    /// There is room again.
    SpaceEnough {
        /// How many contents were refused meanwhile.
        refused: u64,
    },
    /// Space was given back.
    Reclaimed(Reclaimed),
    /// Space could not be given back.
    NotReclaimed(StorageError),
    /// What is shown of entries is all made, see [`crate::OpenReport::extracting`].
    Extracted,
    /// It can't all be made before the next start; whoever asks for the rest is told why.
    NotExtracted(StorageError),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(place) => write!(f, "{place}"),
            Self::Stopped(error) => write!(f, "{error}"),
            Self::SpaceLow(error) => {
                write!(f, "no message is taken in until there is room again: {error}")
            }
            Self::SpaceEnough { refused } => {
                write!(f, "there is room again: messages are taken in; {refused} were refused")
            }
            Self::Reclaimed(Reclaimed { segments, bytes }) => {
                write!(f, "{segments} segments of the log rewritten, {bytes} octets given back")
            }
            Self::NotReclaimed(error) => write!(f, "space can't be given back: {error}"),
            Self::Extracted => write!(f, "what the index shows of entries is all made"),
            Self::NotExtracted(error) => write!(
                f,
                "what the index shows of entries can't be made: {error}; see to the disk and \
                 start the store again"
            ),
        }
    }
}

/// How a store fares, for metrics. All counts are since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether it has stopped accepting changes.
    pub stopped: bool,
    /// Whether no content is taken in for want of room.
    pub space_low: bool,
    /// Contents refused for want of room.
    pub refused_for_space: u64,
    /// Places that are known to be damaged, those known before it was opened among them.
    pub damaged_places: u64,
    /// Entries that these cost, as far as they are known.
    pub damaged_entries: u64,
    /// Segments that were rewritten.
    pub reclaimed_segments: u64,
    /// Octets that this gave back.
    pub reclaimed_bytes: u64,
    /// How often space could not be given back.
    pub reclaim_failures: u64,
    /// How much is made of what the index shows of entries, hundredths; `None` where it is all.
    pub extracted_percent: Option<u8>,
    /// How often the log was synced.
    pub syncs: u64,
    /// How long that took, microseconds.
    pub sync_time_us: u64,
    /// The change-number of the last record that is durable.
    pub durable_change: u64,
    /// That of the last one that is in the index.
    pub indexed_change: u64,
}

/// Who is told.
pub type Watcher = dyn Fn(&Notice) + Send + Sync;

#[derive(Default)]
pub(super) struct Watch {
    state: Mutex<State>,
    space_low: AtomicBool,
    refused: AtomicU64,
    refused_now: AtomicU64,
    reclaimed_segments: AtomicU64,
    reclaimed_bytes: AtomicU64,
    reclaim_failures: AtomicU64,
    syncs: AtomicU64,
    sync_time_us: AtomicU64,
    durable_change: AtomicU64,
    indexed_change: AtomicU64,
    /// What the index says while it finds no room.
    index_full: Mutex<Option<StorageError>>,
}

#[derive(Default)]
struct State {
    watcher: Option<Arc<Watcher>>,
    /// What there was before there was a watcher.
    early: Vec<Notice>,
}

impl Watch {
    pub(super) fn tell(&self, notice: Notice) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watcher) = state.watcher.clone() else {
            if state.early.len() < EARLY_MAX {
                state.early.push(notice);
            }
            return;
        };
        drop(state);
        watcher(&notice);
    }

    /// The log was synced, after so long, up to a change.
    pub(super) fn synced(&self, time: Duration, change: u64) {
        let time_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.sync_time_us.fetch_add(time_us, Ordering::Relaxed);
        self.durable_change.store(change, Ordering::Relaxed);
    }

    /// The index has what there is up to a change.
    pub(super) fn indexed(&self, change: u64) {
        self.indexed_change.fetch_max(change, Ordering::Relaxed);
    }

    /// A content was refused for want of room.
    pub(super) fn refused(&self, error: &StorageError) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.refused_now.fetch_add(1, Ordering::Relaxed);
        if !self.space_low.swap(true, Ordering::Relaxed) {
            self.tell(Notice::SpaceLow(error.clone()));
        }
    }

    /// Contents were taken in, and none was refused.
    pub(super) fn taken(&self) {
        if self.space_low.load(Ordering::Relaxed) && self.space_low.swap(false, Ordering::Relaxed)
        {
            let refused = self.refused_now.swap(0, Ordering::Relaxed);
            self.tell(Notice::SpaceEnough { refused });
        }
    }

    /// The index finds no room: no content is taken in until it does.
    pub(super) fn set_index_full(&self, error: Option<&rusqlite::Error>) {
        let error = error
            .map(|error| StorageError::NoSpace(Arc::new(io::Error::other(error.to_string()))));
        *self.index_full.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    pub(super) fn index_full(&self) -> Option<StorageError> {
        self.index_full.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn reclaimed(&self, reclaimed: Reclaimed) {
        if reclaimed.segments > 0 {
            self.reclaimed_segments.fetch_add(reclaimed.segments, Ordering::Relaxed);
            self.reclaimed_bytes.fetch_add(reclaimed.bytes, Ordering::Relaxed);
            self.tell(Notice::Reclaimed(reclaimed));
        }
    }

    pub(super) fn not_reclaimed(&self, error: StorageError) {
        self.reclaim_failures.fetch_add(1, Ordering::Relaxed);
        self.tell(Notice::NotReclaimed(error));
    }
}

impl Shared {
    /// Writes to the index; where it finds no room, again and again until there is some. `None`
    /// when the store is closed before that.
    pub(super) fn write_index(
        &self,
        write: impl Fn(&Index) -> rusqlite::Result<()>,
    ) -> Option<rusqlite::Result<()>> {
        loop {
            let written = write(&self.index);
            let full = written
                .as_ref()
                .err()
                .filter(|error| error.sqlite_error_code() == Some(ErrorCode::DiskFull));
            self.watch.set_index_full(full);
            if full.is_none() {
                return Some(written);
            }
            if self.view.pending().pause(FULL_PAUSE) {
                return None;
            }
        }
    }

    /// Accepts nothing from now on, and says so once.
    pub(super) fn stop(&self, why: String) {
        let why: Arc<str> = why.into();
        if self.stopped.set(why.clone()).is_ok() {
            self.watch.tell(Notice::Stopped(StorageError::Stopped(why)));
        }
    }

    pub(super) fn stopped(&self) -> Option<StorageError> {
        self.stopped.get().map(|why| StorageError::Stopped(why.clone()))
    }

    /// Takes down damage; says so where it was not known.
    pub(super) fn note(&self, found: DamagedPlace) {
        if let Some(known) = self.upkeep.note(&found) {
            // It is found again where it could not be kept.
            let _ = self.index.keep_damage(&known);
            self.watch.tell(Notice::Damaged(known));
        }
    }
}

impl Store {
    /// Has somebody told what an operator should know of: from now on, on the thread on which it
    /// happens, and first of all that has happened since the store was opened. It must not call
    /// the store.
    pub fn watch(&self, watcher: Arc<Watcher>) {
        let mut state = self.shared.watch.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.watcher = Some(watcher.clone());
        let early = std::mem::take(&mut state.early);
        drop(state);
        early.iter().for_each(|notice| watcher(notice));
    }

    /// How it fares.
    pub fn health(&self) -> Health {
        let watch = &self.shared.watch;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let damage = self.damage();
        Health {
            stopped: self.shared.stopped().is_some(),
            space_low: watch.space_low.load(Ordering::Relaxed),
            refused_for_space: count(&watch.refused),
            damaged_places: damage.len() as u64,
            damaged_entries: damage.iter().map(|place| place.entries.len() as u64).sum(),
            reclaimed_segments: count(&watch.reclaimed_segments),
            reclaimed_bytes: count(&watch.reclaimed_bytes),
            reclaim_failures: count(&watch.reclaim_failures),
            extracted_percent: self.shared.extraction.percent(),
            syncs: count(&watch.syncs),
            sync_time_us: count(&watch.sync_time_us),
            durable_change: count(&watch.durable_change),
            indexed_change: count(&watch.indexed_change),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        Change, EntrySource, Extracted, Extractor, IndexPlace, MailboxId, MemoryBackend,
        NewContent, NewEntry, Options, Storage, Transaction,
    };

    /// Attributes that fill pages of the index.
    struct Much;

    impl Extractor for Much {
        fn version(&self) -> u32 {
            1
        }

        fn extract(&self, _: &EntrySource<'_>) -> Extracted {
            Extracted { attributes: vec![1; 20_000].into(), ..Extracted::default() }
        }
    }

    fn pages_max(store: &Store, pages: u32) {
        let set = |sql: &rusqlite::Connection| {
            sql.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0))
        };
        let now: u32 = store.shared.index.with(set).unwrap();
        assert!(now >= pages);
    }

    fn deliver(store: &Store, mailbox: MailboxId) -> Result<u32, StorageError> {
        let entries = vec![NewEntry::new(mailbox, 0, 0, Bytes::from_static(b"envelope"))];
        let content = NewContent { content: Vec::new(), creation_time: 0, entries };
        let committed = store.commit(Transaction::of(Change::Store(content))).wait()?;
        Ok(committed.stored[0].number)
    }

    #[test]
    fn an_index_without_room_holds_messages_off_until_there_is_some() {
        let options = Options { index_delay: Duration::ZERO, ..Options::default() };
        let backend = Arc::new(MemoryBackend::new());
        let store = Store::open(backend, &IndexPlace::Memory, options, Arc::new(Much)).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = told.clone();
        store.watch(Arc::new(move |notice| teller.lock().unwrap().push(notice.to_string())));
        let name = "alice".into();
        let create = Change::CreateMailbox { name, about: Bytes::new() };
        let alice = store.commit(Transaction::of(create)).wait().unwrap().mailboxes[0];
        store.wait_for_index();
        // No more than it has.
        pages_max(&store, 1);
        let mut last = 0;
        let refused = loop {
            match deliver(&store, alice) {
                Ok(number) => last = number,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, StorageError::NoSpace(_)), "{refused}");
        assert!(last > 0 && store.health().space_low && store.stopped().is_none());
        assert_eq!(store.select(alice, &Default::default()).unwrap().len(), last as usize);
        pages_max(&store, 1 << 20);
        store.wait_for_index();
        assert_eq!(deliver(&store, alice).unwrap(), last + 1);
        assert!(!store.health().space_low);
        store.wait_for_index();
        assert_eq!(store.select(alice, &Default::default()).unwrap().len(), last as usize + 1);
        let told = told.lock().unwrap();
        let [low, enough] = &told[..] else { panic!("{told:?}") };
        assert!(low.contains("full") && enough.contains("room again"), "{told:?}");
    }
}
