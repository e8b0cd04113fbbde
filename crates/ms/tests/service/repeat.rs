//! Deliveries that come again: one entry where the answer was lost with the association, one each
//! where the MTA asks for it.

use std::sync::Arc;

use crate::common::{World, pdu, settle};
use bytes::Bytes;
use restante_ms::{Deliverer, Delivery, Effect, Now, Outcome, Quota, Reply, Settings};
use restante_storage::MemoryBackend;

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

fn begin(world: &World, code: i64, argument: &[u8]) -> Outcome {
    let delivery = Delivery::decode(code, Some(&Bytes::copy_from_slice(argument)));
    world.ms.deliver(&world.deliverer(), Now(world.now), delivery.expect("a delivery"))
}

/// Extensions of an envelope: number and value, the value of any type.
fn extensions(fields: &[(u8, &[u8])]) -> Vec<u8> {
    let one = |(number, value): &(u8, &[u8])| {
        pdu::of(0x30, &[pdu::tlv(0x80, &[*number]), pdu::tlv(0xa2, value)])
    };
    pdu::of(0xa9, &fields.iter().map(one).collect::<Vec<_>>())
}

#[test]
fn on_another_association_it_is_one_entry_also_after_a_start() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let message = pdu::Message::of_subject("once");
    world.deliver(&message.argument());
    world.association = [2; 16];
    let outcome = begin(&world, 5, &message.argument());
    assert!(outcome.commit.is_none());
    assert!(matches!(&outcome.effects[..], [Effect::Repeated { mta, .. }] if mta == "mta1"));
    drop(outcome);
    // Time and content are no part of what tells messages apart.
    let mut again = pdu::Message::of_subject("twice").with(pdu::hex("470102"));
    again.content.push(0);
    world.deliver(&again.argument());
    assert_eq!(world.numbers(&world.bind(), ""), [1]);
    drop(world);
    let mut world = World::over(&backend);
    world.association = [3; 16];
    let alice = world.bind();
    world.deliver(&message.argument());
    assert_eq!(world.numbers(&alice, ""), [1]);
    // It was read and deleted before the MTA came again.
    world.invoke(&alice, 23, &pdu::delete(&[1]));
    world.deliver(&message.argument());
    assert!(world.numbers(&alice, "").is_empty());
    // After a day it is another one.
    world.now = crate::common::START_US + DAY_US - 1;
    world.deliver(&message.argument());
    assert!(world.numbers(&alice, "").is_empty());
    world.now = crate::common::START_US + DAY_US;
    world.deliver(&message.argument());
    assert_eq!(world.numbers(&alice, ""), [2]);
}

#[test]
fn what_is_stored_is_acknowledged_again_though_nothing_more_may_come() {
    let quota = Quota { entries: Some(1), octets: None };
    let settings = Settings { quota, ..Settings::default() };
    let mut world = World::with(&Arc::new(MemoryBackend::new()), settings);
    let mut message = pdu::Message::of_subject("answered into the void");
    world.deliver(&message.argument());
    // The mailbox is full by now, which no MTA is to hear of what it has delivered.
    world.association = [2; 16];
    let again = begin(&world, 5, &message.argument());
    assert!(matches!(again.effects[..], [Effect::Repeated { .. }]));
    assert!(matches!(again.reply, Reply::Result { .. }));
    message.identifier = "another".to_owned();
    let another = begin(&world, 5, &message.argument());
    assert!(matches!(another.effects[..], [Effect::DeliveryRefused { .. }]));
}

#[test]
fn on_one_association_each_is_an_entry() {
    let mut world = World::new();
    let message = pdu::Message::of_subject("as often as asked");
    (0..3).for_each(|_| world.deliver(&message.argument()));
    let alice = world.bind();
    assert_eq!(world.numbers(&alice, ""), [1, 2, 3]);
    world.association = [2; 16];
    (0..3).for_each(|_| world.deliver(&message.argument()));
    assert_eq!(world.numbers(&alice, ""), [1, 2, 3]);
}

