//! A simulated service: the store on its disk, the service over it, users and MTAs, the model
//! beside it; started, stopped and crashed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use restante_mhs::x411::{
    AdministrationDomainName, CountryName, Credentials, GlobalDomainIdentifier,
    NumericOrPrintable, ORName, Password,
};
use restante_mhs::x413::MSBindArgument;
use restante_mhs::x419::Edition;
use restante_ms::{Binding, Extractor, LocalMta, MessageStore, Now, Settings, Token};
use restante_storage::{
    Change, IndexPlace, IndexState, MailboxId, OpenReport, Options, Scope, Storage as _, Store,
    Transaction,
};
use tempfile::TempDir;

use super::backup::Kept;
use super::check::{Leniency, Observation};
use super::disk::{Disk, Fault};
use super::local::QUEUE;
use super::model::{DELIVERY, Harm, Model};
use super::people::People;
use super::random::Random;
use super::{Counts, round::Waiting};

/// When histories begin, microseconds since 1970.
const START_US: i64 = 1_796_000_000_000_000;

/// A message or report that an MTA has delivered or tried to.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) code: i64,
    pub(super) argument: bytes::Bytes,
    pub(super) user: usize,
    /// What it is; nothing of a report.
    pub(super) mail: Option<Arc<super::pdu::Mail>>,
    /// What it is known by.
    pub(super) identity: String,
    pub(super) entries: Vec<(Option<usize>, super::model::Entry)>,
    /// How often it was tried.
    pub(super) attempts: u32,
    /// Whether the record of it was damaged, and with it what it would be known by.
    pub(super) harmed: bool,
}

/// What was submitted and waits for the MTA's answer.
pub(super) struct Outstanding {
    pub(super) token: Token,
    pub(super) edition: Edition,
    pub(super) letter: super::local::Letter,
}

/// The service while it runs.
pub(super) struct Service {
    pub(super) ms: MessageStore<Store>,
    pub(super) store: Arc<Store>,
    /// Each user in both editions.
    pub(super) bindings: Vec<[Binding; 2]>,
}

/// What a stop leaves of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// All that was in it.
    Kept,
    /// What was in it when the store was started.
    Older,
    /// Nothing.
    Lost,
}

/// Everything in a simulation.
pub(super) struct World {
    pub(super) random: Random,
    pub(super) model: Model,
    pub(super) disk: Disk,
    pub(super) people: Arc<People>,
    pub(super) service: Option<Service>,
    /// How often it was started.
    pub(super) epoch: u32,
    pub(super) now: i64,
    /// What happened, a line each.
    pub(super) trace: Vec<String>,
    pub(super) counts: Counts,
    pub(super) waiting: Vec<Waiting>,
    pub(super) sent: Vec<Sent>,
    pub(super) outstanding: Vec<Outstanding>,
    /// The associations of MTAs that are open.
    pub(super) associations: Vec<[u8; 16]>,
    /// What was submitted of each errand.
    pub(super) forwarded: HashMap<(usize, u32), bytes::Bytes>,
    /// The errands whose end is not durable yet.
    pub(super) running: HashSet<(usize, u32)>,
    /// Gives names that no other has.
    pub(super) last_name: u32,
    /// Whether no content is taken in.
    pub(super) full: bool,
    /// The fault that is planned for the round.
    pub(super) planned: Option<Fault>,
    /// Whether an older index would still fit: no record was moved since.
    pub(super) older_fits: bool,
    /// Whether a record was ever damaged so that it can't be told what it was.
    pub(super) records_harmed: bool,
    pub(super) store_submissions: bool,
    /// Whether messages that are deleted stay in the logs.
    pub(super) logs: bool,
    /// The last backup of this store.
    pub(super) kept: Option<Kept>,
    /// How long it is remembered whose submissions were, days.
    pub(super) kept_days: i64,
    /// Whether there is no MTA but the built-in one.
    pub(super) local: bool,
    /// Until when there are numbers for its submissions, microseconds since 1970.
    pub(super) reserved_until: i64,
    /// What of its queue is being delivered or cancelled, by number.
    pub(super) ending: HashSet<u32>,
    /// Whether what is due was done in this round.
    pub(super) due_done: bool,
    options: Options,
    directory: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        // The writer may wait for leave.
        self.disk.left();
        self.disk.pace(None);
    }
}

