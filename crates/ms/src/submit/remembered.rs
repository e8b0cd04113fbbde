//! What is kept of a submission, so that its reports find whoever made it (X.411 §8.3.1.2: a
//! report names no recipient): a value of the store, until no report is expected any more.
//!
//! ```text
//! key     "submission/", the MTS-identifier in text
//! value   8 octets: until when it is kept, microseconds since 1970, big-endian
//!         1 octet: the length of what follows
//!         the key of the work that delivers it, while it waits for its time here; else nothing
//!         the name of the mailbox
//! ```

use bytes::Bytes;
use restante_mhs::x411::{MTSIdentifier, Priority, Time};
use restante_storage::{Change, Scope, Storage, StorageError};

use crate::due::{Done, Kind, Rank, Work};
use crate::matching::names::mts_identifier;
use crate::{Effect, MessageStore, Now};

const PREFIX: &[u8] = b"submission/";
/// Submissions are forgotten by the day, microseconds.
const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// How many are looked at in one transaction.
const LOOKED_AT_MAX: usize = 1024;

/// A submission that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Until when.
    pub(crate) until: Now,
    /// The work that delivers it, while it waits for its time here.
    pub(crate) waits: Option<Work>,
    /// The name of the mailbox of whoever made it.
    pub(crate) mailbox: String,
}

impl Remembered {
    fn to_bytes(&self) -> Bytes {
        let waits = self.waits.as_ref().map(Work::key).unwrap_or_default();
        // That of a key of work is far below.
        let length = [u8::try_from(waits.len()).unwrap_or(0)];
        let until = self.until.0.to_be_bytes();
        [&until[..], &length, &waits, self.mailbox.as_bytes()].concat().into()
    }

    fn from_bytes(octets: &[u8]) -> Option<Self> {
        let (until, rest) = octets.split_first_chunk()?;
        let (length, rest) = rest.split_first()?;
        let (waits, mailbox) = rest.split_at_checked(usize::from(*length))?;
        Some(Self {
            until: Now(i64::from_be_bytes(*until)),
            waits: Work::of_key(&Bytes::copy_from_slice(waits)),
            mailbox: core::str::from_utf8(mailbox).ok()?.to_owned(),
        })
    }

    fn put(&self, identifier: &MTSIdentifier) -> Change {
        let (scope, key) = (Scope::Store, key(identifier));
        Change::PutValue { scope, key, value: self.to_bytes() }
    }
}

fn key(identifier: &MTSIdentifier) -> Bytes {
    [PREFIX, mts_identifier(identifier).as_bytes()].concat().into()
}

impl<S: Storage> MessageStore<S> {
    /// What has a submission remembered, and forgotten later. It may be delivered first at the
    /// time to which it is deferred.
    pub(crate) fn remember(
        &self,
        identifier: &MTSIdentifier,
        mailbox: &str,
        (deferred, waits): (Option<Time>, Option<Work>),
        now: Now,
    ) -> ([Change; 2], Effect) {
        let deferred = deferred.map_or(now.0, |time| time.0.saturating_mul(1_000_000));
        let days = i64::try_from(self.settings.submissions_kept_days).unwrap_or(i64::MAX);
        let kept = days.saturating_mul(DAY_US);
        let until = deferred.max(now.0).saturating_add(kept);
        let (until, mailbox) = (Now(until), mailbox.to_owned());
        let remembered = Remembered { until, waits, mailbox };
        // One for all that are to be forgotten on the same day.
        let work = Work {
            rank: Rank::of(Priority::NON_URGENT),
            at: Now(until.0.div_euclid(DAY_US).saturating_add(1).saturating_mul(DAY_US)),
            kind: Kind::ForgetSubmissions,
            identity: Bytes::new(),
        };
        ([remembered.put(identifier), work.put(Bytes::new())], Effect::Due { at: work.at })
    }

    /// What has it remembered that a submission does not wait any more.
    pub(crate) fn remember_delivered(
        &self,
        identifier: &MTSIdentifier,
    ) -> Result<Option<Change>, StorageError> {
        let remembered = self.remembered(identifier)?.filter(|one| one.waits.is_some());
        Ok(remembered.map(|one| Remembered { waits: None, ..one }.put(identifier)))
    }

    /// What has a submission forgotten at once.
    pub(crate) fn forget(&self, identifier: &MTSIdentifier) -> Change {
        Change::RemoveValue { scope: Scope::Store, key: key(identifier) }
    }

    /// What is remembered of a submission.
    pub(crate) fn remembered(
        &self,
        identifier: &MTSIdentifier,
    ) -> Result<Option<Remembered>, StorageError> {
        let value = self.storage.value(Scope::Store, &key(identifier))?;
        Ok(value.and_then(|value| Remembered::from_bytes(&value)))
    }

    /// Forgets a part of what is not to be remembered any more; the value of the work is where
    /// the part before it ended.
    pub(crate) fn forget_submissions(
        &self,
        work: &Work,
        after: &Bytes,
        now: Now,
    ) -> Result<Done, StorageError> {
        let scope = Scope::Store;
        let part = self.storage.values_after(scope, PREFIX, after, LOOKED_AT_MAX)?;
        let last = part.last().filter(|_| part.len() == LOOKED_AT_MAX);
        let goes_on = last.map(|(key, _)| work.put(key.clone()));
        let is_over = |value: &Bytes| Remembered::from_bytes(value).is_none_or(|r| r.until <= now);
        let over = part.into_iter().filter(|(_, value)| is_over(value));
        let mut changes: Vec<_> =
            over.map(|(key, _)| Change::RemoveValue { scope, key }).collect();
        let more = goes_on.is_some().then_some(Effect::Due { at: now });
        changes.push(goes_on.unwrap_or_else(|| work.remove()));
        Ok(self.done(changes, Vec::from_iter(more)))
    }
}
