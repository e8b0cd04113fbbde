//! The logs (X.413 §6.1): what is left of a message, report or probe when it is deleted, and what
//! auto-actions did.
//!
//! A message is in its log from the start, as the entry that it is. What deletes it leaves an
//! entry in its place, under its number, that has the envelope and what is noted of the content:
//! a delivery costs nothing more where messages are logged, only their deletion does.

use bytes::Bytes;
use restante_ber::UtcTime;
use restante_mhs::x413::ServiceProblem;
use restante_storage::{
    Change, EntryRow, MailboxId, NewContent, NewEntry, NumberSet, Query, Storage, StorageError,
};

use crate::attributes::{EntryReader, Key};
use crate::class::{DELIVERY, DELIVERY_LOG, SUBMISSION, SUBMISSION_LOG};
use crate::seam::{Refusal, service_problem};
use crate::{MessageStore, Now};

/// What one operation may leave in logs, octets.
const LEFT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The class of what is left in the log of an entry of a class, `None` where there is no log.
fn log_of(class: u8) -> Option<u8> {
    match class {
        DELIVERY => Some(DELIVERY_LOG),
        SUBMISSION => Some(SUBMISSION_LOG),
        _ => None,
    }
}

/// An entry without a content.
pub(crate) fn without_content(entry: NewEntry, creation_time: i64) -> Change {
    Change::Store(NewContent { content: vec![Bytes::new()], creation_time, entries: vec![entry] })
}

impl<S: Storage> MessageStore<S> {
    /// What deletes main-entries with their children: where there are logs they stay there, as far
    /// as they can be read; what is damaged goes without a trace.
    ///
    /// # Errors
    /// service-error, unwilling-to-perform, where too much would stay at once.
    pub(crate) fn deletion(
        &self,
        mailbox: MailboxId,
        numbers: NumberSet,
        now: Now,
    ) -> Result<Vec<Change>, Refusal> {
        if !self.settings.logs {
            return Ok(vec![Change::Delete { mailbox, numbers }]);
        }
        let mut gone = NumberSet::new();
        let mut changes = Vec::new();
        let mut octets = 0_usize;
        for range in numbers.ranges() {
            let query = Query { numbers: range, ..Query::default() };
            for row in self.storage.select(mailbox, &query)?.iter() {
                match log_of(row.class) {
                    _ if row.parent.is_some_and(|parent| numbers.contains(parent)) => {}
                    None => gone.insert(row.number..=row.number),
                    Some(class) => match self.left(mailbox, row, class, now) {
                        Ok(entry) => {
                            octets = octets
                                .saturating_add(entry.envelope.len())
                                .saturating_add(entry.amendment.len());
                            changes.push(without_content(entry, row.creation_time));
                        }
                        Err(StorageError::Damaged { .. }) => {
                            gone.insert(row.number..=row.number);
                        }
                        Err(error) => return Err(error.into()),
                    },
                }
                if octets > LEFT_BYTES_MAX {
                    return Err(service_problem(ServiceProblem::UNWILLING_TO_PERFORM).into());
                }
            }
        }
        if !gone.is_empty() {
            changes.push(Change::Delete { mailbox, numbers: gone });
        }
        Ok(changes)
    }

    fn left(
        &self,
        mailbox: MailboxId,
        row: EntryRow<'_>,
        class: u8,
        now: Now,
    ) -> Result<NewEntry, StorageError> {
        let entry = EntryReader::new(&*self.storage, mailbox, row);
        let mut amendment = entry.amendment()?;
        amendment.set_one(Key::DELETION_TIME, &UtcTime(now.0.div_euclid(1_000_000)));
        let mut left = NewEntry::new(mailbox, class, row.status, entry.log_envelope()?);
        left.amendment = amendment.octets();
        left.replaces = Some(row.number);
        Ok(left)
    }
}
