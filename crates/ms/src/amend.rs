//! Changes of what is added to entries, each over the one before, also where that is not durable
//! yet: of two reports that are correlated with one message neither is lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use restante_storage::{Change, EntryRow, MailboxId, Storage, StorageError, Ticket, Transaction};

use crate::attributes::{Amendment, EntryReader};

/// How many locks the mailboxes share.
const SHARDS: usize = 64;

/// Amendments that are not durable yet.
type OnTheirWay = HashMap<(MailboxId, u32), (Bytes, Ticket)>;

/// Amendments of all mailboxes that are not durable yet.
#[derive(Debug)]
pub(crate) struct Amending {
    shards: Vec<Mutex<OnTheirWay>>,
}

impl Default for Amending {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

/// Changes of one mailbox's entries in the making: nobody else changes these meanwhile.
pub(crate) struct Amendments<'a, S> {
    storage: &'a S,
    mailbox: MailboxId,
    on_their_way: Option<MutexGuard<'a, OnTheirWay>>,
    changed: BTreeMap<u32, Amendment>,
}

impl Amending {
    /// Begins to change what is added to entries of a mailbox.
    pub(crate) fn begin<'a, S: Storage>(
        &'a self,
        storage: &'a S,
        mailbox: MailboxId,
    ) -> Amendments<'a, S> {
        let shard = usize::try_from(mailbox.get()).unwrap_or(0) % SHARDS;
        let lock = self.shards.get(shard);
        let on_their_way = lock.map(|lock| {
            let mut on_their_way = lock.lock().unwrap_or_else(PoisonError::into_inner);
            on_their_way.retain(|_, (_, ticket)| !ticket.is_ready());
            on_their_way
        });
        Amendments { storage, mailbox, on_their_way, changed: BTreeMap::new() }
    }
}

impl<S: Storage> Amendments<'_, S> {
    /// What is added to an entry, to be changed.
    pub(crate) fn of(&mut self, row: EntryRow<'_>) -> Result<&mut Amendment, StorageError> {
        let number = row.number;
        if !self.changed.contains_key(&number) {
            let way = self.on_their_way.as_ref().and_then(|w| w.get(&(self.mailbox, number)));
            let amendment = match way {
                Some((octets, _)) => Amendment::read(octets.clone()),
                None => EntryReader::new(self.storage, self.mailbox, row).amendment()?,
            };
            self.changed.insert(number, amendment);
        }
        Ok(self.changed.entry(number).or_default())
    }

    /// Whether nothing is changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// Commits what was changed, with what else is to be.
    pub(crate) fn commit(mut self, also: Vec<Change>) -> Ticket {
        let (mailbox, changed) = (self.mailbox, core::mem::take(&mut self.changed));
        let mut changes = also;
        let amended: Vec<_> =
            changed.into_iter().map(|(number, amendment)| (number, amendment.octets())).collect();
        changes.extend(amended.iter().map(|(number, amendment)| Change::Amend {
            mailbox,
            number: *number,
            amendment: amendment.clone(),
        }));
        let ticket = self.storage.commit(Transaction { changes });
        if let Some(on_their_way) = &mut self.on_their_way {
            for (number, octets) in amended {
                on_their_way.insert((mailbox, number), (octets, ticket.clone()));
            }
        }
        ticket
    }
}
