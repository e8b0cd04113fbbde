//! Delayed auto-forward, an auto-action of this store's own (see
//! [`restante_mhs::x420::DELAYED_AUTO_FORWARD`]): what its user has not fetched in time is
//! forwarded then. It is work that is due at its time, put there with the entry.
//!
//! ```text
//! identity   4 octets mailbox, 8 creation-time of the entry, 16 digest of its delivery, 4
//!            registration-identifier
//! value      nothing
//! ```
//!
//! The entry is found by its creation-time and its delivery, since its number is not known when
//! the work is put there. What was fetched or deleted meanwhile is not forwarded, nor is anything
//! where the registration is gone or not for this entry any more.

use std::sync::Arc;

use bytes::Bytes;
use restante_ber::{Decode, Oid};
use restante_directory::User;
use restante_mhs::x411::MessageDeliveryEnvelope;
use restante_mhs::x413::RetrievalError;
use restante_mhs::x419::Edition;
use restante_mhs::x420::{DELAYED_AUTO_FORWARD, DelayedAutoForwardParameter};
use restante_storage::{Entry, Family, MailboxId, Query, Storage, StorageError, Test};

use super::arrival::{Acts, Arrived};
use super::registration::improper;
use super::{Action, Rule, forward::Forwarding};
use crate::class::DELIVERY;
use crate::due::{Done, Kind, Rank, Work};
use crate::repeat::Identity;
use crate::{MessageStore, Now};

const SECOND_US: i64 = 1_000_000;

/// The statuses of what has not been fetched.
const NOT_FETCHED: [u8; 2] = [0, 1];

/// What is forwarded when.
#[derive(Debug)]
pub(super) struct Later {
    /// Seconds after the delivery.
    delay: u32,
    pub(super) forwarding: Forwarding,
}

impl Later {
    /// Reads what was registered.
    pub(super) fn of(
        parameter: DelayedAutoForwardParameter,
        edition: Edition,
    ) -> Result<Self, RetrievalError> {
        if parameter.delay == 0 {
            return Err(improper(edition));
        }
        let forwarding = Forwarding::of(parameter.forward, edition)?;
        Ok(Self { delay: parameter.delay, forwarding })
    }

    /// What is to be done later with an entry that comes; nothing with what is no message.
    pub(super) fn work(&self, rule: &Rule, arrived: &Arrived<'_>) -> Option<Work> {
        let delay = i64::from(self.delay).saturating_mul(SECOND_US);
        work_of(rule, arrived, Kind::Forward, Now(arrived.now.0.saturating_add(delay)))
    }
}

/// Work that is due at its time with an entry that comes.
pub(super) fn work_of(rule: &Rule, arrived: &Arrived<'_>, kind: Kind, at: Now) -> Option<Work> {
    let delivery = delivery(&arrived.parts.envelope)?;
    let created = Now(arrived.entry.creation_time);
    let subject = Subject { mailbox: arrived.mailbox, created, delivery };
    let (_, registration) = rule.name();
    let identity = subject.to_bytes(registration);
    Some(Work { rank: Rank::of(arrived.priority()), at, kind, identity })
}

/// Which delivery an entry came of.
fn delivery(envelope: &Bytes) -> Option<Identity> {
    MessageDeliveryEnvelope::from_bytes(envelope).ok().map(|e| Identity::of_message(&e))
}

/// The entry that work is about.
struct Subject {
    mailbox: MailboxId,
    created: Now,
    delivery: Identity,
}

impl Subject {
    fn to_bytes(&self, registration: u32) -> Bytes {
        let Self { mailbox, created, delivery } = self;
        let mailbox = mailbox.get().to_be_bytes();
        let registration = registration.to_be_bytes();
        let parts: [&[u8]; 4] =
            [&mailbox, &created.0.to_be_bytes(), delivery.octets(), &registration];
        parts.concat().into()
    }

    fn from_bytes(octets: &[u8]) -> Option<(Self, u32)> {
        let (mailbox, octets) = octets.split_first_chunk()?;
        let (created, octets) = octets.split_first_chunk()?;
        let (delivery, octets) = octets.split_first_chunk()?;
        let subject = Self {
            mailbox: MailboxId::new(u32::from_be_bytes(*mailbox))?,
            created: Now(i64::from_be_bytes(*created)),
            delivery: Identity::from_octets(*delivery),
        };
        Some((subject, u32::from_be_bytes(octets.try_into().ok()?)))
    }
}

/// An entry with which something is due, and by which rule.
pub(super) struct DueEntry {
    pub(super) rule: Arc<Rule>,
    user: User,
    mailbox: MailboxId,
    entry: Entry,
}

impl DueEntry {
    /// The entry as auto-actions look at it.
    pub(super) fn arrived<S: Storage>(
        &self,
        service: &MessageStore<S>,
        now: Now,
    ) -> Result<Arrived<'_>, StorageError> {
        Arrived::stored(service, (&self.user, self.mailbox), now, self.entry.clone())
    }
}

impl<S: Storage> MessageStore<S> {
    /// Forwards what was not fetched in time.
    pub(crate) fn forward_late(&self, work: &Work, now: Now) -> Result<Done, StorageError> {
        let Some(due) = self.later(work, &DELAYED_AUTO_FORWARD, &NOT_FETCHED)? else {
            return Ok(self.done(vec![work.remove()], Vec::new()));
        };
        let arrived = due.arrived(self, now)?;
        let mut acts = Acts::default();
        if let Action::ForwardLater(later) = &due.rule.action {
            let number = Some(arrived.entry.number);
            acts.forward(&later.forwarding, &due.rule, &arrived, number);
        }
        let (mut changes, effects) = self.finished(acts, &arrived, None)?;
        changes.push(work.remove());
        Ok(self.done(changes, effects))
    }

    /// The entry that work is about, and its rule, where both are there and the entry has one of
    /// these statuses.
    pub(super) fn later(
        &self,
        work: &Work,
        auto_action_type: &Oid,
        statuses: &[u8],
    ) -> Result<Option<DueEntry>, StorageError> {
        let Some((subject, registration)) = Subject::from_bytes(&work.identity) else {
            return Ok(None);
        };
        let mailbox = subject.mailbox;
        let query = Query {
            creation_time: subject.created.0..=subject.created.0,
            classes: vec![DELIVERY],
            family: Family::MainOnly,
            tests: vec![Test::Status(statuses.to_vec())],
            ..Query::default()
        };
        let found = match self.storage.select(mailbox, &query) {
            Ok(found) => found,
            Err(StorageError::NoMailbox(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let name = (auto_action_type, registration);
        let Some(rule) = self.auto_actions.rule(&*self.storage, mailbox, name)? else {
            return Ok(None);
        };
        for row in found.iter() {
            let envelope = match self.storage.envelope(mailbox, row.number) {
                // It may be another that came at the same time.
                Err(StorageError::Damaged { .. }) => continue,
                envelope => envelope?.unwrap_or_default(),
            };
            let Ok(envelope) = MessageDeliveryEnvelope::from_bytes(&envelope) else { continue };
            if Identity::of_message(&envelope) == subject.delivery {
                let user = User::new(envelope.other_fields.this_recipient_name.address);
                return Ok(Some(DueEntry { rule, user, mailbox, entry: row.to_entry() }));
            }
        }
        Ok(None)
    }
}
