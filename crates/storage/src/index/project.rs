//! Records into tables.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Applied, entry_id};
use crate::{
    MailboxId, NumberSet, Scope,
    record::{Effect, LoggedEntry},
};

const RAISE: &str = "UPDATE entry SET status = ?3, state = ?4
    WHERE id BETWEEN ?1 AND ?2 AND status < ?3 AND state < ?4";
const SET: &str = "UPDATE entry SET status = ?3, state = ?4
    WHERE id BETWEEN ?1 AND ?2 AND state < ?4";

/// Whether records come with what the extractor makes of their entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Made {
    #[default]
    All,
    /// They do not: their entries have no attributes until these are made.
    Bare,
}

/// What a batch of records comes to: written once at its end.
#[derive(Default)]
struct Totals {
    made: Made,
    high_water: BTreeMap<MailboxId, u32>,
    /// By segment, how many octets more are in records that hold entries, and in those that hold
    /// one that is there.
    octets: BTreeMap<u64, (i64, i64)>,
}

pub(super) fn project<'a>(
    connection: &mut Connection,
    records: impl IntoIterator<Item = &'a Applied>,
    made: Made,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let mut totals = Totals { made, ..Totals::default() };
    let mut last = None;
    for record in records {
        project_record(&transaction, record, &mut totals)?;
        last = Some(record);
    }
    add_to_segments(&transaction, totals.octets)?;
    for (mailbox, number) in totals.high_water {
        let sql = "UPDATE mailbox SET high_water = max(high_water, ?2) WHERE id = ?1";
        transaction.prepare_cached(sql)?.execute(params![mailbox.get(), number])?;
    }
    if let Some(Applied { change, place, .. }) = last {
        let sql = "UPDATE position SET change = ?1, segment = ?2, offset = ?3, bytes = ?4";
        transaction.prepare_cached(sql)?.execute(params![
            *change as i64,
            place.segment as i64,
            place.offset as i64,
            place.bytes as i64
        ])?;
    }
    transaction.commit()
}

fn project_record(
    sql: &Transaction<'_>,
    record: &Applied,
    totals: &mut Totals,
) -> rusqlite::Result<()> {
    let live = record.entries().count();
    if live > 0 {
        let insert = "INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5)";
        sql.prepare_cached(insert)?.execute(params![
            record.change as i64,
            record.place.segment as i64,
            record.place.offset as i64,
            record.place.bytes as i64,
            live as i64
        ])?;
        let (stored, live) = totals.octets.entry(record.place.segment).or_default();
        *stored += record.place.bytes as i64;
        *live += record.place.bytes as i64;
    }
    for effect in &record.effects {
        match effect {
            Effect::CreateMailbox { id, high_water, name, about } => {
                let insert = "INSERT OR REPLACE INTO mailbox VALUES (?1, ?2, ?3, ?4, 0)";
                let row = params![id.get(), name, &about[..], high_water];
                sql.prepare_cached(insert)?.execute(row)?;
            }
            Effect::RemoveMailbox { id } => remove_mailbox(sql, *id, totals)?,
            Effect::Store(entries) => {
                for entry in entries {
                    store(sql, record.change, entry, totals)?;
                }
            }
            Effect::RaiseStatus { mailbox, numbers, to } => {
                update_status(sql, RAISE, (*mailbox, numbers), (*to, record.change))?;
            }
            Effect::SetStatus { mailbox, numbers, to } => {
                update_status(sql, SET, (*mailbox, numbers), (*to, record.change))?;
            }
            Effect::Amend { mailbox, number, amendment } => {
                amend(sql, entry_id(mailbox.get(), *number), amendment, record.change)?;
            }
            Effect::Delete { mailbox, numbers } => {
                for range in numbers.ranges() {
                    let range = [range.start(), range.end()].map(|n| entry_id(mailbox.get(), *n));
                    delete(sql, range, totals)?;
                }
            }
            Effect::PutValue { scope, key, value } => {
                let insert = "INSERT OR REPLACE INTO value VALUES (?1, ?2, ?3, ?4)";
                let row = params![scope_id(*scope), &key[..], &value[..], record.change as i64];
                sql.prepare_cached(insert)?.execute(row)?;
            }
            Effect::RemoveValue { scope, key } => {
                let delete = "DELETE FROM value WHERE mailbox = ?1 AND key = ?2";
                sql.prepare_cached(delete)?.execute(params![scope_id(*scope), &key[..]])?;
            }
            Effect::RemoveValuesBetween { scope, after, before } => {
                let delete = "DELETE FROM value WHERE mailbox = ?1
                    AND (?2 IS NULL OR key > ?2) AND (?3 IS NULL OR key < ?3)";
                let row = params![scope_id(*scope), after.as_deref(), before.as_deref()];
                sql.prepare_cached(delete)?.execute(row)?;
            }
            Effect::RaiseHighWater { mailbox, to } => raise(totals, *mailbox, *to),
        }
    }
    Ok(())
}

fn store(
    sql: &Transaction<'_>,
    change: u64,
    entry: &LoggedEntry,
    totals: &mut Totals,
) -> rusqlite::Result<()> {
    if entry.replaces {
        let id = entry_id(entry.mailbox.get(), entry.number);
        delete(sql, [id, id], totals)?;
    }
    insert_row(sql, change, entry)?;
    if totals.made == Made::All {
        insert_attributes(sql, entry)?;
    }
    raise(totals, entry.mailbox, entry.number);
    Ok(())
}

/// Amends an entry that is there.
fn amend(sql: &Transaction<'_>, id: i64, amendment: &[u8], change: u64) -> rusqlite::Result<()> {
    let insert = "INSERT OR REPLACE INTO amendment SELECT id, ?2, ?3 FROM entry WHERE id = ?1";
    sql.prepare_cached(insert)?.execute(params![id, amendment, change as i64]).map(drop)
}

