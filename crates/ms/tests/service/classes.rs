//! Entry-classes: drafts, stored-message, and the logs.

use std::sync::Arc;

use crate::auto_action;
use crate::common::{World, attribute, damage, error, pdu, settle};
use bytes::Bytes;
use restante_mhs::x413::{DeleteResult, EntryInformation, SummarizeResult};
use restante_ms::{Binding, Effect, Now, Operation, Passed, Reply, Settings};
use restante_storage::MemoryBackend;

const ENTRY_TYPE: &str = "56040310";
const DELETION_TIME: &str = "56040334";
const LENGTH: &str = "56040306";
const GROUPS: &str = "56040339";

/// A world with logs, over a memory.
fn with_logs(backend: &Arc<MemoryBackend>, store_submissions: bool) -> World {
    let settings = Settings { logs: true, store_submissions, ..Settings::default() };
    World::with(backend, settings)
}

/// An argument of another class.
pub(crate) fn of_class(class: u8, argument: &str) -> String {
    let octets = pdu::hex(argument);
    let element = restante_ber::Element::parse(&octets).expect("an argument");
    let contents = pdu::to_hex(element.contents());
    pdu::x(0x31, &format!("a0030201{class:02x}{contents}"))
}

fn list(world: &World, who: &Binding, class: u8, types: &[&str]) -> Vec<EntryInformation> {
    world.list(who, &of_class(class, &pdu::list("", types))).requested.unwrap_or_default()
}

pub(crate) fn numbers(world: &World, who: &Binding, class: u8) -> Vec<u32> {
    list(world, who, class, &[]).iter().map(|entry| entry.sequence_number.0).collect()
}

/// A submission with options, in hexadecimal.
pub(crate) fn submission(subject: &str, options: &str) -> Vec<u8> {
    let recipient = pdu::of(0x31, &[pdu::hex(pdu::CAROL), pdu::hex("80020410")]);
    let fields = [pdu::hex(pdu::ALICE), pdu::hex("460116"), pdu::of(0xa1, &[recipient])];
    let content = pdu::ipm(
        0xa0,
        &[pdu::this_ipm(subject), pdu::subject(subject)],
        &[pdu::ia5("text"), pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner()])],
    );
    let options = if options.is_empty() {
        Vec::new()
    } else {
        pdu::hex(&pdu::x(0xa4, &pdu::x(0x31, options)))
    };
    pdu::of(0x30, &[pdu::of(0x31, &fields), pdu::tlv(0x04, &content), options])
}

fn inner() -> Vec<u8> {
    pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")])
}

/// What a submission is answered when the MTA takes it.
pub(crate) fn submitted(world: &World, who: &Binding, argument: &[u8]) -> Reply {
    let argument = Bytes::copy_from_slice(argument);
    let operation = Operation::decode(who.edition, 3, Some(&argument)).expect("an operation");
    let outcome = world.ms.execute(who, Now(world.now), operation);
    let Some(Effect::Submit(submit)) = outcome.effects.first().cloned() else {
        return settle(outcome);
    };
    let identifier = pdu::hex("6417631161041302474262031301201304504545521602 7331");
    let time = pdu::tlv(0x80, b"261124102733Z");
    let result = Bytes::from(pdu::of(0x31, &[identifier, time]));
    settle(world.ms.complete(&submit.token, Passed::Result(Some(result)), Now(world.now)))
}

