//! The built-in MTA (X.411, as far as one MTA does it all): where none is configured it delivers
//! between the store's own mailboxes. A submission and what it comes to are one transaction: the
//! originator's entry, an entry for each recipient, a report; or an entry of the queue, if
//! delivery is deferred. So a message is in a local mailbox once, through any crash.
//!
//! Start at [`MessageStore::take`]. What can't be submitted is refused by `check`; where each
//! recipient's goes is decided in `route`; what it finds there is made in `envelope`, what its
//! originator learns in `report`; `deferred` keeps the queue, also for what is `held`.
//!
//! It is a default for one machine and no router: what is not local is reported as not delivered.
//! It converts nothing, expands no lists, and proves nothing.

mod check;
mod deferred;
mod envelope;
mod held;
mod identifiers;
mod report;
mod route;

use bytes::Bytes;
use restante_ber::{Decode, Encode, Ia5String, Kept, Rope};
use restante_directory::{DirectoryError, User};
use restante_mhs::x411::{
    AdministrationDomainName, ContentIdentifier, ContentType, CountryName, Extensions,
    GlobalDomainIdentifier, MTAName, MTSAbstractError, MTSIdentifier, MessageSubmissionEnvelope,
    MessageSubmissionResult, NumericOrPrintable, ORAddress, ORName,
    OriginalEncodedInformationTypes, PerMessageIndicators, PerRecipientMessageSubmissionFields,
    Priority, ProbeSubmissionEnvelope, ProbeSubmissionResult, Time,
};
use restante_storage::{Change, Child, MailboxId, NewContent, NewEntry, Storage, StorageError};

pub(crate) use deferred::QueueLock;
pub use deferred::is_queue;
pub(crate) use identifiers::Identifiers;

use self::route::Reached;
use crate::class::DELIVERY;
use crate::deliver::forwarded_children;
use crate::extract::is_personal;
use crate::hold::{Whose, Why};
use crate::seam::{chain, fault};
use crate::submit::{Here, Passed, Pending, Subject, Submit};
use crate::{Effect, MessageStore, Now, Outcome};

/// What of a transaction is not content, at most, octets; storage takes twice as much.
const ENVELOPES_BYTES_MAX: usize = 32 << 20;

/// The built-in MTA.
#[derive(Clone, Debug)]
pub struct LocalMta {
    /// The domain in whose name it gives identifiers, and whose addresses are its own.
    pub domain: GlobalDomainIdentifier,
    /// Its name in traces and reports, 1 to 32 characters.
    pub name: MTAName,
    /// Who gets what is for nobody in the domain, where the originator allows it.
    pub alternate_recipient: Option<ORAddress>,
    /// The longest content that is delivered, octets.
    pub content_octets_max: u64,
    /// How many recipients a message may have.
    pub recipients_max: usize,
    /// How long a delivery may be deferred, days; 0: not at all.
    pub deferred_days_max: usize,
    /// How many messages may wait, for their time or until they are let in.
    pub deferred_max: usize,
}

impl Default for LocalMta {
    fn default() -> Self {
        let printable = |text: &str| NumericOrPrintable::Printable(text.into());
        Self {
            domain: GlobalDomainIdentifier {
                country_name: CountryName(printable("XX")),
                administration_domain_name: AdministrationDomainName(printable(" ")),
                private_domain_identifier: None,
            },
            name: Ia5String::from("RESTANTE"),
            alternate_recipient: None,
            content_octets_max: u64::MAX,
            recipients_max: 512,
            deferred_days_max: 366,
            deferred_max: 10_000,
        }
    }
}

/// A message or probe that was submitted.
struct Mail<'a> {
    identifier: &'a MTSIdentifier,
    submission_time: Time,
    probe: bool,
    originator_name: &'a ORName,
    original_encoded_information_types: Option<&'a OriginalEncodedInformationTypes>,
    content_type: &'a ContentType,
    content_identifier: Option<&'a ContentIdentifier>,
    priority: Priority,
    indicators: &'a PerMessageIndicators,
    /// When it was to be delivered at the earliest.
    deferred: Option<Time>,
    extensions: &'a Extensions,
    recipients: &'a [PerRecipientMessageSubmissionFields],
    content_octets: u64,
    /// Whether its content was lost.
    damaged: bool,
    /// The places of the recipients for whom it waits; `None`: all.
    places: Option<Vec<u32>>,
}

