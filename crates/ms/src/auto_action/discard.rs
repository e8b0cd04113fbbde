//! Auto-discard (X.420 §20.4): messages that another one says it takes the place of, and messages
//! whose expiry-time has come, are thrown away, and who asked for it is told that they were not
//! read. What is obsoleted goes in the transaction that stores what obsoletes it; what expires, as
//! work that is due at its time. What was there when it is registered is looked through for that,
//! a part at a time.
//!
//! ```text
//! identity   4 octets mailbox, 4 registration-identifier
//! value      4 octets: the number up to which it is done
//! ```

use std::sync::Arc;

use restante_ber::{Any, Bytes, Decode, Encode};
use restante_directory::User;
use restante_mhs::x411::{MessageDeliveryEnvelope, ORAddress, ORName, Priority};
use restante_mhs::x413::{
    AttributeValue, AttributeValueAssertion, AutoActionError, Code, EntryClass, Filter,
    FilterItem, Restrictions, Selector,
};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{
    AutoDiscardError, AutoDiscardProblem, DiscardReason, IPMAutoDiscardRegistrationParameter,
    NonReceiptFields, NonReceiptReason, NotificationFields, NotificationRequests, oids as ipms,
};
use restante_storage::{Entry, EntryRow, Family, MailboxId, Query, Storage, StorageError};

use super::arrival::{Acts, Arrived};
use super::errand::Sent;
use super::notification::Asked;
use super::storing::Storing;
use super::{Action, Rule};
use crate::attributes::{EntryReader, Key};
use crate::class::DELIVERY;
use crate::due::{Done, Kind, Rank, Work};
use crate::seam::Refusal;
use crate::selection::plan;
use crate::{Binding, Effect, MessageStore, Now};

/// The status of what was fetched.
const PROCESSED: u8 = 2;
/// The statuses that there are.
const ANY_STATUS: [u8; 3] = [0, 1, 2];

/// How many entries are looked at in one transaction.
const LOOKED_AT_MAX: usize = 1000;

/// How many messages one may say that it takes the place of.
const OBSOLETED_MAX: usize = 64;

/// What is thrown away.
#[derive(Debug)]
pub(super) struct Discarding {
    pub(super) filter: Option<Filter>,
    pub(super) storing: Storing,
    pub(super) expired: bool,
    obsoleted: bool,
    by_originator: bool,
}

impl Discarding {
    /// Reads what was registered.
    pub(super) fn of(parameter: IPMAutoDiscardRegistrationParameter) -> Self {
        Self {
            storing: Storing::of(parameter.submission_options),
            filter: parameter.filter,
            expired: parameter.auto_discard_expired_ipms,
            obsoleted: parameter.auto_discard_obsoleted_ipms,
            by_originator: parameter.restrict_obsoleting_to_originator,
        }
    }

    /// The notification that a message was thrown away, where its originator asked for one.
    fn notification(
        &self,
        rule: &Rule,
        arrived: &Arrived<'_>,
        reason: DiscardReason,
    ) -> Option<Sent> {
        let asked = Asked::of(arrived).filter(|asked| asked.asks(NotificationRequests::NRN))?;
        let from = ORName::from(arrived.user.or_address.clone());
        let fields = NonReceiptFields {
            non_receipt_reason: NonReceiptReason::IPM_DISCARDED,
            discard_reason: Some(reason),
            auto_forward_comment: None,
            returned_ipm: asked.returned(arrived),
            nrn_extensions: None,
        };
        let (envelope, content) =
            asked.notification(&from, NotificationFields::NonReceiptFields(fields));
        Some(Sent::new(rule, envelope, content, &self.storing))
    }

    /// What is to be done when the time of what comes is over.
    pub(super) fn work(&self, rule: &Rule, arrived: &Arrived<'_>) -> Option<Work> {
        let expiry = Asked::of(arrived)?.heading.expiry_time.filter(|_| self.expired)?;
        let at = Now(expiry.0.saturating_mul(1_000_000).max(arrived.now.0));
        super::delayed::work_of(rule, arrived, Kind::Discard, at)
    }
}

