//! What can be seen: the mailboxes, the columns of those in use, and what is on its way into the
//! index.
//!
//! The order of locks is: a mailbox's load, the gate, a mailbox's state, what is pending. The
//! gate keeps what is pending where it is while someone reads the index and then what the index
//! did not have yet.

mod attributes;
mod bare;
mod mailbox;
mod pending;
mod places;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;

use attributes::Room;
pub(crate) use attributes::{Block, Kept};
pub(crate) use bare::{Bare, Next};
use mailbox::MailboxView;
pub(crate) use mailbox::{Changed, Pin};
use pending::Pending;
pub(crate) use pending::{Work, WorkLimits};
use places::Places;

use crate::{
    Mailbox, MailboxId, NumberSet, Scope, StorageError,
    index::{Applied, Index, KnownMailbox},
    log::Place,
    record::Effect,
    rows::Rows,
};

pub(crate) struct View {
    index: Arc<Index>,
    directory: RwLock<Directory>,
    gate: RwLock<()>,
    pending: Pending,
    places: Places,
    columns_bytes_max: usize,
    attributes_room: Room,
    bare: Arc<Bare>,
    /// Counts uses of mailboxes, to tell which was used longest ago.
    uses: AtomicU64,
}

#[derive(Default)]
struct Directory {
    by_name: HashMap<Arc<str>, MailboxId>,
    by_id: HashMap<MailboxId, Arc<MailboxView>>,
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl View {
    pub(crate) fn new(
        index: Arc<Index>,
        known: &[KnownMailbox],
        [columns_bytes_max, attributes_bytes_max]: [usize; 2],
        limits: WorkLimits,
        bare: Arc<Bare>,
    ) -> Self {
        let view = Self {
            index,
            directory: RwLock::default(),
            gate: RwLock::new(()),
            pending: Pending::new(limits),
            places: Places::new(),
            columns_bytes_max,
            attributes_room: Room::new(attributes_bytes_max),
            bare,
            uses: AtomicU64::new(0),
        };
        for known in known.iter().filter(|known| !known.removed) {
            view.add(known.mailbox.clone(), known.high_water);
        }
        view
    }

    pub(crate) fn pending(&self) -> &Pending {
        &self.pending
    }

    fn add(&self, mailbox: Mailbox, high_water: u32) {
        let mut directory = write(&self.directory);
        directory.by_name.insert(mailbox.name.clone(), mailbox.id);
        let id = mailbox.id;
        directory.by_id.insert(id, Arc::new(MailboxView::new(mailbox, high_water)));
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<MailboxId> {
        read(&self.directory).by_name.get(name).copied()
    }

    pub(crate) fn mailboxes(&self) -> Vec<Mailbox> {
        let directory = read(&self.directory);
        let mut all: Vec<_> = directory.by_id.values().map(|view| view.mailbox.clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn mailbox(&self, id: MailboxId) -> Result<Arc<MailboxView>, StorageError> {
        let mailbox = read(&self.directory).by_id.get(&id).cloned();
        mailbox.ok_or(StorageError::NoMailbox(id))
    }

    pub(crate) fn name(&self, id: MailboxId) -> Result<Arc<str>, StorageError> {
        Ok(self.mailbox(id)?.mailbox.name.clone())
    }

    pub(crate) fn high_water(&self, id: MailboxId) -> Result<u32, StorageError> {
        Ok(read(&self.mailbox(id)?.state).high_water)
    }

    pub(crate) fn revision(&self, id: MailboxId) -> Result<u64, StorageError> {
        Ok(read(&self.mailbox(id)?.state).revision)
    }

    /// Keeps a mailbox's columns in memory until the pin is dropped.
    pub(crate) fn pin(&self, id: MailboxId) -> Result<Pin, StorageError> {
        let mailbox = self.mailbox(id)?;
        let pin = Pin::new(mailbox.clone());
        self.with_rows(&mailbox, |_| ())?;
        Ok(pin)
    }

    /// Reads a mailbox's rows at one moment.
    pub(crate) fn rows<T>(
        &self,
        id: MailboxId,
        read_rows: impl FnOnce(&Rows) -> T,
    ) -> Result<T, StorageError> {
        self.with_rows(&*self.mailbox(id)?, read_rows)
    }

    fn with_rows<T>(
        &self,
        mailbox: &MailboxView,
        read_rows: impl FnOnce(&Rows) -> T,
    ) -> Result<T, StorageError> {
        mailbox.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        loop {
            if let Some(rows) = &read(&mailbox.state).rows {
                return Ok(read_rows(rows));
            }
            self.load(mailbox)?;
        }
    }

    /// Loads a mailbox's columns: what the index has, and then what it does not have yet.
    fn load(&self, mailbox: &MailboxView) -> Result<(), StorageError> {
        let id = mailbox.mailbox.id;
        self.bare.wait_for(id)?;
        let one_at_a_time = lock(&mailbox.loading);
        if read(&mailbox.state).rows.is_some() {
            return Ok(());
        }
        self.fill(mailbox)?;
        drop(one_at_a_time);
        self.evict(id);
        Ok(())
    }

    /// Loads a mailbox's columns again where they are loaded: the index was put right.
    pub(crate) fn reload(&self, id: MailboxId) -> Result<(), StorageError> {
        let mailbox = self.mailbox(id)?;
        let _one_at_a_time = lock(&mailbox.loading);
        let loaded = read(&mailbox.state).rows.is_some();
        let filled = if loaded { self.fill(&mailbox) } else { Ok(()) };
        // Who looks between these sees the new rows under the old number, and looks again.
        write(&mailbox.state).revision += 1;
        filled
    }

    fn fill(&self, mailbox: &MailboxView) -> Result<(), StorageError> {
        let id = mailbox.mailbox.id;
        let _gate = read(&self.gate);
        let (change, mut rows) = self.index.load(id)?;
        let mut state = write(&mailbox.state);
        if state.removed {
            return Err(StorageError::NoMailbox(id));
        }
        state.applied = state.applied.max(change);
        for record in self.pending.after(change) {
            mailbox::apply_to_rows(&mut rows, &record, id);
            state.applied = state.applied.max(record.change);
        }
        mailbox.bytes.store(rows.bytes(), Ordering::Relaxed);
        state.rows = Some(rows);
        Ok(())
    }

    /// Lets go of the columns used longest ago while there are more than are to be kept beside the
    /// largest, which need their room whenever they are used and cost the most to load again.
    fn evict(&self, keep: MailboxId) {
        let bytes_of = |mailbox: &Arc<MailboxView>| mailbox.bytes.load(Ordering::Relaxed);
        let mut all: Vec<_> = read(&self.directory).by_id.values().cloned().collect();
        all.sort_by_key(bytes_of);
        drop(all.pop());
        let mut bytes: usize = all.iter().map(bytes_of).sum();
        all.retain(|mailbox| mailbox.mailbox.id != keep);
        all.sort_by_key(|mailbox| mailbox.used.load(Ordering::Relaxed));
        for mailbox in all {
            if bytes <= self.columns_bytes_max {
                break;
            }
            // It may have grown since the sum was taken.
            bytes = bytes.saturating_sub(mailbox.let_go());
        }
    }

    /// Raises statuses at once, ahead of the log; what of it was new.
    pub(crate) fn raise_status_now(&self, pin: &Pin, numbers: &NumberSet, to: u8) -> u32 {
        let mut state = write(&pin.mailbox().state);
        state.revision += 1;
        let Some(rows) = &mut state.rows else { return 0 };
        numbers.ranges().map(|range| rows.raise_status(range, to)).sum()
    }

    /// Makes a durable record visible; records come in the order of their changes.
    pub(crate) fn apply(&self, record: Arc<Applied>) -> Changed {
        self.pending.push(record.clone());
        let mut mailboxes: Vec<MailboxId> = Vec::new();
        for effect in &record.effects {
            if let Effect::CreateMailbox { id, high_water, name, about } = effect {
                let (name, about) = (name.clone(), about.clone());
                self.add(Mailbox { id: *id, name, about }, *high_water);
            }
            mailbox::mailboxes_of(effect, &mut mailboxes);
        }
        mailboxes.sort_unstable();
        mailboxes.dedup();
        let mut changed = Changed::default();
        for id in mailboxes {
            if let Ok(mailbox) = self.mailbox(id) {
                changed += mailbox.apply(&record);
            }
        }
        for effect in &record.effects {
            if let Effect::RemoveMailbox { id } = effect {
                self.remove(*id);
            }
        }
        changed
    }

    fn remove(&self, id: MailboxId) {
        let mut directory = write(&self.directory);
        let Some(mailbox) = directory.by_id.remove(&id) else { return };
        if directory.by_name.get(&mailbox.mailbox.name) == Some(&id) {
            directory.by_name.remove(&mailbox.mailbox.name);
        }
        drop(directory);
        mailbox.remove();
    }

    /// Forgets what the index has, up to a change.
    pub(crate) fn projected(&self, change: u64) {
        let _gate = write(&self.gate);
        self.pending.forget(change);
    }

    /// Encoded attributes of the entry that a change stored.
    pub(crate) fn attributes(
        &self,
        mailbox: MailboxId,
        number: u32,
        change: u64,
        ordinal: u32,
    ) -> Result<Option<Bytes>, StorageError> {
        match self.pending.find(change) {
            Some(record) => {
                let entry = record.entries().find(|entry| entry.ordinal == ordinal);
                Ok(entry.map(|entry| entry.extracted.attributes.clone()))
            }
            None => self.index.attributes(mailbox, number),
        }
    }

    /// Where the record of a change lies, or lay lately, that stored an entry which is there.
    pub(crate) fn known_place(&self, change: u64) -> Result<Option<Place>, StorageError> {
        match self.places.get(change) {
            Some(place) => Ok(Some(place)),
            None => self.place(change),
        }
    }

    /// What was added to an entry.
    pub(crate) fn amendment(
        &self,
        mailbox: MailboxId,
        number: u32,
    ) -> Result<Option<Bytes>, StorageError> {
        let _gate = read(&self.gate);
        match self.pending.amendment(mailbox, number) {
            Some(amendment) => Ok(Some(amendment)),
            None => self.index.amendment(mailbox, number),
        }
    }

    /// Where the record of a change lies that stored an entry which is there.
    pub(crate) fn place(&self, change: u64) -> Result<Option<Place>, StorageError> {
        let place = match self.pending.find(change) {
            Some(record) => Some(record.place),
            None => self.index.place(change)?,
        };
        if let Some(place) = place {
            self.places.put(change, place);
        }
        Ok(place)
    }

    /// Whether a mailbox's columns are loaded; so they are of one that is not there.
    pub(crate) fn has_rows(&self, id: MailboxId) -> bool {
        self.mailbox(id).map_or(true, |mailbox| read(&mailbox.state).rows.is_some())
    }

    fn check_scope(&self, scope: Scope) -> Result<(), StorageError> {
        match scope {
            Scope::Store => Ok(()),
            Scope::Mailbox(id) => self.mailbox(id).map(drop),
        }
    }

    pub(crate) fn value(&self, scope: Scope, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.check_scope(scope)?;
        let _gate = read(&self.gate);
        match self.pending.value(scope, key) {
            Some(value) => Ok(value),
            None => self.index.value(scope, key),
        }
    }

    pub(crate) fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
        max: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
        self.check_scope(scope)?;
        let _gate = read(&self.gate);
        let pending = self.pending.values_after(scope, prefix, after);
        // What was removed since may be in the index still.
        let removed = pending.iter().filter(|(_, value)| value.is_none()).count();
        let indexed =
            self.index.values_after(scope, prefix, after, max.saturating_add(removed))?;
        let mut values: BTreeMap<Bytes, Bytes> = indexed.into_iter().collect();
        for (key, value) in pending {
            match value {
                Some(value) => values.insert(key, value),
                None => values.remove(&key),
            };
        }
        Ok(values.into_iter().take(max).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::LoggedEntry;

    fn stored(mailbox: MailboxId, number: u32) -> Arc<Applied> {
        let entry = LoggedEntry {
            mailbox,
            ordinal: 0,
            number,
            parent: None,
            descendants: 0,
            state: 0,
            creation_time: 0,
            content: 0..0,
            class: 0,
            status: 0,
            envelope: Bytes::new(),
            amendment: Bytes::new(),
            replaces: false,
            extracted: Default::default(),
        };
        let place = Place { segment: 1, offset: 4096, bytes: 128 };
        let effects = vec![Effect::Store(vec![entry])];
        Arc::new(Applied { change: u64::from(number), place, effects })
    }

    /// Mailboxes, and nothing is kept of more than it must be.
    fn view_of(names: &[&str]) -> (Arc<Index>, View) {
        let index = Arc::new(Index::open(None).unwrap());
        index.begin(uuid::Uuid::from_u128(1), 1).unwrap();
        let limits = WorkLimits { records_max: 9, bytes_max: 9999, delay: Duration::MAX };
        let view = View::new(index.clone(), &[], [0, 0], limits, Arc::default());
        for (name, id) in names.iter().zip(1..) {
            let id = MailboxId::new(id).unwrap();
            view.add(Mailbox { id, name: (*name).into(), about: Bytes::new() }, 0);
        }
        (index, view)
    }

    #[test]
    fn the_largest_mailbox_stays_while_others_come_and_go() {
        let (index, view) = view_of(&["large", "one", "another"]);
        let [large, one, another] = [1, 2, 3].map(|id| MailboxId::new(id).unwrap());
        let records: Vec<_> = (1..=1000).map(|number| stored(large, number)).collect();
        index.project(records.iter().map(|record| &**record)).unwrap();
        view.pending.push(stored(one, 1001));
        view.pending.push(stored(another, 1002));
        let kept = |id| read(&view.mailbox(id).unwrap().state).rows.is_some();
        for id in [large, one, another] {
            view.rows(id, |_| ()).unwrap();
        }
        assert_eq!([large, one, another].map(kept), [true, false, true]);
    }

    #[test]
    fn a_record_that_was_loaded_is_not_applied_again() {
        let (index, view) = view_of(&["alice"]);
        let id = MailboxId::new(1).unwrap();
        let record = stored(id, 1);
        // As the writer does it, but with a load in between.
        view.pending.push(record.clone());
        let count = |view: &View| view.rows(id, |rows| rows.select(&Default::default()).len());
        assert_eq!(count(&view).unwrap(), 1);
        view.mailbox(id).unwrap().apply(&record);
        assert_eq!(count(&view).unwrap(), 1);
        assert_eq!(view.high_water(id).unwrap(), 1);
        // And with the index ahead of what was applied.
        let next = stored(id, 2);
        view.pending.push(next.clone());
        index.project([&*record, &*next]).unwrap();
        assert!(view.mailbox(id).unwrap().let_go() > 0);
        assert_eq!(count(&view).unwrap(), 2);
        view.mailbox(id).unwrap().apply(&next);
        assert_eq!(count(&view).unwrap(), 2);
    }
}
