//! Opening: the end of the log is found, the index brought up to it, an epoch begun.

use std::{collections::BTreeSet, fmt, sync::Arc, thread};

use super::{
    IndexPlace, Options, Shared, Store, numbering::Numbering, prepare::extract, projector,
    queue::Queue, writer::Writer,
};
use crate::{
    Backend, Extractor, MailboxId, Scope, StorageError,
    backend::remove_index_files,
    index::{Applied, Index},
    log::{Appender, Event, NextSegment, Parts, Place, Recovered, Segments, recover},
    record::{ENTRY_BYTES_MIN, Effect, Kind, Record, RecordHeader, decode_effects},
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
    /// The change-number, where that could be read: then only the content is damaged.
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
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}, {} records replayed", self.epoch, self.replayed)?;
        match &self.index {
            IndexState::Kept => {}
            IndexState::Made => write!(f, ", index made")?,
            IndexState::MadeAgain(why) => write!(f, ", index made again ({why})")?,
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
    let segments = Arc::new(Segments::open(backend)?);
    let OpenIndex { index, start, state } = open_index(place, &segments, extractor.version())?;
    let mut replay = Replay::new(&index, &*extractor, options.index_batch_records)?;
    let found = recover(&segments, start, &mut |event| replay.event(event))?;
    replay.flush()?;
    let report = OpenReport {
        epoch: found.epoch_max.saturating_add(1),
        replayed: replay.replayed,
        torn: found.torn,
        dropped: found.dropped_records,
        damaged: replay.damaged,
        index: state,
    };
    start_store(segments, Arc::new(index), options, extractor, found, report)
}

/// An index, and the last record of the log that is in it.
struct OpenIndex {
    index: Index,
    start: Option<(Place, RecordHeader)>,
    state: IndexState,
}

/// Opens the index where it fits the log, with the record from which the log is to be replayed;
/// else makes it anew.
fn open_index(
    place: &IndexPlace,
    segments: &Segments,
    extractor: u32,
) -> Result<OpenIndex, StorageError> {
    let path = match place {
        IndexPlace::Memory => None,
        IndexPlace::File(path) => Some(path.as_path()),
    };
    let checked = Index::open(path).and_then(|index| Ok((index.position()?, index)));
    let why = match checked {
        Ok((None, index)) => {
            index.begin(segments.store, extractor)?;
            return Ok(OpenIndex { index, start: None, state: IndexState::Made });
        }
        Ok((Some(position), index)) => {
            let last = position.last;
            let header = last.map(|(change, place)| segments.header(change, place)).transpose();
            if position.store != segments.store {
                "it is another store's".to_owned()
            } else if position.extractor != extractor {
                "what it holds is made in another way now".to_owned()
            } else if let Ok(header) = header {
                let start = last.zip(header).map(|((_, place), header)| (place, header));
                return Ok(OpenIndex { index, start, state: IndexState::Kept });
            } else {
                "the log has not what it ends with".to_owned()
            }
        }
        Err(error) => format!("it could not be read: {error}"),
    };
    if let Some(path) = path {
        remove_index_files(path)?;
    }
    let index = Index::open(path)?;
    index.begin(segments.store, extractor)?;
    Ok(OpenIndex { index, start: None, state: IndexState::MadeAgain(why) })
}

