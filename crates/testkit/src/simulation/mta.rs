//! What MTAs do: deliver messages and reports, deliver once more what had no answer, and take,
//! refuse or forget what users submit.

use std::sync::Arc;

use bytes::Bytes;
use restante_mhs::x419::Edition;
use restante_ms::{Deliverer, Delivery, Effect, Now, Outcome, Passed, Reply};

use super::local::Letter;
use super::model::{DELIVERY, ERRAND, Entry, Event, Mark, Remembered};
use super::pdu::{self, Mail, Message};
use super::round::{Told, Waiting};
use super::world::{Outstanding, Sent, World};

const MESSAGE_DELIVERY: i64 = 5;
const REPORT_DELIVERY: i64 = 6;

/// The error after which an MTA does not try again: security-error of P3.
const SECURITY_ERROR: i64 = 12;

impl World {
    /// An entry of a message, and those of what it forwards.
    pub(super) fn entries_of(
        &self,
        mail: &Arc<Mail>,
        identifier: &str,
        (class, status): (u8, u8),
    ) -> Vec<(Option<usize>, Entry)> {
        let entry = |subject: &str, identifier: &str, content| Entry {
            class,
            parent: None,
            status,
            status_durable: status,
            report: false,
            identifier: identifier.to_owned(),
            subject: subject.to_owned(),
            content,
            mail: None,
            created: self.now,
            note: String::new(),
            period: None,
            epoch: self.epoch,
            harm: None,
            errand: None,
        };
        let main = entry(&mail.message.subject, identifier, mail.content.clone());
        let mut all = vec![(None, Entry { mail: Some(mail.clone()), ..main })];
        for (parent, forwarded) in mail.message.forwarded() {
            let subject = &forwarded.subject;
            let part = Bytes::copy_from_slice(subject.as_bytes());
            all.push((Some(parent.map_or(0, |place| place + 1)), entry(subject, "", part)));
        }
        all
    }

    /// A message that nobody has sent before; now and then one that is long, or forwards others.
    pub(super) fn message(&mut self, depth: usize) -> Message {
        let text_bytes = match self.random.below(20) {
            0 => self.random.within(20_000, 120_000),
            1..6 => self.random.within(1000, 8000),
            _ => self.random.within(0, 400),
        };
        let forwards = match depth > 0 && self.random.percent(20) {
            true => self.random.within(1, 2),
            false => 0,
        };
        let subject = self.name('s');
        let forwards = (0..forwards).map(|_| self.message(depth - 1)).collect();
        Message { subject, text_bytes, forwards }
    }

    /// A message comes for a user.
    pub(super) fn deliver(&mut self) {
        let user = self.random.below(self.users());
        let from = self.random.below(self.users());
        let mail = Arc::new(Mail::from(self.message(3)));
        let identifier = self.name('m');
        let (from, to) = (self.people.name(from), self.people.name(user));
        self.sent.push(Sent {
            code: MESSAGE_DELIVERY,
            argument: pdu::delivery(&identifier, &from, &to, &mail.content),
            user,
            entries: self.entries_of(&mail, &identifier, (DELIVERY, 0)),
            mail: Some(mail),
            identity: format!("message {identifier}"),
            attempts: 0,
            harmed: false,
        });
        self.attempt(self.sent.len() - 1);
    }

    /// Something comes once more: its MTA has had no answer, or does as if.
    pub(super) fn deliver_again(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        // What came not long ago, mostly.
        let back = self.random.within(1, 6).min(self.sent.len());
        let which = match self.random.percent(80) {
            true => self.sent.len() - back,
            false => self.random.below(self.sent.len()),
        };
        let sent = &self.sent[which];
        let subject = &sent.entries[0].1.identifier;
        if sent.mail.is_none() && !self.model.visible.submissions.contains_key(subject) {
            // It is forgotten whose that was.
            let argument = sent.argument.clone();
            self.report_of_nobodys(&argument);
        } else if !sent.harmed {
            // Of what was damaged nobody knows whether it is known again.
            self.attempt(which);
        }
    }

    /// A report comes of what is remembered as nobody's.
    fn report_of_nobodys(&self, argument: &Bytes) {
        let outcome = self.hand_over(REPORT_DELIVERY, argument, self.associations[0]);
        let refused = matches!(outcome.reply, Reply::Error { code: SECURITY_ERROR, .. });
        assert!(refused, "{:?}", outcome.reply);
    }

    /// A report of what a user has submitted comes, or of what nobody has.
    pub(super) fn report(&mut self) {
        let taken: Vec<_> = self.model.visible.submissions.clone().into_iter().collect();
        let returned = self.random.percent(40).then(|| Arc::new(Mail::from(self.message(2))));
        let about = self.random.below(self.users());
        let to = self.people.name(about);
        let content = returned.as_ref().map(|mail| mail.content.clone());
        if taken.is_empty() || self.random.percent(10) {
            let argument = pdu::report("nobodys", &to, content.as_deref());
            self.report_of_nobodys(&argument);
            return;
        }
        let (subject, Remembered { user, .. }) = self.random.choose(&taken).clone();
        let argument = pdu::report(&subject, &to, content.as_deref());
        let entries = self.report_family(&subject, returned.as_ref());
        // What it says of its recipient tells it from others about the same.
        let identity = format!("report {subject} about user {about}");
        let (code, attempts, harmed, mail) = (REPORT_DELIVERY, 0, false, None);
        self.sent.push(Sent { code, argument, user, mail, identity, entries, attempts, harmed });
        self.attempt(self.sent.len() - 1);
    }

