//! Errands: what the store submits for a user by itself.
//!
//! In the transaction of what calls for it an errand becomes an entry of a class of its own, which
//! no user sees: its envelope says what is to be submitted and what is to be done then, its
//! content is the content to submit. When the MTA has taken it, or refused it for good, it goes,
//! in one transaction with what is to be done. Until then it is submitted again and again, octet
//! for octet the same.

use restante_ber::{Bytes, Decode, Encode, Kept, Oid, SetOf, sequence};
use restante_directory::User;
use restante_mhs::x411::MessageSubmissionEnvelope;
use restante_mhs::x413::{AutoActionError, MessageGroupName, Restrictions};
use restante_mhs::x419::Edition;
use restante_storage::{
    Change, MailboxId, NewContent, NewEntry, NumberSet, Query, Scope, Storage, StorageError,
};

use super::Rule;
use super::arrival::{Arrived, Finished};
use super::log::{ActedOn, Run};
use super::storing::Storing;
use crate::attributes::before;
use crate::class::{DELIVERY_LOG, SUBMISSION_LOG};
use crate::submit::{Keep, Submit, of_store};
use crate::{Binding, Effect, MessageStore, Now};

/// The class of errands in storage.
pub(crate) const ERRAND: u8 = 128;
/// The status of an entry that its user has fetched.
const PROCESSED: u8 = 2;

/// Before the number of a mailbox that may have errands, in values of the store.
const MARK: &[u8] = b"errands/";

sequence! { IMPLICIT TAGS;
    /// What is to be submitted, and what is to be done then.
    pub struct Errand [20] {
        /// The envelope.
        envelope: Kept<MessageSubmissionEnvelope>,
        /// By which auto-action.
        auto_action_type: Oid,
        /// And which registration of it.
        registration_identifier: u32 [0],
        /// The number of the entry that it is about; negative: how far before its own that is.
        subject: i64 [1],
        /// Whether that entry goes then.
        delete_subject: bool [2] = false,
        /// Whether that entry is processed then.
        process_subject: bool [3] = false,
        /// Whether an entry of the class submission is made of it.
        store: bool [4] = false,
        /// Whether it is what the auto-action is for, and not told of with that.
        logged: bool [5] = true,
        /// The message-groups to which that entry is added.
        groups: SetOf<MessageGroupName> [6] = SetOf::default(),
        /// Whether auto-modify leaves that entry alone.
        unmodified: bool [7] = false,
    }
}

/// An errand and its content.
pub(super) struct Sent {
    pub(super) errand: Errand,
    pub(super) content: Bytes,
}

impl Sent {
    /// What an auto-action of a registration submits.
    pub(super) fn new(
        rule: &Rule,
        envelope: MessageSubmissionEnvelope,
        content: Bytes,
        storing: &Storing,
    ) -> Self {
        let (auto_action_type, registration_identifier) = rule.name();
        let errand = Errand {
            envelope: envelope.into(),
            auto_action_type: auto_action_type.clone(),
            registration_identifier,
            subject: 0,
            delete_subject: false,
            process_subject: false,
            store: storing.entry,
            logged: false,
            groups: storing.groups.clone(),
            unmodified: storing.unmodified,
        };
        Self { errand, content }
    }

    /// The entry that it becomes. `subject` is the number of the entry that it is about, or,
    /// negative, how far that will stand before it.
    pub(super) fn change(mut self, arrived: &Arrived<'_>, subject: i64) -> Change {
        self.errand.subject = subject;
        Change::Store(NewContent {
            content: vec![self.content],
            creation_time: arrived.now.0,
            entries: vec![NewEntry::new(arrived.mailbox, ERRAND, PROCESSED, self.errand.to_ber())],
        })
    }
}

/// An errand that is being run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) number: u32,
    pub(crate) errand: Errand,
}

impl Ran {
    /// It is done: what is done with it beside what deletes entries.
    fn done(&self, mailbox: MailboxId, now: Now) -> Vec<Change> {
        let mut changes = self.gone(mailbox);
        if self.errand.process_subject && !self.errand.delete_subject {
            let numbers: NumberSet = [self.subject()].into_iter().collect();
            changes.push(Change::RaiseStatus { mailbox, numbers, to: PROCESSED });
        }
        let subject = i64::from(self.subject());
        changes.extend(self.run(None).map(|run| run.change(mailbox, subject, now)));
        changes
    }

    /// The entry that goes with it when it is done, where it is to.
    fn deleted(&self) -> Option<u32> {
        self.errand.delete_subject.then(|| self.subject())
    }

    /// It can't be done, now or ever: it goes, and the log says why.
    fn failed(&self, mailbox: MailboxId, now: Now, error: AutoActionError) -> Vec<Change> {
        let mut changes = self.gone(mailbox);
        let subject = i64::from(self.subject());
        changes.extend(self.run(Some(error)).map(|run| run.change(mailbox, subject, now)));
        changes
    }

    fn gone(&self, mailbox: MailboxId) -> Vec<Change> {
        vec![Change::Delete { mailbox, numbers: [self.number].into_iter().collect() }]
    }

