//! Stores that earlier formats wrote open for ever: `tests/format` has one of each, and what was
//! in it.
//!
//! The store of the present format was written by [`write_store`]: the test of it fails, with the
//! directory in which it wrote another, when there is none. A format that was released never has
//! its store written again.

use std::{fmt::Write, fs, path::Path, sync::Arc};

use bytes::Bytes;
use restante_storage::{
    Change, FileBackend, IndexPlace, IndexState, MailboxId, NumberSet, Options, Query, Scope,
    Storage, Store,
};
use tempfile::TempDir;

use crate::support::*;

/// The log of a format is kept without the zeros at the ends of its segments.
const SEGMENT_BYTES: u64 = 8 * 1024;

fn open(directory: &Path) -> Store {
    let backend = Arc::new(FileBackend::open(directory).unwrap());
    let index = IndexPlace::File(directory.join("index.sqlite"));
    let options = Options { segment_bytes: SEGMENT_BYTES, ..Options::default() };
    Store::open(backend, &index, options, Arc::new(TextExtractor(1))).unwrap()
}

/// Every kind of change there is, over several segments and openings.
fn write_store(directory: &Path) {
    let store = open(directory);
    let (alice, bob) = (create(&store, "alice"), create(&store, "Bob, second of his name"));
    for n in 1..=12 {
        let mut family = entry(alice, &format!("from {n}"));
        family.children = vec![child(0..4, None), child(1..3, Some(0)), child(4..8, None)];
        let text = format!("text {n} ").repeat(40);
        commit(&store, content(&text, vec![family, entry(bob, "to bob")]));
    }
    commit(&store, content("", vec![entry(bob, "")]));
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: (1..=20).into(), to: 1 });
    store.close().unwrap();
    let store = open(directory);
    let numbers: NumberSet = [3, 7, 8, 9].into_iter().collect();
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers, to: 2 });
    assert_eq!(delete(&store, alice, 13..=17), 8);
    assert_eq!(delete(&store, bob, 2), 1);
    let put = |scope, key: &'static str, value: &'static str| {
        commit(&store, Change::PutValue { scope, key: key.into(), value: value.into() })
    };
    put(Scope::Store, "store", "value");
    put(Scope::Mailbox(bob), "first", "value");
    put(Scope::Mailbox(bob), "second", "another");
    commit(&store, Change::RemoveValue { scope: Scope::Mailbox(bob), key: "first".into() });
    let gone = create(&store, "gone");
    deliver(&store, gone, "gone");
    commit(&store, Change::RemoveMailbox(gone));
    let again = create(&store, "gone");
    deliver(&store, again, "here");
    commit(&store, Change::RaiseHighWater { mailbox: bob, to: 7000 });
    store.close().unwrap();
}

/// All that can be read of a store.
fn describe(store: &Store) -> String {
    let mut text = format!("store {}\n", store.id());
    for mailbox in store.mailboxes() {
        let id = mailbox.id;
        let high_water = store.high_water(id).unwrap();
        writeln!(text, "mailbox {id} {} {:?} {high_water}", mailbox.name, mailbox.about).unwrap();
        for row in store.select(id, &Query::default()).unwrap().iter() {
            describe_entry(store, id, row.number, &mut text);
        }
        describe_values(store, Scope::Mailbox(id), &mut text);
    }
    describe_values(store, Scope::Store, &mut text);
    text
}

fn describe_entry(store: &Store, mailbox: MailboxId, number: u32, text: &mut String) {
    let found = store.entry(mailbox, number).unwrap().unwrap();
    let content = store.content(mailbox, number).unwrap().unwrap();
    let envelope = store.envelope(mailbox, number).unwrap().unwrap();
    writeln!(
        text,
        "{number} parent {} descendants {} class {} status {} created {} change {}.{} {:?} {:08x}",
        found.parent.unwrap_or(0),
        found.descendants,
        found.class,
        found.status,
        found.creation_time,
        found.change,
        found.ordinal,
        envelope,
        crc32c::crc32c(&content),
    )
    .unwrap();
}

fn describe_values(store: &Store, scope: Scope, text: &mut String) {
    for (key, value) in store.values(scope, b"").unwrap() {
        let (key, value): (Bytes, Bytes) = (key, value);
        writeln!(text, "{key:?} = {value:?}").unwrap();
    }
}

/// Writes another, without what can be made again, for a new format.
fn write_another() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write_store(directory.path());
    let expected = describe(&open(directory.path()));
    let log = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
    for path in log {
        if path.extension().is_none_or(|end| end != "log") {
            fs::remove_file(path).unwrap();
            continue;
        }
        let octets = fs::read(&path).unwrap();
        let end = octets.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        fs::write(path, &octets[..end.next_multiple_of(8)]).unwrap();
    }
    fs::write(directory.path().join("expected"), expected).unwrap();
    directory
}

#[test]
fn a_store_of_format_1_opens() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format/v1");
    if !kept.is_dir() {
        let another = write_another().keep();
        panic!("there is no {}; one was written to {}", kept.display(), another.display());
    }
    let directory = tempfile::tempdir().unwrap();
    let mut segments = 0;
    for entry in fs::read_dir(kept).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        fs::copy(entry.path(), directory.path().join(&name)).unwrap();
        if name.to_str().unwrap().ends_with(".log") {
            let path = directory.path().join(name);
            let segment = fs::File::options().write(true).open(path).unwrap();
            let length = segment.metadata().unwrap().len().max(SEGMENT_BYTES);
            segment.set_len(length).unwrap();
            segments += 1;
        }
    }
    assert!(segments > 2);
    let expected = fs::read_to_string(directory.path().join("expected")).unwrap();
    let store = open(directory.path());
    assert_eq!(store.open_report().index, IndexState::Made);
    assert_eq!(store.open_report().damaged, []);
    assert!(!store.open_report().torn);
    assert_eq!(describe(&store), expected);
    let gone = store.mailbox("gone").unwrap();
    assert_eq!(deliver(&store, gone, "goes on"), 3);
    store.close().unwrap();
    let store = open(directory.path());
    assert_eq!(store.content(gone, 3).unwrap().unwrap(), "goes on");
}
