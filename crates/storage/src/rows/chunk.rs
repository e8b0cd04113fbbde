//! A chunk of a mailbox's columns: rows that follow each other, and their texts in one piece.

use std::ops::{Range, RangeInclusive};

use crate::{
    Count, EntryRow, Query, TEXT_BYTES_MAX,
    query::{ReadyQuery, Sieve},
    view::Kept,
};

/// The fixed part of an entry.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) parent: u32,
    pub(super) descendants: u32,
    pub(super) ordinal: u32,
    /// Where its texts begin in the chunk's, and how long each is.
    pub(super) text_at: u32,
    pub(super) text_lengths: [u16; 4],
    pub(super) change: u64,
    pub(super) creation_time: i64,
    pub(super) size: u64,
    pub(super) class: u8,
    pub(super) status: u8,
    pub(super) kind: u8,
    pub(super) priority: u8,
    pub(super) cut: bool,
    pub(super) amended: bool,
    pub(super) gone: bool,
}

impl Row {
    /// What it adds to the counts.
    fn count(&self) -> Count {
        let (class, status, child) = (self.class, self.status, self.parent != 0);
        Count { class, status, child, entries: 1, octets: self.size }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    pub(super) text: String,
    pub(super) gone: usize,
    /// How many rows there are by class, status and whether they are children: a few kinds.
    counts: Vec<Count>,
    /// The earliest and the latest, of rows that are gone too.
    pub(super) earliest: i64,
    pub(super) latest: i64,
    pub(super) attributes: Kept,
    /// Whether its texts have a letter beyond ASCII whose lower case is in ASCII.
    pub(super) lowers_to_ascii: bool,
    /// Whether an entry took another's place: the index may still have that one's attributes.
    pub(super) replaced: bool,
}

impl Chunk {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            text: String::new(),
            gone: 0,
            counts: Vec::new(),
            earliest: i64::MAX,
            latest: i64::MIN,
            attributes: Kept::default(),
            lowers_to_ascii: false,
            replaced: false,
        }
    }

    pub(super) fn numbers(&self) -> RangeInclusive<u32> {
        let first = self.rows.first().map_or(1, |row| row.number);
        first..=self.rows.last().map_or(0, |row| row.number)
    }

    /// Where the rows of these numbers are.
    pub(super) fn places(&self, numbers: &RangeInclusive<u32>) -> Range<usize> {
        let from = self.rows.partition_point(|row| row.number < *numbers.start());
        let behind = &self.rows[from..];
        from..from + behind.partition_point(|row| row.number <= *numbers.end())
    }

    pub(super) fn show(&self, row: &Row) -> EntryRow<'_> {
        let mut at = row.text_at as usize;
        let mut text = |place: usize| {
            let from = at;
            at += usize::from(row.text_lengths[place]);
            &self.text[from..at]
        };
        EntryRow {
            originator: text(0),
            subject: text(1),
            message_id: text(2),
            content_type: text(3),
            number: row.number,
            parent: (row.parent != 0).then_some(row.parent),
            descendants: row.descendants,
            class: row.class,
            status: row.status,
            creation_time: row.creation_time,
            change: row.change,
            ordinal: row.ordinal,
            kind: row.kind,
            priority: row.priority,
            size: row.size,
            cut: row.cut,
            amended: row.amended,
        }
    }

    pub(super) fn push(&mut self, entry: &EntryRow<'_>) {
        let row = self.row(entry);
        self.rows.push(row);
    }

    /// A row for an entry, its texts put behind the others.
    pub(super) fn row(&mut self, entry: &EntryRow<'_>) -> Row {
        let text_at = u32::try_from(self.text.len()).expect("a chunk's texts are bounded");
        let mut cut = false;
        let texts = [entry.originator, entry.subject, entry.message_id, entry.content_type];
        let text_lengths = texts.map(|text| {
            let kept = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
            // What was cut before it came here is as long as a cut leaves it.
            cut |= kept.len() + 4 > TEXT_BYTES_MAX;
            self.text.push_str(kept);
            self.lowers_to_ascii |= lowers_to_ascii(kept);
            kept.len() as u16
        });
        self.earliest = self.earliest.min(entry.creation_time);
        self.latest = self.latest.max(entry.creation_time);
        let row = Row {
            number: entry.number,
            parent: entry.parent.unwrap_or(0),
            descendants: entry.descendants,
            ordinal: entry.ordinal,
            text_at,
            text_lengths,
            change: entry.change,
            creation_time: entry.creation_time,
            size: entry.size,
            class: entry.class,
            status: entry.status,
            kind: entry.kind,
            priority: entry.priority,
            cut,
            amended: entry.amended,
            gone: false,
        };
        add_to(&mut self.counts, row.count());
        row
    }

    /// Gives the row at a place a status.
    pub(super) fn set_status(&mut self, at: usize, status: u8) {
        self.uncount(at);
        self.rows[at].status = status;
        add_to(&mut self.counts, self.rows[at].count());
    }

    /// Takes the row at a place away, which is there.
    pub(super) fn take_away(&mut self, at: usize) {
        self.uncount(at);
        self.rows[at].gone = true;
        self.gone += 1;
    }

    fn uncount(&mut self, at: usize) {
        let row = self.rows[at].count();
        let known = self.counts.iter_mut().find(|known| known.key() == row.key());
        let known = known.expect("each row is counted");
        known.entries -= row.entries;
        known.octets = known.octets.saturating_sub(row.octets);
    }

    /// How many rows there are, by class, status and whether they are children.
    pub(super) fn counts(&self) -> impl Iterator<Item = &Count> {
        self.counts.iter().filter(|count| count.entries > 0)
    }

    /// How many rows match, where the counts say.
    pub(super) fn matching(&self, ready: &ReadyQuery<'_>) -> Option<usize> {
        let numbers = self.numbers();
        let within = |query: &Query| {
            query.numbers.contains(numbers.start())
                && query.numbers.contains(numbers.end())
                && query.creation_time.contains(&self.earliest)
                && query.creation_time.contains(&self.latest)
        };
        let matching = self.counts().map(|count| ready.matches_all(count).then_some(count));
        if !ready.is_answered_by_counts() || !within(ready.query()) {
            return None;
        }
        Some(matching.flatten().map(|count| count.entries as usize).sum())
    }

    /// The same without the rows that are gone.
    pub(super) fn compacted(&self) -> Self {
        let mut chunk = Self { replaced: self.replaced, ..Self::new() };
        for row in self.rows.iter().filter(|row| !row.gone) {
            chunk.push(&self.show(row));
        }
        chunk
    }

    /// The same as two.
    pub(super) fn halves(&self) -> [Self; 2] {
        let (low, high) = self.rows.split_at(self.rows.len() / 2);
        [low, high].map(|rows| {
            let mut half = Self { replaced: self.replaced, ..Self::new() };
            rows.iter().filter(|row| !row.gone).for_each(|row| half.push(&self.show(row)));
            half
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>() + self.text.capacity() + size_of::<Self>()
    }

    /// Whether a row in it can match, as far as its sums say.
    pub(super) fn may_hold(&self, ready: &ReadyQuery<'_>, query: &Query) -> bool {
        let status = ready
            .statuses()
            .is_none_or(|statuses| self.counts().any(|count| statuses.contains(&count.status)));
        status
            && self.earliest <= *query.creation_time.end()
            && *query.creation_time.start() <= self.latest
    }

    /// Whether a row in it can match whose texts were not cut.
    pub(super) fn may_hold_texts(&self, sieve: &mut Sieve) -> bool {
        self.lowers_to_ascii || sieve.may_hold(&self.text)
    }
}

fn lowers_to_ascii(text: &str) -> bool {
    let beyond = |letter: &char| !letter.is_ascii();
    let lowers = |letter: char| letter.to_lowercase().any(|lower| lower.is_ascii());
    !text.is_ascii() && text.chars().filter(beyond).any(lowers)
}

/// Adds to the count of a kind.
pub(super) fn add_to(counts: &mut Vec<Count>, more: Count) {
    match counts.iter_mut().find(|known| known.key() == more.key()) {
        Some(known) => known.merge(&more),
        None => counts.push(more),
    }
}