    /// A report, and the content that comes back in it with what that forwards.
    pub(super) fn report_family(
        &self,
        subject: &str,
        returned: Option<&Arc<Mail>>,
    ) -> Vec<(Option<usize>, Entry)> {
        let report = Entry {
            class: DELIVERY,
            parent: None,
            status: 0,
            status_durable: 0,
            report: true,
            identifier: subject.to_owned(),
            subject: String::new(),
            content: returned.map(|mail| mail.content.clone()).unwrap_or_default(),
            mail: None,
            created: self.now,
            note: String::new(),
            period: None,
            epoch: self.epoch,
            harm: None,
            errand: None,
        };
        let mut all = vec![(None, report)];
        if let Some(mail) = returned {
            let mut family = self.entries_of(mail, "", (DELIVERY, 0));
            family[0].0 = Some(0);
            family[1..].iter_mut().for_each(|(parent, _)| *parent = parent.map(|p| p + 1));
            all.extend(family);
        }
        all
    }

    fn hand_over(&self, code: i64, argument: &Bytes, association: [u8; 16]) -> Outcome {
        let edition = Edition::E1988;
        let from = Deliverer { mta: "mta".to_owned(), association, edition, user: None };
        let delivery = Delivery::decode(code, Some(argument)).expect("a delivery");
        self.service().ms.deliver(&from, Now(self.now), delivery)
    }

    /// An MTA delivers; once more, where it has done so before.
    fn attempt(&mut self, which: usize) {
        let association = *self.random.choose(&self.associations);
        let epoch = self.epoch;
        let sent = &mut self.sent[which];
        sent.attempts += 1;
        let now = self.now;
        sent.entries.iter_mut().for_each(|(_, entry)| (entry.epoch, entry.created) = (epoch, now));
        let Sent { code, argument, user, identity, mail, mut entries, .. } = sent.clone();
        let (behind, later) = self.acted(user, &mut entries, (mail.as_ref(), 1));
        let mark = Mark { identity: identity.clone(), association, time: self.now };
        let is_repeat = self.model.has_seen(user, &mark);
        let mut outcome = self.hand_over(code, &argument, association);
        let told = |wanted: fn(&Effect) -> bool| outcome.effects.iter().any(wanted);
        let repeated = told(|effect| matches!(effect, Effect::Repeated { .. }));
        let delivered = told(|effect| matches!(effect, Effect::Delivered { .. }));
        assert_eq!((repeated, delivered), (is_repeat, !is_repeat), "{identity}: {outcome:?}");
        let what = format!("{identity} for user {user}, a repeat: {is_repeat}");
        let on_its_way = told(|effect| matches!(effect, Effect::Errand { .. }));
        let forwards = behind.iter().any(|entry| entry.class == ERRAND);
        assert_eq!(on_its_way, forwards && !is_repeat, "{what} is forwarded");
        if !is_repeat && (!behind.is_empty() || !later.is_empty()) {
            // One record holds all: what a flipped bit costs is not one entry.
            self.sent[which].attempts += 1;
        }
        entries.extend(behind.into_iter().map(|entry| (None, entry)));
        let events = [Event::Stored { user, mark: Some(mark), entries }].into_iter().chain(later);
        let event = Event::All(events.collect());
        let asked = (!is_repeat).then(|| self.model.ask(event, false));
        let Some(ticket) = outcome.commit.take() else {
            assert!(matches!(outcome.reply, Reply::Result { .. }), "{what}: {:?}", outcome.reply);
            self.note(format!("  {what}: known"));
            return;
        };
        self.waiting.push(Waiting::new(what, ticket, Some(outcome), asked));
    }

    /// An MTA calls anew: what comes from it is on another association.
    pub(super) fn call(&mut self) {
        self.call_again();
    }

    /// The MTA has an answer to something that was submitted, or has none.
    pub(super) fn answer(&mut self) {
        if self.outstanding.is_empty() {
            return;
        }
        let which = self.random.below(self.outstanding.len());
        let outstanding = self.outstanding.remove(which);
        let reason = "as it was told to".to_owned();
        let (passed, refused) = match self.random.below(10) {
            0 => (Passed::Error { code: 2, parameter: None }, true),
            1 => (Passed::NotBound { reason }, true),
            2 => (Passed::Busy, true),
            3 => (Passed::Unanswered { reason }, true),
            4 => (Passed::Result(None), true),
            _ => (Passed::Busy, false),
        };
        if refused {
            let token = &outstanding.token;
            let outcome = self.service().ms.complete(token, passed, Now(self.now));
            self.wait_for_refusal(outcome, &outstanding.letter);
            return;
        }
        self.take(outstanding);
    }

    /// The MTA takes it.
    fn take(&mut self, outstanding: Outstanding) {
        let Outstanding { token, edition, letter } = outstanding;
        let letter = Letter { identifier: self.name('t'), ..letter };
        let passed = Passed::Result(Some(pdu::taken(&letter.identifier)));
        let mut outcome = self.service().ms.complete(&token, passed, Now(self.now));
        let asked = Some(self.model.ask(Event::All(self.taken(&letter)), false));
        let ticket = outcome.commit.take().expect("what was taken is kept");
        let what = format!("{} is taken from user {}", letter.identifier, letter.user);
        let tells_number = edition == Edition::E1994 && self.keeps_submissions();
        let waiting = Waiting::new(what, ticket, Some(outcome), asked);
        self.waiting.push(Waiting { told: Told::DoneAnyway, tells_number, ..waiting });
    }
}
