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

use bytes::Bytes;
use restante_ber::Decode;
use restante_directory::User;
use restante_mhs::x411::MessageDeliveryEnvelope;
use restante_mhs::x413::RetrievalError;
use restante_mhs::x419::Edition;
use restante_mhs::x420::{DELAYED_AUTO_FORWARD, DelayedAutoForwardParameter};
use restante_storage::{Entry, Family, MailboxId, Query, Storage, StorageError, Test};

use super::arrival::Arrived;
use super::registration::improper;
use super::{Action, Rule, forward::Forwarding, forwarded};
use crate::class::DELIVERY;
use crate::due::{Done, Kind, Rank, Work};
use crate::repeat::Identity;
use crate::{Effect, MessageStore, Now};

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
        let delivery = delivery(&arrived.parts.envelope)?;
        let identity = Subject { mailbox: arrived.mailbox, created: arrived.now, delivery };
        let (_, registration) = rule.name();
        let delay = i64::from(self.delay).saturating_mul(SECOND_US);
        Some(Work {
            rank: Rank::of(arrived.priority()),
            at: Now(arrived.now.0.saturating_add(delay)),
            kind: Kind::Forward,
            identity: identity.to_bytes(registration),
        })
    }
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

impl<S: Storage> MessageStore<S> {
    /// Forwards what was not fetched in time.
    pub(crate) fn forward_late(&self, work: &Work, now: Now) -> Result<Done, StorageError> {
        let mut changes = vec![work.remove()];
        let mut effects = Vec::new();
        if let Some((subject, registration)) = Subject::from_bytes(&work.identity)
            && let Some(entry) = self.not_fetched(&subject)?
            && let Some(rule) = self.auto_actions.rule(
                &*self.storage,
                subject.mailbox,
                (&DELAYED_AUTO_FORWARD, registration),
            )?
            && let Action::ForwardLater(later) = &rule.action
        {
            let number = entry.number;
            let user = User::new(later.forwarding.originator_name.address.clone());
            let arrived = Arrived::stored(self, (&user, subject.mailbox), now, entry)?;
            for errand in forwarded::make(&later.forwarding, &rule, &arrived) {
                changes.push(errand.change(&arrived, i64::from(number)));
                effects = vec![Effect::Errand { mailbox: subject.mailbox }];
            }
        }
        Ok(self.done(changes, effects))
    }

    /// The entry that work is about, where it is there and was not fetched.
    fn not_fetched(&self, subject: &Subject) -> Result<Option<Entry>, StorageError> {
        let query = Query {
            creation_time: subject.created.0..=subject.created.0,
            classes: vec![DELIVERY],
            family: Family::MainOnly,
            tests: vec![Test::Status(NOT_FETCHED.to_vec())],
            ..Query::default()
        };
        let found = match self.storage.select(subject.mailbox, &query) {
            Ok(found) => found,
            Err(StorageError::NoMailbox(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        for row in found.iter() {
            let envelope = self.storage.envelope(subject.mailbox, row.number)?;
            if envelope.as_ref().and_then(delivery) == Some(subject.delivery) {
                return Ok(Some(row.to_entry()));
            }
        }
        Ok(None)
    }
}
