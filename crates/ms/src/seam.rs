//! What goes in and out of the service: who is bound, what is answered, what else is to be done,
//! and on which commit the answer waits.

use restante_ber::{Bytes, Encode, Null, Rope};
use restante_mhs::x411::MTSAbstractError;
use restante_mhs::x413::{
    In1988, MSExtensionError, MSExtensions, Restrictions, RetrievalError, ServiceError,
    ServiceProblem,
};
use restante_mhs::x419::{Edition, Port};
use restante_storage::{Committed, MailboxId, NumberSet, StorageError, Ticket};

use restante_directory::User;

use crate::auto_action::{Acted, ActedOn, Alert};
use crate::submit::{Submit, draft_created, with_created};

/// A moment: microseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(pub i64);

/// A user that is bound (X.413 §7.1): made by [`crate::MessageStore::bind`], dropped at unbind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The user.
    pub user: User,
    /// The user's mailbox.
    pub mailbox: MailboxId,
    /// The edition of the association.
    pub edition: Edition,
    /// The name of the user agent, where it has something registered (1994).
    pub agent: Option<String>,
    /// What Fetch does not return unless it says so.
    pub fetch_restrictions: Restrictions,
}

/// Who delivers.
#[derive(Clone, Debug)]
pub struct Deliverer {
    /// The name of the MTA, for events.
    pub mta: String,
    /// Names the association: no other ever has the same, neither before nor after a start.
    pub association: [u8; 16],
    /// The edition of the association.
    pub edition: Edition,
    /// The user in whose name the store opened the association, where it did so.
    pub user: Option<User>,
}

/// What an operation came to.
#[derive(Debug)]
pub struct Outcome {
    /// What the peer is told, once `commit` is ready.
    pub reply: Reply,
    /// What is to be done or told once `commit` is ready.
    pub effects: Vec<Effect>,
    /// What the reply waits for; a commit that fails turns it into [`Outcome::failed`].
    pub commit: Option<Ticket>,
    /// What is told where the commit fails.
    pub(crate) failure: Reply,
    /// Where the number of the entry that is stored is told.
    pub(crate) created: Option<Created>,
}

/// Where the result of a submission tells the number of the entry that is stored.
#[derive(Clone, Debug)]
pub(crate) enum Created {
    /// In this result, the MTA's; and whether an auto-action failed.
    InResult(Bytes, bool),
    /// In that of a draft; and whether one failed.
    Draft(bool),
}

/// What a peer is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The result.
    Result {
        /// The operation's code.
        operation: i64,
        /// The port whose abstract syntax it belongs to.
        port: Port,
        /// The result's value.
        value: Rope,
    },
    /// An abstract-error.
    Error {
        /// The error's code.
        code: i64,
        /// The port whose abstract syntax it belongs to.
        port: Port,
        /// The parameter; NULL is there too.
        parameter: Option<Rope>,
    },
    /// ROSE rejects the invocation.
    Reject(InvokeProblem),
    /// Nothing yet: the reply is that of [`crate::MessageStore::complete`], when what an
    /// [`Effect::Submit`] asks for has been done.
    Later,
}

/// Why an invocation is rejected (X.229 InvokeProblem, X.880).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeProblem {
    /// No operation of the association has the code.
    #[error("there is no such operation")]
    UnrecognizedOperation,
    /// The argument is not of the operation's type.
    #[error("the argument is not of the operation's type")]
    MistypedArgument,
}

impl InvokeProblem {
    /// The number in ROSE's reject.
    pub fn number(self) -> i64 {
        match self {
            Self::UnrecognizedOperation => 1,
            Self::MistypedArgument => 2,
        }
    }
}

