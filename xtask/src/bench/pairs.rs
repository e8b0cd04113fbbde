//! The second table: the store beside itself. What it does in a mailbox that has grown, while
//! segments are rewritten and while the index is made again is measured in turns with the same
//! where none of that is. Whether the one goes on under the other is looked at behind each round:
//! a round that it did not outlast fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ours::{Ours, Sample};
use super::table::{Samples, Unlike};
use super::work::{Row, Work};

/// What is different the second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// The mailbox has [`GROWN`] entries and not [`YOUNG`].
    Grown,
    /// Segments of which little is left are rewritten, at the rate that is set by default.
    Compacting,
    /// The index was away at the start; what it shows of entries is made behind the users.
    Rebuilding,
}

/// A row of the second table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) when: When,
    /// What is done. Where a mailbox grows its name is that of [`OLD`] the second time.
    pub(crate) row: Row,
    pub(crate) wanted: &'static str,
}

/// Entries of a mailbox that is young, and of one that has grown.
const YOUNG: usize = 1000;
const GROWN: usize = 1_000_000;
/// The mailbox that has grown.
const OLD: &str = "old";
/// Deliveries of a round into a mailbox: so few that the young one stays young beside the other.
const GROWING: &str = "8000";
/// Mailboxes whose messages lie between each other in the log, and entries of each.
const MIXED: usize = 64;
const MIXED_ENTRIES: usize = 5000;
/// So many of them stay: little is left of each segment.
const STAY: usize = 16;
/// What is wanted of a mailbox that has grown, and of work that goes on behind the users.
const GROWTH: &str = "0.8 or more";
const MEANWHILE: &str = "0.5 or more; p99 under 4 ×";

const DELIVER: Row = Row {
    name: "",
    work: Work::Deliver { octets: 2048 },
    connections: 64,
    mailbox: "mixed",
    mailboxes: STAY,
    entries: 0,
    cold: false,
    wanted: "",
};
const ALONE: Row = Row { connections: 1, mailboxes: 1, mailbox: "single", ..DELIVER };
const FETCH: Row = Row { work: Work::Fetch, connections: 8, ..DELIVER };
const LIST: Row = Row { work: Work::List, connections: 1, ..DELIVER };
const FILTER: Row = Row { work: Work::Filter, ..LIST };
const DELETE: Row = Row {
    work: Work::Delete,
    connections: 8,
    mailboxes: 8,
    mailbox: "delete",
    entries: 500,
    ..DELIVER
};
const BIND: Row = Row { work: Work::Bind, connections: 8, ..DELIVER };
const YOUNG_ROW: Row = Row { mailbox: "young", mailboxes: 1, ..DELIVER };

const fn grown(name: &'static str, work: Work, connections: usize) -> Pair {
    let row = Row { work, connections, ..YOUNG_ROW };
    Pair { name, when: When::Grown, row, wanted: GROWTH }
}

const fn during(name: &'static str, when: When, row: Row) -> Pair {
    Pair { name, when, row, wanted: MEANWHILE }
}

/// All of them.
pub(crate) const PAIRS: &[Pair] = &[
    grown("grown-deliver", DELIVER.work, 64),
    grown("grown-list-new", Work::ListNew, 1),
    grown("grown-fetch", Work::Fetch, 1),
    during("compacting-deliver", When::Compacting, DELIVER),
    during("compacting-alone", When::Compacting, ALONE),
    during("compacting-fetch", When::Compacting, FETCH),
    during("compacting-list", When::Compacting, LIST),
    during("compacting-filter", When::Compacting, FILTER),
    during("compacting-delete", When::Compacting, DELETE),
    during("compacting-bind", When::Compacting, BIND),
    during("rebuilding-deliver", When::Rebuilding, DELIVER),
    during("rebuilding-alone", When::Rebuilding, ALONE),
    during("rebuilding-fetch", When::Rebuilding, FETCH),
    during("rebuilding-list", When::Rebuilding, LIST),
    during("rebuilding-filter", When::Rebuilding, FILTER),
    during("rebuilding-delete", When::Rebuilding, DELETE),
    during("rebuilding-bind", When::Rebuilding, BIND),
];

/// The stores that these rows take, as far as they are asked for, one after the other.
pub(crate) struct Beside {
    program: PathBuf,
    folder: PathBuf,
    store: Option<(bool, Ours)>,
    /// The most that the load ever took of a processor.
    pub(crate) load: f64,
}

impl Beside {
    pub(crate) fn new(program: PathBuf, folder: &Path) -> Self {
        Self { program, folder: folder.join("beside"), store: None, load: 0.0 }
    }

