//! What each change does, as its caller sees it.

use bytes::Bytes;
use restante_storage::{
    Change, Count, Family, FileBackend, IndexPlace, MemoryBackend, NewContent, Options, Query,
    Scope, Storage, StorageError, Store, Test, TextField, TextMatch, Transaction,
};

use crate::support::*;

#[test]
fn a_message_is_there_when_its_ticket_is_ready() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    assert_eq!(store.mailbox("alice"), Some(alice));
    assert_eq!(store.mailboxes()[0].about, "alice");
    let stored = commit(&store, content("Sigmet 1", vec![entry(alice, "from bob")]));
    assert_eq!(stored.stored[0].number, 1);
    let found = store.entry(alice, 1).unwrap().unwrap();
    assert_eq!((found.class, found.status, found.columns.kind), (1, 0, 11));
    assert_eq!(found.columns.subject, "Sigmet 1");
    assert_eq!(found.change, stored.change);
    assert_eq!(store.content(alice, 1).unwrap().unwrap(), "Sigmet 1");
    assert_eq!(store.envelope(alice, 1).unwrap().unwrap(), "from bob");
    assert_eq!(store.attributes(alice, 1).unwrap().unwrap(), "from bob<");
    assert_eq!(store.entry(alice, 2).unwrap(), None);
    assert_eq!(store.content(alice, 2).unwrap(), None);
}

#[test]
fn children_follow_their_parent_and_go_with_it() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let mut parent = entry(alice, "parent");
    parent.children = vec![child(0..6, None), child(2..4, Some(0)), child(6..12, None)];
    let stored = commit(&store, content("abcdefghijkl", vec![parent])).stored[0];
    assert_eq!((stored.number, stored.children), (1, 3));
    assert_eq!(deliver(&store, alice, "next"), 5);
    let parents: Vec<_> = (1..=5)
        .map(|number| store.entry(alice, number).unwrap().unwrap())
        .map(|entry| (entry.parent, entry.descendants))
        .collect();
    assert_eq!(parents, [(None, 3), (Some(1), 1), (Some(2), 0), (Some(1), 0), (None, 0)]);
    assert_eq!(store.content(alice, 3).unwrap().unwrap(), "cd");
    assert_eq!(store.content(alice, 4).unwrap().unwrap(), "ghijkl");
    assert_eq!(store.attributes(alice, 2).unwrap().unwrap(), "child<parent");
    let family = |family| {
        let query = Query { family, ..Query::default() };
        let found = store.select(alice, &query).unwrap();
        found.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(family(Family::MainOnly), [1, 5]);
    assert_eq!(family(Family::ChildrenOf(1)), [2, 4]);
    assert_eq!(delete(&store, alice, 2), 2);
    assert_eq!(numbers(&store, alice), [1, 4, 5]);
    assert_eq!(delete(&store, alice, 1..=1), 2);
    assert_eq!(delete(&store, alice, 1..=4), 0);
    assert_eq!(numbers(&store, alice), [5]);
}

#[test]
fn children_that_make_no_sense_are_refused() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let refused = |children| {
        let entry = restante_storage::NewEntry { children, ..entry(alice, "e") };
        let answer = store.commit(Transaction::of(content("abcd", vec![entry]))).wait();
        assert!(matches!(answer, Err(StorageError::Invalid(_))), "{answer:?}");
    };
    refused(vec![child(0..5, None)]);
    refused(vec![child(0..1, Some(0))]);
    refused(vec![child(0..1, None), child(1..2, None), child(0..1, Some(0))]);
    assert_eq!(store.high_water(alice).unwrap(), 0);
}

#[test]
fn one_content_serves_several_recipients() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    deliver(&store, bob, "before");
    let text = "once".repeat(1000);
    let before = backend.octets_written();
    let stored = commit(&store, content(&text, vec![entry(alice, "a"), entry(bob, "b")]));
    let written = backend.octets_written() - before;
    assert!((4000..5000).contains(&written), "{written} octets for a content of 4000");
    assert_eq!((stored.stored[0].number, stored.stored[1].number), (1, 2));
    assert_eq!(store.content(alice, 1).unwrap().unwrap(), text);
    delete(&store, alice, 1);
    assert_eq!(store.content(bob, 2).unwrap().unwrap(), text);
    assert_eq!(store.envelope(bob, 2).unwrap().unwrap(), "b");
}

