//! What the MTA answered, on its way back: passed to the user as it came, and what is to be kept
//! of it committed in one transaction before.

use restante_ber::{Any, Bytes, Decode, Encode, Null, Reader, Rope, Tag, Tagging, Writer};
use restante_mhs::x411::{MTSAbstractError, MTSIdentifier};
use restante_mhs::x413::{
    AutoActionErrorIndication, CommonSubmissionResults, RetrievalStatus, ServiceProblem,
};
use restante_mhs::x419::{Edition, Port, mts_access};
use restante_storage::{Change, MailboxId, NewContent, NewEntry, Storage, Transaction};

use super::argument::wrapped;
use super::{Keep, Pending, Subject, Token, length, not_now};
use crate::auto_action::Acts;
use crate::class::{SUBMISSION, SUBMISSION_LOG};
use crate::deliver::forwarded_children;
use crate::due::Work;
use crate::extract::{PROBED, SUBMITTED, log_envelope};
use crate::seam::{Created, fault, mts_error, null_result};
use crate::{Effect, MessageStore, Now, Outcome, Reply, auto_action, registration};

/// Why nothing more is passed to the MTA.
const BUSY: &str = "as many submissions wait as may";

/// The originator has seen what it sent.
pub(super) const PROCESSED: u8 = 2;
const _: () = assert!(RetrievalStatus::PROCESSED.0 == 2);

/// What became of an operation that was to be invoked on the MTA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// The MTA's result.
    Result(Option<Bytes>),
    /// The MTA's error.
    Error {
        /// Its code.
        code: i64,
        /// Its parameter, a whole element.
        parameter: Option<Bytes>,
    },
    /// The MTA can't be bound to.
    NotBound {
        /// Why, for people.
        reason: String,
    },
    /// Too many submissions wait.
    Busy,
    /// The MTA may have got it, but has not answered, or not with an answer.
    Unanswered {
        /// Why, for people.
        reason: String,
    },
}

/// What the built-in MTA does with a submission that it takes.
#[derive(Debug, Default)]
pub(crate) struct Here {
    /// The content that was submitted, with entries that have it.
    pub(crate) content: Option<NewContent>,
    /// All else that is to be done, behind it.
    pub(crate) changes: Vec<Change>,
    /// What is to be done or told then.
    pub(crate) effects: Vec<Effect>,
    /// The work that delivers it later.
    pub(crate) waits: Option<Work>,
    /// The places of the recipients of whom it is held.
    pub(crate) held: Vec<u32>,
}

impl<S: Storage> MessageStore<S> {
    /// Finishes what a token stands for: its outcome has the reply to the user.
    pub fn complete(&self, token: &Token, passed: Passed, now: Now) -> Outcome {
        let pending = &*token.0;
        let edition = pending.binding.edition;
        if let Subject::Register = pending.subject {
            return registered(pending, passed);
        }
        let cancels = matches!(pending.subject, Subject::Cancel(_));
        let refused = match &passed {
            Passed::Error { code, parameter } if is_final(*code) => {
                Some(auto_action::refused(*code, parameter.clone()))
            }
            _ => None,
        };
        let (reply, reason) = match passed {
            Passed::Result(result) => match self.taken(pending, result, now) {
                Ok(outcome) => return outcome,
                Err(reason) => {
                    (not_now(edition, cancels, ServiceProblem::UNAVAILABLE), reason.to_owned())
                }
            },
            Passed::Error { code, parameter } if is_of_operation(cancels, code) => {
                let reason = format!("the MTA's error {}", text(code, parameter.as_ref()));
                (error(code, Port::Submission, parameter), reason)
            }
            Passed::Error { code, .. } => {
                let reason = format!("the MTA's error {code}, which the operation does not have");
                (not_now(edition, cancels, ServiceProblem::UNAVAILABLE), reason)
            }
            Passed::NotBound { reason } => {
                (mts_error(&MTSAbstractError::RemoteBindError, Port::Submission), reason)
            }
            Passed::Busy => (not_now(edition, cancels, ServiceProblem::BUSY), BUSY.to_owned()),
            Passed::Unanswered { reason } => {
                (not_now(edition, cancels, ServiceProblem::UNAVAILABLE), reason)
            }
        };
        let mailbox = pending.binding.user.key.clone();
        let outcome = Outcome::now(reply.clone()).with(Effect::NotSubmitted { mailbox, reason });
        let (changes, acted) = match pending.errand.as_ref().zip(refused) {
            Some((errand, error)) => {
                self.errand_failed(pending.binding.mailbox, errand, now, error)
            }
            None => (self.refusal(pending, &reply, now).into_iter().collect(), Vec::new()),
        };
        let outcome = acted.into_iter().fold(outcome, Outcome::with);
        match changes.is_empty() {
            true => outcome,
            false => outcome.after(self.storage.commit(Transaction { changes }), reply),
        }
    }

