//! A round: what users and MTAs ask while the writer is held becomes one batch, in the order of
//! the seed; then the answers are compared with what the model says.
//!
//! A marker is committed first, at which the writer is stopped; what is asked meanwhile waits, and
//! is taken as one batch when the marker is answered. So what shares a sync, and at which call of
//! the disk a fault comes, is the seed's choice and not the machine's.

use bytes::Bytes;
use restante_ms::{Outcome, Reply};
use restante_storage::{Change, Scope, Storage, StorageError, Ticket, Transaction};

use super::check::{Leniency, MARKER};
use super::model::Event;
use super::world::World;
use super::{ACTS, check::Observation};

/// An answer that waits for its commit.
pub(super) struct Waiting {
    /// For people.
    pub(super) what: String,
    pub(super) ticket: Ticket,
    /// What waits for the answer; nothing for a marker.
    pub(super) outcome: Option<Outcome>,
    /// What was asked, where it is not what somebody else asked as well.
    pub(super) asked: Option<u64>,
    /// What is told of it.
    pub(super) told: Told,
    /// Whether the result tells the number of the entry.
    pub(super) tells_number: bool,
}

/// What is told of what waits for its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A result when it is done, else an error.
    Done,
    /// A result, even where nothing can be stored.
    DoneAnyway,
    /// An error: what is stored is that it was refused.
    Refused,
}

impl Waiting {
    /// What is told when it is done, and not otherwise.
    pub(super) fn new(
        what: String,
        ticket: Ticket,
        outcome: Option<Outcome>,
        asked: Option<u64>,
    ) -> Self {
        Self { what, ticket, outcome, asked, told: Told::Done, tells_number: false }
    }
}

impl World {
    /// A round of so many acts. Whether the disk stopped or the store did.
    pub(super) fn round(&mut self, acts: usize) {
        self.counts.rounds += 1;
        self.make_ready();
        self.batch(|world| (0..acts).for_each(|_| world.act()));
        let calls = self.disk.calls();
        self.note(format!("the disk was changed {calls} times"));
    }

    /// What is asked meanwhile becomes one batch; then its answers are taken.
    pub(super) fn batch(&mut self, asks: impl FnOnce(&mut Self)) {
        self.disk.hold();
        let first = self.mark();
        self.disk.wait_for_writer();
        asks(self);
        // Its answer is taken with the others.
        drop(self.mark());
        if let Some(fault) = self.planned {
            let calls = 1 + self.random.below(14);
            self.plan(calls, fault);
        }
        self.disk.go_on_with(&self.service().store, &first);
        self.take_answers();
        self.service().store.wait_for_index();
    }

    /// One act of a user or an MTA.
    pub(super) fn act(&mut self) {
        self.counts.acts += 1;
        let millis = i64::try_from(self.random.below(2000)).unwrap_or(0);
        self.now += 1 + millis * 1000;
        let (name, act) = *self.random.weighted(ACTS);
        self.note(name.to_owned());
        act(self);
    }

    /// Commits a marker.
    fn mark(&mut self) -> Ticket {
        self.counts.markers += 1;
        let marker = self.counts.markers;
        let (scope, key) = (Scope::Store, Bytes::from_static(MARKER));
        let value = Bytes::copy_from_slice(&marker.to_be_bytes());
        let change = Change::PutValue { scope, key, value };
        let ticket = self.service().store.commit(Transaction::of(change));
        let asked = Some(self.model.ask(Event::Marker(marker), false));
        let what = format!("marker {marker}");
        self.waiting.push(Waiting::new(what, ticket.clone(), None, asked));
        ticket
    }

    /// Whether something may be refused for want of room, or because the disk made no file.
    pub(super) fn may_be_refused(&self) -> bool {
        self.full || self.planned.is_some()
    }

    /// Waits for all answers, in the order in which they were asked for.
    pub(super) fn take_answers(&mut self) {
        let mut stopped = false;
        for waiting in std::mem::take(&mut self.waiting) {
            let Waiting { what, ticket, mut outcome, asked, told, tells_number } = waiting;
            if let Some(outcome) = &mut outcome {
                outcome.commit = None;
            }
            let reply = match ticket.wait() {
                Ok(committed) => {
                    assert!(!stopped, "{what} is acknowledged after the store stopped");
                    if let Some(asked) = asked {
                        let wanted = self.model.acknowledge(asked);
                        let stored = &committed.stored;
                        let given: Vec<u32> = stored
                            .iter()
                            .flat_map(|entry| entry.number..=entry.number + entry.children)
                            .collect();
                        assert_eq!(given, wanted, "{what} has other numbers");
                    }
                    let reply = outcome.map(|outcome| outcome.committed(&committed).reply);
                    let is_result = matches!(reply, None | Some(Reply::Result { .. }));
                    let wanted = told != Told::Refused;
                    assert_eq!(is_result, wanted, "{what} is done and answered {reply:?}");
                    if let (true, Some(reply)) = (tells_number, &reply) {
                        tells(reply, committed.stored[0].number);
                    }
                    "done".to_owned()
                }
                Err(error) => {
                    let no_space = matches!(error, StorageError::NoSpace(_));
                    let ended = matches!(error, StorageError::Stopped(_) | StorageError::Closed);
                    assert!(no_space || ended, "{what} fails: {error}");
                    assert!(!no_space || self.may_be_refused(), "{what} finds no room: {error}");
                    assert!(!ended || self.planned.is_some(), "{what} finds an end: {error}");
                    stopped |= ended;
                    if let (true, Some(asked)) = (no_space, asked) {
                        self.model.refuse(asked);
                    }
                    let reply = outcome.map(|outcome| outcome.failed(&error).reply);
                    let is_result = matches!(reply, Some(Reply::Result { .. }));
                    let wanted = told == Told::DoneAnyway;
                    assert_eq!(is_result, wanted, "{what} is not done: {reply:?}");
                    if no_space { "no room".to_owned() } else { "the end".to_owned() }
                }
            };
            self.note(format!("  {what}: {reply}"));
        }
        self.running.clear();
        self.ending.clear();
        self.due_done = false;
    }

    /// The store holds what the model says, to the last octet where it is to be thorough.
    pub(super) fn agree(&mut self, thorough: bool) {
        let store = &self.service().store;
        let observed = Observation::of(store, &self.mailboxes(), thorough);
        let compared = observed
            .expect("the store can be read")
            .compare(&self.model.visible, Leniency::default());
        compared.expect("the store and the model agree");
    }
}

/// A result of 1994 with the number of the entry that was made.
fn tells(reply: &Reply, number: u32) {
    let Reply::Result { value, .. } = reply else { panic!("{reply:?}") };
    let wanted = super::pdu::integer(2, number);
    let octets = value.to_bytes();
    let tells = octets.windows(wanted.len()).any(|window| window == wanted);
    assert!(tells, "{octets:?} does not tell number {number}");
}