impl<'a> Mail<'a> {
    fn message(
        envelope: &'a MessageSubmissionEnvelope,
        content_octets: u64,
        (identifier, submission_time): (&'a MTSIdentifier, Time),
    ) -> Self {
        Self {
            identifier,
            submission_time,
            probe: false,
            originator_name: &envelope.originator_name,
            original_encoded_information_types: envelope
                .original_encoded_information_types
                .as_ref(),
            content_type: &envelope.content_type,
            content_identifier: envelope.content_identifier.as_ref(),
            priority: envelope.priority,
            indicators: &envelope.per_message_indicators,
            deferred: envelope.deferred_delivery_time,
            extensions: &envelope.extensions,
            recipients: &envelope.per_recipient_fields,
            content_octets,
            damaged: false,
            places: None,
        }
    }

    fn probe(
        envelope: &'a ProbeSubmissionEnvelope,
        (identifier, submission_time): (&'a MTSIdentifier, Time),
    ) -> Self {
        let would_be = envelope.content_length.and_then(|octets| u64::try_from(octets).ok());
        Self {
            identifier,
            submission_time,
            probe: true,
            originator_name: &envelope.originator_name,
            original_encoded_information_types: envelope
                .original_encoded_information_types
                .as_ref(),
            content_type: &envelope.content_type,
            content_identifier: envelope.content_identifier.as_ref(),
            priority: Priority::NORMAL,
            indicators: &envelope.per_message_indicators,
            deferred: None,
            extensions: &envelope.extensions,
            recipients: &envelope.per_recipient_fields,
            content_octets: would_be.unwrap_or(0),
            damaged: false,
            places: None,
        }
    }
}

/// The time of a moment, to the second.
fn time(now: Now) -> Time {
    restante_ber::UtcTime(now.0.div_euclid(1_000_000))
}

/// Why something is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is wrong.
    #[error(transparent)]
    Mts(#[from] MTSAbstractError),
    /// As much waits as may.
    #[error("as much waits for its time as may")]
    Busy,
    /// Storage failed.
    #[error("nothing can be stored")]
    Storage(#[from] StorageError),
    /// The directory failed.
    #[error("the directory can't be asked")]
    Directory(#[from] DirectoryError),
}

/// A report without its mailbox.
struct Report {
    envelope: Bytes,
    /// The content, where it comes back, and what is forwarded in it.
    children: Vec<Child>,
}

/// Who submitted: the name of the mailbox, and the mailbox.
type Originator<'a> = (&'a str, MailboxId);

impl<S: Storage> MessageStore<S> {
    /// Does with a submission what the MTA would do, in one transaction with what the store does.
    pub fn take(&self, submit: &Submit, now: Now) -> Outcome {
        let pending = submit.token.pending();
        let taken = match &pending.subject {
            Subject::Message { envelope, content, .. } => {
                self.take_message(pending, envelope, content, now)
            }
            Subject::Probe { envelope } => self.take_probe(pending, envelope, now),
            Subject::Cancel(identifier) => self.cancel_deferred(pending, identifier, now),
            // It keeps what is registered where the service does.
            Subject::Register => Err(MTSAbstractError::RemoteBindError.into()),
        };
        let refused = match taken {
            Ok(outcome) => return outcome,
            Err(refused) => refused,
        };
        let reason = chain(&refused);
        let (passed, fault) = match refused {
            Refused::Mts(error) => {
                let (code, parameter) = error.to_parts();
                (Passed::Error { code, parameter: Some(parameter.0) }, None)
            }
            Refused::Busy | Refused::Storage(StorageError::Busy(_)) => (Passed::Busy, None),
            Refused::Storage(error) => (Passed::Unanswered { reason }, Some(fault(&error))),
            Refused::Directory(_) => {
                let fault = Effect::Fault { reason: reason.clone(), told: false };
                (Passed::Unanswered { reason }, Some(fault))
            }
        };
        let outcome = self.complete(&submit.token, passed, now);
        fault.into_iter().fold(outcome, Outcome::with)
    }

    fn take_message(
        &self,
        pending: &Pending,
        envelope: &Bytes,
        content: &Rope,
        now: Now,
    ) -> Result<Outcome, Refused> {
        let read = Kept::<MessageSubmissionEnvelope>::from_bytes(envelope);
        let read = read.map_err(|_| MTSAbstractError::InconsistentRequest)?;
        let content = content.to_bytes();
        let number = self.identifiers.next(&*self.storage, now)?;
        let identifier = self.identifier(number);
        let submission_time = time(now);
        let content_octets = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let mail = Mail::message(&read, content_octets, (&identifier, submission_time));
        self.check(&mail, now)?;
        if self.holds.has(&Whose::All, Why::Space) {
            // What is kept elsewhere meanwhile where there is another MTA.
            return Err(Refused::Busy);
        }
        let result = MessageSubmissionResult {
            message_submission_identifier: identifier.clone(),
            message_submission_time: submission_time,
            content_identifier: mail.content_identifier.cloned(),
            extensions: Extensions::default(),
        };
        let here = match mail.deferred.filter(|deferred| *deferred > submission_time) {
            Some(deferred) => self.defer(pending, &read, content, (&mail, number, deferred))?,
            None => {
                let originator = (&*pending.binding.user.key, pending.binding.mailbox);
                let before = usize::from(pending.makes_entry());
                let mut here =
                    self.deliver_here(&mail, &content, Some(originator), before, now)?;
                let user = &pending.binding.user;
                self.hold(&mut here, user, &read, content, (&mail, number), now)?;
                here
            }
        };
        Ok(self.keep(pending, (&identifier, result.to_ber()), now, Some(here)))
    }

    fn take_probe(
        &self,
        pending: &Pending,
        envelope: &Bytes,
        now: Now,
    ) -> Result<Outcome, Refused> {
        let read = ProbeSubmissionEnvelope::from_bytes(envelope);
        let read = read.map_err(|_| MTSAbstractError::InconsistentRequest)?;
        let identifier = self.identifier(self.identifiers.next(&*self.storage, now)?);
        let submission_time = time(now);
        let mail = Mail::probe(&read, (&identifier, submission_time));
        self.check(&mail, now)?;
        let result = ProbeSubmissionResult {
            probe_submission_identifier: identifier.clone(),
            probe_submission_time: submission_time,
            content_identifier: mail.content_identifier.cloned(),
            extensions: Extensions::default(),
        };
        let originator = (&*pending.binding.user.key, pending.binding.mailbox);
        let before = usize::from(pending.makes_entry());
        let here = self.deliver_here(&mail, &Bytes::new(), Some(originator), before, now)?;
        Ok(self.keep(pending, (&identifier, result.to_ber()), now, Some(here)))
    }

    /// What delivers a message and reports on it, or on a probe. `before` entries are stored
    /// before these.
    fn deliver_here(
        &self,
        mail: &Mail<'_>,
        content: &Bytes,
        originator: Option<Originator<'_>>,
        before: usize,
        now: Now,
    ) -> Result<Here, Refused> {
        let mut routed = self.route(mail, now)?;
        let mut here = Here::default();
        routed.retain(|one| {
            let Ok(Reached { user, held: Some(reason), .. }) = &one.fate else { return true };
            here.held.push(one.place);
            if mail.places.is_none() {
                let mta = &self.settings.local_mta.name;
                here.effects.push(held::told(mta, mail.identifier, user, reason));
            }
            false
        });
        let mut entries = self.entries(mail, &routed, content, now);
        if entries.iter().map(|(_, entry)| bytes_of(entry)).sum::<usize>() > ENVELOPES_BYTES_MAX {
            entries.clear();
            route::fail_all(&mut routed, route::TOO_MANY_RECIPIENTS);
        }
        for (place, (user, entry)) in (before..).zip(&mut entries) {
            let stored = Stored::message(user, entry, content, mail, place);
            let (amendment, status) = self.delivered(&mut here, stored, now)?;
            entry.amendment = amendment;
            entry.status = status.unwrap_or(entry.status);
        }
        let mut entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        let report = self.report(mail, &routed, content, now);
        let Some(((key, mailbox), report)) = originator.zip(report) else {
            here.content = stored(content.clone(), entries, now);
            return Ok(here);
        };
        // An originator who is gone has a mailbox still, perhaps.
        let user = self.directory.user(key)?;
        let user = user.unwrap_or_else(|| User::new(mail.originator_name.address.clone()));
        let returned = !report.children.is_empty();
        let content_of = if returned { content.clone() } else { Bytes::new() };
        if self.is_reportless(&user) {
            here.content = stored(content.clone(), entries, now);
            self.hold_report(&mut here, key, mail, (&report, content_of), now)?;
            return Ok(here);
        }
        let Report { envelope, children } = report;
        let report = NewEntry { children, ..NewEntry::new(mailbox, DELIVERY, 0, envelope) };
        // A report without the content must not have it; and in a mailbox that is concerned both
        // ways it comes behind what the auto-actions of the message made.
        let shares = returned && entries.iter().all(|entry| entry.mailbox != mailbox);
        let place = before + entries.len();
        let place = if shares { place } else { place + stored_by(&here.changes) };
        let at = here.changes.len();
        let told = Stored::report(&user, &report, &content_of, mail.identifier, place);
        let (amendment, status) = self.delivered(&mut here, told, now)?;
        let status = status.unwrap_or(report.status);
        let report = NewEntry { amendment, status, ..report };
        match shares {
            true => entries.push(report),
            // What its auto-actions made stands behind it.
            false => {
                let apart = stored(content_of, vec![report], now);
                here.changes.splice(at..at, apart.map(Change::Store));
            }
        }
        here.content = stored(content.clone(), entries, now);
        Ok(here)
    }

    /// The entries of the recipients that were reached, and whose they are.
    fn entries(
        &self,
        mail: &Mail<'_>,
        routed: &[route::Routed<'_>],
        content: &Bytes,
        now: Now,
    ) -> Vec<(User, NewEntry)> {
        if mail.probe {
            return Vec::new();
        }
        let children = children(mail, content);
        let reached = routed.iter().filter_map(|one| Some((one, one.fate.as_ref().ok()?)));
        let reached = reached.filter(|(_, reached)| reached.first);
        let entry = |(one, reached): (&route::Routed<'_>, &route::Reached)| {
            let envelope = self.delivery_envelope(mail, one, now).to_ber();
            let entry = NewEntry::new(reached.mailbox, DELIVERY, 0, envelope);
            NewEntry { children: children.clone(), ..entry }
        };
        reached.map(|(one, reached)| (reached.user.clone(), entry((one, reached)))).collect()
    }

    /// What else is done and told of an entry that is delivered; what is added to it, and its
    /// status where it has another one.
    fn delivered(
        &self,
        here: &mut Here,
        stored: Stored<'_>,
        now: Now,
    ) -> Result<(Bytes, Option<u8>), Refused> {
        let Stored { user, entry, content, identifier, message_octets, place } = stored;
        let octets = (&entry.envelope, content);
        let acts = self.acts((user, entry.mailbox), now, octets, &entry.children)?;
        here.changes.extend(acts.changes);
        here.effects.push(Effect::Delivered {
            mailbox: user.key.clone(),
            mta: self.settings.local_mta.name.to_string(),
            identifier: identifier.to_string(),
            report: message_octets.is_none(),
            envelope: entry.envelope.clone(),
            content_bytes: message_octets.unwrap_or(0),
            place,
        });
        here.effects.extend(acts.effects.into_iter().map(|effect| effect.at(place)));
        Ok((acts.amendment, acts.status))
    }
}

/// An entry that is to be stored.
struct Stored<'a> {
    user: &'a User,
    entry: &'a NewEntry,
    content: &'a Bytes,
    identifier: &'a MTSIdentifier,
    /// How long a message is; none: it is a report.
    message_octets: Option<u64>,
    /// Which of the entries of its transaction it is.
    place: usize,
}

impl<'a> Stored<'a> {
    fn message(
        user: &'a User,
        entry: &'a NewEntry,
        content: &'a Bytes,
        mail: &Mail<'a>,
        place: usize,
    ) -> Self {
        let (identifier, message_octets) = (mail.identifier, Some(mail.content_octets));
        Self { user, entry, content, identifier, message_octets, place }
    }

    fn report(
        user: &'a User,
        entry: &'a NewEntry,
        content: &'a Bytes,
        identifier: &'a MTSIdentifier,
        place: usize,
    ) -> Self {
        Self { user, entry, content, identifier, message_octets: None, place }
    }
}

/// A content with its entries, where there are any.
fn stored(content: Bytes, entries: Vec<NewEntry>, now: Now) -> Option<NewContent> {
    let content = vec![content];
    (!entries.is_empty()).then_some(NewContent { content, creation_time: now.0, entries })
}

/// How many entries changes store.
fn stored_by(changes: &[Change]) -> usize {
    let entries = |change: &Change| match change {
        Change::Store(content) => content.entries.len(),
        _ => 0,
    };
    changes.iter().map(entries).sum()
}

/// The messages that are forwarded in a content.
fn children(mail: &Mail<'_>, content: &Bytes) -> Vec<Child> {
    match is_personal(&mail.content_type.oid()) {
        true => forwarded_children(content, 0, None),
        false => Vec::new(),
    }
}

/// What an entry takes beside its content, about, octets.
fn bytes_of(entry: &NewEntry) -> usize {
    const FIXED: usize = 64;
    let children = entry.children.iter().map(|child| child.envelope.len() + FIXED);
    children.sum::<usize>() + entry.envelope.len() + FIXED
}