#[test]
fn another_identifier_recipient_or_history_is_another_message() {
    let mut world = World::new();
    let (alice, message) = (world.bind(), pdu::Message::of_subject);
    let mut identified = message("a");
    identified.identifier = "L9".to_owned();
    let mut to_bob = message("a");
    to_bob.recipient = pdu::BOB;
    let histories = [
        extensions(&[(26, &pdu::of(0x30, &[pdu::hex(pdu::CAROL)]))]),
        extensions(&[(26, &pdu::of(0x30, &[pdu::hex(pdu::DAVE)]))]),
        extensions(&[(25, &pdu::of(0x30, &[pdu::hex(pdu::DAVE)]))]),
    ];
    let mut all = vec![message("a"), identified, to_bob];
    all.extend(histories.map(|history| message("a").with(history)));
    for association in 1..=3 {
        // An extension that is no history changes nothing.
        let other = extensions(&[(13, &pdu::of(0x30, &[vec![2, 1, association]]))]);
        let last = message("a").with(other);
        world.association = [association; 16];
        for delivery in all.iter().chain([&last]) {
            world.deliver(&delivery.argument());
        }
        // The first association delivered the last one twice.
        let histories = world.numbers(&alice, "");
        assert_eq!(histories, [1, 2, 3, 4, 5, 6], "{association}");
    }
    let bob = world.bind_with(alice.edition, &pdu::bind(pdu::BOB, "")).0;
    assert_eq!(world.numbers(&bob, ""), [1]);
}

#[test]
fn of_copies_under_way_at_once_one_is_stored_and_the_others_wait_for_it() {
    let world = World::new();
    let alice = world.bind();
    let message = pdu::Message::of_subject("raced").argument();
    let outcomes: Vec<_> = (0..8u8)
        .map(|association| {
            let from = Deliverer { association: [association; 16], ..world.deliverer() };
            let argument = Bytes::copy_from_slice(&message);
            let delivery = Delivery::decode(5, Some(&argument)).expect("a delivery");
            world.ms.deliver(&from, Now(world.now), delivery)
        })
        .collect();
    let mut stored = 0;
    // The last is asked first: whatever is acknowledged can be seen.
    for outcome in outcomes.into_iter().rev() {
        stored += usize::from(matches!(outcome.effects[..], [Effect::Delivered { .. }]));
        let reply = settle(outcome);
        assert_eq!(world.numbers(&world.bind(), ""), [1]);
        assert!(matches!(reply, Reply::Result { operation: 5, .. }));
    }
    assert_eq!((stored, world.numbers(&alice, "")), (1, vec![1]));
}

#[test]
fn a_report_that_comes_again_is_one_entry() {
    let mut world = World::new();
    let alice = world.bind();
    let report = |recipient: &str, reason: &str| {
        let failed = pdu::of(0x31, &[pdu::retag(recipient, 0xa0), pdu::hex(reason)]);
        let element = pdu::of(0x30, &[pdu::hex(pdu::ALICE), pdu::tlv(0x17, b"261124102721Z")]);
        let history = pdu::tlv(0xa2, &pdu::of(0x30, &[element]));
        let field = pdu::of(0x30, &[pdu::hex("80011e"), history]);
        let identifier = "64176311610413024742620313012013045045455216027331";
        pdu::of(0x31, &[pdu::hex(identifier), pdu::of(0x30, &[failed]), pdu::of(0xa1, &[field])])
    };
    const UNABLE: &str = "a108a106800101810100";
    const IMPOSSIBLE: &str = "a108a106800101810101";
    let reports = [(pdu::CAROL, UNABLE), (pdu::DAVE, UNABLE), (pdu::CAROL, IMPOSSIBLE)]
        .map(|(who, why)| report(who, why));
    for association in 1..=2 {
        world.association = [association; 16];
        for report in &reports {
            let reply = world.deliver_code(6, report);
            assert!(matches!(reply, Reply::Result { operation: 6, .. }), "{reply:?}");
        }
    }
    assert_eq!(world.numbers(&alice, ""), [1, 2, 3]);
}
