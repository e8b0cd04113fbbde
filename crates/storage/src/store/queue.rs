//! The queue of what waits for the writer: bounded in number and octets.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::Options;
use crate::{StorageError, record::Effect, ticket::Answer, view::Pin};

use std::sync::Arc;

/// A change as the writer takes it: all is made but the numbers.
pub(super) enum Step {
    CreateMailbox { name: Arc<str>, about: Bytes },
    Effect(Effect),
}

/// A transaction that waits.
pub(super) struct Request {
    pub(super) steps: Vec<Step>,
    /// What the steps take in a record, octets.
    pub(super) meta_bytes: usize,
    /// How many entries there are in them.
    pub(super) entries: u32,
    pub(super) content: Vec<Bytes>,
    pub(super) content_bytes: u64,
    pub(super) content_checksum: u32,
    /// The mailboxes whose columns it needs.
    pub(super) pins: Vec<Pin>,
    /// `None` where it was answered before.
    pub(super) answer: Option<Answer>,
}

impl Request {
    /// Whether it is refused where too little is free: what stores, but for what deletes and
    /// leaves no content in the place of it. Were that refused, no room could be made.
    pub(super) fn needs_room(&self) -> bool {
        let mut effects = self.steps.iter().filter_map(|step| match step {
            Step::Effect(effect) => Some(effect),
            Step::CreateMailbox { .. } => None,
        });
        let deletes = |effect: &Effect| match effect {
            Effect::Delete { .. } => true,
            Effect::Store(entries) => entries.iter().any(|entry| entry.replaces),
            _ => false,
        };
        let frees = self.content_bytes == 0 && effects.clone().any(deletes);
        !frees && effects.any(|effect| matches!(effect, Effect::Store(_)))
    }

    fn bytes(&self) -> usize {
        let content = usize::try_from(self.content_bytes).unwrap_or(usize::MAX);
        content.saturating_add(self.meta_bytes)
    }
}

pub(super) struct Queue {
    transactions_max: usize,
    bytes_max: usize,
    batch_bytes_max: usize,
    state: Mutex<State>,
    not_empty: Condvar,
    not_full: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Request>,
    bytes: usize,
    /// Who waits for room.
    pushers: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            transactions_max: options.queue_transactions_max,
            bytes_max: options.queue_bytes_max,
            batch_bytes_max: options.batch_bytes_max,
            state: Mutex::default(),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a request at the end, once there is room for it.
    pub(super) fn push(&self, request: Request) -> Result<(), StorageError> {
        let bytes = request.bytes();
        let full = |state: &State| {
            let many = state.waiting.len() >= self.transactions_max;
            let large = state.bytes.saturating_add(bytes) > self.bytes_max;
            !state.closed && !state.waiting.is_empty() && (many || large)
        };
        let mut state = self.lock();
        while full(&state) {
            state.pushers += 1;
            state = self.not_full.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.pushers -= 1;
        }
        if state.closed {
            return Err(StorageError::Closed);
        }
        state.bytes = state.bytes.saturating_add(bytes);
        state.waiting.push_back(request);
        if state.waiting.len() == 1 {
            self.not_empty.notify_one();
        }
        Ok(())
    }

    /// Whether half of it is free: what comes in at the same moment takes less than the rest.
    pub(super) fn has_room(&self) -> bool {
        let state = self.lock();
        let few = state.waiting.len() < self.transactions_max.div_ceil(2);
        !state.closed && few && state.bytes <= self.bytes_max / 2
    }

    /// What waits, as far as it fits into a batch; waits for the first. `None` when closed and
    /// empty.
    pub(super) fn take(&self) -> Option<Vec<Request>> {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let state = self.not_empty.wait_while(self.lock(), idle);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let mut bytes: usize = 0;
        let mut batch = Vec::new();
        while let Some(request) = state.waiting.front() {
            bytes = bytes.saturating_add(request.bytes());
            if bytes > self.batch_bytes_max && !batch.is_empty() {
                break;
            }
            batch.extend(state.waiting.pop_front());
        }
        let taken: usize = batch.iter().map(Request::bytes).sum();
        state.bytes = state.bytes.saturating_sub(taken);
        // To wake nobody takes a call of the system's all the same.
        if state.pushers > 0 {
            self.not_full.notify_all();
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// What waits, when nobody writes it any more.
    pub(super) fn drain(&self) -> Vec<Request> {
        std::mem::take(&mut self.lock().waiting).into()
    }

    /// Nothing more is taken in.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.not_empty.notify_all();
        self.not_full.notify_all();
    }
}
