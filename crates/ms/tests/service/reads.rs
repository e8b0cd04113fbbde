//! What is read for what is asked: List opens no content, a filter about columns no attributes.
//! Which operations wait for nothing, and what holds of what could not be kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::auto_action::{ALERT, alert, deregistration, registration, registrations};
use crate::common::{START_US, Users, pdu, settle, user};
use bytes::Bytes;
use pdu::{filter, selector};
use restante_mhs::x411::ORName;
use restante_mhs::x413::MSBindArgument;
use restante_mhs::x419::Edition;
use restante_ms::{
    Binding, Deliverer, Delivery, Effect, Extractor, MessageStore, Now, Operation, Reply, Settings,
};
use restante_storage::{
    Count, Entry, IndexPlace, Mailbox, MailboxId, MemoryBackend, Options, Query, Scope, Selection,
    Storage, StorageError, Store, Ticket, Transaction,
};

/// A store that counts what is read of it, and refuses what it is to keep where it is told to.
struct Counting {
    store: Store,
    refuses: AtomicBool,
    contents: AtomicUsize,
    envelopes: AtomicUsize,
    attributes: AtomicUsize,
}

fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Storage for Counting {
    fn commit(&self, transaction: Transaction) -> Ticket {
        if self.refuses.load(Ordering::Relaxed) {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Ticket::ready(Err(StorageError::NoSpace(Arc::new(full))));
        }
        self.store.commit(transaction)
    }
    fn has_room(&self) -> bool {
        self.store.has_room()
    }
    fn has_columns(&self, mailbox: MailboxId) -> bool {
        self.store.has_columns(mailbox)
    }
    fn has_record(&self, mailbox: MailboxId, number: u32) -> bool {
        self.store.has_record(mailbox, number)
    }
    fn mailbox(&self, name: &str) -> Option<MailboxId> {
        self.store.mailbox(name)
    }
    fn name(&self, mailbox: MailboxId) -> Result<Arc<str>, StorageError> {
        self.store.name(mailbox)
    }
    fn mailboxes(&self) -> Vec<Mailbox> {
        self.store.mailboxes()
    }
    fn select(&self, mailbox: MailboxId, query: &Query) -> Result<Selection, StorageError> {
        self.store.select(mailbox, query)
    }
    fn entry(&self, mailbox: MailboxId, number: u32) -> Result<Option<Entry>, StorageError> {
        self.store.entry(mailbox, number)
    }
    fn attributes(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        count(&self.attributes);
        self.store.attributes(mailbox, number)
    }
    fn attributes_of(
        &self,
        mailbox: MailboxId,
        selection: &Selection,
        places: &[usize],
    ) -> Result<Vec<Option<Bytes>>, StorageError> {
        self.attributes.fetch_add(places.len(), Ordering::Relaxed);
        self.store.attributes_of(mailbox, selection, places)
    }
    fn amendment(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        self.store.amendment(mailbox, number)
    }
    fn envelope(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        count(&self.envelopes);
        self.store.envelope(mailbox, number)
    }
    fn content(&self, mailbox: MailboxId, number: u32) -> Result<Option<Bytes>, StorageError> {
        count(&self.contents);
        self.store.content(mailbox, number)
    }
    fn counts(&self, mailbox: MailboxId) -> Result<Vec<Count>, StorageError> {
        self.store.counts(mailbox)
    }
    fn high_water(&self, mailbox: MailboxId) -> Result<u32, StorageError> {
        self.store.high_water(mailbox)
    }
    fn revision(&self, mailbox: MailboxId) -> Result<u64, StorageError> {
        self.store.revision(mailbox)
    }
    fn value(&self, scope: Scope, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.store.value(scope, key)
    }
    fn values_after(
        &self,
        scope: Scope,
        prefix: &[u8],
        after: &[u8],
        max: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
        self.store.values_after(scope, prefix, after, max)
    }
}

