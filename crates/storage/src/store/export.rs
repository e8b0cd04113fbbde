//! An entry with all that makes it, to be kept outside of the store. What it refuses: to know what
//! any of it means.

use std::ops::Range;

use bytes::Bytes;

use super::{Store, Stored};
use crate::{
    Entry, MailboxId, Storage, StorageError,
    record::{Effect, LoggedEntry, decode_effects},
};

/// An entry that is no child, with its descendants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The entry in its present state.
    pub entry: Entry,
    /// What came with the content.
    pub envelope: Bytes,
    /// What was added to it; empty for nothing.
    pub amendment: Bytes,
    /// The content. A large one is mapped, not read.
    pub content: Bytes,
    /// The descendants that are there, by number.
    pub children: Vec<WholeChild>,
}

/// A descendant of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeChild {
    /// Its sequence-number.
    pub number: u32,
    /// Its entry-class.
    pub class: u8,
    /// Its present status.
    pub status: u8,
    /// Whose child it is: the entry's (`None`), or that of a descendant before it, by place.
    pub parent: Option<usize>,
    /// What came with it.
    pub envelope: Bytes,
    /// What was added to it; empty for nothing.
    pub amendment: Bytes,
    /// Which octets of the entry's content are its content.
    pub range: Range<u64>,
}

impl Store {
    /// All that makes an entry, as its record and its present state say it. `None` where it is
    /// gone, is a child, or went meanwhile.
    ///
    /// # Errors
    /// [`StorageError::Damaged`] where its record is, and where the disk refuses.
    pub fn whole(&self, mailbox: MailboxId, number: u32) -> Result<Option<Whole>, StorageError> {
        let Some((entry, rows)) = self.family(mailbox, number)? else { return Ok(None) };
        let Some(Stored { entry: logged, record, place }) = self.stored(mailbox, number)? else {
            return Ok(None);
        };
        let amendment = self.amendment_of(mailbox, &entry)?;
        let content = record.content(logged.content.clone());
        let content = self.noting(mailbox, number, place, content)?;
        let told = entries_of(record.meta);
        let mut children: Vec<WholeChild> = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(of) = told.iter().find(|told| told.ordinal == row.ordinal) else { continue };
            let parent = row.parent.filter(|parent| *parent != number);
            let place = parent.map(|parent| children.iter().position(|c| c.number == parent));
            let start = logged.content.start;
            children.push(WholeChild {
                number: row.number,
                class: row.class,
                status: row.status,
                parent: place.flatten(),
                envelope: of.envelope.clone(),
                amendment: self.amendment_of(mailbox, row)?,
                range: of.content.start - start..of.content.end - start,
            });
        }
        // What was read meanwhile is all of one entry.
        let now = self.entry(mailbox, number)?;
        let same = now.is_some_and(|now| now.change == entry.change);
        let whole = Whole { entry, envelope: logged.envelope, amendment, content, children };
        Ok(same.then_some(whole))
    }

    /// An entry and its descendants at one moment.
    fn family(
        &self,
        mailbox: MailboxId,
        number: u32,
    ) -> Result<Option<(Entry, Vec<Entry>)>, StorageError> {
        self.shared.view.rows(mailbox, |rows| {
            let entry = rows.get(number)?.to_entry();
            if entry.parent.is_some() {
                return None;
            }
            let numbers = number.saturating_add(1)..=number.saturating_add(entry.descendants);
            let children = numbers.filter_map(|number| rows.get(number));
            let children = children.map(|row| row.to_entry()).collect();
            Some((entry, children))
        })
    }

    fn amendment_of(&self, mailbox: MailboxId, entry: &Entry) -> Result<Bytes, StorageError> {
        match entry.amended {
            true => Ok(self.amendment(mailbox, entry.number)?.unwrap_or_default()),
            false => Ok(Bytes::new()),
        }
    }
}

fn entries_of(meta: Bytes) -> Vec<LoggedEntry> {
    let effects = decode_effects(meta).unwrap_or_default();
    let stored = effects.into_iter().filter_map(|effect| match effect {
        Effect::Store(entries) => Some(entries),
        _ => None,
    });
    stored.flatten().collect()
}
