//! Finding the truth at start: what of the log was ever promised, and where it goes on.
//!
//! A record says which batch it was synced with. All before that batch was on disk when the
//! record was written: what is missing there is damage, and costs what is missing. What is
//! missing in the last batch was never on disk, so nothing of it was ever acknowledged, and what
//! follows the first hole is dropped.
//!
//! What can be read of the last batch need not be on disk: after a sync that failed, the octets
//! stay in the page cache, and no later sync takes them along. It is written once more, the same
//! octets at the same place, and synced, before anybody is told of it.

use std::sync::Arc;

use super::{Extent, Place, Segment, Segments, window::Window};
use crate::{
    StorageError,
    record::{Content, Record, RecordHeader, SEGMENT_HEADER_BYTES},
};

/// How much is cleared, or written again, with one write.
const PIECE_BYTES: usize = 1024 * 1024;

/// What is found, in the order of the log.
pub(crate) enum Event {
    /// A record; its content may be damaged.
    Record(Place, Record),
    /// Octets in which there had been records.
    Lost(Place),
}

/// What recovery came to.
#[derive(Default)]
pub(crate) struct Recovered {
    /// The last record that counts, with its header.
    pub(crate) last: Option<(Place, RecordHeader)>,
    /// The highest change-number and epoch seen, in dropped records too.
    pub(crate) change_max: u64,
    pub(crate) epoch_max: u32,
    /// Records dropped from the last batch, and whether there was a hole.
    pub(crate) dropped_records: u64,
    pub(crate) torn: bool,
    /// A segment that follows and can be used: ready, with nothing in it.
    pub(crate) next: Option<Arc<Segment>>,
}

struct Recovery<'a> {
    segments: &'a Segments,
    extent: Extent,
    /// Whether the last batch is to be durable before the sink is told of it.
    settles: bool,
    sink: &'a mut dyn FnMut(Event) -> Result<(), StorageError>,
    /// What was found of the batch that is read, with holes.
    batch: Vec<Event>,
    found: Recovered,
    /// The header of the last record found, whether it counts or not.
    before: Option<RecordHeader>,
    /// Whether there is something behind it that is no record.
    tail_written: bool,
    /// What is behind the last record of the segment before: where records may have been.
    rest: Option<Place>,
    /// The segments behind the last record that are away or of which nothing can be read: the
    /// place of the first, the length of all.
    unread: Option<Place>,
    /// The turn of the last segment that was come to.
    read_to: Option<u64>,
}

/// Reads the log from behind `start`, a record that was verified, or from its beginning. What an
/// unfinished write left behind the end is taken away: segments, and octets in the last. With
/// [`Extent::Head`] only the contents of the last batch are looked at.
pub(crate) fn recover(
    segments: &Segments,
    start: Option<(Place, RecordHeader)>,
    extent: Extent,
    sink: &mut dyn FnMut(Event) -> Result<(), StorageError>,
) -> Result<Recovered, StorageError> {
    let found = read(segments, (start, None), (extent, true), sink)?;
    let last_turn = found.last.map_or(0, |(place, _)| place.turn());
    for segment in segments.all() {
        let keep = found.next.as_ref().is_some_and(|keep| keep.sequence == segment.sequence);
        if segment.turn() > last_turn && !keep {
            segments.remove(segment.sequence)?;
        }
    }
    if let (true, Some((place, _))) = (found.torn, found.last) {
        clear(segments, place)?;
    }
    Ok(found)
}

/// Reads the log as [`recover`] does, and changes nothing. Up to the record at `until`, where one
/// is named, all is known to be durable; what is behind it is not looked at.
pub(crate) fn scan(
    segments: &Segments,
    (start, until): (Option<(Place, RecordHeader)>, Option<Place>),
    extent: Extent,
    sink: &mut dyn FnMut(Event) -> Result<(), StorageError>,
) -> Result<Recovered, StorageError> {
    read(segments, (start, until), (extent, false), sink)
}