#[test]
fn status_only_rises_and_what_is_new_is_found() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    for text in ["a", "b", "c"] {
        deliver(&store, alice, text);
    }
    let raise = |numbers: std::ops::RangeInclusive<u32>, to| {
        let change = Change::RaiseStatus { mailbox: alice, numbers: numbers.into(), to };
        commit(&store, change).raised
    };
    assert_eq!(raise(1..=99, 1), 3);
    assert_eq!(raise(2..=2, 2), 1);
    assert_eq!(raise(1..=3, 1), 0);
    deliver(&store, alice, "d");
    let new = Query { tests: vec![Test::Status(vec![0])], ..Query::default() };
    assert_eq!(store.select(alice, &new).unwrap().get(0).unwrap().number, 4);
    let octets = |entries: u32| u64::from(entries);
    let count = |status, entries| Count {
        class: 1,
        status,
        child: false,
        entries,
        octets: octets(entries),
    };
    assert_eq!(store.counts(alice).unwrap(), [count(0, 1), count(1, 2), count(2, 1)]);
}

#[test]
fn a_selection_stays_what_it_was() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    for number in 0..10 {
        deliver(&store, alice, &format!("subject {number}"));
    }
    let before = store.select(alice, &Query::default()).unwrap();
    delete(&store, alice, 1..=9);
    let change = Change::RaiseStatus { mailbox: alice, numbers: 10.into(), to: 2 };
    commit(&store, change);
    deliver(&store, alice, "new");
    assert_eq!(before.len(), 10);
    assert!(before.iter().all(|row| row.status == 0));
    assert_eq!(before.get(4).unwrap().subject, "subject 4");
    assert_eq!(numbers(&store, alice), [10, 11]);
}

#[test]
fn queries_name_what_must_hold() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    for text in ["Sigmet EGLL", "sigmet lfpg", "METAR EGLL"] {
        deliver(&store, alice, text);
    }
    let find = |query: Query| {
        let found = store.select(alice, &query).unwrap();
        assert!(found.is_exact());
        found.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let subject =
        |text: &str| vec![Test::Text(TextField::Subject, TextMatch::Contains(text.into()))];
    assert_eq!(find(Query { tests: subject("egll"), ..Query::default() }), [1, 3]);
    assert_eq!(find(Query { tests: subject("SIGMET"), numbers: 2..=9, ..Query::default() }), [2]);
    assert_eq!(find(Query { limit: Some(2), ..Query::default() }), [1, 2]);
    assert_eq!(find(Query { classes: vec![2], ..Query::default() }), [0; 0]);
    assert_eq!(find(Query { creation_time: 0..=5, ..Query::default() }), [0; 0]);
    let size = vec![Test::Size(0..=10)];
    assert_eq!(find(Query { tests: size, ..Query::default() }), [3]);
}

#[test]
fn a_part_of_what_matches_is_found_from_either_end() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    for at in 0..1400 {
        commit(&store, content("c", vec![entry(alice, &format!("subject {}", at % 7))]));
    }
    delete(&store, alice, 500..=530);
    delete(&store, alice, 1400..=1400);
    commit(&store, Change::SetStatus { mailbox: alice, numbers: (600..=1100).into(), to: 2 });
    let subject = Test::Text(TextField::Subject, TextMatch::Contains("subject 3".into()));
    for tests in [vec![], vec![Test::Status(vec![2])], vec![Test::Status(vec![0])], vec![subject]]
    {
        for numbers in [0..=u32::MAX, 40..=900] {
            let all = Query { tests: tests.clone(), numbers: numbers.clone(), ..Query::default() };
            let find = |query: Query| {
                let found = store.select(alice, &query).unwrap();
                found.iter().map(|row| row.number).collect::<Vec<_>>()
            };
            let whole = find(all.clone());
            for (skip, limit) in [(0, 3), (1, 512), (700, 5), (513, 600), (1380, 5), (9999, 1)] {
                let part = Query { skip, limit: Some(limit), ..all.clone() };
                let from = skip.min(whole.len());
                let until = (skip + limit).min(whole.len());
                assert_eq!(find(part.clone()), whole[from..until], "{part:?}");
                let (low, high) = (whole.len() - until, whole.len() - from);
                let newest = Query { newest: true, ..part };
                assert_eq!(find(newest.clone()), whole[low..high], "{newest:?}");
            }
        }
    }
    let counts = store.counts(alice).unwrap();
    let entries: Vec<_> = counts.iter().map(|count| (count.status, count.entries)).collect();
    assert_eq!(entries, [(0, 867), (2, 501)]);
}

#[test]
fn a_text_that_was_cut_makes_a_superset() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let long = entry(alice, &"x".repeat(2000));
    commit(&store, content("c", vec![long]));
    let test = |text: &str| Query {
        tests: vec![Test::Text(TextField::Originator, TextMatch::Contains(text.into()))],
        ..Query::default()
    };
    let found = store.select(alice, &test("y")).unwrap();
    assert_eq!((found.len(), found.is_exact()), (1, false));
    assert!(store.select(alice, &Query::default()).unwrap().is_exact());
}

