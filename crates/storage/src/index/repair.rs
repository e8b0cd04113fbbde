//! The index put right where it differs from the scratch one that was made from the log.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{entry_id, project::insert_entry};
use crate::{Difference, Location, StorageError, log::Place, record::LoggedEntry};

/// Reads an entry from its record, by the record's change and place and the entry's ordinal, with
/// what the extractor makes of it.
pub(crate) type ReadEntry<'a> =
    dyn Fn(u64, Place, u32) -> Result<Option<LoggedEntry>, StorageError> + 'a;

/// Puts one difference right. What can't be, as mailboxes, is left for the index to be made again.
pub(crate) fn repair(
    sql: &Transaction<'_>,
    log: &Connection,
    difference: &Difference,
    read: &ReadEntry<'_>,
) -> Result<(), StorageError> {
    match difference {
        Difference::Missing(entry) | Difference::Entry(entry) => {
            write_entry(sql, log, entry, read)?;
        }
        Difference::Orphan(Location { mailbox, number, .. }) => {
            let id = entry_id(mailbox.get(), *number);
            sql.execute("DELETE FROM entry WHERE id = ?1", [id])?;
            sql.execute("DELETE FROM attributes WHERE id = ?1", [id])?;
            sql.execute("DELETE FROM amendment WHERE id = ?1", [id])?;
        }
        Difference::Record { change } => {
            let change = *change as i64;
            let select = "SELECT segment, offset, bytes, live FROM record WHERE change = ?1";
            let row = |row: &rusqlite::Row<'_>| {
                Ok([row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
            };
            let row = log.prepare_cached(select)?.query_row([change], row).optional()?;
            sql.execute("DELETE FROM record WHERE change = ?1", [change])?;
            if let Some([segment, offset, bytes, live]) = row {
                let insert = "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5)";
                sql.execute(insert, [change, segment, offset, bytes, live])?;
            }
        }
        Difference::Segment { segment } => {
            let sequence = *segment as i64;
            let select = "SELECT stored, live FROM segment WHERE sequence = ?1";
            let row = |row: &rusqlite::Row<'_>| Ok([row.get::<_, i64>(0)?, row.get(1)?]);
            let row = log.prepare_cached(select)?.query_row([sequence], row).optional()?;
            sql.execute("DELETE FROM segment WHERE sequence = ?1", [sequence])?;
            if let Some([stored, live]) = row {
                sql.execute("INSERT INTO segment VALUES (?1, ?2, ?3)", [sequence, stored, live])?;
            }
        }
        Difference::HighWater { mailbox, log, .. } => {
            let update = "UPDATE mailbox SET high_water = max(high_water, ?2) WHERE id = ?1";
            sql.execute(update, params![mailbox.get(), log])?;
        }
        Difference::Value { mailbox, key } => {
            let select = "SELECT value, change FROM value WHERE mailbox = ?1 AND key = ?2";
            let of = params![mailbox, &key[..]];
            let row =
                |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
            let value = log.query_row(select, of, row).optional()?;
            sql.execute("DELETE FROM value WHERE mailbox = ?1 AND key = ?2", of)?;
            if let Some((value, change)) = value {
                let insert = "INSERT INTO value VALUES (?1, ?2, ?3, ?4)";
                sql.execute(insert, params![mailbox, &key[..], value, change])?;
            }
        }
        // The next start sees that it does not fit.
        Difference::Mailbox { .. } => {
            sql.execute("UPDATE position SET extractor = -1", [])?;
        }
    }
    Ok(())
}

fn write_entry(
    sql: &Transaction<'_>,
    log: &Connection,
    Location { mailbox, number, .. }: &Location,
    read: &ReadEntry<'_>,
) -> Result<(), StorageError> {
    let select = "SELECT change, ordinal, status, state, segment, offset, bytes
        FROM entry JOIN record USING (change) WHERE id = ?1";
    let id = entry_id(mailbox.get(), *number);
    let row = |row: &rusqlite::Row<'_>| {
        let number = |at| row.get::<_, i64>(at).map(|number| number as u64);
        let place = Place { segment: number(4)?, offset: number(5)?, bytes: number(6)? };
        Ok((number(0)?, row.get(1)?, row.get(2)?, number(3)?, place))
    };
    let (change, ordinal, status, state, place) =
        log.prepare_cached(select)?.query_row([id], row)?;
    // What became unreadable meanwhile stays as it is.
    if let Some(mut entry) = read(change, place, ordinal)? {
        (entry.status, entry.state) = (status, state);
        insert_entry(sql, change, &entry)?;
        write_amendment(sql, log, id)?;
    }
    Ok(())
}

/// The present amendment of an entry, in the place of the one that its record tells.
fn write_amendment(sql: &Transaction<'_>, log: &Connection, id: i64) -> rusqlite::Result<()> {
    let select = "SELECT octets, change FROM amendment WHERE id = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
    let amendment = log.prepare_cached(select)?.query_row([id], row).optional()?;
    sql.execute("DELETE FROM amendment WHERE id = ?1", [id])?;
    if let Some((octets, change)) = amendment {
        sql.execute("INSERT INTO amendment VALUES (?1, ?2, ?3)", params![id, octets, change])?;
    }
    Ok(())
}
