//! What users do: list, summarize, fetch and delete, register, change their passwords, submit.

use restante_ber::{Bytes, Decode};
use restante_mhs::x413::{EntryInformation, FetchResult, ListResult, SummarizeResult};
use restante_mhs::x419::Edition;
use restante_ms::{Effect, Now, Operation, Outcome, Reply};

use super::disk::Fault;
use super::local::{Letter, Recipient};
use super::model::{DELIVERY, DELIVERY_LOG, DRAFT, Entry, Event, SUBMISSION};
use super::pdu::{self, CONTENT, ENTRY_TYPE, STATUS, SUBJECT, Wanted};
use super::people::People;
use super::round::Waiting;
use super::world::{Outstanding, World};

const MESSAGE_SUBMISSION: i64 = 3;
const PROBE_SUBMISSION: i64 = 4;
const SUMMARIZE: i64 = 20;
const LIST: i64 = 21;
const FETCH: i64 = 22;
const DELETE: i64 = 23;
const REGISTER_MS: i64 = 24;
const MODIFY: i64 = 26;

const ORIGINATOR_INVALID: i64 = 2;
const OLD_CREDENTIALS_WRONG: i64 = 5;
const DELETE_ERROR: i64 = 23;
const SERVICE_ERROR: i64 = 27;
const SEQUENCE_NUMBER_ERROR: i64 = 28;

const LISTED: u8 = 1;
const PROCESSED: u8 = 2;

/// The values of an attribute, encoded.
fn values(entry: &EntryInformation, oid: &[u8]) -> Vec<Bytes> {
    let attributes = entry.attributes.iter().flat_map(|attributes| &attributes.0);
    attributes
        .filter(|attribute| attribute.attribute_type.contents() == oid)
        .flat_map(|attribute| &attribute.attribute_values)
        .map(|value| value.octets().clone())
        .collect()
}

fn result<T: Decode>(outcome: Outcome) -> T {
    let Reply::Result { value, .. } = outcome.reply else { panic!("{:?}", outcome.reply) };
    T::from_bytes(&value.to_bytes()).expect("a result can be read")
}

fn code(outcome: &Outcome) -> Option<i64> {
    match &outcome.reply {
        Reply::Error { code, .. } => Some(*code),
        _ => None,
    }
}

impl World {
    /// A user's operation, in one of its two editions.
    pub(super) fn invoke(
        &mut self,
        user: usize,
        code: i64,
        argument: &Bytes,
    ) -> (Outcome, Edition) {
        let edition = self.random.below(2);
        let outcome = self.invoke_in(user, edition, code, argument);
        (outcome, self.service().bindings[user][edition].edition)
    }

    /// The same in the edition of this place.
    pub(super) fn invoke_in(
        &mut self,
        user: usize,
        edition: usize,
        code: i64,
        argument: &Bytes,
    ) -> Outcome {
        let service = self.service();
        let binding = &service.bindings[user][edition];
        let operation = Operation::decode(binding.edition, code, Some(argument));
        let operation = operation.expect("an operation");
        service.ms.execute(binding, Now(self.now), operation)
    }

    /// The same in an edition that has a class.
    fn invoke_of(&mut self, user: usize, class: u8, code: i64, argument: &Bytes) -> Outcome {
        let edition = if class == DRAFT { 1 } else { self.random.below(2) };
        self.invoke_in(user, edition, code, argument)
    }

    /// One of the classes that a user looks at.
    fn class(&mut self) -> u8 {
        *self.random.choose(&[DELIVERY, DELIVERY, DELIVERY, SUBMISSION, DRAFT])
    }

    /// The numbers of a user's entries of which something is so.
    fn numbers(&self, user: usize, is_so: impl Fn(&Entry) -> bool) -> Vec<u32> {
        let entries = &self.model.visible.mailboxes[user].entries;
        entries.iter().filter(|(_, entry)| is_so(entry)).map(|(number, _)| *number).collect()
    }

    /// The user has seen entries.
    fn raise(&mut self, user: usize, numbers: Vec<u32>, to: u8) {
        let entries = &self.model.visible.mailboxes[user].entries;
        let lower = |number: &u32| entries[number].status < to;
        let numbers: Vec<u32> = numbers.into_iter().filter(lower).collect();
        if !numbers.is_empty() {
            // Where there is no room, nobody is told that it is not kept.
            let lost = self.may_be_refused();
            self.model.ask(Event::Raised { user, numbers, to }, lost);
        }
    }