    /// What the log tells of it: of what is an auto-action's purpose all, else errors alone.
    fn run(&self, error: Option<AutoActionError>) -> Option<Run> {
        let name = (&self.errand.auto_action_type, self.errand.registration_identifier);
        let told = self.errand.logged || error.is_some();
        told.then(|| Run::new(name, error))
    }

    /// The number of the entry that it is about.
    fn subject(&self) -> u32 {
        before(self.number, self.errand.subject)
    }
}

/// That a mailbox may have errands, so that they are found at a start.
pub(super) fn mark(mailbox: MailboxId) -> Change {
    let key = [MARK, &mailbox.get().to_be_bytes()].concat().into();
    Change::PutValue { scope: Scope::Store, key, value: Bytes::new() }
}

/// An errand that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextErrand {
    /// Its number.
    pub number: u32,
    /// What is to be submitted.
    pub submit: Submit,
}

impl<S: Storage> MessageStore<S> {
    /// The mailboxes that may have errands; for a start.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn mailboxes_with_errands(&self) -> Result<Vec<MailboxId>, StorageError> {
        let marks = self.storage.values(Scope::Store, MARK)?;
        let mailbox = |key: &Bytes| {
            let number = key.strip_prefix(MARK)?.try_into().ok()?;
            MailboxId::new(u32::from_be_bytes(number))
        };
        Ok(marks.iter().filter_map(|(key, _)| mailbox(key)).collect())
    }

    /// What is done when an errand is: the entry that it is about may go with it, and its run is
    /// logged.
    pub(crate) fn errand_done(&self, mailbox: MailboxId, errand: &Ran, now: Now) -> Finished {
        let mut changes = errand.done(mailbox, now);
        // What its user has deleted meanwhile is in the log alone, and stays there.
        let deleted = errand.deleted().filter(|number| !self.is_left(mailbox, *number));
        if let Some(number) = deleted {
            let numbers: NumberSet = [number].into_iter().collect();
            let whole = Change::Delete { mailbox, numbers: numbers.clone() };
            // Where the log has no room for it, it goes without a trace.
            changes.extend(self.deletion(mailbox, numbers, now).unwrap_or_else(|_| vec![whole]));
        }
        changes.extend(self.logging(mailbox, (1, false), now).unwrap_or_default());
        (changes, self.told(mailbox, errand, None))
    }

    /// Whether an entry is one of a log.
    fn is_left(&self, mailbox: MailboxId, number: u32) -> bool {
        let entry = self.storage.entry(mailbox, number).ok().flatten();
        entry.is_some_and(|entry| [DELIVERY_LOG, SUBMISSION_LOG].contains(&entry.class))
    }

    /// What is done when an errand can't be.
    pub(crate) fn errand_failed(
        &self,
        mailbox: MailboxId,
        errand: &Ran,
        now: Now,
        error: AutoActionError,
    ) -> Finished {
        let mut changes = errand.failed(mailbox, now, error.clone());
        // A log that can't be made room in is made room in later.
        changes.extend(self.logging(mailbox, (1, true), now).unwrap_or_default());
        (changes, self.told(mailbox, errand, Some(error)))
    }

    /// What is told of it outside.
    fn told(
        &self,
        mailbox: MailboxId,
        errand: &Ran,
        error: Option<AutoActionError>,
    ) -> Vec<Effect> {
        let entry = ActedOn::Number(errand.subject());
        errand.run(error).map(|run| self.acted(mailbox, entry, run)).into_iter().collect()
    }

    /// The first errand of a mailbox whose number is above `after` and that can be read. It is
    /// there until [`MessageStore::complete`] has brought in that it is done, or can't be.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn next_errand(
        &self,
        mailbox: MailboxId,
        mut after: u32,
    ) -> Result<Option<NextErrand>, StorageError> {
        loop {
            let query = Query {
                numbers: after.saturating_add(1)..=u32::MAX,
                classes: vec![ERRAND],
                limit: Some(1),
                ..Query::default()
            };
            let found = match self.storage.select(mailbox, &query) {
                Ok(found) => found,
                // It was removed, and they with it.
                Err(StorageError::NoMailbox(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let Some(number) = found.get(0).map(|row| row.number) else { return Ok(None) };
            match self.errand(mailbox, number) {
                // What storage tells of keeps nothing else from being done.
                Err(StorageError::Damaged { .. }) => after = number,
                errand => return errand.map(Some),
            }
        }
    }

    fn errand(&self, mailbox: MailboxId, number: u32) -> Result<NextErrand, StorageError> {
        let envelope = self.storage.envelope(mailbox, number)?.unwrap_or_default();
        let content = self.storage.content(mailbox, number)?.unwrap_or_default();
        let Ok(errand) = Errand::from_bytes(&envelope) else {
            return Err(StorageError::Invalid("an errand can't be read"));
        };
        let address = errand.envelope.originator_name.address.clone();
        let user = self.directory.user(&address.key()).ok().flatten();
        let binding = Binding {
            agent: None,
            user: user.unwrap_or_else(|| User::new(address)),
            mailbox,
            edition: Edition::E1988,
            fetch_restrictions: Restrictions::default(),
        };
        let keep = if errand.store { Keep::Stored } else { self.keep_by_default(&binding.user) };
        let submit = of_store(binding, content, keep, Ran { number, errand });
        Ok(NextErrand { number, submit })
    }
}
