//! Auto-forward: what comes for a user goes on to another, once it is durable, until the MTA has
//! taken it: octet for octet the same, whatever stops and starts meanwhile.

use std::sync::Arc;

use bytes::Bytes;
use restante_ms::{Now, Outcome, Passed, Reply, Submit};

use super::local::{Letter, content_of, stored};
use super::model::{
    AUTO_ACTION_LOG, DELIVERY, DELIVERY_LOG, DRAFT, ERRAND, Entry, Errand, Event, Mailbox,
    SUBMISSION,
};
use super::pdu::{self, Mail};
use super::round::Waiting;
use super::rules::{Due, Rule, Work};
use super::world::World;

const REGISTER_MS: i64 = 24;
/// No user is to see it.
const PROCESSED: u8 = 2;
/// An error of submission that will always come: recipient-improperly-specified.
const FOR_GOOD: i64 = 3;

/// How often a mailbox is looked through, microseconds.
const SWEEP_US: i64 = 600_000_000;

/// The first look for what is stored for long enough.
pub(super) fn first_sweep(user: usize) -> Due {
    Due { rank: 2, at: 0, work: Work::Sweep(user) }
}

impl World {
    /// A user has the store do something by itself, or not any more.
    pub(super) fn automate(&mut self) {
        let user = self.random.below(self.users());
        let to = self.random.below(self.users());
        let (on, from) = (self.random.percent(70), self.people.name(user));
        let named = self.people.name(to);
        let mut editions = 1..=1;
        let (argument, rule) = match self.random.below(6) {
            // The local MTA delivers several at one moment, in an order that nobody is told.
            0 if to != user && !self.local => {
                let seconds = u32::try_from(self.random.within(1, 100_000)).unwrap_or(1);
                let later = on.then_some((to, seconds));
                let argument = pdu::forwarding_later(&from, later.map(|(_, s)| (named, s)));
                (argument, Rule::Later(later))
            }
            1 => {
                let notes = on.then(|| self.addition());
                (pdu::noting(notes.as_ref()), Rule::Notes(notes))
            }
            2 => (pdu::sweeping(on), Rule::Sweeps(on)),
            _ if to != user => {
                editions = 0..=1;
                let forward = on.then_some((to, self.random.percent(30)));
                let argument = pdu::forwarding(&from, forward.map(|(_, gone)| (named, gone)));
                (argument, Rule::Forward(forward))
            }
            _ => return,
        };
        let edition = self.random.within(*editions.start(), *editions.end());
        let mut outcome = self.invoke_in(user, edition, REGISTER_MS, &argument);
        let what = format!("user {user} registers {rule:?}");
        let ticket = outcome.commit.take().unwrap_or_else(|| panic!("{what}: {outcome:?}"));
        let begins = (rule == Rule::Sweeps(true)).then(|| Event::Due(first_sweep(user)));
        let events = [Event::Registers(user, rule)].into_iter().chain(begins).collect();
        let asked = Some(self.model.ask(Event::All(events), false));
        self.wait(what, ticket, outcome, asked);
    }

    /// Something that is added to entries.
    pub(super) fn addition(&mut self) -> (String, u32) {
        let most = if self.random.percent(50) { 1000 } else { 400_000 };
        (self.name('n'), u32::try_from(self.random.below(most)).unwrap_or(0))
    }

    /// What auto-actions make of what comes for a user: what they add to it, what is stored behind
    /// it, and what is to be done later. Of what is no message there is no `mail`.
    pub(super) fn acted(
        &mut self,
        user: usize,
        entries: &mut [(Option<usize>, Entry)],
        (mail, rank): (Option<&Arc<Mail>>, u8),
    ) -> (Vec<Entry>, Vec<Event>) {
        // What is registered holds when it is durable.
        let rules = self.model.visible.mailboxes[user].rules.clone();
        let (mut behind, mut logged) = (Vec::new(), Vec::new());
        if let Some(added) = &rules.notes {
            entries[0].1.modify(Some(added), None);
            logged.push(self.logged());
        }
        let length = u32::try_from(entries.len()).unwrap_or(0);
        if let (Some(mail), Some((to, deletes))) = (mail, rules.forward) {
            let errand = Errand { behind: length, deletes, to, rank, mail: mail.clone() };
            let entry = self.errand_of(user, errand);
            let is_errand = entry.class == ERRAND;
            if is_errand { &mut behind } else { &mut logged }.push(entry);
        }
        behind.extend(logged);
        let later = mail.and(rules.later).map(|(_, seconds)| {
            let at = self.now + i64::from(seconds) * 1_000_000;
            Event::Due(Due { rank, at, work: Work::Forward(user, self.now) })
        });
        let over = self.sweep_at(user, entries[0].1.stored_until());
        (behind, later.into_iter().chain(over).collect())
    }