    /// What somebody may ask for, and the numbers that it selects.
    fn wanted(&mut self, user: usize) -> (Wanted<'static>, Vec<u32>) {
        let (class, children) = (self.class(), self.random.percent(30));
        let high_water = self.model.visible.mailboxes[user].high_water;
        let bound = usize::try_from(high_water).unwrap_or(0) + 2;
        let [one, other] = [self.random.below(bound), self.random.below(bound)];
        let number = |n: usize| u32::try_from(n).unwrap_or(0);
        let range = (number(one.min(other)), number(one.max(other)));
        let range = self.random.percent(40).then_some(range);
        let of_class =
            |entry: &Entry| entry.class == class && (children || entry.parent.is_none());
        let mut numbers = self.numbers(user, of_class);
        if let Some((from, to)) = range {
            numbers.retain(|number| (from..=to).contains(number));
        }
        (Wanted { class, range, children, ..Wanted::default() }, numbers)
    }

    /// List: exactly what is acknowledged, in the order of numbers.
    pub(super) fn list(&mut self) {
        let user = self.random.below(self.users());
        let (mut wanted, mut numbers) = self.wanted(user);
        let registered = self.random.percent(40);
        let mut next = None;
        if self.random.percent(20) {
            let limit = self.random.within(1, 5);
            wanted.limit = u32::try_from(limit).ok();
            next = numbers.get(limit).copied();
            numbers.truncate(limit);
        }
        wanted.attributes = if registered { None } else { Some(&[STATUS, SUBJECT]) };
        let outcome = self.invoke_of(user, wanted.class, LIST, &wanted.list());
        let listed: ListResult = result(outcome);
        let told = listed.requested.unwrap_or_default();
        let seen: Vec<u32> = told.iter().map(|entry| entry.sequence_number.0).collect();
        assert_eq!(seen, numbers, "user {user} lists {wanted:?}");
        assert_eq!(listed.next.map(|number| number.0), next, "user {user} lists {wanted:?}");
        let mailbox = &self.model.visible.mailboxes[user];
        let defaults: Vec<&[u8]> = mailbox.list_defaults.iter().map(Vec::as_slice).collect();
        let types = if registered { &defaults[..] } else { &[STATUS, SUBJECT] };
        for entry in &told {
            let known = &mailbox.entries[&entry.sequence_number.0];
            let status = pdu::integer(2, u32::from(known.status));
            let told = values(entry, STATUS);
            assert_eq!(told == [status], types.contains(&STATUS), "status {told:?}: {known:?}");
            let told = values(entry, SUBJECT);
            let has_subject = told.iter().any(|value| value.ends_with(known.subject.as_bytes()));
            let wants = types.contains(&SUBJECT) && !known.subject.is_empty();
            // What is damaged may have been read again, and has none then.
            assert!(has_subject == wants || known.harm.is_some(), "subject {told:?}: {known:?}");
        }
        self.note(format!("  user {user} lists {numbers:?}"));
        self.raise(user, numbers, LISTED);
    }

    /// Summarize.
    pub(super) fn summarize(&mut self) {
        let user = self.random.below(self.users());
        let (wanted, numbers) = self.wanted(user);
        let outcome = self.invoke_of(user, wanted.class, SUMMARIZE, &wanted.summarize());
        let summary: SummarizeResult = result(outcome);
        let count = usize::try_from(summary.count).unwrap_or(usize::MAX);
        assert_eq!(count, numbers.len(), "user {user} summarizes {wanted:?}");
    }

    /// Fetch of a content: as it came, or an error where it is damaged or can't be read.
    pub(super) fn fetch(&mut self) {
        let user = self.random.below(self.users());
        let (mut wanted, _) = self.wanted(user);
        let class = wanted.class;
        let all = self.numbers(user, |entry| entry.class == class);
        wanted.attributes = Some(&[CONTENT]);
        if all.is_empty() || self.random.percent(5) {
            let unknown = self.model.visible.mailboxes[user].high_water + 1;
            let outcome = self.invoke_of(user, class, FETCH, &wanted.fetch(unknown));
            assert_eq!(code(&outcome), Some(SEQUENCE_NUMBER_ERROR), "{outcome:?}");
            return;
        }
        let number = *self.random.choose(&all);
        let fails = self.random.percent(5);
        if fails {
            let calls = self.random.within(1, 3);
            self.plan(calls, Fault::RefuseRead);
        }
        let outcome = self.invoke_of(user, class, FETCH, &wanted.fetch(number));
        let failed = fails && self.disk.fired().is_some();
        let known = self.model.visible.mailboxes[user].entries[&number].clone();
        let what = format!("user {user} fetches {number}");
        self.note(format!("  {what}, failed: {failed}"));
        if failed || known.harm.is_some() {
            assert_eq!(code(&outcome), Some(SERVICE_ERROR), "{what}: {outcome:?}");
            if !failed {
                let damage = self.service().store.damage();
                let mut told = damage.iter().flat_map(|place| &place.entries);
                let mailbox = self.mailboxes()[user].0;
                let is_told = told.any(|at| at.mailbox == mailbox && at.number == number);
                assert!(is_told, "{what}: the damage is not reported");
            }
            return;
        }
        let fetched: FetchResult = result(outcome);
        let entry = fetched.entry_information.expect("an entry");
        assert_eq!(entry.sequence_number.0, number);
        let content = values(&entry, CONTENT);
        match (&content[..], known.report || known.parent.is_some()) {
            (_, true) => {}
            ([content], false) => {
                assert_eq!(*content, pdu::tlv(4, &known.content), "{what}: another content");
            }
            (content, false) => panic!("{what}: {content:?}"),
        }
        // A probe has all that it has for a content.
        let report = known.report && [DELIVERY, DELIVERY_LOG].contains(&known.class);
        self.raise(user, vec![number], if report { LISTED } else { PROCESSED });
    }

