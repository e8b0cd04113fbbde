//! What is known to be damaged in the log: kept beside the index, so that it can be listed while
//! the store is open elsewhere, and after a start.

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, Row, params};

use super::Index;
use crate::{Damage, DamagedPlace, Location, MailboxId, StorageError, backend::is_there};

/// What is known to be damaged in the log of the index at this path, which may be in use. Of
/// entries those are named that are still there.
///
/// # Errors
/// Where the index can't be read, or is of another version.
pub fn known_damage(path: &Path) -> Result<Vec<DamagedPlace>, StorageError> {
    if !is_there(path) {
        let path = path.display();
        return Err(StorageError::NotReadable(format!("there is no index at {path}")));
    }
    let other = "the index is of another version; start the store once".to_owned();
    let index = Index::open_to_read(path)?.ok_or(StorageError::NotReadable(other))?;
    index.damage()
}

impl Index {
    /// Keeps what was found.
    pub(crate) fn keep_damage(&self, found: &DamagedPlace) -> rusqlite::Result<()> {
        self.with(|sql| {
            let transaction = sql.unchecked_transaction()?;
            keep(&transaction, found)?;
            transaction.commit()
        })
    }

    /// Keeps this and nothing else.
    pub(crate) fn replace_damage(&self, found: &[DamagedPlace]) -> rusqlite::Result<()> {
        self.with(|sql| {
            let transaction = sql.unchecked_transaction()?;
            transaction.execute("DELETE FROM damage", [])?;
            found.iter().try_for_each(|found| keep(&transaction, found))?;
            transaction.commit()
        })
    }

    /// What is kept, by place; without entries that are gone, and without what cost only these.
    pub(crate) fn damage(&self) -> Result<Vec<DamagedPlace>, StorageError> {
        self.read(|sql| {
            let select = "SELECT segment, offset, bytes, change, damage.mailbox, number, name
                FROM damage LEFT JOIN mailbox ON mailbox.id = damage.mailbox
                WHERE damage.mailbox = 0 OR EXISTS (SELECT 1 FROM entry
                    WHERE entry.id = damage.mailbox << 32 | damage.number)
                ORDER BY segment, offset, damage.mailbox, number";
            let mut select = sql.prepare_cached(select)?;
            let mut places: Vec<DamagedPlace> = Vec::new();
            for row in select.query_map([], damage_row)? {
                let (damage, entry) = row?;
                match places.last_mut().filter(|last| same(&last.damage, &damage)) {
                    Some(last) => last.entries.extend(entry),
                    None => {
                        places.push(DamagedPlace { damage, entries: entry.into_iter().collect() });
                    }
                }
            }
            Ok(places)
        })
    }
}

fn same(one: &Damage, other: &Damage) -> bool {
    (one.segment, one.offset) == (other.segment, other.offset)
}

fn damage_row(row: &Row<'_>) -> rusqlite::Result<(Damage, Option<Location>)> {
    let number = |at| row.get::<_, i64>(at).map(|number| number as u64);
    let change = row.get::<_, Option<i64>>(3)?.map(|change| change as u64);
    let damage = Damage { segment: number(0)?, offset: number(1)?, bytes: number(2)?, change };
    let entry = match MailboxId::new(row.get(4)?) {
        Some(mailbox) => {
            let name = row.get::<_, Option<Arc<str>>>(6)?;
            let name = name.unwrap_or_else(|| format!("mailbox-{mailbox}").into());
            Some(Location { mailbox, name, number: row.get(5)? })
        }
        None => None,
    };
    Ok((damage, entry))
}

fn keep(sql: &Connection, found: &DamagedPlace) -> rusqlite::Result<()> {
    let Damage { segment, offset, bytes, change } = found.damage;
    let insert = "INSERT OR REPLACE INTO damage VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = sql.prepare_cached(insert)?;
    let mut row = |mailbox: u32, number: u32| {
        let change = change.map(|change| change as i64);
        let place = [segment, offset, bytes].map(|number| number as i64);
        insert.execute(params![place[0], place[1], place[2], change, mailbox, number]).map(drop)
    };
    if found.entries.is_empty() {
        return row(0, 0);
    }
    found.entries.iter().try_for_each(|entry| row(entry.mailbox.get(), entry.number))
}
