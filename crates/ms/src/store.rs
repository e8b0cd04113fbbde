//! The service itself: who asks for what, and which file answers.

use std::sync::Arc;

use restante_directory::{Directory, User};
use restante_mhs::x411::Password;
use restante_mhs::x419::Edition;
use restante_storage::{Change, MailboxId, Storage, StorageError, Transaction};

use crate::auto_action::AutoActions;
use crate::repeat::Repeats;
use crate::seam::Refusal;
use crate::{Binding, Deliverer, Delivery, Now, Operation, Outcome};

/// What can be configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The password that the store proves itself with in a bind's result.
    pub responder_password: Password,
    /// Whether what users submit becomes an entry of the class submission where they do not say.
    pub store_submissions: bool,
    /// The edition of the MTA that is submitted to and registered with; none: there is no MTA.
    pub mta: Option<Edition>,
    /// How long it is remembered whose a submission was, so that its reports find the mailbox;
    /// days, from the time to which it is deferred.
    pub submissions_kept_days: usize,
}

impl Default for Settings {
    /// An empty password, as a store has that needs none, no outbox, and an MTA of 1988.
    fn default() -> Self {
        Self {
            responder_password: Password::from(""),
            store_submissions: false,
            mta: Some(Edition::E1988),
            submissions_kept_days: 31,
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
}

impl<S: Storage> MessageStore<S> {
    /// The service over a storage that was opened with [`crate::Extractor`].
    pub fn new(storage: Arc<S>, directory: Arc<dyn Directory>, settings: Settings) -> Self {
        let (repeats, auto_actions) = (Repeats::new(), AutoActions::default());
        Self { storage, directory, settings, repeats, auto_actions }
    }

    /// Performs an operation of a user agent.
    pub fn execute(&self, binding: &Binding, _now: Now, operation: Operation) -> Outcome {
        let done = match operation {
            Operation::Summarize(argument) => self.summarize(binding, &argument),
            Operation::List(argument) => self.list(binding, &argument),
            Operation::Fetch(argument) => self.fetch(binding, &argument),
            Operation::Delete(argument) => self.delete(binding, &argument),
            Operation::RegisterMS(argument) => self.register(binding, &argument),
            Operation::Submission(submission) => Ok(self.submit(binding, *submission)),
            Operation::Register(argument) => self.administer_registration(binding, argument),
            Operation::ChangeCredentials(argument) => {
                Ok(self.administer_credentials(binding, &argument))
            }
        };
        done.unwrap_or_else(|refusal: Refusal| refusal.outcome(binding.edition))
    }

    /// Takes a delivery.
    pub fn deliver(&self, from: &Deliverer, now: Now, delivery: Delivery) -> Outcome {
        let done = match delivery {
            Delivery::Message { envelope, octets, content } => {
                self.deliver_message(from, now, &envelope, octets, &content)
            }
            Delivery::Report { envelope, octets, returned_content } => {
                self.deliver_report(from, now, &envelope, octets, returned_content)
            }
        };
        done.unwrap_or_else(|fault| fault.outcome(from))
    }

    /// The mailbox of a user; made, durably, where there is none yet.
    pub(crate) fn mailbox(&self, user: &User) -> Result<MailboxId, StorageError> {
        if let Some(mailbox) = self.storage.mailbox(&user.key) {
            return Ok(mailbox);
        }
        let create = Change::CreateMailbox { name: user.key.clone(), about: bytes::Bytes::new() };
        match self.storage.commit(Transaction::of(create)).wait() {
            // Another association was quicker.
            Ok(_) | Err(StorageError::MailboxExists(_)) => self
                .storage
                .mailbox(&user.key)
                .ok_or(StorageError::Invalid("a mailbox that was made is not there")),
            Err(error) => Err(error),
        }
    }
}
