//! The built-in MTA of a service that has no other: what users submit is delivered, kept until its
//! time, cancelled and reported, each in one transaction, and what is due is done at its time.
//!
//! The numbers of submissions are kept in reserve, an hour of them at once, and that they are is
//! waited for: a submission for which there may be none is made before a round.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use restante_ber::Reader;
use restante_mhs::x419::Edition;
use restante_ms::{Effect, Now, Outcome, Reply};
use restante_storage::Storage as _;

use super::model::{
    DELIVERY, Entry, Errand, Event, QUEUED, Remembered, SUBMISSION, SUBMISSION_LOG,
};
use super::pdu::{self, Mail};
use super::round::{Told, Waiting};
use super::rules::{Due, Work};
use super::world::World;

const CANCEL: i64 = 7;
const UNKNOWN_IDENTIFIER: i64 = 7;
const CANNOT_BE_CANCELLED: i64 = 8;

/// The name of the queue's mailbox.
pub(super) const QUEUE: &str = "local-mta";
/// Processed: the status of what its user has submitted.
const PROCESSED: u8 = 2;
/// How much is done of what is due at once.
const DUE_MAX: usize = 16;
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// Of what an originator wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reports {
    /// Of nothing.
    None,
    /// That it was not delivered.
    Failures,
    /// Whatever came of it.
    All,
}

impl Reports {
    /// OriginatorReportRequest, its contents.
    pub(super) fn bits(self) -> &'static [u8] {
        match self {
            Self::None => &[3, 0],
            Self::Failures => &[3, 0x08],
            Self::All => &[4, 0x10],
        }
    }
}

/// A recipient of what is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    /// Which user; none of this service.
    pub(super) user: Option<usize>,
    /// What the originator is to hear of it.
    pub(super) reports: Reports,
}

/// What a user submits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// What the MTA calls it; nothing before it has taken it.
    pub(super) identifier: String,
    /// Who submits it.
    pub(super) user: usize,
    /// The content.
    pub(super) mail: Arc<Mail>,
    /// To whom.
    pub(super) recipients: Vec<Recipient>,
    /// Whether the content comes back where it is not delivered.
    pub(super) returns: bool,
    /// How urgent it is, the lowest first.
    pub(super) rank: u8,
    /// When it is to be delivered, microseconds since 1970.
    pub(super) deferred_us: Option<i64>,
    /// Whether it is a probe: it asks what would come of it.
    pub(super) probe: bool,
}

impl Letter {
    fn is_deferred(&self, now: i64) -> bool {
        // Its MTA's time is in seconds.
        self.deferred_us.is_some_and(|at| at > now - now.rem_euclid(1_000_000))
    }
}

/// What is stored for a user.
pub(super) fn stored(user: usize, entries: Vec<(Option<usize>, Entry)>) -> Event {
    Event::Stored { user, mark: None, entries }
}

/// The identifier that a submission got.
fn identifier_of(outcome: &Outcome) -> Option<String> {
    outcome.effects.iter().find_map(|effect| match effect {
        Effect::Submitted { identifier, .. } => {
            let (_, local) = identifier.trim_end_matches(']').rsplit_once(';')?;
            Some(local.to_owned())
        }
        _ => None,
    })
}

impl World {
    /// A letter of a user's.
    pub(super) fn letter(&mut self, user: usize) -> Letter {
        let mail = Arc::new(Mail::from(self.message(2)));
        let recipients = (0..self.random.within(1, 3)).map(|_| {
            let user =
                self.random.percent(85).then(|| self.random.below(self.people.users().len()));
            let reports = [Reports::None, Reports::Failures, Reports::All];
            Recipient { user, reports: *self.random.choose(&reports) }
        });
        let recipients = recipients.collect();
        let probe = self.random.percent(12);
        let deferred_us = (!probe && self.random.percent(40)).then(|| {
            let most = if self.random.percent(30) { 100_000 } else { 30 };
            let seconds = self.random.within(1, most);
            self.now.div_euclid(1_000_000) + i64::try_from(seconds).unwrap_or(1)
        });
        Letter {
            identifier: String::new(),
            user,
            mail,
            recipients,
            returns: self.random.percent(40),
            rank: u8::try_from(self.random.below(3)).unwrap_or(0),
            deferred_us: deferred_us.map(|seconds| seconds * 1_000_000),
            probe,
        }
    }

    /// Whether a submission does not have to wait for the disk.
    fn is_ready(&self) -> bool {
        self.now < self.reserved_until && self.service().store.mailbox(QUEUE).is_some()
    }

