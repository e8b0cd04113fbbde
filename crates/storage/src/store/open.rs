//! Opening: the end of the log is found, the index brought up to it, an epoch begun.

use std::{collections::BTreeSet, fmt, sync::Arc, thread};

use super::{
    IndexPlace, Options, Shared, Store,
    extraction::{self, Extraction},
    numbering::{FLOOR_KEY, LOST_NAMES, Numbering, floor_of, put_floor},
    prepare::extract,
    projector,
    queue::Queue,
    space,
    upkeep::Upkeep,
    writer::Writer,
};
use crate::{
    Backend, DamagedPlace, Extractor, MailboxId, NUMBER_MAX, Scope, StorageError,
    index::{Applied, Index, KnownMailbox, Position},
    log::{
        Appender, Event, Extent, NextSegment, Place, Recovered, SegmentLimits, Segments, recover,
    },
    record::{Content, ENTRY_BYTES_MIN, Effect, Kind, Record, RecordHeader, decode_effects},
    view::{View, WorkLimits},
};

/// Octets of records after which a replayed batch goes into the index.
const REPLAY_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// What had become of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// It was there, and was brought up to the log.
    Kept,
    /// There was none.
    Made,
    /// It was made again, for this reason.
    MadeAgain(String),
}

/// Something in the log that was durable once and can't be read any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// The segment's sequence.
    pub segment: u64,
    /// Where in its file, octets.
    pub offset: u64,
    /// How much, octets.
    pub bytes: u64,
    /// The change-number, where it is known.
    pub change: Option<u64>,
}

/// What opening a store came to; shown as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// How often it has been opened, this time among them.
    pub epoch: u32,
    /// Records read from the log and put into the index.
    pub replayed: u64,
    /// Whether the last batch was not all on disk: never acknowledged, and dropped.
    pub torn: bool,
    /// Sound records that were dropped with it.
    pub dropped: u64,
    /// What was passed over because it is damaged.
    pub damaged: Vec<Damage>,
    /// What had become of the index.
    pub index: IndexState,
    /// Whether columns and attributes are made while the store serves: see
    /// [`Options::replay_bytes_max`].
    pub extracting: bool,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}, {} records replayed", self.epoch, self.replayed)?;
        match &self.index {
            IndexState::Kept => {}
            IndexState::Made => write!(f, ", index made")?,
            IndexState::MadeAgain(why) => write!(f, ", index made again ({why})")?,
        }
        if self.extracting {
            write!(f, ", what it shows of entries is made while users are served")?;
        }
        if self.torn {
            let dropped = self.dropped;
            write!(f, ", torn batch at the end dropped with {dropped} whole records")?;
        }
        if !self.damaged.is_empty() {
            let bytes: u64 = self.damaged.iter().map(|damage| damage.bytes).sum();
            write!(f, ", {} damaged places passed over ({bytes} octets)", self.damaged.len())?;
        }
        Ok(())
    }
}

pub(super) fn open(
    backend: Arc<dyn Backend>,
    place: &IndexPlace,
    options: Options,
    extractor: Arc<dyn Extractor>,
) -> Result<Store, StorageError> {
    let limits = SegmentLimits {
        open_files_max: options.open_files_max,
        spare_bytes: options.segment_bytes,
    };
    let segments = Arc::new(Segments::open(backend, limits)?);
    segments.clean()?;
    let large = behind(&segments, None) > options.replay_bytes_max;
    let OpenIndex { index, start, state, floor } =
        open_index(place, &segments, (extractor.version(), large))?;
    let later = behind(&segments, start.map(|(place, _)| place)) > options.replay_bytes_max;
    let (at_once, extent) = match later {
        true => (None, Extent::Head),
        false => (Some(&*extractor), Extent::Whole),
    };
    let from = start.map_or(0, |(_, header)| header.change);
    if later {
        index.extract_after(from)?;
    }
    let mut replay = Replay::new(&index, at_once, options.index_batch_records)?;
    let mut found = recover(&segments, start, extent, &mut |event| replay.event(event))?;
    replay.flush()?;
    let Replay { replayed, mut damaged, .. } = replay;
    // What is away before the place from which the log was read costs no number: the index knows.
    let from = start.map_or(0, |(place, _)| place.turn());
    let away = segments.away().into_iter().filter(|place| place.turn() < from);
    damaged.extend(away.map(|Place { segment, offset, bytes }| Damage {
        segment,
        offset,
        bytes,
        change: None,
    }));
    let index = match place {
        IndexPlace::File(path) if state != IndexState::Kept => index.settle(path)?,
        _ => index,
    };
    let report = OpenReport {
        epoch: found.epoch_max.saturating_add(1),
        replayed,
        torn: found.torn,
        dropped: found.dropped_records,
        damaged,
        index: state,
        extracting: index.position()?.is_some_and(|position| position.extracted.is_some()),
    };
    found.change_max = found.change_max.max(floor.change);
    let parts = Parts { segments, index: Arc::new(index), extractor, found, floor };
    start_store(parts, options, report)
}

