//! A store that looks after itself while it serves.

use std::{
    ops::ControlFlow,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use bytes::Bytes;
use restante_storage::{
    Change, FileBackend, IndexPlace, IndexState, MailboxId, MemoryBackend, NUMBER_MAX, NumberSet,
    Options, Progress, Resync, Scope, Storage, StorageError, Store, Transaction, Verification,
    known_damage,
};

use crate::{
    support::*,
    verify::{segment, some_of_everything, sql, verify},
};

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn verify_live(store: &Store) -> Verification {
    store.verify(None, &mut go_on).unwrap()
}

fn resync(store: &Store) -> Resync {
    store.resync(None, &mut go_on).unwrap()
}

#[test]
fn a_store_is_verified_while_it_serves() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    for place in [IndexPlace::Memory, IndexPlace::File(index)] {
        let backend = MemoryBackend::new();
        let store = open_with(&backend, &place).unwrap();
        let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for mailbox in [alice, bob] {
                let (store, done) = (&store, &done);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        let number = deliver(store, mailbox, &"text ".repeat(90));
                        delete(store, mailbox, number / 2);
                    }
                });
            }
            for _ in 0..4 {
                let found = verify_live(&store);
                let told = (found.to_string(), &found.differences, &found.damaged);
                if !found.is_clean() {
                    done.store(true, Ordering::Relaxed);
                }
                assert!(found.is_clean(), "{told:?}");
            }
            assert_eq!(resync(&store).changed, 0);
            done.store(true, Ordering::Relaxed);
        });
    }
}

/// Where the record of a message to the first mailbox is.
fn place_of(store: &Store, number: u32, index: &Path) -> (u64, u64) {
    let change = store.entry(MailboxId::new(1).unwrap(), number).unwrap().unwrap().change;
    let index = rusqlite::Connection::open(index).unwrap();
    let select = "SELECT segment, offset FROM record WHERE change = ?1";
    let place =
        |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64));
    index.query_row(select, [change as i64], place).unwrap()
}

#[test]
fn damage_costs_one_entry_and_is_listed() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let store = open_at(&backend, &index);
    let alice = store.mailbox("alice").unwrap();
    let before = numbers(&store, alice);
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = told.clone();
    store.watch(Arc::new(move |notice| teller.lock().unwrap().push(notice.to_string())));
    let (sequence, offset) = place_of(&store, 43, &index);
    backend.damage(&segment(sequence), offset + 90);
    assert_eq!(store.damage(), []);
    let read = store.content(alice, 43);
    assert!(matches!(read, Err(StorageError::Damaged { .. })), "{read:?}");
    assert!(store.envelope(alice, 43).is_err());
    let known = store.damage();
    let entries: Vec<_> = known[0].entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["alice 43"]);
    assert_eq!((known[0].damage.segment, known[0].damage.offset), (sequence, offset));
    let found = verify_live(&store);
    assert_eq!(found.damaged.len(), 1);
    let known = store.damage();
    assert_eq!(known.len(), 1);
    let entries: Vec<_> = known[0].entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["alice 43", "alice 44", "bob 22"], "what shares the record is named");
    let health = store.health();
    assert_eq!((health.damaged_places, health.damaged_entries), (1, 3));
    assert_eq!(told.lock().unwrap().len(), 2, "once for the read, once for what else it costs");
    assert!(told.lock().unwrap()[0].ends_with("entries: alice 43"));
    // It is listed for others while the store is open, and after a start.
    assert_eq!(known_damage(&index).unwrap(), store.damage());
    let known = store.damage();
    store.close().unwrap();
    let store = open_at(&backend, &index);
    assert_eq!(store.damage(), known);
    // What nobody has any more is not listed.
    delete(&store, alice, 44);
    verify_live(&store);
    let kept = known_damage(&index).unwrap();
    let entries: Vec<_> = kept[0].entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["alice 43", "bob 22"]);
    let before: Vec<_> = before.into_iter().filter(|number| *number != 44).collect();
    // It stays listed, with all that the index knows, and so do the others.
    assert!(!resync(&store).again);
    assert_eq!(numbers(&store, alice), before);
    assert!(store.attributes(alice, 43).unwrap().is_some());
    for number in before.into_iter().filter(|number| *number != 43) {
        store.content(alice, number).unwrap().unwrap();
    }
    deliver(&store, alice, "new");
}