#[test]
fn what_is_cut_or_has_a_letter_like_none_of_ascii_is_not_passed_over() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    // A few full chunks of memory, and what is looked for in each of them or in one.
    for number in 0..1_100 {
        deliver(&store, alice, &format!("Status report {number:04}"));
    }
    deliver(&store, alice, "at 273 \u{212a}");
    commit(&store, content("c", vec![entry(alice, &"x".repeat(2000))]));
    let find = |text: &str| {
        let subject = Test::Text(TextField::Subject, TextMatch::Contains(text.into()));
        let query = Query { tests: vec![subject], ..Query::default() };
        let found = store.select(alice, &query).unwrap();
        found.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    // The last may have it in what was cut.
    assert_eq!(find("0042"), [43, 1_102]);
    assert_eq!(find("PORT 1099"), [1_100, 1_102]);
    assert_eq!(find("273 k"), [1_101, 1_102]);
    assert_eq!(find("273 j"), [1_102]);
    assert_eq!(find("STATUS").len(), 1_101);
}

#[test]
fn values_are_set_listed_and_removed() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let scope = Scope::Mailbox(alice);
    let put = |scope, key: &'static str, value: &'static str| {
        commit(&store, Change::PutValue { scope, key: key.into(), value: value.into() })
    };
    put(scope, "r/1", "one");
    put(scope, "r/2", "two");
    put(scope, "s", "three");
    put(Scope::Store, "r/1", "the store's");
    assert_eq!(store.value(scope, b"r/1").unwrap().unwrap(), "one");
    assert_eq!(store.value(Scope::Store, b"r/1").unwrap().unwrap(), "the store's");
    commit(&store, Change::RemoveValue { scope, key: "r/1".into() });
    assert_eq!(store.value(scope, b"r/1").unwrap(), None);
    put(scope, "r/2", "again");
    let two = (Bytes::from("r/2"), Bytes::from("again"));
    assert_eq!(store.values(scope, b"r/").unwrap(), [two]);
    commit(&store, Change::RemoveMailbox(alice));
    assert!(matches!(store.value(scope, b"s"), Err(StorageError::NoMailbox(_))));
}

#[test]
fn a_name_that_is_used_again_goes_on_with_its_numbers() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let first = create(&store, "alice");
    let again = Change::CreateMailbox { name: "alice".into(), about: Bytes::new() };
    let answer = store.commit(Transaction::of(again)).wait();
    assert!(matches!(answer, Err(StorageError::MailboxExists(_))));
    deliver(&store, first, "a");
    commit(&store, Change::RaiseHighWater { mailbox: first, to: 41 });
    commit(&store, Change::RemoveMailbox(first));
    assert_eq!(store.mailbox("alice"), None);
    let answer = store.commit(Transaction::of(content("b", vec![entry(first, "e")]))).wait();
    assert!(matches!(answer, Err(StorageError::NoMailbox(_))));
    store.close().unwrap();
    let store = open(&backend);
    let second = create(&store, "alice");
    assert_ne!(first, second);
    assert_eq!(deliver(&store, second, "c"), 42);
}

#[test]
fn numbers_end_where_the_standard_ends_them() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let to = restante_storage::NUMBER_MAX - 1;
    commit(&store, Change::RaiseHighWater { mailbox: alice, to });
    assert_eq!(deliver(&store, alice, "last"), restante_storage::NUMBER_MAX);
    let answer = store.commit(Transaction::of(content("b", vec![entry(alice, "e")]))).wait();
    assert!(matches!(answer, Err(StorageError::NumbersExhausted(_))));
    assert_eq!(delete(&store, alice, 1..=u32::MAX), 1);
}

#[test]
fn a_refused_transaction_leaves_nothing() {
    let store = open(&MemoryBackend::new());
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    commit(&store, Change::RemoveMailbox(bob));
    let put = Change::PutValue { scope: Scope::Store, key: "k".into(), value: "v".into() };
    let changes =
        vec![content("a", vec![entry(alice, "e")]), put, content("b", vec![entry(bob, "e")])];
    let answer = store.commit(Transaction { changes }).wait();
    assert!(matches!(answer, Err(StorageError::NoMailbox(_))));
    assert_eq!(store.value(Scope::Store, b"k").unwrap(), None);
    assert_eq!(deliver(&store, alice, "a"), 1);
}

