//! What the extractor makes, made while the store serves: after the index was made again from the
//! log without its contents, or where the extractor has another version.
//!
//! Records are taken in the order of the log, but those of a mailbox that somebody waits for come
//! first. How far it has come is in the index, so that a start goes on where the last one ended.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::{Notice, Options, Shared, prepare::extract};
use crate::{
    Damage, DamagedPlace, Extracted, Location, MailboxId, StorageError,
    index::{ExtractedEntry, Index, KnownMailbox, RecordAt},
    log::Place,
    record::{Effect, LoggedEntry, Record, decode_effects},
    view::{Bare, Next},
};

/// Records that are made and put into the index together.
const BATCH_RECORDS: usize = 256;

/// What they may take in the log, octets; a larger one is made alone.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;

/// How far it has come.
pub(super) struct Extraction {
    bare: Arc<Bare>,
    threads: usize,
    /// The change up to which all is made, and up to which it has to be.
    from: AtomicU64,
    until: u64,
}

impl Extraction {
    pub(super) fn new(
        index: &Index,
        known: &[KnownMailbox],
        options: &Options,
    ) -> Result<Self, StorageError> {
        let position = index.position()?;
        let from = position.as_ref().and_then(|position| position.extracted);
        let until = position.and_then(|position| position.last).map_or(0, |(change, _)| change);
        let mailboxes: BTreeSet<MailboxId> = match from {
            Some(_) => known.iter().map(|known| known.mailbox.id).collect(),
            None => BTreeSet::new(),
        };
        Ok(Self {
            bare: Arc::new(Bare::new(mailboxes, options.extraction_wait)),
            threads: options.extraction_threads.max(1),
            from: AtomicU64::new(from.unwrap_or(until)),
            until,
        })
    }

    pub(super) fn bare(&self) -> &Arc<Bare> {
        &self.bare
    }

    /// What part of it is done, in hundredths; `None` where nothing is to be done.
    pub(super) fn percent(&self) -> Option<u8> {
        let from = self.from.load(Ordering::Relaxed);
        let percent = from.saturating_mul(100) / self.until.max(1);
        self.bare.any().then_some(percent.min(100) as u8)
    }
}

/// Works until all is made or the store is closed.
pub(super) fn run(shared: &Shared) {
    let bare = shared.extraction.bare();
    loop {
        let done = match bare.next() {
            Next::Finish => return,
            Next::Mailbox(id, above) => mailbox(shared, id, above),
            Next::Any => match in_order(shared) {
                Ok(true) => return,
                done => done.map(drop),
            },
        };
        if let Err(error) = done {
            match &error {
                StorageError::Index(error) => {
                    shared.stop(format!("the index can't be written ({error})"));
                }
                StorageError::Closed => {}
                _ => shared.watch.tell(Notice::NotExtracted(error.clone())),
            }
            return bare.fail(error);
        }
    }
}

/// Makes the next records in the order of the log; whether that was all.
fn in_order(shared: &Shared) -> Result<bool, StorageError> {
    let Extraction { bare, from, until, .. } = &shared.extraction;
    let after = from.load(Ordering::Relaxed);
    let mut records = shared.index.records_after(after, BATCH_RECORDS)?;
    records.retain(|(change, _)| change <= until);
    cut(&mut records, |record| record);
    let Some((last, _)) = records.last().copied() else {
        shared.index.all_extracted()?;
        bare.all_made();
        shared.watch.tell(Notice::Extracted);
        return Ok(true);
    };
    make(shared, &records, Some(last))?;
    from.store(last, Ordering::Relaxed);
    Ok(false)
}

/// Makes the next entries of a mailbox above a number.
fn mailbox(shared: &Shared, id: MailboxId, above: u32) -> Result<(), StorageError> {
    let mut entries = shared.index.bare_entries(id, above, BATCH_RECORDS)?;
    cut(&mut entries, |(_, record)| record);
    let Some((last, _)) = entries.last().copied() else {
        shared.extraction.bare.made(id);
        return Ok(());
    };
    let mut records: Vec<RecordAt> = entries.into_iter().map(|(_, record)| record).collect();
    records.dedup_by_key(|(change, _)| *change);
    make(shared, &records, None)?;
    shared.extraction.bare.go_on(id, last);
    Ok(())
}

