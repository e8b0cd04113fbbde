//! What the extractor makes, made after the rest of the index: an entry that has no attributes
//! yet is bare, and its columns are empty or those of an earlier version.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Index, entry_id};
use crate::{Extracted, MailboxId, StorageError, log::Place, record::LoggedEntry};

/// What was made of an entry.
pub(crate) struct ExtractedEntry {
    pub(crate) change: u64,
    pub(crate) mailbox: MailboxId,
    pub(crate) number: u32,
    pub(crate) extracted: Extracted,
}

/// A record's change and place.
pub(crate) type RecordAt = (u64, Place);

fn record_at(row: &Row<'_>) -> rusqlite::Result<RecordAt> {
    let number = |at| row.get::<_, i64>(at).map(|number| number as u64);
    Ok((number(0)?, Place { segment: number(1)?, offset: number(2)?, bytes: number(3)? }))
}

impl Index {
    /// Notes that entries of records after a change may be bare, and of those before it as many
    /// as may be already.
    pub(crate) fn extract_after(&self, change: u64) -> rusqlite::Result<()> {
        let update = "UPDATE position SET extracted = min(ifnull(extracted, ?1), ?1)";
        self.with(|sql| sql.execute(update, [change as i64])).map(drop)
    }

    /// Makes all entries bare, to be made by an extractor of this version.
    pub(crate) fn forget_extracted(&self, extractor: u32) -> rusqlite::Result<()> {
        self.with(|sql| {
            let transaction = sql.unchecked_transaction()?;
            transaction.execute("DELETE FROM attributes", [])?;
            let update = "UPDATE position SET extractor = ?1, extracted = 0";
            transaction.execute(update, [extractor])?;
            transaction.commit()
        })
    }

    /// The records with entries after a change, in the order of the log.
    pub(crate) fn records_after(
        &self,
        change: u64,
        limit: usize,
    ) -> Result<Vec<RecordAt>, StorageError> {
        self.read(|sql| {
            let select = "SELECT change, segment, offset, bytes FROM record
                WHERE change > ?1 ORDER BY change LIMIT ?2";
            let mut select = sql.prepare_cached(select)?;
            let rows = select.query_map([change as i64, limit as i64], record_at)?;
            rows.collect()
        })
    }

    /// A mailbox's bare entries above a number, ascending, with their records.
    pub(crate) fn bare_entries(
        &self,
        mailbox: MailboxId,
        above: u32,
        limit: usize,
    ) -> Result<Vec<(u32, RecordAt)>, StorageError> {
        self.read(|sql| {
            let select = "SELECT change, segment, offset, bytes, number
                FROM entry CROSS JOIN record USING (change)
                WHERE entry.id > ?1 AND entry.id <= ?2
                AND NOT EXISTS (SELECT 1 FROM attributes WHERE attributes.id = entry.id)
                ORDER BY entry.id LIMIT ?3";
            let mut select = sql.prepare_cached(select)?;
            let [low, high] = [above, u32::MAX].map(|number| entry_id(mailbox.get(), number));
            let row = |row: &Row<'_>| Ok((row.get(4)?, record_at(row)?));
            select.query_map([low, high, limit as i64], row)?.collect()
        })
    }

    /// Whether one of these entries is there and bare.
    pub(crate) fn is_bare(
        &self,
        change: u64,
        entries: &[LoggedEntry],
    ) -> Result<bool, StorageError> {
        self.read(|sql| {
            let select = "SELECT 1 FROM entry WHERE id = ?1 AND change = ?2
                AND NOT EXISTS (SELECT 1 FROM attributes WHERE attributes.id = entry.id)";
            let mut select = sql.prepare_cached(select)?;
            for entry in entries {
                let id = entry_id(entry.mailbox.get(), entry.number);
                if select.exists([id, change as i64])? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The numbers that are there of the entries of a change, whose record can't be read.
    pub(crate) fn entries_of(&self, change: u64) -> Result<Vec<(MailboxId, u32)>, StorageError> {
        self.read(|sql| {
            let mut select = sql.prepare_cached("SELECT id FROM entry WHERE change = ?1")?;
            let rows = select.query_map([change as i64], |row| row.get::<_, i64>(0))?;
            let mut entries = Vec::new();
            for id in rows {
                let id = id?;
                let mailbox = u32::try_from(id >> 32).ok().and_then(MailboxId::new);
                entries.extend(mailbox.map(|mailbox| (mailbox, id as u32)));
            }
            Ok(entries)
        })
    }

    /// Fills in what was made of entries that are there and bare, in one transaction; `up_to` is
    /// the change up to which all is made then, where that is known.
    pub(crate) fn fill(
        &self,
        made: &[ExtractedEntry],
        up_to: Option<u64>,
    ) -> rusqlite::Result<()> {
        self.with(|sql| {
            let transaction = sql.unchecked_transaction()?;
            made.iter().try_for_each(|entry| fill(&transaction, entry))?;
            if let Some(change) = up_to {
                let update = "UPDATE position SET extracted = ?1";
                transaction.prepare_cached(update)?.execute([change as i64])?;
            }
            transaction.commit()
        })
    }

    /// Notes that no entry is bare.
    pub(crate) fn all_extracted(&self) -> rusqlite::Result<()> {
        self.with(|sql| sql.execute("UPDATE position SET extracted = NULL", [])).map(drop)
    }
}

fn fill(sql: &Connection, entry: &ExtractedEntry) -> rusqlite::Result<()> {
    let id = entry_id(entry.mailbox.get(), entry.number);
    let columns = &entry.extracted.columns;
    let update = "UPDATE entry SET kind = ?3, priority = ?4, size = ?5, originator = ?6,
        subject = ?7, message_id = ?8, content_type = ?9 WHERE id = ?1 AND change = ?2
        AND NOT EXISTS (SELECT 1 FROM attributes WHERE attributes.id = ?1) RETURNING id";
    let row = params![
        id,
        entry.change as i64,
        columns.kind,
        columns.priority,
        columns.size as i64,
        columns.originator,
        columns.subject,
        columns.message_id,
        columns.content_type,
    ];
    let there = sql.prepare_cached(update)?.query_row(row, |_| Ok(())).optional()?;
    if there.is_some() {
        let insert = "INSERT INTO attributes VALUES (?1, ?2)";
        sql.prepare_cached(insert)?.execute(params![id, &entry.extracted.attributes[..]])?;
    }
    Ok(())
}
