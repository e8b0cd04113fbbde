//! Indirect submission (X.413 §8.4): what a user submits is passed to the MTA, and answered when
//! the MTA has answered. It is never kept here as if it were taken. Where there is no MTA the
//! built-in one takes it at once (see `local`).
//!
//! An operation of the submission port comes to an [`Effect::Submit`], whose token brings the
//! MTA's answer back in by [`MessageStore::complete`]. A message or probe that was taken is
//! remembered by its identifier, so that its reports find the mailbox, and stored as an entry of
//! the class submission where the store or submission-options say so.
//!
//! Who submits in another's name is refused here, since the MTA may trust the store.

mod argument;
mod complete;
mod draft;
mod failed;
mod forward;
mod remembered;

use std::sync::Arc;

use restante_ber::{Bytes, Encode, Null, Rope};
use restante_directory::User;
use restante_mhs::x411::{
    MTSAbstractError, MTSIdentifier, MessageSubmissionEnvelope, ORName, Priority, Time,
};
use restante_mhs::x413::{
    EntryClass, EntryClassProblem, MSSubmissionOptions, RetrievalError, ServiceProblem,
};
use restante_mhs::x419::{Edition, Port, mts_access};
use restante_storage::{Storage, StorageError};

use crate::attributes::{Amendment, Key};
use crate::auto_action::{Errand, Ran};
use crate::class::class_error;
use crate::groups;
use crate::seam::{Refusal, abstract_error, fault, known_extensions, mts_error, service_problem};
use crate::{Binding, Effect, MessageStore, Now, Outcome, Reply};
pub use argument::Submission;
pub(crate) use argument::wrapped;
pub use complete::Passed;
pub(crate) use complete::{Here, with_created};
pub(crate) use draft::draft_created;
pub(crate) use forward::{body_part, parameters};

/// An operation that is to be invoked on the MTA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// Brings the answer back in.
    pub token: Token,
    /// In whose name.
    pub user: User,
    /// The operation's code.
    pub operation: i64,
    /// Its argument, a whole element of X.411's type.
    pub argument: Rope,
    /// How urgent it is; a probe and a cancellation are normal.
    pub priority: Priority,
    /// How long the content is, or would be; octets.
    pub content_bytes: u64,
}

/// What an answer of the MTA is about.
#[derive(Clone, Debug)]
pub struct Token(Arc<Pending>);

impl PartialEq for Token {
    /// Whether it is the same submission.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Token {}

impl Token {
    pub(crate) fn pending(&self) -> &Pending {
        &self.0
    }
}

/// A submission that waits for its answer.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) binding: Binding,
    pub(crate) subject: Subject,
    /// What becomes of it here.
    keep: Keep,
    /// What is added to its entry.
    amendment: Bytes,
    /// Whether auto-modify leaves its entry alone.
    unmodified: bool,
    /// When it may be delivered at the earliest.
    deferred: Option<Time>,
    /// The errand that it is, where the store submits by itself.
    errand: Option<Ran>,
}

impl Pending {
    /// Whether an entry is made of it, before all others.
    pub(crate) fn makes_entry(&self) -> bool {
        self.keep != Keep::Nothing
    }
}

/// What becomes here of what is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nothing.
    Nothing,
    /// An entry of the class submission.
    Stored,
    /// An entry of the class submission-log.
    Logged,
    /// It is not submitted: a draft.
    Draft,
}

/// What was submitted: the octets of the envelope, and what else an entry is made of.
#[derive(Debug)]
pub(crate) enum Subject {
    Message { envelope: Bytes, content: Rope, personal: bool },
    Probe { envelope: Bytes },
    Cancel(MTSIdentifier),
    Register,
}

impl Subject {
    fn operation(&self) -> i64 {
        match self {
            Self::Message { .. } => mts_access::OP_MESSAGE_SUBMISSION,
            Self::Probe { .. } => mts_access::OP_PROBE_SUBMISSION,
            Self::Cancel(_) => mts_access::OP_CANCEL_DEFERRED_DELIVERY,
            Self::Register => mts_access::OP_REGISTER,
        }
    }
}

/// What a submission comes to at first.
enum Begun {
    /// The MTA is to have it.
    Submit(Box<Submit>),
    /// It is done.
    Done(Outcome),
}

/// What is to be done with a submission here.
struct Plan {
    keep: Keep,
    amendment: Bytes,
    unmodified: bool,
}

impl Plan {
    const NOTHING: Self = Self { keep: Keep::Nothing, amendment: Bytes::new(), unmodified: false };

