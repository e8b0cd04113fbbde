//! What those who run the store do to a mailbox, past its user: nobody is bound, and no
//! restriction of a user agent's holds.

use restante_ber::Oid;
use restante_mhs::x413::EntryInformation;
use restante_storage::{
    Change, MailboxId, NumberSet, Query, Storage, StorageError, Ticket, Transaction,
};

use crate::MessageStore;
use crate::attributes::{EntryReader, checked, information};

impl<S: Storage> MessageStore<S> {
    /// What an entry has of these attributes; `None` where it is not there. Its status stays.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn look(
        &self,
        mailbox: MailboxId,
        number: u32,
        types: &[Oid],
    ) -> Result<Option<EntryInformation>, StorageError> {
        let query = Query { numbers: number..=number, ..Query::default() };
        let selection = self.storage.select(mailbox, &query)?;
        let Some(row) = selection.get(0) else { return Ok(None) };
        let types: Vec<_> = types.iter().cloned().map(Into::into).collect();
        let Ok(requested) = checked(&types, |_| true) else { return Ok(None) };
        information(&EntryReader::new(&*self.storage, mailbox, row), &requested).map(Some)
    }

    /// Deletes entries with all their descendants; those that are gone already are passed over.
    pub fn remove(&self, mailbox: MailboxId, numbers: NumberSet) -> Ticket {
        self.storage.commit(Transaction::of(Change::Delete { mailbox, numbers }))
    }
}
