//! Deferred delivery (X.411 §8.2.1.1.1.8) and its cancellation (§8.2.1.3). A message that waits
//! is an entry of the queue, a mailbox that no user has, found by the number of its submission,
//! which is its creation-time there. It goes in the transaction that delivers or cancels it; who
//! of both comes first decides.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use restante_ber::{Decode, Encode, Kept, OctetString, sequence};
use restante_mhs::x411::{MTSAbstractError, MTSIdentifier, MessageSubmissionEnvelope, Time};
use restante_mhs::x413::ServiceProblem;
use restante_mhs::x419::{Port, mts_access};
use restante_storage::{
    Change, MailboxId, NewContent, NewEntry, NumberSet, Query, Storage, StorageError, Ticket,
};

use super::held::{again, places_of, value_of};
use super::{Mail, Refused};
use crate::due::{Done, Kind, Rank, Work};
use crate::seam::null_result;
use crate::submit::{Here, Pending, not_now};
use crate::{Effect, MessageStore, Now, Outcome};
use restante_directory::User;

/// The name of the mailbox that is the queue: no address begins so.
pub(super) const QUEUE: &str = "local-mta";

/// Whether a mailbox is the queue of the local MTA, and no user's.
pub fn is_queue(mailbox: &str) -> bool {
    mailbox == QUEUE
}

/// The class of its entries.
const QUEUED: u8 = 255;

sequence! { IMPLICIT TAGS;
    /// A message that waits for its time: see `extract::QUEUED`.
    pub struct Queued [21] {
        /// What it is called.
        identifier: MTSIdentifier,
        /// When it was submitted.
        submission_time: Time,
        /// The name of its originator's mailbox.
        originator: OctetString,
        /// As it was submitted.
        envelope: Kept<MessageSubmissionEnvelope>,
    }
}

/// What is being delivered or cancelled, by the numbers of submissions, and not yet durable.
#[derive(Debug, Default)]
pub(crate) struct QueueLock(Mutex<Vec<(i64, Ticket)>>);

impl QueueLock {
    fn lock(&self) -> MutexGuard<'_, Vec<(i64, Ticket)>> {
        // Whatever panicked, this list is whole.
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is ready can be seen in storage, which is read after this.
        under_way.retain(|(_, commit)| !commit.is_ready());
        under_way
    }
}

/// The work that delivers the message of a submission.
fn work(mail: &Mail<'_>, number: i64, deferred: Time) -> Work {
    Work {
        rank: Rank::of(mail.priority),
        at: Now(deferred.0.saturating_mul(1_000_000)),
        kind: Kind::DeferredDelivery,
        identity: Bytes::copy_from_slice(&number.to_be_bytes()),
    }
}

/// The number of what some work delivers.
pub(super) fn number_of(work: &Work) -> Option<i64> {
    Some(i64::from_be_bytes(work.identity.as_ref().try_into().ok()?))
}

