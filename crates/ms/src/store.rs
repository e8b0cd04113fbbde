//! The service itself: who asks for what, and which file answers.

use std::sync::Arc;

use restante_directory::{Directory, User};
use restante_mhs::x411::Password;
use restante_mhs::x419::Edition;
use restante_storage::{Change, MailboxId, Storage, StorageError, Transaction};

use crate::amend::Amending;
use crate::auto_action::AutoActions;
use crate::hold::Holds;
use crate::local::{Identifiers, LocalMta, QueueLock};
use crate::quota::{Quota, Quotas};
use crate::repeat::Repeats;
use crate::seam::Refusal;
use crate::{Binding, Deliverer, Delivery, Now, Operation, Outcome};

/// What can be configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The password that the store proves itself with in a bind's result.
    pub responder_password: Password,
    /// Whether messages, reports and probes that are deleted stay in the logs.
    pub logs: bool,
    /// Whether what users submit becomes an entry of the class submission where they do not say.
    pub store_submissions: bool,
    /// What a mailbox may hold that has no quota of its own.
    pub quota: Quota,
    /// The edition of the MTA that is submitted to and registered with; none: there is no MTA.
    pub mta: Option<Edition>,
    /// How long it is remembered whose a submission was, so that its reports find the mailbox;
    /// days, from the time to which it is deferred.
    pub submissions_kept_days: usize,
    /// The MTA that there is where there is no other.
    pub local_mta: LocalMta,
}

impl Default for Settings {
    /// An empty password, as a store has that needs none, neither outbox nor
    /// logs, and an MTA of 1988.
    fn default() -> Self {
        Self {
            responder_password: Password::from(""),
            logs: false,
            store_submissions: false,
            quota: Quota::default(),
            mta: Some(Edition::E1988),
            submissions_kept_days: 31,
            local_mta: LocalMta::default(),
        }
    }
}

/// The message store of X.413 over a [`Storage`]. Operations are quick and wait neither for the
/// disk nor for the network, but for the first access to a mailbox, which is made then.
pub struct MessageStore<S> {
    pub(crate) storage: Arc<S>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) settings: Settings,
    pub(crate) repeats: Repeats,
    pub(crate) auto_actions: AutoActions,
    pub(crate) holds: Holds,
    pub(crate) quotas: Quotas,
    pub(crate) identifiers: Identifiers,
    pub(crate) queue_lock: QueueLock,
    pub(crate) amending: Amending,
}

impl<S: Storage> MessageStore<S> {
    /// The service over a storage that was opened with [`crate::Extractor`].
    pub fn new(storage: Arc<S>, directory: Arc<dyn Directory>, settings: Settings) -> Self {
        Self {
            storage,
            directory,
            settings,
            repeats: Repeats::new(),
            auto_actions: AutoActions::default(),
            holds: Holds::default(),
            quotas: Quotas::default(),
            identifiers: Identifiers::default(),
            queue_lock: QueueLock::default(),
            amending: Amending::default(),
        }
    }

    /// What is not taken from MTAs for the time being.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }

    /// Performs an operation of a user agent.
    pub fn execute(&self, binding: &Binding, now: Now, operation: Operation) -> Outcome {
        let done = match operation {
            Operation::Summarize(argument) => self.summarize(binding, &argument),
            Operation::List(argument) => self.list(binding, &argument),
            Operation::Fetch(argument) => self.fetch(binding, now, &argument),
            Operation::Delete(argument) => self.delete(binding, now, &argument),
            Operation::Modify(argument) => self.modify(binding, now, &argument),
            Operation::RegisterMS(argument) => self.register(binding, &argument),
            Operation::Submission(submission) => Ok(self.submit(binding, now, *submission)),
            Operation::Register(argument) => self.administer_registration(binding, argument),
            Operation::ChangeCredentials(argument) => {
                Ok(self.administer_credentials(binding, &argument))
            }
        };
        done.unwrap_or_else(|refusal: Refusal| refusal.outcome(binding.edition))
    }

    /// Takes a delivery, or what else an MTA invokes.
    pub fn deliver(&self, from: &Deliverer, now: Now, delivery: Delivery) -> Outcome {
        let done = match delivery {
            Delivery::Message { envelope, octets, content } => {
                self.deliver_message(from, now, &envelope, octets, &content)
            }
            Delivery::Report { envelope, octets, returned_content } => {
                self.deliver_report(from, now, &envelope, octets, returned_content)
            }
            Delivery::ChangeCredentials(argument) => {
                Ok(self.change_mta_credentials(from, &argument))
            }
        };
        done.unwrap_or_else(|fault| fault.outcome(from))
    }

    /// The mailbox of a user; made, durably, where there is none yet.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn mailbox(&self, user: &User) -> Result<MailboxId, StorageError> {
        self.mailbox_named(&user.key)
    }

    /// The mailbox of this name; made, durably, where there is none yet.
    pub(crate) fn mailbox_named(&self, name: &str) -> Result<MailboxId, StorageError> {
        if let Some(mailbox) = self.storage.mailbox(name) {
            return Ok(mailbox);
        }
        let create = Change::CreateMailbox { name: name.to_owned(), about: bytes::Bytes::new() };
        match self.storage.commit(Transaction::of(create)).wait() {
            // Another association was quicker.
            Ok(_) | Err(StorageError::MailboxExists(_)) => self
                .storage
                .mailbox(name)
                .ok_or(StorageError::Invalid("a mailbox that was made is not there")),
            Err(error) => Err(error),
        }
    }
}
