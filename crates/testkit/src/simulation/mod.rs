//! The whole service in a simulation that a seed decides: users and MTAs, a store that is crashed,
//! damaged and refused, and a model beside it that knows what was promised.
//!
//! Each row of the table of promises in `docs/operating.md` is checked after every start. A
//! history is told by its seed: what fails is printed with it, and fails again with it. To add an
//! operation, write it as a method of the world that asks the service, compares the answer with
//! the model and takes down what it changes as an event; then give it a weight in `ACTS`, or in
//! `upkeep::DEEDS` where nothing else may be under way.
//!
//! It refuses to take an answer of the code under test for the truth: the model is of plain maps,
//! PDUs are made octet by octet, the disk is its own.

mod backup;
mod check;
mod disk;
mod forward;
mod local;
mod model;
mod mta;
mod pdu;
mod people;
mod random;
mod round;
mod rules;
mod upkeep;
mod user;
mod world;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use world::World;

/// Something that a user or an MTA does.
type Act = fn(&mut World);

/// What users and MTAs do, with weights.
const ACTS: &[(usize, (&str, Act))] = &[
    (30, ("a message comes", World::deliver)),
    (8, ("something comes again", World::deliver_again)),
    (6, ("a report comes", World::report)),
    (3, ("an MTA calls", World::call)),
    (14, ("list", World::list)),
    (3, ("summarize", World::summarize)),
    (14, ("fetch", World::fetch)),
    (10, ("delete", World::delete)),
    (4, ("register", World::register)),
    (8, ("submit", World::submit)),
    (10, ("the MTA answers", World::answer)),
    (5, ("auto-actions", World::automate)),
    (4, ("modify", World::modify)),
    (2, ("a draft", World::draft)),
    (8, ("something is forwarded", World::errand)),
    (4, ("a delivery is cancelled", World::cancel)),
    (8, ("what is due is done", World::due)),
];

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations of users and MTAs.
    pub acts: u64,
    /// Batches of them.
    pub rounds: u64,
    /// Starts of the store, those that failed among them.
    pub starts: u64,
    /// Power failures.
    pub crashes: u64,
    /// Writes, syncs and reads that the disk refused.
    pub refusals: u64,
    /// Bits that flipped.
    pub flips: u64,
    /// Segments that were rewritten.
    pub rewritten: u64,
    /// Submissions that the built-in MTA has taken, with those of the store's own.
    pub taken: u64,
    /// Deliveries at the time to which they were deferred.
    pub deferred: u64,
    /// Deliveries that were cancelled.
    pub cancelled: u64,
    /// Messages that were forwarded.
    pub forwarded: u64,
    /// Messages that came to somebody who has forwarded them before.
    pub loops: u64,
    /// Messages that were forwarded because they were not fetched.
    pub late: u64,
    /// Entries that went because they were stored for long enough.
    pub swept: u64,
    /// Backups that were made.
    pub backups: u64,
    /// Disks that were lost, with a store that went on from its backup.
    pub restored: u64,
    markers: u64,
}

impl Counts {
    /// Adds those of another history.
    pub fn add(&mut self, other: &Self) {
        self.acts += other.acts;
        self.rounds += other.rounds;
        self.starts += other.starts;
        self.crashes += other.crashes;
        self.refusals += other.refusals;
        self.flips += other.flips;
        self.rewritten += other.rewritten;
        self.taken += other.taken;
        self.deferred += other.deferred;
        self.cancelled += other.cancelled;
        self.forwarded += other.forwarded;
        self.loops += other.loops;
        self.late += other.late;
        self.swept += other.swept;
        self.backups += other.backups;
        self.restored += other.restored;
        self.markers += other.markers;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acts, rounds, starts, crashes, refusals, flips, rewritten, .. } = self;
        let Self { taken, deferred, cancelled, forwarded, loops, .. } = self;
        let Self { late, swept, backups, restored, .. } = self;
        write!(
            f,
            "{acts} operations in {rounds} rounds, {starts} starts, {crashes} crashes, {refusals} \
             refusals of the disk, {flips} flipped bits, {rewritten} segments rewritten, {taken} \
             taken by the local MTA, {deferred} delivered later, {cancelled} cancelled, \
             {forwarded} forwarded, {late} late, {loops} came round, {swept} swept away, \
             {backups} backups, {restored} disks lost and made good"
        )
    }
}

/// A history that came to its end.
#[derive(Debug, PartialEq, Eq)]
pub struct History {
    /// What was done.
    pub counts: Counts,
    /// What happened, a line each: the same for the same seed.
    pub trace: Vec<String>,
}

/// How many lines of a history are printed when it fails.
const LINES_MAX: usize = 60;

/// Lives through the history of a seed, of so many rounds.
///
/// # Panics
/// Where the service breaks a promise; the seed and what happened last are printed.
pub fn run(seed: u64, rounds: u32) -> History {
    let mut world = None;
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let world = world.insert(World::new(seed));
        for _ in 0..rounds {
            world.deed();
        }
        world.end();
    }));
    let (trace, counts) = match &world {
        Some(world) => (world.trace.clone(), world.counts),
        None => Default::default(),
    };
    drop(world);
    if let Err(why) = lived {
        told(&trace[trace.len().saturating_sub(LINES_MAX)..], seed, rounds);
        resume_unwind(why);
    }
    History { counts, trace }
}

#[expect(clippy::print_stderr, reason = "the tests and the soak show it")]
fn told(lines: &[String], seed: u64, rounds: u32) {
    eprintln!("{}", lines.join("\n"));
    eprintln!("seed {seed} of {rounds} rounds: cargo xtask soak --seed {seed} --seeds 1");
}
