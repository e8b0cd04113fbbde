//! Auto-modify (X.413 §13.2): what is added to an entry before it is stored, of the class of
//! entries that the registration is for. An entry that is in a log from the start is one of the
//! log's too.

use std::sync::Arc;

use bytes::Bytes;
use restante_directory::User;
use restante_mhs::x413::{AutoModifyRegistrationParameter, EntryClass, RetrievalError};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::{MailboxId, NewEntry, Storage, StorageError};

use super::arrival::{Acts, Arrived, Finished};
use super::log::refused;
use super::registration::improper;
use super::{Action, Rule};
use crate::attributes::Amendment;
use crate::class;
use crate::modify::{self, Entry, Modification};
use crate::{MessageStore, Now};

/// What is modified how.
#[derive(Debug)]
pub(super) struct Modifying {
    /// Entries of these classes.
    classes: &'static [u8],
    pub(super) modifications: Vec<Modification>,
}

impl Modifying {
    /// Reads what was registered.
    ///
    /// # Errors
    /// attribute-error for a modification that can't be; that of an improper parameter for a class
    /// that is no message's.
    pub(super) fn of(
        parameter: &AutoModifyRegistrationParameter,
        edition: Edition,
    ) -> Result<Self, RetrievalError> {
        // Where nothing is logged now, messages may be later.
        let class = class::checked(parameter.entry_class, edition, true);
        let class = class.ok().filter(|_| parameter.entry_class != EntryClass::AUTO_ACTION_LOG);
        let classes = class.ok_or_else(|| improper(edition))?.stored;
        Ok(Self { classes, modifications: modify::checked(&parameter.modifications)? })
    }

    fn is_for(&self, class: u8) -> bool {
        self.classes.contains(&class)
    }
}

impl Acts {
    /// Modifies the entry that comes, where it is of a class that is modified.
    pub(super) fn modify(&mut self, modifying: &Modifying, rule: &Arc<Rule>, class: u8) {
        if !modifying.is_for(class) {
            return;
        }
        let amendment = Amendment::read(self.amendment.clone());
        let mut entry = Entry { amendment, status: self.status };
        let error = entry.modify(&modifying.modifications).err();
        if error.is_none() {
            (self.amendment, self.status) = (entry.amendment.octets(), entry.status);
        }
        self.log(rule, None, error.map(|_| refused(ms_access::ERR_MODIFY_ERROR, None)));
    }
}

impl<S: Storage> MessageStore<S> {
    /// Has auto-modify change what a user submits or puts away before it is stored. What comes of
    /// that is what [`MessageStore::log_modified`] has logged.
    pub(crate) fn auto_modify(
        &self,
        (user, now): (&User, Now),
        entry: &mut NewEntry,
        content: &Bytes,
    ) -> Result<Acts, StorageError> {
        let rules = self.auto_actions.rules(&*self.storage, entry.mailbox)?;
        let modifies = |rule: &&Arc<Rule>| match &rule.action {
            Action::Modify(modifying) => modifying.is_for(entry.class),
            _ => false,
        };
        let those: Vec<_> = rules.iter().filter(modifies).cloned().collect();
        let mut acts = Acts { amendment: entry.amendment.clone(), ..Acts::default() };
        if those.is_empty() {
            return Ok(acts);
        }
        let octets = (&entry.envelope, content);
        let named = (user, entry.mailbox);
        let arrived = Arrived::of_class(entry.class, named, now, octets, &entry.children);
        for rule in self.matching(&those, &arrived)? {
            if let Action::Modify(modifying) = &rule.action {
                acts.modify(modifying, &rule, entry.class);
            }
        }
        entry.amendment = acts.amendment.clone();
        self.sweep_modified(entry.mailbox, &entry.amendment, now, &mut acts)?;
        entry.status = acts.status.unwrap_or(entry.status);
        Ok(acts)
    }

    /// What logs modifications of an entry that takes the first of `behind` numbers which its
    /// mailbox gives out in the transaction before this.
    pub(crate) fn log_modified(
        &self,
        acts: Acts,
        mailbox: MailboxId,
        behind: u32,
        now: Now,
    ) -> Result<Finished, StorageError> {
        let nobody = User::new(restante_mhs::x411::ORAddress::default());
        let arrived = Arrived::nothing((&nobody, mailbox), now);
        self.finished(acts, &arrived, Some(behind))
    }
}
