//! The index beside a scratch one that was made from the log: row by row, in the order of keys.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use rusqlite::{Connection, Row, Rows};

use crate::log::turn_of;
use crate::{
    Columns, Damage, Difference, Location, MailboxId,
    verify::{Digest, digest},
};

/// What a comparison is told and what it finds.
#[derive(Default)]
pub(crate) struct Comparison {
    /// The sequences that are there. What the index has in others was rewritten, and is found
    /// again at the next start.
    segments: BTreeSet<u64>,
    /// What is damaged in the log, ascending by place.
    damaged: Vec<Damage>,
    /// Where they differ.
    pub(crate) found: Vec<Difference>,
    /// For each damaged place, the entries of the index that lie there.
    pub(crate) entries: Vec<Vec<Location>>,
    names: BTreeMap<MailboxId, Arc<str>>,
    /// The changes whose records lie in a damaged place, and which one.
    by_change: BTreeMap<i64, usize>,
}

struct MailboxRow {
    id: i64,
    name: Arc<str>,
    about: Vec<u8>,
    high_water: u32,
    removed: bool,
}

/// A change and its record's place and count; or a segment and its octets.
struct RecordRow {
    change: i64,
    place: [i64; 4],
}

struct EntryState {
    id: i64,
    change: i64,
    fixed: [i64; 5],
    status: u8,
    digest: u32,
    amendment: Option<Vec<u8>>,
}

struct ValueRow {
    key: (u32, Vec<u8>),
    value: Vec<u8>,
}

const MAILBOXES: &str = "SELECT id, name, about, high_water, removed FROM mailbox ORDER BY id";
const RECORDS: &str = "SELECT change, segment, offset, bytes, live FROM record ORDER BY change";
const SEGMENTS: &str = "SELECT sequence, 0, 0, stored, live FROM segment ORDER BY sequence";
const ENTRIES: &str = "SELECT id, change, parent, descendants, class, creation_time, ordinal,
    status, encoded, kind, priority, size, originator, subject, message_id, content_type, octets
    FROM entry LEFT JOIN attributes USING (id)
    LEFT JOIN (SELECT id, octets FROM amendment) USING (id) ORDER BY id";
const VALUES: &str = "SELECT mailbox, key, value FROM value ORDER BY mailbox, key";

impl Comparison {
    /// One beside a log of these segments with this damage, ascending by place.
    pub(crate) fn beside(segments: BTreeSet<u64>, damaged: Vec<Damage>) -> Self {
        Self { segments, damaged, ..Self::default() }
    }

    /// Whether a record is lost of which nothing is known: then what such a record may have said
    /// is not compared.
    fn is_partial(&self) -> bool {
        self.damaged.iter().any(|damage| damage.change.is_none())
    }

    /// Compares two moments.
    pub(crate) fn compare(
        &mut self,
        log: &Connection,
        index: &Connection,
    ) -> rusqlite::Result<()> {
        self.entries = vec![Vec::new(); self.damaged.len()];
        self.mailboxes(log, index)?;
        self.records(log, index)?;
        self.entries(log, index)?;
        if self.is_partial() {
            return Ok(());
        }
        self.segments(log, index)?;
        let key = |row: &ValueRow| row.key.clone();
        merge(log, index, VALUES, [value_row, value_row], key, |log, index| {
            let differ = log.as_ref().map(|row| &row.value) != index.as_ref().map(|r| &r.value);
            if let Some(ValueRow { key: (mailbox, key), .. }) = log.or(index).filter(|_| differ) {
                self.found.push(Difference::Value { mailbox, key: Bytes::from(key) });
            }
        })
    }

    fn segments(&mut self, log: &Connection, index: &Connection) -> rusqlite::Result<()> {
        let mut differ = Vec::new();
        let mut rewritten = false;
        let key = |row: &RecordRow| row.change;
        merge(log, index, SEGMENTS, [record_row, record_row], key, |log, index| {
            rewritten |= index.as_ref().is_some_and(|row| !self.has(row.change));
            if log.as_ref().map(|row| row.place) == index.as_ref().map(|row| row.place) {
                return;
            }
            if let Some(row) = log.or(index) {
                differ.push(Difference::Segment { segment: row.change as u64 });
            }
        })?;
        if self.damaged.is_empty() && !rewritten {
            self.found.append(&mut differ);
        }
        Ok(())
    }

