//! What rewriting a segment asks of the index, and the new places of what was moved.
//!
//! A segment that was replaced has a row in `segment` until all records that were in it have
//! their new places, so that a relocation that was cut off, or lost with the index's last
//! transactions, is seen and done again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bytes::Bytes;
use rusqlite::{OptionalExtension, params};

use super::{
    Index, entry_id,
    project::{add_to_segments, scope_id},
};
use crate::{
    MailboxId, NumberSet, Scope, StorageError,
    log::{Place, Segment, turn_of},
    record::LoggedEntry,
};

/// Places that are changed in one transaction.
const RELOCATE_RECORDS: usize = 500;

/// What is known of a segment's octets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// In records that hold entries.
    pub(crate) stored: u64,
    /// In those of them that hold one that is there.
    pub(crate) live: u64,
}

impl Index {
    /// What is known of the segments, by sequence.
    pub(crate) fn shares(&self) -> Result<BTreeMap<u64, Share>, StorageError> {
        self.read(|sql| {
            let mut select = sql.prepare_cached("SELECT sequence, stored, live FROM segment")?;
            let rows = select.query_map([], |row| {
                let octets = |at| row.get::<_, i64>(at).map(|octets| octets.max(0) as u64);
                let share = Share { stored: octets(1)?, live: octets(2)? };
                Ok((row.get::<_, i64>(0)? as u64, share))
            })?;
            rows.collect()
        })
    }