/// How much of the log is behind a place, about, octets.
fn behind(segments: &Segments, place: Option<Place>) -> u64 {
    let turn = place.map_or(0, |place| place.turn());
    let all = segments.all().into_iter().filter(|segment| segment.turn() >= turn);
    let bytes: u64 = all.map(|segment| segment.bytes).sum();
    bytes.saturating_sub(place.map_or(0, |place| place.end()))
}

/// An index, and the last record of the log that is in it.
struct OpenIndex {
    index: Index,
    start: Option<(Place, RecordHeader)>,
    state: IndexState,
    floor: Floor,
}

/// What an index that was dropped knew to be given out: a log that lost its end knows less.
#[derive(Default)]
struct Floor {
    change: u64,
    /// Where mailboxes begin that are made.
    begin: u32,
    marks: Vec<(MailboxId, u32)>,
}

/// Opens the index where it fits the log, with the record from which the log is to be replayed;
/// else makes it anew. Of a large one that is only of another version of the extractor all is kept
/// but what the extractor made.
fn open_index(
    place: &IndexPlace,
    segments: &Segments,
    (extractor, large): (u32, bool),
) -> Result<OpenIndex, StorageError> {
    let path = match place {
        IndexPlace::Memory => None,
        IndexPlace::File(path) => Some(path.as_path()),
    };
    let mut floor = Floor::default();
    let checked = match path {
        Some(path) if Index::is_of_another_version(path) => Err("it is of another version".into()),
        _ => Index::open(path)
            .and_then(|index| Ok((index.position()?, index)))
            .map_err(|error| format!("it could not be read: {error}")),
    };
    let why = match checked {
        Err(why) => why,
        Ok((None, _)) => {
            let index = Index::build(path)?;
            index.begin(segments.store, extractor)?;
            return Ok(OpenIndex { index, start: None, state: IndexState::Made, floor });
        }
        Ok((Some(position), index)) => {
            match fit(&index, &position, segments, (extractor, large)) {
                Ok(start) => {
                    return Ok(OpenIndex { index, start, state: IndexState::Kept, floor });
                }
                Err(why) => {
                    if position.store == segments.store {
                        floor.change = position.last.map_or(0, |(change, _)| change);
                        // What can't be read is no floor.
                        let known = index.mailboxes().unwrap_or_default();
                        floor.marks = marks(&known);
                        floor.begin = begin(&index).unwrap_or_default();
                    }
                    why.to_owned()
                }
            }
        }
    };
    let index = Index::build(path)?;
    index.begin(segments.store, extractor)?;
    Ok(OpenIndex { index, start: None, state: IndexState::MadeAgain(why), floor })
}

/// The number at which a mailbox begins at least, by the index.
fn begin(index: &Index) -> Result<u32, StorageError> {
    Ok(floor_of(index.value(Scope::Store, FLOOR_KEY)?.as_deref()))
}

fn marks(known: &[KnownMailbox]) -> Vec<(MailboxId, u32)> {
    known.iter().map(|known| (known.mailbox.id, known.high_water)).collect()
}

/// The record of the log with which the index ends, or why it does not fit.
fn fit(
    index: &Index,
    position: &Position,
    segments: &Segments,
    (extractor, large): (u32, bool),
) -> Result<Option<(Place, RecordHeader)>, &'static str> {
    if position.store != segments.store {
        return Err("it is another store's");
    }
    let other = position.extractor != extractor;
    if other && !large {
        return Err("what it holds is made in another way now");
    }
    let Some((change, place)) = position.last else { return Ok(None) };
    let record =
        segments.record(change, place).map_err(|_| "the log has not what it ends with")?;
    match space::relocate_rest(index, segments) {
        Ok(true) => {}
        _ => return Err("it can't be told where the records are"),
    }
    if other {
        index.forget_extracted(extractor).map_err(|_| "it can't be written")?;
    }
    Ok(Some((place, record.header)))
}

