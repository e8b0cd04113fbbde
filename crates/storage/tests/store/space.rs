//! Space comes back, and nothing else changes; a full disk refuses what is new and nothing else.

use std::{path::Path, sync::Arc, thread};

use bytes::Bytes;
use restante_storage::{
    Backend, Change, FileBackend, IndexPlace, MailboxId, MemoryBackend, NewEntry, NumberSet,
    Options, Scope, Storage, StorageError, Store, Transaction,
};

use crate::support::*;

fn text(number: u32) -> String {
    format!("message {number} ").repeat(60)
}

/// Delivers so many, with what each has to say.
fn fill(store: &Store, mailbox: MailboxId, count: u32) {
    for _ in 0..count {
        let number = store.high_water(mailbox).unwrap() + 1;
        assert_eq!(deliver(store, mailbox, &text(number)), number);
    }
}

fn check(store: &Store, mailbox: MailboxId, expected: &[u32]) {
    assert_eq!(numbers(store, mailbox), expected);
    for number in expected {
        assert_eq!(store.content(mailbox, *number).unwrap().unwrap(), text(*number));
        assert_eq!(store.envelope(mailbox, *number).unwrap().unwrap(), "envelope");
    }
}

#[test]
fn what_was_deleted_gives_its_space_back() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let store = open_at(&backend, &index);
    let alice = create(&store, "alice");
    fill(&store, alice, 300);
    let raise = Change::RaiseStatus { mailbox: alice, numbers: (10..=300).into(), to: 2 };
    commit(&store, raise);
    let left: Vec<u32> = (1..=300).filter(|number| number % 20 == 0).collect();
    let gone: NumberSet = (1..=300).filter(|number| number % 20 != 0).collect();
    assert_eq!(delete(&store, alice, gone), 285);
    let before = store.space_use().unwrap();
    let reclaimed = store.reclaim().unwrap();
    let after = store.space_use().unwrap();
    assert!(reclaimed.segments > 10, "{reclaimed:?}");
    assert_eq!(before.bytes - reclaimed.bytes, after.bytes);
    assert!(after.bytes < before.bytes / 4, "{before:?} {after:?}");
    let files = backend.list().unwrap().into_iter().filter(|name| name.ends_with(".log")).count();
    assert_eq!(files as u64, after.segments);
    check(&store, alice, &left);
    assert_eq!(store.reclaim().unwrap().segments, 0, "what was rewritten is left alone");
    store.close().unwrap();
    for keep_index in [true, false] {
        let store = if keep_index { open_at(&backend, &index) } else { open(&backend) };
        check(&store, alice, &left);
        assert!(numbers_with(&store, alice, 2).eq(&left));
        assert_eq!(store.high_water(alice).unwrap(), 300);
        assert!(store.open_report().damaged.is_empty());
    }
}

#[test]
fn a_status_that_was_set_lower_stays_so_when_that_is_rewritten() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    let first = || NumberSet::from(1);
    fill(&store, alice, 20);
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: first(), to: 2 });
    fill(&store, alice, 60);
    commit(&store, Change::SetStatus { mailbox: alice, numbers: first(), to: 0 });
    fill(&store, alice, 40);
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: first(), to: 1 });
    fill(&store, alice, 20);
    // All around that it was set, and nothing else.
    delete(&store, alice, 51..=110);
    store.wait_for_index();
    assert!(store.reclaim().unwrap().segments > 0);
    store.close().unwrap();
    let store = open(&backend);
    assert_eq!(numbers_with(&store, alice, 1), [1], "the status from before comes back");
}

fn numbers_with(store: &Store, mailbox: MailboxId, status: u8) -> Vec<u32> {
    let all = store.select(mailbox, &Default::default()).unwrap();
    all.iter().filter(|row| row.status == status).map(|row| row.number).collect()
}