    /// The MTA has taken it.
    fn taken(
        &self,
        pending: &Pending,
        result: Option<Bytes>,
        now: Now,
    ) -> Result<Outcome, &'static str> {
        let operation = pending.subject.operation();
        if let Subject::Cancel(identifier) = &pending.subject {
            let mailbox = pending.binding.user.key.clone();
            let reply = null_result(operation, Port::Submission);
            let outcome = Outcome::now(reply.clone()).with(Effect::Cancelled { mailbox });
            // It is cancelled, whether or not its entries can be told so.
            return Ok(match self.cancelled(pending, identifier, now) {
                Ok(amendments) if amendments.is_empty() => outcome,
                Ok(amendments) => outcome.after(amendments.commit(Vec::new()), reply),
                Err(error) => outcome.with(fault(&error)),
            });
        }
        let result = result.ok_or("the MTA's result is empty")?;
        let identifier = identifier(&result).ok_or("the MTA's result can't be read")?;
        Ok(self.keep(pending, (&identifier, result), now, None))
    }

    /// The entry that a submission becomes, modified, and what that did.
    fn made_of(&self, pending: &Pending, result: &Bytes, now: Now) -> (Option<NewEntry>, Acts) {
        let (entry, content) = match pending.keep {
            Keep::Stored => {
                let content = pending.subject.content().into_iter().next();
                (stored(pending, result), content.unwrap_or_default())
            }
            Keep::Logged => (logged(pending, result, now), Bytes::new()),
            Keep::Nothing | Keep::Draft => (None, Bytes::new()),
        };
        let Some(mut entry) = entry else { return (None, Acts::default()) };
        entry.amendment = pending.amendment.clone();
        let modified = (!pending.unmodified)
            .then(|| self.auto_modify((&pending.binding.user, now), &mut entry, &content).ok());
        // What the MTA has taken is stored also where registrations can't be read.
        (Some(entry), modified.flatten().unwrap_or_default())
    }

    /// Keeps what is to be kept of a submission that was taken, in one transaction with what was
    /// done with it `here`.
    pub(crate) fn keep(
        &self,
        pending: &Pending,
        (identifier, result): (&MTSIdentifier, Bytes),
        now: Now,
        here: Option<Here>,
    ) -> Outcome {
        let Pending { binding, subject, keep, .. } = pending;
        let reply = Reply::Result {
            operation: subject.operation(),
            port: Port::Submission,
            value: Rope::from(result.clone()),
        };
        // Whatever becomes of the commit: what an MTA has taken is submitted, and an error would
        // have it submitted again.
        let failure = match here {
            None => reply.clone(),
            Some(_) => not_now(binding.edition, false, ServiceProblem::UNAVAILABLE),
        };
        let here = here.unwrap_or_default();
        let waits = (pending.deferred, here.waits);
        let (remembered, due) = self.remember(identifier, &binding.user.key, waits, now);
        let stored = *keep == Keep::Stored;
        let (entry, modified) = self.made_of(pending, &result, now);
        let mut content = here.content;
        let own = entry.and_then(|entry| subject.stored(entry, stored, &mut content, now));
        let mut changes: Vec<_> = own.into_iter().chain(content).map(Change::Store).collect();
        changes.extend(here.changes);
        changes.extend(remembered);
        let errand = pending.errand.as_ref();
        let done = errand.map(|errand| self.errand_done(binding.mailbox, errand, now));
        let (done, acted) = done.unwrap_or_default();
        changes.extend(done);
        let failed = modified.failed();
        let behind = numbers_in(&changes, binding.mailbox);
        // What can't be looked up now is nothing that would keep this from being stored.
        let logs = self.log_modified(modified, binding.mailbox, behind, now);
        let (logs, modifies) = logs.unwrap_or_default();
        changes.extend(logs);
        let correlation = stored.then(|| self.correlation(binding.mailbox, now)).flatten();
        let (correlation, correlates) = correlation.unzip();
        changes.extend(correlation);
        let commit = self.storage.commit(Transaction { changes });
        let effect = Effect::Submitted {
            mailbox: binding.user.key.clone(),
            identifier: identifier.to_string(),
            probe: matches!(subject, Subject::Probe { .. }),
            stored_bytes: stored.then_some(subject.content_bytes()),
        };
        let outcome = Outcome::now(reply).after(commit, failure).with(effect).with(due);
        let effects = here.effects.into_iter().chain(correlates).chain(acted).chain(modifies);
        let outcome = effects.fold(outcome, Outcome::with);
        match binding.edition {
            Edition::E1994 if pending.makes_entry() => {
                outcome.with_created(Created::InResult(result, failed))
            }
            _ => outcome,
        }
    }
}

