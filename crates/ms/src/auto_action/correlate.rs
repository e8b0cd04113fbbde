//! Correlation: auto-correlate-reports (X.413 §13) here, that of messages and notifications
//! (ipm-auto-correlate, X.420 §20.3) in `correlated`. Two entries that are about each other are
//! told of each other by attributes that are added to both.
//!
//! What comes, or was submitted, is correlated by work that is due at once, put there by the
//! transaction that stores it: only then the numbers of both entries are known. It adds what is
//! not there yet, so that it may be done again. It is done to entries of the classes delivery and
//! submission, and refuses to look at what was there before it was registered, except for what
//! the entry that comes is about.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use restante_ber::{Decode, Encode, Null};
use restante_directory::User;
use restante_mhs::x411::{
    MTSIdentifier, ORAddress, ORName, OriginatorReportRequest, PerRecipientReportDeliveryFields,
    Priority, ReportType,
};
use restante_mhs::x413::{PerRecipientReport, ReportLocation, ReportSummary, SequenceNumber};
use restante_storage::{
    Change, EntryRow, Family, MailboxId, Query, Storage, StorageError, Test, TextField, TextMatch,
};

use super::arrival::{Acts, Arrived};
use super::{Action, Rule};
use crate::amend::Amendments;
use crate::attributes::{Amendment, EntryReader, Key};
use crate::class::{DELIVERY, SUBMISSION};
use crate::due::{Done, Kind, Rank, Work};
use crate::extract::kind;
use crate::matching::names::mts_identifier;
use crate::{Effect, MessageStore, Now};

/// Of how many recipients of one submission it is told what came, and how many reports about
/// others are told.
const RECIPIENTS_MAX: usize = 1024;

/// What a transaction with entries of a mailbox has correlated.
fn work(mailbox: MailboxId, created: Now) -> Work {
    Work {
        rank: Rank::of(Priority::NORMAL),
        at: created,
        kind: Kind::Correlate,
        identity: Bytes::copy_from_slice(&mailbox.get().to_be_bytes()),
    }
}

impl<S: Storage> MessageStore<S> {
    /// What has entries correlated that a transaction stores now; nothing where that is not
    /// registered.
    pub(crate) fn correlation(&self, mailbox: MailboxId, now: Now) -> Option<(Change, Effect)> {
        let correlates = |rule: &Arc<Rule>| {
            matches!(rule.action, Action::CorrelateReports | Action::CorrelateMessages)
        };
        let rules = self.auto_actions.rules(&*self.storage, mailbox);
        // Where they can't be read now, the work finds out.
        let wanted = rules.map_or(true, |rules| rules.iter().any(correlates));
        let work = wanted.then(|| work(mailbox, now))?;
        Some((work.put(Bytes::new()), Effect::Due { at: work.at }))
    }

    /// Correlates what one transaction stored.
    pub(crate) fn correlate(&self, work: &Work, now: Now) -> Result<Done, StorageError> {
        let gone = || Ok(self.done(vec![work.remove()], Vec::new()));
        let number = work.identity.as_ref().try_into().map(u32::from_be_bytes);
        let Some(mailbox) = number.ok().and_then(MailboxId::new) else { return gone() };
        let rules = match self.auto_actions.rules(&*self.storage, mailbox) {
            Ok(rules) => rules,
            Err(StorageError::NoMailbox(_)) => return gone(),
            Err(error) => return Err(error),
        };
        let mut acts = Acts::default();
        let mut amendments = self.amending.begin(&*self.storage, mailbox);
        let query = Query {
            creation_time: work.at.0..=work.at.0,
            classes: vec![DELIVERY, SUBMISSION],
            family: Family::MainOnly,
            ..Query::default()
        };
        let came = self.storage.select(mailbox, &query)?;
        for rule in rules.iter() {
            for row in came.iter() {
                let done = match rule.action {
                    Action::CorrelateReports => {
                        self.correlate_reports(&mut amendments, mailbox, row)?
                    }
                    Action::CorrelateMessages => {
                        self.correlate_messages(&mut amendments, mailbox, row)?
                    }
                    _ => continue,
                };
                if done {
                    acts.log(rule, Some(row.number), None);
                }
            }
        }
        let user = User::new(ORAddress::default());
        let nobody = Arrived::nothing((&user, mailbox), now);
        let (mut changes, effects) = self.finished(acts, &nobody, None)?;
        changes.push(work.remove());
        Ok(Done { commit: amendments.commit(changes), effects })
    }