#[test]
fn a_draft_is_stored_and_not_submitted() {
    let mut world = World::new();
    world.deliver_subjects(&["delivered"]);
    let (alice, old) = (world.bind_94(), world.bind());
    let reply = submitted(&world, &alice, &submission("draft", "a003020102"));
    let Reply::Result { operation: 3, value, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(pdu::to_hex(&value.to_bytes()), "a4073105a003020102");
    assert_eq!(numbers(&world, &alice, 0), [1]);
    assert_eq!(numbers(&world, &alice, 1), []);
    assert_eq!(numbers(&world, &alice, 3), [1, 2]);
    let types = [ENTRY_TYPE, pdu::SUBJECT, pdu::STATUS, LENGTH, "56040347", "56040313"];
    let drafts = list(&world, &alice, 2, &types);
    let [draft] = &drafts[..] else { panic!("{drafts:?}") };
    assert_eq!(attribute(draft, ENTRY_TYPE), [pdu::hex("020105")]);
    assert_eq!(attribute(draft, pdu::SUBJECT), [pdu::tlv(0x14, b"draft")]);
    assert_eq!(attribute(draft, pdu::STATUS), [pdu::hex("020102")]);
    assert_eq!(attribute(draft, "56040347"), [pdu::hex(pdu::CAROL)]);
    assert!(attribute(draft, "56040313").is_empty(), "no MTA named it");
    let children = of_class(2, &pdu::list(pdu::selector::CHILDREN, &[]));
    assert_eq!(world.list(&alice, &children).requested.map(|all| all.len()), Some(2));
    let fetch = of_class(2, &pdu::precise(2, &[pdu::CONTENT, "5604033b"]));
    let fetched = world.fetch(&alice, &fetch).entry_information.expect("the draft");
    assert_eq!(attribute(&fetched, "5604033b")[0][0], 0x31);
    // A draft is what a forwarding-request may name; in 1988 there is no such class.
    assert_eq!(error(&world.invoke(&old, 21, &of_class(2, "3104a1023100"))).0, 29);
    let deleted = world.invoke(&alice, 23, &of_class(2, &pdu::delete(&[2])));
    assert!(matches!(deleted, Reply::Result { .. }), "{deleted:?}");
    assert_eq!(numbers(&world, &alice, 3), [1]);
}

#[test]
fn a_probe_is_no_draft_and_a_log_no_place_to_submit_to_where_there_is_none() {
    let world = World::new();
    let alice = world.bind_94();
    let refused = |options| error(&submitted(&world, &alice, &submission("x", options)));
    assert_eq!(refused("a003020105"), (34, "310ba003020105a10403020780".to_owned()));
    assert_eq!(refused("a003020100"), (34, "310ba003020100a10403020520".to_owned()));
    let recipient = pdu::of(0x31, &[pdu::hex(pdu::CAROL), pdu::hex("80020410")]);
    let fields = [pdu::hex(pdu::ALICE), pdu::hex("460116"), pdu::of(0xa3, &[recipient])];
    let options = pdu::hex("a407 3105a003020102");
    let probe = pdu::of(0x31, &[fields.concat(), options]);
    assert_eq!(error(&world.invoke_octets(&alice, 4, &probe)).0, 34);
}

#[test]
fn what_is_deleted_stays_in_its_log_under_its_number() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with_logs(&backend, true);
    world.deliver_subjects(&["one", "two"]);
    let alice = world.bind_94();
    assert_eq!(numbers(&world, &alice, 4), [1, 2], "from the start");
    submitted(&world, &alice, &submission("three", ""));
    assert_eq!(numbers(&world, &alice, 5), [3]);
    assert_eq!(numbers(&world, &alice, 6), [1, 2, 3]);
    let stays = (23, "3110a00e310c310aa003020104a103020101".to_owned());
    assert_eq!(error(&world.invoke(&alice, 23, &of_class(4, &pdu::delete(&[1])))), stays);
    let identifier = list(&world, &alice, 4, &["56040313"]);
    let deleted: DeleteResult = world.result(&alice, 23, &pdu::delete(&[1]));
    assert!(matches!(deleted, DeleteResult::DeleteResult94(_)));
    world.result::<DeleteResult>(&alice, 23, &of_class(1, &pdu::delete(&[3])));
    assert_eq!(numbers(&world, &alice, 0), [2]);
    assert_eq!(numbers(&world, &alice, 3), [2]);
    drop(world);
    let mut world = with_logs(&backend, true);
    let alice = world.bind_94();
    assert_eq!(numbers(&world, &alice, 6), [1, 2, 3]);
    let types = [pdu::SUBJECT, pdu::CONTENT, LENGTH, DELETION_TIME, "56040313", pdu::CHILDREN];
    let logged = list(&world, &alice, 4, &types[..1]);
    assert_eq!(attribute(&logged[0], pdu::SUBJECT), [pdu::tlv(0x14, b"one")]);
    let fetch = of_class(4, &pdu::precise(1, &types));
    let entry = world.fetch(&alice, &fetch).entry_information.expect("it");
    assert_eq!(attribute(&entry, DELETION_TIME).len(), 1);
    assert_eq!(attribute(&entry, LENGTH).len(), 1);
    assert_eq!(attribute(&entry, "56040313"), attribute(&identifier[0], "56040313"));
    assert!(attribute(&entry, pdu::CONTENT).is_empty());
    // What is stored has neither content nor children when it is looked at in the log.
    let fetch = of_class(4, &pdu::precise(2, &types));
    let entry = world.fetch(&alice, &fetch).entry_information.expect("it");
    assert!(attribute(&entry, pdu::CONTENT).is_empty());
    assert!(attribute(&entry, DELETION_TIME).is_empty());
    let with_content = pdu::selector::filter(&pdu::filter::present(pdu::CONTENT));
    let found = world.list(&alice, &of_class(4, &pdu::list(&with_content, &[])));
    assert_eq!(found.requested, None);
    let one = pdu::filter::equal(pdu::SUBJECT, &pdu::filter::t61("ONE"));
    let found = of_class(6, &pdu::list(&pdu::selector::filter(&one), &[]));
    assert_eq!(world.list(&alice, &found).requested.map(|all| all.len()), Some(1));
    let all: SummarizeResult = world.summarize(&alice, &of_class(6, "3104a1023100"));
    assert_eq!(all.count, 3);
    world.result::<DeleteResult>(&alice, 23, &of_class(4, &pdu::delete(&[1])));
    assert_eq!(numbers(&world, &alice, 6), [2, 3]);
    world.deliver_subjects(&["next"]);
    assert_eq!(numbers(&world, &alice, 4).last(), Some(&5), "numbers are never given twice");
}

