//! From operations to audit records: what is noted of one before it is carried out, what its
//! record says once it is answered, and the records of deliveries, which follow from what was
//! stored.
//!
//! Keywords and keys are the administration guide's. Beyond them each record says how the
//! operation ended (`result`) and in whose mailbox it was done.

use std::sync::Arc;

use restante_ber::{Bytes, Decode, Reader, Rope};
use restante_client::{p3, p7};
use restante_mhs::{
    x411::{
        ContentType, MTSIdentifier, MessageDeliveryEnvelope, MessageSubmissionEnvelope,
        MessageSubmissionResult, Priority, ProbeSubmissionResult, ReportDeliveryEnvelope, Time,
    },
    x413::{
        AutoActionError, Code as ErrorCode, DeleteItems, FetchItem, MSMessageSubmissionResult,
    },
    x419::Edition,
    x420::{Heading, IPMIdentifier, IPN},
};
use restante_ms::{Acted, ActedOn, Delivery, Effect, Operation, Reply, Submission, Submit};
use restante_osi::x880::Code;
use restante_storage::{Committed, NumberSet};
use restante_view::audit::Keyword;

use super::{Audit, Logging};
use crate::{admin::auto_actions::name_of, effect::number};

/// The longest content whose heading is looked at, where it is not in one piece; octets.
const CONTENT_OCTETS_MAX: usize = 1 << 20;

/// What becomes of an operation that nobody waits for any more.
const UNANSWERED: &str = "unanswered: the association ended before it was";

/// What is noted of an operation until it is answered. Dropped before that, it is written that
/// nobody was told how the operation ended.
pub(crate) struct Note {
    logging: Arc<Logging>,
    /// Until it is written.
    audit: Option<Audit>,
    /// Whether it is a delivery, of which what was stored tells, unless it fails.
    delivery: bool,
}

impl Drop for Note {
    fn drop(&mut self) {
        if let Some(mut audit) = self.audit.take() {
            audit.put("result", UNANSWERED);
            self.logging.put(audit);
        }
    }
}

impl Note {
    /// What an operation of a user agent is to do, and its record where there is one before its
    /// answer; `None` where nobody wants to know.
    pub(crate) fn of_operation(
        logging: &Arc<Logging>,
        association: u64,
        mailbox: &str,
        operation: &Operation,
    ) -> Option<Self> {
        logging.audits().then(|| {
            if let Operation::Submission(submission) = operation {
                return Self::of_submission(logging, association, mailbox, submission);
            }
            let keyword = match operation {
                Operation::Summarize(_) => Keyword::Summarize,
                Operation::List(_) => Keyword::List,
                Operation::Fetch(_) => Keyword::Fetch,
                Operation::Delete(_) => Keyword::Delete,
                Operation::Modify(_) => Keyword::Modify,
                Operation::RegisterMS(_) => Keyword::RegisterMs,
                Operation::Register(_) => Keyword::Register,
                Operation::ChangeCredentials(_) => Keyword::ChangeCredentials,
                Operation::Submission(_) => Keyword::SubmitMessage,
            };
            let mut audit = begun(logging, keyword, association);
            match operation {
                Operation::Fetch(argument) => {
                    if let FetchItem::Precise(number) = &argument.item {
                        audit.put("p7-seqnum", number.0);
                    }
                }
                Operation::Delete(argument) => {
                    if let DeleteItems::SequenceNumbers(numbers) = &argument.items {
                        let numbers: NumberSet = numbers.0.iter().map(|one| one.0).collect();
                        audit.put("p7-seqnum", ranges(&numbers));
                    }
                }
                _ => {}
            }
            audit.put("mailbox", mailbox);
            Self::new(logging, audit)
        })
    }

