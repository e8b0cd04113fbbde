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
mod forward;
mod remembered;

use std::sync::Arc;

use restante_ber::{Bytes, Encode, Rope};
use restante_directory::User;
use restante_mhs::x411::{
    MTSAbstractError, MTSIdentifier, MessageSubmissionEnvelope, ORName, Priority, Time,
};
use restante_mhs::x413::{
    EntryClass, EntryClassError, EntryClassProblem, MSSubmissionOptions, MessageGroupError,
    MessageGroupProblem, RetrievalError, ServiceProblem,
};
use restante_mhs::x419::{Edition, Port, mts_access};
use restante_storage::{Storage, StorageError};

use crate::auto_action::Ran;
use crate::seam::{abstract_error, fault, known_extensions, mts_error, service_problem};
use crate::{Binding, Effect, MessageStore, Now, Outcome, Reply};
pub use argument::Submission;
pub(crate) use argument::wrapped;
pub use complete::Passed;
pub(crate) use complete::{Here, with_created};
pub(crate) use forward::body_part;

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
    /// Whether it becomes an entry.
    pub(crate) store: bool,
    /// When it may be delivered at the earliest.
    deferred: Option<Time>,
    /// The errand that it is, where the store submits by itself.
    errand: Option<Ran>,
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

impl<S: Storage> MessageStore<S> {
    /// Begins a submission, or does all of it where there is no MTA.
    pub(crate) fn submit(&self, binding: &Binding, submission: Submission, now: Now) -> Outcome {
        let cancels = matches!(submission, Submission::Cancel(_));
        match self.begin(binding, submission) {
            Ok(submit) if self.settings.mta.is_none() => self.take(&submit, now),
            Ok(submit) => Outcome::now(Reply::Later).with(Effect::Submit(Box::new(submit))),
            Err(refused) => refused.outcome(binding.edition, cancels),
        }
    }

    fn begin(&self, binding: &Binding, submission: Submission) -> Result<Submit, Refused> {
        let operation = submission.code();
        let mut priority = Priority::NORMAL;
        let mut content_bytes = 0;
        let mut deferred = None;
        let (argument, subject, store) = match submission {
            Submission::Message { envelope, content, options } => {
                check_originator(binding, &envelope.originator_name)?;
                let store = self.checked_options(options.as_ref())?;
                (priority, deferred) = (envelope.priority, envelope.deferred_delivery_time);
                let (octets, content) =
                    forward::fulfil(&*self.storage, binding.mailbox, &envelope, content)?;
                content_bytes = length(content.len());
                let subject = message(&envelope, octets.clone(), content.clone());
                (argument_of(octets, content), subject, store)
            }
            Submission::Probe { envelope, options } => {
                check_originator(binding, &envelope.originator_name)?;
                let store = self.checked_options(options.as_ref())?;
                let would_be = envelope.content_length.and_then(|n| u64::try_from(n).ok());
                content_bytes = would_be.unwrap_or(0);
                let envelope = envelope.octets().clone();
                (Rope::from(envelope.clone()), Subject::Probe { envelope }, store)
            }
            Submission::Cancel(identifier) => {
                let octets = identifier.octets().clone();
                (Rope::from(octets), Subject::Cancel(identifier.into_value()), false)
            }
        };
        let (binding, user) = (binding.clone(), binding.user.clone());
        let pending = Pending { binding, subject, store, deferred, errand: None };
        let token = Token(Arc::new(pending));
        Ok(Submit { token, user, operation, argument, priority, content_bytes })
    }

    /// Passes a registration to the MTA, as X.413 has the store do (§6.2).
    pub(crate) fn pass_registration(&self, binding: &Binding, argument: Rope) -> Outcome {
        let (binding, user) = (binding.clone(), binding.user.clone());
        let subject = Subject::Register;
        let pending = Pending { binding, subject, store: false, deferred: None, errand: None };
        let submit = Submit {
            token: Token(Arc::new(pending)),
            user,
            operation: mts_access::OP_REGISTER,
            argument,
            priority: Priority::NORMAL,
            content_bytes: 0,
        };
        Outcome::now(Reply::Later).with(Effect::Submit(Box::new(submit)))
    }

    /// Whether the options, else the settings, have a submission stored.
    fn checked_options(&self, options: Option<&MSSubmissionOptions>) -> Result<bool, Refused> {
        let Some(options) = options else { return Ok(self.settings.store_submissions) };
        let group = options.add_message_group_names.iter().flat_map(|names| &names.0).next();
        if let Some(name) = group {
            return Err(Refused::Ms(RetrievalError::MessageGroup(MessageGroupError {
                problem: MessageGroupProblem::NAME_NOT_REGISTERED,
                name: name.clone(),
            })));
        }
        known_extensions(Edition::E1994, options.ms_submission_extensions.as_ref())
            .map_err(Refused::Ms)?;
        match options.object_entry_class {
            None => Ok(self.settings.store_submissions),
            Some(EntryClass::SUBMISSION) => Ok(true),
            Some(entry_class) => Err(Refused::Ms(RetrievalError::EntryClass(EntryClassError {
                entry_class,
                problem: EntryClassProblem::of([EntryClassProblem::UNSUPPORTED_ENTRY_CLASS]),
            }))),
        }
    }
}

/// What an errand is submitted as.
pub(crate) fn of_store(binding: Binding, content: Bytes, store: bool, errand: Ran) -> Submit {
    let envelope = &errand.errand.envelope;
    let (octets, priority) = (envelope.octets().clone(), envelope.priority);
    let content = Rope::from(content);
    let subject = message(envelope, octets.clone(), content.clone());
    let (user, content_bytes) = (binding.user.clone(), length(content.len()));
    let deferred = envelope.deferred_delivery_time;
    let pending = Pending { binding, subject, store, deferred, errand: Some(errand) };
    Submit {
        token: Token(Arc::new(pending)),
        user,
        operation: mts_access::OP_MESSAGE_SUBMISSION,
        argument: argument_of(octets, content),
        priority,
        content_bytes,
    }
}

/// A message.
fn message(envelope: &MessageSubmissionEnvelope, octets: Bytes, content: Rope) -> Subject {
    use crate::extract::{P2, P22};
    let personal = [P2, P22].contains(&envelope.content_type.oid());
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

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Refused {
    fn outcome(self, edition: Edition, cancels: bool) -> Outcome {
        match self {
            Self::Mts(error) => Outcome::now(mts_error(&error, Port::Submission)),
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