    /// What the store is to submit; or what the log tells, where the user has forwarded it before.
    fn errand_of(&mut self, user: usize, errand: Errand) -> Entry {
        if errand.mail.forwarders.contains(&user) {
            self.counts.loops += 1;
            return self.logged();
        }
        let entry = self.entries_of(&errand.mail, "", (ERRAND, PROCESSED)).swap_remove(0).1;
        let content = entry.subject.clone().into_bytes().into();
        Entry { content, errand: Some(errand), ..entry }
    }

    /// What was not fetched in time is forwarded.
    pub(super) fn forward_late(&mut self, due: Due, user: usize, created: i64) -> Event {
        let mailbox = &self.model.visible.mailboxes[user];
        let is_it = |entry: &&Entry| {
            let message = entry.class == DELIVERY && entry.parent.is_none();
            message && entry.created == created && entry.status < PROCESSED && !entry.report
        };
        let entry = mailbox.entries.values().find(is_it).filter(|entry| entry.harm.is_none());
        let mail = entry.and_then(|entry| entry.mail.clone());
        let mut events = Vec::new();
        if let (Some(mail), Some((to, _))) = (mail, mailbox.rules.later) {
            self.counts.late += 1;
            let errand = Errand { behind: 0, deletes: false, to, rank: due.rank, mail };
            let entry = self.errand_of(user, errand);
            events.push(stored(user, vec![(None, entry)]));
        }
        events.push(Event::Over(due));
        Event::All(events)
    }

    /// What is stored for long enough is deleted.
    pub(super) fn sweep(&mut self, due: Due, user: usize) -> Event {
        let mailbox = &self.model.visible.mailboxes[user];
        if !mailbox.rules.sweeps {
            return Event::Over(due);
        }
        let is_kept = |entry: &Entry| [DELIVERY, SUBMISSION, DRAFT].contains(&entry.class);
        let mains = mailbox.entries.iter().filter(|(_, e)| e.parent.is_none() && is_kept(e));
        let times: Vec<_> =
            mains.filter_map(|(n, entry)| Some((*n, entry.stored_until()?))).collect();
        let over = |time: &i64| *time <= self.now;
        let numbers: Vec<u32> =
            times.iter().filter(|(_, time)| over(time)).map(|(n, _)| *n).collect();
        let soonest = times.iter().map(|(_, time)| *time).filter(|time| !over(time)).min();
        let next = self.next_sweep();
        let next = Due { at: soonest.map_or(next, |at| at.min(next)), ..due };
        let logged = numbers.iter().map(|_| self.logged()).collect();
        self.counts.swept += numbers.len() as u64;
        Event::All(vec![
            Event::Swept { user, numbers, logged },
            Event::Over(due),
            Event::Due(next),
        ])
    }

    /// When a mailbox is looked through next, where nothing is over before.
    fn next_sweep(&self) -> i64 {
        (self.now.div_euclid(SWEEP_US) + 1) * SWEEP_US
    }

    /// A mailbox is looked through when something that is modified now is over, where that is
    /// before it would be otherwise.
    pub(super) fn sweep_at(&self, user: usize, over: Option<i64>) -> Option<Event> {
        let sweeps = self.model.visible.mailboxes[user].rules.sweeps;
        let over = over.filter(|over| sweeps && *over < self.next_sweep())?;
        Some(Event::Due(Due { at: over.max(self.now), ..first_sweep(user) }))
    }

    /// What the auto-action-log tells of a run.
    fn logged(&self) -> Entry {
        Entry {
            class: AUTO_ACTION_LOG,
            parent: None,
            status: 0,
            status_durable: 0,
            report: false,
            identifier: String::new(),
            subject: String::new(),
            content: Bytes::new(),
            mail: None,
            created: self.now,
            note: String::new(),
            period: None,
            epoch: self.epoch,
            harm: None,
            errand: None,
        }
    }

    /// The store submits the first of what it is to submit for a user; the MTA takes it, or not.
    pub(super) fn errand(&mut self) {
        let user = self.random.below(self.users());
        self.errand_for(user);
    }

