//! The auto-action-log (X.413 §6.1, §13): an entry for each run of an auto-action that did
//! something, with its error where it failed, in the transaction of what it did.
//!
//! Alerts that were made are logged where messages are (`service.logs`), since there is one for
//! each entry; all else always. A mailbox keeps the newest [`ENTRIES_MAX`]. The first failure
//! since the last bind of 1994 is told by the result of the next one (X.413 §7.1.2).
//!
//! ```text
//! key     "auto-action-failed"
//! value   8 octets: the creation-time of the entry of the log that tells of it, big-endian
//! ```

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use restante_ber::{Any, Bytes, Null, Oid};
use restante_mhs::x413::{
    Attribute, AttributeValue, AutoActionError, AutoActionErrorIndication, Code, SequenceNumber,
    oids,
};
use restante_storage::{
    Change, MailboxId, NewEntry, NumberSet, Query, Scope, Storage, StorageError, Ticket,
    Transaction,
};

use crate::attributes::{EntryReader, Key};
use crate::class::AUTO_ACTION_LOG;
use crate::extract::event;
use crate::log::without_content;
use crate::{Effect, MessageStore, Now};

/// How many entries the auto-action-log of a mailbox has; beyond, the oldest go.
const ENTRIES_MAX: u32 = 10_000;

/// The value of a mailbox that says that an auto-action failed.
const FAILED: &[u8] = b"auto-action-failed";

/// The mailboxes whose first failure was told by a bind, until storage has forgotten it.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<HashMap<MailboxId, Ticket>>);

impl Told {
    fn told(&self) -> MutexGuard<'_, HashMap<MailboxId, Ticket>> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, commit| !commit.is_ready());
        told
    }
}

/// What an auto-action did, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The auto-action-type.
    pub auto_action_type: Oid,
    /// Which of its registrations.
    pub registration_identifier: u32,
    /// Why it failed.
    pub error: Option<AutoActionError>,
}

/// That an auto-action did something, or failed, in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The mailbox's name.
    pub mailbox: String,
    /// The entry that it is about.
    pub entry: ActedOn,
    /// What did.
    pub run: Run,
}

/// The entry that an auto-action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActedOn {
    /// The one with this number.
    Number(u32),
    /// The one in this place among those that the commit stored, from 0.
    Place(usize),
}

impl Run {
    /// A run of a registration.
    pub(crate) fn new((kind, registration): (&Oid, u32), error: Option<AutoActionError>) -> Self {
        Self { auto_action_type: kind.clone(), registration_identifier: registration, error }
    }

    /// The entry that tells it. `subject` is the number of the entry that it is about; negative:
    /// how far before its own that is.
    pub(crate) fn change(&self, mailbox: MailboxId, subject: i64, now: Now) -> Change {
        let attribute = |oid: Oid, value: AttributeValue| Attribute {
            attribute_type: oid,
            attribute_values: vec![value],
        };
        let mut attributes = vec![
            attribute(oids::ID_ATT_AUTO_ACTION_TYPE, AttributeValue::of(&self.auto_action_type)),
            attribute(
                oids::ID_ATT_AUTO_ACTION_REGISTRATION_IDENTIFIER,
                AttributeValue::of(&self.registration_identifier),
            ),
            attribute(oids::ID_ATT_AUTO_ACTION_SUBJECT_ENTRY, AttributeValue::of(&subject)),
        ];
        let error = self.error.as_ref().map(AttributeValue::of);
        attributes.extend(error.map(|value| attribute(oids::ID_ATT_AUTO_ACTION_ERROR, value)));
        let envelope = event(&attributes);
        without_content(NewEntry::new(mailbox, AUTO_ACTION_LOG, 0, envelope), now.0)
    }
}

/// An error that an object identifier names, without a parameter.
pub(crate) fn global(code: Oid) -> AutoActionError {
    AutoActionError { error_code: Code::Global(code), error_parameter: None }
}

