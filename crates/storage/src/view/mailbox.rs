//! A mailbox as it can be seen: its mark, and its columns while it is in use.

use std::{
    ops::AddAssign,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::write;
use crate::{
    EntryRow, Mailbox, MailboxId,
    index::Applied,
    record::{Effect, LoggedEntry},
    rows::Rows,
};

/// How many entries a record changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) deleted: u32,
    pub(crate) raised: u32,
}

impl AddAssign for Changed {
    fn add_assign(&mut self, other: Self) {
        self.deleted += other.deleted;
        self.raised += other.raised;
    }
}

pub(super) struct MailboxView {
    pub(super) mailbox: Mailbox,
    pub(super) state: RwLock<State>,
    /// Held while the columns are loaded.
    pub(super) loading: Mutex<()>,
    /// When it was last used, and what its columns take, octets.
    pub(super) used: AtomicU64,
    pub(super) bytes: AtomicUsize,
}

pub(super) struct State {
    pub(super) high_water: u32,
    pub(super) removed: bool,
    pub(super) rows: Option<Rows>,
    /// Counts what may have changed what the mailbox holds, whether or not the columns are here.
    pub(super) revision: u64,
    /// The change up to which the rows go.
    pub(super) applied: u64,
    /// Who needs the columns to stay.
    pins: usize,
}

/// Keeps a mailbox's columns in memory.
pub(crate) struct Pin(Arc<MailboxView>);

impl Pin {
    pub(super) fn new(mailbox: Arc<MailboxView>) -> Self {
        write(&mailbox.state).pins += 1;
        Self(mailbox)
    }

    pub(super) fn mailbox(&self) -> &MailboxView {
        &self.0
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        write(&self.0.state).pins -= 1;
    }
}

impl MailboxView {
    pub(super) fn new(mailbox: Mailbox, high_water: u32) -> Self {
        let state =
            State { high_water, removed: false, rows: None, revision: 0, applied: 0, pins: 0 };
        Self {
            mailbox,
            state: RwLock::new(state),
            loading: Mutex::new(()),
            used: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Applies a record, unless it was applied while the columns were loaded.
    pub(super) fn apply(&self, record: &Applied) -> Changed {
        let id = self.mailbox.id;
        let mut state = write(&self.state);
        state.revision += 1;
        for effect in &record.effects {
            let mark = match effect {
                Effect::Store(entries) => {
                    let ours = entries.iter().filter(|entry| entry.mailbox == id);
                    ours.map(|entry| entry.number).max().unwrap_or(0)
                }
                Effect::RaiseHighWater { mailbox, to } if *mailbox == id => *to,
                _ => 0,
            };
            state.high_water = state.high_water.max(mark);
        }
        if record.change <= state.applied {
            return Changed::default();
        }
        let Some(rows) = &mut state.rows else { return Changed::default() };
        let (changed, bytes) = apply_to_rows(rows, record, id);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        state.applied = record.change;
        changed
    }

    /// Lets go of the columns, if nobody needs them to stay; the octets that this gave back.
    pub(super) fn let_go(&self) -> usize {
        let mut state = write(&self.state);
        if state.pins > 0 || state.rows.take().is_none() {
            return 0;
        }
        self.bytes.swap(0, Ordering::Relaxed)
    }

    pub(super) fn remove(&self) {
        let mut state = write(&self.state);
        state.removed = true;
        // Who found the mailbox before it went finds it empty.
        state.rows = Some(Rows::default());
        self.bytes.store(0, Ordering::Relaxed);
    }
}

/// The mailboxes that an effect touches.
pub(super) fn mailboxes_of(effect: &Effect, out: &mut Vec<MailboxId>) {
    match effect {
        Effect::Store(entries) => out.extend(entries.iter().map(|entry| entry.mailbox)),
        Effect::RaiseStatus { mailbox, .. }
        | Effect::SetStatus { mailbox, .. }
        | Effect::Amend { mailbox, .. }
        | Effect::Delete { mailbox, .. }
        | Effect::RaiseHighWater { mailbox, .. } => out.push(*mailbox),
        Effect::CreateMailbox { .. }
        | Effect::RemoveMailbox { .. }
        | Effect::PutValue { .. }
        | Effect::RemoveValue { .. }
        | Effect::RemoveValuesBetween { .. } => {}
    }
}

/// Applies what a record says of one mailbox; what changed, and the octets that were added.
pub(super) fn apply_to_rows(rows: &mut Rows, record: &Applied, id: MailboxId) -> (Changed, usize) {
    let mut changed = Changed::default();
    let mut bytes = 0;
    for effect in &record.effects {
        match effect {
            Effect::Store(entries) => {
                for entry in entries {
                    if entry.mailbox == id && entry.replaces {
                        bytes += rows.replace(&row_of(entry, record.change));
                    } else if entry.mailbox == id {
                        bytes += rows.push(&row_of(entry, record.change));
                    }
                }
            }
            Effect::RaiseStatus { mailbox, numbers, to } if *mailbox == id => {
                changed.raised +=
                    numbers.ranges().map(|range| rows.raise_status(range, *to)).sum::<u32>();
            }
            Effect::SetStatus { mailbox, numbers, to } if *mailbox == id => {
                numbers.ranges().for_each(|range| rows.set_status(range, *to));
            }
            Effect::Amend { mailbox, number, amendment } if *mailbox == id => {
                rows.set_amended(*number, !amendment.is_empty());
            }
            Effect::Delete { mailbox, numbers } if *mailbox == id => {
                changed.deleted += numbers.ranges().map(|range| rows.delete(range)).sum::<u32>();
            }
            _ => {}
        }
    }
    (changed, bytes)
}

fn row_of(entry: &LoggedEntry, change: u64) -> EntryRow<'_> {
    let columns = &entry.extracted.columns;
    EntryRow {
        number: entry.number,
        parent: entry.parent,
        descendants: entry.descendants,
        class: entry.class,
        status: entry.status,
        creation_time: entry.creation_time,
        change,
        ordinal: entry.ordinal,
        kind: columns.kind,
        priority: columns.priority,
        size: columns.size,
        cut: false,
        amended: !entry.amendment.is_empty(),
        originator: &columns.originator,
        subject: &columns.subject,
        message_id: &columns.message_id,
        content_type: &columns.content_type,
    }
}
