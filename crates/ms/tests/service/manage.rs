//! What those who run the store do to mailboxes: status, moves, quotas, refused operations.

use std::sync::Arc;

use restante_mhs::{x413::EntryClass, x419::Edition};
use restante_ms::{Now, Operation, Quota, Reply, Settings, Usage, refused};
use restante_storage::{MailboxId, MemoryBackend};

use crate::common::{World, attribute, error, pdu, settle};
use pdu::{filter, selector};

fn quota(entries: Option<u32>, octets: Option<u64>) -> Quota {
    Quota { entries, octets }
}

fn statuses(world: &World, who: &restante_ms::Binding) -> Vec<u8> {
    let list = world.list(who, &pdu::list(selector::CHILDREN, &[pdu::STATUS]));
    let entries = list.requested.unwrap_or_default();
    entries.iter().map(|entry| attribute(entry, pdu::STATUS)[0][2]).collect()
}

/// A message in which another is forwarded.
fn with_a_forwarded_message() -> Vec<u8> {
    let inner = [pdu::this_ipm("inner"), pdu::subject("inner")];
    let inner = pdu::ipm(0x30, &inner, &[pdu::ia5("within")]);
    let part = pdu::of(0xa9, &[pdu::of(0x31, &[]), inner]);
    let outer = [pdu::this_ipm("outer"), pdu::subject("outer")];
    let content = pdu::ipm(0xa0, &outer, &[part]);
    pdu::Message::of_content(&pdu::hex("800116"), content).argument()
}

#[test]
fn a_status_is_set_back_with_the_children_and_outlives_a_crash() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let alice = world.bind();
    world.deliver(&with_a_forwarded_message());
    world.deliver_subjects(&["b"]);
    world.fetch(&alice, &pdu::precise(1, &[pdu::BODY]));
    world.ms.set_status(alice.mailbox, &[1, 2, 99], 2).unwrap().wait().unwrap();
    assert_eq!(statuses(&world, &alice), [2, 2, 0]);
    world.ms.set_status(alice.mailbox, &[1], 0).unwrap().wait().unwrap();
    let processed = filter::equal(pdu::STATUS, "020102");
    assert!(world.numbers(&alice, &selector::filter(&processed)).is_empty());
    drop(world);
    let world = World::over(&backend);
    let alice = world.bind();
    assert_eq!(statuses(&world, &alice), [0, 0, 1]);
}

#[test]
fn an_entry_moves_with_its_children_and_is_new_there() {
    let mut world = World::new();
    let alice = world.bind();
    let bob = world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, "")).0;
    world.deliver(&with_a_forwarded_message());
    world.deliver_subjects(&["stays"]);
    let types = [pdu::CONTENT, pdu::ENVELOPE, pdu::CHILDREN, pdu::SUBJECT];
    let before = world.fetch(&alice, &pdu::precise(1, &types)).entry_information.unwrap();
    let go = |number| {
        let moved = world.ms.move_entry((alice.mailbox, number), bob.mailbox, Now(world.now));
        moved.unwrap().map(|ticket| ticket.wait().unwrap())
    };
    let moved = go(1).unwrap();
    assert_eq!((moved.stored[0].mailbox, moved.stored[0].number), (bob.mailbox, 1));
    assert_eq!((moved.stored[0].children, moved.deleted), (1, 2));
    assert!(go(1).is_none() && go(2).is_none(), "it is gone, and a child can't go alone");
    assert_eq!(statuses(&world, &bob), [0, 0]);
    let after = world.fetch(&bob, &pdu::precise(1, &types)).entry_information.unwrap();
    assert_eq!(after, before, "octet for octet, under the same numbers by chance");
    let child = world.fetch(&bob, &pdu::precise(2, &[pdu::SUBJECT])).entry_information.unwrap();
    assert_eq!(attribute(&child, pdu::SUBJECT).len(), 1);
    assert_eq!(world.subjects(&alice, ""), ["stays"]);
}