/// Adds to what is known of the segments' octets.
pub(super) fn add_to_segments(
    sql: &Connection,
    octets: BTreeMap<u64, (i64, i64)>,
) -> rusqlite::Result<()> {
    let upsert = "INSERT INTO segment VALUES (?1, ?2, ?3) ON CONFLICT (sequence)
        DO UPDATE SET stored = stored + ?2, live = live + ?3";
    for (sequence, (stored, live)) in octets {
        sql.prepare_cached(upsert)?.execute([sequence as i64, stored, live])?;
    }
    Ok(())
}

fn raise(totals: &mut Totals, mailbox: MailboxId, number: u32) {
    let mark = totals.high_water.entry(mailbox).or_default();
    *mark = number.max(*mark);
}

pub(super) fn scope_id(scope: Scope) -> u32 {
    match scope {
        Scope::Store => 0,
        Scope::Mailbox(mailbox) => mailbox.get(),
    }
}

pub(super) fn insert_entry(
    sql: &Transaction<'_>,
    change: u64,
    entry: &LoggedEntry,
) -> rusqlite::Result<()> {
    insert_row(sql, change, entry)?;
    insert_attributes(sql, entry)
}

fn insert_attributes(sql: &Transaction<'_>, entry: &LoggedEntry) -> rusqlite::Result<()> {
    let id = entry_id(entry.mailbox.get(), entry.number);
    let insert = "INSERT OR REPLACE INTO attributes VALUES (?1, ?2)";
    sql.prepare_cached(insert)?.execute(params![id, &entry.extracted.attributes[..]]).map(drop)
}

fn insert_row(sql: &Transaction<'_>, change: u64, entry: &LoggedEntry) -> rusqlite::Result<()> {
    let id = entry_id(entry.mailbox.get(), entry.number);
    let columns = &entry.extracted.columns;
    let insert = "INSERT OR REPLACE INTO entry VALUES
        (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    sql.prepare_cached(insert)?.execute(params![
        id,
        entry.parent,
        entry.descendants,
        entry.class,
        entry.status,
        columns.kind,
        columns.priority,
        entry.creation_time,
        columns.size as i64,
        change as i64,
        entry.ordinal,
        entry.state as i64,
        columns.originator,
        columns.subject,
        columns.message_id,
        columns.content_type,
    ])?;
    if !entry.amendment.is_empty() {
        let insert = "INSERT OR REPLACE INTO amendment VALUES (?1, ?2, ?3)";
        let row = params![id, &entry.amendment[..], change as i64];
        sql.prepare_cached(insert)?.execute(row)?;
    }
    Ok(())
}

/// Gives a range of entries a status by a statement; what an entry tells of its status is left
/// alone where it is newer, as in one that was rewritten.
fn update_status(
    sql: &Transaction<'_>,
    update: &str,
    (mailbox, numbers): (MailboxId, &NumberSet),
    (to, change): (u8, u64),
) -> rusqlite::Result<()> {
    for range in numbers.ranges() {
        let low = entry_id(mailbox.get(), *range.start());
        let high = entry_id(mailbox.get(), *range.end());
        sql.prepare_cached(update)?.execute(params![low, high, to, change as i64])?;
    }
    Ok(())
}

/// Deletes a range with the descendants of what is in it: families lie together.
fn delete(
    sql: &Transaction<'_>,
    [low, high]: [i64; 2],
    totals: &mut Totals,
) -> rusqlite::Result<()> {
    let last = "SELECT max(id + descendants) FROM entry WHERE id BETWEEN ?1 AND ?2";
    let last: Option<i64> = sql.prepare_cached(last)?.query_row([low, high], |row| row.get(0))?;
    let Some(last) = last else { return Ok(()) };
    let range = [low, high.max(last)];
    let mut changes = BTreeMap::<i64, i64>::new();
    {
        let delete = "DELETE FROM entry WHERE id BETWEEN ?1 AND ?2 RETURNING change";
        let mut delete = sql.prepare_cached(delete)?;
        for change in delete.query_map(range, |row| row.get(0))? {
            *changes.entry(change?).or_default() += 1;
        }
    }
    let delete = "DELETE FROM attributes WHERE id BETWEEN ?1 AND ?2";
    sql.prepare_cached(delete)?.execute(range)?;
    let delete = "DELETE FROM amendment WHERE id BETWEEN ?1 AND ?2";
    sql.prepare_cached(delete)?.execute(range)?;
    for (change, entries) in changes {
        let update = "UPDATE record SET live = live - ?2 WHERE change = ?1";
        sql.prepare_cached(update)?.execute([change, entries])?;
        let delete = "DELETE FROM record WHERE change = ?1 AND live <= 0 RETURNING segment, bytes";
        let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let gone = sql.prepare_cached(delete)?.query_row([change], row).optional()?;
        if let Some((segment, bytes)) = gone {
            totals.octets.entry(segment as u64).or_default().1 -= bytes;
        }
    }
    Ok(())
}

/// Its row stays, so that its name's numbers are not given out again.
fn remove_mailbox(
    sql: &Transaction<'_>,
    id: MailboxId,
    totals: &mut Totals,
) -> rusqlite::Result<()> {
    delete(sql, [0, u32::MAX].map(|number| entry_id(id.get(), number)), totals)?;
    sql.execute("DELETE FROM value WHERE mailbox = ?1", [id.get()])?;
    let update = "UPDATE mailbox SET removed = 1, about = x'' WHERE id = ?1";
    sql.execute(update, [id.get()]).map(drop)
}