impl<S: Storage> MessageStore<S> {
    /// Throws away what a message that comes says it takes the place of.
    pub(super) fn discard_obsoleted(
        &self,
        discarding: &Discarding,
        rule: &Arc<Rule>,
        arrived: &Arrived<'_>,
        acts: &mut Acts,
    ) -> Result<(), StorageError> {
        let Some(asked) = Asked::of(arrived).filter(|_| discarding.obsoleted) else {
            return Ok(());
        };
        for identifier in asked.heading.obsoleted_ipms.iter().take(OBSOLETED_MAX) {
            for entry in self.messages_of(arrived, identifier)? {
                let number = entry.number;
                let named = (arrived.user, arrived.mailbox);
                let old = Arrived::stored(self, named, arrived.now, entry)?;
                if !self.is_for(rule, &old)? {
                    continue;
                }
                let same = Asked::of(&old).is_some_and(|old| {
                    let originator =
                        |one: &Asked| one.envelope.other_fields.originator_name.address.key();
                    originator(&old) == originator(&asked)
                });
                if discarding.by_originator && !same {
                    acts.log(rule, Some(number), Some(not_by_originator()));
                    continue;
                }
                acts.discarded.insert(number..=number);
                acts.log(rule, Some(number), None);
                if old.entry.status < PROCESSED
                    && let Some(sent) =
                        discarding.notification(rule, &old, DiscardReason::IPM_OBSOLETED)
                {
                    acts.sent.push((sent, Some(i64::from(number))));
                }
            }
        }
        Ok(())
    }

    /// Messages of a mailbox that have an identifier.
    fn messages_of(
        &self,
        arrived: &Arrived<'_>,
        identifier: &restante_mhs::x420::IPMIdentifier,
    ) -> Result<Vec<Entry>, StorageError> {
        let item = FilterItem::Equality(AttributeValueAssertion {
            attribute_type: ipms::ID_HAT_THIS_IPM,
            attribute_value: AttributeValue::of(identifier),
        });
        let selector = Selector { filter: Some(Filter::Item(item)), ..Selector::default() };
        let Ok(class) = crate::class::checked(EntryClass::DELIVERY, Edition::E1994, false) else {
            return Ok(Vec::new());
        };
        let Ok(plan) = plan(Edition::E1994, class, &selector) else { return Ok(Vec::new()) };
        let binding = Binding {
            agent: None,
            user: arrived.user.clone(),
            mailbox: arrived.mailbox,
            edition: Edition::E1994,
            fetch_restrictions: Restrictions::default(),
        };
        match self.select(&binding, &plan) {
            Ok(selected) => Ok(selected.rows().map(|row| row.to_entry()).collect()),
            Err(Refusal::Storage(error)) => Err(error),
            Err(Refusal::Error(_)) => Ok(Vec::new()),
        }
    }

    /// Throws away one entry whose time is over.
    fn discard(discarding: &Discarding, rule: &Arc<Rule>, old: &Arrived<'_>, acts: &mut Acts) {
        let number = old.entry.number;
        acts.discarded.insert(number..=number);
        acts.log(rule, Some(number), None);
        if old.entry.status < PROCESSED
            && let Some(sent) = discarding.notification(rule, old, DiscardReason::IPM_EXPIRED)
        {
            acts.sent.push((sent, Some(i64::from(number))));
        }
    }