/// What became of a registration.
fn registered(pending: &Pending, passed: Passed) -> Outcome {
    let edition = pending.binding.edition;
    let mailbox = pending.binding.user.key.clone();
    let (reply, reason) = match passed {
        Passed::Result(result) => {
            let reply = registration::result(edition, result);
            return Outcome::now(reply).with(Effect::Registered { mailbox });
        }
        Passed::Error { code, parameter } => {
            let reason = format!("the MTA's error {}", text(code, parameter.as_ref()));
            match registration::is_of_register(edition, code) {
                true => (error(code, Port::Administration, parameter), reason),
                false => (registration::not_now(edition), reason),
            }
        }
        Passed::NotBound { reason } | Passed::Unanswered { reason } => {
            (registration::not_now(edition), reason)
        }
        Passed::Busy => (registration::not_now(edition), BUSY.to_owned()),
    };
    let reason = format!("not registered: {reason}");
    Outcome::now(reply).with(Effect::RegistrationRefused { mailbox, reason })
}

/// What the MTA named it; all else in a result is the user agent's to read.
fn identifier(result: &Bytes) -> Option<MTSIdentifier> {
    let element = Reader::over(result).only().ok()?;
    let mut members = element.children().ok()?;
    while let Some(member) = members.next_element().ok()? {
        if MTSIdentifier::accepts(member.tag) {
            return MTSIdentifier::decode(&member).ok();
        }
    }
    None
}

/// The envelope of what a submission becomes: its own and the result under one tag.
fn both(pending: &Pending, result: &Bytes) -> Option<Bytes> {
    let (tag, envelope) = match &pending.subject {
        Subject::Message { envelope, .. } => (SUBMITTED, envelope),
        Subject::Probe { envelope } => (PROBED, envelope),
        Subject::Cancel(_) | Subject::Register => return None,
    };
    let both: Rope = [envelope.clone(), result.clone()].into_iter().collect();
    Some(wrapped(tag, both).to_bytes())
}

/// The entry that a submission becomes.
fn stored(pending: &Pending, result: &Bytes) -> Option<NewEntry> {
    let envelope = both(pending, result)?;
    let mut entry = NewEntry::new(pending.binding.mailbox, SUBMISSION, PROCESSED, envelope);
    if let Subject::Message { content, personal: true, .. } = &pending.subject {
        entry.children = forwarded_children(&content.to_bytes(), 0, None);
    }
    for child in &mut entry.children {
        child.class = SUBMISSION;
        child.status = PROCESSED;
    }
    Some(entry)
}

/// The entry that it becomes in the log alone, which has no content.
fn logged(pending: &Pending, result: &Bytes, now: Now) -> Option<NewEntry> {
    let envelope = both(pending, result)?;
    let content = match &pending.subject {
        Subject::Message { content, .. } => content.to_bytes(),
        _ => Bytes::new(),
    };
    let envelope = log_envelope(&envelope, &content, now.0);
    Some(NewEntry::new(pending.binding.mailbox, SUBMISSION_LOG, PROCESSED, envelope))
}

/// How many numbers of a mailbox changes give out.
fn numbers_in(changes: &[Change], mailbox: MailboxId) -> u32 {
    let entries = changes.iter().flat_map(|change| match change {
        Change::Store(content) => content.entries.as_slice(),
        _ => &[],
    });
    let numbers = |entry: &NewEntry| entry.children.len().saturating_add(1);
    let sum = entries.filter(|entry| entry.mailbox == mailbox).map(numbers).sum::<usize>();
    u32::try_from(sum).unwrap_or(u32::MAX)
}

