//! A mailbox's columns in memory: chunks of rows that readers share.
//!
//! A selection holds the chunks as they were, so that it stays what it was at its moment; the
//! writer copies a chunk only while someone holds it, and never more than the one it changes.
//! Each chunk knows what it has of each status, so that what is new is found without a look at
//! what is old.

mod chunk;

use std::{ops::RangeInclusive, sync::Arc};

use chunk::{Chunk, Row, add_to};

use crate::{
    Columns, Count, NUMBER_MAX, Query, TEXT_BYTES_MAX,
    query::{ReadyQuery, Sieve},
    view::Kept,
};

/// Rows in a chunk: what is copied when a shared one is changed.
const CHUNK_ROWS: usize = 512;

/// An entry, by value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequence-number.
    pub number: u32,
    /// Its parent's.
    pub parent: Option<u32>,
    /// How many descendants it has; their numbers follow its own.
    pub descendants: u32,
    /// Its entry-class.
    pub class: u8,
    /// Its status.
    pub status: u8,
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub creation_time: i64,
    /// The change that stored it.
    pub change: u64,
    /// Which of that change's entries it is, from 0.
    pub ordinal: u32,
    /// Whether something was added to it.
    pub amended: bool,
    /// What the extractor made of it; texts cut to [`TEXT_BYTES_MAX`].
    pub columns: Columns,
}

impl Entry {
    /// The entry as a selection would show it.
    pub fn as_row(&self) -> EntryRow<'_> {
        EntryRow {
            number: self.number,
            parent: self.parent,
            descendants: self.descendants,
            class: self.class,
            status: self.status,
            creation_time: self.creation_time,
            change: self.change,
            ordinal: self.ordinal,
            kind: self.columns.kind,
            priority: self.columns.priority,
            size: self.columns.size,
            cut: false,
            amended: self.amended,
            originator: &self.columns.originator,
            subject: &self.columns.subject,
            message_id: &self.columns.message_id,
            content_type: &self.columns.content_type,
        }
    }
}

/// An entry as a selection shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRow<'a> {
    /// Its sequence-number.
    pub number: u32,
    /// Its parent's.
    pub parent: Option<u32>,
    /// How many descendants it has; their numbers follow its own.
    pub descendants: u32,
    /// Its entry-class.
    pub class: u8,
    /// Its status.
    pub status: u8,
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub creation_time: i64,
    /// The change that stored it.
    pub change: u64,
    /// Which of that change's entries it is, from 0.
    pub ordinal: u32,
    /// The kind that the extractor gave it.
    pub kind: u8,
    /// The priority that the extractor gave it.
    pub priority: u8,
    /// The size that is shown, octets.
    pub size: u64,
    /// Whether one of its texts was cut.
    pub cut: bool,
    /// Whether something was added to it.
    pub amended: bool,
    /// Who sent it.
    pub originator: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// Its identifiers.
    pub message_id: &'a str,
    /// Its content-type.
    pub content_type: &'a str,
}

impl EntryRow<'_> {
    /// The entry by value.
    pub fn to_entry(&self) -> Entry {
        Entry {
            number: self.number,
            parent: self.parent,
            descendants: self.descendants,
            class: self.class,
            status: self.status,
            creation_time: self.creation_time,
            change: self.change,
            ordinal: self.ordinal,
            amended: self.amended,
            columns: Columns {
                kind: self.kind,
                priority: self.priority,
                size: self.size,
                originator: self.originator.to_owned(),
                subject: self.subject.to_owned(),
                message_id: self.message_id.to_owned(),
                content_type: self.content_type.to_owned(),
            },
        }
    }
}

/// Entries that matched, by number, as they were when they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    chunks: Vec<Arc<Chunk>>,
    /// Chunk and row.
    hits: Vec<(u32, u32)>,
    exact: bool,
}