/// What is to be done or told outside, once the commit is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A message or report was delivered.
    Delivered {
        /// The mailbox's name.
        mailbox: String,
        /// The name of the MTA that delivered.
        mta: String,
        /// The message's identifier, or that of the subject of a report, in text.
        identifier: String,
        /// Whether it is a report.
        report: bool,
        /// The envelope, as it is stored.
        envelope: Bytes,
        /// The content's length, octets.
        content_bytes: u64,
        /// Which of the entries that the commit stored it is, from 0.
        place: usize,
    },
    /// A delivery came again on another association; there is an entry of it already, or there
    /// is one when the commit is ready.
    Repeated {
        /// The mailbox's name.
        mailbox: String,
        /// The name of the MTA that delivered.
        mta: String,
        /// The message's identifier, or that of the subject of a report, in text.
        identifier: String,
        /// Whether it is a report.
        report: bool,
        /// The envelope, as it came.
        envelope: Bytes,
    },
    /// A delivery was refused.
    DeliveryRefused {
        /// The name of the MTA.
        mta: String,
        /// Why, for people.
        reason: String,
    },
    /// Entries were listed.
    Listed {
        /// The mailbox's name.
        mailbox: String,
        /// How many.
        entries: usize,
    },
    /// An entry was fetched.
    Read {
        /// The mailbox's name.
        mailbox: String,
        /// Its number.
        number: u32,
    },
    /// Entries were deleted.
    Deleted {
        /// The mailbox's name.
        mailbox: String,
        /// How many, children not counted.
        entries: usize,
        /// Their numbers.
        numbers: NumberSet,
    },
    /// Entries were modified.
    Modified {
        /// The mailbox's name.
        mailbox: String,
        /// How many.
        entries: usize,
    },
    /// Defaults were registered.
    Registered {
        /// The mailbox's name.
        mailbox: String,
    },
    /// What may be delivered to a user is not registered.
    RegistrationRefused {
        /// The mailbox's name.
        mailbox: String,
        /// Why, for people.
        reason: String,
    },
    /// A user or an MTA has another password.
    CredentialsChanged {
        /// The mailbox's or MTA's name.
        name: String,
    },
    /// A user or an MTA does not have another password.
    CredentialsRefused {
        /// The mailbox's or MTA's name.
        name: String,
        /// Why, for people.
        reason: String,
    },
    /// An entry is there of which its user is to be alerted, by each association that there is:
    /// see [`crate::MessageStore::alerts`].
    Alert {
        /// What it tells.
        alert: Alert,
        /// Which of the entries that the commit stored it is, from 0.
        place: usize,
    },
    /// A mailbox has something that the store is to submit by itself: see
    /// [`crate::MessageStore::next_errand`].
    Errand {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// An auto-action did something, or failed: what the auto-action-log tells.
    Acted(Acted),
    /// Something is to be submitted to the MTA.
    Submit(Box<Submit>),
    /// The MTA has taken what a user submitted.
    Submitted {
        /// The name of the user's mailbox.
        mailbox: String,
        /// The identifier that the MTA gave it, in text.
        identifier: String,
        /// Whether it is a probe.
        probe: bool,
        /// The length of the content of the entry that was made of it, octets, where one was. Its
        /// number is that of the commit.
        stored_bytes: Option<u64>,
    },
    /// A draft was stored. Its number is that of the commit.
    Drafted {
        /// The name of the user's mailbox.
        mailbox: String,
        /// The content's length, octets.
        content_bytes: u64,
    },
    /// The MTA has cancelled a deferred delivery.
    Cancelled {
        /// The name of the user's mailbox.
        mailbox: String,
    },
    /// What a user submitted was not submitted, or it is not known whether it was.
    NotSubmitted {
        /// The name of the user's mailbox.
        mailbox: String,
        /// Why, for people.
        reason: String,
    },
    /// There is something to do then: see [`crate::MessageStore::due`].
    Due {
        /// When.
        at: Now,
    },
    /// Storage or the directory failed: for the operator.
    Fault {
        /// The whole chain of causes.
        reason: String,
        /// Whether storage tells of it itself, once: see [`restante_storage::Notice`].
        told: bool,
    },
}

impl Effect {
    /// The same of another of the entries that a commit stores.
    pub(crate) fn at(self, place: usize) -> Self {
        match self {
            Self::Alert { alert, .. } => Self::Alert { alert, place },
            Self::Acted(Acted { entry: ActedOn::Place(_), mailbox, run }) => {
                Self::Acted(Acted { entry: ActedOn::Place(place), mailbox, run })
            }
            other => other,
        }
    }
}

impl Outcome {
    /// A reply that waits for nothing.
    pub(crate) fn now(reply: Reply) -> Self {
        let failure = reply.clone();
        Self { reply, effects: Vec::new(), commit: None, failure, created: None }
    }

    /// The same once `commit` is ready; `failure` where it fails.
    pub(crate) fn after(self, commit: Ticket, failure: Reply) -> Self {
        Self { commit: Some(commit), failure, ..self }
    }

    /// The same with a reply that tells the number of the entry that is stored.
    pub(crate) fn with_created(self, created: Created) -> Self {
        Self { created: Some(created), ..self }
    }

