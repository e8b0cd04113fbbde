//! What mailboxes hold, by class and status, for who measures. A mailbox whose columns are not in
//! memory, and that has given out no number since it was counted, is as it was: it is not read
//! again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use restante_storage::{Count, Mailbox, MailboxId, Storage as _, StorageError};

use super::{Admin, error::ApiError};

/// What was counted, with the highest number that each mailbox had given out then.
#[derive(Debug, Default)]
pub(crate) struct Census(Mutex<HashMap<MailboxId, (u32, Vec<Count>)>>);

impl Admin {
    /// What each user's mailbox holds.
    pub(super) fn census(&self) -> Result<Vec<(Mailbox, Vec<Count>)>, ApiError> {
        let mut known = self.census.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *known);
        let mut all = Vec::new();
        for mailbox in self.users_mailboxes() {
            let counted = self.count_again(mailbox.id, before.remove(&mailbox.id));
            let (high_water, counts) = match counted {
                // It was deleted meanwhile.
                Err(StorageError::NoMailbox(_)) => continue,
                counted => counted?,
            };
            known.insert(mailbox.id, (high_water, counts.clone()));
            all.push((mailbox, counts));
        }
        Ok(all)
    }

    fn count_again(
        &self,
        mailbox: MailboxId,
        before: Option<(u32, Vec<Count>)>,
    ) -> Result<(u32, Vec<Count>), StorageError> {
        let high_water = self.store.high_water(mailbox)?;
        match before.filter(|(then, _)| *then == high_water) {
            Some(before) if !self.store.has_columns(mailbox) => Ok(before),
            _ => Ok((high_water, self.store.counts(mailbox)?)),
        }
    }
}