#[test]
fn what_comes_and_goes_does_not_pile_up() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    // The first segments stay as they are, so whatever is deleted later has something before it.
    fill(&store, alice, 40);
    let mut most = 0;
    for round in 0..30 {
        let first = store.high_water(alice).unwrap() + 1;
        fill(&store, alice, 20);
        for number in first..first + 20 {
            let key = Bytes::from(format!("k{number}"));
            let (scope, value) = (Scope::Mailbox(alice), Bytes::from_static(b"v"));
            commit(&store, Change::PutValue { scope, key: key.clone(), value });
            commit(&store, Change::RemoveValue { scope, key });
        }
        delete(&store, alice, first..=first + 19);
        store.reclaim().unwrap();
        let bytes = store.space_use().unwrap().bytes;
        if round < 5 {
            most = bytes.max(most);
        } else {
            assert!(bytes <= most + 16 * 1024, "{bytes} after {round} rounds, {most} before");
        }
    }
    check(&store, alice, &(1..=40).collect::<Vec<_>>());
    store.close().unwrap();
    let store = open(&backend);
    check(&store, alice, &(1..=40).collect::<Vec<_>>());
    assert!(store.values(Scope::Mailbox(alice), b"").unwrap().is_empty());
    assert_eq!(store.high_water(alice).unwrap(), 640);
}

fn open_files(directory: &Path, options: Options) -> Store {
    let backend = Arc::new(FileBackend::open(directory).unwrap());
    Store::open(backend, &IndexPlace::Memory, options, Arc::new(TextExtractor(1))).unwrap()
}

fn files(directory: &Path, end: &str) -> usize {
    let names = std::fs::read_dir(directory).unwrap();
    names.filter(|name| name.as_ref().unwrap().path().to_string_lossy().ends_with(end)).count()
}

#[test]
fn what_a_reader_holds_is_not_used_again() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 1 << 20, live_percent_min: 50, ..small() };
    let store = open_files(directory.path(), options.clone());
    let alice = create(&store, "alice");
    let large = |octet: &str| octet.repeat(400_000);
    deliver(&store, alice, &large("a"));
    deliver(&store, alice, &large("b"));
    deliver(&store, alice, &large("c"));
    let held = store.content(alice, 1).unwrap().unwrap();
    delete(&store, alice, 1..=2);
    assert_eq!(store.reclaim().unwrap().segments, 1);
    assert_eq!(files(directory.path(), ".spare"), 0);
    for _ in 0..6 {
        deliver(&store, alice, &large("d"));
    }
    assert!(held == large("a"), "what is held stays what it was");
    drop(held);
    store.reclaim().unwrap();
    assert_eq!(files(directory.path(), ".spare"), 1);
    for _ in 0..4 {
        deliver(&store, alice, &large("e"));
    }
    assert_eq!(files(directory.path(), ".spare"), 0, "the file is a segment again");
    store.close().unwrap();
    let store = open_files(directory.path(), options);
    assert_eq!(numbers(&store, alice), (3..=13).collect::<Vec<_>>());
    assert!(store.content(alice, 3).unwrap().unwrap() == large("c"));
    assert!(store.content(alice, 13).unwrap().unwrap() == large("e"));
    assert!(!store.open_report().torn && store.open_report().damaged.is_empty());
}

#[test]
fn with_too_little_free_nothing_new_is_taken_in() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    fill(&store, alice, 3);
    backend.set_free_bytes(small().free_bytes_min - 1);
    let message = || Transaction::of(content("text", vec![entry(alice, "e")]));
    let refused = store.commit(message()).wait();
    assert!(matches!(&refused, Err(StorageError::NoSpace(_))), "{refused:?}");
    assert_eq!(delete(&store, alice, 2), 1);
    let raise = Change::RaiseStatus { mailbox: alice, numbers: 1.into(), to: 1 };
    assert_eq!(commit(&store, raise).raised, 1);
    let put = Change::PutValue { scope: Scope::Store, key: "k".into(), value: "v".into() };
    commit(&store, put);
    check(&store, alice, &[1, 3]);
    // What deletes may leave an entry, but no content, in its place or beside.
    let left =
        |text: &str, replaces| content(text, vec![NewEntry { replaces, ..entry(alice, "left") }]);
    let gone = || Change::Delete { mailbox: alice, numbers: 1.into() };
    for refused in [vec![left("", None)], vec![left("x", Some(1))], vec![left("x", None), gone()]]
    {
        let refused = store.commit(Transaction { changes: refused }).wait();
        assert!(matches!(&refused, Err(StorageError::NoSpace(_))), "{refused:?}");
    }
    commit(&store, left("", Some(3)));
    let changes = vec![left("", None), gone()];
    assert_eq!(store.commit(Transaction { changes }).wait().unwrap().stored[0].number, 4);
    assert_eq!(numbers(&store, alice), [3, 4]);
    assert_eq!(store.content(alice, 3).unwrap().unwrap(), "");
    backend.set_free_bytes(small().free_bytes_min);
    assert_eq!(store.commit(message()).wait().unwrap().stored[0].number, 5);
    assert!(store.stopped().is_none());
}