    /// Where the local MTA may have to wait for the disk, it does so now.
    pub(super) fn make_ready(&mut self) {
        // A round may take so long.
        let ready = self.now + HOUR_US / 2 < self.reserved_until && self.is_ready();
        if self.local && !ready {
            self.note("a first submission".to_owned());
            let user = self.random.below(self.users());
            let mut letter = self.letter(user);
            letter.deferred_us = Some((self.now.div_euclid(1_000_000) + 20) * 1_000_000);
            letter.probe = false;
            let now = self.now;
            if self.submit_here(letter) {
                self.reserved_until = now + HOUR_US;
            }
            self.take_answers();
        }
    }

    /// The local MTA takes something at once; false where it found no room before.
    fn submit_here(&mut self, letter: Letter) -> bool {
        let (outcome, edition) = self.hand_in(&letter);
        let Some(identifier) = identifier_of(&outcome) else {
            assert!(self.full, "it is not taken: {outcome:?}");
            self.wait_for_refusal(outcome, &letter);
            return false;
        };
        self.counts.taken += 1;
        let letter = Letter { identifier, ..letter };
        let mut events: Vec<_> = self.submission(&letter).into_iter().collect();
        match letter.is_deferred(self.now) {
            true => events.push(self.queued(&letter)),
            false => events.extend(self.deliveries(&letter)),
        }
        events.push(self.remembered(&letter, letter.user));
        let what = format!("{} is taken from user {}", letter.identifier, letter.user);
        self.delivered(&outcome.effects, &events);
        let tells_number = edition == Edition::E1994 && self.keeps_submissions();
        self.wait_for_all(what, outcome, events, tells_number);
        true
    }

    /// Waits for a commit of all of these.
    fn wait_for_all(
        &mut self,
        what: String,
        mut outcome: Outcome,
        events: Vec<Event>,
        tells_number: bool,
    ) {
        let ticket = outcome.commit.take().expect("what was taken is kept");
        let asked = Some(self.model.ask(Event::All(events), false));
        let waiting = Waiting::new(what, ticket, Some(outcome), asked);
        self.waiting.push(Waiting { tells_number, ..waiting });
    }

    /// Waits for a commit that says that a letter was refused, where there are logs.
    pub(super) fn wait_for_refusal(&mut self, mut outcome: Outcome, letter: &Letter) {
        assert!(matches!(outcome.reply, Reply::Error { .. }), "{:?}", outcome.reply);
        let ticket = outcome.commit.take();
        assert_eq!(ticket.is_some(), self.logs, "what is kept of what was not taken");
        let Some(ticket) = ticket else { return };
        let what = format!("a submission of user {} is refused", letter.user);
        let asked = Some(self.model.ask(self.refused(letter), false));
        let waiting = Waiting::new(what, ticket, Some(outcome), asked);
        self.waiting.push(Waiting { told: Told::Refused, ..waiting });
    }

    /// As many deliveries are told as there are.
    fn delivered(&self, effects: &[Effect], events: &[Event]) {
        let is_told = |effect: &&Effect| matches!(effect, Effect::Delivered { .. });
        let is_delivery = |event: &&Event| match event {
            Event::Stored { entries, .. } => entries[0].1.class == DELIVERY,
            _ => false,
        };
        let told = effects.iter().filter(is_told).count();
        assert_eq!(told, events.iter().filter(is_delivery).count(), "{effects:?}");
    }

    /// A user submits, and the local MTA does all of it at once.
    pub(super) fn submit_to_local_mta(&mut self, letter: Letter) {
        if self.is_ready() {
            self.submit_here(letter);
        }
    }

    /// What makes a letter wait for its time.
    fn queued(&self, letter: &Letter) -> Event {
        let identifier = &letter.identifier;
        let mut entry = self.entries_of(&letter.mail, identifier, (QUEUED, 0)).swap_remove(0).1;
        entry.subject.clear();
        Event::Queued(Arc::new(letter.clone()), Box::new(entry))
    }

    /// Whether something is kept of what users submit.
    pub(super) fn keeps_submissions(&self) -> bool {
        self.store_submissions || self.logs
    }

    /// What its user keeps of a letter.
    pub(super) fn submission(&self, letter: &Letter) -> Option<Event> {
        let Letter { user, mail, identifier, .. } = letter;
        let mut entries = self.entries_of(mail, identifier, (SUBMISSION, PROCESSED));
        if letter.probe || !self.store_submissions {
            entries.truncate(1);
            entries[0].1.content = Bytes::new();
        }
        let entry = &mut entries[0].1;
        if letter.probe {
            (entry.report, entry.subject) = (true, String::new());
        }
        if !self.store_submissions {
            entry.class = SUBMISSION_LOG;
        }
        self.keeps_submissions().then(|| stored(*user, entries))
    }

