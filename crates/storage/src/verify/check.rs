//! Reading the whole log into a scratch index, and comparing.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{DIFFERENCES_MAX, DamagedPlace, IndexCheck, Location, Progress, Verification};
use crate::{
    Backend, Columns, Damage, EntrySource, Extracted, Extractor, IndexPlace, MailboxId,
    StorageError,
    backend::is_there,
    index::{Comparison, Index},
    log::{Event, Extent, Place, Recovered, SegmentLimits, Segments, scan},
    record::{Effect, Record, RecordHeader, decode_effects},
    store::Replay,
};

/// Records in one transaction of the scratch index.
const BATCH_RECORDS: usize = 5000;

/// How often it is said how far it is, and the pace is kept, octets.
const STEP_BYTES: u64 = 1024 * 1024;

/// Who watches: the pace, and who is told.
pub(crate) struct Observer<'a> {
    pub(crate) bytes_per_second: Option<u64>,
    pub(crate) progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

/// Stands for what the extractor makes.
pub(crate) struct Digest<'a>(pub(crate) &'a dyn Extractor);

impl Extractor for Digest<'_> {
    fn version(&self) -> u32 {
        self.0.version()
    }

    fn extract(&self, entry: &EntrySource<'_>) -> Extracted {
        let mut extracted = self.0.extract(entry);
        extracted.columns.cut();
        let Extracted { columns, attributes } = &extracted;
        let digest = Bytes::copy_from_slice(&digest(columns, attributes).to_le_bytes());
        Extracted { columns: Columns::default(), attributes: digest }
    }
}

impl Digest<'_> {
    /// What was written as attributes.
    pub(crate) fn read(octets: &[u8]) -> u32 {
        octets.try_into().map_or(0, u32::from_le_bytes)
    }
}

/// A digest of what the index holds of an entry.
pub(crate) fn digest(columns: &Columns, attributes: &[u8]) -> u32 {
    let Columns { kind, priority, size, originator, subject, message_id, content_type } = columns;
    let mut sum = crc32c::crc32c(&[*kind, *priority]);
    sum = crc32c::crc32c_append(sum, &size.to_le_bytes());
    for text in [originator, subject, message_id, content_type] {
        sum = crc32c::crc32c_append(sum, &(text.len() as u64).to_le_bytes());
        sum = crc32c::crc32c_append(sum, text.as_bytes());
    }
    crc32c::crc32c_append(sum, attributes)
}

struct Damaged {
    damage: Damage,
    /// What the record itself says.
    entries: Vec<(MailboxId, u32)>,
}

/// A verification under way.
pub(crate) struct Check<'a> {
    segments: &'a Segments,
    extractor: &'a dyn Extractor,
    observer: Observer<'a>,
    pub(crate) scratch: Index,
    begun: Instant,
    bytes_all: u64,
    bytes_told: u64,
    records: u64,
    bytes: u64,
    torn: bool,
    /// By segment and offset.
    damaged: BTreeMap<(u64, u64), Damaged>,
    /// The last record that was read.
    pub(crate) last: Option<(Place, RecordHeader)>,
}

impl<'a> Check<'a> {
    pub(crate) fn new(
        segments: &'a Segments,
        extractor: &'a dyn Extractor,
        observer: Observer<'a>,
    ) -> Result<Self, StorageError> {
        let scratch = Index::scratch()?;
        scratch.begin(segments.store, extractor.version())?;
        let mut bytes_all = 0;
        for segment in segments.all() {
            bytes_all += segment.bytes;
        }
        Ok(Self {
            segments,
            extractor,
            observer,
            scratch,
            begun: Instant::now(),
            bytes_all,
            bytes_told: 0,
            records: 0,
            bytes: 0,
            torn: false,
            damaged: BTreeMap::new(),
            last: None,
        })
    }

    /// Reads on from the last record, up to `until` or the end. Records above `limit` are read,
    /// but do not count for the comparison.
    pub(crate) fn read_log(
        &mut self,
        until: Option<Place>,
        limit: u64,
    ) -> Result<(), StorageError> {
        let scratch = std::mem::replace(&mut self.scratch, Index::scratch()?);
        let digest = Digest(self.extractor);
        let mut replay = Replay::new(&scratch, Some(&digest), BATCH_RECORDS)?;
        let (segments, start) = (self.segments, self.last);
        let scanned = scan(segments, (start, until), Extent::Whole, &mut |event| {
            self.observe(&event)?;
            match &event {
                Event::Record(_, record) if record.header.change > limit => Ok(()),
                _ => replay.event(event),
            }
        });
        replay.flush()?;
        drop(replay);
        self.scratch = scratch;
        let Recovered { last, torn, .. } = scanned?;
        (self.last, self.torn) = (last, torn);
        Ok(())
    }

