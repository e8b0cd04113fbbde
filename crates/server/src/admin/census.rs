//! What mailboxes hold, by class and status, for who measures. A mailbox in which nothing has
//! changed since it was counted is not read again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use restante_storage::{Count, Mailbox, MailboxId, Storage as _, StorageError};

use super::{Admin, error::ApiError};

/// What was counted, with the revision of each mailbox then.
#[derive(Debug, Default)]
pub(crate) struct Census(Mutex<HashMap<MailboxId, (u64, Vec<Count>)>>);

impl Admin {
    /// What each user's mailbox holds.
    pub(super) fn census(&self) -> Result<Vec<(Mailbox, Vec<Count>)>, ApiError> {
        let mut known = self.census.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *known);
        let mut all = Vec::new();
        for mailbox in self.users_mailboxes() {
            let counted = self.count_again(mailbox.id, before.remove(&mailbox.id));
            let (revision, counts) = match counted {
                // It was deleted meanwhile.
                Err(StorageError::NoMailbox(_)) => continue,
                counted => counted?,
            };
            known.insert(mailbox.id, (revision, counts.clone()));
            all.push((mailbox, counts));
        }
        Ok(all)
    }

    fn count_again(
        &self,
        mailbox: MailboxId,
        before: Option<(u64, Vec<Count>)>,
    ) -> Result<(u64, Vec<Count>), StorageError> {
        // Looked at first: what changes meanwhile is counted again the next time.
        let revision = self.store.revision(mailbox)?;
        match before.filter(|(then, _)| *then == revision) {
            Some(before) => Ok(before),
            None => Ok((revision, self.store.counts(mailbox)?)),
        }
    }
}