    /// What the log has of a letter that is refused.
    pub(super) fn refused(&self, letter: &Letter) -> Event {
        let Letter { user, mail, .. } = letter;
        let mut entry = self.entries_of(mail, "", (SUBMISSION_LOG, PROCESSED)).swap_remove(0);
        entry.1.content = Bytes::new();
        stored(*user, vec![entry])
    }

    /// What a letter comes to that is delivered, in the order of its transaction.
    pub(super) fn deliveries(&mut self, letter: &Letter) -> Vec<Event> {
        let Letter { identifier, mail, .. } = letter;
        let (mut events, mut acted) = (Vec::new(), Vec::new());
        let rank = if letter.probe { 1 } else { letter.rank };
        let mut reached = BTreeSet::new();
        let (mut reported, mut failed) = (false, false);
        for Recipient { user, reports } in &letter.recipients {
            let delivers = |user: &usize| !letter.probe && reached.insert(*user);
            if let Some(user) = user.filter(delivers) {
                let mut entries = self.entries_of(mail, identifier, (DELIVERY, 0));
                let (behind, later) = self.acted(user, &mut entries, (Some(mail), rank));
                acted.extend(behind.into_iter().map(|entry| stored(user, vec![(None, entry)])));
                events.push(stored(user, entries));
                events.extend(later);
            }
            let fails = user.is_none();
            if *reports == Reports::All || fails && *reports == Reports::Failures {
                (reported, failed) = (true, failed || fails);
            }
        }
        if !reported {
            return [events, acted].concat();
        }
        let returned = (failed && letter.returns && !letter.probe).then_some(mail);
        let mut report = self.report_family(identifier, returned);
        let (behind, later) = self.acted(letter.user, &mut report, (None, rank));
        events.extend(later);
        let behind = behind.into_iter().map(|entry| stored(letter.user, vec![(None, entry)]));
        let (report, behind) = (vec![stored(letter.user, report)], behind.collect());
        // It shares the content with the others where it has it, and where none of them is its
        // originator's.
        match returned.is_some() && !reached.contains(&letter.user) {
            true => [events, report, acted, behind].concat(),
            false => [events, acted, report, behind].concat(),
        }
    }

    /// That it is remembered whose a letter was.
    pub(super) fn remembered(&self, letter: &Letter, user: usize) -> Event {
        let first = letter.deferred_us.map_or(self.now, |at| at.max(self.now));
        let until = first + self.kept_days * DAY_US;
        let forgets = Some((until.div_euclid(DAY_US) + 1) * DAY_US);
        let identifier = letter.identifier.clone();
        Event::Remembered { identifier, remembered: Remembered { user, until }, forgets }
    }

    /// A user cancels the delivery of what it has submitted, or tries to.
    pub(super) fn cancel(&mut self) {
        let state = &self.model.visible;
        let waiting = state.queue.iter().map(|(n, letter)| (Some(*n), letter.identifier.clone()));
        let mut all: Vec<_> = waiting.collect();
        if all.is_empty() || self.random.percent(30) {
            let there = |id: &String| all.iter().any(|(_, waiting)| waiting == id);
            let others: Vec<_> = state.submissions.keys().filter(|id| !there(id)).collect();
            let others: Vec<_> = others.into_iter().map(|id| (None, id.clone())).collect();
            all = others;
            all.push((None, "nobodys".to_owned()));
        }
        if !self.local {
            return;
        }
        let (number, identifier) = self.random.choose(&all).clone();
        let whose = self.model.visible.submissions.get(&identifier).map(|one| one.user);
        let user = match whose {
            Some(user) if self.random.percent(90) => user,
            _ => self.random.below(self.users()),
        };
        let (outcome, _) = self.invoke(user, CANCEL, &pdu::cancellation(&identifier));
        let under_way = number.is_some_and(|number| self.ending.contains(&number));
        let refused = match number {
            _ if whose != Some(user) => Some(UNKNOWN_IDENTIFIER),
            Some(_) if !under_way => None,
            _ => Some(CANNOT_BE_CANCELLED),
        };
        let what = format!("user {user} cancels {identifier}, {number:?}");
        let told = match &outcome.reply {
            Reply::Error { code, .. } => Some(*code),
            _ => None,
        };
        assert_eq!(told, refused, "{what}: {outcome:?}");
        let Some(number) = number.filter(|_| refused.is_none()) else { return };
        self.ending.insert(number);
        self.counts.cancelled += 1;
        let cancelled = Some(identifier);
        self.wait_for_all(what, outcome, vec![Event::Dequeued { number, cancelled }], false);
    }

