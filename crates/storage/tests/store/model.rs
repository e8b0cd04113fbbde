//! A naive model of the store, and random histories in which the two must agree, across
//! restarts, rebuilt indexes and crashes.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use restante_storage::{
    Change, Committed, MailboxId, NewContent, NumberSet, Query, Scope, Storage, Store, StoredEntry,
};

use crate::support::{child, entry};

pub(crate) const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// What may happen; mailboxes by place in [`NAMES`], those that are not there passed over.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create(usize),
    Remove(usize),
    Deliver {
        to: Vec<usize>,
        length: usize,
        children: u8,
    },
    Raise {
        of: usize,
        low: u32,
        count: u32,
        to: u8,
    },
    Set {
        of: usize,
        low: u32,
        count: u32,
        to: u8,
    },
    Amend {
        of: usize,
        number: u32,
        length: usize,
    },
    Replace {
        of: usize,
        number: u32,
        length: usize,
        amended: bool,
    },
    /// An entry with children under numbers that are free.
    Restore {
        of: usize,
        number: u32,
        length: usize,
        children: u8,
    },
    Delete {
        of: usize,
        low: u32,
        count: u32,
    },
    Put {
        of: Option<usize>,
        key: u8,
        value: u8,
    },
    RemoveValue {
        of: Option<usize>,
        key: u8,
    },
    Skip {
        of: usize,
        count: u32,
    },
}

fn mailbox() -> impl Strategy<Value = usize> {
    0..NAMES.len()
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 0usize..300, 1 => 60_000usize..80_000]
}

