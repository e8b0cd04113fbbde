//! Which entries of a mailbox came from a tree, so that none comes twice, and so that a backup of
//! a store that was restored calls them what they were called before.
//!
//! ```text
//! key     "archive/", 16 store, 8 change-number, 4 ordinal (big-endian); a value of the mailbox
//! value   4 sequence-number, 8 change-number, 4 ordinal (big-endian) of the entry that it became;
//!         empty until that is known
//! ```

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use restante_storage::{
    Change, MailboxId, Query, Scope, Selection, Storage, StorageError, Store, StoredEntry,
};
use uuid::Uuid;

use crate::message::Identity;

const PREFIX: &[u8] = b"archive/";

/// What is known of a mailbox's entries.
pub(crate) struct Origins {
    store: Uuid,
    /// What the store itself calls the entries that are there.
    own: HashSet<(u64, u32)>,
    /// The entries that came from a tree and are there, or may be.
    came: HashSet<Identity>,
    /// By what the store itself calls them.
    names: HashMap<(u64, u32), Identity>,
}

impl Origins {
    /// Reads what is known.
    pub(crate) fn of(store: &Store, mailbox: MailboxId) -> Result<Self, StorageError> {
        let all = store.select(mailbox, &Query::default())?;
        Self::of_selection(store, mailbox, &all)
    }

    /// The same, of entries that were selected.
    pub(crate) fn of_selection(
        store: &Store,
        mailbox: MailboxId,
        all: &Selection,
    ) -> Result<Self, StorageError> {
        let own: HashSet<_> = all.iter().map(|row| (row.change, row.ordinal)).collect();
        let (mut came, mut names) = (HashSet::new(), HashMap::new());
        for (key, value) in store.values(Scope::Mailbox(mailbox), PREFIX)? {
            let Some(identity) = identity_of(&key) else { continue };
            match became(&value) {
                None => drop(came.insert(identity)),
                Some(name) if own.contains(&name) => {
                    came.insert(identity);
                    names.insert(name, identity);
                }
                // It was deleted since.
                Some(_) => {}
            }
        }
        Ok(Self { store: store.id(), own, came, names })
    }

    /// Whether an entry is there.
    pub(crate) fn has(&self, identity: &Identity) -> bool {
        let Identity { store, change, ordinal } = *identity;
        (store == self.store && self.own.contains(&(change, ordinal)))
            || self.came.contains(identity)
    }

    /// It is there from now on.
    pub(crate) fn add(&mut self, identity: Identity) {
        self.came.insert(identity);
    }

    /// What an entry is called everywhere.
    pub(crate) fn name(&self, change: u64, ordinal: u32) -> Identity {
        let own = Identity { store: self.store, change, ordinal };
        self.names.get(&(change, ordinal)).copied().unwrap_or(own)
    }
}

/// Has it known that an entry comes.
pub(crate) fn coming(mailbox: MailboxId, identity: &Identity) -> Change {
    put(mailbox, identity, Bytes::new())
}

/// Has it known what it became: the first entry of a change.
pub(crate) fn came(identity: &Identity, stored: &StoredEntry, change: u64) -> Change {
    let ordinal = 0_u32.to_be_bytes();
    let value = [&stored.number.to_be_bytes()[..], &change.to_be_bytes(), &ordinal].concat();
    put(stored.mailbox, identity, value.into())
}

fn put(mailbox: MailboxId, identity: &Identity, value: Bytes) -> Change {
    let Identity { store, change, ordinal } = identity;
    let (change, ordinal) = (change.to_be_bytes(), ordinal.to_be_bytes());
    let key = [PREFIX, store.as_bytes(), &change, &ordinal].concat().into();
    Change::PutValue { scope: Scope::Mailbox(mailbox), key, value }
}

fn identity_of(key: &[u8]) -> Option<Identity> {
    let (store, rest) = key.strip_prefix(PREFIX)?.split_first_chunk::<16>()?;
    let (change, ordinal) = rest.split_first_chunk::<8>()?;
    Some(Identity {
        store: Uuid::from_bytes(*store),
        change: u64::from_be_bytes(*change),
        ordinal: u32::from_be_bytes(ordinal.try_into().ok()?),
    })
}

/// What the store itself calls the entry that it became.
fn became(value: &[u8]) -> Option<(u64, u32)> {
    let (_, rest) = value.split_first_chunk::<4>()?;
    let (change, ordinal) = rest.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*change), u32::from_be_bytes(ordinal.try_into().ok()?)))
}