    /// Correlates a report with its subject, or a submission with reports that were quicker;
    /// whether there was any.
    fn correlate_reports(
        &self,
        amendments: &mut Amendments<'_, S>,
        mailbox: MailboxId,
        row: EntryRow<'_>,
    ) -> Result<bool, StorageError> {
        const SUBMITTED: [u8; 2] = [kind::SUBMITTED_MESSAGE, kind::SUBMITTED_PROBE];
        let submitted = SUBMITTED.contains(&row.kind);
        let (class, kinds) = match row.kind {
            kind::REPORT => (SUBMISSION, SUBMITTED.to_vec()),
            _ if submitted => (DELIVERY, vec![kind::REPORT]),
            _ => return Ok(false),
        };
        let Some(identifier) = self.submission_identifier(mailbox, row)? else {
            return Ok(false);
        };
        if submitted {
            let recipients = self.recipients(mailbox, row)?;
            let amendment = amendments.of(row)?;
            Told::of(amendment, &recipients.initial).note(amendment);
        }
        let text = TextMatch::Equals(row.message_id.to_owned());
        let query = Query {
            classes: vec![class],
            family: Family::MainOnly,
            tests: vec![Test::Kind(kinds), Test::Text(TextField::MessageId, text)],
            ..Query::default()
        };
        let mut found = false;
        for other in self.storage.select(mailbox, &query)?.iter() {
            if self.submission_identifier(mailbox, other)?.as_ref() == Some(&identifier) {
                let (report, subject) = if submitted { (other, row) } else { (row, other) };
                self.correlate_report(amendments, mailbox, report, subject)?;
                found = true;
            }
        }
        Ok(found)
    }

    /// What the MTA named a submission, or the subject of a report, as what is compared.
    pub(crate) fn submission_identifier(
        &self,
        mailbox: MailboxId,
        row: EntryRow<'_>,
    ) -> Result<Option<String>, StorageError> {
        let key = match row.kind {
            kind::REPORT => Key::SUBJECT_SUBMISSION_IDENTIFIER,
            _ => Key::MESSAGE_IDENTIFIER,
        };
        let value = EntryReader::new(&*self.storage, mailbox, row).values(key)?.pop();
        let identifier = value.and_then(|value| value.to::<MTSIdentifier>().ok());
        Ok(identifier.as_ref().map(mts_identifier))
    }

    /// Who gets a submission, and what is told of each at first.
    fn recipients(
        &self,
        mailbox: MailboxId,
        subject: EntryRow<'_>,
    ) -> Result<Recipients, StorageError> {
        let entry = EntryReader::new(&*self.storage, mailbox, subject);
        let mut recipients = Recipients::default();
        let requests = entry.values(Key::ORIGINATOR_REPORT_REQUEST)?;
        let names = entry.values(Key::RECIPIENT_NAMES)?;
        for (place, (name, request)) in names.iter().zip(requests).take(RECIPIENTS_MAX).enumerate()
        {
            if let Ok(name) = name.to::<ORName>() {
                recipients.places.entry(name.address.key()).or_insert(place);
            }
            let request = request.to::<OriginatorReportRequest>().unwrap_or_default();
            recipients.initial.push(match request {
                one if one.has(OriginatorReportRequest::REPORT) => {
                    ReportSummary::REPORT_OUTSTANDING
                }
                one if one.has(OriginatorReportRequest::NON_DELIVERY_REPORT) => {
                    ReportSummary::NO_REPORT_RECEIVED
                }
                _ => ReportSummary::NO_REPORT_REQUESTED,
            });
        }
        Ok(recipients)
    }

    fn correlate_report(
        &self,
        amendments: &mut Amendments<'_, S>,
        mailbox: MailboxId,
        report: EntryRow<'_>,
        subject: EntryRow<'_>,
    ) -> Result<(), StorageError> {
        let recipients = self.recipients(mailbox, subject)?;
        let entry = EntryReader::new(&*self.storage, mailbox, report);
        let fields = entry.values(Key::PER_RECIPIENT_REPORT_DELIVERY_FIELDS)?;
        let amendment = amendments.of(subject)?;
        let mut told = Told::of(amendment, &recipients.initial);
        for (position, field) in (1..).zip(fields) {
            let report_entry = SequenceNumber(report.number);
            let Ok(field) = field.to::<PerRecipientReportDeliveryFields>() else { continue };
            told.add(&recipients, PerRecipientReport { report_entry, position }, &field);
        }
        told.note(amendment);
        let of_report = amendments.of(report)?;
        of_report.set_one(Key::AC_REPORT_SUBJECT_ENTRY, &SequenceNumber(subject.number));
        Ok(())
    }
}