#[test]
fn a_large_content_is_verified_when_it_is_first_read() {
    let directory = tempfile::tempdir().unwrap();
    let index = IndexPlace::File(directory.path().join("index"));
    let backend = Arc::new(FileBackend::open(directory.path()).unwrap());
    let extractor = Arc::new(TextExtractor(1));
    let store = Store::open(backend, &index, Options::default(), extractor).unwrap();
    let alice = create(&store, "alice");
    let text = "a large one ".repeat(100_000);
    deliver(&store, alice, &text);
    deliver(&store, alice, &text);
    let log = directory.path().join(segment(1));
    let log = std::fs::File::options().write(true).open(log).unwrap();
    log.write_all_at(b"X", 4096 + 700_000).unwrap();
    let read = store.content(alice, 1);
    assert!(matches!(read, Err(StorageError::Damaged { .. })), "{read:?}");
    assert_eq!(store.envelope(alice, 1).unwrap().unwrap(), "envelope");
    assert_eq!(store.damage()[0].entries[0].number, 1);
    for _ in 0..2 {
        assert!(store.content(alice, 2).unwrap().unwrap() == text);
    }
}

#[test]
fn an_index_is_put_right_while_it_serves() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let before = std::fs::read(&index).unwrap();
    let alice = 1u64 << 32;
    sql(&index, &format!("DELETE FROM entry WHERE id BETWEEN {} AND {}", alice + 20, alice + 25));
    sql(&index, &format!("UPDATE entry SET id = id + 5000 WHERE id = {}", alice + 11));
    sql(&index, &format!("UPDATE entry SET status = 2 WHERE id = {}", alice + 33));
    sql(&index, &format!("DELETE FROM attributes WHERE id = {}", alice + 34));
    sql(&index, "UPDATE mailbox SET high_water = 7 WHERE id = 2");
    sql(&index, "DELETE FROM value");
    sql(&index, "UPDATE record SET live = 9 WHERE change = 20");
    let store = open_at(&backend, &index);
    let alice = store.mailbox("alice").unwrap();
    assert!(!numbers(&store, alice).contains(&20), "its columns are in memory");
    let done = resync(&store);
    assert!(!done.again);
    assert_eq!((done.made, done.removed), (7, 1), "{done}");
    assert!(numbers(&store, alice).contains(&20) && !numbers(&store, alice).contains(&5011));
    assert_eq!(store.content(alice, 22).unwrap().unwrap(), "mess");
    assert_eq!(store.attributes(alice, 34).unwrap().unwrap(), "child<envelope 17");
    let bob = store.mailbox("bob").unwrap();
    assert_eq!(deliver(&store, bob, "next"), 501);
    let again = resync(&store);
    assert_eq!((again.made, again.removed, again.changed), (0, 0, 0), "{again}");
    assert!(again.to_string().ends_with("nothing to put right"));
    store.close().unwrap();
    assert!(verify(&backend, &index).is_clean());
    std::fs::write(&index, before).unwrap();
    sql(&index, "UPDATE mailbox SET name = 'eve' WHERE id = 2");
    let store = open_at(&backend, &index);
    assert!(resync(&store).again);
    store.close().unwrap();
    let store = open_at(&backend, &index);
    assert!(matches!(store.open_report().index, IndexState::MadeAgain(_)));
    assert_eq!(store.mailbox("bob"), Some(bob));
    assert!(verify_live(&store).is_clean());
}

#[test]
fn numbers_are_raised_in_all_mailboxes_or_in_none() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    deliver(&store, alice, "one");
    store.raise_numbers(1000).unwrap();
    store.close().unwrap();
    let store = open(&backend);
    assert_eq!(deliver(&store, alice, "two"), 1002);
    assert_eq!(deliver(&store, bob, "one"), 1001);
    let error = store.raise_numbers(NUMBER_MAX - 1001).unwrap_err();
    assert_eq!(
        error.to_string(),
        "mailbox alice has given out the sequence-number 1002: it can't be raised by 2147482646, \
         as the highest there is is 2147483647; choose 2147482645 or less"
    );
    assert!(store.raise_numbers(u32::MAX).is_err());
    assert_eq!(deliver(&store, bob, "two"), 1002);
    store.raise_numbers(NUMBER_MAX - 1002).unwrap();
    assert_eq!(store.high_water(alice).unwrap(), NUMBER_MAX);
}

