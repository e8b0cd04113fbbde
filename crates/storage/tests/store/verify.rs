//! Verification finds what is not as it was written, and nothing else.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use restante_storage::{
    Change, Difference, IndexCheck, IndexPlace, MailboxId, MemoryBackend, Scope, StorageError,
    Store, Verification,
};

use crate::support::*;

pub(crate) fn verify(backend: &MemoryBackend, index: &Path) -> Verification {
    let index = IndexPlace::File(index.to_path_buf());
    let extractor = TextExtractor(1);
    let mut progress = |_| ControlFlow::Continue(());
    let backend = Arc::new(backend.clone());
    restante_storage::verify(backend, &index, &extractor, None, &mut progress).unwrap()
}

/// A store with something of everything, closed.
pub(crate) fn some_of_everything(backend: &MemoryBackend, index: &Path) -> Vec<MailboxId> {
    let store = open_at(backend, index);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    for n in 1..=60 {
        let mut parent = entry(alice, &format!("envelope {n}"));
        parent.children = vec![child(0..4, None)];
        let text = format!("message {n} ").repeat(n);
        commit(&store, content(&text, vec![parent, entry(bob, "to bob")]));
    }
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: (3..=40).into(), to: 1 });
    delete(&store, alice, 5..=9);
    commit(&store, Change::RaiseHighWater { mailbox: bob, to: 500 });
    for scope in [Scope::Store, Scope::Mailbox(bob)] {
        commit(&store, Change::PutValue { scope, key: "key".into(), value: "value".into() });
    }
    let gone = create(&store, "gone");
    deliver(&store, gone, "gone");
    commit(&store, Change::RemoveMailbox(gone));
    store.close().unwrap();
    vec![alice, bob]
}

pub(crate) fn sql(index: &Path, statement: &str) {
    let index = rusqlite::Connection::open(index).unwrap();
    assert!(index.execute(statement, []).unwrap() > 0, "{statement}");
}

fn place_of(index: &Path, number: u32) -> (u64, u64) {
    let index = rusqlite::Connection::open(index).unwrap();
    let select = "SELECT segment, offset FROM record JOIN entry USING (change)
        WHERE mailbox = 1 AND number = ?1";
    let place =
        |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64));
    index.query_row(select, [number], place).unwrap()
}

pub(crate) fn segment(sequence: u64) -> String {
    format!("{sequence:016x}.log")
}

fn entries(found: &Verification) -> Vec<String> {
    let entries = found.damaged.iter().flat_map(|damaged| &damaged.entries);
    entries.map(ToString::to_string).collect()
}

#[test]
fn a_sound_store_is_clean() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let found = verify(&backend, &index);
    assert!(found.is_clean(), "{found:?}");
    assert_eq!((found.entries, found.index.clone()), (174, IndexCheck::Compared));
    assert!(!found.torn);
    // After a crash that lost the index's end, and without an index.
    let store = open_at(&backend, &index);
    deliver(&store, store_mailbox(&store), "more");
    let crashed = backend.crash(|_| 0);
    let copy = directory.path().join("copy");
    std::fs::copy(&index, &copy).unwrap();
    let found = verify(&crashed, &copy);
    assert!(found.is_clean() && found.entries == 174, "{found:?}");
    let found = verify(&crashed, &directory.path().join("none"));
    assert!(found.is_clean() && found.entries == 175, "{found:?}");
    assert_eq!(found.index, IndexCheck::NotCompared("there is none".into()));
}

fn store_mailbox(store: &Store) -> MailboxId {
    restante_storage::Storage::mailbox(store, "alice").unwrap()
}