#[test]
fn a_submission_that_is_not_stored_is_logged_with_what_its_heading_says() {
    let world = with_logs(&Arc::new(MemoryBackend::new()), false);
    let alice = world.bind_94();
    let reply = submitted(&world, &alice, &submission("sent", ""));
    let Reply::Result { value, .. } = reply else { panic!("{reply:?}") };
    assert!(pdu::to_hex(&value.to_bytes()).ends_with("a4073105a003020101"));
    assert_eq!(numbers(&world, &alice, 1), []);
    let types = [pdu::SUBJECT, ENTRY_TYPE, LENGTH, GROUPS];
    let logged = list(&world, &alice, 5, &types);
    let [entry] = &logged[..] else { panic!("{logged:?}") };
    assert_eq!(attribute(entry, pdu::SUBJECT), [pdu::tlv(0x14, b"sent")]);
    assert_eq!(attribute(entry, ENTRY_TYPE), [pdu::hex("020103")]);
    assert_eq!(attribute(entry, LENGTH).len(), 1);
    assert!(numbers(&world, &world.bind_94(), 7).is_empty(), "no auto-action did anything");
}

#[test]
fn what_the_mta_refuses_is_in_the_log_with_its_error() {
    let world = with_logs(&Arc::new(MemoryBackend::new()), true);
    let alice = world.bind_94();
    let argument = crate::submit::message(pdu::ALICE, b"anything", "");
    let refused = |code, parameter: &str| {
        let submit = crate::submit::to_submit(crate::submit::begin(&world, &alice, 3, &argument));
        let parameter = Some(Bytes::from(pdu::hex(parameter)));
        let passed = Passed::Error { code, parameter };
        error(&settle(world.ms.complete(&submit.token, passed, Now(world.now)))).0
    };
    let names = pdu::x(0x30, pdu::CAROL);
    assert_eq!((refused(2, "0500"), refused(3, &names)), (2, 3));
    assert!(numbers(&world, &alice, 1).is_empty());
    let errors: Vec<_> = list(&world, &alice, 5, &["5604033d", LENGTH])
        .iter()
        .map(|entry| [attribute(entry, "5604033d"), attribute(entry, LENGTH)].concat())
        .collect();
    let of = |error: Vec<u8>| vec![error, pdu::hex("020108")];
    assert_eq!(errors, [of(pdu::hex("a2020500")), of(pdu::hex(&pdu::x(0xa3, &names)))]);
    // What was not asked of the MTA, and without logs, is none.
    let stranger = crate::submit::message(pdu::BOB, b"anything", "");
    let outcome = crate::submit::begin(&world, &alice, 3, &stranger);
    assert_eq!(error(&settle(outcome)).0, 2);
    assert_eq!(numbers(&world, &alice, 5), [1, 2]);
}