/// Who gets a submission.
#[derive(Default)]
struct Recipients {
    /// The place of each, by its address.
    places: HashMap<String, usize>,
    /// What is told of each before a report comes.
    initial: Vec<ReportSummary>,
}

/// What is told of the reports on a submission.
struct Told {
    of_recipients: Vec<(ReportLocation, ReportSummary)>,
    of_others: Vec<PerRecipientReport>,
}

impl Told {
    /// What an entry says already, else that nothing came.
    fn of(amendment: &Amendment, initial: &[ReportSummary]) -> Self {
        let known = read::<ReportLocation>(amendment, Key::AC_CORRELATED_REPORT_LIST)
            .into_iter()
            .zip(read(amendment, Key::AC_REPORT_SUMMARY));
        let cancelled = !amendment.values(Key::DEFERRED_DELIVERY_CANCELLATION_TIME).is_empty();
        let at_first = |one| if cancelled { ReportSummary::DELIVERY_CANCELLED } else { one };
        let nothing =
            initial.iter().map(|one| (ReportLocation::NoCorrelatedReports(Null), at_first(*one)));
        // None of the places of those that are known has changed.
        let mut of_recipients: Vec<_> = known.collect();
        of_recipients.extend(nothing.skip(of_recipients.len()));
        Self { of_recipients, of_others: read(amendment, Key::AC_UNCORRELATED_REPORT_LIST) }
    }

    /// Adds what a report says of one recipient.
    fn add(
        &mut self,
        recipients: &Recipients,
        report: PerRecipientReport,
        field: &PerRecipientReportDeliveryFields,
    ) {
        let actual = field.actual_recipient_name.address.key();
        let intended = field.originally_intended_recipient_name.as_ref();
        let intended = intended.map_or_else(|| actual.clone(), |name| name.address.key());
        let delivered = matches!(field.report_type, ReportType::Delivery(_));
        let summary = match (delivered, actual == intended) {
            (true, true) => ReportSummary::DELIVERY_REPORT_FROM_INTENDED_RECIPIENT,
            (false, true) => ReportSummary::NON_DELIVERY_REPORT_FROM_INTENDED_RECIPIENT,
            (true, false) => ReportSummary::DELIVERY_REPORT_FROM_ANOTHER_RECIPIENT,
            (false, false) => ReportSummary::NON_DELIVERY_REPORT_FROM_ANOTHER_RECIPIENT,
        };
        let place = recipients.places.get(&intended);
        match place.and_then(|place| self.of_recipients.get_mut(*place)) {
            Some((location, known)) => {
                let mut reports = match location {
                    ReportLocation::NoCorrelatedReports(_) => Vec::new(),
                    ReportLocation::Location(reports) => core::mem::take(reports),
                };
                if !reports.contains(&report) && reports.len() < RECIPIENTS_MAX {
                    reports.push(report);
                    *known = summary;
                }
                *location = ReportLocation::Location(reports);
            }
            None if self.of_others.len() < RECIPIENTS_MAX && !self.of_others.contains(&report) => {
                self.of_others.push(report);
            }
            None => {}
        }
    }

    fn note(&self, amendment: &mut Amendment) {
        let (locations, summaries): (Vec<_>, Vec<_>) = self
            .of_recipients
            .iter()
            .map(|(location, summary)| (location.to_ber(), summary.to_ber()))
            .unzip();
        amendment.set(Key::AC_CORRELATED_REPORT_LIST, locations);
        amendment.set(Key::AC_REPORT_SUMMARY, summaries);
        let others = self.of_others.iter().map(Encode::to_ber).collect();
        amendment.set(Key::AC_UNCORRELATED_REPORT_LIST, others);
    }
}

/// What an amendment says of an attribute.
pub(super) fn read<T: Decode>(amendment: &Amendment, key: Key) -> Vec<T> {
    amendment.values(key).iter().filter_map(|octets| T::from_bytes(octets).ok()).collect()
}