    /// The same, with something to be done.
    pub(crate) fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// What the peer is told when the commit is ready.
    #[must_use]
    pub fn committed(mut self, committed: &Committed) -> Self {
        let number = committed.stored.first().map(|entry| entry.number);
        if let Some((created, number)) = self.created.take().zip(number)
            && let Reply::Result { value, .. } = &mut self.reply
        {
            *value = match created {
                Created::InResult(result, failed) => with_created(&result, number, failed),
                Created::Draft(failed) => draft_created(number, failed),
            };
        }
        self
    }

    /// What the peer is told when the commit failed: service-error on P7, on P3 the error after
    /// which an MTA tries again.
    #[must_use]
    pub fn failed(self, error: &StorageError) -> Self {
        Self::now(self.failure).with(fault(error))
    }
}

/// An error and its causes, in one line.
pub(crate) fn chain(error: &dyn core::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Why an operation of the retrieval port has no result.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// An abstract-error.
    Error(RetrievalError),
    /// Storage failed.
    Storage(StorageError),
}

impl From<RetrievalError> for Refusal {
    fn from(error: RetrievalError) -> Self {
        Self::Error(error)
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Refusal {
    /// The reply and, for a fault, what the operator is told.
    pub(crate) fn outcome(self, edition: Edition) -> Outcome {
        match self {
            Self::Error(error) => Outcome::now(retrieval_error(error, edition)),
            Self::Storage(error) => {
                Outcome::now(storage_error(&error, edition)).with(fault(&error))
            }
        }
    }
}

/// An error of X.413, as the edition has it.
pub(crate) fn retrieval_error(error: RetrievalError, edition: Edition) -> Reply {
    abstract_error(error, edition, Port::Retrieval)
}

/// An error of X.413, as the edition has it, of an operation of this port.
pub(crate) fn abstract_error(error: RetrievalError, edition: Edition, port: Port) -> Reply {
    let error = match edition {
        Edition::E1988 => error.in_1988(),
        Edition::E1994 => error,
    };
    Reply::Error { code: error.code(), port, parameter: Some(Rope::from(error.parameter().0)) }
}

/// service-error for a fault of storage: unavailable until somebody has seen to it.
pub(crate) fn unavailable(edition: Edition) -> Reply {
    retrieval_error(service_problem(ServiceProblem::UNAVAILABLE), edition)
}

/// service-error for what storage says: busy where it helps to try again.
pub(crate) fn storage_error(error: &StorageError, edition: Edition) -> Reply {
    match error {
        StorageError::Busy(_) => retrieval_error(service_problem(ServiceProblem::BUSY), edition),
        _ => unavailable(edition),
    }
}

/// What the operator is told of a fault of storage's.
pub(crate) fn fault(error: &StorageError) -> Effect {
    Effect::Fault { reason: chain(error), told: is_told(error) }
}

/// Whether storage tells of it itself, once.
pub(crate) fn is_told(error: &StorageError) -> bool {
    use StorageError::{Busy, Damaged, NoSpace, Stopped};
    matches!(error, Busy(_) | Damaged { .. } | NoSpace(_) | Stopped(_))
}

/// Refuses the extensions of an argument, of which none is known. A context of 1988 has none.
pub(crate) fn known_extensions(
    edition: Edition,
    extensions: Option<&MSExtensions>,
) -> Result<(), RetrievalError> {
    let mut types = extensions.into_iter().flatten().filter_map(|e| e.direct_reference.clone());
    match (edition, types.next()) {
        (Edition::E1994, Some(oid)) => {
            Err(RetrievalError::MSExtension(MSExtensionError::UnknownMsExtension(oid)))
        }
        _ => Ok(()),
    }
}

pub(crate) fn service_problem(problem: ServiceProblem) -> RetrievalError {
    RetrievalError::Service(ServiceError { problem, supplementary_information: None })
}

/// An error of X.411.
pub(crate) fn mts_error(error: &MTSAbstractError, port: Port) -> Reply {
    let (code, parameter) = error.to_parts();
    Reply::Error { code, port, parameter: Some(Rope::from(parameter.0)) }
}

/// A result of the retrieval port.
pub(crate) fn retrieval_result<T: Encode>(operation: i64, value: &T) -> Reply {
    Reply::Result { operation, port: Port::Retrieval, value: value.to_rope() }
}

/// A result that is NULL.
pub(crate) fn null_result(operation: i64, port: Port) -> Reply {
    Reply::Result { operation, port, value: Null.to_rope() }
}