#[test]
fn a_flipped_bit_is_found_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let (sequence, offset) = place_of(&index, 41);
    // In header, meta and content.
    for at in [0, 4, 20, 70, 200, 420] {
        let name = segment(sequence);
        backend.damage(&name, offset + at);
        let found = verify(&backend, &index);
        backend.damage(&name, offset + at);
        assert!(!found.is_clean());
        assert_eq!(entries(&found), ["alice 41", "alice 42", "bob 21"], "{at}: {found}");
        let damage = found.damaged[0].damage;
        assert_eq!((damage.segment, damage.offset), (sequence, offset));
        assert_eq!(found.differences, [], "{at}");
    }
    assert!(verify(&backend, &index).is_clean());
}

#[test]
fn a_log_that_lost_its_end_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let store = open_at(&backend, &index);
    let alice = create(&store, "alice");
    deliver(&store, alice, "one");
    deliver(&store, alice, "two");
    store.close().unwrap();
    let (sequence, offset) = place_of(&index, 2);
    backend.damage(&segment(sequence), offset);
    let found = verify(&backend, &index);
    assert!(!found.is_clean());
    assert_eq!(entries(&found), ["alice 2"], "{found:?}");
}

#[test]
fn an_index_that_was_changed_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let id = |number: u64| (1u64 << 32) + number;
    for (statement, expected) in [
        (
            format!("UPDATE entry SET status = 2 WHERE id = {}", id(20)),
            "alice 20: the index is not",
        ),
        (format!("UPDATE entry SET subject = 'x' WHERE id = {}", id(1)), "alice 1: the index is"),
        (format!("UPDATE attributes SET encoded = x'00' WHERE id = {}", id(2)), "alice 2: the"),
        (format!("DELETE FROM attributes WHERE id = {}", id(3)), "alice 3: the index is not"),
        (format!("DELETE FROM entry WHERE id = {}", id(4)), "alice 4: in the log, but not"),
        (
            format!("UPDATE entry SET id = id + 5000 WHERE id = {}", id(11)),
            "alice 5011: in the index",
        ),
        ("UPDATE mailbox SET high_water = 7 WHERE id = 2".into(), "bob: the highest number"),
        ("UPDATE mailbox SET name = 'eve' WHERE id = 2".into(), "eve: the index has"),
        ("DELETE FROM value WHERE mailbox = 2".into(), "value key of mailbox 2"),
        ("UPDATE segment SET live = 9 WHERE sequence = 2".into(), "segment 2: the index counts"),
        ("UPDATE record SET live = 9 WHERE change = 20".into(), "change 20: the index has"),
    ] {
        let copy = directory.path().join("copy");
        std::fs::copy(&index, &copy).unwrap();
        sql(&copy, &statement);
        let found = verify(&backend, &copy);
        assert!(!found.is_clean());
        assert_eq!(found.damaged, []);
        let told: Vec<_> = found.differences.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.starts_with(expected)), "{statement}: {told:?}");
    }
}

#[test]
fn an_index_that_is_none_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    some_of_everything(&backend, &index);
    let unreadable = |found: &Verification| matches!(found.index, IndexCheck::Unreadable(_));
    std::fs::write(&index, "no index".repeat(1000)).unwrap();
    let found = verify(&backend, &index);
    assert!(!found.is_clean() && unreadable(&found), "{found}");
}

#[test]
fn a_verification_can_be_ended() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    for _ in 0..30 {
        deliver(&store, alice, &"x".repeat(100_000));
    }
    store.close().unwrap();
    let mut told = 0;
    let mut progress = |_| {
        told += 1;
        ControlFlow::Break(())
    };
    let (index, extractor) = (IndexPlace::Memory, TextExtractor(1));
    let backend = Arc::new(backend);
    let ended =
        restante_storage::verify(backend, &index, &extractor, Some(1 << 30), &mut progress);
    assert!(matches!(ended, Err(StorageError::Closed)));
    assert_eq!(told, 1);
}

#[test]
fn a_difference_says_what_it_is() {
    let difference = Difference::HighWater {
        mailbox: MailboxId::new(1).unwrap(),
        name: "alice".into(),
        index: 3,
        log: 4,
    };
    let expected = "alice: the highest number given out is 3 in the index, 4 in the log";
    assert_eq!(difference.to_string(), expected);
}