    /// What an MTA delivers, or else wants; `None` where nobody wants to know.
    pub(crate) fn of_delivery(
        logging: &Arc<Logging>,
        association: u64,
        mta: &str,
        delivery: &Delivery,
    ) -> Option<Self> {
        logging.audits().then(|| {
            let keyword = match delivery {
                Delivery::Message { .. } => Keyword::DeliverMessage,
                Delivery::Report { .. } => Keyword::DeliverReport,
                Delivery::ChangeCredentials(_) => Keyword::ChangeCredentials,
            };
            let mut audit = begun(logging, keyword, association);
            match delivery {
                Delivery::Message { envelope, content, .. } => {
                    audit.message(envelope);
                    audit.put("octets", content.len());
                }
                Delivery::Report { envelope, .. } => audit.report(envelope),
                Delivery::ChangeCredentials(_) => {}
            }
            audit.put("mtaname", mta);
            let mut note = Self::new(logging, audit);
            note.delivery = !matches!(delivery, Delivery::ChangeCredentials(_));
            note
        })
    }

    /// What the store submits by itself; `None` where nobody wants to know.
    pub(crate) fn of_errand(logging: &Arc<Logging>, submit: &Submit) -> Option<Self> {
        if !logging.audits() {
            return None;
        }
        let argument = submit.argument.to_bytes();
        let operation = Operation::decode(Edition::E1988, submit.operation, Some(&argument));
        let mailbox = &submit.user.key;
        Self::of_operation(logging, super::BY_ITSELF, mailbox, &operation.ok()?)
    }

    fn new(logging: &Arc<Logging>, audit: Audit) -> Self {
        Self { logging: logging.clone(), audit: Some(audit), delivery: false }
    }

    fn of_submission(
        logging: &Arc<Logging>,
        association: u64,
        mailbox: &str,
        submission: &Submission,
    ) -> Self {
        let begun = |keyword| begun(logging, keyword, association);
        let (mut audit, result, content_id) = match submission {
            Submission::Cancel(identifier) => {
                let mut audit = begun(Keyword::CancelDeferredDelivery);
                audit.put("msgid", &**identifier);
                audit.put("mailbox", mailbox);
                return Self::new(logging, audit);
            }
            Submission::Message { envelope, content, .. } => {
                let mut audit = begun(Keyword::SubmitMessage);
                audit.put("invokeid", logging.invocation());
                audit.submitted(envelope, content);
                (audit, Keyword::SubmitMessageResult, envelope.content_identifier.clone())
            }
            Submission::Probe { envelope, .. } => {
                let mut audit = begun(Keyword::SubmitProbe);
                audit.put("invokeid", logging.invocation());
                audit.put("content-type", &envelope.content_type);
                let content_id = envelope.content_identifier.clone();
                audit.put_some("content-id", content_id.as_ref().map(|id| &id.0));
                audit.put("recipients", envelope.per_recipient_fields.len());
                (audit, Keyword::SubmitProbeResult, content_id)
            }
        };
        audit.put("mailbox", mailbox);
        let mut answer = begun(result);
        let invocation = audit.pairs.iter().find(|(key, _)| *key == "invokeid");
        answer.pairs.extend(invocation.cloned());
        answer.put_some("content-id", content_id.map(|id| id.0));
        answer.put("mailbox", mailbox);
        logging.put(audit);
        Self::new(logging, answer)
    }

    /// The operation is answered: its record is written.
    pub(crate) fn end(mut self, reply: &Reply, effects: &[Effect], committed: Option<&Committed>) {
        let Some(mut audit) = self.audit.take() else { return };
        if self.delivery && matches!(reply, Reply::Result { .. }) {
            return;
        }
        for effect in effects {
            match effect {
                Effect::Read { number, .. } => audit.set("p7-seqnum", number.to_string()),
                Effect::Deleted { numbers, .. } => audit.set("p7-seqnum", ranges(numbers)),
                Effect::Listed { entries, .. } => audit.put("entries", entries),
                Effect::Drafted { .. } => audit.put_some("draft", number(committed, 0)),
                _ => {}
            }
        }
        if let Reply::Result { value, .. } = reply {
            audit.taken(value);
        }
        audit.put("result", result(reply, self.delivery));
        self.logging.put(audit);
    }

    /// The operation is rejected, for this reason.
    pub(crate) fn rejected(mut self, why: &dyn std::fmt::Display) {
        if let Some(mut audit) = self.audit.take() {
            audit.put("result", format_args!("rejected: {why}"));
            self.logging.put(audit);
        }
    }
}