    /// What is due is done: once in a round, since what was done is to be durable before.
    pub(super) fn due(&mut self) {
        if std::mem::replace(&mut self.due_done, true) {
            return;
        }
        let work = self.model.visible.due();
        let over = work.iter().copied().filter(|work| work.at <= self.now);
        let over: Vec<Due> = over.take(DUE_MAX + 1).collect();
        let due = self.service().ms.due(Now(self.now)).expect("storage can be read");
        assert_eq!(due.failed, None);
        let done = over.len().min(DUE_MAX);
        assert_eq!(due.done.len(), done, "due are {over:?}");
        if over.len() == done {
            let told = due.done.iter().flat_map(|done| &done.effects);
            let told = told.filter_map(|effect| match effect {
                Effect::Due { at } => Some(at.0),
                _ => None,
            });
            let next = work.iter().map(|work| work.at).filter(|at| *at > self.now);
            let next = next.chain(told).min();
            assert_eq!(due.next.map(|next| next.0), next, "work: {work:?}");
        }
        for (done, work) in due.done.into_iter().zip(over) {
            let event = match work.work {
                Work::Forget => Event::Forgotten { at: work.at, now: self.now },
                // What is being cancelled is done with that.
                Work::Deliver(number) if !self.ending.insert(number) => continue,
                Work::Deliver(number) => self.deliver_deferred(number, &done.effects),
                Work::Forward(user, created) => self.forward_late(work, user, created),
                Work::Sweep(user) => self.sweep(work, user),
            };
            self.tells_due(&done.effects, &event);
            let what = format!("{work:?} is done");
            let asked = Some(self.model.ask(event, false));
            self.waiting.push(Waiting::new(what, done.commit, None, asked));
        }
    }

    /// The server is told when there is more to do.
    fn tells_due(&self, effects: &[Effect], event: &Event) {
        let Event::All(events) = event else { return };
        for event in events {
            let Event::Due(Due { at, .. }) = event else { continue };
            let told = effects.contains(&Effect::Due { at: Now(*at) });
            assert!(told, "{event:?} is not told");
        }
    }

    /// What was deferred is delivered.
    fn deliver_deferred(&mut self, number: u32, effects: &[Effect]) -> Event {
        let letter = self.model.visible.queue[&number].clone();
        self.counts.deferred += 1;
        let mut events = self.deliveries(&letter);
        self.delivered(effects, &events);
        events.push(Event::Dequeued { number, cancelled: None });
        let identifier = letter.identifier.clone();
        let known = self.model.visible.submissions.get(&identifier);
        events.extend(known.map(|known| Event::Remembered {
            identifier,
            remembered: *known,
            forgets: None,
        }));
        Event::All(events)
    }

    /// The local MTA takes what the store submits by itself; nothing where it would have to wait
    /// for the disk.
    pub(super) fn take_errand(
        &mut self,
        submit: &restante_ms::Submit,
        (user, errand): (usize, &Errand),
    ) -> Option<(Outcome, Vec<Event>)> {
        if !self.is_ready() {
            return None;
        }
        let outcome = self.service().ms.take(submit, Now(self.now));
        let argument = submit.argument.to_bytes();
        let letter = Letter {
            identifier: identifier_of(&outcome).expect("it is taken"),
            user,
            mail: Arc::new(errand.mail.forwarded_by(user, content_of(&argument))),
            recipients: vec![Recipient { user: Some(errand.to), reports: Reports::All }],
            returns: false,
            rank: errand.rank,
            deferred_us: None,
            probe: false,
        };
        let mut events: Vec<_> = self.submission(&letter).into_iter().collect();
        events.extend(self.deliveries(&letter));
        self.delivered(&outcome.effects, &events);
        self.counts.taken += 1;
        events.push(self.remembered(&letter, user));
        Some((outcome, events))
    }
}

/// The content in a MessageSubmissionArgument.
pub(super) fn content_of(argument: &bytes::Bytes) -> bytes::Bytes {
    let content = || {
        let whole = Reader::over(argument).only().ok()?;
        let mut members = whole.children().ok()?;
        members.next_element().ok()?;
        Some(argument.slice_ref(members.next_element().ok()??.contents()))
    };
    content().expect("an envelope and a content")
}