struct World {
    ms: MessageStore<Counting>,
    storage: Arc<Counting>,
    alice: Binding,
}

/// A hundred messages, each tenth urgent, of Carol but the last.
fn hundred() -> World {
    hundred_with(Options::default())
}

fn hundred_with(options: Options) -> World {
    let backend = Arc::new(MemoryBackend::new());
    let store = Store::open(backend, &IndexPlace::Memory, options, Arc::new(Extractor));
    let storage = Arc::new(Counting {
        store: store.expect("a store opens"),
        refuses: AtomicBool::new(false),
        contents: AtomicUsize::new(0),
        envelopes: AtomicUsize::new(0),
        attributes: AtomicUsize::new(0),
    });
    let users = Arc::new(Users::of(&[pdu::ALICE]));
    let ms = MessageStore::new(storage.clone(), users, Settings::default());
    let argument: MSBindArgument =
        restante_ber::Decode::from_ber(&pdu::hex(&pdu::bind(pdu::ALICE, ""))).expect("a bind");
    let who: &ORName = &argument.initiator_name;
    assert_eq!(who.address, user(pdu::ALICE).or_address);
    let bound = ms.bind(&user(pdu::ALICE), Edition::E1988, &argument, Now(START_US));
    let (alice, _) = bound.expect("bound");
    let from = Deliverer {
        mta: "mta1".to_owned(),
        association: [1; 16],
        edition: Edition::E1988,
        user: None,
    };
    for n in 0..100 {
        let mut message = pdu::Message::of_subject(&format!("message {n}"));
        if n % 10 == 0 {
            message = message.with(pdu::hex("470102"));
        }
        if n == 99 {
            message.originator = pdu::DAVE;
        }
        let argument = Bytes::from(message.argument());
        let delivery = Delivery::decode(5, Some(&argument)).expect("a delivery");
        let outcome = ms.deliver(&from, Now(START_US), delivery);
        assert!(matches!(outcome.effects[..], [Effect::Delivered { report: false, .. }]));
        settle(outcome);
    }
    World { ms, storage, alice }
}

impl World {
    /// How many entries a List returns, and how often attributes, envelopes, contents were read.
    fn list(&self, filter: &str, requested: &[&str]) -> [usize; 4] {
        let read = || {
            let storage = &self.storage;
            [&storage.attributes, &storage.envelopes, &storage.contents]
                .map(|counter| counter.load(Ordering::Relaxed))
        };
        let before = read();
        let argument = Bytes::from(pdu::hex(&pdu::list(&selector::filter(filter), requested)));
        let operation = Operation::decode(Edition::E1988, 21, Some(&argument)).expect("a list");
        let outcome = self.ms.execute(&self.alice, Now(START_US), operation);
        let [Effect::Listed { entries, .. }] = outcome.effects[..] else { panic!("not listed") };
        let after = read();
        [entries, after[0] - before[0], after[1] - before[1], after[2] - before[2]]
    }
}

#[test]
fn a_filter_about_columns_reads_only_what_it_returns() {
    let world = hundred();
    let urgent = filter::equal(pdu::PRIORITY, "470102");
    assert_eq!(world.list(&urgent, &[]), [10, 0, 0, 0]);
    assert_eq!(world.list(&urgent, &[pdu::SUBJECT, "5604031b"]), [10, 10, 0, 0]);
    let new = filter::or(&[
        filter::equal(pdu::STATUS, "020100"),
        filter::not(&filter::equal(pdu::STATUS, "020102")),
    ]);
    assert_eq!(world.list(&filter::and(&[new, urgent]), &[]), [10, 0, 0, 0]);
    let subject = filter::equal(pdu::SUBJECT, &filter::t61("message 42"));
    assert_eq!(world.list(&subject, &[]), [1, 0, 0, 0]);
    // Few have the word, they alone are looked into.
    assert_eq!(world.list(&filter::equal("5604031b", pdu::DAVE), &[]), [1, 1, 0, 0]);
    assert_eq!(world.list(&filter::present("56040304"), &[]), [0, 100, 0, 0]);
}