/// Leaves as many as are made together.
fn cut<T>(items: &mut Vec<T>, record: impl Fn(&T) -> &RecordAt) {
    let mut bytes = 0;
    let many = items.iter().position(|item| {
        let first = bytes == 0;
        bytes += record(item).1.bytes;
        !first && bytes > BATCH_BYTES
    });
    items.truncate(many.unwrap_or(items.len()));
}

fn make(shared: &Shared, records: &[RecordAt], up_to: Option<u64>) -> Result<(), StorageError> {
    let each = records.len().div_ceil(shared.extraction.threads).max(1);
    let made = thread::scope(|scope| {
        let parts = records.chunks(each).map(|part| scope.spawn(|| make_each(shared, part)));
        let parts: Vec<_> = parts.collect();
        let panicked = || StorageError::Stopped("the extractor panicked".into());
        let join = |part: thread::ScopedJoinHandle<'_, _>| part.join().map_err(|_| panicked())?;
        parts.into_iter().map(join).collect::<Result<Vec<_>, _>>()
    })?;
    let made: Vec<ExtractedEntry> = made.into_iter().flatten().collect();
    match shared.write_index(|index| index.fill(&made, up_to)) {
        Some(filled) => Ok(filled?),
        None => Err(StorageError::Closed),
    }
}

fn make_each(shared: &Shared, records: &[RecordAt]) -> Result<Vec<ExtractedEntry>, StorageError> {
    let mut made = Vec::with_capacity(records.len());
    for (change, place) in records {
        made.extend(make_one(shared, *change, *place)?);
    }
    Ok(made)
}

/// The entries of a record, made; none where all of them are made or gone.
fn make_one(
    shared: &Shared,
    change: u64,
    mut place: Place,
) -> Result<Vec<ExtractedEntry>, StorageError> {
    loop {
        let read = read(shared, change, place);
        let Err(StorageError::Damaged { .. }) = read else { return read };
        // It may have been moved, or deleted, since its place was looked up.
        match shared.view.place(change)? {
            None => return Ok(Vec::new()),
            Some(now) if now != place => place = now,
            Some(_) => return damaged(shared, change, place),
        }
    }
}

fn read(shared: &Shared, change: u64, place: Place) -> Result<Vec<ExtractedEntry>, StorageError> {
    let Record { meta, content, .. } = shared.segments.record(change, place)?;
    let stores = decode_effects(meta).unwrap_or_default().into_iter().filter_map(|e| match e {
        Effect::Store(entries) => Some(entries),
        _ => None,
    });
    let mut families: Vec<Vec<LoggedEntry>> = stores.collect();
    let is_bare = |family: &Vec<LoggedEntry>| shared.index.is_bare(change, family);
    if !families.iter().map(is_bare).collect::<Result<Vec<_>, _>>()?.contains(&true) {
        return Ok(Vec::new());
    }
    if content.is_damaged() {
        let entries = families.iter().flatten().map(|entry| (entry.mailbox, entry.number));
        note(shared, change, place, entries.collect());
    }
    let content = content.sound();
    families.iter_mut().for_each(|family| extract(&*shared.extractor, family, content, 0));
    let made = families.into_iter().flatten().map(|entry| ExtractedEntry {
        change,
        mailbox: entry.mailbox,
        number: entry.number,
        extracted: entry.extracted,
    });
    Ok(made.collect())
}

/// The entries of a record that can't be read at all: nothing can be made of them.
fn damaged(
    shared: &Shared,
    change: u64,
    place: Place,
) -> Result<Vec<ExtractedEntry>, StorageError> {
    let entries = shared.index.entries_of(change)?;
    note(shared, change, place, entries.clone());
    let nothing = |(mailbox, number)| {
        let extracted = Extracted::default();
        ExtractedEntry { change, mailbox, number, extracted }
    };
    Ok(entries.into_iter().map(nothing).collect())
}

fn note(shared: &Shared, change: u64, place: Place, entries: Vec<(MailboxId, u32)>) {
    let Place { segment, offset, bytes } = place;
    let damage = Damage { segment, offset, bytes, change: Some(change) };
    let locate = |(mailbox, number)| {
        let name = shared.view.name(mailbox).ok()?;
        Some(Location { mailbox, name, number })
    };
    let entries = entries.into_iter().filter_map(locate).collect();
    shared.note(DamagedPlace { damage, entries });
}
