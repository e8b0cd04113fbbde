//! Auto-delete (X.413 §13.5): entries whose storage-time is over go. Each mailbox that has it
//! registered is looked through every ten minutes, and when the first storage-time that is known
//! then is over, as work that is due at its time.

use bytes::Bytes;
use restante_ber::{Decode, UtcTime};
use restante_directory::User;
use restante_mhs::x411::{ORAddress, Priority};
use restante_storage::{Family, MailboxId, Query, Storage, StorageError};

use super::Action;
use super::arrival::{Acts, Arrived};
use crate::attributes::{EntryReader, Key};
use crate::class::{DELIVERY, DRAFT, SUBMISSION};
use crate::due::{Done, Kind, Rank, Work};
use crate::{Effect, MessageStore, Now};

/// How often, microseconds.
const SWEEP_US: i64 = 600 * 1_000_000;
/// How many entries go at once; more are looked for again at once.
const DELETED_MAX: usize = 1000;

/// The first look through a mailbox, at once.
pub(super) fn first(mailbox: MailboxId) -> Work {
    Work { at: Now(0), ..next(mailbox, Now(0)) }
}

/// The next look through a mailbox.
fn next(mailbox: MailboxId, now: Now) -> Work {
    // All that asks for one in the same ten minutes asks for the same.
    let at = now.0.div_euclid(SWEEP_US).saturating_add(1).saturating_mul(SWEEP_US);
    Work {
        rank: Rank::of(Priority::NON_URGENT),
        at: Now(at),
        kind: Kind::Sweep,
        identity: Bytes::copy_from_slice(&mailbox.get().to_be_bytes()),
    }
}

impl<S: Storage> MessageStore<S> {
    /// What has a mailbox looked through when something is over that is modified now, where its
    /// user wants that and it would be looked through later only.
    pub(crate) fn sweep_at(
        &self,
        mailbox: MailboxId,
        over: Option<i64>,
        now: Now,
    ) -> Result<Option<Work>, StorageError> {
        let later = next(mailbox, now);
        let Some(over) = over.filter(|over| *over < later.at.0) else { return Ok(None) };
        let rules = self.auto_actions.rules(&*self.storage, mailbox)?;
        let wanted = rules.iter().any(|rule| matches!(rule.action, Action::Delete));
        Ok(wanted.then(|| Work { at: now.max(Now(over)), ..later }))
    }

    /// Deletes what is over in a mailbox.
    pub(crate) fn sweep(&self, work: &Work, now: Now) -> Result<Done, StorageError> {
        let gone = || Ok(self.done(vec![work.remove()], Vec::new()));
        let number = work.identity.as_ref().try_into().map(u32::from_be_bytes);
        let Some(mailbox) = number.ok().and_then(MailboxId::new) else { return gone() };
        let rules = match self.auto_actions.rules(&*self.storage, mailbox) {
            Ok(rules) => rules,
            Err(StorageError::NoMailbox(_)) => return gone(),
            Err(error) => return Err(error),
        };
        let Some(rule) = rules.iter().find(|rule| matches!(rule.action, Action::Delete)) else {
            return gone();
        };
        let query = Query {
            classes: vec![DELIVERY, SUBMISSION, DRAFT],
            family: Family::MainOnly,
            ..Query::default()
        };
        let found = self.storage.select(mailbox, &query)?;
        let mut acts = Acts::default();
        let (mut deleted, mut soonest) = (0, i64::MAX);
        for row in found.iter().filter(|row| row.amended) {
            let entry = EntryReader::new(&*self.storage, mailbox, row);
            let time = match entry.values(Key::STORAGE_TIME) {
                // What can't be known of it keeps nothing else from going.
                Err(StorageError::Damaged { .. }) => continue,
                times => times?.pop(),
            };
            let time = time.and_then(|value| UtcTime::from_bytes(&value.octets()).ok());
            let Some(time) = time.map(|time| time.0.saturating_mul(1_000_000)) else { continue };
            if time > now.0 {
                soonest = soonest.min(time);
            } else {
                acts.discarded.insert(row.number..=row.number);
                acts.log(rule, Some(row.number), None);
                deleted += 1;
                if deleted == DELETED_MAX {
                    break;
                }
            }
        }
        let user = User::new(ORAddress::default());
        let nobody = Arrived::nothing((&user, mailbox), now);
        let (mut changes, mut effects) = self.finished(acts, &nobody, None)?;
        changes.push(work.remove());
        let mut next = next(mailbox, now);
        next.at = match deleted {
            DELETED_MAX => now,
            _ => next.at.min(Now(soonest)),
        };
        effects.push(Effect::Due { at: next.at });
        changes.push(next.put(Bytes::new()));
        Ok(self.done(changes, effects))
    }
}
