//! What happens when the disk is slow, breaks, fills up or has forgotten.

use std::{path::Path, sync::Arc, thread};

use restante_storage::{
    Change, Damage, IndexPlace, IndexState, MemoryBackend, Storage, StorageError, Store,
    Transaction,
};

use crate::{faulty::FaultyBackend, support::*};

fn open_faulty(backend: &FaultyBackend) -> Store {
    let options = restante_storage::Options { segment_bytes: 1 << 20, ..small() };
    let backend = Arc::new(backend.clone());
    Store::open(backend, &IndexPlace::Memory, options, Arc::new(TextExtractor(1))).unwrap()
}

#[test]
fn many_commits_share_a_sync() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    let alice = create(&store, "alice");
    let before = backend.syncs();
    backend.hold();
    let message = || Transaction::of(content("text", vec![entry(alice, "e")]));
    let first = store.commit(message());
    backend.wait_for_sync();
    let waiting: Vec<_> = thread::scope(|scope| {
        let commits: Vec<_> = (0..64).map(|_| scope.spawn(|| store.commit(message()))).collect();
        commits.into_iter().map(|commit| commit.join().unwrap()).collect()
    });
    assert_eq!(numbers(&store, alice), [0; 0], "nothing is visible before it is durable");
    backend.release();
    assert_eq!(first.wait().unwrap().stored[0].number, 1);
    let mut given: Vec<_> =
        waiting.into_iter().map(|ticket| ticket.wait().unwrap().stored[0].number).collect();
    given.sort_unstable();
    assert_eq!(given, (2..=65).collect::<Vec<_>>());
    assert_eq!(backend.syncs() - before, 2);
}

#[test]
fn what_comes_in_large_batches_is_written_once() {
    let backend = FaultyBackend::default();
    let options = restante_storage::Options { segment_bytes: 8 << 20, ..small() };
    let disk = Arc::new(backend.clone());
    let extractor = Arc::new(TextExtractor(1));
    let store = Store::open(disk, &IndexPlace::Memory, options, extractor).unwrap();
    let alice = create(&store, "alice");
    let text = "x".repeat(3 << 19);
    // Each is a batch. The segments have 4 MiB, then 8: the last one is in the third.
    for _ in 0..8 {
        deliver(&store, alice, &text);
    }
    assert!(backend.reserved(), "the third segment was filled before");
    let batch = |text: &str| {
        let contents = (0..64).map(|_| content(text, vec![entry(alice, "e")]));
        let tickets: Vec<_> = contents.map(|one| store.commit(Transaction::of(one))).collect();
        tickets.into_iter().for_each(|ticket| drop(ticket.wait().unwrap()));
    };
    (0..24).for_each(|_| batch(&text[..8192]));
    assert!(!backend.reserved(), "the fourth segment was not filled");
    assert_eq!(numbers(&store, alice).len(), 8 + 24 * 64);
}

#[test]
fn who_is_not_to_wait_is_told_that_it_would() {
    let backend = FaultyBackend::default();
    let options = restante_storage::Options { queue_transactions_max: 4, ..small() };
    let disk = Arc::new(backend.clone());
    let extractor = Arc::new(TextExtractor(1));
    let store = Store::open(disk, &IndexPlace::Memory, options, extractor).unwrap();
    let alice = create(&store, "alice");
    assert!(store.has_room() && !store.has_columns(alice) && !store.has_record(alice, 1));
    assert_eq!(numbers(&store, alice), [0; 0]);
    assert!(store.has_columns(alice) && store.has_record(alice, 1), "which is not there");
    let message = || Transaction::of(content("text", vec![entry(alice, "e")]));
    backend.hold();
    let first = store.commit(message());
    backend.wait_for_sync();
    let second = store.commit(message());
    assert!(store.has_room(), "three more do not wait");
    let third = store.commit(message());
    assert!(!store.has_room(), "others may take the rest");
    backend.release();
    for ticket in [first, second, third] {
        ticket.wait().unwrap();
    }
    assert!(store.has_room() && store.has_record(alice, 3));
}

