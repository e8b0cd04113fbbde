//! What the extractor makes, made while the store serves.

use std::{
    path::Path,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use bytes::Bytes;
use restante_storage::{
    Change, Entry, EntrySource, Extracted, Extractor, IndexPlace, IndexState, MailboxId,
    MemoryBackend, Options, Scope, Storage, StorageError, Store,
};

use crate::{faulty::FaultyBackend, support::*};

/// As the text extractor, but it can be held for all contents that do not begin with `live`.
#[derive(Default)]
struct Held {
    version: u32,
    held: Mutex<bool>,
    changed: Condvar,
    /// The contents in the order in which they were extracted.
    seen: Mutex<Vec<String>>,
}

impl Held {
    fn new(version: u32) -> Arc<Self> {
        Arc::new(Self { version, held: Mutex::new(true), ..Self::default() })
    }

    fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.changed.notify_all();
    }
}

impl Extractor for Held {
    fn version(&self) -> u32 {
        self.version
    }

    fn extract(&self, entry: &EntrySource<'_>) -> Extracted {
        if !entry.content.starts_with(b"live") {
            let held = self.held.lock().unwrap();
            drop(self.changed.wait_while(held, |held| *held).unwrap());
        }
        let text = String::from_utf8_lossy(entry.content).into_owned();
        self.seen.lock().unwrap().push(text);
        TextExtractor(self.version).extract(entry)
    }
}

fn options(wait: Duration) -> Options {
    let (replay_bytes_max, extraction_threads) = (0, 2);
    Options { replay_bytes_max, extraction_threads, extraction_wait: wait, ..small() }
}

fn open_held(
    backend: &MemoryBackend,
    index: &Path,
    extractor: &Arc<Held>,
    wait: Duration,
) -> Store {
    let place = IndexPlace::File(index.to_path_buf());
    let backend = Arc::new(backend.clone());
    Store::open(backend, &place, options(wait), extractor.clone()).unwrap()
}

const LONG: Duration = Duration::from_secs(600);

/// Alice has `count` messages and then Bob three; some are read, some deleted, a value is set.
fn fill(backend: &MemoryBackend, index: &Path, count: u32) -> (MailboxId, MailboxId) {
    let store = open_at(backend, index);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    for number in 1..=count {
        deliver(&store, alice, &format!("message {number} to alice"));
    }
    for number in 1..=3 {
        let children = vec![child(0..7, None), child(2..5, Some(0))];
        let with_children = restante_storage::NewEntry { children, ..entry(bob, "with two") };
        commit(&store, content(&format!("message {number} to bob"), vec![with_children]));
    }
    delete(&store, alice, 3..=4);
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: (1..=9).into(), to: 2 });
    let (scope, key) = (Scope::Mailbox(alice), Bytes::from_static(b"key"));
    commit(&store, Change::PutValue { scope, key, value: Bytes::from_static(b"value") });
    store.close().unwrap();
    (alice, bob)
}

/// All that a mailbox shows.
fn all(store: &Store, mailbox: MailboxId) -> Vec<(Entry, Option<Bytes>, Option<Bytes>)> {
    let all = store.select(mailbox, &Default::default()).unwrap();
    let whole = |number| {
        let entry = store.entry(mailbox, number).unwrap().unwrap();
        let attributes = store.attributes(mailbox, number).unwrap();
        (entry, attributes, store.content(mailbox, number).unwrap())
    };
    all.iter().map(|row| whole(row.number)).collect()
}

#[test]
fn users_are_served_while_an_index_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, bob) = fill(&backend, &index, 40);
    let store = open_at(&backend, &index);
    let before = [all(&store, alice), all(&store, bob)];
    store.close().unwrap();
    std::fs::remove_file(&index).unwrap();
    let extractor = Held::new(1);
    let store = open_held(&backend, &index, &extractor, Duration::ZERO);
    assert!(store.open_report().extracting);
    assert!(store.open_report().to_string().ends_with("is made while users are served"));
    // What does not depend on contents is there at once.
    assert_eq!(store.mailbox("alice"), Some(alice));
    assert_eq!(store.high_water(alice).unwrap(), 40);
    let scope = Scope::Mailbox(alice);
    assert_eq!(store.value(scope, b"key").unwrap().unwrap(), "value");
    assert_eq!(deliver(&store, alice, "live message"), 41);
    let busy = store.select(alice, &Default::default());
    assert!(matches!(busy, Err(StorageError::Busy(mailbox)) if mailbox == alice), "{busy:?}");
    let carol = create(&store, "carol");
    deliver(&store, carol, "live message");
    assert_eq!(numbers(&store, carol), [1], "a new mailbox has nothing to wait for");
    extractor.release();
    store.close().unwrap();
    let store = open_held(&backend, &index, &extractor, LONG);
    assert_eq!(store.open_report().index, IndexState::Kept);
    let mut after = [all(&store, alice), all(&store, bob)];
    assert_eq!(after[0].pop().unwrap().0.columns.subject, "live message");
    assert_eq!(after, before);
}

