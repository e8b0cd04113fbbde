//! What `ms` needs of storage, so that a model in memory can stand in for the store in tests.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Entry, MailboxId, Query, Scope, Selection, StorageError, Ticket, Transaction};

/// A mailbox as it is known by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its identifier.
    pub id: MailboxId,
    /// Its name, as it was created.
    pub name: Arc<str>,
    /// What its creator wanted to know of it.
    pub about: Bytes,
}

/// How many entries of a class have a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The entry-class.
    pub class: u8,
    /// The status.
    pub status: u8,
    /// Whether child-entries are counted here, or main-entries.
    pub child: bool,
    /// How many.
    pub entries: u32,
    /// Their sizes together, octets.
    pub octets: u64,
}

impl Count {
    /// What is counted here.
    pub(crate) fn key(&self) -> (u8, u8, bool) {
        (self.class, self.status, self.child)
    }

    pub(crate) fn merge(&mut self, more: &Self) {
        self.entries += more.entries;
        self.octets = self.octets.saturating_add(more.octets);
    }
}

/// A store of entries in mailboxes. Reads see what is committed and nothing that is not; each of
/// them sees one moment. A mailbox that is not there is [`StorageError::NoMailbox`], an entry or
/// value that is not there is `None`.
pub trait Storage: Send + Sync {
    /// Hands a transaction to the writer. Waits only while the queue is full.
    fn commit(&self, transaction: Transaction) -> Ticket;

    /// Whether a small transaction would be taken without waiting: there is far more room in the
    /// queue than others take in a moment.
    fn has_room(&self) -> bool;

    /// Whether what is asked about this mailbox's entries is answered from memory, but for their
    /// attributes, envelopes and contents.
    fn has_columns(&self, mailbox: MailboxId) -> bool;

    /// Whether that and the record of an entry, with its envelope and its content, can be read
    /// without waiting for the disk; so can one that is not there. A large one can't.
    fn has_record(&self, mailbox: MailboxId, number: u32) -> bool;

    /// The mailbox of this name.
    fn mailbox(&self, name: &str) -> Option<MailboxId>;

    /// The name of a mailbox.
    fn name(&self, mailbox: MailboxId) -> Result<Arc<str>, StorageError>;

    /// All mailboxes, by name.
    fn mailboxes(&self) -> Vec<Mailbox>;

    /// The entries that match, by number.
    fn select(&self, mailbox: MailboxId, query: &Query) -> Result<Selection, StorageError>;

    /// One entry.
    fn entry(&self, mailbox: MailboxId, number: u32) -> Result<Option<Entry>, StorageError>;

    /// The encoded attributes of an entry, as the extractor made them.
    fn attributes(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError>;

    /// The encoded attributes of entries of a selection, by their places in it, which ascend: as
    /// many in one read as lie together. One that is gone by now may be `None`.
    fn attributes_of(
        &self,
        mailbox: MailboxId,
        selection: &Selection,
        places: &[usize],
    ) -> Result<Vec<Option<Bytes>>, StorageError>;

    /// What was added to an entry by [`crate::Change::Amend`] or when it was stored. Only entries
    /// that [`crate::EntryRow::amended`] says it of have any.
    fn amendment(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError>;

    /// The envelope of an entry, as it was stored.
    fn envelope(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError>;

    /// The content of an entry: of a child its range. A large one is mapped, not read.
    fn content(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError>;

    /// How many entries there are, by class, status and whether they are children; none with 0.
    fn counts(&self, mailbox: MailboxId) -> Result<Vec<Count>, StorageError>;

    /// The highest number that was given out, 0 where none was.
    fn high_water(&self, mailbox: MailboxId) -> Result<u32, StorageError>;

    /// A number that is another one once any entry of the mailbox is seen to have come, changed or
    /// gone; known without reading its columns. It begins anew with each start.
    fn revision(&self, mailbox: MailboxId) -> Result<u64, StorageError>;

    /// A value.
    fn value(&self, scope: Scope, key: &[u8]) -> Result<Option<Bytes>, StorageError>;

    /// The values whose keys begin with `prefix`, by key.
    fn values(&self, scope: Scope, prefix: &[u8]) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
        self.values_after(scope, prefix, &[], usize::MAX)
    }

    /// The first `max` values whose keys begin with `prefix` and are greater than `after` (empty:
    /// from the first on), by key.
    fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
        max: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StorageError>;
}
