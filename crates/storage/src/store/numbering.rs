//! The numbers that the writer gives: mailboxes', and one series of sequence-numbers in each.
//!
//! They go up only, through deletes, refusals, restarts and a mailbox that is made anew under a
//! name that was removed.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::queue::Step;
use crate::{
    Committed, MailboxId, NUMBER_MAX, Scope, StorageError, StoredEntry,
    index::KnownMailbox,
    record::{Effect, LoggedEntry},
};

/// Where the store keeps the number at which a mailbox begins at least, as a value of its own.
pub(super) const FLOOR_KEY: &[u8] = b"storage/floor";

/// What the keys of the store's own values begin with.
pub(super) const OWN_KEYS: &[u8] = b"storage/";

/// What the name of a mailbox begins with whose creation was lost.
pub(super) const LOST_NAMES: &str = "lost-";

/// The number that is kept under [`FLOOR_KEY`].
pub(super) fn floor_of(value: Option<&[u8]>) -> u32 {
    value.and_then(|value| value.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// The change that keeps it.
pub(super) fn put_floor(floor: u32) -> Effect {
    let value = Bytes::copy_from_slice(&floor.to_le_bytes());
    Effect::PutValue { scope: Scope::Store, key: Bytes::from_static(FLOOR_KEY), value }
}

#[derive(Default)]
pub(super) struct Numbering {
    last_mailbox: u32,
    /// No mailbox that is made begins below it: not after numbers were raised, and not while one
    /// may have been lost that had its name.
    floor: u32,
    names: HashMap<Arc<str>, MailboxId>,
    /// The last number given in each mailbox.
    last: HashMap<MailboxId, (Arc<str>, u32)>,
    /// The last number given under a name that was removed.
    retired: HashMap<Arc<str>, u32>,
}

impl Numbering {
    pub(super) fn new(known: &[KnownMailbox], floor: u32) -> Self {
        let mut numbering = Self { floor, ..Self::default() };
        for KnownMailbox { mailbox, high_water, removed } in known {
            numbering.add(mailbox.id, mailbox.name.clone(), *high_water);
            if mailbox.name.starts_with(LOST_NAMES) {
                numbering.floor = numbering.floor.max(*high_water);
            }
            if *removed {
                numbering.remove(mailbox.id);
            }
        }
        numbering
    }

    fn add(&mut self, id: MailboxId, name: Arc<str>, last: u32) {
        self.last_mailbox = self.last_mailbox.max(id.get());
        self.names.insert(name.clone(), id);
        self.last.insert(id, (name, last));
    }

    fn remove(&mut self, id: MailboxId) {
        let Some((name, last)) = self.last.remove(&id) else { return };
        self.names.remove(&name);
        let retired = self.retired.entry(name).or_default();
        *retired = last.max(*retired);
    }

    /// Whether the steps can be done as they stand, one after the other.
    pub(super) fn check(&self, steps: &[Step]) -> Result<(), StorageError> {
        let mut created: Vec<&str> = Vec::new();
        let mut removed: Vec<MailboxId> = Vec::new();
        let mut wanted: HashMap<MailboxId, u32> = HashMap::new();
        for step in steps {
            let effect = match step {
                Step::CreateMailbox { name, .. } => {
                    let taken = self.names.get(name).is_some_and(|id| !removed.contains(id));
                    if taken || created.contains(&&**name) {
                        return Err(StorageError::MailboxExists(name.to_string()));
                    }
                    created.push(name);
                    continue;
                }
                Step::Effect(effect) => effect,
            };
            let there = |id: MailboxId| match self.last.contains_key(&id) && !removed.contains(&id)
            {
                true => Ok(()),
                false => Err(StorageError::NoMailbox(id)),
            };
            match effect {
                Effect::RemoveMailbox { id } => {
                    there(*id)?;
                    removed.push(*id);
                }
                Effect::Store(entries) => {
                    for entry in entries {
                        there(entry.mailbox)?;
                        if entry.replaces {
                            self.check_given(entry)?;
                            continue;
                        }
                        *wanted.entry(entry.mailbox).or_default() += 1;
                    }
                }
                Effect::RaiseStatus { mailbox, .. }
                | Effect::SetStatus { mailbox, .. }
                | Effect::Amend { mailbox, .. }
                | Effect::Delete { mailbox, .. }
                | Effect::RaiseHighWater { mailbox, .. }
                | Effect::PutValue { scope: Scope::Mailbox(mailbox), .. }
                | Effect::RemoveValue { scope: Scope::Mailbox(mailbox), .. } => there(*mailbox)?,
                Effect::CreateMailbox { .. }
                | Effect::PutValue { .. }
                | Effect::RemoveValue { .. }
                | Effect::RemoveValuesBetween { .. } => {}
            }
        }
        self.check_numbers(steps, wanted)
    }

    fn check_given(&self, entry: &LoggedEntry) -> Result<(), StorageError> {
        let last = self.last.get(&entry.mailbox).map_or(0, |(_, last)| *last);
        match (1..=last).contains(&entry.number) {
            true => Ok(()),
            false => Err(StorageError::Invalid("an entry in the place of one that never was")),
        }
    }

    fn check_numbers(
        &self,
        steps: &[Step],
        wanted: HashMap<MailboxId, u32>,
    ) -> Result<(), StorageError> {
        for (mailbox, count) in wanted {
            let mut last = self.last.get(&mailbox).map_or(0, |(_, last)| *last);
            for step in steps {
                if let Step::Effect(Effect::RaiseHighWater { mailbox: raised, to }) = step {
                    last = if *raised == mailbox { last.max(*to) } else { last };
                }
            }
            if count > NUMBER_MAX - last {
                return Err(StorageError::NumbersExhausted(mailbox));
            }
        }
        Ok(())
    }

    /// Gives the numbers of steps that were checked.
    pub(super) fn assign(&mut self, steps: Vec<Step>, change: u64) -> (Vec<Effect>, Committed) {
        let mut committed = Committed { change, ..Committed::default() };
        let give = |step| match step {
            Step::CreateMailbox { name, about } => {
                let id = MailboxId::new(self.last_mailbox + 1).expect("2^31-1 mailboxes");
                let high_water = self.retired.get(&name).copied().unwrap_or(0).max(self.floor);
                self.add(id, name.clone(), high_water);
                committed.mailboxes.push(id);
                Effect::CreateMailbox { id, high_water, name, about }
            }
            Step::Effect(mut effect) => {
                match &mut effect {
                    Effect::RemoveMailbox { id } => self.remove(*id),
                    Effect::Store(entries) => self.number(entries, change, &mut committed),
                    Effect::RaiseHighWater { mailbox, to } => self.raise(*mailbox, *to),
                    Effect::PutValue { scope: Scope::Store, key, value } if key == FLOOR_KEY => {
                        self.floor = self.floor.max(floor_of(Some(value)));
                        return put_floor(self.floor);
                    }
                    _ => {}
                }
                effect
            }
        };
        (steps.into_iter().map(give).collect(), committed)
    }

    fn raise(&mut self, mailbox: MailboxId, to: u32) {
        if let Some((_, last)) = self.last.get_mut(&mailbox) {
            *last = to.max(*last);
        }
    }

    fn number(&mut self, entries: &mut [LoggedEntry], change: u64, committed: &mut Committed) {
        let mut first = 0;
        for entry in entries {
            let (_, last) = self.last.get_mut(&entry.mailbox).expect("checked before");
            entry.state = change;
            if entry.replaces {
                if entry.parent.is_none() {
                    let (mailbox, number) = (entry.mailbox, entry.number);
                    let children = entry.descendants;
                    committed.stored.push(StoredEntry { mailbox, number, children });
                }
                continue;
            }
            *last += 1;
            if entry.parent.is_none() {
                first = *last;
                committed.stored.push(StoredEntry {
                    mailbox: entry.mailbox,
                    number: first,
                    children: entry.descendants,
                });
            }
            entry.number = *last;
            entry.parent = entry.parent.map(|place| first + place);
        }
    }
}