#[test]
fn what_is_refused_as_there_already_is_there() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    backend.hold();
    let make = |name: &str| {
        let (name, about) = (name.to_owned(), Default::default());
        store.commit(Transaction::of(Change::CreateMailbox { name, about }))
    };
    let before = make("before");
    backend.wait_for_sync();
    let (first, second) = (make("alice"), make("alice"));
    backend.let_one_go();
    before.wait().unwrap();
    backend.wait_for_sync();
    // Both wait for the same sync.
    thread::scope(|scope| {
        let refused = scope.spawn(|| {
            let refused = second.wait();
            (refused, store.mailbox("alice"))
        });
        backend.release();
        let (refused, mailbox) = refused.join().unwrap();
        assert!(matches!(refused, Err(StorageError::MailboxExists(_))));
        assert!(mailbox.is_some(), "the second was told before the first was there");
    });
    first.wait().unwrap();
}

#[test]
fn status_does_not_wait_for_the_disk() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    let alice = create(&store, "alice");
    deliver(&store, alice, "a");
    backend.hold();
    let pending = store.commit(Transaction::of(content("b", vec![entry(alice, "e")])));
    backend.wait_for_sync();
    let raise = Change::RaiseStatus { mailbox: alice, numbers: (1..=9).into(), to: 1 };
    assert_eq!(commit(&store, raise).raised, 1);
    assert_eq!(store.entry(alice, 1).unwrap().unwrap().status, 1);
    backend.release();
    pending.wait().unwrap();
    assert_eq!(store.entry(alice, 2).unwrap().unwrap().status, 0);
}

#[test]
fn a_failed_sync_is_the_end_of_accepting() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    let alice = create(&store, "alice");
    deliver(&store, alice, "a");
    backend.hold();
    let message = || Transaction::of(content("b", vec![entry(alice, "e")]));
    let written = store.commit(message());
    backend.wait_for_sync();
    let waiting = store.commit(message());
    backend.break_syncs();
    for ticket in [written, waiting] {
        assert!(matches!(ticket.wait(), Err(StorageError::Stopped(_))));
    }
    let syncs = backend.syncs();
    assert!(matches!(store.commit(message()).wait(), Err(StorageError::Stopped(_))));
    assert_eq!(backend.syncs(), syncs, "a failed sync is not tried again");
    assert!(store.stopped().is_some());
    assert_eq!(numbers(&store, alice), [1], "what was durable is still served");
    assert!(store.close().is_err());
}

#[test]
fn what_a_failed_sync_left_is_durable_before_it_is_told() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    let alice = create(&store, "alice");
    deliver(&store, alice, "a");
    backend.hold();
    let written = store.commit(Transaction::of(content("b", vec![entry(alice, "e")])));
    backend.wait_for_sync();
    backend.break_syncs();
    written.wait().unwrap_err();
    drop(store);
    // The kernel shows it and takes it for written.
    backend.memory.forget_unsynced();
    let store = open(&backend.memory);
    assert_eq!(numbers(&store, alice), [1, 2]);
    let left = backend.memory.crash(|_| 0);
    assert_eq!(numbers(&open(&left), alice), [1, 2], "2 was told and is gone");
}

#[test]
fn a_file_that_could_not_be_used_again_is_not_in_the_way() {
    let backend = FaultyBackend::default();
    let place = IndexPlace::Memory;
    let disk = Arc::new(backend.clone());
    let store = Store::open(disk, &place, small(), Arc::new(TextExtractor(1))).unwrap();
    let alice = create(&store, "alice");
    let text = "text ".repeat(200);
    for _ in 0..60 {
        deliver(&store, alice, &text);
    }
    delete(&store, alice, 1..=59);
    store.reclaim().unwrap();
    let names = restante_storage::Backend::list(&backend).unwrap();
    assert!(names.iter().any(|name| name.ends_with(".spare")), "{names:?}");
    backend.set_names_fail(true);
    let message = || Transaction::of(content(&text, vec![entry(alice, "e")]));
    let refused = (0..60).find_map(|_| store.commit(message()).wait().err());
    assert!(matches!(refused, Some(StorageError::NoSpace(_))), "{refused:?}");
    backend.set_names_fail(false);
    for _ in 0..60 {
        deliver(&store, alice, &text);
    }
}