fn read(
    segments: &Segments,
    (start, until): (Option<(Place, RecordHeader)>, Option<Place>),
    (extent, settles): (Extent, bool),
    sink: &mut dyn FnMut(Event) -> Result<(), StorageError>,
) -> Result<Recovered, StorageError> {
    let mut found = Recovered { last: start, ..Recovered::default() };
    if let Some((_, header)) = start {
        (found.change_max, found.epoch_max) = (header.change, header.epoch);
    }
    let before = start.map(|(_, header)| header);
    let mut recovery = Recovery {
        segments,
        extent,
        settles,
        sink,
        batch: Vec::new(),
        found,
        before,
        tail_written: false,
        rest: None,
        unread: None,
        read_to: None,
    };
    let mut empty = None;
    let away = segments.away();
    for segment in segments.all() {
        recovery.away(&segment, &away, start);
        let from = match start {
            Some((place, _)) if segment.turn() < place.turn() => continue,
            Some((place, _)) if segment.sequence == place.segment => place.end(),
            _ => SEGMENT_HEADER_BYTES,
        };
        let end = match until {
            Some(until) if segment.turn() > until.turn() => break,
            Some(until) if segment.sequence == until.segment => until.end(),
            _ => segment.bytes,
        };
        let any = recovery.segment(&segment, from, end)?;
        empty = if any || recovery.tail_written { None } else { Some(segment) };
    }
    match until {
        Some(_) => recovery.keep_all()?,
        None => recovery.end()?,
    }
    let mut found = recovery.found;
    let last_turn = found.last.map_or(0, |(place, _)| place.turn());
    found.next = empty.filter(|segment| segment.sound && segment.sequence == last_turn + 1);
    Ok(found)
}

/// Writes the records of a batch, which lie in one segment, as they are, and syncs them.
fn write_again(segments: &Segments, batch: &[Event]) -> Result<(), StorageError> {
    let mut places = batch.iter().filter_map(|event| match event {
        Event::Record(place, _) => Some(*place),
        Event::Lost(_) => None,
    });
    let Some(first) = places.next() else { return Ok(()) };
    let end = places.last().unwrap_or(first).end();
    let Some(segment) = segments.get(first.segment) else { return Ok(()) };
    let file = segment.file()?;
    let mut at = first.offset;
    while at < end {
        let mut piece = vec![0; PIECE_BYTES.min((end - at) as usize)];
        file.read_at(&mut piece, at)?;
        file.write_at(&piece, at)?;
        at += piece.len() as u64;
    }
    Ok(file.sync()?)
}

/// Writes zeros from behind the last record to the end of its segment.
fn clear(segments: &Segments, last: Place) -> Result<(), StorageError> {
    let Some(segment) = segments.get(last.segment) else { return Ok(()) };
    let zeros = vec![0; PIECE_BYTES];
    let file = segment.file()?;
    let (mut at, end) = (last.end(), file.len()?);
    while at < end {
        let piece = PIECE_BYTES.min((end - at) as usize);
        file.write_at(&zeros[..piece], at)?;
        at += piece as u64;
    }
    Ok(file.sync()?)
}