#[test]
fn a_message_that_its_user_deletes_before_it_is_forwarded_stays_in_the_log() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with_logs(&backend, false);
    let alice = world.bind();
    let parameter = auto_action::forward_with(pdu::ALICE, pdu::CAROL, ["", "a2030101ff", ""]);
    let one = auto_action::registration(auto_action::FORWARD, 1, &parameter);
    auto_action::register(&world, &alice, &auto_action::registrations(&[one]));
    world.deliver_subjects(&["goes on"]);
    world.invoke(&alice, 23, &pdu::delete(&[1]));
    let late = world.bind_94();
    assert_eq!(numbers(&world, &late, 4), [1]);
    let errand = auto_action::errand(&world, &alice).expect("it is to be forwarded");
    settle(auto_action::passed(&world, &errand, auto_action::taken()));
    assert_eq!(numbers(&world, &late, 4), [1], "the log forgets");
    // What goes because it was forwarded is left there as well.
    world.deliver_subjects(&["goes, too"]);
    let errand = auto_action::errand(&world, &alice).expect("it is to be forwarded");
    settle(auto_action::passed(&world, &errand, auto_action::taken()));
    assert_eq!(numbers(&world, &late, 4).len(), 2);
    assert!(numbers(&world, &late, 0).is_empty());
}

#[test]
fn what_is_logged_can_be_deleted_on_a_full_volume() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with_logs(&backend, false);
    world.deliver_subjects(&["one", "other"]);
    let alice = world.bind_94();
    backend.set_free_bytes(0);
    let deleted = world.invoke(&alice, 23, &pdu::delete(&[1]));
    assert!(matches!(deleted, Reply::Result { .. }), "it can't be deleted: {deleted:?}");
    assert_eq!(numbers(&world, &alice, 0), [2]);
    assert_eq!(numbers(&world, &alice, 4), [1, 2]);
}

#[test]
fn what_is_damaged_is_deleted_where_messages_are_logged() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with_logs(&backend, false);
    world.deliver_subjects(&["to be damaged", "good"]);
    let alice = world.bind_94();
    damage(&backend, "to be damaged");
    let fetched = world.invoke(&alice, 22, &pdu::precise(1, &["56040301"]));
    assert_eq!(error(&fetched).0, 27, "it is not damaged: {fetched:?}");
    let deleted = world.invoke(&alice, 23, &pdu::delete(&[1, 2]));
    assert!(matches!(deleted, Reply::Result { .. }), "it can't be deleted: {deleted:?}");
    assert!(numbers(&world, &alice, 0).is_empty());
    assert!(numbers(&world, &alice, 4).contains(&2));
}