/// Steps that may be in flight when the disk stops.
pub(crate) fn in_flight() -> impl Strategy<Value = Step> {
    let to = prop::collection::vec(mailbox(), 1..3);
    let scope = prop::option::of(mailbox());
    prop_oneof![
        4 => (to, length(), 0u8..3).prop_map(|(to, length, children)| {
            Step::Deliver { to, length, children }
        }),
        2 => (mailbox(), 1u32..30, 1u32..6).prop_map(|(of, low, count)| {
            Step::Delete { of, low, count }
        }),
        1 => (scope, 0u8..4, any::<u8>()).prop_map(|(of, key, value)| {
            Step::Put { of, key, value }
        }),
        2 => (mailbox(), 1u32..30, 0usize..3).prop_map(|(of, number, length)| {
            Step::Amend { of, number, length }
        }),
        1 => (mailbox(), 1u32..30, 0usize..50, any::<bool>()).prop_map(
            |(of, number, length, amended)| Step::Replace { of, number, length, amended }
        ),
        2 => (mailbox(), 1u32..30, 0usize..300, 0u8..3).prop_map(
            |(of, number, length, children)| Step::Restore { of, number, length, children }
        ),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let scope = prop::option::of(mailbox());
    prop_oneof![
        6 => in_flight(),
        2 => mailbox().prop_map(Step::Create),
        1 => mailbox().prop_map(Step::Remove),
        3 => (mailbox(), 1u32..30, 1u32..20, 1u8..3).prop_map(|(of, low, count, to)| {
            Step::Raise { of, low, count, to }
        }),
        1 => (mailbox(), 1u32..30, 1u32..20, 0u8..3).prop_map(|(of, low, count, to)| {
            Step::Set { of, low, count, to }
        }),
        1 => (scope, 0u8..4).prop_map(|(of, key)| Step::RemoveValue { of, key }),
        1 => (mailbox(), 0u32..5).prop_map(|(of, count)| Step::Skip { of, count }),
    ]
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Model {
    boxes: BTreeMap<String, Box>,
    retired: BTreeMap<String, u32>,
    values: BTreeMap<Vec<u8>, u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Box {
    id: MailboxId,
    mark: u32,
    entries: BTreeMap<u32, Kept>,
    values: BTreeMap<Vec<u8>, u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    parent: Option<u32>,
    descendants: u32,
    status: u8,
    content: Bytes,
    attributes: String,
    amendment: Bytes,
}

fn key(key: u8) -> Vec<u8> {
    vec![b'k', key]
}

fn range(low: u32, count: u32) -> std::ops::RangeInclusive<u32> {
    low..=low + count - 1
}

/// Two children, one of them the other's, as far as they are wanted.
fn family(length: usize, children: u8) -> Vec<restante_storage::Child> {
    let half = length as u64 / 2;
    let all = [child(0..half, None), child(half / 2..half, Some(0))];
    all.into_iter().take(children.into()).collect()
}

impl Model {
    fn name(&self, of: usize) -> Option<&Box> {
        self.boxes.get(NAMES[of])
    }

    fn scope(&self, of: Option<usize>) -> Option<Scope> {
        match of {
            None => Some(Scope::Store),
            Some(of) => self.name(of).map(|mailbox| Scope::Mailbox(mailbox.id)),
        }
    }

    /// The change that a step is, if its mailboxes are there.
    pub(crate) fn change(&self, step: &Step) -> Option<Change> {
        Some(match step {
            Step::Create(name) => match self.name(*name) {
                None => Change::CreateMailbox { name: NAMES[*name].into(), about: Bytes::new() },
                Some(_) => return None,
            },
            Step::Remove(name) => Change::RemoveMailbox(self.name(*name)?.id),
            Step::Deliver { to, length, children } => {
                let entries: Option<Vec<_>> = to
                    .iter()
                    .map(|to| {
                        let mut entry = entry(self.name(*to)?.id, NAMES[*to]);
                        entry.children = family(*length, *children);
                        Some(entry)
                    })
                    .collect();
                let content = vec![content_of(*length)];
                Change::Store(NewContent { content, creation_time: 5, entries: entries? })
            }
            Step::Raise { of, low, count, to } => Change::RaiseStatus {
                mailbox: self.name(*of)?.id,
                numbers: NumberSet::from(range(*low, *count)),
                to: *to,
            },
            Step::Set { of, low, count, to } => Change::SetStatus {
                mailbox: self.name(*of)?.id,
                numbers: NumberSet::from(range(*low, *count)),
                to: *to,
            },
            Step::Amend { of, number, length } => Change::Amend {
                mailbox: self.name(*of)?.id,
                number: *number,
                amendment: content_of(*length),
            },
            Step::Replace { of, number, length, amended } => {
                let mailbox = self.name(*of)?;
                mailbox.entries.get(number)?;
                let mut entry = entry(mailbox.id, "other");
                entry.replaces = Some(*number);
                entry.amendment = if *amended { content_of(3) } else { Bytes::new() };
                let content = vec![content_of(*length)];
                Change::Store(NewContent { content, creation_time: 5, entries: vec![entry] })
            }
            Step::Restore { of, number, length, children } => {
                self.restoring(*of, (*number, *length, *children))?
            }
            Step::Delete { of, low, count } => Change::Delete {
                mailbox: self.name(*of)?.id,
                numbers: NumberSet::from(range(*low, *count)),
            },
            Step::Put { of, key: name, value } => Change::PutValue {
                scope: self.scope(*of)?,
                key: key(*name).into(),
                value: vec![*value].into(),
            },
            Step::RemoveValue { of, key: name } => {
                Change::RemoveValue { scope: self.scope(*of)?, key: key(*name).into() }
            }
            Step::Skip { of, count } => {
                let mailbox = self.name(*of)?;
                Change::RaiseHighWater { mailbox: mailbox.id, to: mailbox.mark + count }
            }
        })
    }

    /// The change that puts a family back, if its numbers are free.
    fn restoring(
        &self,
        of: usize,
        (number, length, children): (u32, usize, u8),
    ) -> Option<Change> {
        let mailbox = self.name(of)?;
        let last = number + u32::from(children);
        if last > mailbox.mark || mailbox.entries.range(number..=last).next().is_some() {
            return None;
        }
        let mut entry = entry(mailbox.id, NAMES[of]);
        entry.replaces = Some(number);
        entry.children = family(length, children);
        let content = vec![content_of(length)];
        Some(Change::Store(NewContent { content, creation_time: 5, entries: vec![entry] }))
    }

    fn there(&mut self, of: usize) -> &mut Box {
        self.boxes.get_mut(NAMES[of]).expect("it is there")
    }

    /// Does a step whose mailboxes are there; what the store is to answer, but for identifiers.
    pub(crate) fn apply(&mut self, step: &Step, created: Option<MailboxId>) -> Committed {
        let mut committed = Committed::default();
        match step {
            Step::Create(name) => {
                let mark = self.retired.get(NAMES[*name]).copied().unwrap_or(0);
                let id = created.expect("an identifier");
                let (entries, values) = Default::default();
                let new = Box { id, mark, entries, values };
                self.boxes.insert(NAMES[*name].into(), new);
            }
            Step::Remove(name) => {
                let gone = self.boxes.remove(NAMES[*name]).expect("it is there");
                self.retired.insert(NAMES[*name].into(), gone.mark);
            }
            Step::Deliver { to, length, children } => {
                for to in to {
                    let mailbox = self.there(*to);
                    let (number, id) = (mailbox.mark + 1, mailbox.id);
                    mailbox.put(number, NAMES[*to], *length, *children);
                    mailbox.mark += 1 + u32::from(*children);
                    let children = u32::from(*children);
                    let stored = StoredEntry { mailbox: id, number, children };
                    committed.stored.push(stored);
                }
            }
            Step::Raise { of, low, count, to } => {
                let mailbox = self.there(*of);
                for (_, kept) in mailbox.entries.range_mut(range(*low, *count)) {
                    committed.raised += u32::from(kept.status < *to);
                    kept.status = kept.status.max(*to);
                }
            }
            Step::Set { of, low, count, to } => {
                let mailbox = self.there(*of);
                let entries = mailbox.entries.range_mut(range(*low, *count));
                entries.for_each(|(_, kept)| kept.status = *to);
            }
            Step::Amend { of, number, length } => {
                if let Some(kept) = self.there(*of).entries.get_mut(number) {
                    kept.amendment = content_of(*length);
                }
            }
            Step::Replace { of, number, length, amended } => {
                let mailbox = self.there(*of);
                mailbox.replace(*number, *length, *amended);
                let stored = StoredEntry { mailbox: mailbox.id, number: *number, children: 0 };
                committed.stored.push(stored);
            }
            Step::Restore { of, number, length, children } => {
                let mailbox = self.there(*of);
                mailbox.put(*number, NAMES[*of], *length, *children);
                let (mailbox, number, children) = (mailbox.id, *number, u32::from(*children));
                committed.stored.push(StoredEntry { mailbox, number, children });
            }
            Step::Delete { of, low, count } => {
                let mailbox = self.there(*of);
                for number in range(*low, *count) {
                    committed.deleted += mailbox.delete(number);
                }
            }
            Step::Put { of, key: name, value } => {
                self.values_of(*of).insert(key(*name), *value);
            }
            Step::RemoveValue { of, key: name } => drop(self.values_of(*of).remove(&key(*name))),
            Step::Skip { of, count } => self.there(*of).mark += count,
        }
        committed
    }

    fn values_of(&mut self, of: Option<usize>) -> &mut BTreeMap<Vec<u8>, u8> {
        match of {
            None => &mut self.values,
            Some(of) => &mut self.there(of).values,
        }
    }

    /// What a store holds, as a model; names that were removed are this model's.
    pub(crate) fn of_store(&self, store: &Store) -> Self {
        let mut boxes = BTreeMap::new();
        for mailbox in store.mailboxes() {
            let seen = Box {
                id: mailbox.id,
                mark: store.high_water(mailbox.id).unwrap(),
                entries: entries_of(store, mailbox.id),
                values: values_of(store, Scope::Mailbox(mailbox.id)),
            };
            boxes.insert(mailbox.name.to_string(), seen);
        }
        let values = values_of(store, Scope::Store);
        Self { boxes, retired: self.retired.clone(), values }
    }
}

impl Box {
    fn put(&mut self, first: u32, name: &str, length: usize, children: u8) {
        let content = content_of(length);
        let kept = |parent, descendants, content, attributes: &str| Kept {
            parent,
            descendants,
            status: 0,
            content,
            attributes: attributes.into(),
            amendment: Bytes::new(),
        };
        let whole = kept(None, children.into(), content.clone(), &format!("{name}<"));
        self.entries.insert(first, whole);
        for (place, child) in family(length, children).into_iter().enumerate() {
            let part = content.slice(child.range.start as usize..child.range.end as usize);
            let parent = child.parent.map_or(first, |parent| first + 1 + parent as u32);
            let of = if child.parent.is_none() { name } else { "child" };
            let descendants = u32::from(place == 0 && children == 2);
            let kept = kept(Some(parent), descendants, part, &format!("child<{of}"));
            self.entries.insert(first + 1 + place as u32, kept);
        }
    }

    fn replace(&mut self, number: u32, length: usize, amended: bool) {
        self.delete(number);
        let kept = Kept {
            parent: None,
            descendants: 0,
            status: 0,
            content: content_of(length),
            attributes: "other<".into(),
            amendment: if amended { content_of(3) } else { Bytes::new() },
        };
        self.entries.insert(number, kept);
    }

    fn delete(&mut self, number: u32) -> u32 {
        let Some(kept) = self.entries.remove(&number) else { return 0 };
        let rest = 1..=kept.descendants;
        1 + rest.map(|n| u32::from(self.entries.remove(&(number + n)).is_some())).sum::<u32>()
    }
}

fn content_of(length: usize) -> Bytes {
    (0..length).map(|n| b'a' + (n % 23) as u8).collect::<Vec<_>>().into()
}

fn entries_of(store: &Store, mailbox: MailboxId) -> BTreeMap<u32, Kept> {
    let all = store.select(mailbox, &Query::default()).unwrap();
    let kept = all.iter().map(|row| {
        let attributes = store.attributes(mailbox, row.number).unwrap().unwrap();
        let kept = Kept {
            parent: row.parent,
            descendants: row.descendants,
            status: row.status,
            content: store.content(mailbox, row.number).unwrap().unwrap(),
            attributes: String::from_utf8(attributes.into()).unwrap(),
            amendment: match row.amended {
                true => store.amendment(mailbox, row.number).unwrap().unwrap(),
                false => Bytes::new(),
            },
        };
        assert_eq!(row.amended, !kept.amendment.is_empty());
        assert_eq!(row.size, kept.content.len() as u64);
        (row.number, kept)
    });
    kept.collect()
}

fn values_of(store: &Store, scope: Scope) -> BTreeMap<Vec<u8>, u8> {
    let all = store.values(scope, b"k").unwrap();
    let mut by_three: Vec<(Bytes, Bytes)> = Vec::new();
    loop {
        let after = by_three.last().map(|(key, _)| key.clone()).unwrap_or_default();
        match &store.values_after(scope, b"k", &after, 3).unwrap()[..] {
            [] => break,
            some => by_three.extend_from_slice(some),
        }
    }
    assert_eq!(by_three, all);
    let value = |(key, value): (Bytes, Bytes)| {
        assert_eq!(store.value(scope, &key).unwrap().as_ref(), Some(&value));
        (key.to_vec(), value[0])
    };
    all.into_iter().map(value).collect()
}
