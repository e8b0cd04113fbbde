//! An entry that comes, and what the auto-actions of its mailbox make of it: changes for the
//! transaction that stores it, and effects for when it is durable.

use std::sync::Arc;

use restante_directory::User;
use restante_mhs::x411::Priority;
use restante_storage::{
    Change, Child, Entry, EntrySource, Extractor as _, MailboxId, Storage, StorageError,
};

use super::{Action, Alert, Rule, forwarded};
use crate::attributes::{AtHand, EntryReader};
use crate::class::DELIVERY;
use crate::{Effect, Extractor, MessageStore, Now};

/// An entry of the class delivery that is about to be stored.
pub(crate) struct Arrived<'a> {
    /// Whose it is.
    pub(crate) user: &'a User,
    pub(crate) mailbox: MailboxId,
    pub(crate) now: Now,
    pub(crate) entry: Entry,
    pub(crate) parts: AtHand,
}

/// What auto-actions do when an entry comes.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    /// In the transaction that stores it, behind it.
    pub(crate) changes: Vec<Change>,
    /// When that is durable.
    pub(crate) effects: Vec<Effect>,
}

impl<'a> Arrived<'a> {
    /// An entry of what was delivered.
    pub(crate) fn new(
        (user, mailbox): (&'a User, MailboxId),
        now: Now,
        (envelope, content): (&bytes::Bytes, &bytes::Bytes),
        children: &[Child],
    ) -> Self {
        let source =
            EntrySource { class: DELIVERY, envelope, content, creation_time: now.0, parent: None };
        let extracted = Extractor.extract(&source);
        let behind = (1_u32..).zip(children).filter(|(_, child)| child.parent.is_none());
        let parts = AtHand {
            attributes: extracted.attributes,
            envelope: envelope.clone(),
            content: content.clone(),
            children: behind.map(|(behind, _)| behind).collect(),
        };
        let entry = Entry {
            number: 0,
            parent: None,
            descendants: u32::try_from(children.len()).unwrap_or(u32::MAX),
            class: DELIVERY,
            status: 0,
            creation_time: now.0,
            change: 0,
            ordinal: 0,
            amended: false,
            columns: extracted.columns,
        };
        Self { user, mailbox, now, entry, parts }
    }

    /// An entry that is stored already; its children are not told.
    pub(super) fn stored<S: Storage>(
        service: &MessageStore<S>,
        (user, mailbox): (&'a User, MailboxId),
        now: Now,
        entry: Entry,
    ) -> Result<Self, StorageError> {
        let parts = AtHand {
            attributes: service.storage.attributes(mailbox, entry.number)?.unwrap_or_default(),
            envelope: service.storage.envelope(mailbox, entry.number)?.unwrap_or_default(),
            content: service.storage.content(mailbox, entry.number)?.unwrap_or_default(),
            children: Vec::new(),
        };
        Ok(Self { user, mailbox, now, entry, parts })
    }

    /// How urgent the message is.
    pub(super) fn priority(&self) -> Priority {
        Priority(i64::from(self.entry.columns.priority))
    }

    /// How many numbers the entry and its children take.
    fn numbers(&self) -> u32 {
        self.entry.descendants.saturating_add(1)
    }
}

impl<S: Storage> MessageStore<S> {
    /// Tries the auto-actions of a mailbox on an entry.
    pub(crate) fn act(&self, arrived: Arrived<'_>) -> Result<Acts, StorageError> {
        let rules = self.auto_actions.rules(&*self.storage, arrived.mailbox)?;
        let mut acts = Acts::default();
        let (mut alerting, mut errands) = (Vec::new(), false);
        // Where the next entry that this makes stands, behind the one that comes.
        let mut behind = arrived.numbers();
        for rule in self.matching(&rules, &arrived)? {
            match &rule.action {
                Action::Alert(_) => alerting.push(rule.clone()),
                Action::Forward(forwarding) => {
                    for errand in forwarded::make(forwarding, &rule, &arrived) {
                        acts.changes.push(errand.change(&arrived, -i64::from(behind)));
                        behind = behind.saturating_add(1);
                        errands = true;
                    }
                }
                Action::ForwardLater(later) => {
                    let Some(work) = later.work(&rule, &arrived) else { continue };
                    acts.effects.push(Effect::Due { at: work.at });
                    acts.changes.push(work.put(bytes::Bytes::new()));
                }
            }
        }
        if errands {
            acts.effects.push(Effect::Errand { mailbox: arrived.mailbox });
        }
        if !alerting.is_empty() {
            let Arrived { user, mailbox, entry, parts, .. } = arrived;
            let alert = Alert::new(user.key.clone(), mailbox, (entry, parts), alerting);
            acts.effects.push(Effect::Alert { alert, place: 0 });
        }
        Ok(acts)
    }

    /// The rules that are for an entry.
    fn matching(
        &self,
        rules: &[Arc<Rule>],
        arrived: &Arrived<'_>,
    ) -> Result<Vec<Arc<Rule>>, StorageError> {
        let row = arrived.entry.as_row();
        let entry = EntryReader::at_hand(&*self.storage, arrived.mailbox, row, &arrived.parts);
        let mut matching = Vec::new();
        for rule in rules {
            if rule.filter.as_ref().map_or(Ok(true), |filter| filter.holds(&entry))? {
                matching.push(rule.clone());
            }
        }
        Ok(matching)
    }
}
