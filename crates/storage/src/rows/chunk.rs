//! A chunk of a mailbox's columns: rows that follow each other, and their texts in one piece.

use std::ops::RangeInclusive;

use crate::{
    EntryRow, Query, TEXT_BYTES_MAX,
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

#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    pub(super) text: String,
    pub(super) gone: usize,
    /// How many rows have status 0, 1, 2, or another.
    pub(super) by_status: [u32; 4],
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
            by_status: [0; 4],
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
        self.by_status[status_slot(entry.status)] += 1;
        self.earliest = self.earliest.min(entry.creation_time);
        self.latest = self.latest.max(entry.creation_time);
        Row {
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
        }
    }

    /// The same without the rows that are gone.
    pub(super) fn compacted(&self) -> Self {
        let mut chunk = Self { replaced: self.replaced, ..Self::new() };
        for row in self.rows.iter().filter(|row| !row.gone) {
            chunk.push(&self.show(row));
        }
        chunk
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>() + self.text.capacity() + size_of::<Self>()
    }

    /// Whether a row in it can match, as far as its sums say.
    pub(super) fn may_hold(&self, ready: &ReadyQuery<'_>, query: &Query) -> bool {
        let status = ready.statuses().is_none_or(|statuses| {
            statuses.iter().any(|&status| self.by_status[status_slot(status)] > 0)
        });
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

pub(super) fn status_slot(status: u8) -> usize {
    usize::from(status.min(3))
}
