//! What is durable and visible and not yet in the index: bounded; the writer waits when it is
//! full, the projector when there is too little.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;

use super::lock;
use crate::{
    MailboxId, Scope,
    index::Applied,
    log::Place,
    record::{Effect, LoggedEntry},
};

/// What a record takes in memory beside its octets, roughly.
const RECORD_BYTES: usize = 256;

/// What an amendment takes beside its octets, roughly.
const AMENDMENT_BYTES: usize = 96;

/// When the projector works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkLimits {
    /// Records in a batch for the index.
    pub(crate) records_max: usize,
    /// What may be pending before the writer waits, octets.
    pub(crate) bytes_max: usize,
    /// How long the projector waits for a batch to become large.
    pub(crate) delay: Duration,
}

/// What the projector is to do.
pub(crate) enum Work {
    /// Make the next segment ready.
    PrepareSegment,
    /// Put these into the index.
    Project(Vec<Arc<Applied>>),
    /// Nothing any more.
    Finish,
}

pub(crate) struct Pending {
    limits: WorkLimits,
    state: Mutex<State>,
    work: Condvar,
    room: Condvar,
    closed: Condvar,
}

#[derive(Default)]
struct State {
    records: VecDeque<Arc<Applied>>,
    bytes: usize,
    /// Values and the change that set them; `None` where it removed them.
    values: BTreeMap<(Scope, Bytes), (u64, Option<Bytes>)>,
    /// Amendments and the change that made them.
    amendments: HashMap<(MailboxId, u32), (u64, Bytes)>,
    prepare_segment: bool,
    closing: bool,
    /// The projector gave up: nobody is to wait for it.
    given_up: bool,
}

impl Pending {
    pub(super) fn new(limits: WorkLimits) -> Self {
        let [work, room, closed] = [const { Condvar::new() }; 3];
        Self { limits, state: Mutex::default(), work, room, closed }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Waits until there is room for what the next batch brings.
    pub(crate) fn wait_for_room(&self) {
        let state = self.lock();
        let full = |state: &mut State| state.bytes >= self.limits.bytes_max && !state.given_up;
        drop(self.room.wait_while(state, full));
    }

    pub(super) fn push(&self, record: Arc<Applied>) {
        let mut state = self.lock();
        for (of, amendment) in record.amendments() {
            state.amendments.insert(of, (record.change, amendment.clone()));
        }
        for effect in &record.effects {
            let (scope, key, value) = match effect {
                Effect::PutValue { scope, key, value } => (scope, key, Some(value.clone())),
                Effect::RemoveValue { scope, key } => (scope, key, None),
                _ => continue,
            };
            state.values.insert((*scope, key.clone()), (record.change, value));
        }
        state.bytes += bytes_of(&record);
        state.records.push_back(record);
        if state.records.len() == 1 || self.is_much(&state) {
            self.work.notify_one();
        }
    }

    fn is_much(&self, state: &State) -> bool {
        state.records.len() >= self.limits.records_max || state.bytes >= self.limits.bytes_max / 2
    }

    /// What the projector does next; waits for it.
    pub(crate) fn next_work(&self) -> Work {
        let mut state = self.lock();
        loop {
            if std::mem::take(&mut state.prepare_segment) {
                return Work::PrepareSegment;
            }
            let mut due = state.closing || self.is_much(&state);
            if !due && state.records.is_empty() {
                state = self.work.wait(state).unwrap_or_else(|error| error.into_inner());
                continue;
            }
            if !due {
                let wait = self.work.wait_timeout(state, self.limits.delay);
                let (after, timeout) = wait.unwrap_or_else(|error| error.into_inner());
                state = after;
                // Before what was made visible after it was asked for.
                due = timeout.timed_out() && !state.prepare_segment;
            }
            if due {
                let batch: Vec<_> =
                    state.records.iter().take(self.limits.records_max).cloned().collect();
                return if batch.is_empty() { Work::Finish } else { Work::Project(batch) };
            }
        }
    }

    /// Where the first record lies that is here.
    pub(crate) fn oldest(&self) -> Option<Place> {
        self.lock().records.front().map(|record| record.place)
    }

    /// Waits until the index has all up to a change, or the projector has stopped for good.
    pub(crate) fn wait_until_projected(&self, change: u64) {
        let state = self.lock();
        let waits = |state: &mut State| {
            let first = state.records.front();
            !state.given_up && first.is_some_and(|record| record.change <= change)
        };
        drop(self.room.wait_while(state, waits));
    }

    /// Asks for the next segment to be made ready.
    pub(crate) fn prepare_segment(&self) {
        self.lock().prepare_segment = true;
        self.work.notify_one();
    }

    /// Waits so long, or until no more comes; whether none does.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        let open = |state: &mut State| !state.closing;
        let waited = self.closed.wait_timeout_while(self.lock(), time, open);
        waited.unwrap_or_else(|error| error.into_inner()).0.closing
    }

