//! What a service must hold, in plain maps: what happened, in the order in which it was asked,
//! and up to where it was acknowledged.
//!
//! What is acknowledged is in [`Model::floor`], and no crash may take it away. What is not yet
//! lies behind it, in order: a crash keeps a beginning of that, whole events only. What a user
//! sees, [`Model::visible`], is what is acknowledged, and of the rest no more than what a user has
//! seen itself: a retrieval-status, which may be lost with the last batch.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use restante_storage::NUMBER_MAX;

use super::local::Letter;
use super::pdu::Mail;
use super::rules::{Due, Rule, Rules, Work};

/// How long a delivery that came is known again, microseconds (docs/conformance.md).
const KNOWN_AGAIN_US: i64 = 24 * 60 * 60 * 1_000_000;

/// The entry-class of deliveries, and that of what was submitted.
pub(super) const DELIVERY: u8 = 0;
/// See [`DELIVERY`].
pub(super) const SUBMISSION: u8 = 1;
/// That of what the store is to submit by itself; no user sees it.
pub(super) const ERRAND: u8 = 128;
/// That of what waits for its time in the queue of the local MTA.
pub(super) const QUEUED: u8 = 255;
/// That of what is put away and not submitted.
pub(super) const DRAFT: u8 = 2;
/// Those of what is left of them in the logs.
pub(super) const DELIVERY_LOG: u8 = 4;
/// See [`DELIVERY_LOG`].
pub(super) const SUBMISSION_LOG: u8 = 5;
/// That of what tells of the runs of auto-actions.
pub(super) const AUTO_ACTION_LOG: u8 = 7;

/// What was damaged of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    /// Its content: its record is known, and so is its number.
    Content,
    /// Its record.
    Record,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its entry-class.
    pub(super) class: u8,
    /// Its parent.
    pub(super) parent: Option<u32>,
    /// Its retrieval-status, as its user has seen it.
    pub(super) status: u8,
    /// The status that no crash takes away.
    pub(super) status_durable: u8,
    /// Whether it is a report, or a probe: it has no content of its own.
    pub(super) report: bool,
    /// What no other entry has in its envelope; nothing of a child.
    pub(super) identifier: String,
    /// What it has for a subject; nothing of a report.
    pub(super) subject: String,
    /// Its content; of a child what lies in its parent's.
    pub(super) content: Bytes,
    /// What it was made of, if it is a message.
    pub(super) mail: Option<Arc<Mail>>,
    /// When it was made, microseconds since 1970.
    pub(super) created: i64,
    /// What was noted on it; empty where nothing was.
    pub(super) note: String,
    /// How long it is to be stored, seconds, where that was said.
    pub(super) period: Option<u32>,
    /// The start of the store before which it was made.
    pub(super) epoch: u32,
    /// Whether and where it was damaged.
    pub(super) harm: Option<Harm>,
    /// What it is to do, if it is an errand.
    pub(super) errand: Option<Errand>,
}

/// What the store is to submit for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Errand {
    /// How far before it that stands which it is about.
    pub(super) behind: u32,
    /// Whether that goes then.
    pub(super) deletes: bool,
    /// To whom it is forwarded.
    pub(super) to: usize,
    /// How urgent it is, the lowest first.
    pub(super) rank: u8,
    /// What came.
    pub(super) mail: Arc<Mail>,
}

/// Whose a submission was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Remembered {
    /// The user.
    pub(super) user: usize,
    /// Until when that is known, microseconds since 1970.
    pub(super) until: i64,
}

/// What a delivery is known by, the association that it came on, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// What it is known by.
    pub(super) identity: String,
    /// The association.
    pub(super) association: [u8; 16],
    /// Microseconds since 1970.
    pub(super) time: i64,
}

/// A mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// The highest number that was given out.
    pub(super) high_water: u32,
    /// By number.
    pub(super) entries: BTreeMap<u32, Entry>,
    /// The attributes that List returns, contents of object identifiers.
    pub(super) list_defaults: Vec<Vec<u8>>,
    /// What its user has the store do.
    pub(super) rules: Rules,
    /// By identity.
    marks: BTreeMap<String, Mark>,
}

/// Everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// By user; behind them the queue of the local MTA.
    pub(super) mailboxes: Vec<Mailbox>,
    /// Whose submissions were taken, by the MTA's identifier.
    pub(super) submissions: BTreeMap<String, Remembered>,
    /// When some of them are to be forgotten.
    pub(super) forgets: BTreeSet<i64>,
    /// What waits for its time, by its number in the queue.
    pub(super) queue: BTreeMap<u32, Arc<Letter>>,
    /// What auto-actions are to do at its time.
    pub(super) acts: BTreeSet<Due>,
    /// The last marker of the simulation's own.
    pub(super) marker: u64,
    /// Whether messages that are deleted stay in the logs.
    logs: bool,
}

/// Something that is to happen whole or not at all.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Entries, a parent first, each with the place of its own parent.
    Stored {
        /// Whose.
        user: usize,
        /// What a delivery is known by.
        mark: Option<Mark>,
        /// What is stored.
        entries: Vec<(Option<usize>, Entry)>,
    },
    /// A retrieval-status.
    Raised {
        /// Whose.
        user: usize,
        /// Of which entries.
        numbers: Vec<u32>,
        /// What it is now, where it was less.
        to: u8,
    },
    /// Entries, with their children.
    Deleted {
        /// Whose.
        user: usize,
        /// Main-entries.
        numbers: Vec<u32>,
    },
    /// Defaults of List.
    Registered {
        /// Whose.
        user: usize,
        /// Attributes.
        list: Vec<Vec<u8>>,
    },
    /// What a user has the store do from now on.
    Registers(usize, Rule),
    /// Something is noted on entries, or is to be stored for so long, or has another status.
    Modified {
        /// Whose.
        user: usize,
        /// Which.
        numbers: Vec<u32>,
        /// What is noted, and for how long they are to be stored, seconds.
        added: Option<(String, u32)>,
        /// Their status.
        status: Option<u8>,
    },
    /// Something is to be done at its time.
    Due(Due),
    /// It is not to be done any more.
    Over(Due),
    /// What was stored for long enough is deleted, and the log tells of that.
    Swept {
        /// Whose.
        user: usize,
        /// Which.
        numbers: Vec<u32>,
        /// An entry for each.
        logged: Vec<Entry>,
    },
    /// The MTA has taken what was forwarded, or never will.
    Forwarded {
        /// Whose.
        user: usize,
        /// What goes: the errand, and what it was about where that is registered.
        gone: Vec<u32>,
        /// What tells of it.
        logged: Box<Entry>,
    },
    /// It is remembered whose a submission was, until it is to be forgotten.
    Remembered {
        /// Its identifier.
        identifier: String,
        /// Whose, and until when.
        remembered: Remembered,
        /// When it is to be forgotten, where that is new.
        forgets: Option<i64>,
    },
    /// It is forgotten whose submissions were: those of which the time was over.
    Forgotten {
        /// When that was to be done.
        at: i64,
        /// When it was.
        now: i64,
    },
    /// Something waits for its time.
    Queued(Arc<Letter>, Box<Entry>),
    /// It does not any more: it was delivered, or cancelled and is to be forgotten.
    Dequeued {
        /// Its number in the queue.
        number: u32,
        /// The identifier of what is cancelled.
        cancelled: Option<String>,
    },
    /// All of it at once.
    All(Vec<Event>),
    /// Numbers passed over in all mailboxes.
    Skipped(u32),
    /// A marker of the simulation's own.
    Marker(u64),
}

impl State {
    /// That of a service of so many users that has not done anything.
    pub(super) fn new(users: usize, logs: bool) -> Self {
        Self { mailboxes: vec![Mailbox::default(); users + 1], logs, ..Self::default() }
    }