    fn has(&self, segment: i64) -> bool {
        self.segments.contains(&(segment as u64))
    }

    fn mailboxes(&mut self, log: &Connection, index: &Connection) -> rusqlite::Result<()> {
        let partial = self.is_partial();
        let key = |row: &MailboxRow| row.id;
        merge(log, index, MAILBOXES, [mailbox_row, mailbox_row], key, |log, index| {
            let Some(either) = log.as_ref().or(index.as_ref()) else { return };
            let Some(mailbox) = u32::try_from(either.id).ok().and_then(MailboxId::new) else {
                return;
            };
            let name = index.as_ref().map_or(&either.name, |row| &row.name).clone();
            self.names.insert(mailbox, name.clone());
            match (log, index) {
                _ if partial => {}
                (Some(log), Some(index))
                    if (&log.name, &log.about, log.removed)
                        == (&index.name, &index.about, index.removed) =>
                {
                    let (log, index) = (log.high_water, index.high_water);
                    if log != index {
                        self.found.push(Difference::HighWater { mailbox, name, index, log });
                    }
                }
                _ => self.found.push(Difference::Mailbox { name }),
            }
        })
    }

    fn records(&mut self, log: &Connection, index: &Connection) -> rusqlite::Result<()> {
        for (at, damage) in self.damaged.iter().enumerate() {
            if let Some(change) = damage.change {
                self.by_change.insert(change as i64, at);
            }
        }
        let partial = self.is_partial();
        let key = |row: &RecordRow| row.change;
        merge(log, index, RECORDS, [record_row, record_row], key, |log, index| {
            if let Some(row) = &index
                && let Some(at) = self.damage_at(row).or_else(|| match &log {
                    Some(_) => None,
                    None => self.away_at(row),
                })
            {
                self.by_change.insert(row.change, at);
            }
            let Some(change) = log.as_ref().or(index.as_ref()).map(|row| row.change) else {
                return;
            };
            let [of_log, of_index] = [log, index].map(|row| row.map(|row| row.place));
            let rewritten = of_log.is_some() && of_index.is_some_and(|place| !self.has(place[0]));
            let differ = of_log != of_index && !rewritten;
            if differ && !partial && !self.by_change.contains_key(&change) {
                self.found.push(Difference::Record { change: change as u64 });
            }
        })
    }

    /// The damaged place in which a record lies.
    fn damage_at(&self, row: &RecordRow) -> Option<usize> {
        let [segment, offset, bytes, _] = row.place.map(|number| number as u64);
        let end = (segment, offset + bytes);
        let until = self.damaged.partition_point(|d| (d.segment, d.offset) < end);
        let at = until.checked_sub(1)?;
        let damage = &self.damaged[at];
        let inside = damage.segment == segment && damage.offset + damage.bytes > offset;
        inside.then_some(at)
    }

    /// The damaged place that stands for a segment that is away with others.
    fn away_at(&self, row: &RecordRow) -> Option<usize> {
        let segment = row.place[0];
        let before = |damage: &Damage| turn_of(damage.segment) <= turn_of(segment as u64);
        let is_away =
            |damage: &Damage| damage.change.is_none() && !self.has(damage.segment as i64);
        // Those of rewritten segments stand behind all others, though not by their turn.
        let latest = self.damaged.iter().enumerate().filter(|(_, damage)| before(damage));
        let latest = latest.filter(|(_, damage)| is_away(damage));
        let latest = latest.max_by_key(|(_, damage)| turn_of(damage.segment));
        latest.map(|(at, _)| at).filter(|_| !self.has(segment))
    }

    fn entries(&mut self, log: &Connection, index: &Connection) -> rusqlite::Result<()> {
        let partial = self.is_partial();
        let key = |row: &EntryState| row.id;
        merge(log, index, ENTRIES, [scratch_entry, index_entry], key, |log, index| {
            match (log, index) {
                (Some(log), Some(index)) => {
                    let same = (log.change, log.fixed, log.digest)
                        == (index.change, index.fixed, index.digest);
                    let differ = (log.status, &log.amendment) != (index.status, &index.amendment);
                    if let Some(at) = self.by_change.get(&index.change) {
                        let location = self.locate(index.id);
                        self.entries[*at].push(location);
                    } else if !same || (differ && !partial) {
                        let difference = Difference::Entry(self.locate(index.id));
                        self.found.push(difference);
                    }
                }
                (None, Some(index)) => {
                    let location = self.locate(index.id);
                    match self.by_change.get(&index.change) {
                        Some(at) => self.entries[*at].push(location),
                        None if partial => {}
                        None => self.found.push(Difference::Orphan(location)),
                    }
                }
                (Some(log), None) if !partial => {
                    let difference = Difference::Missing(self.locate(log.id));
                    self.found.push(difference);
                }
                _ => {}
            }
        })
    }

