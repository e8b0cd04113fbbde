//! Quotas: what a mailbox may hold before nothing more is delivered to it. Whoever runs the store
//! gives a mailbox one of its own; all others have that of the [`Settings`](crate::Settings).
//!
//! It refuses deliveries alone: what a user stores by itself is the user's to decide.
//!
//! ```text
//! key     "quota/", 4 octets mailbox (big-endian); a value of the store
//! value   4 octets entries, 8 octets octets (big-endian); 0: any number
//! ```

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use bytes::Bytes;
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError, Transaction};

use crate::MessageStore;
use crate::class::is_log;
use crate::hold::{Hold, Whose, Why};

const PREFIX: &[u8] = b"quota/";

/// What a mailbox may hold; `None`: as much as there is room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Main-entries.
    pub entries: Option<u32>,
    /// The length of their contents together, octets.
    pub octets: Option<u64>,
}

/// What a mailbox holds, entries in logs alone not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Main-entries.
    pub entries: u32,
    /// The length of their contents together, octets.
    pub octets: u64,
}

/// The mailboxes that have quotas of their own.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    own: RwLock<HashMap<MailboxId, Quota>>,
    /// Held while one is set, so that what holds is what was written last.
    setting: Mutex<()>,
}

impl Quota {
    /// Whether it says nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// How much of it is used, hundredths; of the two what is more. `None` where it says nothing.
    pub fn percent(&self, usage: &Usage) -> Option<u64> {
        let percent = |used: u64, most: u64| used.saturating_mul(100).checked_div(most);
        let entries = self.entries.and_then(|most| percent(usage.entries.into(), most.into()));
        let octets = self.octets.and_then(|most| percent(usage.octets, most));
        entries.max(octets)
    }

    /// Whether nothing more may come.
    fn is_full(&self, usage: &Usage) -> bool {
        self.entries.is_some_and(|most| usage.entries >= most)
            || self.octets.is_some_and(|most| usage.octets >= most)
    }

    fn octets(&self) -> Bytes {
        let entries = self.entries.unwrap_or(0).to_be_bytes();
        let octets = self.octets.unwrap_or(0).to_be_bytes();
        [&entries[..], &octets].concat().into()
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let (entries, octets) = octets.split_first_chunk::<4>()?;
        let entries = u32::from_be_bytes(*entries);
        let octets = u64::from_be_bytes(octets.try_into().ok()?);
        Some(Self {
            entries: Some(entries).filter(|most| *most > 0),
            octets: Some(octets).filter(|most| *most > 0),
        })
    }
}

fn key(mailbox: MailboxId) -> Bytes {
    [PREFIX, &mailbox.get().to_be_bytes()].concat().into()
}

impl<S: Storage> MessageStore<S> {
    /// Reads which mailboxes have quotas of their own: before anything is delivered.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn read_quotas(&self) -> Result<(), StorageError> {
        let values = self.storage.values(Scope::Store, PREFIX)?;
        let own = values.iter().filter_map(|(key, value)| {
            let mailbox = key.get(PREFIX.len()..)?.try_into().ok().map(u32::from_be_bytes);
            Some((MailboxId::new(mailbox?)?, Quota::read(value)?))
        });
        *self.quotas.own.write().unwrap_or_else(PoisonError::into_inner) = own.collect();
        Ok(())
    }

    /// The quota that a mailbox has of its own.
    pub fn own_quota(&self, mailbox: MailboxId) -> Option<Quota> {
        let own = self.quotas.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(&mailbox).copied()
    }

    /// The quota of a mailbox, its own or that of all.
    pub fn quota(&self, mailbox: MailboxId) -> Quota {
        self.own_quota(mailbox).unwrap_or(self.settings.quota)
    }

    /// Gives a mailbox a quota of its own, durably, or takes it away; waits for the disk. A hold
    /// follows with the next delivery, or is taken off.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn set_quota(&self, mailbox: MailboxId, quota: Option<Quota>) -> Result<(), StorageError> {
        let _setting = self.quotas.setting.lock().unwrap_or_else(PoisonError::into_inner);
        let (scope, key) = (Scope::Store, key(mailbox));
        let change = match quota {
            Some(quota) => Change::PutValue { scope, key, value: quota.octets() },
            None => Change::RemoveValue { scope, key },
        };
        self.storage.commit(Transaction::of(change)).wait()?;
        let mut own = self.quotas.own.write().unwrap_or_else(PoisonError::into_inner);
        match quota {
            Some(quota) => own.insert(mailbox, quota),
            None => own.remove(&mailbox),
        };
        drop(own);
        self.review_quotas()
    }

    /// What a mailbox holds. Takes a look at all of its entries.
    ///
    /// # Errors
    /// Where storage fails, or there is no such mailbox.
    pub fn usage(&self, mailbox: MailboxId) -> Result<Usage, StorageError> {
        let counts = self.storage.counts(mailbox)?;
        let main = counts.iter().filter(|count| !count.child && !is_log(count.class));
        Ok(main.fold(Usage::default(), |all, count| Usage {
            entries: all.entries.saturating_add(count.entries),
            octets: all.octets.saturating_add(count.octets),
        }))
    }

    /// Takes the holds off mailboxes that are no longer full.
    ///
    /// # Errors
    /// Where storage fails; the holds that were not looked at stay.
    pub fn review_quotas(&self) -> Result<(), StorageError> {
        for name in self.holds.mailboxes(Why::Quota) {
            let full = match self.storage.mailbox(&name) {
                Some(mailbox) => self.is_full(mailbox)?,
                None => false,
            };
            if !full {
                self.holds.put(Whose::Mailbox(name), Why::Quota, Hold::default());
            }
        }
        Ok(())
    }

    /// Whether a mailbox holds as much as it may.
    pub(crate) fn is_full(&self, mailbox: MailboxId) -> Result<bool, StorageError> {
        let quota = self.quota(mailbox);
        Ok(!quota.is_none() && quota.is_full(&self.usage(mailbox)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_full_is_full() {
        let quota = |entries, octets| Quota { entries, octets };
        for one in [quota(None, None), quota(Some(3), None), quota(Some(3), Some(1 << 40))] {
            assert_eq!(Quota::read(&one.octets()), Some(one));
        }
        assert_eq!(Quota::read(&[0; 11]), None);
        let usage = |entries, octets| Usage { entries, octets };
        assert!(!quota(None, None).is_full(&usage(9, 9)));
        assert!(quota(Some(9), None).is_full(&usage(9, 0)));
        assert!(!quota(Some(9), Some(10)).is_full(&usage(8, 9)));
        assert!(quota(Some(9), Some(10)).is_full(&usage(0, 10)));
        assert_eq!(quota(Some(10), Some(100)).percent(&usage(2, 90)), Some(90));
        assert_eq!(quota(None, None).percent(&usage(2, 90)), None);
    }
}