    /// Lets an event happen; the numbers of the entries that it stores. A status that is raised
    /// may be `lost` by a crash.
    pub(super) fn apply(&mut self, event: &Event, lost: bool) -> Vec<u32> {
        match event {
            Event::Stored { user, mark, entries } => {
                let mailbox = &mut self.mailboxes[*user];
                if let Some(mark) = mark {
                    mailbox.marks.insert(mark.identity.clone(), mark.clone());
                }
                mailbox.store(entries)
            }
            Event::Raised { user, numbers, to } => {
                for number in numbers {
                    if let Some(entry) = self.mailboxes[*user].entries.get_mut(number) {
                        entry.status = entry.status.max(*to);
                        if !lost {
                            entry.status_durable = entry.status_durable.max(*to);
                        }
                    }
                }
                Vec::new()
            }
            Event::Deleted { user, numbers } => self.mailboxes[*user].delete(numbers, self.logs),
            Event::Registered { user, list } => {
                self.mailboxes[*user].list_defaults.clone_from(list);
                Vec::new()
            }
            Event::Registers(user, rule) => {
                self.mailboxes[*user].rules.register(rule.clone());
                Vec::new()
            }
            Event::Modified { user, numbers, added, status } => {
                for number in numbers {
                    if let Some(entry) = self.mailboxes[*user].entries.get_mut(number) {
                        entry.modify(added.as_ref(), *status);
                    }
                }
                Vec::new()
            }
            Event::Swept { user, numbers, logged } => {
                let logged: Vec<_> = logged.iter().map(|entry| (None, entry.clone())).collect();
                let logged = self.mailboxes[*user].store(&logged);
                [logged, self.mailboxes[*user].delete(numbers, self.logs)].concat()
            }
            Event::Forwarded { user, gone, logged } => {
                let mailbox = &mut self.mailboxes[*user];
                let left = mailbox.delete(gone, self.logs);
                let logged = mailbox.store(&[(None, Entry::clone(logged))]);
                [logged, left].concat()
            }
            Event::Skipped(count) => {
                for mailbox in &mut self.mailboxes {
                    mailbox.high_water = (mailbox.high_water + count).min(NUMBER_MAX);
                }
                Vec::new()
            }
            Event::Marker(marker) => {
                self.marker = *marker;
                Vec::new()
            }
            Event::All(events) => {
                events.iter().flat_map(|event| self.apply(event, lost)).collect()
            }
            _ => self.apply_to_queue(event),
        }
    }

    /// The same of what is remembered of submissions and waits for its time.
    fn apply_to_queue(&mut self, event: &Event) -> Vec<u32> {
        match event {
            Event::Remembered { identifier, remembered, forgets } => {
                self.submissions.insert(identifier.clone(), *remembered);
                self.forgets.extend(forgets);
            }
            Event::Forgotten { at, now } => {
                self.forgets.remove(at);
                self.submissions.retain(|_, remembered| remembered.until > *now);
            }
            Event::Due(due) => drop(self.acts.insert(*due)),
            Event::Over(due) => drop(self.acts.remove(due)),
            Event::Queued(letter, entry) => {
                let numbers = self.queued().store(&[(None, Entry::clone(entry))]);
                self.queue.insert(numbers[0], letter.clone());
                return numbers;
            }
            Event::Dequeued { number, cancelled } => {
                self.queued().remove(*number);
                self.queue.remove(number);
                if let Some(identifier) = cancelled {
                    self.submissions.remove(identifier);
                }
            }
            _ => unreachable!("{event:?} is none of these"),
        }
        Vec::new()
    }

    /// The mailbox that is the queue of the local MTA.
    fn queued(&mut self) -> &mut Mailbox {
        self.mailboxes.last_mut().expect("there is a queue")
    }

    /// All work, in the order in which it is done.
    pub(super) fn due(&self) -> BTreeSet<Due> {
        let forgets = self.forgets.iter().map(|at| Due { rank: 2, at: *at, work: Work::Forget });
        let delivers = self.queue.iter().map(|(number, letter)| {
            let at = letter.deferred_us.unwrap_or_default();
            Due { rank: letter.rank, at, work: Work::Deliver(*number) }
        });
        forgets.chain(delivers).chain(self.acts.iter().copied()).collect()
    }