    /// Delete: all that is named or nothing.
    pub(super) fn delete(&mut self) {
        let user = self.random.below(self.users());
        let class = self.class();
        let of_class = |entry: &Entry| entry.class == class;
        let mut mains = self.numbers(user, |entry| of_class(entry) && entry.parent.is_none());
        let children = self.numbers(user, |entry| of_class(entry) && entry.parent.is_some());
        let mut numbers = Vec::new();
        let most = if self.random.percent(10) { mains.len() } else { 4.min(mains.len()) };
        for _ in 0..self.random.within(0, most) {
            numbers.push(mains.swap_remove(self.random.below(mains.len())));
        }
        let mut expected = None;
        if !children.is_empty() && self.random.percent(5) {
            numbers.push(*self.random.choose(&children));
            expected = Some(DELETE_ERROR);
        }
        if self.random.percent(5) {
            numbers.push(self.model.visible.mailboxes[user].high_water + 7);
            expected = Some(SEQUENCE_NUMBER_ERROR);
        }
        if numbers.is_empty() {
            return;
        }
        let wanted = Wanted { class, ..Wanted::default() };
        let mut outcome = self.invoke_of(user, class, DELETE, &wanted.delete(&numbers));
        let what = format!("user {user} deletes {numbers:?}");
        if expected.is_some() {
            assert_eq!(code(&outcome), expected, "{what}: {outcome:?}");
            return;
        }
        let ticket = outcome.commit.take().expect("a deletion is kept");
        let asked = Some(self.model.ask(Event::Deleted { user, numbers }, false));
        self.wait(what, ticket, outcome, asked);
    }

    pub(super) fn wait(
        &mut self,
        what: String,
        ticket: restante_storage::Ticket,
        outcome: Outcome,
        asked: Option<u64>,
    ) {
        self.waiting.push(Waiting::new(what, ticket, Some(outcome), asked));
    }

    /// Register-MS: defaults of List, a password, or both.
    pub(super) fn register(&mut self) {
        let user = self.random.below(self.users());
        let mut list: Vec<&[u8]> = Vec::new();
        for oid in [STATUS, SUBJECT, ENTRY_TYPE] {
            if self.random.percent(60) {
                list.push(oid);
            }
        }
        let list = (!list.is_empty()).then_some(&list[..]);
        let present = self.people.password(user);
        let new = self.name('p');
        let old = if self.random.percent(80) { present.clone() } else { self.name('p') };
        let passwords = self.random.percent(40).then_some((&*old, &*new));
        let argument = pdu::register(list, passwords);
        let (mut outcome, _) = self.invoke(user, REGISTER_MS, &argument);
        let what = format!("user {user} registers {list:?} and {passwords:?}");
        if passwords.is_some() && old != present {
            assert_eq!(code(&outcome), Some(OLD_CREDENTIALS_WRONG), "{what}: {outcome:?}");
            assert_eq!(self.people.password(user), present, "{what}");
            return;
        }
        if passwords.is_some() {
            assert_eq!(self.people.password(user), new, "{what}");
        }
        match (list, outcome.commit.take()) {
            (Some(list), Some(ticket)) => {
                let list = list.iter().map(|oid| oid.to_vec()).collect();
                let asked = Some(self.model.ask(Event::Registered { user, list }, false));
                self.wait(what, ticket, outcome, asked);
            }
            (None, None) => {
                assert!(matches!(outcome.reply, Reply::Result { .. }), "{what}: {outcome:?}");
            }
            (_, commit) => panic!("{what}: {commit:?}"),
        }
    }