/// A record of what an association does, which is begun.
fn begun(logging: &Logging, keyword: Keyword, association: u64) -> Audit {
    Audit::new(keyword, logging.association(association))
}

/// Writes records of what was delivered, and of what auto-actions did.
pub(crate) fn deliveries(
    logging: &Logging,
    association: u64,
    effects: &[Effect],
    committed: Option<&Committed>,
) {
    if !logging.audits() {
        return;
    }
    for effect in effects {
        let (mailbox, mta, report, envelope) = match effect {
            Effect::Delivered { mailbox, mta, report, envelope, .. }
            | Effect::Repeated { mailbox, mta, report, envelope, .. } => {
                (mailbox, mta, *report, envelope)
            }
            Effect::Acted(acted) => {
                self::acted(logging, association, acted, committed);
                continue;
            }
            _ => continue,
        };
        let keyword = if report { Keyword::DeliverReport } else { Keyword::DeliverMessage };
        logging.audit(keyword, association, |audit| {
            match report {
                true => audit.stored_report(envelope),
                false => audit.stored_message(envelope),
            }
            let result = match effect {
                Effect::Delivered { place, content_bytes, .. } => {
                    audit.put_some("p7-seqnum", number(committed, *place));
                    audit.put("octets", content_bytes);
                    "ok"
                }
                _ => "repeated",
            };
            audit.put("mailbox", mailbox);
            audit.put("mtaname", mta);
            audit.put("result", result);
        });
    }
}

/// Writes a record of what an auto-action did, or why it did not.
fn acted(
    logging: &Logging,
    association: u64,
    Acted { mailbox, entry, run }: &Acted,
    committed: Option<&Committed>,
) {
    logging.audit(Keyword::AutoAction, association, |audit| {
        audit.put("auto-action", name_of(&run.auto_action_type));
        audit.put("registration", run.registration_identifier);
        let number = match entry {
            ActedOn::Number(number) => Some(*number),
            ActedOn::Place(place) => number(committed, *place),
        };
        audit.put_some("p7-seqnum", number);
        audit.put("mailbox", mailbox);
        match &run.error {
            None => audit.put("result", "ok"),
            Some(AutoActionError { error_code: ErrorCode::Local(code), error_parameter }) => {
                let parameter = error_parameter.as_ref().map(|any| &any.0);
                audit.put("result", p7::error_text(&Code::Local(*code), parameter));
            }
            Some(AutoActionError { error_code: ErrorCode::Global(oid), .. }) => {
                audit.put("result", format_args!("error {oid}"));
            }
        }
    });
}