    /// Where the last record lies up to which the index is on disk; `None` where that can't be
    /// said now.
    pub(crate) fn durable_position(&self) -> Result<Option<Place>, StorageError> {
        let last = self.position()?.and_then(|position| position.last);
        let counts = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
        let [busy, pages, written]: [i64; 3] =
            self.with(|sql| sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], counts))?;
        let all = busy == 0 && pages == written;
        Ok(last.filter(|_| all).map(|(_, place)| place))
    }

    /// Leaves of a record's entries those that are there, in their present state.
    pub(crate) fn retain_living(
        &self,
        change: u64,
        entries: &mut Vec<LoggedEntry>,
    ) -> Result<(), StorageError> {
        self.read(|sql| {
            let select = "SELECT status, state, amendment.change FROM entry
                LEFT JOIN amendment USING (id) WHERE id = ?1 AND entry.change = ?2";
            let mut select = sql.prepare_cached(select)?;
            let mut living = Vec::with_capacity(entries.len());
            for mut entry in entries.drain(..) {
                let key = params![entry_id(entry.mailbox.get(), entry.number), change as i64];
                let state = |row: &rusqlite::Row<'_>| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
                };
                if let Some((status, state, amended)) = select.query_row(key, state).optional()? {
                    (entry.status, entry.state) = (status, state as u64);
                    if amended != Some(change as i64) {
                        // A later record tells the present one.
                        entry.amendment = Bytes::new();
                    }
                    living.push(entry);
                }
            }
            *entries = living;
            Ok(())
        })
    }

    /// Of the entries whose status a change told, those that have it from one of these changes and
    /// whose record is not in one of these segments.
    pub(crate) fn status_told_elsewhere(
        &self,
        mailbox: MailboxId,
        numbers: &NumberSet,
        changes: RangeInclusive<u64>,
        segments: &[u64],
    ) -> Result<NumberSet, StorageError> {
        let from = i64::try_from(*changes.start()).unwrap_or(i64::MAX);
        let to = i64::try_from(*changes.end()).unwrap_or(i64::MAX);
        self.read(|sql| {
            let select = "SELECT number, segment FROM entry JOIN record USING (change)
                WHERE id BETWEEN ?1 AND ?2 AND state BETWEEN ?3 AND ?4";
            let mut select = sql.prepare_cached(select)?;
            let mut raised = NumberSet::new();
            for range in numbers.ranges() {
                let [low, high] =
                    [range.start(), range.end()].map(|n| entry_id(mailbox.get(), *n));
                let mut rows = select.query(params![low, high, from, to])?;
                while let Some(row) = rows.next()? {
                    let (number, segment): (u32, i64) = (row.get(0)?, row.get(1)?);
                    if !segments.contains(&(segment as u64)) {
                        raised.insert(number..=number);
                    }
                }
            }
            Ok(raised)
        })
    }

    /// The numbers that are there, ascending; and the highest that was given out.
    pub(crate) fn living_numbers(
        &self,
        mailbox: MailboxId,
    ) -> Result<(Vec<u32>, u32), StorageError> {
        self.read(|sql| {
            let select = "SELECT high_water FROM mailbox WHERE id = ?1 AND removed = 0";
            let mark = sql.prepare_cached(select)?.query_row([mailbox.get()], |row| row.get(0));
            let select = "SELECT number FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
            let mut select = sql.prepare_cached(select)?;
            let range = [0, u32::MAX].map(|number| entry_id(mailbox.get(), number));
            let numbers = select.query_map(range, |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok((numbers, mark.optional()?.unwrap_or(0)))
        })
    }

    /// Whether an entry's amendment is what this change made it.
    pub(crate) fn amendment_is_of(
        &self,
        mailbox: MailboxId,
        number: u32,
        change: u64,
    ) -> Result<bool, StorageError> {
        self.read(|sql| {
            let select = "SELECT 1 FROM amendment WHERE id = ?1 AND change = ?2";
            let row = params![entry_id(mailbox.get(), number), change as i64];
            sql.prepare_cached(select)?.exists(row)
        })
    }

    /// Whether a value is what this change set.
    pub(crate) fn value_is_of(
        &self,
        scope: Scope,
        key: &[u8],
        change: u64,
    ) -> Result<bool, StorageError> {
        self.read(|sql| {
            let select = "SELECT 1 FROM value WHERE mailbox = ?1 AND key = ?2 AND change = ?3";
            let row = params![scope_id(scope), key, change as i64];
            sql.prepare_cached(select)?.exists(row)
        })
    }

    /// The keys of the values that are set, ascending.
    pub(crate) fn living_keys(&self, scope: Scope) -> Result<Vec<Bytes>, StorageError> {
        self.read(|sql| {
            let select = "SELECT key FROM value WHERE mailbox = ?1 ORDER BY key";
            let mut select = sql.prepare_cached(select)?;
            let rows = select.query_map([scope_id(scope)], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|key| Ok(key?.into())).collect()
        })
    }

    /// Takes over the places of the records with entries that lie in a rewritten segment: all of
    /// them, by change.
    pub(crate) fn relocate(
        &self,
        segment: &Segment,
        places: &[(u64, Place)],
    ) -> rusqlite::Result<()> {
        let sequence = segment.sequence as i64;
        self.with(|sql| sql.execute("DELETE FROM segment WHERE sequence = ?1", [sequence]))?;
        for places in places.chunks(RELOCATE_RECORDS) {
            self.with(|sql| {
                let transaction = sql.unchecked_transaction()?;
                let mut octets = BTreeMap::new();
                for (change, place) in places {
                    relocate(&transaction, *change, *place, &mut octets)?;
                }
                add_to_segments(&transaction, octets)?;
                transaction.commit()
            })?;
        }
        let delete = "DELETE FROM segment
            WHERE sequence & ?1 BETWEEN ?2 AND ?3 AND sequence != ?4";
        let (first, turn) = (segment.first as i64, segment.turn() as i64);
        let row = [turn_of(u64::MAX) as i64, first, turn, sequence];
        self.with(|sql| sql.execute(delete, row)).map(drop)
    }
}

fn relocate(
    sql: &rusqlite::Connection,
    change: u64,
    place: Place,
    octets: &mut BTreeMap<u64, (i64, i64)>,
) -> rusqlite::Result<()> {
    let select = "SELECT segment, bytes FROM record WHERE change = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)?));
    let before = sql.prepare_cached(select)?.query_row([change as i64], row).optional()?;
    let bytes = place.bytes as i64;
    octets.entry(place.segment).or_default().0 += bytes;
    let Some((segment, bytes_before)) = before else { return Ok(()) };
    octets.entry(place.segment).or_default().1 += bytes;
    if segment == place.segment {
        return Ok(());
    }
    octets.entry(segment).or_default().1 -= bytes_before;
    let update = "UPDATE record SET segment = ?2, offset = ?3, bytes = ?4 WHERE change = ?1";
    let row = [change as i64, place.segment as i64, place.offset as i64, bytes];
    sql.prepare_cached(update)?.execute(row).map(drop)
}