    /// What waits for its answer, of this plan.
    fn pending(
        self,
        binding: Binding,
        subject: Subject,
        deferred: Option<Time>,
        errand: Option<Ran>,
    ) -> Token {
        let Self { keep, amendment, unmodified } = self;
        let pending = Pending { binding, subject, keep, amendment, unmodified, deferred, errand };
        Token(Arc::new(pending))
    }
}

impl<S: Storage> MessageStore<S> {
    /// Begins a submission, or does all of it where there is no MTA.
    pub(crate) fn submit(&self, binding: &Binding, now: Now, submission: Submission) -> Outcome {
        let cancels = matches!(submission, Submission::Cancel(_));
        match self.begin(binding, now, submission) {
            Ok(Begun::Submit(submit)) if self.settings.mta.is_none() => self.take(&submit, now),
            Ok(Begun::Submit(submit)) => Outcome::now(Reply::Later).with(Effect::Submit(submit)),
            Ok(Begun::Done(outcome)) => outcome,
            Err(refused) => refused.outcome(binding.edition, cancels),
        }
    }

    fn begin(
        &self,
        binding: &Binding,
        now: Now,
        submission: Submission,
    ) -> Result<Begun, Refused> {
        let operation = submission.code();
        let mut priority = Priority::NORMAL;
        let mut content_bytes = 0;
        let mut deferred = None;
        let (argument, subject, plan) = match submission {
            Submission::Message { envelope, content, options } => {
                check_originator(binding, &envelope.originator_name)?;
                let plan = self.checked_options(binding, options.as_ref(), false)?;
                if plan.keep == Keep::Draft {
                    let draft = self.store_draft(binding, now, &envelope, &content, plan)?;
                    return Ok(Begun::Done(draft));
                }
                (priority, deferred) = (envelope.priority, envelope.deferred_delivery_time);
                let (octets, content) =
                    forward::fulfil(&*self.storage, binding.mailbox, &envelope, content)?;
                content_bytes = length(content.len());
                let subject = message(&envelope, octets.clone(), content.clone());
                (argument_of(octets, content), subject, plan)
            }
            Submission::Probe { envelope, options } => {
                check_originator(binding, &envelope.originator_name)?;
                let plan = self.checked_options(binding, options.as_ref(), true)?;
                let would_be = envelope.content_length.and_then(|n| u64::try_from(n).ok());
                content_bytes = would_be.unwrap_or(0);
                let envelope = envelope.octets().clone();
                (Rope::from(envelope.clone()), Subject::Probe { envelope }, plan)
            }
            Submission::Cancel(identifier) => {
                let octets = identifier.octets().clone();
                let subject = Subject::Cancel(identifier.into_value());
                (Rope::from(octets), subject, Plan::NOTHING)
            }
        };
        let user = binding.user.clone();
        let token = plan.pending(binding.clone(), subject, deferred, None);
        let submit = Submit { token, user, operation, argument, priority, content_bytes };
        Ok(Begun::Submit(Box::new(submit)))
    }

    /// Passes a registration to the MTA, as X.413 has the store do (§6.2).
    pub(crate) fn pass_registration(&self, binding: &Binding, argument: Rope) -> Outcome {
        let submit = Submit {
            token: Plan::NOTHING.pending(binding.clone(), Subject::Register, None, None),
            user: binding.user.clone(),
            operation: mts_access::OP_REGISTER,
            argument,
            priority: Priority::NORMAL,
            content_bytes: 0,
        };
        Outcome::now(Reply::Later).with(Effect::Submit(Box::new(submit)))
    }

    /// What the options, else the settings, have done with a submission.
    fn checked_options(
        &self,
        binding: &Binding,
        options: Option<&MSSubmissionOptions>,
        probe: bool,
    ) -> Result<Plan, Refused> {
        let mut keep = self.keep_by_default(&binding.user);
        let mut amendment = Amendment::default();
        let mut unmodified = false;
        let registered = match options {
            Some(_) => None,
            None => self.submission_defaults(binding)?,
        };
        if let Some(options) = options.or(registered.as_ref()) {
            known_extensions(Edition::E1994, options.ms_submission_extensions.as_ref())
                .map_err(Refused::Ms)?;
            keep = match options.object_entry_class {
                None => keep,
                Some(class) => self.kept_as(class, probe)?,
            };
            let names = options.add_message_group_names.iter().flat_map(|names| &names.0);
            let names: Vec<_> = names.cloned().collect();
            self.check_groups(binding.mailbox, names.iter().cloned())?;
            groups::join(&mut amendment, &names);
            unmodified = options.disable_auto_modify;
        }
        Ok(Plan { keep, amendment: amendment.octets(), unmodified })
    }