    /// Hands in what a user submits.
    pub(super) fn hand_in(&mut self, letter: &Letter) -> (Outcome, Edition) {
        let argument = self.argument_of(letter, letter.user);
        let code = if letter.probe { PROBE_SUBMISSION } else { MESSAGE_SUBMISSION };
        self.invoke(letter.user, code, &argument)
    }

    /// The argument of a submission in a user's name.
    fn argument_of(&self, letter: &Letter, originator: usize) -> Bytes {
        let users = self.users();
        // The last is none of this service.
        let people = People::new(users + 1);
        let name = |one: &Recipient| people.name(one.user.unwrap_or(users));
        let recipients: Vec<_> = letter.recipients.iter().map(name).collect();
        let from = people.name(originator);
        match letter.probe {
            true => pdu::probe(&from, &recipients, letter),
            false => pdu::submission(&from, &recipients, letter),
        }
    }

    /// A user puts something away to submit it later.
    pub(super) fn draft(&mut self) {
        let user = self.random.below(self.users());
        let letter = Letter { probe: false, ..self.letter(user) };
        let argument = self.argument_of(&letter, user);
        let argument = pdu::draft(&argument);
        let mut outcome = self.invoke_in(user, 1, MESSAGE_SUBMISSION, &argument);
        let what = format!("user {user} puts a draft away");
        let ticket = outcome.commit.take().expect("a draft is kept");
        let entries = self.entries_of(&letter.mail, "", (DRAFT, PROCESSED));
        let asked = Some(self.model.ask(super::local::stored(user, entries), false));
        let waiting = Waiting::new(what, ticket, Some(outcome), asked);
        self.waiting.push(Waiting { tells_number: true, ..waiting });
    }

    /// Modify: a note, for how long something is to be stored, a status.
    pub(super) fn modify(&mut self) {
        let user = self.random.below(self.users());
        let class = self.class();
        let is_one = |entry: &Entry| entry.class == class && entry.harm.is_none();
        let mut all = self.numbers(user, |entry| is_one(entry) && entry.parent.is_none());
        let added = self.random.percent(70).then(|| self.addition());
        let status = (added.is_none() || self.random.percent(30)).then(|| self.random.below(3));
        let status = status.and_then(|status| u8::try_from(status).ok());
        let mut numbers = Vec::new();
        for _ in 0..self.random.within(1, 3).min(all.len()) {
            numbers.push(all.swap_remove(self.random.below(all.len())));
        }
        if numbers.is_empty() {
            return;
        }
        let argument = pdu::modify(class, &numbers, added.as_ref(), status);
        let mut outcome = self.invoke_in(user, 1, MODIFY, &argument);
        let what = format!("user {user} modifies {numbers:?}: {added:?}, {status:?}");
        let ticket = outcome.commit.take().unwrap_or_else(|| panic!("{what}: {outcome:?}"));
        let mailbox = &self.model.visible.mailboxes[user];
        let until = |number: &u32| {
            let mut entry = mailbox.entries.get(number)?.clone();
            entry.modify(added.as_ref(), None);
            entry.stored_until()
        };
        let sweep = self.sweep_at(user, numbers.iter().filter_map(until).min());
        let modified = Event::Modified { user, numbers, added, status };
        let events = [modified].into_iter().chain(sweep).collect();
        let asked = Some(self.model.ask(Event::All(events), false));
        self.wait(what, ticket, outcome, asked);
    }

    /// Message-submission: the local MTA takes it, or it waits for the other one.
    pub(super) fn submit(&mut self) {
        let user = self.random.below(self.users());
        let letter = self.letter(user);
        if self.random.percent(5) && !letter.probe {
            let argument = self.argument_of(&letter, self.users());
            let (outcome, _) = self.invoke(user, MESSAGE_SUBMISSION, &argument);
            assert_eq!(code(&outcome), Some(ORIGINATOR_INVALID), "{outcome:?}");
            return;
        }
        if self.local {
            self.submit_to_local_mta(letter);
            return;
        }
        let (outcome, edition) = self.hand_in(&letter);
        assert_eq!(outcome.reply, Reply::Later);
        let submit = outcome.effects.into_iter().find_map(|effect| match effect {
            Effect::Submit(submit) => Some(submit),
            _ => None,
        });
        let submit = submit.expect("something to submit");
        let argument = self.argument_of(&letter, user);
        assert_eq!(submit.argument.to_bytes(), argument, "it is passed on as it came");
        self.outstanding.push(Outstanding { token: submit.token, edition, letter });
    }
}