    /// All rounds of a row.
    ///
    /// # Errors
    /// Where the load fails, or is longer than what is to go on under it.
    pub(crate) fn measure(
        &mut self,
        pair: &Pair,
        rounds: usize,
        time: Duration,
    ) -> Result<Unlike, String> {
        let mut unlike = Unlike { pair: *pair, without: <_>::default(), with: <_>::default() };
        let put = |(rates, waits): &mut (Samples, Samples), sample: Sample| {
            rates.0.push(sample.value);
            waits.0.push(sample.p99_ms);
        };
        let store = self.store(pair.when)?;
        for _ in 0..rounds {
            put(&mut unlike.without, without(store, pair, time)?);
            put(&mut unlike.with, with(store, pair, time)?);
        }
        self.load = store.load.max(self.load);
        Ok(unlike)
    }

    /// The store for a kind of rows. The one before it is taken away: both are large.
    fn store(&mut self, when: When) -> Result<&mut Ours, String> {
        let grown = when == When::Grown;
        if self.store.as_ref().is_none_or(|(is_grown, _)| *is_grown != grown) {
            self.store = None;
            let removed = fs::remove_dir_all(&self.folder);
            if removed.is_err() && self.folder.exists() {
                return Err(format!("{} can't be removed", self.folder.display()));
            }
            let made = if grown { self.grown() } else { self.mixed() };
            self.store = Some((grown, made?));
        }
        let store = self.store.as_mut().map(|(_, store)| store);
        store.ok_or_else(|| "there is no store".to_owned())
    }

    fn start(&self, when: When) -> Result<Ours, String> {
        let pairs =
            PAIRS.iter().filter(|pair| (pair.when == When::Grown) == (when == When::Grown));
        let mut names: Vec<_> = pairs.flat_map(|pair| pair.row.names()).collect();
        match when {
            When::Grown => names.push(OLD.to_owned()),
            _ => names.extend(mixed(0, MIXED)),
        }
        Ours::start(self.program.clone(), &self.folder, names)
    }

    /// One with a mailbox that has grown.
    fn grown(&self) -> Result<Ours, String> {
        let store = self.start(When::Grown)?;
        for (row, entries) in [(YOUNG_ROW, YOUNG), (Row { mailbox: OLD, ..YOUNG_ROW }, GROWN)] {
            store.bench(
                &row,
                "deliver",
                &["--count", &entries.to_string(), "--seconds", "1200"],
            )?;
            // From then on nothing of it is new.
            store.bench(&Row { connections: 1, ..row }, "list", &["--count", "0"])?;
        }
        Ok(store)
    }

    /// One in whose log messages that stay lie between many that are deleted.
    fn mixed(&self) -> Result<Ours, String> {
        let mut store = self.start(When::Compacting)?;
        store.set_reclaim(false)?;
        let row = Row { mailboxes: MIXED, ..DELIVER };
        let count = (MIXED * MIXED_ENTRIES).to_string();
        store.bench(&row, "deliver", &["--count", &count, "--seconds", "1200"])?;
        let users = mixed(STAY, MIXED);
        let row = Row { work: Work::Delete, connections: users.len(), ..DELIVER };
        store.bench_users(&users, &row, "delete", &["--seconds", "1200"])?;
        Ok(store)
    }
}

/// Mailboxes among those whose messages lie between each other.
fn mixed(from: usize, to: usize) -> Vec<String> {
    Row { mailboxes: MIXED, ..DELIVER }.names().into_iter().take(to).skip(from).collect()
}

fn without(store: &mut Ours, pair: &Pair, time: Duration) -> Result<Sample, String> {
    match pair.when {
        When::Grown => growing(store, &pair.row, time),
        When::Compacting | When::Rebuilding => {
            store.set_reclaim(false)?;
            store.sample(&pair.row, time)
        }
    }
}

fn with(store: &mut Ours, pair: &Pair, time: Duration) -> Result<Sample, String> {
    let (sample, goes_on) = match pair.when {
        When::Grown => return growing(store, &Row { mailbox: OLD, ..pair.row }, time),
        When::Compacting => {
            store.set_reclaim(true)?;
            (store.sample(&pair.row, time)?, store.is_rewriting()?)
        }
        When::Rebuilding => {
            store.start_without_index()?;
            (store.sample(&pair.row, time)?, store.is_extracting()?)
        }
    };
    if goes_on {
        return Ok(sample);
    }
    Err(format!("{}: what was to go on meanwhile ended before: take shorter --seconds", pair.name))
}

/// Deliveries are counted, so that the young mailbox stays young.
fn growing(store: &mut Ours, row: &Row, time: Duration) -> Result<Sample, String> {
    match row.work {
        Work::Deliver { .. } => store.sample_of(row, &["--count", GROWING, "--seconds", "60"]),
        _ => store.sample(row, time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_own_name_and_mailboxes_that_are_filled() {
        for (at, pair) in PAIRS.iter().enumerate() {
            assert!(PAIRS[..at].iter().all(|other| other.name != pair.name), "{}", pair.name);
        }
        let stay = mixed(0, STAY);
        assert_eq!((stay.len(), mixed(STAY, MIXED).len()), (STAY, MIXED - STAY));
        assert_eq!(DELIVER.names(), stay);
        assert!(mixed(STAY, MIXED).iter().all(|name| !stay.contains(name)));
    }
}
