//! Random histories: the store and the model agree after every step, every restart, every crash.

use std::{path::Path, sync::Arc};

use proptest::prelude::*;
use restante_storage::{
    Change, Committed, IndexPlace, IndexState, MemoryBackend, Options, Scope, Storage, Store,
    Transaction,
};

use crate::{
    faulty::FaultyBackend,
    model::{Model, Step, in_flight, step},
    support::{TextExtractor, commit, open_at, small},
};

#[derive(Debug, Clone)]
enum Act {
    Step(Step),
    /// Closed and opened again, with or without its index.
    Reopen {
        keep_index: bool,
    },
    /// The disk stops in the middle of a batch, of whose writes so much is kept.
    Crash {
        before: Step,
        batch: Vec<Step>,
        kept: Vec<usize>,
        keep_index: bool,
    },
    /// Space is given back.
    Reclaim,
    /// The disk stops in the middle of that: before the call that is so many calls away.
    CrashReclaiming {
        calls: u32,
        kept: Vec<usize>,
        index: LeftIndex,
    },
}

/// What a crash leaves of the index.
#[derive(Debug, Clone, Copy)]
enum LeftIndex {
    Whole,
    /// Without what was not synced: it is in the write-ahead file.
    Synced,
    Nothing,
}

fn act() -> impl Strategy<Value = Act> {
    let kept = prop_oneof![
        2 => Just(0usize),
        2 => Just(usize::MAX),
        3 => 0usize..2000,
    ];
    let left =
        prop_oneof![Just(LeftIndex::Whole), Just(LeftIndex::Synced), Just(LeftIndex::Nothing)];
    let reclaiming = (1u32..40, prop::collection::vec(kept.clone(), 1..6), left);
    let crash = (
        in_flight(),
        prop::collection::vec(in_flight(), 1..6),
        prop::collection::vec(kept, 1..6),
        any::<bool>(),
    );
    prop_oneof![
        20 => step().prop_map(Act::Step),
        1 => any::<bool>().prop_map(|keep_index| Act::Reopen { keep_index }),
        2 => crash.prop_map(|(before, batch, kept, keep_index)| {
            Act::Crash { before, batch, kept, keep_index }
        }),
        1 => Just(Act::Reclaim),
        1 => reclaiming.prop_map(|(calls, kept, index)| {
            Act::CrashReclaiming { calls, kept, index }
        }),
    ]
}

fn options() -> Options {
    // What a start makes at once, and what it leaves for later, both come to pass.
    Options { segment_bytes: 24 * 1024, replay_bytes_max: 40 * 1024, ..small() }
}

fn open(disk: &FaultyBackend, index: &Path) -> Store {
    let place = IndexPlace::File(index.to_path_buf());
    let disk = Arc::new(disk.clone());
    Store::open(disk, &place, options(), Arc::new(TextExtractor(1))).unwrap()
}

fn forget(index: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", index.display()));
    }
}

/// Does a step on both; they must give the same answer.
fn both(store: &Store, model: &mut Model, step: &Step) {
    let Some(change) = model.change(step) else { return };
    let committed = store.commit(Transaction::of(change)).wait().unwrap();
    let created = committed.mailboxes.first().copied();
    let expected = model.apply(step, created);
    let expected =
        Committed { change: committed.change, mailboxes: committed.mailboxes.clone(), ..expected };
    assert_eq!(committed, expected);
}

/// One commit is written and its sync held, so that those after it become one batch; then that
/// one's sync is held and the disk stops. What it kept of that batch is a prefix of the truth.
fn crash(
    (store, disk): (Store, FaultyBackend),
    model: &mut Model,
    (before, batch, kept): (&Step, &[Step], &[usize]),
) -> (FaultyBackend, Vec<Model>) {
    // A status that was raised may lag; what is durable after it makes it durable.
    let flush = Change::PutValue { scope: Scope::Store, key: "flush".into(), value: "".into() };
    commit(&store, flush);
    let Some(change) = model.change(before) else {
        let disk = FaultyBackend::of(disk.memory.crash(|_| 0));
        return (disk, vec![model.clone()]);
    };
    disk.hold();
    let acknowledged = store.commit(Transaction::of(change));
    disk.wait_for_sync();
    model.apply(before, None);
    let mut prefixes = vec![model.clone()];
    let mut waiting = Vec::new();
    for step in batch {
        let last = prefixes.last().unwrap();
        if let Some(change) = last.change(step) {
            waiting.push(store.commit(Transaction::of(change)));
            let mut next = last.clone();
            next.apply(step, None);
            prefixes.push(next);
        }
    }
    disk.let_one_go();
    acknowledged.wait().unwrap();
    if !waiting.is_empty() {
        disk.wait_for_sync();
    }
    let mut kept = kept.iter().cycle();
    let left = disk.memory.crash(|_| *kept.next().unwrap());
    disk.break_syncs();
    waiting.into_iter().for_each(|ticket| assert!(ticket.wait().is_err()));
    drop(store);
    (FaultyBackend::of(left), prefixes)
}