    /// What was damaged is read again from the log: a record is gone with its entries; where only
    /// the content is damaged they stay. Whether anything was damaged.
    pub(super) fn lose_damaged(&mut self) -> bool {
        let mut any = false;
        for mailbox in &mut self.mailboxes {
            let is_hurt = |entry: &Entry| entry.harm.is_some();
            let hurt: Vec<_> =
                mailbox.entries.iter().filter(|(_, entry)| is_hurt(entry)).collect();
            let hurt: Vec<_> = hurt.into_iter().map(|(n, e)| (*n, e.clone())).collect();
            any |= !hurt.is_empty();
            for (number, entry) in hurt {
                if entry.harm == Some(Harm::Content) {
                    continue;
                }
                mailbox.remove(number);
            }
        }
        any
    }
}

impl Entry {
    /// It is modified.
    pub(super) fn modify(&mut self, added: Option<&(String, u32)>, status: Option<u8>) {
        if let Some((note, period)) = added {
            self.note.clone_from(note);
            self.period = Some(*period);
        }
        if let Some(status) = status {
            (self.status, self.status_durable) = (status, status);
        }
    }

    /// Until when it is to be stored, microseconds since 1970.
    pub(super) fn stored_until(&self) -> Option<i64> {
        let since = self.created.div_euclid(1_000_000);
        self.period.map(|period| (since + i64::from(period)) * 1_000_000)
    }
}

impl Mailbox {
    fn store(&mut self, entries: &[(Option<usize>, Entry)]) -> Vec<u32> {
        let first = self.high_water + 1;
        let number = |place: usize| first + u32::try_from(place).expect("not many entries");
        for (place, (parent, entry)) in entries.iter().enumerate() {
            let parent = parent.map(number);
            self.entries.insert(number(place), Entry { parent, ..entry.clone() });
        }
        self.high_water += u32::try_from(entries.len()).expect("not many entries");
        (0..entries.len()).map(number).collect()
    }

    fn children(&self, number: u32) -> Vec<u32> {
        let children = self.entries.iter().filter(|(_, entry)| entry.parent == Some(number));
        children.map(|(number, _)| *number).collect()
    }

    /// An entry goes, with its children.
    pub(super) fn remove(&mut self, number: u32) {
        self.children(number).into_iter().for_each(|child| self.remove(child));
        self.entries.remove(&number);
    }

    /// Entries are deleted, with their children; where there are logs messages stay there, if they
    /// can be read. The numbers of those that stay.
    fn delete(&mut self, numbers: &[u32], logs: bool) -> Vec<u32> {
        let mut left = numbers.to_vec();
        left.sort_unstable();
        left.retain(|number| self.delete_one(*number, logs));
        left
    }

    fn delete_one(&mut self, number: u32, logs: bool) -> bool {
        let class = self.entries.get(&number).and_then(|entry| match entry.class {
            _ if !logs || entry.harm.is_some() => None,
            DELIVERY | DELIVERY_LOG => Some(DELIVERY_LOG),
            SUBMISSION | SUBMISSION_LOG => Some(SUBMISSION_LOG),
            _ => None,
        });
        let Some(class) = class else {
            self.remove(number);
            return false;
        };
        self.children(number).into_iter().for_each(|child| self.remove(child));
        let entry = self.entries.get_mut(&number).expect("an entry");
        (entry.class, entry.content) = (class, Bytes::new());
        true
    }

    /// An entry comes in from another mailbox, with its children and their numbers.
    pub(super) fn take_in(&mut self, other: &Self, number: u32, epoch: u32) {
        let entry = Entry { epoch, ..other.entries[&number].clone() };
        let entry = Entry { status_durable: entry.status, ..entry };
        self.entries.insert(number, entry);
        other.children(number).into_iter().for_each(|child| self.take_in(other, child, epoch));
    }