#[test]
fn readers_and_writers_go_on_while_space_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let place = IndexPlace::File(directory.path().join("index"));
    let backend = Arc::new(MemoryBackend::new());
    let rate = u64::from(u32::MAX);
    let options = Options { reclaim_bytes_per_second: rate, ..small() };
    let store = Store::open(backend, &place, options, Arc::new(TextExtractor(1))).unwrap();
    let mailboxes = ["a", "b"].map(|name| create(&store, name));
    thread::scope(|scope| {
        for mailbox in mailboxes {
            let store = &store;
            scope.spawn(move || {
                for _ in 0..60 {
                    let first = store.high_water(mailbox).unwrap() + 1;
                    fill(store, mailbox, 10);
                    delete(store, mailbox, first + 1..=first + 9);
                }
            });
            scope.spawn(move || {
                while store.high_water(mailbox).unwrap() < 600 {
                    for number in numbers(store, mailbox) {
                        // It may have been deleted since.
                        if let Some(content) = store.content(mailbox, number).unwrap() {
                            assert_eq!(content, text(number));
                        }
                    }
                }
            });
        }
    });
    let left: Vec<u32> = (0..60).map(|round| round * 10 + 1).collect();
    let bound = 1200 * 1000 / 2;
    while store.space_use().unwrap().bytes > bound {
        // It is under way, or comes with what the index has not yet.
        assert!(store.space_use().unwrap().failure.is_none());
        thread::yield_now();
    }
    mailboxes.into_iter().for_each(|mailbox| check(&store, mailbox, &left));
    store.close().unwrap();
}

#[test]
fn damage_is_not_tidied_away() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    fill(&store, alice, 60);
    delete(&store, alice, 2..=59);
    // The content of the first message, in the first segment.
    backend.damage("0000000000000001.log", 4096 + 64 + 200 + 100);
    store.reclaim().unwrap();
    assert!(backend.list().unwrap().contains(&"0000000000000001.log".to_owned()));
    assert_eq!(store.content(alice, 60).unwrap().unwrap(), text(60));
    assert_eq!(store.reclaim().unwrap().segments, 0);
}

/// Where in a file the content of each message begins that is in it, by number.
fn places(backend: &MemoryBackend, name: &str, numbers: &[u32]) -> Vec<(u32, u64)> {
    let file = backend.open(name).unwrap();
    let mut octets = vec![0; file.len().unwrap() as usize];
    file.read_at(&mut octets, 0).unwrap();
    let place = |number: &u32| {
        let text = text(*number);
        let at = octets.windows(text.len()).position(|part| part == text.as_bytes())?;
        Some((*number, at as u64))
    };
    numbers.iter().filter_map(place).collect()
}

#[test]
fn what_was_deleted_stays_so_when_a_rewritten_record_is_damaged() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    // The first segment stays as it is, and what is deleted of it is told in the second.
    fill(&store, alice, 20);
    delete(&store, alice, 1);
    fill(&store, alice, 40);
    let all = numbers(&store, alice);
    let second: Vec<_> = places(&backend, "0000000000000002.log", &all);
    assert!(second.len() > 9 && second[0].0 < 20, "{second:?}");
    let gone: NumberSet = second.iter().map(|(n, _)| *n).filter(|n| n % 3 != 0).collect();
    delete(&store, alice, gone);
    assert!(store.reclaim().unwrap().segments > 0);
    let left = numbers(&store, alice);
    store.close().unwrap();
    let is_rewritten = |name: &String| name.contains('-');
    let rewritten = backend.list().unwrap().into_iter().find(is_rewritten).unwrap();
    let kept = places(&backend, &rewritten, &left);
    assert!(kept.len() > 2, "{kept:?}");
    for (number, content_at) in kept {
        let image = backend.crash(|_| 0);
        // The end of its meta.
        image.damage(&rewritten, content_at - 1);
        let wanted: Vec<u32> = left.iter().copied().filter(|other| *other != number).collect();
        assert_eq!(numbers(&open(&image), alice), wanted, "the record of {number} is damaged");
    }
}