#[test]
fn what_goes_stays_in_the_logs_where_there_are_some() {
    let settings = Settings { logs: true, ..Settings::default() };
    let mut world = World::with(&Arc::new(MemoryBackend::new()), settings);
    let alice = world.bind();
    let bob = world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, "")).0;
    world.deliver(&with_a_forwarded_message());
    world.deliver_subjects(&["removed", "stays"]);
    let now = Now(world.now);
    let moved = world.ms.move_entry((alice.mailbox, 1), bob.mailbox, now).unwrap().unwrap();
    assert_eq!(moved.wait().unwrap().stored[0].mailbox, bob.mailbox);
    world.ms.remove(alice.mailbox, 3_u32.into(), now).unwrap().wait().unwrap();
    let classes = |mailbox: MailboxId| {
        let (found, places) = world.ms.find(mailbox, Default::default(), None).unwrap();
        let rows = places.into_iter().map(|place| found.get(place).unwrap());
        rows.map(|row| (row.number, row.class)).collect::<Vec<_>>()
    };
    let log = u8::try_from(EntryClass::DELIVERY_LOG.0).unwrap();
    assert_eq!(classes(alice.mailbox), [(1, log), (3, log), (4, 0)]);
    assert_eq!(classes(bob.mailbox), [(1, 0), (2, 0)]);
}

#[test]
fn a_mailbox_s_own_quota_holds_deliveries_off_and_is_kept() {
    let backend = Arc::new(MemoryBackend::new());
    let settings = Settings { quota: quota(Some(1), None), ..Settings::default() };
    let mut world = World::with(&backend, settings.clone());
    let alice = world.bind();
    let bob = world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, "")).0;
    let take = |world: &mut World, subject: &str| {
        let mut message = pdu::Message::of_subject(subject);
        message.identifier = format!("L{}", world.now);
        matches!(world.deliver_code(5, &message.argument()), Reply::Result { .. })
    };
    assert!(take(&mut world, "a") && !take(&mut world, "b"));
    let held = |world: &World| world.ms.holds().of(Some(&alice.user)).messages;
    assert!(held(&world));
    let own = Some(quota(None, Some(1)));
    world.ms.set_quota(alice.mailbox, own).unwrap();
    assert!(held(&world) && !take(&mut world, "b"), "its octets are more");
    world.ms.set_quota(alice.mailbox, Some(quota(Some(2), Some(1 << 20)))).unwrap();
    assert!(!held(&world), "there is room at once");
    assert!(take(&mut world, "b") && !take(&mut world, "c"));
    let usage: Usage = world.ms.usage(alice.mailbox).unwrap();
    assert!(usage.entries == 2 && usage.octets > 2, "{usage:?}");
    drop(world);
    let world = World::with(&backend, settings.clone());
    world.ms.read_quotas().unwrap();
    let of = |mailbox: MailboxId| world.ms.quota(mailbox).entries;
    assert_eq!((of(alice.mailbox), of(bob.mailbox)), (Some(2), Some(1)));
    world.ms.set_quota(alice.mailbox, None).unwrap();
    assert_eq!((world.ms.own_quota(alice.mailbox), of(alice.mailbox)), (None, Some(1)));
}

#[test]
fn what_is_not_allowed_is_answered_in_the_words_of_its_port() {
    let code = |code: i64, argument: &str| {
        let argument = bytes::Bytes::from(pdu::hex(argument));
        let operation = Operation::decode(Edition::E1988, code, Some(&argument)).unwrap();
        error(&settle(refused(Edition::E1988, &operation)))
    };
    assert_eq!(code(21, "3104a1023100"), (27, "3105a003020102".to_owned()));
    let identifier = "6417631161041302474262031301201304504545521602 7331";
    assert_eq!(code(7, identifier), (8, "0500".to_owned()));
}