#[test]
fn envelopes_and_headings_are_read_where_they_are_asked_for() {
    let world = hundred();
    let first = filter::equal("56040327", "020101");
    assert_eq!(world.list(&first, &[pdu::ENVELOPE]), [1, 0, 1, 0]);
    assert_eq!(world.list(&first, &["56010700"]), [1, 1, 0, 1]);
    assert_eq!(world.list(&first, &["56040306", "5604030b", "56040308"]), [1, 0, 0, 0]);
}

fn operation(code: i64, argument: &str) -> Operation {
    let argument = Bytes::from(pdu::hex(argument));
    Operation::decode(Edition::E1988, code, Some(&argument)).expect("an operation")
}

fn delivery() -> Delivery {
    let argument = Bytes::from(pdu::Message::of_subject("one more").argument());
    Delivery::decode(5, Some(&argument)).expect("a delivery")
}

#[test]
fn what_is_short_and_waits_for_nothing_is_quick() {
    let World { ms, storage, alice } = hundred();
    let is_quick = |operation: &Operation| ms.is_quick(&alice, operation);
    let fetch = operation(22, &pdu::precise(7, &[]));
    let delete = operation(23, &pdu::delete(&[7, 8]));
    assert!(!is_quick(&fetch), "its mailbox is to be loaded first");
    assert!(!is_quick(&delete));
    assert!(ms.is_quick_delivery(&delivery()), "it needs no columns");
    storage.select(alice.mailbox, &Query::default()).expect("a mailbox");
    assert!(is_quick(&fetch));
    assert!(is_quick(&delete));
    assert!(!is_quick(&operation(21, &pdu::list(&selector::filter(&filter::and(&[])), &[]))));
    assert!(ms.is_quick_bind(&user(pdu::ALICE)));
    assert!(!ms.is_quick_bind(&user(pdu::DAVE)), "whose mailbox is to be made");
}

#[test]
fn nothing_is_quick_while_the_queue_is_full() {
    let World { ms, storage, alice } =
        hundred_with(Options { queue_transactions_max: 0, ..Options::default() });
    storage.select(alice.mailbox, &Query::default()).expect("a mailbox");
    assert!(!ms.is_quick_delivery(&delivery()));
    assert!(!ms.is_quick(&alice, &operation(23, &pdu::delete(&[7]))));
}

#[test]
fn a_registration_that_is_not_kept_was_never_in_force() {
    let World { ms, storage, alice } = hundred();
    let from = Deliverer {
        mta: "mta1".to_owned(),
        association: [1; 16],
        edition: Edition::E1988,
        user: None,
    };
    let register = |argument: &str, kept: bool| {
        storage.refuses.store(!kept, Ordering::Relaxed);
        let reply = settle(ms.execute(&alice, Now(START_US), operation(24, argument)));
        assert_eq!(matches!(reply, Reply::Result { .. }), kept, "{reply:?}");
        storage.refuses.store(false, Ordering::Relaxed);
    };
    let alerts = || {
        let outcome = ms.deliver(&from, Now(START_US), delivery());
        let is_alert = |effect: &&Effect| matches!(effect, Effect::Alert { .. });
        let alerts = outcome.effects.iter().filter(is_alert).count();
        settle(outcome);
        alerts
    };
    let alerting = registrations(&[registration(ALERT, 1, &alert(None, &[]))]);
    register(&alerting, false);
    assert_eq!(alerts(), 0);
    register(&alerting, true);
    assert_eq!(alerts(), 1);
    register(&deregistration(ALERT, 1), false);
    assert_eq!(alerts(), 1);
    register(&deregistration(ALERT, 1), true);
    assert_eq!(alerts(), 0);
}
