//! A store that looks after itself while it serves: the damage that it knows of, verification and
//! resynchronisation in the background, and numbers raised after a restore.

use std::{
    collections::BTreeMap,
    fmt,
    ops::ControlFlow,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Shared, Store,
    numbering::{FLOOR_KEY, floor_of},
    prepare::extract,
};
use crate::{
    Change, Damage, DamagedPlace, Difference, IndexCheck, Location, MailboxId, NUMBER_MAX,
    Progress, Scope, Storage, StorageError, Transaction, Verification,
    index::{Comparison, Index, repair},
    log::Place,
    record::{Effect, LoggedEntry, decode_effects},
    verify::{Check, Observer},
};

/// How often a resynchronisation that waits for the extraction looks whether it is still wanted.
const EXTRACTION_LOOK: Duration = Duration::from_millis(200);

/// What upkeep knows.
pub(super) struct Upkeep {
    /// By segment and offset.
    damage: Mutex<BTreeMap<(u64, u64), DamagedPlace>>,
    /// The last record that is durable.
    durable: Mutex<Option<Place>>,
    /// Held while records must stay where they are.
    records_stay: Mutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Upkeep {
    pub(super) fn new(known: Vec<DamagedPlace>) -> Self {
        let place = |place: DamagedPlace| ((place.damage.segment, place.damage.offset), place);
        Self {
            damage: Mutex::new(known.into_iter().map(place).collect()),
            durable: Mutex::default(),
            records_stay: Mutex::default(),
        }
    }

    /// Keeps records where they are until the guard is dropped.
    pub(super) fn records_stay(&self) -> MutexGuard<'_, ()> {
        lock(&self.records_stay)
    }

    pub(super) fn set_durable(&self, place: Place) {
        *lock(&self.durable) = Some(place);
    }

    /// Takes down what was found; what is known of the place, where anything of it is new.
    pub(super) fn note(&self, found: &DamagedPlace) -> Option<DamagedPlace> {
        let mut damage = lock(&self.damage);
        let key = (found.damage.segment, found.damage.offset);
        let Some(known) = damage.get_mut(&key) else {
            damage.insert(key, found.clone());
            return Some(found.clone());
        };
        let before = known.entries.len();
        known.entries.extend(found.entries.iter().cloned());
        known.entries.sort();
        known.entries.dedup();
        (known.entries.len() > before).then(|| known.clone())
    }

    /// Knows what a look at the whole log found, and forgets what it did not.
    fn look_found(&self, found: &[DamagedPlace]) {
        let places = |(segment, offset): &(u64, u64)| {
            let same = |place: &DamagedPlace| {
                (place.damage.segment, place.damage.offset) == (*segment, *offset)
            };
            found.iter().any(same)
        };
        lock(&self.damage).retain(|place, _| places(place));
    }
}

/// What a resynchronisation came to; shown as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resync {
    /// What was found before anything was put right.
    pub found: Verification,
    /// Entries made in the index that it did not have.
    pub made: u64,
    /// Entries taken out of the index that the log does not have.
    pub removed: u64,
    /// What else was put right in the index.
    pub changed: u64,
    /// Whether mailboxes differ, so that the index is made again at the next start.
    pub again: bool,
}

impl fmt::Display for Resync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verification { records, entries, damaged, .. } = &self.found;
        write!(f, "{records} records and {entries} entries compared with the index: ")?;
        let Self { made, removed, changed, .. } = self;
        match made + removed + changed {
            0 => write!(f, "nothing to put right")?,
            _ => write!(f, "{made} entries made, {removed} removed, {changed} changes")?,
        }
        if self.again {
            write!(f, ", mailboxes differ: the index is made again at the next start")?;
        }
        if !damaged.is_empty() {
            write!(f, ", {} damaged places in the log", damaged.len())?;
        }
        Ok(())
    }
}

impl Store {
    /// What is known to be damaged: found at open, by a read or by a verification. An entry in it
    /// is listed as ever; reading its envelope or content is [`StorageError::Damaged`].
    pub fn damage(&self) -> Vec<DamagedPlace> {
        lock(&self.shared.upkeep.damage).values().cloned().collect()
    }