/// Puts what recovery finds into the index.
pub(crate) struct Replay<'a> {
    index: &'a Index,
    /// `None` where columns and attributes are made later.
    extractor: Option<&'a dyn Extractor>,
    batch_records: usize,
    mailboxes: BTreeSet<MailboxId>,
    batch: Vec<Applied>,
    batch_bytes: u64,
    /// What damage means for the index, told with the record after it.
    amends: Vec<Effect>,
    replayed: u64,
    damaged: Vec<Damage>,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        index: &'a Index,
        extractor: Option<&'a dyn Extractor>,
        batch_records: usize,
    ) -> Result<Self, StorageError> {
        let mailboxes = index.mailboxes()?.into_iter().map(|known| known.mailbox.id).collect();
        Ok(Self {
            index,
            extractor,
            batch_records,
            mailboxes,
            batch: Vec::new(),
            batch_bytes: 0,
            amends: Vec::new(),
            replayed: 0,
            damaged: Vec::new(),
        })
    }

    pub(crate) fn event(&mut self, event: Event) -> Result<(), StorageError> {
        match event {
            Event::Lost(Place { segment, offset, bytes }) => {
                self.damaged.push(Damage { segment, offset, bytes, change: None });
                // So many entries may have been in it, in any mailbox: no number of theirs is to
                // be given out again.
                let margin = u32::try_from(bytes / ENTRY_BYTES_MIN).unwrap_or(u32::MAX);
                let raised = |mark: u32| mark.saturating_add(margin).min(NUMBER_MAX);
                let known = self.index_marks()?;
                self.amends.extend(
                    known.into_iter().map(|(mailbox, mark)| Effect::RaiseHighWater {
                        mailbox,
                        to: raised(mark),
                    }),
                );
                self.amends.push(put_floor(raised(begin(self.index)?)));
                Ok(())
            }
            Event::Record(place, record) => self.record(place, record),
        }
    }

    /// The marks as they are at this place of the log.
    fn index_marks(&mut self) -> Result<Vec<(MailboxId, u32)>, StorageError> {
        self.flush()?;
        Ok(marks(&self.index.mailboxes()?))
    }

    fn record(&mut self, place: Place, record: Record) -> Result<(), StorageError> {
        let change = record.header.change;
        let mut effects = std::mem::take(&mut self.amends);
        if record.header.kind == Kind::Transaction {
            let own = decode_effects(record.meta).ok_or_else(|| {
                StorageError::NotReadable(format!(
                    "change {change} holds what this version does not know; \
                     use the release that wrote it, or a later one"
                ))
            })?;
            self.adopt(&own, &mut effects);
            if record.content.is_damaged() {
                let Place { segment, offset, bytes } = place;
                self.damaged.push(Damage { segment, offset, bytes, change: Some(change) });
            }
            effects.extend(self.extracted(own, &record.content));
        }
        self.batch.push(Applied { change, place, effects });
        self.batch_bytes += place.bytes;
        self.replayed += 1;
        if self.batch.len() >= self.batch_records || self.batch_bytes >= REPLAY_BYTES_MAX {
            self.flush()?;
        }
        Ok(())
    }

    fn extracted(&self, mut effects: Vec<Effect>, content: &Content) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Store(entries) = effect {
                if let Some(extractor) = self.extractor {
                    extract(extractor, entries, content.sound(), 0);
                }
                entries.iter_mut().for_each(|entry| entry.envelope = Default::default());
            }
        }
        effects
    }

    /// Names the mailboxes whose creation was lost, so that what is in them can be reached.
    fn adopt(&mut self, effects: &[Effect], out: &mut Vec<Effect>) {
        for effect in effects {
            let mut mentioned = Vec::new();
            match effect {
                Effect::CreateMailbox { id, .. } => drop(self.mailboxes.insert(*id)),
                Effect::Store(entries) => {
                    mentioned.extend(entries.iter().map(|entry| entry.mailbox));
                }
                Effect::RemoveMailbox { id: mailbox }
                | Effect::RaiseStatus { mailbox, .. }
                | Effect::SetStatus { mailbox, .. }
                | Effect::Amend { mailbox, .. }
                | Effect::Delete { mailbox, .. }
                | Effect::RaiseHighWater { mailbox, .. }
                | Effect::PutValue { scope: Scope::Mailbox(mailbox), .. }
                | Effect::RemoveValue { scope: Scope::Mailbox(mailbox), .. }
                | Effect::RemoveValuesBetween { scope: Scope::Mailbox(mailbox), .. } => {
                    mentioned.push(*mailbox);
                }
                Effect::PutValue { .. }
                | Effect::RemoveValue { .. }
                | Effect::RemoveValuesBetween { .. } => {}
            }
            for id in mentioned {
                if self.mailboxes.insert(id) {
                    let name = format!("{LOST_NAMES}{id}").into();
                    let about = bytes::Bytes::new();
                    out.push(Effect::CreateMailbox { id, high_water: 0, name, about });
                }
            }
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), StorageError> {
        if !self.batch.is_empty() {
            match self.extractor {
                Some(_) => self.index.project(&self.batch)?,
                None => self.index.project_bare(&self.batch)?,
            }
            self.batch.clear();
            self.batch_bytes = 0;
        }
        Ok(())
    }
}

