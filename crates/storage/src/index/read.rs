//! Reads: a mailbox's rows as a whole, and single attributes, places and values.

use std::{ops::RangeInclusive, sync::Arc};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Index, entry_id, project::scope_id};
use crate::{
    EntryRow, Mailbox, MailboxId, Scope, StorageError, log::Place, rows::Rows, view::Block,
};

/// A mailbox, those removed among them.
pub(crate) struct KnownMailbox {
    pub(crate) mailbox: Mailbox,
    pub(crate) high_water: u32,
    pub(crate) removed: bool,
}

impl Index {
    /// All mailboxes there ever were.
    pub(crate) fn mailboxes(&self) -> Result<Vec<KnownMailbox>, StorageError> {
        self.read(|sql| {
            let select = "SELECT id, name, about, high_water, removed FROM mailbox ORDER BY id";
            let mut select = sql.prepare_cached(select)?;
            let rows = select.query_map([], |row| {
                let id: u32 = row.get(0)?;
                let id = MailboxId::new(id)
                    .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, i64::from(id)))?;
                let name: Arc<str> = row.get(1)?;
                let about = row.get::<_, Vec<u8>>(2)?.into();
                Ok(KnownMailbox {
                    mailbox: Mailbox { id, name, about },
                    high_water: row.get(3)?,
                    removed: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// How many entries there are.
    pub(crate) fn entries(&self) -> Result<u64, StorageError> {
        let entries: i64 =
            self.read(|sql| sql.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)))?;
        Ok(entries as u64)
    }

    /// A mailbox's rows, and the change up to which they go.
    pub(crate) fn load(&self, mailbox: MailboxId) -> Result<(u64, Rows), StorageError> {
        self.read(|sql| {
            let moment = sql.unchecked_transaction()?;
            let change: i64 =
                moment.query_row("SELECT change FROM position", [], |row| row.get(0))?;
            let rows = load_rows(&moment, mailbox)?;
            Ok((change as u64, rows))
        })
    }

    /// An entry's encoded attributes.
    pub(crate) fn attributes(
        &self,
        mailbox: MailboxId,
        number: u32,
    ) -> Result<Option<Bytes>, StorageError> {
        self.read(|sql| {
            let select = "SELECT encoded FROM attributes WHERE id = ?1";
            let mut select = sql.prepare_cached(select)?;
            let id = entry_id(mailbox.get(), number);
            let encoded = select.query_row([id], |row| row.get::<_, Vec<u8>>(0)).optional()?;
            Ok(encoded.map(Bytes::from))
        })
    }

    /// The encoded attributes of the entries with these numbers.
    pub(crate) fn attributes_between(
        &self,
        mailbox: MailboxId,
        numbers: RangeInclusive<u32>,
    ) -> Result<Block, StorageError> {
        self.read(|sql| {
            let select = "SELECT id & 4294967295, encoded FROM attributes
                WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
            let mut select = sql.prepare_cached(select)?;
            let ends = [numbers.start(), numbers.end()].map(|n| entry_id(mailbox.get(), *n));
            let mut found = select.query(ends)?;
            let (mut ends, mut octets) = (Vec::new(), Vec::new());
            while let Some(row) = found.next()? {
                octets.extend_from_slice(row.get_ref(1)?.as_blob()?);
                ends.push((row.get(0)?, octets.len()));
            }
            Ok(Block::new(ends, octets))
        })
    }

    /// What was added to an entry.
    pub(crate) fn amendment(
        &self,
        mailbox: MailboxId,
        number: u32,
    ) -> Result<Option<Bytes>, StorageError> {
        self.read(|sql| {
            let select = "SELECT octets FROM amendment WHERE id = ?1";
            let mut select = sql.prepare_cached(select)?;
            let id = entry_id(mailbox.get(), number);
            let octets = select.query_row([id], |row| row.get::<_, Vec<u8>>(0)).optional()?;
            Ok(octets.map(Bytes::from))
        })
    }

    /// Where the record of a change lies, if it holds an entry.
    pub(crate) fn place(&self, change: u64) -> Result<Option<Place>, StorageError> {
        self.read(|sql| {
            let select = "SELECT segment, offset, bytes FROM record WHERE change = ?1";
            let mut select = sql.prepare_cached(select)?;
            let place = |row: &Row<'_>| {
                Ok(Place {
                    segment: row.get::<_, i64>(0)? as u64,
                    offset: row.get::<_, i64>(1)? as u64,
                    bytes: row.get::<_, i64>(2)? as u64,
                })
            };
            select.query_row([change as i64], place).optional()
        })
    }

    /// A value.
    pub(crate) fn value(&self, scope: Scope, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.read(|sql| {
            let select = "SELECT value FROM value WHERE mailbox = ?1 AND key = ?2";
            let mut select = sql.prepare_cached(select)?;
            let row = params![scope_id(scope), key];
            let value = select.query_row(row, |row| row.get::<_, Vec<u8>>(0)).optional()?;
            Ok(value.map(Bytes::from))
        })
    }

    /// The first `max` values whose keys begin with `prefix` and are greater than `after`.
    pub(crate) fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
        max: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
        self.read(|sql| {
            let select = "SELECT key, value FROM value WHERE mailbox = ?1 AND key >= ?2
                ORDER BY key";
            let mut select = sql.prepare_cached(select)?;
            let mut rows = select.query(params![scope_id(scope), prefix.max(after)])?;
            let mut values = Vec::new();
            while values.len() < max
                && let Some(row) = rows.next()?
            {
                let key: Vec<u8> = row.get(0)?;
                if !key.starts_with(prefix) {
                    break;
                }
                if !after.is_empty() && key == after {
                    continue;
                }
                values.push((key.into(), row.get::<_, Vec<u8>>(1)?.into()));
            }
            Ok(values)
        })
    }
}

fn load_rows(sql: &Connection, mailbox: MailboxId) -> rusqlite::Result<Rows> {
    let select = "SELECT id & 4294967295, parent, descendants, class, status, creation_time,
        change, ordinal, kind, priority, size, originator, subject, message_id, content_type
        FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
    let mut select = sql.prepare_cached(select)?;
    let range = [entry_id(mailbox.get(), 0), entry_id(mailbox.get(), u32::MAX)];
    let mut found = select.query(range)?;
    let mut amended = amended_numbers(sql, range)?.into_iter().peekable();
    let mut rows = Rows::default();
    while let Some(row) = found.next()? {
        let number: u32 = row.get(0)?;
        rows.push(&EntryRow {
            number,
            parent: row.get(1)?,
            descendants: row.get(2)?,
            class: row.get(3)?,
            status: row.get(4)?,
            creation_time: row.get(5)?,
            change: row.get::<_, i64>(6)? as u64,
            ordinal: row.get(7)?,
            kind: row.get(8)?,
            priority: row.get(9)?,
            size: row.get::<_, i64>(10)? as u64,
            cut: false,
            amended: amended.next_if_eq(&number).is_some(),
            originator: row.get_ref(11)?.as_str()?,
            subject: row.get_ref(12)?.as_str()?,
            message_id: row.get_ref(13)?.as_str()?,
            content_type: row.get_ref(14)?.as_str()?,
        });
    }
    Ok(rows)
}

/// The entries that something was added to, ascending.
fn amended_numbers(sql: &Connection, range: [i64; 2]) -> rusqlite::Result<Vec<u32>> {
    let select = "SELECT id & 4294967295 FROM amendment
        WHERE id BETWEEN ?1 AND ?2 AND octets != x'' ORDER BY id";
    sql.prepare_cached(select)?.query_map(range, |row| row.get(0))?.collect()
}
