//! Mailboxes whose entries may lack what the extractor makes, as after an index was made again
//! from the log without its contents: who reads one waits until it is made, and it comes first.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::lock;
use crate::{MailboxId, StorageError};

/// What is to be made next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The entries of this mailbox above a number: somebody waits for them.
    Mailbox(MailboxId, u32),
    /// Any.
    Any,
    /// Nothing any more.
    Finish,
}

/// The mailboxes that may have bare entries.
#[derive(Default)]
pub(crate) struct Bare {
    wait: Duration,
    /// Whether there is any.
    any: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    mailboxes: BTreeSet<MailboxId>,
    /// With the number up to which they are made.
    wanted: VecDeque<(MailboxId, u32)>,
    /// Those that were ever wanted.
    asked: BTreeSet<MailboxId>,
    closing: bool,
    failed: Option<StorageError>,
}

impl Bare {
    /// These mailboxes; who reads one waits at most so long.
    pub(crate) fn new(mailboxes: BTreeSet<MailboxId>, wait: Duration) -> Self {
        let any = AtomicBool::new(!mailboxes.is_empty());
        let state = Mutex::new(State { mailboxes, ..State::default() });
        Self { wait, any, state, changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Whether there is any.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Waits until a mailbox's entries are whole.
    pub(super) fn wait_for(&self, id: MailboxId) -> Result<(), StorageError> {
        if !self.any() {
            return Ok(());
        }
        let mut state = self.lock();
        if state.mailboxes.contains(&id) && state.asked.insert(id) {
            state.wanted.push_back((id, 0));
        }
        let waits = |state: &mut State| {
            state.mailboxes.contains(&id) && !state.closing && state.failed.is_none()
        };
        let waited = self.changed.wait_timeout_while(state, self.wait, waits);
        let (state, _) = waited.unwrap_or_else(|error| error.into_inner());
        match &state.failed {
            _ if !state.mailboxes.contains(&id) => Ok(()),
            Some(error) => Err(error.clone()),
            None if state.closing => Err(StorageError::Closed),
            None => Err(StorageError::Busy(id)),
        }
    }

    /// Waits until all are whole, at most so long; whether they are.
    pub(crate) fn wait_for_all(&self, at_most: Duration) -> Result<bool, StorageError> {
        let waits = |state: &mut State| {
            !state.mailboxes.is_empty() && !state.closing && state.failed.is_none()
        };
        let waited = self.changed.wait_timeout_while(self.lock(), at_most, waits);
        let (state, _) = waited.unwrap_or_else(|error| error.into_inner());
        match &state.failed {
            Some(error) => Err(error.clone()),
            None if state.closing => Err(StorageError::Closed),
            None => Ok(state.mailboxes.is_empty()),
        }
    }

    /// What is to be made next.
    pub(crate) fn next(&self) -> Next {
        let mut state = self.lock();
        if state.closing || state.failed.is_some() {
            return Next::Finish;
        }
        state.wanted.pop_front().map_or(Next::Any, |(id, above)| Next::Mailbox(id, above))
    }

    /// The entries of a mailbox are made up to a number; those that others wait for come next.
    pub(crate) fn go_on(&self, id: MailboxId, above: u32) {
        self.lock().wanted.push_back((id, above));
    }

    /// The entries of a mailbox are whole.
    pub(crate) fn made(&self, id: MailboxId) {
        self.lock().mailboxes.remove(&id);
        self.changed.notify_all();
    }

    /// All are.
    pub(crate) fn all_made(&self) {
        self.lock().mailboxes.clear();
        self.any.store(false, Ordering::Release);
        self.changed.notify_all();
    }

    /// They can't be made.
    pub(crate) fn fail(&self, error: StorageError) {
        self.lock().failed = Some(error);
        self.changed.notify_all();
    }

    /// Nobody waits any more.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }
}