/// What a store is started from.
struct Parts {
    segments: Arc<Segments>,
    index: Arc<Index>,
    extractor: Arc<dyn Extractor>,
    found: Recovered,
    floor: Floor,
}

fn start_store(parts: Parts, options: Options, report: OpenReport) -> Result<Store, StorageError> {
    let Parts { segments, index, extractor, found, floor } = parts;
    let mut known = index.mailboxes()?;
    let mut raised = raise_to(&floor, &mut known);
    let mut begins = begin(&index)?;
    if floor.begin > begins {
        begins = floor.begin;
        raised.push(put_floor(begins));
    }
    let limits = WorkLimits {
        records_max: options.index_batch_records,
        bytes_max: options.pending_bytes_max,
        delay: options.index_delay,
    };
    let extraction = Extraction::new(&index, &known, &options)?;
    let bare = extraction.bare().clone();
    let room = [options.columns_bytes_max, options.attributes_bytes_max];
    let view = View::new(index.clone(), &known, room, limits, bare);
    let sequence = found.last.map_or(0, |(place, _)| place.turn()) + 1;
    let (epoch, size) = (report.epoch, options.segment_bytes);
    let next = NextSegment::new(segments.clone(), epoch, size, sequence, found.next);
    let next = Arc::new(next);
    let current = found
        .last
        .and_then(|(place, _)| segments.get(place.segment).map(|segment| (segment, place.end())));
    let found_damaged: Vec<_> = report.damaged.iter().map(DamagedPlace::of).collect();
    let known_damage = index.damage()?;
    let shared = Arc::new(Shared {
        extractor,
        segments,
        index,
        view,
        queue: Queue::new(&options),
        stopped: Default::default(),
        upkeep: Upkeep::new(known_damage),
        watch: Default::default(),
        space: space::Space::new(&options),
        extraction,
        epoch,
    });
    found_damaged.into_iter().for_each(|place| shared.note(place));
    let mut writer = Writer {
        shared: shared.clone(),
        appender: Appender::new(next.clone(), current)?,
        numbering: Numbering::new(&known, begins),
        epoch,
        free_bytes_min: options.free_bytes_min,
        change: found.change_max,
        previous: found.last.map_or(0, |(_, header)| header.change),
        meta: Vec::new(),
    };
    shared.watch.indexed(found.change_max);
    // The first record of the epoch: once it is durable, nothing that an earlier one left
    // unsynced can be taken for a record any more.
    writer.write_alone(Kind::Opened, Vec::new())?;
    if !raised.is_empty() {
        writer.write_alone(Kind::Transaction, raised)?;
    }
    let for_projector = shared.clone();
    let projector = thread::Builder::new()
        .name("storage-index".into())
        .spawn(move || projector::run(&for_projector, &next))?;
    let writer = thread::Builder::new().name("storage-log".into()).spawn(|| writer.run())?;
    let reclaimer = start_reclaimer(&shared, &options)?;
    let extracting = start_extraction(&shared)?;
    let (writer, projector) = (Some(writer), Some(projector));
    Ok(Store { shared, report, writer, projector, reclaimer, extracting })
}

/// The thread that gives space back, unless that is done only when asked for.
fn start_reclaimer(
    shared: &Arc<Shared>,
    options: &Options,
) -> Result<Option<thread::JoinHandle<()>>, StorageError> {
    if options.reclaim_bytes_per_second == 0 {
        return Ok(None);
    }
    shared.space.want();
    let shared = shared.clone();
    let named = thread::Builder::new().name("storage-space".into());
    Ok(Some(named.spawn(move || space::run(&shared))?))
}

/// The thread that makes what the extractor makes, where something lacks it.
fn start_extraction(shared: &Arc<Shared>) -> Result<Option<thread::JoinHandle<()>>, StorageError> {
    if !shared.extraction.bare().any() {
        return Ok(None);
    }
    let shared = shared.clone();
    let named = thread::Builder::new().name("storage-extract".into());
    Ok(Some(named.spawn(move || extraction::run(&shared))?))
}

/// Raises marks to what is known to have been given out; what of it the log does not know.
fn raise_to(floor: &Floor, known: &mut [KnownMailbox]) -> Vec<Effect> {
    let mut raised = Vec::new();
    for known in known {
        let id = known.mailbox.id;
        let mark = floor.marks.iter().find(|(mailbox, _)| *mailbox == id);
        if let Some((_, mark)) = mark.filter(|(_, mark)| *mark > known.high_water) {
            known.high_water = *mark;
            raised.push(Effect::RaiseHighWater { mailbox: id, to: *mark });
        }
    }
    raised
}
