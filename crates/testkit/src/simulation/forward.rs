//! Auto-forward: what comes for a user goes on to another, once it is durable, until the MTA has
//! taken it: octet for octet the same, whatever stops and starts meanwhile.

use bytes::Bytes;
use restante_ms::{Now, Passed, Reply};

use super::model::{AUTO_ACTION_LOG, ERRAND, Entry, Event};
use super::pdu;
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
        // What is stored of what is forwarded has other entries in it.
        if to == user || self.store_submissions {
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

    /// What the store is to submit of a message that comes, where its user forwards.
    pub(super) fn errand_of(
        &self,
        user: usize,
        entries: &[(Option<usize>, Entry)],
    ) -> Option<Entry> {
        let (_, entry) = entries.first()?;
        // What is registered holds when it is durable.
        let forward = self.model.visible.mailboxes[user].forward;
        let (_, deletes) = forward.filter(|_| !entry.report)?;
        let behind = u32::try_from(entries.len()).ok()?;
        Some(Entry {
            class: ERRAND,
            status: PROCESSED,
            status_durable: PROCESSED,
            identifier: String::new(),
            content: entry.subject.clone().into_bytes().into(),
            errand: Some((behind, deletes)),
            ..entry.clone()
        })
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
        let reason = "as it was told to".to_owned();
        let identifier = self.name('t');
        let (passed, gone) = match self.random.below(6) {
            0 => (Passed::Busy, None),
            1 => (Passed::Unanswered { reason }, None),
            2 => (Passed::Error { code: FOR_GOOD, parameter: None }, Some(vec![number])),
            _ => {
                let (behind, deletes) = known.errand.expect("an errand");
                let gone = [Some(number), deletes.then_some(number - behind)];
                let taken = Passed::Result(Some(pdu::taken(&identifier)));
                (taken, Some(gone.into_iter().flatten().collect()))
            }
        };
        let is_taken = matches!(passed, Passed::Result(_));
        let event = gone.map(|gone| {
            let submission = is_taken.then_some(identifier);
            let logged = Box::new(self.logged(known));
            Event::Forwarded { user, gone, submission, logged }
        });
        let token = &next.submit.token;
        let mut outcome = self.service().ms.complete(token, passed, Now(self.now));
        let Some(event) = event else {
            assert!(outcome.commit.is_none(), "it stays to be submitted");
            self.running.remove(&(user, number));
            return;
        };
        let ticket = outcome.commit.take().expect("that it is done is kept");
        let what = format!("errand {number} of user {user}: {event:?}");
        let asked = Some(self.model.ask(event, false));
        assert_eq!(matches!(outcome.reply, Reply::Result { .. }), is_taken, "{what}");
        let (outcome, told_anyway, tells_number) = (None, false, false);
        let waiting = Waiting { what, ticket, outcome, asked, told_anyway, tells_number };
        self.waiting.push(waiting);
    }
}