#[test]
fn a_file_that_could_not_be_put_aside_is_not_in_the_way() {
    let backend = FaultyBackend::default();
    let place = IndexPlace::Memory;
    let disk = Arc::new(backend.clone());
    let store = Store::open(disk, &place, small(), Arc::new(TextExtractor(1))).unwrap();
    let alice = create(&store, "alice");
    let text = "text ".repeat(200);
    let is_ready = |name: &String| name.starts_with("0000000000000002");
    let ready = || restante_storage::Backend::list(&backend).unwrap().iter().any(is_ready);
    // The next segment is made ready when half of the first is full.
    for _ in 0..7 {
        deliver(&store, alice, &text);
    }
    while !ready() {
        std::thread::yield_now();
    }
    backend.set_renames_fail(true);
    let large = "x".repeat(300_000);
    let message = || Transaction::of(content(&large, vec![entry(alice, "e")]));
    let refused = store.commit(message()).wait();
    assert!(matches!(refused, Err(StorageError::NoSpace(_))), "{refused:?}");
    backend.set_renames_fail(false);
    store.commit(message()).wait().unwrap();
    deliver(&store, alice, &text);
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let backend = FaultyBackend::default();
    let store = open_faulty(&backend);
    let alice = create(&store, "alice");
    backend.set_full(true);
    let text = "x".repeat(300_000);
    let message = || Transaction::of(content(&text, vec![entry(alice, "e")]));
    let mut stored = 0;
    let error = loop {
        match store.commit(message()).wait() {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 20, "two segments of a mebibyte hold no more");
    };
    assert!(matches!(error, StorageError::NoSpace(_)), "{error}");
    assert!(store.content(alice, stored).unwrap().unwrap() == text);
    backend.set_full(false);
    assert_eq!(store.commit(message()).wait().unwrap().stored[0].number, stored + 1);
    store.close().unwrap();
    assert_eq!(numbers(&open(&backend.memory), alice).len() as u32, stored + 1);
}

/// Ten messages in one segment; the record of each begins where it says.
fn ten(backend: &MemoryBackend, index: &Path) -> Vec<u64> {
    let store = open_at(backend, index);
    let alice = create(&store, "alice");
    for n in 1..=10 {
        deliver(&store, alice, &format!("message {n} ").repeat(30));
    }
    store.close().unwrap();
    let sql = rusqlite::Connection::open(index).unwrap();
    let mut places = sql.prepare("SELECT offset FROM record ORDER BY change").unwrap();
    let places = places.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    places.map(|place| place.unwrap() as u64).collect()
}

const FIRST: &str = "0000000000000001.log";

#[test]
fn a_damaged_record_costs_that_record() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let places = ten(&backend, &directory.path().join("index"));
    backend.damage(FIRST, places[3] + 5);
    let store = open(&backend);
    let alice = store.mailbox("alice").unwrap();
    assert_eq!(numbers(&store, alice), [1, 2, 3, 5, 6, 7, 8, 9, 10]);
    let bytes = places[4] - places[3];
    let damage = Damage { segment: 1, offset: places[3], bytes, change: None };
    assert_eq!(store.open_report().damaged, [damage]);
    assert!(!store.open_report().torn);
    assert!(deliver(&store, alice, "new") > 10);
}

#[test]
fn a_damaged_content_costs_no_number() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let index = directory.path().join("index");
    let places = ten(&backend, &index);
    // The last message: what is behind it is the next opening, durable as well.
    open_at(&backend, &index).close().unwrap();
    backend.damage(FIRST, places[9] + 200);
    let kept = open_at(&backend, &index);
    let alice = kept.mailbox("alice").unwrap();
    let read = kept.content(alice, 10);
    assert!(matches!(read, Err(StorageError::Damaged { .. })), "{read:?}");
    assert_eq!(kept.content(alice, 9).unwrap().unwrap(), "message 9 ".repeat(30));
    kept.close().unwrap();
    let store = open(&backend);
    assert_eq!(numbers(&store, alice), (1..=10).collect::<Vec<_>>());
    assert!(store.open_report().damaged[0].change.is_some());
    assert_eq!(store.entry(alice, 10).unwrap().unwrap().columns.originator, "envelope");
    assert!(matches!(store.content(alice, 10), Err(StorageError::Damaged { .. })));
    assert_eq!(deliver(&store, alice, "new"), 11);
}

#[test]
fn a_lost_record_takes_its_numbers_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let index = directory.path().join("index");
    let places = ten(&backend, &index);
    open_at(&backend, &index).close().unwrap();
    backend.damage(FIRST, places[9]);
    let store = open(&backend);
    let alice = store.mailbox("alice").unwrap();
    assert_eq!(numbers(&store, alice), (1..=9).collect::<Vec<_>>());
    let next = deliver(&store, alice, "new");
    assert!(next > 10, "10 was given to what is lost; got {next}");
    store.close().unwrap();
    let again = open(&backend);
    assert_eq!(again.high_water(alice).unwrap(), next);
}