#[test]
fn a_mailbox_that_is_asked_for_comes_first() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, bob) = fill(&backend, &index, 700);
    std::fs::remove_file(&index).unwrap();
    let extractor = Held::new(1);
    let store = open_held(&backend, &index, &extractor, Duration::ZERO);
    // The first records are held; then come Bob's, the last of the log.
    assert!(matches!(store.counts(bob), Err(StorageError::Busy(_))));
    extractor.release();
    // A store that is closed now might end before any of Bob's is made.
    for mailbox in [bob, alice] {
        while matches!(store.counts(mailbox), Err(StorageError::Busy(_))) {
            thread::yield_now();
        }
    }
    assert_eq!(numbers(&store, alice).len(), 698);
    let seen = extractor.seen.lock().unwrap().clone();
    let place = |text: &str| seen.iter().position(|seen| seen == text).unwrap();
    assert!(place("message 3 to bob") < place("message 600 to alice"));
    let once: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(once.len(), 698 + 3 + 2 * 3 - 4, "each is made");
    assert_eq!(seen.len(), 698 + 3 * 3, "and once only");
}

#[test]
fn another_version_of_the_extractor_is_caught_up_with() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, _) = fill(&backend, &index, 40);
    let extractor = Held::new(2);
    extractor.release();
    let store = open_held(&backend, &index, &extractor, LONG);
    assert_eq!(store.open_report().index, IndexState::Kept);
    assert!(store.open_report().extracting);
    let entries = all(&store, alice);
    assert!(entries.iter().all(|(entry, ..)| entry.columns.content_type == "v2"));
    let read = entries.iter().filter(|(entry, ..)| entry.status == 2).count();
    assert_eq!((entries.len(), read), (38, 7));
    store.close().unwrap();
    let store = open_held(&backend, &index, &extractor, LONG);
    assert!(store.verify(None, &mut |_| std::ops::ControlFlow::Continue(())).unwrap().is_clean());
}

#[test]
fn damage_met_while_it_is_made_costs_what_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, _) = fill(&backend, &index, 20);
    let sql = rusqlite::Connection::open(&index).unwrap();
    let place = "SELECT segment, offset + bytes - 16 FROM entry JOIN record USING (change)
        WHERE number = 7 AND mailbox = 1";
    let (segment, offset): (i64, i64) =
        sql.query_row(place, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    drop(sql);
    std::fs::remove_file(&index).unwrap();
    backend.damage(&format!("{segment:016x}.log"), offset as u64);
    let extractor = Held::new(1);
    extractor.release();
    let store = open_held(&backend, &index, &extractor, LONG);
    assert_eq!(store.open_report().damaged, []);
    assert_eq!(numbers(&store, alice).len(), 18);
    let damaged = store.entry(alice, 7).unwrap().unwrap();
    assert_eq!(damaged.columns.originator, "envelope", "what the envelope tells is there");
    assert!(matches!(store.content(alice, 7), Err(StorageError::Damaged { .. })));
    assert_eq!(store.content(alice, 8).unwrap().unwrap(), "message 8 to alice");
    let [known] = &store.damage()[..] else { panic!("{:?}", store.damage()) };
    assert_eq!(known.entries[0].to_string(), "alice 7");
}

#[test]
fn what_cant_be_read_while_it_is_made_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, _) = fill(&backend, &index, 40);
    std::fs::remove_file(&index).unwrap();
    let faulty = FaultyBackend::of(backend.clone());
    let extractor = Held::new(1);
    let (disk, place) = (Arc::new(faulty.clone()), IndexPlace::File(index.clone()));
    let store = Store::open(disk, &place, options(LONG), extractor.clone()).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = told.clone();
    store.watch(Arc::new(move |notice| teller.lock().unwrap().push(notice.to_string())));
    faulty.set_reads_fail(true);
    extractor.release();
    let refused = store.select(alice, &Default::default()).map(drop);
    assert!(matches!(refused, Err(StorageError::Io(_))), "{refused:?}");
    let told = told.lock().unwrap().clone();
    assert!(told.len() == 1 && told[0].contains("reads fail"), "{told:?}");
    faulty.set_reads_fail(false);
    drop(store);
    let store = open_held(&backend, &index, &extractor, LONG);
    assert_eq!(numbers(&store, alice).len(), 38);
}

#[test]
fn segments_are_rewritten_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    let backend = MemoryBackend::new();
    let (alice, bob) = fill(&backend, &index, 600);
    std::fs::remove_file(&index).unwrap();
    let extractor = Held::new(1);
    let store = open_held(&backend, &index, &extractor, LONG);
    thread::scope(|scope| {
        let reader = scope.spawn(|| numbers(&store, bob));
        let gone = scope.spawn(|| delete(&store, alice, 100..=500));
        extractor.release();
        assert_eq!(gone.join().unwrap(), 401);
        store.reclaim().unwrap();
        assert_eq!(reader.join().unwrap().len(), 9);
    });
    let expected = (1..=600).filter(|n| ![3, 4].contains(n) && !(100..=500).contains(n));
    assert_eq!(numbers(&store, alice), expected.collect::<Vec<_>>());
}