impl Selection {
    /// What `query` selects of `entries`, which ascend by number: for models in tests.
    pub fn of_entries<'a>(entries: impl IntoIterator<Item = &'a Entry>, query: &Query) -> Self {
        let mut rows = Rows::default();
        for entry in entries {
            rows.push(&entry.as_row());
        }
        rows.select(query)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Whether all of them surely match; if not, a text that was tested had been cut, and the
    /// caller tests again with the attributes.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// The entry at a place, counted from 0.
    pub fn get(&self, place: usize) -> Option<EntryRow<'_>> {
        self.hits.get(place).map(|&hit| self.row(hit))
    }

    /// The entries, by number.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = EntryRow<'_>> + ExactSizeIterator {
        self.hits.iter().map(|&hit| self.row(hit))
    }

    /// The entries at these places, which ascend, by the chunks in which they lie.
    pub(crate) fn parts<'a>(&'a self, places: &[usize]) -> impl Iterator<Item = ChunkPart<'a>> {
        let hits: Vec<_> = places.iter().filter_map(|place| self.hits.get(*place)).collect();
        let parts: Vec<_> = hits
            .chunk_by(|one, other| one.0 == other.0)
            .map(|hits| ChunkPart {
                chunk: &self.chunks[hits[0].0 as usize],
                hits: hits.iter().map(|hit| hit.1).collect(),
            })
            .collect();
        parts.into_iter()
    }

    fn row(&self, (chunk, row): (u32, u32)) -> EntryRow<'_> {
        let chunk = &self.chunks[chunk as usize];
        chunk.show(&chunk.rows[row as usize])
    }
}

/// Entries of a selection that lie in one chunk, at least one.
pub(crate) struct ChunkPart<'a> {
    chunk: &'a Chunk,
    hits: Vec<u32>,
}

impl<'a> ChunkPart<'a> {
    pub(crate) fn rows(&self) -> impl Iterator<Item = EntryRow<'a>> {
        let chunk = self.chunk;
        self.hits.iter().map(move |row| chunk.show(&chunk.rows[*row as usize]))
    }

    pub(crate) fn len(&self) -> usize {
        self.hits.len()
    }

    fn ends(&self) -> [usize; 2] {
        [self.hits.first(), self.hits.last()].map(|row| row.map_or(0, |row| *row as usize))
    }

    /// How many rows there are from the first entry to the last.
    pub(crate) fn stretch(&self) -> usize {
        let [first, last] = self.ends();
        last - first + 1
    }

    /// The numbers from that of the first entry to that of the last.
    pub(crate) fn numbers(&self) -> RangeInclusive<u32> {
        let [first, last] = self.ends();
        self.chunk.rows[first].number..=self.chunk.rows[last].number
    }

    /// How many entries the chunk has.
    pub(crate) fn chunk_len(&self) -> usize {
        self.chunk.rows.len() - self.chunk.gone
    }

    pub(crate) fn chunk_numbers(&self) -> RangeInclusive<u32> {
        self.chunk.numbers()
    }

    pub(crate) fn is_of_full_chunk(&self) -> bool {
        self.chunk.rows.len() >= CHUNK_ROWS
    }

    pub(crate) fn is_replaced(&self) -> bool {
        self.chunk.replaced
    }

    /// What the chunk keeps of its entries' attributes.
    pub(crate) fn kept(&self) -> &Kept {
        &self.chunk.attributes
    }
}

/// The rows of a mailbox, ascending by number. A clone shares the chunks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Rows {
    chunks: Vec<Arc<Chunk>>,
}

impl Rows {
    /// Adds an entry whose number is above all that are there; the octets that this takes.
    pub(crate) fn push(&mut self, entry: &EntryRow<'_>) -> usize {
        debug_assert!(self.chunks.last().is_none_or(|c| *c.numbers().end() < entry.number));
        if self.chunks.last().is_none_or(|chunk| chunk.rows.len() >= CHUNK_ROWS) {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        let last = Arc::make_mut(self.chunks.last_mut().expect("pushed above"));
        let text_before = last.text.len();
        last.push(entry);
        size_of::<Row>() + last.text.len() - text_before
    }

    pub(crate) fn get(&self, number: u32) -> Option<EntryRow<'_>> {
        let chunk = self.chunks.get(self.chunk_at(number))?;
        let at = chunk.rows.binary_search_by_key(&number, |row| row.number).ok()?;
        let row = &chunk.rows[at];
        (!row.gone).then(|| chunk.show(row))
    }