#[test]
fn an_index_that_knows_more_keeps_its_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let index = directory.path().join("index");
    let places = ten(&backend, &index);
    // The last record of all: to the log it looks like one that was never on disk.
    backend.damage(FIRST, places[9]);
    let store = open_at(&backend, &index);
    let alice = store.mailbox("alice").unwrap();
    let state = &store.open_report().index;
    assert!(matches!(state, IndexState::MadeAgain(why) if why.contains("has not what it ends")));
    assert_eq!(numbers(&store, alice), (1..=9).collect::<Vec<_>>());
    assert_eq!(deliver(&store, alice, "new"), 11);
    store.close().unwrap();
    assert_eq!(open(&backend).high_water(alice).unwrap(), 11);
}

#[test]
fn what_is_lost_at_the_end_of_a_segment_is_missed() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let index = directory.path().join("index");
    let store = open_at(&backend, &index);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    deliver(&store, bob, "one");
    for _ in 0..40 {
        deliver(&store, alice, &"text ".repeat(100));
    }
    store.close().unwrap();
    let sql = rusqlite::Connection::open(&index).unwrap();
    let last = "SELECT max(offset), max(change) FROM record WHERE segment = 1";
    let number = "SELECT number FROM entry WHERE change = ?1";
    let (offset, change): (i64, i64) =
        sql.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let number: u32 = sql.query_row(number, [change], |row| row.get(0)).unwrap();
    backend.damage(FIRST, offset as u64);
    let store = open(&backend);
    let left = numbers(&store, alice);
    assert_eq!(left.len(), 39);
    assert!(!left.contains(&number));
    let damage = store.open_report().damaged[0];
    let bytes = 16 * 1024 - offset as u64;
    let expected = Damage { segment: 1, offset: offset as u64, bytes, change: None };
    assert_eq!(damage, expected);
    assert!(deliver(&store, bob, "two") > 2, "what was lost may have been bob's");
}

/// Nothing in a segment of a log of three can be read, or its file is away: what is left of
/// alice's, and whether it is told, and no number given again that may have been in it.
fn without_segment(lost: u64, is_away: bool) -> (Vec<u32>, u32) {
    const SEGMENT_BYTES: u64 = 16 * 1024;
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    deliver(&store, bob, "one");
    let name = |segment: u64| format!("{segment:016x}.log");
    let is_there =
        |segment: u64| restante_storage::Backend::list(&backend).unwrap().contains(&name(segment));
    let mut last = 0;
    while !is_there(4) {
        last = deliver(&store, alice, &"text ".repeat(100));
    }
    store.close().unwrap();
    match is_away {
        true => restante_storage::Backend::remove(&backend, &name(lost)).unwrap(),
        false => (0..SEGMENT_BYTES).for_each(|at| backend.damage(&name(lost), at)),
    }
    let store = open(&backend);
    let damaged = &store.open_report().damaged;
    assert!(damaged.iter().any(|damage| damage.segment == lost), "{damaged:?}");
    assert!(damaged.iter().map(|damage| damage.bytes).sum::<u64>() > SEGMENT_BYTES / 2);
    let known = store.mailboxes();
    let left = known.iter().map(|mailbox| numbers(&store, mailbox.id));
    let left = left.max_by_key(Vec::len).unwrap();
    for mailbox in known {
        let given = deliver(&store, mailbox.id, "new");
        assert!(given > last, "{given} may have been given out before, in {}", mailbox.name);
    }
    let new = create(&store, "new");
    assert!(deliver(&store, new, "new") > last, "it may be one that was lost");
    (left, last)
}

#[test]
fn a_segment_in_the_middle_that_is_lost_is_told() {
    for is_away in [false, true] {
        let (left, last) = without_segment(2, is_away);
        assert!(left.first() == Some(&1) && left.last() == Some(&last), "{left:?}");
        assert!((left.len() as u32) < last, "{left:?}");
    }
}

#[test]
fn a_first_segment_that_is_lost_is_told() {
    for is_away in [false, true] {
        let (left, last) = without_segment(1, is_away);
        assert!(left.first() > Some(&10) && left.last() == Some(&last), "{left:?}");
    }
}