impl Recovery<'_> {
    /// Takes down what is away before a segment, and behind where it is read from.
    fn away(&mut self, segment: &Segment, away: &[Place], start: Option<(Place, RecordHeader)>) {
        let start = start.map_or(0, |(place, _)| place.turn());
        let before = self.read_to.replace(segment.turn()).unwrap_or(0).max(start);
        let between = |place: &&Place| before < place.turn() && place.turn() < segment.turn();
        if let Some(place) = away.iter().find(between) {
            self.unread.get_or_insert(Place { bytes: 0, ..*place }).bytes += place.bytes;
        }
    }

    /// Reads a segment to its end; whether there was a record.
    fn segment(
        &mut self,
        segment: &Arc<Segment>,
        from: u64,
        end: u64,
    ) -> Result<bool, StorageError> {
        let mut window = Window::new(segment.clone(), end, self.extent);
        let mut at = from;
        let mut any = false;
        loop {
            let before = self.before;
            let accept = |header: &RecordHeader| {
                before.is_none_or(|before| {
                    header.epoch >= before.epoch
                        && header.change > before.change
                        && header.previous >= before.change
                })
            };
            let (offset, record) = match window.record(at, accept)? {
                Some(record) => (at, record),
                None => match window.find(at, accept)? {
                    Some(found) => found,
                    None => {
                        self.tail_written |= window.saw_octets() && !segment.used_before;
                        break;
                    }
                },
            };
            // The first of all says that none is before it.
            let follows = record.header.previous == before.map_or(0, |before| before.change);
            let rest = self.rest.take().filter(|_| offset == at);
            // What was lost may have been all of a segment.
            let lost = self.unread.take().or(rest).filter(|_| !follows);
            self.batch.extend(lost.map(Event::Lost));
            if offset > at {
                let bytes = offset - at;
                self.batch.push(Event::Lost(Place {
                    segment: segment.sequence,
                    offset: at,
                    bytes,
                }));
            }
            let bytes = record.header.record_bytes();
            self.record(Place { segment: segment.sequence, offset, bytes }, record)?;
            at = offset + bytes;
            any = true;
        }
        let bytes = end.saturating_sub(at);
        if any {
            self.rest = Some(Place { segment: segment.sequence, offset: at, bytes });
        } else {
            let first = Place { segment: segment.sequence, offset: at, bytes: 0 };
            self.unread.get_or_insert(first).bytes += bytes;
        }
        Ok(any)
    }

    fn record(&mut self, place: Place, record: Record) -> Result<(), StorageError> {
        let header = record.header;
        if self.before.is_none_or(|before| before.batch != header.batch) {
            // A hole before a record that is not the first of its batch is in that batch.
            let sound = |event: &Event| matches!(event, Event::Record(..));
            let hole_at = self.batch.iter().rposition(sound).map_or(0, |last| last + 1);
            let hole_is_ours = header.change != header.batch;
            let hole = if hole_is_ours { self.batch.split_off(hole_at) } else { Vec::new() };
            self.keep_all()?;
            self.batch = hole;
        }
        self.before = Some(header);
        self.tail_written = false;
        self.found.change_max = self.found.change_max.max(header.change);
        self.found.epoch_max = self.found.epoch_max.max(header.epoch);
        self.batch.push(Event::Record(place, record));
        Ok(())
    }

    fn keep_all(&mut self) -> Result<(), StorageError> {
        for event in std::mem::take(&mut self.batch) {
            if let Event::Record(place, record) = &event {
                self.found.last = Some((*place, record.header));
            }
            (self.sink)(event)?;
        }
        Ok(())
    }

    /// Reads the contents of the last batch where that was not done.
    fn read_contents(&mut self) -> Result<(), StorageError> {
        for event in &mut self.batch {
            let Event::Record(place, record) = event else { continue };
            let segment = self.segments.get(place.segment);
            if let (Content::NotRead, Some(segment)) = (&record.content, segment) {
                let (within, read) =
                    ((place.offset, place.end()), |at, n| segment.read_bytes(at, n));
                if let Some(whole) = segment.record_at(within, Extent::Whole, read)? {
                    *record = whole;
                }
            }
        }
        Ok(())
    }

    /// The last batch: what is before its first hole.
    fn end(&mut self) -> Result<(), StorageError> {
        self.read_contents()?;
        let hole = self.batch.iter().position(|event| match event {
            Event::Lost(_) => true,
            Event::Record(_, record) => record.content.is_damaged(),
        });
        if let Some(hole) = hole {
            let dropped = self.batch.split_off(hole);
            let is_record = |event: &&Event| matches!(event, Event::Record(..));
            self.found.dropped_records = dropped.iter().filter(is_record).count() as u64;
        }
        self.found.torn = hole.is_some() || self.tail_written;
        if self.settles {
            write_again(self.segments, &self.batch)?;
        }
        self.keep_all()
    }
}
