//! What those who run the store do to a mailbox, past its user: nobody is bound, and no
//! restriction of a user agent's holds.

use restante_storage::{Change, MailboxId, NumberSet, Storage, Ticket, Transaction};

use crate::MessageStore;

impl<S: Storage> MessageStore<S> {
    /// Deletes entries with all their descendants; those that are gone already are passed over.
    pub fn remove(&self, mailbox: MailboxId, numbers: NumberSet) -> Ticket {
        self.storage.commit(Transaction::of(Change::Delete { mailbox, numbers }))
    }
}
