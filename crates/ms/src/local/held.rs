//! What a hold keeps out of a mailbox for now (see [`crate::Holds`]), as delivery-control has an
//! MTA keep it (X.411 §8.3.1.3.1): a message waits in the queue for those of its recipients whose
//! mailboxes are held, a report for its originator, and both are tried again until they are let
//! in, or the latest-delivery-time has passed.
//!
//! It refuses to wait for room: a mailbox that is full is reported, and while there is no space on
//! the disk nothing is submitted.

use bytes::Bytes;
use restante_ber::{Decode, Encode, Kept, OctetString, sequence};
use restante_directory::User;
use restante_mhs::x411::{
    MTAName, MTSIdentifier, MessageSubmissionEnvelope, ReportDeliveryEnvelope, Time,
};
use restante_storage::{Change, NewContent, NewEntry, NumberSet, Storage, StorageError};

use super::deferred::{QUEUE, number_of};
use super::route::Routed;
use super::{Mail, Refused, Report, Stored, stored, time};
use crate::class::DELIVERY;
use crate::due::{Done, Kind, Rank, Work};
use crate::hold::Arriving;
use crate::report::returned_children;
use crate::submit::Here;
use crate::{Effect, MessageStore, Now};

/// The class of reports in the queue.
const HELD_REPORT: u8 = 254;
/// The shortest and the longest pause between two attempts, microseconds.
const PAUSE_US: [i64; 2] = [15_000_000, 300_000_000];
/// What has waited so many times as long as a pause is tried again.
const PAUSE_PART: i64 = 4;

sequence! { IMPLICIT TAGS;
    /// A report that waits: see `extract::HELD_REPORT`.
    pub struct HeldReport [22] {
        /// Since when.
        since: Time,
        /// The name of the mailbox that it is for.
        mailbox: OctetString,
        /// It.
        report: Kept<ReportDeliveryEnvelope>,
    }
}

/// When it is tried again to deliver what waits for so long.
pub(super) fn again(since: Time, now: Now) -> Now {
    let waited = now.0.saturating_sub(since.0.saturating_mul(1_000_000));
    let [shortest, longest] = PAUSE_US;
    Now(now.0.saturating_add((waited / PAUSE_PART).clamp(shortest, longest)))
}

/// The places among its recipients of those for whom a message waits, as the value of its work
/// has them; `None`: all.
pub(super) fn places_of(value: &[u8]) -> Option<Vec<u32>> {
    let (places, _) = value.as_chunks();
    (!places.is_empty()).then(|| places.iter().map(|place| u32::from_be_bytes(*place)).collect())
}

/// The same as octets.
pub(super) fn value_of(places: &[u32]) -> Bytes {
    places.iter().flat_map(|place| place.to_be_bytes()).collect()
}

/// The work that delivers what has a number in the queue.
fn work(kind: Kind, mail: &Mail<'_>, number: i64, at: Now) -> Work {
    let identity = Bytes::copy_from_slice(&number.to_be_bytes());
    Work { rank: Rank::of(mail.priority), at, kind, identity }
}