#[test]
fn a_restored_store_gives_out_no_number_that_was_seen() {
    let directory = tempfile::tempdir().unwrap();
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    deliver(&store, alice, "one");
    assert_eq!((1..=5).map(|_| deliver(&store, bob, "one")).max(), Some(5));
    commit(&store, Change::RemoveMailbox(bob));
    let backup = backend.crash(|_| usize::MAX);
    // What the backup knows nothing of: more for Alice, Bob again, and Carol.
    let bob = create(&store, "bob");
    let carol = create(&store, "carol");
    let given = |to| (1..=7).map(|_| deliver(&store, to, "seen")).max().unwrap();
    let seen = [("alice", given(alice)), ("bob", given(bob)), ("carol", given(carol))];
    assert_eq!(seen.map(|(_, number)| number), [8, 12, 7]);
    drop(store);
    let index = directory.path().join("index");
    let store = open_at(&backup, &index);
    store.raise_numbers(10).unwrap();
    let floor = store.floor().unwrap();
    assert_eq!(floor, 5 + 10, "above the highest of those removed");
    store.close().unwrap();
    // Also where its index is made again, or knows more than its log.
    let kept = backup.crash(|_| usize::MAX);
    for (backend, name) in [(&kept, "index"), (&backup, "other")] {
        let store = open_at(backend, &directory.path().join(name));
        assert_eq!(store.floor().unwrap(), floor);
        for (name, number) in seen {
            let mailbox = store.mailbox(name).unwrap_or_else(|| create(&store, name));
            let next = deliver(&store, mailbox, "new");
            assert!(next > number, "{name} was given {number}, now {next}");
        }
        store.close().unwrap();
    }
    let store = open(&backup);
    commit(&store, Change::RaiseFloor { to: 3 });
    assert_eq!(store.floor().unwrap(), floor, "it never goes down");
    let (scope, key) = (Scope::Store, Bytes::from_static(b"storage/floor"));
    let mine = Change::PutValue { scope, key, value: Bytes::new() };
    let refused = store.commit(Transaction::of(mine)).wait();
    assert!(matches!(refused, Err(StorageError::Invalid(_))), "{refused:?}");
}

#[test]
fn a_mailbox_in_the_place_of_a_lost_one_begins_above_it() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let store = open_at(&backend, &index);
    let alice = create(&store, "alice");
    let last = (1..=9).map(|_| deliver(&store, alice, "one")).max().unwrap();
    store.close().unwrap();
    open_at(&backend, &index).close().unwrap();
    // The creation is the second record: behind that of the opening.
    backend.damage("0000000000000001.log", 4096 + 64 + 5);
    let store = open(&backend);
    assert_eq!(store.mailbox("alice"), None);
    let lost = store.mailbox(&format!("lost-{alice}")).unwrap();
    assert_eq!(numbers(&store, lost).len(), 9);
    let again = create(&store, "alice");
    assert!(deliver(&store, again, "new") > last);
    let damage = store.health().damaged_places;
    assert_eq!(damage, 1);
}

#[test]
fn rewritten_segments_are_as_good_as_others() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let store = open_at(&backend, &index);
    let (alice, bob) = (store.mailbox("alice").unwrap(), store.mailbox("bob").unwrap());
    let children: NumberSet = (1..=30).map(|n| 2 * n).collect();
    let of_bob: NumberSet = (1..=60).filter(|number| number % 7 != 0).collect();
    delete(&store, alice, children);
    delete(&store, alice, 61..=110);
    delete(&store, bob, of_bob);
    let reclaimed = store.reclaim().unwrap();
    assert!(reclaimed.segments > 0, "{reclaimed:?}");
    let found = verify_live(&store);
    assert!(found.is_clean(), "{found:?}");
    let before = numbers(&store, alice);
    store.close().unwrap();
    let found = verify(&backend, &index);
    assert!(found.is_clean(), "{found:?}");
    // An entry whose siblings are gone is made again as it was.
    let attributes = open_at(&backend, &index).attributes(alice, 3).unwrap();
    sql(&index, "DELETE FROM entry WHERE mailbox = 1");
    sql(&index, "DELETE FROM attributes WHERE id >> 32 = 1");
    let store = open_at(&backend, &index);
    assert_eq!(resync(&store).made, before.len() as u64);
    assert_eq!(numbers(&store, alice), before);
    assert_eq!(store.attributes(alice, 3).unwrap(), attributes);
    assert!(verify_live(&store).is_clean());
}