    fn errand_for(&mut self, user: usize) {
        let mailbox = &self.model.visible.mailboxes[user];
        let first = mailbox.entries.iter().find(|(_, entry)| entry.class == ERRAND);
        let first = first.map(|(number, entry)| (*number, entry.clone()));
        let service = self.service();
        let next = service.ms.next_errand(service.bindings[user][0].mailbox, 0);
        let next = next.expect("storage can be read");
        let (next, number, known) = match (next, first) {
            (Some(next), Some((number, known))) => (next, number, known),
            (None, None) => return,
            (next, first) => panic!("to be submitted for user {user}: {first:?}, not {next:?}"),
        };
        assert_eq!(next.number, number);
        let argument = next.submit.argument.to_bytes();
        let subject = &known.content;
        assert!(argument.windows(subject.len()).any(|part| part == subject), "another message");
        let before = self.forwarded.entry((user, number)).or_insert_with(|| argument.clone());
        assert_eq!(*before, argument, "it is submitted again, and differs");
        if !self.running.insert((user, number)) {
            return;
        }
        let errand = known.errand.clone().expect("an errand");
        // What its user has deleted meanwhile stays in the log.
        let mailbox = &self.model.visible.mailboxes[user];
        let is_left = |subject: &u32| {
            let entry = mailbox.entries.get(subject);
            entry.is_some_and(|entry| entry.class == DELIVERY_LOG)
        };
        let subject = errand.deletes.then(|| number - errand.behind);
        let gone = [Some(number), subject.filter(|subject| !is_left(subject))];
        let gone = gone.into_iter().flatten().collect();
        let logged = Box::new(self.logged());
        let taken = match self.local {
            true => self.take_errand(&next.submit, (user, &errand)),
            false => self.pass_errand(&next.submit, (user, number), &errand),
        };
        let Some((mut outcome, mut events)) = taken else {
            self.running.remove(&(user, number));
            return;
        };
        let is_taken = !events.is_empty();
        self.counts.forwarded += u64::from(is_taken);
        // What it is about stays where it was refused.
        let gone = if is_taken { gone } else { vec![number] };
        events.push(Event::Forwarded { user, gone, logged });
        let ticket = outcome.commit.take().expect("that it is done is kept");
        let what = format!("errand {number} of user {user} is done, taken: {is_taken}");
        assert_eq!(matches!(outcome.reply, Reply::Result { .. }), is_taken, "{what}");
        let asked = Some(self.model.ask(Event::All(events), false));
        self.waiting.push(Waiting::new(what, ticket, None, asked));
    }

    /// The MTA takes what the store submits by itself, or refuses it for good; nothing where it
    /// is to be submitted again.
    fn pass_errand(
        &mut self,
        submit: &Submit,
        (user, number): (usize, u32),
        errand: &Errand,
    ) -> Option<(Outcome, Vec<Event>)> {
        let reason = "as it was told to".to_owned();
        let identifier = self.name('t');
        let passed = match self.random.below(6) {
            0 => Passed::Busy,
            1 => Passed::Unanswered { reason },
            2 => Passed::Error { code: FOR_GOOD, parameter: None },
            _ => Passed::Result(Some(pdu::taken(&identifier))),
        };
        let is_taken = matches!(passed, Passed::Result(_));
        let again = matches!(passed, Passed::Busy | Passed::Unanswered { .. });
        let outcome = self.service().ms.complete(&submit.token, passed, Now(self.now));
        if again {
            assert!(outcome.commit.is_none(), "{number} of user {user} stays to be submitted");
            return None;
        }
        let content = content_of(&submit.argument.to_bytes());
        let letter = Letter {
            identifier,
            user,
            mail: Arc::new(errand.mail.forwarded_by(user, content)),
            recipients: Vec::new(),
            returns: false,
            rank: 1,
            deferred_us: None,
            probe: false,
        };
        Some((outcome, if is_taken { self.taken(&letter) } else { vec![] }))
    }

    /// Time goes on and nobody does anything more: all that waits is delivered and forwarded, and
    /// that comes to an end, also where users forward to each other.
    pub(super) fn come_to_rest(&mut self) {
        const DAYS_US: i64 = 3 * 24 * 3_600_000_000;
        self.full = false;
        self.disk.set_free_bytes(None);
        self.now += DAYS_US;
        self.make_ready();
        self.now += DAYS_US / 1000;
        while self.model.visible.due().iter().any(|work| work.at <= self.now) {
            self.batch(Self::due);
        }
        let forwards = |world: &Self| {
            let mailboxes = &world.model.visible.mailboxes;
            let has_errands = |mailbox: &Mailbox| {
                mailbox.entries.values().filter(|entry| entry.class == ERRAND).count()
            };
            mailboxes.iter().map(has_errands).collect::<Vec<_>>()
        };
        // Each user forwards a message once, and an MTA is busy now and then.
        let most =
            forwards(self).iter().sum::<usize>() * self.users() * if self.local { 1 } else { 20 };
        let mut done = 0;
        while let Some(user) = forwards(self).iter().position(|errands| *errands > 0) {
            assert!(done < most, "what is forwarded does not come to rest");
            done += 1;
            self.batch(|world| world.errand_for(user));
        }
        self.note(format!("at rest after {done} errands"));
    }

    /// What the store keeps of what the MTA has taken.
    pub(super) fn taken(&self, letter: &Letter) -> Vec<Event> {
        let entry = self.submission(letter);
        entry.into_iter().chain([self.remembered(letter, letter.user)]).collect()
    }
}