    /// The first chunk whose last number is not below `number`.
    fn chunk_at(&self, number: u32) -> usize {
        self.chunks.partition_point(|chunk| *chunk.numbers().end() < number)
    }

    /// Raises statuses; how many were lower.
    pub(crate) fn raise_status(&mut self, numbers: RangeInclusive<u32>, to: u8) -> u32 {
        let lower = |row: &Row| !row.gone && row.status < to;
        let mut raised = 0;
        for chunk in self.chunks_in(&numbers) {
            let places = chunk.places(&numbers);
            if !chunk.rows[places.clone()].iter().any(lower) {
                continue;
            }
            let chunk = Arc::make_mut(chunk);
            for at in places {
                if lower(&chunk.rows[at]) {
                    chunk.set_status(at, to);
                    raised += 1;
                }
            }
        }
        raised
    }

    /// Gives entries a status.
    pub(crate) fn set_status(&mut self, numbers: RangeInclusive<u32>, to: u8) {
        let differs = |row: &Row| !row.gone && row.status != to;
        for chunk in self.chunks_in(&numbers) {
            let places = chunk.places(&numbers);
            if !chunk.rows[places.clone()].iter().any(differs) {
                continue;
            }
            let chunk = Arc::make_mut(chunk);
            for at in places {
                if differs(&chunk.rows[at]) {
                    chunk.set_status(at, to);
                }
            }
        }
    }

    /// Says of an entry, where it is there, whether something was added to it.
    pub(crate) fn set_amended(&mut self, number: u32, amended: bool) {
        for chunk in self.chunks_in(&(number..=number)) {
            let at = chunk.rows.partition_point(|row| row.number < number);
            if chunk.rows.get(at).is_some_and(|r| r.number == number && r.amended != amended) {
                Arc::make_mut(chunk).rows[at].amended = amended;
            }
        }
    }

    /// Puts an entry in the place of the one that has its number, if any has, which goes with its
    /// descendants; the octets that this takes.
    pub(crate) fn replace(&mut self, entry: &EntryRow<'_>) -> usize {
        self.delete(entry.number..=entry.number);
        let mut at = self.chunk_at(entry.number);
        if at == self.chunks.len() {
            match self.chunks.last() {
                Some(last) if last.rows.len() < CHUNK_ROWS => at -= 1,
                _ => self.chunks.push(Arc::new(Chunk::new())),
            }
        }
        let Some(chunk) = self.chunks.get_mut(at) else { return 0 };
        let chunk = Arc::make_mut(chunk);
        (chunk.replaced, chunk.attributes) = (true, Kept::default());
        let text_before = chunk.text.len();
        let row = chunk.row(entry);
        let place = chunk.rows.partition_point(|row| row.number < entry.number);
        let same = usize::from(chunk.rows.get(place).is_some_and(|r| r.number == entry.number));
        chunk.gone -= same;
        chunk.rows.splice(place..place + same, [row]);
        let bytes = size_of::<Row>() + chunk.text.len() - text_before;
        if chunk.rows.len() >= 2 * CHUNK_ROWS {
            let halves =
                chunk.halves().into_iter().filter(|half| !half.rows.is_empty()).map(Arc::new);
            self.chunks.splice(at..=at, halves);
        }
        bytes
    }

    /// Deletes entries and their descendants; how many there were.
    pub(crate) fn delete(&mut self, numbers: RangeInclusive<u32>) -> u32 {
        let numbers = self.with_descendants(numbers);
        let mut deleted = 0;
        for chunk in self.chunks_in(&numbers) {
            let places = chunk.places(&numbers);
            if chunk.rows[places.clone()].iter().all(|row| row.gone) {
                continue;
            }
            let chunk = Arc::make_mut(chunk);
            for at in places {
                if !chunk.rows[at].gone {
                    chunk.take_away(at);
                    deleted += 1;
                }
            }
            if chunk.gone * 2 > chunk.rows.len() && chunk.gone < chunk.rows.len() {
                *chunk = chunk.compacted();
            }
        }
        self.chunks.retain(|chunk| chunk.gone < chunk.rows.len());
        deleted
    }

