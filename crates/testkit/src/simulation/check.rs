//! What a store holds, asked of the storage itself, beside what the model says.

use std::collections::BTreeMap;

use bytes::Bytes;
use restante_storage::{MailboxId, Scope, Storage, StorageError, Store};

use super::model::{DELIVERY_LOG, ERRAND, Entry, Harm, Mailbox, SUBMISSION_LOG, State};
use super::pdu::{AUTO_DELETE, AUTO_FORWARD, AUTO_MODIFY, DELAYED, DELETES, integer};
use super::rules::Rules;

/// The value of the store that holds the marker.
pub(super) const MARKER: &[u8] = b"simulation";

/// An entry as it is stored.
#[derive(Debug)]
struct Seen {
    class: u8,
    parent: Option<u32>,
    status: u8,
    /// What was added to it.
    amendment: Bytes,
    /// Envelope and content; not asked for where only numbers are compared.
    octets: Option<Result<(Bytes, Bytes), StorageError>>,
}

/// A mailbox as it is stored.
#[derive(Debug)]
struct SeenMailbox {
    high_water: u32,
    entries: BTreeMap<u32, Seen>,
    list_defaults: Bytes,
    /// What is registered of auto-actions.
    auto_actions: Vec<Bytes>,
}

/// What a store holds.
#[derive(Debug)]
pub(super) struct Observation {
    mailboxes: Vec<SeenMailbox>,
    /// Keys, and what is known of whose they were.
    submissions: Vec<(Bytes, Bytes)>,
    /// The keys of what is to be done at its time.
    due: Vec<Bytes>,
    marker: u64,
    /// The names of the mailboxes.
    names: Vec<String>,
}

/// How exactly a store is compared.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Leniency {
    /// A retrieval-status may be lower than its user has seen it, no lower than was durable.
    pub(super) status: bool,
    /// Numbers may have been passed over.
    pub(super) numbers: bool,
}

impl Observation {
    /// Looks at the mailboxes with these names; at contents too, where it is to be thorough.
    ///
    /// # Errors
    /// Those of storage but that an entry is damaged.
    pub(super) fn of(
        store: &Store,
        mailboxes: &[(MailboxId, String)],
        thorough: bool,
    ) -> Result<Self, StorageError> {
        let of_mailbox = |(id, _): &(MailboxId, String)| seen_mailbox(store, *id, thorough);
        let marker = store.value(Scope::Store, MARKER)?.unwrap_or_default();
        Ok(Self {
            mailboxes: mailboxes.iter().map(of_mailbox).collect::<Result<_, _>>()?,
            submissions: store.values(Scope::Store, b"submission/")?,
            due: store.values(Scope::Store, b"due/")?.into_iter().map(|(key, _)| key).collect(),
            marker: marker.as_ref().try_into().map_or(0, u64::from_be_bytes),
            names: mailboxes.iter().map(|(_, name)| name.clone()).collect(),
        })
    }

    /// In what it differs from a state, if it does.
    ///
    /// # Errors
    /// The first difference.
    pub(super) fn compare(&self, state: &State, lenient: Leniency) -> Result<(), String> {
        if self.marker != state.marker {
            return Err(format!("the marker is {}, not {}", self.marker, state.marker));
        }
        let of_user = |identifier: &str, user: &usize| {
            self.submissions.iter().any(|(key, name)| {
                // The name stands at its end.
                contains(key, identifier.as_bytes())
                    && name.ends_with(self.names[*user].as_bytes())
            })
        };
        let mut submissions = state.submissions.iter().map(|(id, one)| (id, one.user));
        let missing = submissions.find(|(id, user)| !of_user(id, user));
        if let Some((identifier, user)) = missing {
            return Err(format!("submission {identifier} of user {user} is forgotten"));
        }
        if self.submissions.len() != state.submissions.len() {
            return Err(format!("{} submissions are known", self.submissions.len()));
        }
        if self.due.len() != state.due().len() {
            return Err(format!("to be done are {:?}, not {:?}", self.due, state.due()));
        }
        for (user, (seen, mailbox)) in self.mailboxes.iter().zip(&state.mailboxes).enumerate() {
            seen.compare(mailbox, lenient).map_err(|why| format!("user {user}: {why}"))?;
        }
        Ok(())
    }

    /// What is found is what there is from now on: statuses and numbers that may differ.
    pub(super) fn adopt(&self, state: &mut State) {
        for (seen, mailbox) in self.mailboxes.iter().zip(&mut state.mailboxes) {
            mailbox.high_water = seen.high_water;
            for (number, entry) in &mut mailbox.entries {
                entry.status = seen.entries[number].status;
                entry.status_durable = entry.status;
            }
        }
    }
}

fn seen_mailbox(
    store: &Store,
    id: MailboxId,
    thorough: bool,
) -> Result<SeenMailbox, StorageError> {
    let mut entries = BTreeMap::new();
    for row in store.select(id, &Default::default())?.iter() {
        let octets = if thorough { Some(octets(store, id, row.number)?) } else { None };
        let amendment = match store.amendment(id, row.number) {
            Err(StorageError::Damaged { .. }) => Bytes::new(),
            amendment => amendment?.unwrap_or_default(),
        };
        let (class, parent, status) = (row.class, row.parent, row.status);
        let seen = Seen { class, parent, status, amendment, octets };
        entries.insert(row.number, seen);
    }
    let list_defaults = store.value(Scope::Mailbox(id), b"list-attribute-defaults")?;
    let auto_actions = store.values(Scope::Mailbox(id), b"auto-action/")?;
    Ok(SeenMailbox {
        high_water: store.high_water(id)?,
        entries,
        list_defaults: list_defaults.unwrap_or_default(),
        auto_actions: auto_actions.into_iter().map(|(_, registration)| registration).collect(),
    })
}