#[test]
fn a_content_larger_than_a_segment_gets_one_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let index = IndexPlace::File(directory.path().join("index.sqlite"));
    let reopen = || {
        let backend = std::sync::Arc::new(FileBackend::open(directory.path()).unwrap());
        let options = Options { segment_bytes: 64 * 1024, ..Options::default() };
        Store::open(backend, &index, options, std::sync::Arc::new(TextExtractor(1))).unwrap()
    };
    let store = reopen();
    let alice = create(&store, "alice");
    deliver(&store, alice, "small");
    let pieces: Vec<Bytes> = (0..40u8).map(|piece| vec![piece; 70_000].into()).collect();
    let whole = pieces.concat();
    let new =
        NewContent { content: pieces, creation_time: 0, entries: vec![entry(alice, "large")] };
    commit(&store, Change::Store(new));
    deliver(&store, alice, "after");
    store.close().unwrap();
    let store = reopen();
    assert_eq!(store.content(alice, 1).unwrap().unwrap(), "small");
    assert!(store.content(alice, 2).unwrap().unwrap() == whole);
    assert_eq!(store.content(alice, 3).unwrap().unwrap(), "after");
    assert_eq!(store.open_report().to_string(), "epoch 2, 0 records replayed");
    let second = FileBackend::open(directory.path());
    assert!(matches!(second, Err(StorageError::InUse)));
}

#[test]
fn what_is_whole_comes_back_under_its_number() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    let mut parent = entry(alice, "parent");
    parent.children = vec![child(0..6, None), child(2..4, Some(0)), child(6..12, None)];
    commit(&store, content("abcdefghijkl", vec![parent]));
    deliver(&store, alice, "next");
    commit(&store, Change::Amend { mailbox: alice, number: 3, amendment: "note".into() });
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: (1..=2).into(), to: 2 });
    delete(&store, alice, 4);
    let whole = store.whole(alice, 1).unwrap().unwrap();
    assert_eq!(store.whole(alice, 2).unwrap(), None, "a child is none by itself");
    assert_eq!((&whole.content[..], &whole.envelope[..]), (&b"abcdefghijkl"[..], &b"parent"[..]));
    let told: Vec<_> = whole
        .children
        .iter()
        .map(|c| (c.number, c.status, c.parent, c.range.clone(), c.amendment.clone()))
        .collect();
    assert_eq!(told, [(2, 2, None, 0..6, Bytes::new()), (3, 0, Some(0), 2..4, "note".into())]);
    delete(&store, alice, 1..=9);
    let mut back = entry(alice, "parent");
    back.status = whole.entry.status;
    back.replaces = Some(1);
    let of = |of: &restante_storage::WholeChild| restante_storage::Child {
        class: of.class,
        status: of.status,
        envelope: of.envelope.clone(),
        range: of.range.clone(),
        parent: of.parent,
    };
    back.children = whole.children.iter().map(of).collect();
    let stored = commit(&store, content("abcdefghijkl", vec![back.clone()])).stored[0];
    assert_eq!((stored.number, stored.children), (1, 2));
    assert_eq!(numbers(&store, alice), [1, 2, 3]);
    let amend = Change::Amend { mailbox: alice, number: 3, amendment: "note".into() };
    commit(&store, amend);
    let again = store.whole(alice, 1).unwrap().unwrap();
    assert_eq!((again.children, again.content), (whole.children, whole.content));
    back.replaces = Some(4);
    let answer = store.commit(Transaction::of(content("abcdefghijkl", vec![back]))).wait();
    assert!(matches!(answer, Err(StorageError::Invalid(_))), "a number that was never given");
    assert_eq!(deliver(&store, alice, "new"), 6, "no number is given twice");
}

#[test]
fn many_come_back_in_any_order() {
    let store = open(&MemoryBackend::new());
    let alice = create(&store, "alice");
    commit(&store, Change::RaiseHighWater { mailbox: alice, to: 3000 });
    deliver(&store, alice, "last");
    let order = (0..3000).map(|n| n * 7 % 3000 + 1);
    let changes = order.map(|number| {
        let mut back = entry(alice, "back");
        back.replaces = Some(number);
        content("x", vec![back])
    });
    store.commit(Transaction { changes: changes.collect() }).wait().unwrap();
    assert!(numbers(&store, alice).into_iter().eq(1..=3001));
    assert_eq!(delete(&store, alice, 100..=2900), 2801);
    assert_eq!(numbers(&store, alice).len(), 200);
}

#[test]
fn a_mailbox_whose_entries_change_has_another_revision_though_they_are_not_read() {
    let store = open(&MemoryBackend::new());
    let (alice, bob) = (create(&store, "alice"), create(&store, "bob"));
    let mut seen = store.revision(alice).unwrap();
    let mut is_another = || {
        let now = store.revision(alice).unwrap();
        std::mem::replace(&mut seen, now) != now
    };
    assert!(!is_another());
    deliver(&store, alice, "one");
    assert!(is_another() && !store.has_columns(alice));
    commit(&store, Change::RaiseStatus { mailbox: alice, numbers: 1.into(), to: 2 });
    assert!(is_another(), "as soon as it is seen");
    deliver(&store, bob, "after it is durable, too");
    is_another();
    deliver(&store, bob, "another's");
    assert_eq!(numbers(&store, alice), [1]);
    assert!(!is_another(), "neither what another has nor a look changes it");
    delete(&store, alice, 1);
    assert!(is_another());
}