    fn locate(&self, id: i64) -> Location {
        let mailbox = u32::try_from(id >> 32).ok().and_then(MailboxId::new);
        let name = mailbox.and_then(|mailbox| self.names.get(&mailbox).cloned());
        let name = name.unwrap_or_else(|| format!("mailbox-{}", id >> 32).into());
        // An index that is damaged may hold what is no identifier.
        Location { mailbox: mailbox.unwrap_or(MailboxId::FIRST), name, number: id as u32 }
    }
}

/// Walks through the rows of both sides together.
fn merge<T, K: Ord>(
    log: &Connection,
    index: &Connection,
    select: &str,
    [read_log, read_index]: [fn(&Row<'_>) -> rusqlite::Result<T>; 2],
    key: impl Fn(&T) -> K,
    mut each: impl FnMut(Option<T>, Option<T>),
) -> rusqlite::Result<()> {
    let (mut log, mut index) = (log.prepare(select)?, index.prepare(select)?);
    let (mut log, mut index) = (log.query([])?, index.query([])?);
    let next = |rows: &mut Rows<'_>, read: fn(&Row<'_>) -> rusqlite::Result<T>| {
        rows.next()?.map(read).transpose()
    };
    let (mut left, mut right) = (next(&mut log, read_log)?, next(&mut index, read_index)?);
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => key(left).cmp(&key(right)),
        };
        let of_log = if order.is_le() { left.take() } else { None };
        let of_index = if order.is_ge() { right.take() } else { None };
        if of_log.is_some() {
            left = next(&mut log, read_log)?;
        }
        if of_index.is_some() {
            right = next(&mut index, read_index)?;
        }
        each(of_log, of_index);
    }
}

fn mailbox_row(row: &Row<'_>) -> rusqlite::Result<MailboxRow> {
    Ok(MailboxRow {
        id: row.get(0)?,
        name: row.get(1)?,
        about: row.get(2)?,
        high_water: row.get(3)?,
        removed: row.get(4)?,
    })
}

fn record_row(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    let place = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
    Ok(RecordRow { change: row.get(0)?, place })
}

fn value_row(row: &Row<'_>) -> rusqlite::Result<ValueRow> {
    Ok(ValueRow { key: (row.get(0)?, row.get(1)?), value: row.get(2)? })
}

fn entry_state(row: &Row<'_>, digest: u32) -> rusqlite::Result<EntryState> {
    let parent: Option<i64> = row.get(2)?;
    let number = |at| row.get::<_, i64>(at);
    let fixed = [parent.unwrap_or(0), number(3)?, number(4)?, number(5)?, number(6)?];
    let (id, change, status) = (row.get(0)?, row.get(1)?, row.get(7)?);
    Ok(EntryState { id, change, fixed, status, digest, amendment: row.get(16)? })
}

/// In the scratch index a digest stands for what the extractor made.
fn scratch_entry(row: &Row<'_>) -> rusqlite::Result<EntryState> {
    let octets: Option<Vec<u8>> = row.get(8)?;
    entry_state(row, Digest::read(&octets.unwrap_or_default()))
}

fn index_entry(row: &Row<'_>) -> rusqlite::Result<EntryState> {
    let attributes: Option<Vec<u8>> = row.get(8)?;
    let columns = Columns {
        kind: row.get(9)?,
        priority: row.get(10)?,
        size: row.get::<_, i64>(11)? as u64,
        originator: row.get(12)?,
        subject: row.get(13)?,
        message_id: row.get(14)?,
        content_type: row.get(15)?,
    };
    // Attributes that are not there are not those of any entry.
    let sum = attributes.map_or(0, |attributes| digest(&columns, &attributes));
    entry_state(row, sum)
}