/// An error of submission, as the MTA said it.
pub(crate) fn refused(code: i64, parameter: Option<Bytes>) -> AutoActionError {
    AutoActionError { error_code: Code::Local(code), error_parameter: parameter.map(Any) }
}

impl<S: Storage> MessageStore<S> {
    /// What tells outside of a run in a mailbox.
    pub(crate) fn acted(&self, mailbox: MailboxId, entry: ActedOn, run: Run) -> Effect {
        // Nobody asks for one that was removed meanwhile.
        let mailbox = self.storage.name(mailbox).map_or_else(|_| String::new(), |n| n.to_string());
        Effect::Acted(Acted { mailbox, entry, run })
    }

    /// What goes with so many more entries of the log: what makes room for them, and that
    /// something failed, where it did.
    pub(crate) fn logging(
        &self,
        mailbox: MailboxId,
        (coming, failed): (u32, bool),
        now: Now,
    ) -> Result<Vec<Change>, StorageError> {
        let mut changes = Vec::from_iter(self.log_room(mailbox, coming)?);
        let scope = Scope::Mailbox(mailbox);
        if failed && self.failed_since(mailbox)?.is_none() {
            let (key, value) = (Bytes::from_static(FAILED), now.0.to_be_bytes().to_vec().into());
            changes.push(Change::PutValue { scope, key, value });
        }
        Ok(changes)
    }

    /// The first failure since this was last asked.
    pub(crate) fn auto_action_error_indication(
        &self,
        mailbox: MailboxId,
    ) -> Result<Option<AutoActionErrorIndication>, StorageError> {
        let Some(since) = self.failed_since(mailbox)? else { return Ok(None) };
        let (scope, key) = (Scope::Mailbox(mailbox), Bytes::from_static(FAILED));
        let told = self.storage.commit(Transaction::of(Change::RemoveValue { scope, key }));
        self.auto_actions.told.told().insert(mailbox, told);
        let since = since.as_ref().try_into().map_or(i64::MIN, i64::from_be_bytes);
        let query = Query {
            classes: vec![AUTO_ACTION_LOG],
            creation_time: since..=i64::MAX,
            ..Query::default()
        };
        for row in self.storage.select(mailbox, &query)?.iter() {
            let entry = EntryReader::new(&*self.storage, mailbox, row);
            if !entry.values(Key::AUTO_ACTION_ERROR)?.is_empty() {
                let number = SequenceNumber(row.number);
                return Ok(Some(AutoActionErrorIndication::AutoActionLogEntry(number)));
            }
        }
        // It was deleted meanwhile.
        Ok(Some(AutoActionErrorIndication::IndicationOnly(Null)))
    }

    /// The value that says that something failed and was not told.
    fn failed_since(&self, mailbox: MailboxId) -> Result<Option<Bytes>, StorageError> {
        // Before the value is looked at: what is ready then is gone.
        if self.auto_actions.told.told().contains_key(&mailbox) {
            return Ok(None);
        }
        self.storage.value(Scope::Mailbox(mailbox), FAILED)
    }

    /// What makes room in the log for so many entries more.
    fn log_room(&self, mailbox: MailboxId, coming: u32) -> Result<Option<Change>, StorageError> {
        let counts = self.storage.counts(mailbox)?;
        let counts = counts.iter().filter(|count| count.class == AUTO_ACTION_LOG);
        let there: u32 = counts.map(|count| count.entries).sum();
        let over = there.saturating_add(coming).saturating_sub(ENTRIES_MAX);
        if over == 0 {
            return Ok(None);
        }
        let query = Query {
            classes: vec![AUTO_ACTION_LOG],
            limit: usize::try_from(over).ok(),
            ..Query::default()
        };
        let oldest = self.storage.select(mailbox, &query)?;
        let numbers: NumberSet = oldest.iter().map(|row| row.number).collect();
        Ok(Some(Change::Delete { mailbox, numbers }))
    }
}