    /// Takes down what a read of an entry found damaged.
    pub(super) fn noting<T>(
        &self,
        mailbox: MailboxId,
        number: u32,
        place: Place,
        read: Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        if let Err(StorageError::Damaged { segment, offset, change }) = &read {
            let (segment, offset, change) = (*segment, *offset, Some(*change));
            let damage = Damage { segment, offset, bytes: place.bytes, change };
            let name = self.shared.view.name(mailbox)?;
            let entries = vec![Location { mailbox, name, number }];
            self.shared.note(DamagedPlace { damage, entries });
        }
        read
    }

    /// The number above which a mailbox that is made begins to count, at least.
    ///
    /// # Errors
    /// Where the index can't be read.
    pub fn floor(&self) -> Result<u32, StorageError> {
        let value = self.value(Scope::Store, FLOOR_KEY)?;
        Ok(floor_of(value.as_deref()))
    }

    /// Raises the sequence-numbers of all mailboxes by `increment`, durably: none of those passed
    /// over is given out any more. So it is for mailboxes that are made later: those that are not
    /// known here may have been, and have given out numbers, before the state that was restored
    /// was left behind; and those that were removed here may have been made again. For use before
    /// anything else is done.
    ///
    /// # Errors
    /// [`StorageError::IncrementTooHigh`] where a mailbox would have no number left; then none is
    /// raised.
    pub fn raise_numbers(&self, increment: u32) -> Result<(), StorageError> {
        let mut changes = Vec::new();
        for mailbox in self.mailboxes() {
            let high_water = self.high_water(mailbox.id)?;
            let to = high_water.checked_add(increment).filter(|to| *to <= NUMBER_MAX);
            let name = mailbox.name;
            let to = to.ok_or(StorageError::IncrementTooHigh { name, high_water, increment })?;
            changes.push(Change::RaiseHighWater { mailbox: mailbox.id, to });
        }
        let removed = self.shared.index.mailboxes()?.into_iter().filter(|known| known.removed);
        let removed = removed.map(|known| (known.high_water, known.mailbox.name));
        let begin = (self.floor()?, "to come".into());
        let (high_water, name) = removed.chain([begin.clone()]).max().unwrap_or(begin);
        match high_water.checked_add(increment).filter(|to| *to <= NUMBER_MAX) {
            Some(to) => changes.push(Change::RaiseFloor { to }),
            None => return Err(StorageError::IncrementTooHigh { name, high_water, increment }),
        }
        self.commit(Transaction { changes }).wait().map(drop)
    }

