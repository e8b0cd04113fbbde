//! Auto-forward: what comes for a user goes on to another, once it is durable, until the MTA has
//! taken it: octet for octet the same, whatever stops and starts meanwhile.

use std::sync::Arc;

use bytes::Bytes;
use restante_ms::{Now, Outcome, Passed, Reply, Submit};

use super::local::{Letter, content_of};
use super::model::{AUTO_ACTION_LOG, DELIVERY_LOG, ERRAND, Entry, Errand, Event, Mailbox};
use super::pdu::{self, Mail};
use super::round::Waiting;
use super::world::World;

const REGISTER_MS: i64 = 24;
/// No user is to see it.
const PROCESSED: u8 = 2;
/// An error of submission that will always come: recipient-improperly-specified.
const FOR_GOOD: i64 = 3;

impl World {
    /// A user has all that comes forwarded to another, or no more.
    pub(super) fn forward(&mut self) {
        let user = self.random.below(self.users());
        let to = self.random.below(self.users());
        if to == user {
            return;
        }
        let forward = self.random.percent(70).then_some((to, self.random.percent(30)));
        let named = forward.map(|(to, delete)| (self.people.name(to), delete));
        let argument = pdu::forwarding(&self.people.name(user), named);
        let (mut outcome, _) = self.invoke(user, REGISTER_MS, &argument);
        let what = format!("user {user} forwards to {forward:?}");
        let ticket = outcome.commit.take().expect("a registration is kept");
        let asked = Some(self.model.ask(Event::Forwards { user, forward }, false));
        self.wait(what, ticket, outcome, asked);
    }

    /// What the store is to submit of a message that comes as so many entries, where its user
    /// forwards; what the log tells, where the user has forwarded it before.
    pub(super) fn errand_of(
        &mut self,
        user: usize,
        entries: usize,
        mail: &Arc<Mail>,
    ) -> Option<Entry> {
        // What is registered holds when it is durable.
        let (to, deletes) = self.model.visible.mailboxes[user].forward?;
        let behind = u32::try_from(entries).ok()?;
        let entry = self.entries_of(mail, "", (ERRAND, PROCESSED)).swap_remove(0).1;
        let errand = Entry {
            content: entry.subject.clone().into_bytes().into(),
            errand: Some(Errand { behind, deletes, to, mail: mail.clone() }),
            ..entry
        };
        match mail.forwarders.contains(&user) {
            true => {
                self.counts.loops += 1;
                Some(self.logged(errand))
            }
            false => Some(errand),
        }
    }

    /// What the auto-action-log tells of an errand that has come to its end.
    fn logged(&self, errand: Entry) -> Entry {
        Entry {
            class: AUTO_ACTION_LOG,
            status: 0,
            status_durable: 0,
            subject: String::new(),
            content: Bytes::new(),
            epoch: self.epoch,
            errand: None,
            ..errand
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
        let logged = Box::new(self.logged(known));
        let taken = match self.local {
            true => self.take_errand(&next.submit, (user, errand.to, &errand.mail)),
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
            self.due();
            self.take_answers();
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
            self.errand_for(user);
            self.take_answers();
        }
        self.note(format!("at rest after {done} errands"));
    }

    /// What the store keeps of what the MTA has taken.
    pub(super) fn taken(&self, letter: &Letter) -> Vec<Event> {
        let entry = self.submission(letter);
        entry.into_iter().chain([self.remembered(letter, letter.user)]).collect()
    }
}