impl Subject {
    /// Has the entry that it becomes stored first: with the content that is delivered here, where
    /// it has that, else with its own.
    fn stored(
        &self,
        entry: NewEntry,
        whole: bool,
        delivered: &mut Option<NewContent>,
        now: Now,
    ) -> Option<NewContent> {
        let shares = whole && !matches!(self, Self::Probe { .. });
        match delivered {
            // What waits in the queue may be called by a later time than this.
            Some(content) if shares && content.creation_time == now.0 => {
                content.entries.insert(0, entry);
                None
            }
            _ => Some(NewContent {
                content: if whole { self.content() } else { vec![Bytes::new()] },
                creation_time: now.0,
                entries: vec![entry],
            }),
        }
    }

    /// The content of the entry that it becomes.
    fn content(&self) -> Vec<Bytes> {
        match self {
            Self::Message { content, .. } => vec![content.to_bytes()],
            _ => Vec::new(),
        }
    }

    fn content_bytes(&self) -> u64 {
        match self {
            Self::Message { content, .. } => length(content.len()),
            _ => 0,
        }
    }
}

/// A result with the number of the entry that was made (1994), and whether an auto-action failed;
/// as it is where it is no SET.
pub(crate) fn with_created(result: &Bytes, number: u32, failed: bool) -> Rope {
    let Ok(element) = Reader::over(result).only() else { return Rope::from(result.clone()) };
    let added = CommonSubmissionResults {
        created_entry: Some(number.into()),
        auto_action_error_indication: indicated(failed),
        ms_submission_result_extensions: None,
    };
    let mut writer = Writer::new();
    added.encode_tagged(Tag::context(4), Tagging::Explicit, &mut writer);
    writer.octets(element.contents());
    writer.header(element.tag, true, writer.len());
    writer.finish()
}

/// That an auto-action failed; which entry of the log says so has no number yet.
pub(super) fn indicated(failed: bool) -> Option<AutoActionErrorIndication> {
    failed.then_some(AutoActionErrorIndication::IndicationOnly(Null))
}

/// Whether a cancellation, or else a submission, has an error.
fn is_of_operation(cancels: bool, code: i64) -> bool {
    let cancellation = [
        mts_access::ERR_MESSAGE_SUBMISSION_IDENTIFIER_INVALID,
        mts_access::ERR_DEFERRED_DELIVERY_CANCELLATION_REJECTED,
        mts_access::ERR_REMOTE_BIND_ERROR,
    ];
    let submission = [
        mts_access::ERR_SUBMISSION_CONTROL_VIOLATED,
        mts_access::ERR_ORIGINATOR_INVALID,
        mts_access::ERR_RECIPIENT_IMPROPERLY_SPECIFIED,
        mts_access::ERR_ELEMENT_OF_SERVICE_NOT_SUBSCRIBED,
        mts_access::ERR_INCONSISTENT_REQUEST,
        mts_access::ERR_SECURITY_ERROR,
        mts_access::ERR_UNSUPPORTED_CRITICAL_FUNCTION,
        mts_access::ERR_REMOTE_BIND_ERROR,
    ];
    if cancels { cancellation.contains(&code) } else { submission.contains(&code) }
}

/// Whether an error of submission is one that the same submission will always have.
fn is_final(code: i64) -> bool {
    let later = [mts_access::ERR_SUBMISSION_CONTROL_VIOLATED, mts_access::ERR_REMOTE_BIND_ERROR];
    !later.contains(&code)
}

/// An error of the MTA's, its parameter as it came; NULL where it sent none.
fn error(code: i64, port: Port, parameter: Option<Bytes>) -> Reply {
    let parameter = parameter.map_or_else(|| Null.to_rope(), Rope::from);
    Reply::Error { code, port, parameter: Some(parameter) }
}

/// The name of an error, or its number.
fn text(code: i64, parameter: Option<&Bytes>) -> String {
    match MTSAbstractError::of_parts(code, parameter.cloned().map(Any).as_ref()) {
        Ok(error) => error.to_string(),
        Err(_) => code.to_string(),
    }
}