impl World {
    /// A service of a seed's making, started.
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let users = random.within(1, 4);
        let logs = random.percent(40);
        let kib = |random: &mut Random, low, high| random.within(low, high) as u64 * 1024;
        let options = Options {
            segment_bytes: kib(&mut random, 12, 96),
            index_batch_records: random.within(1, 40),
            index_delay: Duration::ZERO,
            columns_bytes_max: random.within(0, 1 << 20),
            open_files_max: random.within(1, 8),
            free_bytes_min: 256 * 1024,
            live_percent_min: u8::try_from(random.within(30, 90)).unwrap_or(50),
            reclaim_bytes_per_second: 0,
            ..Options::default()
        };
        let mut world = Self {
            model: Model::new(users, logs),
            disk: Disk::default(),
            people: Arc::new(People::new(users)),
            service: None,
            epoch: 0,
            now: START_US,
            trace: Vec::new(),
            counts: Counts::default(),
            waiting: Vec::new(),
            sent: Vec::new(),
            outstanding: Vec::new(),
            associations: Vec::new(),
            forwarded: HashMap::new(),
            running: HashSet::new(),
            last_name: 0,
            full: false,
            planned: None,
            older_fits: false,
            records_harmed: false,
            store_submissions: random.percent(60),
            logs,
            kept: None,
            kept_days: i64::try_from(random.within(1, 5)).unwrap_or(1),
            local: random.percent(50),
            reserved_until: 0,
            ending: HashSet::new(),
            due_done: false,
            options,
            directory: tempfile::tempdir().expect("a directory can be made"),
            random,
        };
        world.call_again();
        world.call_again();
        world.start();
        world.make_ready();
        world
    }

    pub(super) fn note(&mut self, line: String) {
        self.trace.push(line);
    }

    /// A name that no other has and that is no part of another.
    pub(super) fn name(&mut self, prefix: char) -> String {
        self.last_name += 1;
        format!("{prefix}{:06}e", self.last_name)
    }

    /// An MTA calls: an association that no other is.
    pub(super) fn call_again(&mut self) {
        let halves = [self.random.next(), self.random.next()].map(u64::to_be_bytes);
        let association = halves.concat().try_into().expect("16 octets");
        self.associations.push(association);
        if self.associations.len() > 3 {
            self.associations.remove(0);
        }
    }

    pub(super) fn service(&self) -> &Service {
        self.service.as_ref().expect("the service runs")
    }

    pub(super) fn users(&self) -> usize {
        self.people.users().len()
    }

    /// Where something is that is no part of the simulated disk.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn index(&self) -> PathBuf {
        self.place("index")
    }

    fn older_index(&self) -> PathBuf {
        self.place("older")
    }

    fn let_go(&mut self) -> Option<Service> {
        self.disk.pace(None);
        self.service.take()
    }

    /// The service ends as when it is told to.
    pub(super) fn stop(&mut self) {
        let Some(Service { ms, store, .. }) = self.let_go() else { return };
        self.outstanding.clear();
        drop(ms);
        let store = Arc::into_inner(store).expect("nobody else has the store");
        store.wait_for_index();
        let stopped = store.stopped().is_some();
        let closed = store.close();
        assert_eq!(closed.is_err(), stopped, "a store that goes on can be closed: {closed:?}");
    }

    /// The service ends as by a power failure; a disk is left.
    pub(super) fn crash(&mut self) {
        self.counts.crashes += 1;
        let left = self.disk.left();
        // What was acknowledged is in the index: the rest of it is older than that, or nothing.
        self.outstanding.clear();
        drop(self.let_go());
        self.disk = left;
        self.full = false;
        self.disk.set_free_bytes(None);
    }

    /// Has the index be what a stop left of it.
    pub(super) fn leave_index(&mut self, left: Index) {
        let left = if left == Index::Older && !self.older_fits { Index::Kept } else { left };
        self.note(format!("the index: {left:?}"));
        match left {
            Index::Kept => {}
            Index::Older => copy_index(&self.older_index(), &self.index()),
            Index::Lost => forget_index(&self.index()),
        }
    }

    /// Starts the service, on a disk that may fail meanwhile, and checks what it finds.
    pub(super) fn start(&mut self) {
        copy_index(&self.index(), &self.older_index());
        self.older_fits = true;
        let fault = match self.random.below(100) {
            0..8 => Some(Fault::Stop),
            8..13 => Some(Fault::Refuse),
            13..16 => Some(Fault::RefuseRead),
            _ => None,
        };
        if let Some(fault) = fault {
            let calls = 1 + self.random.below(12);
            self.plan(calls, fault);
        }
        let mut failed = false;
        loop {
            self.epoch += 1;
            self.counts.starts += 1;
            let opened = self.open();
            let fired = self.disk.fired();
            let ended = fired.is_some_and(|fired| fired.fault == Fault::Stop);
            match opened {
                Ok(()) if !ended => break,
                Err(why) => assert!(fired.is_some(), "the store can't be started: {why}"),
                Ok(()) => {}
            }
            failed = true;
            self.note(format!("a start fails: {fired:?}"));
            drop(self.let_go());
            if ended {
                self.crash();
            }
        }
        self.find(failed);
    }

    pub(super) fn plan(&mut self, calls: usize, fault: Fault) {
        let random = Random::new(self.random.next());
        self.disk.plan(u32::try_from(calls).unwrap_or(1), fault, random);
    }

    fn open(&mut self) -> Result<(), String> {
        let place = IndexPlace::File(self.index());
        let disk = Arc::new(self.disk.clone());
        let store = Store::open(disk, &place, self.options.clone(), Arc::new(Extractor));
        let store = Arc::new(store.map_err(|error| error.to_string())?);
        self.disk.pace(Some(&store));
        let opened = self.serve(store.clone());
        if opened.is_err() {
            self.disk.pace(None);
        }
        self.service = Some(opened?);
        self.reserved_until = 0;
        Ok(())
    }

    /// The service over a store, to which all users have bound.
    fn serve(&self, store: Arc<Store>) -> Result<Service, String> {
        let settings = Settings {
            responder_password: Password::from("ms"),
            store_submissions: self.store_submissions,
            logs: self.logs,
            mta: (!self.local).then_some(Edition::E1988),
            submissions_kept_days: usize::try_from(self.kept_days).unwrap_or(1),
            local_mta: LocalMta { domain: domain(), ..LocalMta::default() },
            ..Settings::default()
        };
        let ms = MessageStore::new(store.clone(), self.people.clone(), settings);
        let bind = |user: &restante_directory::User, edition| {
            let name = ORName::from(user.or_address.clone());
            let credentials = Credentials::Simple(Password::from("any"));
            let argument = MSBindArgument::new(name, credentials);
            let bound = ms.bind(user, edition, &argument, Now(self.now));
            bound.map(|(binding, _)| binding).map_err(|refusal| refusal.to_string())
        };
        for user in self.people.users() {
            ms.mailbox(user).map_err(|error| error.to_string())?;
        }
        let both = |user| Ok([bind(user, Edition::E1988)?, bind(user, Edition::E1994)?]);
        let all = || self.people.users().iter().map(both).collect::<Result<_, String>>();
        let bindings = self.hold_for(&store, all)?;
        Ok(Service { ms, store, bindings })
    }

    /// Has what a bind keeps of what it told, for which it does not wait, be one batch.
    fn hold_for<T>(
        &self,
        store: &Store,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        let nothing = || {
            let (scope, key) = (Scope::Store, Bytes::from_static(b"nothing"));
            store.commit(Transaction::of(Change::RemoveValue { scope, key }))
        };
        store.wait_for_index();
        self.disk.hold();
        let first = nothing();
        self.disk.wait_for_writer();
        let done = work();
        let last = nothing();
        self.disk.go_on_with(store, &first);
        first.wait().and_then(|_| last.wait()).map_err(|error| error.to_string())?;
        store.wait_for_index();
        done
    }

    /// The mailboxes of the users, with their names, and the queue where it is.
    pub(super) fn mailboxes(&self) -> Vec<(MailboxId, String)> {
        let of = |[binding, _]: &[Binding; 2]| (binding.mailbox, binding.user.key.clone());
        let queue = self.service().store.mailbox(QUEUE).map(|queue| (queue, QUEUE.to_owned()));
        self.service().bindings.iter().map(of).chain(queue).collect()
    }

    pub(super) fn observe(&self, thorough: bool) -> Observation {
        let store = &self.service().store;
        Observation::of(store, &self.mailboxes(), thorough).expect("the store can be read")
    }

    /// What a start finds is what was acknowledged, and a beginning of what was not. After starts
    /// that failed, nobody knows whether one of them made the index again.
    fn find(&mut self, failed: bool) {
        let report = self.service().store.open_report().clone();
        let OpenReport { index, torn, damaged, .. } = &report;
        self.note(format!("started, index {index:?}, torn: {torn}, damaged: {damaged:?}"));
        let made_again = *index != IndexState::Kept;
        let observation = self.observe(true);
        let numbers = (made_again || failed) && self.records_harmed;
        let lenient = Leniency { status: true, numbers };
        let mut differences = Vec::new();
        for (more, state) in self.model.after_a_crash().into_iter().enumerate() {
            let mut read_again = state.clone();
            let lost = read_again.lose_damaged();
            let told = !damaged.is_empty() || failed;
            assert!(told || !lost || !made_again, "damage is not reported");
            for mut state in [state, read_again] {
                match observation.compare(&state, lenient) {
                    Err(difference) => differences.push(difference),
                    Ok(()) => {
                        observation.adopt(&mut state);
                        self.note(format!("found what was done and {more} more"));
                        self.model.settle(state);
                        self.running.clear();
                        self.ending.clear();
                        self.due_done = false;
                        return;
                    }
                }
            }
        }
        panic!("what a start finds is no beginning of what was asked: {differences:#?}");
    }

    /// Flips a bit of an entry that is there since before the last start.
    pub(super) fn harm(&mut self) -> bool {
        let mut all = Vec::new();
        for (user, mailbox) in self.model.floor.mailboxes.iter().enumerate() {
            for (number, entry) in &mailbox.entries {
                let unique = |sent: &Sent| {
                    let is_it = sent.entries[0].1.identifier == entry.identifier;
                    sent.attempts == 1 && sent.mail.is_some() && is_it
                };
                let of_old = entry.epoch < self.epoch && entry.harm.is_none();
                // The identifier of what was submitted stands in its reports too.
                let message = entry.class == DELIVERY && !entry.report;
                let main = entry.parent.is_none() && message;
                if of_old && main && self.sent.iter().any(unique) {
                    all.push((user, *number, entry.clone()));
                }
            }
        }
        if all.is_empty() {
            return false;
        }
        let (user, number, entry) = self.random.choose(&all).clone();
        let harm = *self.random.choose(&[Harm::Content, Harm::Record]);
        let octets = match harm {
            Harm::Content => &entry.content[..],
            Harm::Record => entry.identifier.as_bytes(),
        };
        let flipped = self.disk.flip(octets, &mut self.random);
        assert!(flipped > 0, "{} is not on the disk", entry.identifier);
        self.note(format!("a bit of {harm:?} of entry {number} of user {user} flips"));
        self.counts.flips += 1;
        if harm == Harm::Record {
            self.records_harmed = true;
            let is_it = |sent: &&mut Sent| sent.entries[0].1.identifier == entry.identifier;
            self.sent.iter_mut().filter(is_it).for_each(|sent| sent.harmed = true);
        }
        for state in [&mut self.model.floor, &mut self.model.visible] {
            state.mailboxes[user].harm(number, harm);
        }
        true
    }
}

/// The domain of all identifiers: see `pdu::DOMAIN`.
fn domain() -> GlobalDomainIdentifier {
    let printable = |text: &str| NumericOrPrintable::Printable(text.into());
    GlobalDomainIdentifier {
        country_name: CountryName(printable("GB")),
        administration_domain_name: AdministrationDomainName(printable(" ")),
        private_domain_identifier: Some(printable("PEER")),
    }
}

const ENDS: [&str; 3] = ["", "-wal", "-shm"];

fn file(index: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", index.display()))
}

fn forget_index(index: &Path) {
    for end in ENDS {
        let _ = std::fs::remove_file(file(index, end));
    }
}

fn copy_index(from: &Path, to: &Path) {
    forget_index(to);
    for end in ENDS {
        let from = file(from, end);
        if from.exists() {
            std::fs::copy(from, file(to, end)).expect("an index can be copied");
        }
    }
}