    fn observe(&mut self, event: &Event) -> Result<(), StorageError> {
        match event {
            Event::Lost(place) => self.damage(*place, None, Vec::new()),
            Event::Record(place, record) => {
                self.records += 1;
                self.bytes += place.bytes;
                if record.content.is_damaged() {
                    self.damage(*place, Some(record.header.change), entries_of(record));
                }
            }
        }
        if self.bytes < self.bytes_told + STEP_BYTES {
            return Ok(());
        }
        self.bytes_told = self.bytes;
        if let Some(rate) = self.observer.bytes_per_second {
            let due = Duration::from_secs_f64(self.bytes as f64 / rate.max(1) as f64);
            thread::park_timeout(due.saturating_sub(self.begun.elapsed()));
        }
        let progress = Progress { bytes: self.bytes, bytes_all: self.bytes_all };
        match (self.observer.progress)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(StorageError::Closed),
        }
    }

    fn damage(&mut self, place: Place, change: Option<u64>, entries: Vec<(MailboxId, u32)>) {
        let Place { segment, offset, bytes } = place;
        let damage = Damage { segment, offset, bytes, change };
        self.damaged.insert((segment, offset), Damaged { damage, entries });
    }

    /// Takes down that the index ends with a record that the log has not.
    pub(crate) fn index_ends_with(&mut self, last: Option<(u64, Place)>) {
        let has = self.last.map_or(0, |(_, header)| header.change);
        if let Some((_, place)) = last.filter(|(change, _)| *change > has) {
            // What else of the index is above the end of the log is lost with it.
            self.damage(place, None, Vec::new());
        }
    }

    /// What depends on records that are lost is not compared.
    pub(crate) fn comparison(&self) -> Comparison {
        let segments = self.segments.all();
        Comparison::beside(
            segments.iter().map(|segment| segment.sequence).collect(),
            self.damaged.values().map(|damaged| damaged.damage).collect(),
        )
    }

    /// Compares what the log made with a moment of the index.
    pub(crate) fn compare(
        &self,
        comparison: &mut Comparison,
        index: &rusqlite::Connection,
    ) -> rusqlite::Result<()> {
        self.scratch.with(|log| comparison.compare(log, index))
    }

    /// What was found, with what the comparison found where there was one.
    pub(crate) fn finish(
        self,
        index: IndexCheck,
        compared: &Comparison,
    ) -> Result<Verification, StorageError> {
        let names: BTreeMap<MailboxId, Arc<str>> = self
            .scratch
            .mailboxes()?
            .into_iter()
            .map(|known| (known.mailbox.id, known.mailbox.name))
            .collect();
        let locate = |(mailbox, number)| {
            let name = names.get(&mailbox).cloned();
            let name = name.unwrap_or_else(|| format!("mailbox-{mailbox}").into());
            Location { mailbox, name, number }
        };
        let mut damaged = Vec::new();
        for (at, Damaged { damage, entries }) in self.damaged.into_values().enumerate() {
            let indexed = compared.entries.get(at).into_iter().flatten().cloned();
            let mut entries: Vec<_> = entries.into_iter().map(locate).chain(indexed).collect();
            entries.sort();
            entries.dedup();
            damaged.push(DamagedPlace { damage, entries });
        }
        Ok(Verification {
            records: self.records,
            bytes: self.bytes,
            entries: self.scratch.entries()?,
            torn: self.torn,
            damaged,
            index,
            differences: compared.found.iter().take(DIFFERENCES_MAX).cloned().collect(),
            differences_all: compared.found.len() as u64,
        })
    }
}

fn entries_of(record: &Record) -> Vec<(MailboxId, u32)> {
    let effects = decode_effects(record.meta.clone()).unwrap_or_default();
    let stored = effects.iter().filter_map(|effect| match effect {
        Effect::Store(entries) => Some(entries),
        _ => None,
    });
    stored.flatten().map(|entry| (entry.mailbox, entry.number)).collect()
}

/// Verifies a store that nobody has open: its log, and its index against the log. At most
/// `bytes_per_second` octets of records are read in a second; `progress` is told every mebibyte
/// and may end it ([`StorageError::Closed`]).
///
/// # Errors
/// Where the log can't be read at all. Damage is no error.
pub fn verify(
    backend: Arc<dyn Backend>,
    index: &IndexPlace,
    extractor: &dyn Extractor,
    bytes_per_second: Option<u64>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Verification, StorageError> {
    let segments = Segments::open(backend, SegmentLimits::default())?;
    let opened = match index {
        IndexPlace::Memory => Err(IndexCheck::NotCompared("it is kept in memory".into())),
        IndexPlace::File(path) => open_index(path, &segments, extractor.version()),
    };
    let observer = Observer { bytes_per_second, progress };
    let mut check = Check::new(&segments, extractor, observer)?;
    let (index, last) = match opened {
        Ok(opened) => opened,
        Err(state) => {
            check.read_log(None, u64::MAX)?;
            return check.finish(state, &Comparison::default());
        }
    };
    check.read_log(None, last.map_or(0, |(change, _)| change))?;
    check.index_ends_with(last);
    let mut comparison = check.comparison();
    let compared = index.moment(|index| Ok(check.compare(&mut comparison, index)?));
    let state = match compared {
        Ok(()) => IndexCheck::Compared,
        Err(error) => IndexCheck::Unreadable(error.to_string()),
    };
    check.finish(state, &comparison)
}

type OpenIndex = (Index, Option<(u64, Place)>);

/// An index that can be compared, and the last record in it.
fn open_index(path: &Path, segments: &Segments, extractor: u32) -> Result<OpenIndex, IndexCheck> {
    let not_compared = |why: &str| IndexCheck::NotCompared(why.into());
    if !is_there(path) {
        return Err(not_compared("there is none"));
    }
    let unreadable = |error: rusqlite::Error| IndexCheck::Unreadable(error.to_string());
    let index = Index::open_to_read(path).map_err(unreadable)?;
    let index = index.ok_or_else(|| not_compared("it is of another version"))?;
    match index.position().map_err(unreadable)? {
        None => Err(not_compared("there is nothing in it")),
        Some(position) if position.store != segments.store => {
            Err(not_compared("it is another store's"))
        }
        Some(position) if position.extractor != extractor => {
            Err(not_compared("what it holds is made in another way now"))
        }
        Some(position) if position.extracted.is_some() => {
            Err(not_compared("what it holds is not all made yet"))
        }
        Some(position) => Ok((index, position.last)),
    }
}