type Octets = Result<(Bytes, Bytes), StorageError>;

fn octets(store: &Store, id: MailboxId, number: u32) -> Result<Octets, StorageError> {
    let read = || {
        let envelope = store.envelope(id, number)?.unwrap_or_default();
        Ok((envelope, store.content(id, number)?.unwrap_or_default()))
    };
    match read() {
        Err(error @ StorageError::Damaged { .. }) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(octets) => Ok(Ok(octets)),
    }
}

fn contains(octets: &[u8], part: &[u8]) -> bool {
    part.is_empty() || octets.windows(part.len()).any(|window| window == part)
}

impl SeenMailbox {
    fn compare(&self, mailbox: &Mailbox, lenient: Leniency) -> Result<(), String> {
        let numbers = |entries: Vec<&u32>| entries.into_iter().copied().collect::<Vec<_>>();
        let seen = numbers(self.entries.keys().collect());
        let wanted = numbers(mailbox.entries.keys().collect());
        if seen != wanted {
            return Err(format!("the entries are {seen:?}, not {wanted:?}"));
        }
        let passed_over = lenient.numbers && self.high_water > mailbox.high_water;
        if self.high_water != mailbox.high_water && !passed_over {
            let (seen, wanted) = (self.high_water, mailbox.high_water);
            return Err(format!("the highest number is {seen}, not {wanted}"));
        }
        let registered: Vec<_> =
            mailbox.list_defaults.iter().map(|oid| super::pdu::tlv(6, oid)).collect();
        let registered = match registered.is_empty() {
            true => Vec::new(),
            false => super::pdu::of(0x31, &registered),
        };
        if self.list_defaults != registered {
            return Err(format!("{:?} is registered", self.list_defaults));
        }
        self.acts_as(&mailbox.rules)?;
        for (number, entry) in &mailbox.entries {
            let seen = &self.entries[number];
            seen.compare(entry, lenient).map_err(|why| format!("entry {number}: {why}"))?;
        }
        Ok(())
    }
}

impl SeenMailbox {
    /// What is registered of auto-actions is this and nothing else.
    fn acts_as(&self, rules: &Rules) -> Result<(), String> {
        let user = |to| format!("User{to}").into_bytes();
        let forward = rules.forward.map(|(to, _)| [AUTO_FORWARD.to_vec(), user(to)]);
        let later = rules.later.map(|(to, _)| [DELAYED.to_vec(), user(to)]);
        let notes = rules.notes.as_ref();
        let notes = notes.map(|(note, _)| [AUTO_MODIFY.to_vec(), note.clone().into_bytes()]);
        let sweeps = rules.sweeps.then(|| [AUTO_DELETE.to_vec(), Vec::new()]);
        let wanted: Vec<_> = [forward, later, notes, sweeps].into_iter().flatten().collect();
        let is_there = |parts: &[Vec<u8>; 2]| {
            let has = |one: &&Bytes| parts.iter().all(|part| contains(one, part));
            self.auto_actions.iter().filter(has).count() == 1
        };
        let deletes = self.auto_actions.iter().any(|one| contains(one, DELETES));
        let all = wanted.len() == self.auto_actions.len() && wanted.iter().all(is_there);
        match all && deletes == rules.forward.is_some_and(|(_, deletes)| deletes) {
            true => Ok(()),
            false => Err(format!("registered are {:?}, not {rules:?}", self.auto_actions)),
        }
    }
}

impl Seen {
    fn compare(&self, entry: &Entry, lenient: Leniency) -> Result<(), String> {
        if (self.class, self.parent) != (entry.class, entry.parent) {
            return Err(format!("class {} and parent {:?}", self.class, self.parent));
        }
        // What was on its way when it was left in a log is not in that.
        let is_left = [DELIVERY_LOG, SUBMISSION_LOG].contains(&entry.class);
        let lowest = if lenient.status { entry.status_durable } else { entry.status };
        if !is_left && !(lowest..=entry.status).contains(&self.status) {
            return Err(format!("status {}, not {lowest} to {}", self.status, entry.status));
        }
        let period = entry.period.map(|period| integer(2, period)).unwrap_or_default();
        // The beginning of a note in its encoding, and of none that is not there.
        let has_note = contains(&self.amendment, &[0x1b, 8]);
        let noted = [entry.note.as_bytes(), &period];
        let noted = noted.iter().all(|part| contains(&self.amendment, part))
            && has_note != entry.note.is_empty();
        if entry.harm.is_none() && !is_left && !noted {
            return Err(format!("{:?} was added, not {:?}", self.amendment, entry.note));
        }
        match (&self.octets, entry.harm) {
            (None, _) => Ok(()),
            (Some(Ok((envelope, content))), None) => {
                if !contains(envelope, entry.identifier.as_bytes()) {
                    return Err(format!("its envelope is not that of {}", entry.identifier));
                }
                let is_made = entry.class == ERRAND || entry.parent.is_some();
                let is_part = is_made && contains(content, &entry.content);
                match *content == entry.content || is_part {
                    true => Ok(()),
                    false => Err(format!(
                        "its content of {} octets is another: {entry:?}",
                        content.len()
                    )),
                }
            }
            (Some(Err(_)), Some(Harm::Content | Harm::Record)) => Ok(()),
            (Some(read), harm) => Err(format!("it is read as {read:?}, with harm {harm:?}")),
        }
    }
}