    /// Verifies the log and the index while the store serves: as [`crate::verify`] does.
    ///
    /// # Errors
    /// [`StorageError::Closed`] where `progress` ended it; where the disk refuses a read.
    pub fn verify(
        &self,
        bytes_per_second: Option<u64>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Verification, StorageError> {
        let _records_stay = self.shared.upkeep.records_stay();
        let mut check = self.check(Observer { bytes_per_second, progress })?;
        let mut comparison = Comparison::default();
        if self.shared.extraction.bare().any() {
            let why = "what it holds is not all made yet".to_owned();
            return self.found(check.finish(IndexCheck::NotCompared(why), &comparison)?);
        }
        let compared =
            self.shared.index.moment(|index| catch_up(&mut check, &mut comparison, index));
        let state = match compared {
            Ok(()) => IndexCheck::Compared,
            Err(StorageError::Index(error)) => IndexCheck::Unreadable(error.to_string()),
            Err(error) => return Err(error),
        };
        self.found(check.finish(state, &comparison)?)
    }

    /// Compares the index with the log and puts it right, while the store serves, once all that it
    /// shows of entries is made. Deliveries may wait a little at its end. Entries whose record is
    /// damaged are left as they are.
    ///
    /// # Errors
    /// As for [`Store::verify`]; where the index can't be read or written.
    pub fn resync(
        &self,
        bytes_per_second: Option<u64>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Resync, StorageError> {
        let shared = &*self.shared;
        while !shared.extraction.bare().wait_for_all(EXTRACTION_LOOK)? {
            if progress(Progress { bytes: 0, bytes_all: 0 }).is_break() {
                return Err(StorageError::Closed);
            }
        }
        let _records_stay = shared.upkeep.records_stay();
        let mut check = self.check(Observer { bytes_per_second, progress })?;
        let mut comparison = Comparison::default();
        shared.index.with(|index| {
            let moment = index.unchecked_transaction()?;
            catch_up(&mut check, &mut comparison, &moment)?;
            let read = |change, place, ordinal| read_entry(shared, change, place, ordinal);
            check.scratch.with(|log| {
                let mut found = comparison.found.iter();
                found.try_for_each(|difference| repair(&moment, log, difference, &read))
            })?;
            Ok::<_, StorageError>(moment.commit()?)
        })?;
        self.show(&comparison)?;
        let count = |wanted: fn(&Difference) -> bool| {
            comparison.found.iter().filter(|difference| wanted(difference)).count() as u64
        };
        let made = count(|difference| matches!(difference, Difference::Missing(_)));
        let removed = count(|difference| matches!(difference, Difference::Orphan(_)));
        let mailboxes = count(|difference| matches!(difference, Difference::Mailbox { .. }));
        let changed = comparison.found.len() as u64 - made - removed - mailboxes;
        let found = self.found(check.finish(IndexCheck::Compared, &comparison)?)?;
        Ok(Resync { found, made, removed, changed, again: mailboxes > 0 })
    }

    /// A check that has read the log to its present end, which the index has by now.
    fn check<'a>(&'a self, observer: Observer<'a>) -> Result<Check<'a>, StorageError> {
        let shared = &*self.shared;
        let mut check = Check::new(&shared.segments, &*shared.extractor, observer)?;
        let durable = *lock(&shared.upkeep.durable);
        check.read_log(durable, u64::MAX)?;
        let end = check.last.map_or(0, |(_, header)| header.change);
        shared.view.pending().wait_until_projected(end);
        match shared.stopped() {
            Some(error) => Err(error),
            None => Ok(check),
        }
    }

    /// Shows what was put right: columns are loaded again, marks go into the log.
    fn show(&self, comparison: &Comparison) -> Result<(), StorageError> {
        let mut mailboxes = Vec::new();
        let mut changes = Vec::new();
        for difference in &comparison.found {
            match difference {
                Difference::Missing(entry)
                | Difference::Orphan(entry)
                | Difference::Entry(entry) => mailboxes.push(entry.mailbox),
                Difference::HighWater { mailbox, index, log, .. } => {
                    let to = *index.max(log);
                    changes.push(Change::RaiseHighWater { mailbox: *mailbox, to });
                }
                _ => {}
            }
        }
        mailboxes.sort_unstable();
        mailboxes.dedup();
        for mailbox in mailboxes {
            match self.shared.view.reload(mailbox) {
                Err(StorageError::NoMailbox(_)) => {}
                reloaded => reloaded?,
            }
        }
        for change in changes {
            match self.commit(Transaction::of(change)).wait() {
                Err(StorageError::NoMailbox(_)) => {}
                committed => drop(committed?),
            }
        }
        Ok(())
    }

    fn found(&self, found: Verification) -> Result<Verification, StorageError> {
        self.shared.upkeep.look_found(&found.damaged);
        self.shared.index.replace_damage(&self.damage())?;
        found.damaged.iter().for_each(|place| self.shared.note(place.clone()));
        Ok(found)
    }
}

/// Reads the log up to where a moment of the index is, and compares.
fn catch_up(
    check: &mut Check<'_>,
    comparison: &mut Comparison,
    index: &rusqlite::Connection,
) -> Result<(), StorageError> {
    let position = Index::position_of(index)?;
    if let Some((change, place)) = position.and_then(|position| position.last) {
        check.read_log(Some(place), change)?;
    }
    *comparison = check.comparison();
    Ok(check.compare(comparison, index)?)
}

/// An entry as its record has it, with what the extractor makes of it; `None` where the record
/// can't be read.
fn read_entry(
    shared: &Shared,
    change: u64,
    place: Place,
    ordinal: u32,
) -> Result<Option<LoggedEntry>, StorageError> {
    let record = match shared.segments.read(change, place) {
        Err(StorageError::Damaged { .. }) => return Ok(None),
        record => record?,
    };
    let mut families: Vec<Vec<LoggedEntry>> = decode_effects(record.meta.clone())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Store(entries) => Some(entries),
            _ => None,
        })
        .collect();
    let end = families.iter().flatten().map(|entry| entry.content.end).max().unwrap_or(0);
    let content = match record.content(0..end) {
        Err(StorageError::Damaged { .. }) => return Ok(None),
        content => content?,
    };
    let extractor = &*shared.extractor;
    families.iter_mut().for_each(|entries| extract(extractor, entries, Some(&content), 0));
    Ok(families.into_iter().flatten().find(|entry| entry.ordinal == ordinal))
}