#[test]
fn a_file_that_is_away_is_told_though_the_index_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let index = directory.path().join("index");
    let store = open_at(&backend, &index);
    let alice = create(&store, "alice");
    for _ in 0..100 {
        deliver(&store, alice, &"text ".repeat(100));
    }
    store.close().unwrap();
    let sql = rusqlite::Connection::open(&index).unwrap();
    let count = "SELECT count(*) FROM entry JOIN record USING (change) WHERE segment = 1";
    let lost: u32 = sql.query_row(count, [], |row| row.get(0)).unwrap();
    drop(sql);
    restante_storage::Backend::remove(&backend, FIRST).unwrap();
    for _ in 0..2 {
        let store = open_at(&backend, &index);
        let told = &store.open_report().damaged;
        assert_eq!(told.iter().map(|damage| damage.segment).collect::<Vec<_>>(), [1]);
        assert_eq!(numbers(&store, alice).len(), 100, "what is lost stays listed");
        let found = store.verify(None, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        let [place] = &found.damaged[..] else { panic!("{:?}", found.damaged) };
        assert_eq!((place.damage, place.entries.len()), (told[0], lost as usize));
        assert_eq!(store.damage().len(), 1);
        store.close().unwrap();
    }
    assert!(deliver(&open_at(&backend, &index), alice, "new") == 101, "no number is lost by it");
}

#[test]
fn a_lost_mailbox_keeps_its_messages() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let places = ten(&backend, &directory.path().join("index"));
    // Its creation lies between the opening and the first message.
    (4096 + 64..places[0]).for_each(|at| backend.damage(FIRST, at));
    let store = open(&backend);
    let lost = store.mailbox("lost-1").unwrap();
    assert_eq!(numbers(&store, lost), (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_damaged_segment_header_costs_nothing() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    for n in 0..100 {
        deliver(&store, alice, &format!("{n} ").repeat(100));
    }
    let all = numbers(&store, alice);
    store.close().unwrap();
    backend.damage("0000000000000002.log", 17);
    let store = open(&backend);
    assert_eq!(numbers(&store, alice), all);
    assert_eq!(store.open_report().damaged, []);
}

#[test]
fn an_index_that_does_not_fit_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    ten(&backend, &index);
    let check = |extractor: u32, backend: &MemoryBackend, why: &str| {
        let place = IndexPlace::File(index.clone());
        let (backend, extractor) = (Arc::new(backend.clone()), TextExtractor(extractor));
        let store = Store::open(backend, &place, small(), Arc::new(extractor)).unwrap();
        match &store.open_report().index {
            IndexState::MadeAgain(reason) => assert!(reason.contains(why), "{reason}"),
            state => panic!("{state:?}, expected {why}"),
        }
        let alice = store.mailbox("alice").unwrap();
        assert_eq!(numbers(&store, alice).len(), 10);
        let version = store.entry(alice, 1).unwrap().unwrap().columns.content_type;
        store.close().unwrap();
        version
    };
    assert_eq!(check(2, &backend, "another way"), "v2");
    std::fs::write(&index, "this is not a database, and long enough to be none").unwrap();
    check(2, &backend, "could not be read");
    let sql = rusqlite::Connection::open(&index).unwrap();
    sql.execute_batch("PRAGMA user_version = 77").unwrap();
    drop(sql);
    check(2, &backend, "it is of another version");
    let other = MemoryBackend::new();
    ten(&other, &directory.path().join("other"));
    check(2, &other, "another store");
    let sql = rusqlite::Connection::open(&index).unwrap();
    sql.execute("UPDATE position SET change = change + 5", []).unwrap();
    drop(sql);
    check(2, &other, "has not what it ends with");
}

#[test]
fn a_log_of_a_later_format_is_refused() {
    let backend = MemoryBackend::new();
    open(&backend).close().unwrap();
    let file = restante_storage::Backend::open(&backend, FIRST).unwrap();
    let mut header = [0; 64];
    file.read_at(&mut header, 0).unwrap();
    header[8] = 2;
    let checksum = crc32c::crc32c(&header[..60]);
    header[60..].copy_from_slice(&checksum.to_le_bytes());
    file.write_at(&header, 0).unwrap();
    let error = open_with(&backend, &IndexPlace::Memory).err().unwrap();
    assert!(matches!(&error, StorageError::NotReadable(why) if why.contains("version 2")));
}