impl<S: Storage> MessageStore<S> {
    /// Has a message wait for its time.
    pub(super) fn defer(
        &self,
        pending: &Pending,
        envelope: &Kept<MessageSubmissionEnvelope>,
        content: Bytes,
        (mail, number, deferred): (&Mail<'_>, i64, Time),
    ) -> Result<Here, Refused> {
        let user = &pending.binding.user;
        let queued = self.queued_message(user, envelope, content, (mail, number))?;
        let work = work(mail, number, deferred);
        Ok(Here {
            content: Some(queued),
            changes: vec![work.put(Bytes::new())],
            effects: vec![Effect::Due { at: work.at }],
            waits: Some(work),
            held: Vec::new(),
        })
    }

    /// A message as it stands in the queue, where there is a place in it.
    pub(super) fn queued_message(
        &self,
        originator: &User,
        envelope: &Kept<MessageSubmissionEnvelope>,
        content: Bytes,
        (mail, number): (&Mail<'_>, i64),
    ) -> Result<NewContent, Refused> {
        let queue = self.mailbox_named(QUEUE)?;
        let waiting: u32 = self.storage.counts(queue)?.iter().map(|count| count.entries).sum();
        if usize::try_from(waiting).is_ok_and(|n| n >= self.settings.local_mta.deferred_max) {
            return Err(Refused::Busy);
        }
        let queued = Queued {
            identifier: mail.identifier.clone(),
            submission_time: mail.submission_time,
            originator: OctetString(Bytes::from(originator.key.clone())),
            envelope: envelope.clone(),
        };
        let entry = NewEntry::new(queue, QUEUED, 0, queued.to_ber());
        let (content, entries) = (vec![content], vec![entry]);
        Ok(NewContent { content, creation_time: number, entries })
    }

    /// Delivers a message whose time has come to those for whom it waits: the places that the
    /// value of the work names.
    pub(crate) fn deliver_deferred(
        &self,
        work: &Work,
        value: &Bytes,
        now: Now,
    ) -> Result<Done, Refused> {
        let Some((number, queue)) = number_of(work).zip(self.storage.mailbox(QUEUE)) else {
            return Ok(self.done(vec![work.remove()], Vec::new()));
        };
        let mut under_way = self.queue_lock.lock();
        if let Some((_, commit)) = under_way.iter().find(|(other, _)| *other == number) {
            return Ok(Done { commit: commit.clone(), effects: Vec::new() });
        }
        let Some((entry, content_octets)) = self.queued(queue, QUEUED, number)? else {
            return Ok(self.done(vec![work.remove()], Vec::new()));
        };
        let gone = Change::Delete { mailbox: queue, numbers: NumberSet::from(entry) };
        let read = match self.storage.envelope(queue, entry) {
            Ok(octets) => octets.and_then(|octets| Queued::from_bytes(&octets).ok()),
            Err(StorageError::Damaged { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(queued) = read else {
            let reason = "a message whose delivery was deferred is damaged and lost".to_owned();
            let effects = vec![Effect::Fault { reason, told: false }];
            let done = self.done(vec![gone, work.remove()], effects);
            under_way.push((number, done.commit.clone()));
            return Ok(done);
        };
        let names = (&queued.identifier, queued.submission_time);
        let mut mail = Mail::message(&queued.envelope, content_octets, names);
        mail.places = places_of(value);
        let since = mail.deferred.unwrap_or(mail.submission_time);
        let later = Work { at: again(since, now), ..work.clone() };
        if mail.places.is_some() && self.is_held_off(&mail, now)? {
            let effects = vec![Effect::Due { at: later.at }];
            let done = self.done(vec![work.remove(), later.put(value.clone())], effects);
            under_way.push((number, done.commit.clone()));
            return Ok(done);
        }
        let content = match self.storage.content(queue, entry) {
            Ok(content) => content.unwrap_or_default(),
            Err(StorageError::Damaged { .. }) => {
                mail.damaged = true;
                Bytes::new()
            }
            Err(error) => return Err(error.into()),
        };
        let originator = core::str::from_utf8(&queued.originator.0).unwrap_or_default();
        let mailbox = self.storage.mailbox(originator).map(|mailbox| (originator, mailbox));
        let here = self.deliver_here(&mail, &content, mailbox, 0, now)?;
        let mut changes: Vec<_> = here.content.map(Change::Store).into_iter().collect();
        changes.extend(here.changes);
        changes.push(work.remove());
        let mut effects = here.effects;
        if here.held.is_empty() {
            changes.push(gone);
        } else {
            changes.push(later.put(value_of(&here.held)));
            effects.push(Effect::Due { at: later.at });
        }
        changes.extend(self.remember_delivered(&queued.identifier)?);
        let done = self.done(changes, effects);
        under_way.push((number, done.commit.clone()));
        Ok(done)
    }

    /// Cancels the delivery of a message that waits for its time.
    pub(super) fn cancel_deferred(
        &self,
        pending: &Pending,
        identifier: &MTSIdentifier,
        now: Now,
    ) -> Result<Outcome, Refused> {
        const REJECTED: MTSAbstractError = MTSAbstractError::DeferredDeliveryCancellationRejected;
        let mut under_way = self.queue_lock.lock();
        let user = &pending.binding.user.key;
        let remembered = self.remembered(identifier)?.filter(|one| one.mailbox == *user);
        let remembered = remembered.ok_or(MTSAbstractError::MessageSubmissionIdentifierInvalid)?;
        let work = remembered.waits.ok_or(REJECTED)?;
        let (number, queue) = number_of(&work).zip(self.storage.mailbox(QUEUE)).ok_or(REJECTED)?;
        if under_way.iter().any(|(other, _)| *other == number) {
            return Err(REJECTED.into());
        }
        let (entry, _) = self.queued(queue, QUEUED, number)?.ok_or(REJECTED)?;
        let gone = Change::Delete { mailbox: queue, numbers: NumberSet::from(entry) };
        let changes = vec![gone, work.remove(), self.forget(identifier)];
        let commit = self.cancelled(pending, identifier, now)?.commit(changes);
        under_way.push((number, commit.clone()));
        let reply = null_result(mts_access::OP_CANCEL_DEFERRED_DELIVERY, Port::Submission);
        let failure = not_now(pending.binding.edition, true, ServiceProblem::UNAVAILABLE);
        let cancelled = Effect::Cancelled { mailbox: user.clone() };
        Ok(Outcome::now(reply).after(commit, failure).with(cancelled))
    }

    /// The entry of a submission in the queue, and how long its content is, octets.
    pub(super) fn queued(
        &self,
        queue: MailboxId,
        class: u8,
        number: i64,
    ) -> Result<Option<(u32, u64)>, StorageError> {
        let query = Query {
            creation_time: number..=number,
            classes: vec![class],
            limit: Some(1),
            ..Query::default()
        };
        let found = self.storage.select(queue, &query)?;
        Ok(found.get(0).map(|row| (row.number, row.size)))
    }
}