/// The disk stops while space is given back; what it kept, and the index in `left`.
fn crash_reclaiming(
    (store, disk): (Store, FaultyBackend),
    (index, left): (&Path, &Path),
    (calls, kept, what): (u32, &[usize], LeftIndex),
) -> FaultyBackend {
    let flush = Change::PutValue { scope: Scope::Store, key: "flush".into(), value: "".into() };
    commit(&store, flush);
    let (memory, kept) = (disk.memory.clone(), kept.to_vec());
    let (index, left) = (index.to_path_buf(), left.to_path_buf());
    let (taken, take) = std::sync::mpsc::channel();
    disk.trip(calls, move || {
        let mut kept = kept.iter().cycle();
        let ends: &[&str] = match what {
            LeftIndex::Whole => &["", "-wal"],
            LeftIndex::Synced => &[""],
            LeftIndex::Nothing => &[],
        };
        for end in ends {
            let file = |path: &Path| format!("{}{end}", path.display());
            std::fs::copy(file(&index), file(&left)).unwrap();
        }
        taken.send(memory.crash(|_| *kept.next().unwrap())).unwrap();
    });
    store.reclaim().unwrap();
    disk.trip_now();
    drop(store);
    FaultyBackend::of(take.recv().unwrap())
}

/// Everything in an index, as text.
fn dump(index: &Path) -> String {
    let sql = rusqlite::Connection::open(index).unwrap();
    let mut out = String::new();
    for table in
        ["position", "mailbox", "record", "segment", "entry", "attributes", "amendment", "value"]
    {
        let mut select = sql.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let row: Vec<_> = (0..columns).map(|n| row.get_ref(n).unwrap()).collect();
            out += &format!("{table} {row:?}\n");
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn store_and_model_agree(acts in prop::collection::vec(act(), 1..60)) {
        let directory = tempfile::tempdir().unwrap();
        let mut index = directory.path().join("index");
        let mut disk = FaultyBackend::default();
        let mut model = Model::default();
        let mut store = open(&disk, &index);
        for (at, act) in acts.into_iter().enumerate() {
            let keep = match &act {
                Act::Step(step) => {
                    both(&store, &mut model, step);
                    continue;
                }
                Act::Reclaim => {
                    store.reclaim().unwrap();
                    prop_assert_eq!(&model.of_store(&store), &model);
                    continue;
                }
                Act::CrashReclaiming { calls, kept, index: what } => {
                    let left = directory.path().join(format!("index-{at}"));
                    let parts = (*calls, &kept[..], *what);
                    disk = crash_reclaiming((store, disk), (&index, &left), parts);
                    index = left;
                    store = open(&disk, &index);
                    prop_assert!(store.open_report().damaged.is_empty());
                    prop_assert_eq!(&model.of_store(&store), &model);
                    continue;
                }
                Act::Reopen { keep_index } => {
                    store.close().unwrap();
                    *keep_index
                }
                Act::Crash { before, batch, kept, keep_index } => {
                    let parts = (before, &batch[..], &kept[..]);
                    let (left, prefixes) = crash((store, disk), &mut model, parts);
                    disk = left;
                    if !*keep_index {
                        forget(&index);
                    }
                    store = open(&disk, &index);
                    let seen = model.of_store(&store);
                    let found = prefixes.into_iter().find(|prefix| *prefix == seen);
                    prop_assert!(found.is_some(), "no prefix of the batch: {seen:?}");
                    model = seen;
                    prop_assert!(store.open_report().damaged.is_empty());
                    continue;
                }
            };
            if !keep {
                forget(&index);
            }
            store = open(&disk, &index);
            prop_assert!(!store.open_report().torn);
            let state = if keep { IndexState::Kept } else { IndexState::Made };
            prop_assert_eq!(&store.open_report().index, &state);
            prop_assert_eq!(&model.of_store(&store), &model);
        }
        prop_assert_eq!(&model.of_store(&store), &model);
        store.close().unwrap();
        let projected = dump(&index);
        forget(&index);
        let store = open(&disk, &index);
        // What is read is whole then, whatever the start left for later.
        prop_assert_eq!(&model.of_store(&store), &model);
        store.close().unwrap();
        let again = dump(&index);
        let without_position = |dump: &str| dump.split_once('\n').unwrap().1.to_owned();
        prop_assert_eq!(without_position(&projected), without_position(&again));
    }
}

#[test]
fn what_an_earlier_crash_left_is_never_a_record() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let deliver = |length, children| Step::Deliver { to: vec![0], length, children };
    let mut model = Model::default();
    let mut disk = FaultyBackend::default();
    let store = open(&disk, &index);
    both(&store, &mut model, &Step::Create(0));
    drop(store);
    // The first record of the batch is torn, those after it are whole; then shorter ones follow.
    let batch = [deliver(70_000, 0), deliver(30, 0), deliver(30, 0)];
    for kept in [[0, usize::MAX, usize::MAX], [70, 0, usize::MAX], [usize::MAX, 9, usize::MAX]] {
        let store = open(&disk, &index);
        let (left, prefixes) = crash((store, disk), &mut model, (&deliver(10, 0), &batch, &kept));
        disk = left;
        let store = open(&disk, &index);
        assert_eq!(model.of_store(&store), prefixes[0]);
        assert!(store.open_report().torn);
        assert!(store.open_report().damaged.is_empty());
        both(&store, &mut model, &deliver(5, 1));
        drop(store);
        assert_eq!(model.of_store(&open_at(&disk.memory, &index)), model);
        forget(&index);
        let store = open(&disk, &index);
        assert_eq!(model.of_store(&store), model);
        assert!(!store.open_report().torn);
    }
}

#[test]
fn a_start_that_was_cut_off_is_started_again() {
    let memory = MemoryBackend::new();
    for kept in [0, 5, 64, usize::MAX] {
        let store = crate::support::open(&memory);
        let cut = memory.crash(|_| kept);
        drop(store);
        crate::support::open(&cut);
    }
}