/// What is said of envelopes and contents.
impl Audit {
    /// Has a value for a key, in the place of another.
    fn set(&mut self, key: &'static str, value: String) {
        match self.pairs.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.pairs.insert(0, (key, value)),
        }
    }

    fn stored_message(&mut self, envelope: &Bytes) {
        if let Ok(envelope) = MessageDeliveryEnvelope::from_bytes(envelope) {
            self.message(&envelope);
        }
    }

    fn stored_report(&mut self, envelope: &Bytes) {
        if let Ok(envelope) = ReportDeliveryEnvelope::from_bytes(envelope) {
            self.report(&envelope);
        }
    }

    fn message(&mut self, envelope: &MessageDeliveryEnvelope) {
        self.put("p1msgid", &envelope.message_delivery_identifier);
        self.put("delivery-time", time(envelope.message_delivery_time));
        let fields = &envelope.other_fields;
        self.put("originator", &fields.originator_name.address);
        self.put("content-type", ContentType::from(fields.content_type.clone()));
        self.put_some("content-id", fields.content_identifier.as_ref().map(|id| &id.0));
        self.put("priority", priority(fields.priority));
    }

    fn report(&mut self, envelope: &ReportDeliveryEnvelope) {
        self.put("subjectmsgid", &envelope.subject_submission_identifier);
        self.put_some("content-id", envelope.content_identifier.as_ref().map(|id| &id.0));
        self.put("recipients", envelope.per_recipient_fields.len());
    }

    fn submitted(&mut self, envelope: &MessageSubmissionEnvelope, content: &Rope) {
        self.put("content-type", &envelope.content_type);
        self.put_some("content-id", envelope.content_identifier.as_ref().map(|id| &id.0));
        self.object(&envelope.content_type, content);
        self.put("priority", priority(envelope.priority));
        self.put("recipients", envelope.per_recipient_fields.len());
        self.put("octets", content.len());
    }

    /// What a content of interpersonal messaging is.
    fn object(&mut self, content_type: &ContentType, content: &Rope) {
        let personal = restante_ms::is_personal(&content_type.oid());
        let here = content.len() <= CONTENT_OCTETS_MAX || content.pieces().count() == 1;
        if !personal || !here {
            return;
        }
        let octets = content.to_bytes();
        let Ok(object) = Reader::over(&octets).only() else { return };
        let first = object.children().and_then(|mut fields| fields.next_element());
        match object.tag.number {
            0 => {
                self.put("IOB-type", "IPM");
                let heading = first.ok().flatten().map(|heading| heading.to_bytes());
                let heading = heading.and_then(|octets| Heading::from_bytes(&octets).ok());
                if let Some(heading) = heading {
                    self.put_some("subject", heading.subject_text());
                    self.put("ipmid", identifier(&heading.this_ipm));
                }
            }
            1 => {
                self.put("IOB-type", "IPN");
                if let Ok(notification) = IPN::decode(&object) {
                    self.put("ipmid", identifier(&notification.subject_ipm));
                }
            }
            _ => {}
        }
    }

    /// What the MTA says of what it has taken.
    fn taken(&mut self, value: &Rope) {
        let (of, at): (MTSIdentifier, Time) = match self.keyword {
            Keyword::SubmitMessageResult => {
                match MSMessageSubmissionResult::from_bytes(&value.to_bytes()) {
                    Ok(MSMessageSubmissionResult::MtsResult(result)) => {
                        let MessageSubmissionResult {
                            message_submission_identifier: of,
                            message_submission_time: at,
                            ..
                        } = result.base;
                        (of, at)
                    }
                    _ => return,
                }
            }
            Keyword::SubmitProbeResult => {
                match ProbeSubmissionResult::from_bytes(&value.to_bytes()) {
                    Ok(result) => {
                        (result.probe_submission_identifier, result.probe_submission_time)
                    }
                    Err(_) => return,
                }
            }
            _ => return,
        };
        let at_first = usize::from(!self.pairs.is_empty());
        self.pairs.insert(at_first, ("p1msgid", of.to_string()));
        self.pairs.insert(at_first + 1, ("submission-time", time(at)));
    }
}

/// Numbers as they are written: `3`, `1-4,7`.
fn ranges(numbers: &NumberSet) -> String {
    let range = |range: std::ops::RangeInclusive<u32>| match range.start() == range.end() {
        true => range.start().to_string(),
        false => format!("{}-{}", range.start(), range.end()),
    };
    numbers.ranges().map(range).collect::<Vec<_>>().join(",")
}

/// A time of the standards': UTC, to the second.
fn time(time: Time) -> String {
    restante_view::time::utc(time.0)
}

fn priority(priority: Priority) -> String {
    match priority {
        Priority::NORMAL => "normal".to_owned(),
        Priority::NON_URGENT => "non-urgent".to_owned(),
        Priority::URGENT => "urgent".to_owned(),
        Priority(other) => other.to_string(),
    }
}

fn identifier(of: &IPMIdentifier) -> String {
    restante_view::ipm_identifier(of)
}

/// How an operation ended.
fn result(reply: &Reply, delivery: bool) -> String {
    match reply {
        Reply::Result { .. } => "ok".to_owned(),
        Reply::Error { code, parameter, .. } => {
            let parameter = parameter.as_ref().map(Rope::to_bytes);
            match delivery {
                true => p3::error_text(&Code::Local(*code), parameter.as_ref()),
                false => p7::error_text(&Code::Local(*code), parameter.as_ref()),
            }
        }
        Reply::Reject(problem) => format!("rejected: {problem}"),
        // Nobody is answered so.
        Reply::Later => "later".to_owned(),
    }
}