impl<S: Storage> MessageStore<S> {
    /// Has a message wait for the recipients of whom it is held, where there are any.
    pub(super) fn hold(
        &self,
        here: &mut Here,
        user: &User,
        envelope: &Kept<MessageSubmissionEnvelope>,
        content: Bytes,
        (mail, number): (&Mail<'_>, i64),
        now: Now,
    ) -> Result<(), Refused> {
        if here.held.is_empty() {
            return Ok(());
        }
        let queued = self.queued_message(user, envelope, content, (mail, number))?;
        let at = again(mail.submission_time, now);
        let work = work(Kind::DeferredDelivery, mail, number, at);
        here.changes.extend([Change::Store(queued), work.put(value_of(&here.held))]);
        here.effects.push(Effect::Due { at });
        Ok(())
    }

    /// Whether a message still waits for all for whom it waited: its content is not needed then.
    pub(super) fn is_held_off(&self, mail: &Mail<'_>, now: Now) -> Result<bool, Refused> {
        let is_held = |one: &Routed<'_>| one.fate.as_ref().is_ok_and(|to| to.held.is_some());
        Ok(self.route(mail, now)?.iter().all(is_held))
    }

    /// Has a report wait.
    pub(super) fn hold_report(
        &self,
        here: &mut Here,
        mailbox: &str,
        mail: &Mail<'_>,
        (report, content): (&Report, Bytes),
        now: Now,
    ) -> Result<(), Refused> {
        let Ok(report) = Kept::from_bytes(&report.envelope) else {
            return Err(StorageError::Invalid("a report can't be read").into());
        };
        let number = self.identifiers.next(&*self.storage, now)?;
        let (since, mailbox) = (time(now), OctetString(Bytes::from(mailbox.to_owned())));
        let held = HeldReport { since, mailbox, report }.to_ber();
        let entry = NewEntry::new(self.mailbox_named(QUEUE)?, HELD_REPORT, 0, held);
        let (content, entries) = (vec![content], vec![entry]);
        let work = work(Kind::HeldReport, mail, number, again(since, now));
        let queued = NewContent { content, creation_time: number, entries };
        here.changes.extend([Change::Store(queued), work.put(Bytes::new())]);
        here.effects.push(Effect::Due { at: work.at });
        Ok(())
    }

    /// Whether reports are held of a user.
    pub(super) fn is_reportless(&self, user: &User) -> bool {
        self.holds.refusal(user, &Arriving::Report).is_some()
    }

    /// Delivers a report that waited, or has it wait longer.
    pub(crate) fn deliver_held_report(&self, work: &Work, now: Now) -> Result<Done, Refused> {
        let over = || Ok(self.done(vec![work.remove()], Vec::new()));
        let Some((number, queue)) = number_of(work).zip(self.storage.mailbox(QUEUE)) else {
            return over();
        };
        let Some((entry, _)) = self.queued(queue, HELD_REPORT, number)? else { return over() };
        let gone = Change::Delete { mailbox: queue, numbers: NumberSet::from(entry) };
        let read = match self.storage.envelope(queue, entry) {
            Ok(octets) => octets.and_then(|octets| HeldReport::from_bytes(&octets).ok()),
            Err(StorageError::Damaged { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(held) = read else {
            let reason = "a report that was held off is damaged and lost".to_owned();
            let effects = vec![Effect::Fault { reason, told: false }];
            return Ok(self.done(vec![gone, work.remove()], effects));
        };
        let key = core::str::from_utf8(&held.mailbox.0).unwrap_or_default();
        let Some(mailbox) = self.storage.mailbox(key) else {
            // It was removed, and whatever was for it.
            return Ok(self.done(vec![gone, work.remove()], Vec::new()));
        };
        let user = self.directory.user(key)?;
        let user = user.unwrap_or_else(|| User { key: key.into(), ..User::new(<_>::default()) });
        if self.is_reportless(&user) {
            let later = Work { at: again(held.since, now), ..work.clone() };
            let effects = vec![Effect::Due { at: later.at }];
            return Ok(self.done(vec![work.remove(), later.put(Bytes::new())], effects));
        }
        let content = match self.storage.content(queue, entry) {
            Ok(content) => content.unwrap_or_default(),
            Err(StorageError::Damaged { .. }) => Bytes::new(),
            Err(error) => return Err(error.into()),
        };
        let identifier = &held.report.subject_submission_identifier;
        let envelope = held.report.octets().clone();
        let content_type = held.report.content_type.as_ref().map(|one| one.oid());
        let children = match content_type.filter(|_| !content.is_empty()) {
            Some(content_type) => returned_children(&content, &content_type),
            None => Vec::new(),
        };
        let report = NewEntry { children, ..NewEntry::new(mailbox, DELIVERY, 0, envelope) };
        let mut here = Here::default();
        let told = Stored::report(&user, &report, &content, identifier, 0);
        let (amendment, status) = self.delivered(&mut here, told, now)?;
        let report = NewEntry { amendment, status: status.unwrap_or(report.status), ..report };
        let mut changes: Vec<_> =
            stored(content, vec![report], now).map(Change::Store).into_iter().collect();
        changes.extend(here.changes);
        changes.extend([gone, work.remove()]);
        Ok(self.done(changes, here.effects))
    }
}

/// What is told of a message that waits.
pub(super) fn told(
    mta: &MTAName,
    identifier: &MTSIdentifier,
    user: &User,
    reason: &str,
) -> Effect {
    let reason = format!("{identifier} waits for {}: {reason}", user.key);
    Effect::DeliveryRefused { mta: mta.to_string(), reason }
}