    /// Looks through a part of what is stored for what has expired, or will.
    pub(crate) fn discard_stored(
        &self,
        work: &Work,
        done_to: &[u8],
        now: Now,
    ) -> Result<Done, StorageError> {
        let gone = || Ok(self.done(vec![work.remove()], Vec::new()));
        let Some((mailbox, registration)) = of_stored(work) else { return gone() };
        let name = (&ipms::ID_AA_IPM_AUTO_DISCARD, registration);
        let rule = match self.auto_actions.rule(&*self.storage, mailbox, name) {
            Ok(Some(rule)) => rule,
            Ok(None) | Err(StorageError::NoMailbox(_)) => return gone(),
            Err(error) => return Err(error),
        };
        let Action::Discard(discarding) = &rule.action else { return gone() };
        let done_to = done_to.try_into().map_or(0, u32::from_be_bytes);
        let query = Query {
            numbers: done_to.saturating_add(1)..=u32::MAX,
            classes: vec![DELIVERY],
            family: Family::MainOnly,
            limit: Some(LOOKED_AT_MAX),
            ..Query::default()
        };
        let found = self.storage.select(mailbox, &query)?;
        let (mut acts, mut last) = (Acts::default(), None);
        for row in found.iter() {
            last = Some(row.number);
            match self.look_at(row, mailbox, (discarding, &rule), &mut acts, now) {
                // What can't be read keeps nothing else from going.
                Err(StorageError::Damaged { .. }) => {}
                looked_at => looked_at?,
            }
        }
        let goes_on = last.filter(|_| found.len() == LOOKED_AT_MAX);
        let user = User::new(ORAddress::default());
        let nobody = Arrived::nothing((&user, mailbox), now);
        let (mut changes, mut effects) = self.finished(acts, &nobody, None)?;
        effects.extend(goes_on.map(|_| Effect::Due { at: now }));
        changes.push(match goes_on {
            Some(last) => work.put(Bytes::copy_from_slice(&last.to_be_bytes())),
            None => work.remove(),
        });
        Ok(self.done(changes, effects))
    }

    /// Throws an entry away if it has expired, else when it will.
    fn look_at(
        &self,
        row: EntryRow<'_>,
        mailbox: MailboxId,
        (discarding, rule): (&Discarding, &Arc<Rule>),
        acts: &mut Acts,
        now: Now,
    ) -> Result<(), StorageError> {
        let entry = EntryReader::new(&*self.storage, mailbox, row);
        if entry.values(Key::EXPIRY_TIME)?.is_empty() {
            return Ok(());
        }
        let envelope = self.storage.envelope(mailbox, row.number)?.unwrap_or_default();
        let Ok(envelope) = MessageDeliveryEnvelope::from_bytes(&envelope) else { return Ok(()) };
        let user = User::new(envelope.other_fields.this_recipient_name.address);
        let old = Arrived::stored(self, (&user, mailbox), now, row.to_entry())?;
        match discarding.work(rule, &old) {
            Some(_) if !self.is_for(rule, &old)? => {}
            Some(work) if work.at <= now => Self::discard(discarding, rule, &old, acts),
            Some(work) => acts.due(&work),
            None => {}
        }
        Ok(())
    }

    /// Throws away what has expired.
    pub(crate) fn discard_expired(&self, work: &Work, now: Now) -> Result<Done, StorageError> {
        let Some(due) = self.later(work, &ipms::ID_AA_IPM_AUTO_DISCARD, &ANY_STATUS)? else {
            return Ok(self.done(vec![work.remove()], Vec::new()));
        };
        let mut acts = Acts::default();
        let old = due.arrived(self, now)?;
        if let Action::Discard(discarding) = &due.rule.action {
            Self::discard(discarding, &due.rule, &old, &mut acts);
        }
        let (mut changes, effects) = self.finished(acts, &old, None)?;
        changes.push(work.remove());
        Ok(self.done(changes, effects))
    }
}

/// The work that looks through a mailbox for a registration.
pub(super) fn stored(mailbox: MailboxId, registration: u32) -> Work {
    let identity = [mailbox.get().to_be_bytes(), registration.to_be_bytes()].concat().into();
    let rank = Rank::of(Priority::NON_URGENT);
    Work { rank, at: Now(0), kind: Kind::DiscardStored, identity }
}

/// Mailbox and registration of such work.
fn of_stored(work: &Work) -> Option<(MailboxId, u32)> {
    let (mailbox, registration) = work.identity.split_first_chunk()?;
    let mailbox = MailboxId::new(u32::from_be_bytes(*mailbox))?;
    Some((mailbox, u32::from_be_bytes(registration.try_into().ok()?)))
}

/// ipm-auto-discard-error.
fn not_by_originator() -> AutoActionError {
    let problem = AutoDiscardProblem::NOT_OBSOLETED_BY_ORIGINATOR;
    AutoActionError {
        error_code: Code::Global(ipms::ID_AAE_AUTO_DISCARD_ERROR),
        error_parameter: Some(Any(AutoDiscardError { problem }.to_ber())),
    }
}