    /// What is kept of a user's submission that does not say.
    pub(crate) fn keep_by_default(&self, user: &User) -> Keep {
        let stored = user.store_submissions.unwrap_or(self.settings.store_submissions);
        match (stored, self.settings.logs) {
            (true, _) => Keep::Stored,
            (false, true) => Keep::Logged,
            (false, false) => Keep::Nothing,
        }
    }

    /// What is kept of a submission that is to be of this class.
    fn kept_as(&self, class: EntryClass, probe: bool) -> Result<Keep, Refused> {
        let problem = match class {
            EntryClass::SUBMISSION => return Ok(Keep::Stored),
            EntryClass::DRAFT if !probe => return Ok(Keep::Draft),
            EntryClass::SUBMISSION_LOG if self.settings.logs => return Ok(Keep::Logged),
            EntryClass(0..=7) if class != EntryClass::SUBMISSION_LOG => {
                EntryClassProblem::INAPPROPRIATE_ENTRY_CLASS
            }
            _ => EntryClassProblem::UNSUPPORTED_ENTRY_CLASS,
        };
        Err(Refused::Ms(class_error(class, problem)))
    }
}

/// What an errand is submitted as.
pub(crate) fn of_store(binding: Binding, content: Bytes, keep: Keep, ran: Ran) -> Submit {
    let Errand { envelope, groups, unmodified, .. } = &ran.errand;
    let (octets, priority) = (envelope.octets().clone(), envelope.priority);
    let content = Rope::from(content);
    let subject = message(envelope, octets.clone(), content.clone());
    let (user, content_bytes) = (binding.user.clone(), length(content.len()));
    let deferred = envelope.deferred_delivery_time;
    let mut amendment = Amendment::default();
    amendment.set_one(Key::ORIGINATED, &Null);
    groups::join(&mut amendment, &groups.0);
    let plan = Plan { keep, amendment: amendment.octets(), unmodified: *unmodified };
    Submit {
        token: plan.pending(binding, subject, deferred, Some(ran)),
        user,
        operation: mts_access::OP_MESSAGE_SUBMISSION,
        argument: argument_of(octets, content),
        priority,
        content_bytes,
    }
}

/// A message.
fn message(envelope: &MessageSubmissionEnvelope, octets: Bytes, content: Rope) -> Subject {
    let personal = crate::extract::is_personal(&envelope.content_type.oid());
    Subject::Message { envelope: octets, content, personal }
}

/// The argument of X.411's message-submission.
fn argument_of(envelope: Bytes, content: Rope) -> Rope {
    let mut writer = restante_ber::Writer::new();
    content.encode(&mut writer);
    writer.bytes(&envelope);
    let contents = writer.finish();
    argument::wrapped(restante_ber::Tag::SEQUENCE, contents)
}

fn length(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

/// A user submits in its own name only.
fn check_originator(binding: &Binding, originator: &ORName) -> Result<(), Refused> {
    if originator.address.key() == binding.user.key {
        Ok(())
    } else {
        Err(Refused::Mts(MTSAbstractError::OriginatorInvalid))
    }
}

/// Why something is not passed to the MTA.
#[derive(Debug)]
enum Refused {
    /// An error of X.411.
    Mts(MTSAbstractError),
    /// One of X.413, of 1994.
    Ms(RetrievalError),
    /// Storage failed.
    Storage(StorageError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Error(error) => Self::Ms(error),
            Refusal::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Refused {
    fn outcome(self, edition: Edition, cancels: bool) -> Outcome {
        match self {
            Self::Mts(error) => Outcome::now(mts_error(&error, Port::Submission)),
            // Submission has none of X.413's in 1988; what is registered in 1994 may lead here.
            Self::Ms(_) if edition == Edition::E1988 => {
                let error = MTSAbstractError::InconsistentRequest;
                Outcome::now(mts_error(&error, Port::Submission))
            }
            Self::Ms(error) => Outcome::now(abstract_error(error, edition, Port::Submission)),
            Self::Storage(error) => {
                let reply = not_now(edition, cancels, ServiceProblem::UNAVAILABLE);
                Outcome::now(reply).with(fault(&error))
            }
        }
    }
}

/// The error of a submission that can't be done now, for no fault of the user's: service-error
/// in 1994, where cancel-deferred-delivery does not have it; else remote-bind-error.
pub(crate) fn not_now(edition: Edition, cancels: bool, problem: ServiceProblem) -> Reply {
    match edition {
        Edition::E1994 if !cancels => {
            abstract_error(service_problem(problem), edition, Port::Submission)
        }
        _ => mts_error(&MTSAbstractError::RemoteBindError, Port::Submission),
    }
}
