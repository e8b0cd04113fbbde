//! What of a mailbox belongs into a backup, and how it comes back: what a user keeps and what the
//! user has registered. What the store is about to do (errands, deliveries that are deferred) and
//! what it remembers to know a repeat is its own, and stays out.

use bytes::Bytes;
use restante_ber::{Decode, SetOf};
use restante_mhs::x413::{AutoActionRegistration, RegisterMSArgument};
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError, Ticket, Transaction};

use crate::auto_action::PREFIX as AUTO_ACTIONS;
use crate::class::{AUTO_ACTION_LOG, DELIVERY, DELIVERY_LOG, DRAFT, SUBMISSION, SUBMISSION_LOG};
use crate::defaults::{PREFIX as AGENTS, SECURITY_LABELS, SUBMISSION_DEFAULTS};
use crate::deliverable::REGISTRATIONS;
use crate::groups::PREFIX as GROUPS;
use crate::manage::moved_along;
use crate::register::{FETCH_DEFAULTS, LIST_DEFAULTS};
use crate::{MessageStore, attributes::Amendment};

/// What the keys of registrations begin with.
const REGISTERED: [&[u8]; 8] = [
    AUTO_ACTIONS,
    AGENTS,
    SECURITY_LABELS,
    SUBMISSION_DEFAULTS,
    GROUPS,
    REGISTRATIONS,
    LIST_DEFAULTS,
    FETCH_DEFAULTS,
];

/// Whether entries of a class are the user's.
pub fn is_kept(class: u8) -> bool {
    let logs = [DELIVERY_LOG, SUBMISSION_LOG, AUTO_ACTION_LOG];
    is_message(class) || logs.contains(&class)
}

/// Whether a class is one of messages, and not of what a log says of them.
pub fn is_message(class: u8) -> bool {
    [DELIVERY, SUBMISSION, DRAFT].contains(&class)
}

/// Whether a value of a mailbox, by its key, is what its user has registered.
pub fn is_registration(key: &[u8]) -> bool {
    REGISTERED.iter().any(|known| key.starts_with(known))
}

/// What is left of what was added to an entry where it comes among others: what says nothing of
/// the entries that it was among.
pub fn alone(amendment: Bytes) -> Bytes {
    if amendment.is_empty() {
        return amendment;
    }
    moved_along(&Amendment::read(amendment))
}

impl<S: Storage> MessageStore<S> {
    /// Registers again what a backup tells, as far as nothing is registered in its place by now.
    /// What is to be registered in the user's name once the ticket is ready, see
    /// [`MessageStore::register_for`], comes with it.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn register_again(
        &self,
        mailbox: MailboxId,
        values: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<(Ticket, Vec<RegisterMSArgument>), StorageError> {
        let scope = Scope::Mailbox(mailbox);
        let (mut changes, mut arguments) = (Vec::new(), Vec::new());
        for (key, value) in values.iter().filter(|(key, _)| is_registration(key)) {
            if self.storage.value(scope, key)?.is_some() {
                continue;
            }
            let (key, value) = (Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
            if !key.starts_with(AUTO_ACTIONS) {
                changes.push(Change::PutValue { scope, key, value });
            } else if let Ok(one) = AutoActionRegistration::from_bytes(&value) {
                arguments.push(RegisterMSArgument {
                    auto_action_registrations: Some(SetOf(vec![one])),
                    ..RegisterMSArgument::default()
                });
            }
        }
        Ok((self.storage.commit(Transaction { changes }), arguments))
    }
}
