//! Entry-classes (X.413 §6.1): which classes of stored entries a class is made of.
//!
//! A message is one entry for all of them: while it is stored it is in its own class, in
//! stored-message, and in the logs; deleted, it is left in the logs alone, under its number.

use restante_mhs::x413::{EntryClass, EntryClassError, EntryClassProblem, RetrievalError};
use restante_mhs::x419::Edition;

use crate::attributes::Key;
use crate::list::is_content;

/// Delivered messages and reports.
pub(crate) const DELIVERY: u8 = 0;
/// Submitted messages and probes. Both editions may ask for them.
pub(crate) const SUBMISSION: u8 = 1;
/// Messages that are not submitted yet.
pub(crate) const DRAFT: u8 = 2;
/// What was delivered and is in the log alone.
pub(crate) const DELIVERY_LOG: u8 = 4;
/// What was submitted and is in the log alone.
pub(crate) const SUBMISSION_LOG: u8 = 5;
/// What auto-actions did.
pub(crate) const AUTO_ACTION_LOG: u8 = 7;

/// A class as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// The classes of the entries that are in it.
    pub(crate) stored: &'static [u8],
    /// Whether it is a log of messages, whose entries have neither content nor children.
    pub(crate) log: bool,
}

const fn stored(stored: &'static [u8]) -> Class {
    Class { stored, log: false }
}

const fn log(stored: &'static [u8]) -> Class {
    Class { stored, log: true }
}

/// The classes that there are; `logs` says whether messages are logged.
pub(crate) fn supported(logs: bool) -> Vec<EntryClass> {
    let all = (0..=7).map(EntryClass);
    all.filter(|class| checked(*class, Edition::E1994, logs).is_ok()).collect()
}

/// A class that is asked for.
///
/// # Errors
/// entry-class-error where there are no entries of the class, or the edition does not have it.
pub(crate) fn checked(
    entry_class: EntryClass,
    edition: Edition,
    logs: bool,
) -> Result<Class, RetrievalError> {
    let late = edition == Edition::E1994;
    match entry_class {
        EntryClass::DELIVERY => Ok(stored(&[DELIVERY])),
        EntryClass::SUBMISSION => Ok(stored(&[SUBMISSION])),
        EntryClass::DRAFT if late => Ok(stored(&[DRAFT])),
        EntryClass::STORED_MESSAGE if late => Ok(stored(&[DELIVERY, SUBMISSION, DRAFT])),
        EntryClass::DELIVERY_LOG if late && logs => Ok(log(&[DELIVERY, DELIVERY_LOG])),
        EntryClass::SUBMISSION_LOG if late && logs => Ok(log(&[SUBMISSION, SUBMISSION_LOG])),
        EntryClass::MESSAGE_LOG if late && logs => {
            Ok(log(&[DELIVERY, SUBMISSION, DELIVERY_LOG, SUBMISSION_LOG]))
        }
        EntryClass::AUTO_ACTION_LOG if late => Ok(stored(&[AUTO_ACTION_LOG])),
        entry_class => Err(class_error(entry_class, EntryClassProblem::UNSUPPORTED_ENTRY_CLASS)),
    }
}

/// entry-class-error with one problem.
pub(crate) fn class_error(entry_class: EntryClass, problem: usize) -> RetrievalError {
    let problem = EntryClassProblem::of([problem]);
    RetrievalError::EntryClass(EntryClassError { entry_class, problem })
}

/// Whether entries of a class of stored entries are in logs alone.
pub(crate) fn is_log(class: u8) -> bool {
    matches!(class, DELIVERY_LOG | SUBMISSION_LOG)
}

impl Class {
    /// Whether its entries can have an attribute.
    pub(crate) fn has(self, key: Key) -> bool {
        !self.log || is_logged(key)
    }
}

/// Whether logs of messages have an attribute: those of the envelope, what was added, and of the
/// content those that [`IS_NOTED`] lists.
fn is_logged(key: Key) -> bool {
    match key {
        Key::CHILD_SEQUENCE_NUMBERS | Key::PARENT_SEQUENCE_NUMBER => false,
        key if is_content(key) => false,
        key => key.is_general() || key.is_correlation() || IS_NOTED.contains(&key),
    }
}

/// What is told of a content in logs.
pub(crate) const IS_NOTED: &[Key] = &[
    Key::CONTENT_LENGTH,
    Key::CONTENT_RETURNED,
    Key::IPM_ENTRY_TYPE,
    Key::THIS_IPM,
    Key::ORIGINATOR,
    Key::REPLIED_TO_IPM,
    Key::SUBJECT,
    Key::EXPIRY_TIME,
    Key::REPLY_TIME,
    Key::IMPORTANCE,
    Key::SENSITIVITY,
    Key::AUTO_FORWARDED,
    Key::AUTO_SUBMITTED,
    Key::AUTHORIZING_USERS,
    Key::PRIMARY_RECIPIENTS,
    Key::COPY_RECIPIENTS,
    Key::BLIND_COPY_RECIPIENTS,
    Key::OBSOLETED_IPMS,
    Key::RELATED_IPMS,
    Key::AUTHORIZATION_TIME,
    Key::ORIGINATORS_REFERENCE,
    Key::SUBJECT_IPM,
    Key::IPN_ORIGINATOR,
    Key::NON_RECEIPT_REASON,
    Key::DISCARD_REASON,
    Key::RECEIPT_TIME,
    Key::ACKNOWLEDGMENT_MODE,
];
