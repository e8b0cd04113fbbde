//! Many at once: what is read while others write, project, load and let go is one moment.

use std::{sync::Arc, thread};

use restante_storage::{
    Change, IndexPlace, MemoryBackend, Options, Query, Scope, Storage, Store, Transaction,
};

use crate::support::*;

/// The columns of one mailbox at a time, and an index that is written all the time.
fn open_restless(index: &std::path::Path) -> Store {
    let options = Options { columns_bytes_max: 0, index_batch_records: 3, ..small() };
    let place = IndexPlace::File(index.to_path_buf());
    let backend = Arc::new(MemoryBackend::new());
    Store::open(backend, &place, options, Arc::new(TextExtractor(1))).unwrap()
}

/// Delivers and notes the number in a value, in one transaction, `count` times.
fn deliver_and_note(store: &Store, mailbox: restante_storage::MailboxId, count: u32) {
    for number in 1..=count {
        let key = format!("k{}", number % 5).into();
        let value = number.to_string().into();
        let put = Change::PutValue { scope: Scope::Mailbox(mailbox), key, value };
        let changes = vec![put, content("text", vec![entry(mailbox, "e")])];
        let committed = store.commit(Transaction { changes }).wait().unwrap();
        assert_eq!(committed.stored[0].number, number);
    }
}

fn read_until(store: &Store, mailbox: restante_storage::MailboxId, count: u32) {
    let mut seen = 0;
    while seen < count {
        let found = store.select(mailbox, &Query::default()).unwrap();
        assert!(found.iter().map(|row| row.number).eq(1..=found.len() as u32));
        assert!(found.len() as u32 >= seen, "what was seen stays");
        seen = found.len() as u32;
        if seen > 0 {
            assert_eq!(store.attributes(mailbox, seen).unwrap().unwrap(), "e<");
            let last = [found.len() - 1];
            let attributes = store.attributes_of(mailbox, &found, &last).unwrap();
            assert_eq!(attributes, [Some("e<".into())]);
            assert_eq!(store.content(mailbox, seen).unwrap().unwrap(), "text");
            let scope = Scope::Mailbox(mailbox);
            let noted = store.value(scope, format!("k{}", seen % 5).as_bytes()).unwrap();
            let noted: u32 = std::str::from_utf8(&noted.unwrap()).unwrap().parse().unwrap();
            assert!(noted >= seen, "{noted} was noted with {seen} or after");
            let values = store.values(scope, b"k").unwrap();
            assert!(values.len() as u32 >= seen.min(5));
        }
    }
}

#[test]
fn what_is_read_is_one_moment() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_restless(&directory.path().join("index"));
    let mailboxes = ["a", "b", "c"].map(|name| create(&store, name));
    thread::scope(|scope| {
        for mailbox in mailboxes {
            let store = &store;
            scope.spawn(move || deliver_and_note(store, mailbox, 300));
            scope.spawn(move || read_until(store, mailbox, 300));
        }
    });
    store.close().unwrap();
}

#[test]
fn all_that_waits_is_done_before_the_end() {
    let backend = MemoryBackend::new();
    let store = open(&backend);
    let alice = create(&store, "alice");
    let message = || Transaction::of(content("text", vec![entry(alice, "e")]));
    let tickets: Vec<_> = (0..200).map(|_| store.commit(message())).collect();
    store.close().unwrap();
    let given = tickets.into_iter().map(|ticket| ticket.wait().unwrap().stored[0].number);
    assert!(given.eq(1..=200), "in the order in which they were committed");
    assert_eq!(numbers(&open(&backend), alice).len(), 200);
}

#[test]
fn attributes_of_many_are_those_of_each() {
    let directory = tempfile::tempdir().unwrap();
    // None are kept, some are, all are.
    for (run, attributes_bytes_max) in [0, 16 * 1024, 1 << 20].into_iter().enumerate() {
        let options = Options { attributes_bytes_max, ..small() };
        let place = IndexPlace::File(directory.path().join(run.to_string()));
        let backend = Arc::new(MemoryBackend::new());
        let extractor = Arc::new(TextExtractor(1));
        let store = Store::open(backend, &place, options, extractor).unwrap();
        let mailboxes = ["a", "b"].map(|name| create(&store, name));
        let message = |n: u32| {
            let each = mailboxes.map(|mailbox| entry(mailbox, &format!("{mailbox}.{n}")));
            store.commit(Transaction::of(content("text", each.into())))
        };
        let tickets: Vec<_> = (1..=1100).map(message).collect();
        tickets.into_iter().for_each(|ticket| drop(ticket.wait().unwrap()));
        let check = |mailbox, places: &[usize]| {
            let all = store.select(mailbox, &Query::default()).unwrap();
            let expected: Vec<_> = places
                .iter()
                .map(|place| Some(format!("{mailbox}.{}<", all.get(*place).unwrap().number)))
                .collect();
            for attributes in [(); 2].map(|()| store.attributes_of(mailbox, &all, places)) {
                let attributes = attributes.unwrap().into_iter();
                let texts = attributes.map(|a| a.map(|a| String::from_utf8(a.into()).unwrap()));
                assert_eq!(texts.collect::<Vec<_>>(), expected);
            }
        };
        for mailbox in mailboxes {
            check(mailbox, &[3, 510, 511, 512, 1099]);
            check(mailbox, &(0..1100).collect::<Vec<_>>());
            assert_eq!(delete(&store, mailbox, 500..=520), 21);
            assert_eq!(delete(&store, mailbox, 1..=300), 300);
            check(mailbox, &(0..779).collect::<Vec<_>>());
        }
        store.close().unwrap();
    }
}