    /// No more comes; what is there is to be finished.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.work.notify_one();
        self.closed.notify_all();
    }

    /// The projector has stopped for good.
    pub(crate) fn give_up(&self) {
        self.lock().given_up = true;
        self.room.notify_all();
    }

    pub(super) fn forget(&self, change: u64) {
        let mut state = self.lock();
        while state.records.front().is_some_and(|record| record.change <= change) {
            let Some(record) = state.records.pop_front() else { break };
            state.bytes -= bytes_of(&record);
            for (of, _) in record.amendments() {
                if state.amendments.get(&of).is_some_and(|(set, _)| *set <= change) {
                    state.amendments.remove(&of);
                }
            }
            for effect in &record.effects {
                if let Effect::PutValue { scope, key, .. } | Effect::RemoveValue { scope, key } =
                    effect
                {
                    let key = (*scope, key.clone());
                    if state.values.get(&key).is_some_and(|(set, _)| *set <= change) {
                        state.values.remove(&key);
                    }
                }
            }
        }
        self.room.notify_all();
    }

    /// The records after a change.
    pub(super) fn after(&self, change: u64) -> Vec<Arc<Applied>> {
        let state = self.lock();
        let from = state.records.partition_point(|record| record.change <= change);
        state.records.range(from..).cloned().collect()
    }

    pub(super) fn find(&self, change: u64) -> Option<Arc<Applied>> {
        let state = self.lock();
        let at = state.records.partition_point(|record| record.change < change);
        state.records.get(at).filter(|record| record.change == change).cloned()
    }

    /// What was added to an entry, `None` where nothing is known of it here.
    pub(super) fn amendment(&self, mailbox: MailboxId, number: u32) -> Option<Bytes> {
        let state = self.lock();
        state.amendments.get(&(mailbox, number)).map(|(_, amendment)| amendment.clone())
    }

    /// `Some(None)` where it was removed, `None` where nothing is known of it here.
    pub(super) fn value(&self, scope: Scope, key: &[u8]) -> Option<Option<Bytes>> {
        let key = (scope, Bytes::copy_from_slice(key));
        self.lock().values.get(&key).map(|(_, value)| value.clone())
    }

    /// What is known here of the values whose keys begin with `prefix` and are greater than
    /// `after`: `None` where one was removed.
    pub(super) fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
    ) -> Vec<(Bytes, Option<Bytes>)> {
        let state = self.lock();
        let from = (scope, Bytes::copy_from_slice(prefix.max(after)));
        let of_prefix = |key: &(Scope, Bytes)| key.0 == scope && key.1.starts_with(prefix);
        let range = state.values.range(from..).take_while(|(key, _)| of_prefix(key));
        range
            .filter(|((_, key), _)| after.is_empty() || key != after)
            .map(|((_, key), (_, value))| (key.clone(), value.clone()))
            .collect()
    }
}

fn bytes_of(record: &Applied) -> usize {
    let of_entry = |entry: &LoggedEntry| {
        let columns = &entry.extracted.columns;
        size_of::<LoggedEntry>()
            + entry.extracted.attributes.len()
            + entry.amendment.len()
            + columns.originator.len()
            + columns.subject.len()
            + columns.message_id.len()
            + columns.content_type.len()
    };
    let of_effect = |effect: &Effect| match effect {
        Effect::Store(entries) => entries.iter().map(of_entry).sum(),
        Effect::PutValue { key, value, .. } => 2 * key.len() + value.len(),
        Effect::RaiseStatus { numbers, .. }
        | Effect::SetStatus { numbers, .. }
        | Effect::Delete { numbers, .. } => numbers.ranges().len() * 8,
        Effect::Amend { amendment, .. } => AMENDMENT_BYTES + amendment.len(),
        _ => 0,
    };
    RECORD_BYTES + record.effects.iter().map(of_effect).sum::<usize>()
}