/// Puts what recovery finds into the index.
struct Replay<'a> {
    index: &'a Index,
    extractor: &'a dyn Extractor,
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
    fn new(
        index: &'a Index,
        extractor: &'a dyn Extractor,
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

    fn event(&mut self, event: Event) -> Result<(), StorageError> {
        match event {
            Event::Lost(Place { segment, offset, bytes }) => {
                self.damaged.push(Damage { segment, offset, bytes, change: None });
                // So many entries may have been in it, in any mailbox: no number of theirs is to
                // be given out again.
                let margin = u32::try_from(bytes / ENTRY_BYTES_MIN).unwrap_or(u32::MAX);
                let known = self.index_marks()?;
                self.amends.extend(known.into_iter().map(|(mailbox, mark)| {
                    let to = mark.saturating_add(margin).min(crate::NUMBER_MAX);
                    Effect::RaiseHighWater { mailbox, to }
                }));
                Ok(())
            }
            Event::Record(place, record) => self.record(place, record),
        }
    }

    /// The marks as they are at this place of the log.
    fn index_marks(&mut self) -> Result<Vec<(MailboxId, u32)>, StorageError> {
        self.flush()?;
        let known = self.index.mailboxes()?;
        Ok(known.into_iter().map(|known| (known.mailbox.id, known.high_water)).collect())
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
            match record.content {
                Some(content) => effects.extend(self.extracted(own, &content)),
                None => {
                    let Place { segment, offset, bytes } = place;
                    self.damaged.push(Damage { segment, offset, bytes, change: Some(change) });
                    effects.extend(own.into_iter().flat_map(without_entries));
                }
            }
        }
        self.batch.push(Applied { change, place, effects });
        self.batch_bytes += place.bytes;
        self.replayed += 1;
        if self.batch.len() >= self.batch_records || self.batch_bytes >= REPLAY_BYTES_MAX {
            self.flush()?;
        }
        Ok(())
    }

    fn extracted(&self, mut effects: Vec<Effect>, content: &bytes::Bytes) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Store(entries) = effect {
                extract(self.extractor, entries, content, 0);
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
                | Effect::Delete { mailbox, .. }
                | Effect::RaiseHighWater { mailbox, .. }
                | Effect::PutValue { scope: Scope::Mailbox(mailbox), .. }
                | Effect::RemoveValue { scope: Scope::Mailbox(mailbox), .. } => {
                    mentioned.push(*mailbox);
                }
                Effect::PutValue { .. } | Effect::RemoveValue { .. } => {}
            }
            for id in mentioned {
                if self.mailboxes.insert(id) {
                    let name = format!("lost-{id}").into();
                    let about = bytes::Bytes::new();
                    out.push(Effect::CreateMailbox { id, high_water: 0, name, about });
                }
            }
        }
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        if !self.batch.is_empty() {
            self.index.project(&self.batch)?;
            self.batch.clear();
            self.batch_bytes = 0;
        }
        Ok(())
    }
}

/// What is left of an effect when the content of its record is damaged: the numbers are taken.
fn without_entries(effect: Effect) -> Vec<Effect> {
    match effect {
        Effect::Store(entries) => entries
            .into_iter()
            .map(|e| Effect::RaiseHighWater { mailbox: e.mailbox, to: e.number })
            .collect(),
        effect => vec![effect],
    }
}

fn start_store(
    segments: Arc<Segments>,
    index: Arc<Index>,
    options: Options,
    extractor: Arc<dyn Extractor>,
    found: Recovered,
    report: OpenReport,
) -> Result<Store, StorageError> {
    let known = index.mailboxes()?;
    let limits = WorkLimits {
        records_max: options.index_batch_records,
        bytes_max: options.pending_bytes_max,
        delay: options.index_delay,
    };
    let view = View::new(index.clone(), &known, options.columns_bytes_max, limits);
    let sequence = found.last.map_or(0, |(place, _)| place.segment) + 1;
    let epoch = report.epoch;
    let size = options.segment_bytes;
    let next = NextSegment::new(segments.clone(), epoch, size, sequence, found.next);
    let next = Arc::new(next);
    let current = found
        .last
        .and_then(|(place, _)| segments.get(place.segment).map(|segment| (segment, place.end())));
    let mut appender = Appender::new(next.clone(), current)?;
    let previous = found.last.map_or(0, |(_, header)| header.change);
    let change = found.change_max + 1;
    let opened = write_opened(&mut appender, epoch, change, previous)?;
    view.apply(Arc::new(opened));
    let queue = Queue::new(&options);
    let shared =
        Arc::new(Shared { extractor, segments, index, view, queue, stopped: Default::default() });
    shared.view.pending().prepare_segment();
    let writer = Writer {
        shared: shared.clone(),
        appender,
        numbering: Numbering::new(&known),
        epoch,
        change,
        previous: change,
        meta: Vec::new(),
    };
    let for_projector = shared.clone();
    let projector = thread::Builder::new()
        .name("storage-index".into())
        .spawn(move || projector::run(&for_projector, &next))?;
    let writer = thread::Builder::new().name("storage-log".into()).spawn(|| writer.run())?;
    Ok(Store { shared, report, writer: Some(writer), projector: Some(projector) })
}

/// The first record of the epoch: once it is durable, nothing that an earlier one left unsynced
/// can be taken for a record any more.
fn write_opened(
    appender: &mut Appender,
    epoch: u32,
    change: u64,
    previous: u64,
) -> Result<Applied, StorageError> {
    let room = appender.make_room(0, 0);
    room.map_err(|error| match error {
        crate::log::AppendError::Refused(error) => error,
        crate::log::AppendError::Failed(error) => error.into(),
    })?;
    let header = RecordHeader {
        epoch,
        kind: Kind::Opened,
        change,
        previous,
        batch: change,
        meta_bytes: 0,
        content_checksum: 0,
        content_bytes: 0,
    };
    let place = appender.append(&Parts { header, meta: &[], content: &[] })?;
    appender.sync()?;
    Ok(Applied { change, place, effects: Vec::new() })
}