    /// What another has registered is registered, where nothing is in its place. Whether what it
    /// has stored for long enough is to be deleted, and was not before.
    pub(super) fn register_again(&mut self, other: &Self) -> bool {
        let swept = self.rules.sweeps;
        if self.list_defaults.is_empty() {
            self.list_defaults.clone_from(&other.list_defaults);
        }
        self.rules = self.rules.or(&other.rules);
        self.rules.sweeps && !swept
    }

    /// An entry and its children are damaged: they have one content.
    pub(super) fn harm(&mut self, number: u32, harm: Harm) {
        self.children(number).into_iter().for_each(|child| self.harm(child, harm));
        self.entries.get_mut(&number).expect("an entry").harm = Some(harm);
    }

    /// Whether a delivery with this mark was here before, on another association, not long ago.
    pub(super) fn has_seen(&self, mark: &Mark) -> bool {
        self.marks.get(&mark.identity).is_some_and(|before| before.is_repeated_by(mark))
    }
}

impl Mark {
    fn is_repeated_by(&self, again: &Self) -> bool {
        self.identity == again.identity
            && self.association != again.association
            && again.time - self.time < KNOWN_AGAIN_US
    }
}

/// An event that was asked for and not yet answered.
#[derive(Debug, Clone)]
struct Asked {
    id: u64,
    event: Event,
    /// Whether a status is lost by a crash even when what is behind it is not.
    lost: bool,
}

/// What was asked and what was answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    /// What was acknowledged.
    pub(super) floor: State,
    /// What a user sees.
    pub(super) visible: State,
    asked: VecDeque<Asked>,
    last_id: u64,
}

impl Model {
    /// A service of so many users.
    pub(super) fn new(users: usize, logs: bool) -> Self {
        let state = State::new(users, logs);
        Self { floor: state.clone(), visible: state, ..Self::default() }
    }

    /// Takes down what was asked for.
    pub(super) fn ask(&mut self, event: Event, lost: bool) -> u64 {
        if let Event::Raised { .. } = event {
            // Nobody waits for it.
            self.visible.apply(&event, true);
        }
        self.last_id += 1;
        self.asked.push_back(Asked { id: self.last_id, event, lost });
        self.last_id
    }

    /// It was acknowledged, and what was asked before it with it. The numbers of its entries.
    pub(super) fn acknowledge(&mut self, id: u64) -> Vec<u32> {
        let mut numbers = Vec::new();
        while let Some(asked) = self.asked.pop_front_if(|asked| asked.id <= id) {
            numbers = self.floor.apply(&asked.event, asked.lost);
            self.visible.apply(&asked.event, asked.lost);
        }
        numbers
    }

    /// It was refused and has not happened.
    pub(super) fn refuse(&mut self, id: u64) {
        self.asked.retain(|asked| asked.id != id);
    }

    /// Whether a delivery is one that came before, and has an answer or will have one.
    pub(super) fn has_seen(&self, user: usize, mark: &Mark) -> bool {
        let is_under_way = |event: &Event| match event {
            Event::Stored { user: of, mark: Some(before), .. } => {
                *of == user && before.is_repeated_by(mark)
            }
            _ => false,
        };
        let has_it = |asked: &Asked| match &asked.event {
            Event::All(events) => events.iter().any(is_under_way),
            event => is_under_way(event),
        };
        self.visible.mailboxes[user].has_seen(mark) || self.asked.iter().any(has_it)
    }

    /// The states that a crash may leave: what was acknowledged, and each beginning of the rest.
    pub(super) fn after_a_crash(&self) -> Vec<State> {
        let mut states = vec![self.floor.clone()];
        for Asked { event, lost, .. } in &self.asked {
            let mut next = states.last().expect("there is one").clone();
            next.apply(event, *lost);
            states.push(next);
        }
        states
    }

    /// What has been found is what there is.
    pub(super) fn settle(&mut self, found: State) {
        self.floor = found.clone();
        self.visible = found;
        self.asked.clear();
    }
}