    /// The range up to the last descendant of what is in it: families lie together.
    fn with_descendants(&self, numbers: RangeInclusive<u32>) -> RangeInclusive<u32> {
        let mut high = *numbers.end();
        for chunk in &self.chunks[self.chunk_at(*numbers.start())..] {
            if chunk.numbers().start() > numbers.end() {
                break;
            }
            for row in chunk.rows[chunk.places(&numbers)].iter().filter(|row| !row.gone) {
                high = high.max(row.number + row.descendants);
            }
        }
        *numbers.start()..=high
    }

    fn chunks_in<'a>(
        &'a mut self,
        numbers: &RangeInclusive<u32>,
    ) -> impl Iterator<Item = &'a mut Arc<Chunk>> + use<'a> {
        let (from, end) = (self.chunk_at(*numbers.start()), *numbers.end());
        self.chunks[from..].iter_mut().take_while(move |chunk| *chunk.numbers().start() <= end)
    }

    /// What matches, by number.
    pub(crate) fn select(&self, query: &Query) -> Selection {
        let ready = query.ready();
        let mut search = Search {
            sieve: ready.sieve(),
            ready: &ready,
            skip: query.skip,
            wanted: query.limit.unwrap_or(usize::MAX),
            found: Selection { exact: true, ..Selection::default() },
        };
        let from = self.chunk_at(*query.numbers.start());
        let within = |chunk: &&Arc<Chunk>| chunk.numbers().start() <= query.numbers.end();
        let until = from + self.chunks[from..].iter().take_while(within).count();
        let chunks = &self.chunks[from..until];
        if query.newest {
            chunks.iter().rev().take_while(|chunk| search.look_at(chunk)).for_each(drop);
            search.found.hits.reverse();
        } else {
            chunks.iter().take_while(|chunk| search.look_at(chunk)).for_each(drop);
        }
        search.found
    }

    /// How many there are, by class, status and whether they are children.
    pub(crate) fn counts(&self) -> Vec<Count> {
        let mut all = Vec::new();
        for count in self.chunks.iter().flat_map(|chunk| chunk.counts()) {
            add_to(&mut all, *count);
        }
        all.sort_unstable_by_key(Count::key);
        all
    }

    /// Lets go of what is kept of entries' attributes.
    pub(crate) fn let_go_attributes(&self) {
        self.chunks.iter().for_each(|chunk| chunk.attributes.let_go());
    }

    /// Memory held, octets, but for attributes.
    pub(crate) fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes()).sum()
    }
}

/// A search that goes on from chunk to chunk.
struct Search<'a> {
    ready: &'a ReadyQuery<'a>,
    sieve: Sieve,
    /// How many of what matches are passed over before any is found.
    skip: usize,
    wanted: usize,
    found: Selection,
}

impl Search<'_> {
    /// Looks at a chunk, from its end where the newest are wanted; whether more is wanted.
    fn look_at(&mut self, chunk: &Arc<Chunk>) -> bool {
        let query = self.ready.query();
        if self.found.hits.len() >= self.wanted {
            return false;
        }
        if !chunk.may_hold(self.ready, query) {
            return true;
        }
        if let Some(matching) = chunk.matching(self.ready).filter(|n| *n <= self.skip) {
            self.skip -= matching;
            return true;
        }
        let whole = chunk.may_hold_texts(&mut self.sieve);
        let place = self.found.chunks.len() as u32;
        let before = self.found.hits.len();
        let mut look = |at: usize| {
            let row = &chunk.rows[at];
            let may = !row.gone && (whole || row.cut) && self.found.hits.len() < self.wanted;
            if !may || !self.ready.matches(&chunk.show(row)) {
                return;
            }
            match self.skip.checked_sub(1) {
                Some(left) => self.skip = left,
                None => {
                    self.found.hits.push((place, at as u32));
                    self.found.exact &= !(row.cut && self.ready.tests_text());
                }
            }
        };
        let places = chunk.places(&query.numbers);
        match query.newest {
            true => places.rev().for_each(&mut look),
            false => places.for_each(&mut look),
        }
        if self.found.hits.len() > before {
            self.found.chunks.push(chunk.clone());
        }
        true
    }
}

const _: () = assert!(NUMBER_MAX < u32::MAX / 2 + 1 && TEXT_BYTES_MAX < u16::MAX as usize);
