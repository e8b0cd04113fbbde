//! The auto-actions of 1994 and their log: what is done to entries, what is told to originators,
//! and that each run is told of once.

use std::sync::Arc;

use super::*;
use crate::common::store;
use crate::modify;
use restante_mhs::x420::NonReceiptFields;
use restante_storage::{Change, MemoryBackend, Scope, Storage as _, Transaction};

const MODIFY: &str = "56040404";
const DELETE: &str = "56040403";
const ACKNOWLEDGE: &str = "56010f00";
const DISCARD: &str = "56010f02";
const ADVISE: &str = "56010f03";
const SECOND_US: i64 = 1_000_000;

/// The entries of the auto-action-log: type, subject-entry, and error where there is one.
pub(super) fn log(world: &World, binding: &Binding) -> Vec<(String, String, String)> {
    let types = ["56040331", "56040330", "5604032e"];
    let octets = pdu::hex(&pdu::list("", &types));
    let contents = pdu::to_hex(&octets[octets.len() - usize::from(octets[1])..]);
    let listed = world.list(binding, &pdu::x(0x31, &format!("a003020107{contents}")));
    let entries = listed.requested.unwrap_or_default();
    let value = |entry: &_, oid| attribute(entry, oid).pop().map(|v| pdu::to_hex(&v));
    entries
        .iter()
        .map(|entry| {
            let told = types.map(|oid| value(entry, oid).unwrap_or_default());
            (told[0][4..].to_owned(), told[1][4..].to_owned(), told[2].clone())
        })
        .collect()
}

/// A message whose heading asks Alice for these notifications, with more fields of the heading.
fn asking(requests: &str, more: &[Vec<u8>], local: &str) -> pdu::Message {
    let recipient = pdu::x(0x31, &format!("{}{requests}", pdu::x(0xa0, pdu::ALICE)));
    let recipients = pdu::hex(&pdu::x(0xa2, &recipient));
    let mut heading = vec![pdu::this_ipm(local), recipients];
    heading.extend(more.iter().cloned());
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
    let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
    message.identifier = local.to_owned();
    message
}

fn do_all_due(world: &World) {
    while world.do_due().is_some_and(|next| next <= world.now) {}
}

fn non_receipt(errand: &NextErrand) -> NonReceiptFields {
    match notification(&submitted(errand).content).choice {
        restante_mhs::x420::NotificationFields::NonReceiptFields(fields) => fields,
        other => panic!("{other:?}"),
    }
}

#[test]
fn runs_and_their_errors_are_logged() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let later = world.bind_94();
    let one = registration(FORWARD, 1, &forward(pdu::ALICE, pdu::DAVE));
    register(&world, &later, &registrations(&[one]));
    delivered(&mut world, &pdu::Message::of_subject("taken"));
    assert!(log(&world, &later).is_empty(), "it has not run yet");
    let outcome = passed(&world, &errand(&world, &later).expect("an errand"), taken());
    let told = |entry, failed| (FORWARD.to_owned(), entry, failed);
    assert_eq!(acted(&outcome.effects), [told(ActedOn::Number(1), false)]);
    settle(outcome);
    let run =
        |subject: &str, error: &str| (FORWARD.to_owned(), subject.to_owned(), error.to_owned());
    assert_eq!(log(&world, &later), [run("01", "")]);
    let mut message = pdu::Message::of_subject("refused");
    message.identifier = "L2".to_owned();
    let (number, _) = delivered(&mut world, &message);
    let refused = Passed::Error { code: 3, parameter: Some(Bytes::from_static(&[0x30, 0])) };
    let outcome = passed(&world, &errand(&world, &later).expect("an errand"), refused);
    assert_eq!(acted(&outcome.effects), [told(ActedOn::Number(number), true)]);
    settle(outcome);
    let subject = format!("{number:02x}");
    let error = "3109a003020103a1023000";
    assert_eq!(log(&world, &later)[1], run(&subject, error));
    // What Alice forwarded comes back to her.
    let mut back = asking("", &[pdu::hex("8e01ff")], "L3");
    back.content = {
        let this = pdu::of(0x6b, &[pdu::hex(pdu::ALICE), pdu::tlv(0x13, b"x")]);
        pdu::ipm(0xa0, &[this, pdu::hex("8e01ff")], &[pdu::ia5("text")])
    };
    let (number, effects) = delivered(&mut world, &back);
    assert_eq!(acted(&effects), [told(ActedOn::Place(0), true)]);
    assert_eq!(errand(&world, &later), None);
    let looped = run(&format!("{number:02x}"), "3108a006060456011001");
    assert_eq!(log(&world, &later)[2], looped);
    drop(world);
    let world = World::over(&backend);
    assert_eq!(log(&world, &world.bind_94()).len(), 3);
}

#[test]
fn what_comes_is_modified_and_deleted_when_its_time_is_over() {
    let mut world = World::new();
    let later = world.bind_94();
    // add-attribute: storage-period of 100 seconds
    let period = pdu::x(0x30, &format!("{}{}", pdu::x(0x06, "56040349"), "3003020164"));
    let modification = pdu::x(0x31, &pdu::x(0xa1, &period));
    let urgent = pdu::x(0xa1, &pdu::filter::equal(pdu::PRIORITY, "470102"));
    let modifications = pdu::x(0xa2, &pdu::x(0x30, &modification));
    let modify = pdu::x(0x31, &format!("{urgent}{modifications}"));
    let delete = pdu::x(0x30, &format!("{}a003020101", pdu::x(0x06, DELETE)));
    let all = [registration(MODIFY, 1, &modify), delete];
    register(&world, &later, &registrations(&all));
    world.deliver_subjects(&["stays"]);
    let mut message = pdu::Message::of_subject("goes").with(pdu::hex("470102"));
    message.identifier = "L2".to_owned();
    let (number, _) = delivered(&mut world, &message);
    let told = world.fetch(&later, &pdu::precise(number, &["56040349"]));
    let told = told.entry_information.expect("the entry");
    assert_eq!(attribute(&told, "56040349"), [pdu::hex("020164")]);
    assert_eq!(log(&world, &later)[0].0, MODIFY);
    do_all_due(&world);
    assert_eq!(world.numbers(&later, ""), [1, number]);
    // At its time, which is sooner than the next look through all.
    let created = crate::common::START_US + SECOND_US;
    assert_eq!(world.do_due(), Some(created + 100 * SECOND_US));
    world.now = created + 100 * SECOND_US;
    do_all_due(&world);
    assert_eq!(world.numbers(&later, ""), [1]);
    let last = log(&world, &later).pop().expect("it is told of");
    assert_eq!((last.0.as_str(), last.1), (DELETE, format!("{number:02x}")));
}

#[test]
fn what_is_over_goes_on_a_full_volume_for_good() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let later = world.bind_94();
    world.deliver_subjects(&["goes"]);
    let period = [modify::add_attribute("56040349", &["020101".to_owned()])];
    let period = period.map(|one| pdu::x(0x31, &one));
    world.invoke(&later, 26, &modify::modify(&modify::specific(&[1]), &period));
    let delete = pdu::x(0x30, &format!("{}a003020101", pdu::x(0x06, DELETE)));
    register(&world, &later, &registrations(&[delete]));
    // What tells of it in the log is taken in with it, though nothing else is.
    backend.set_free_bytes(0);
    world.now += 2 * SECOND_US;
    do_all_due(&world);
    drop(world);
    let world = World::over(&Arc::new(backend.crash(|_| 0)));
    let later = world.bind_94();
    assert_eq!(world.numbers(&later, ""), []);
    assert_eq!(log(&world, &later).len(), 1);
}

#[test]
fn a_receipt_goes_when_the_message_is_fetched_and_only_once() {
    let mut world = World::new();
    let later = world.bind_94();
    let parameter = pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x13, "726561 64")));
    register(&world, &later, &registrations(&[registration(ACKNOWLEDGE, 1, &parameter)]));
    delivered(&mut world, &asking("81020780", &[], "wants one"));
    let (_, effects) = delivered(&mut world, &asking("", &[], "wants none"));
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Errand { .. })));
    world.list(&later, &pdu::list("", &[pdu::SUBJECT]));
    assert_eq!(errand(&world, &later), None, "a list is no receipt");
    for number in [1, 2, 1] {
        world.fetch(&later, &pdu::precise(number, &[pdu::CONTENT]));
    }
    let receipt = errand(&world, &later).expect("a receipt");
    let made = notification(&submitted(&receipt).content);
    assert_eq!(made.subject_ipm.user_relative_identifier.as_str(), "wants one");
    let restante_mhs::x420::NotificationFields::ReceiptFields(fields) = &made.choice else {
        panic!("{made:?}");
    };
    assert_eq!(fields.acknowledgment_mode.0, 1);
    assert_eq!(fields.suppl_receipt_info.as_ref().map(|text| text.as_str()), Some("read"));
    settle(passed(&world, &receipt, taken()));
    assert_eq!(errand(&world, &later), None);
    assert_eq!(log(&world, &later).len(), 1);
}

#[test]
fn what_is_to_be_stored_for_less_goes_at_its_new_time() {
    let mut world = World::new();
    let later = world.bind_94();
    let delete = pdu::x(0x30, &format!("{}a003020101", pdu::x(0x06, DELETE)));
    register(&world, &later, &registrations(&[delete]));
    world.deliver_subjects(&["one", "other"]);
    do_all_due(&world);
    let created = crate::common::START_US;
    // storage-period, first of an hour, then of 50 seconds, and a storage-time of 80 seconds.
    let modify = |number: u8, value: &str, oid: &str| {
        let attribute = pdu::x(0x30, &format!("{}{}", pdu::x(0x06, oid), pdu::x(0x30, value)));
        let modification = pdu::x(0x31, &pdu::x(0xa1, &attribute));
        let entries = pdu::x(0xa2, &pdu::x(0x30, &format!("0201{number:02x}")));
        let argument =
            pdu::x(0x31, &format!("{entries}{}", pdu::x(0xa3, &pdu::x(0x30, &modification))));
        let reply = world.invoke(&later, 26, &argument);
        assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
    };
    modify(1, "02020e10", "56040349");
    let grid = world.do_due().expect("it is looked through now and then");
    assert!(grid > created + 100 * SECOND_US, "{grid}");
    modify(1, "020132", "56040349");
    assert_eq!(world.do_due(), Some(created + 50 * SECOND_US));
    let time = restante_ber::UtcTime(created / SECOND_US + 80);
    modify(2, &pdu::to_hex(&restante_ber::Encode::to_ber(&time)), "5604034a");
    world.now = created + 50 * SECOND_US;
    do_all_due(&world);
    assert_eq!(world.numbers(&later, ""), [2]);
    world.now = created + 80 * SECOND_US;
    do_all_due(&world);
    assert!(world.numbers(&later, "").is_empty());
    assert_eq!(world.do_due(), Some(grid), "and there is one look to come, not several");
}

#[test]
fn of_two_that_fetch_a_message_at_once_one_sends_the_receipt() {
    let mut world = World::new();
    let later = world.bind_94();
    let parameter = pdu::x(0x31, "");
    register(&world, &later, &registrations(&[registration(ACKNOWLEDGE, 1, &parameter)]));
    for round in 0..20 {
        let (number, _) = delivered(&mut world, &asking("81020780", &[], &format!("L{round}")));
        let fetch = Bytes::from(pdu::hex(&pdu::precise(number, &[pdu::CONTENT])));
        let outcomes = [(); 2].map(|()| {
            let operation = restante_ms::Operation::decode(Edition::E1994, 22, Some(&fetch));
            world.ms.execute(&later, Now(world.now), operation.expect("a fetch"))
        });
        let effects = outcomes.iter().flat_map(|outcome| &outcome.effects);
        let sent = effects.filter(|effect| matches!(effect, Effect::Errand { .. })).count();
        outcomes.into_iter().for_each(|outcome| drop(settle(outcome)));
        assert_eq!(sent, 1);
        let receipt = errand(&world, &later).expect("a receipt");
        settle(passed(&world, &receipt, taken()));
        assert_eq!(errand(&world, &later), None);
    }
}

#[test]
fn what_is_obsoleted_or_expired_is_thrown_away() {
    let mut world = World::new();
    let later = world.bind_94();
    // All, expired and obsoleted, by the originator alone.
    let parameter = pdu::x(0x31, "a2030101ff a3030101ff a4030101ff");
    register(&world, &later, &registrations(&[registration(DISCARD, 1, &parameter)]));
    let obsoletes = |local: &str| pdu::of(0xa6, &[pdu::this_ipm(local)]);
    delivered(&mut world, &asking("81020640", &[], "old"));
    let mut other = asking("", &[obsoletes("old")], "of somebody else");
    other.originator = pdu::DAVE;
    delivered(&mut world, &other);
    assert_eq!(world.numbers(&later, "").len(), 2);
    assert!(log(&world, &later)[0].2.contains("56011000"), "auto-discard-error");
    delivered(&mut world, &asking("", &[obsoletes("old")], "new"));
    let subjects = world.numbers(&later, "");
    assert_eq!(subjects.len(), 2, "the old one is gone: {subjects:?}");
    let told = errand(&world, &later).expect("a notification");
    let fields = non_receipt(&told);
    assert_eq!((fields.non_receipt_reason.0, fields.discard_reason.map(|r| r.0)), (0, Some(1)));
    settle(passed(&world, &told, taken()));
    // expiry-time
    let expiry = pdu::tlv(0x89, b"261130063700Z");
    let (number, effects) = delivered(&mut world, &asking("81020640", &[expiry], "expires"));
    let at = effects.iter().find_map(|effect| match effect {
        Effect::Due { at } => Some(*at),
        _ => None,
    });
    let at = at.expect("it is due");
    world.now = world.now.max(at.0) + SECOND_US;
    do_all_due(&world);
    assert!(!world.numbers(&later, "").contains(&number));
    let told = errand(&world, &later).expect("a notification");
    assert_eq!(non_receipt(&told).discard_reason.map(|reason| reason.0), Some(0));
}

#[test]
fn who_understands_advice_gets_it_once() {
    let mut world = World::new();
    let later = world.bind_94();
    let advice = pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0x30, "06032b0601 0500")));
    let one = registration(ADVISE, 1, &pdu::x(0x31, &advice));
    register(&world, &later, &registrations(std::slice::from_ref(&one)));
    delivered(&mut world, &asking("", &[], "does not"));
    assert_eq!(errand(&world, &later), None);
    // an-supported, bit 3
    delivered(&mut world, &asking("81020410", &[], "does"));
    let told = errand(&world, &later).expect("advice");
    let made = notification(&submitted(&told).content);
    assert!(matches!(
        made.choice,
        restante_mhs::x420::NotificationFields::OtherNotificationTypeFields(ref fields)
            if fields.0.len() == 1
    ));
    settle(passed(&world, &told, taken()));
    delivered(&mut world, &asking("81020410", &[], "again"));
    assert_eq!(errand(&world, &later), None, "once");
    // Registered again, it goes to everybody again.
    register(&world, &later, &registrations(&[one]));
    delivered(&mut world, &asking("81020410", &[], "anew"));
    assert!(errand(&world, &later).is_some());
}

#[test]
fn who_was_advised_is_known_up_to_a_limit_and_while_that_is_registered() {
    let backend = Arc::new(MemoryBackend::new());
    let world = World::over(&backend);
    let later = world.bind_94();
    let advice = pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0x30, "06032b0601 0500")));
    let one = registration(ADVISE, 1, &pdu::x(0x31, &advice));
    register(&world, &later, &registrations(&[one]));
    drop(world);
    let scope = Scope::Mailbox(later.mailbox);
    let prefix = b"advised/\0\0\0\x01";
    let key = |n: u32| Bytes::from([&prefix[..], format!("!{n:04}").as_bytes()].concat());
    let put = |n| Change::PutValue { scope, key: key(n), value: Bytes::new() };
    let changes = (0..4096).map(put).collect();
    store(&backend).commit(Transaction { changes }).wait().expect("it is stored");
    let mut world = World::over(&backend);
    delivered(&mut world, &asking("81020410", &[], "new"));
    assert!(errand(&world, &later).is_some());
    drop(world);
    let known = store(&backend).values(scope, prefix).expect("it can be read");
    assert_eq!(known.len(), 4096);
    assert_eq!(known[0].0, key(1), "one is forgotten");
    let world = World::over(&backend);
    register(&world, &later, &deregistration(ADVISE, 1));
    drop(world);
    assert_eq!(store(&backend).values(scope, prefix).expect("it can be read"), []);
}

#[test]
fn who_does_not_understand_advice_gets_a_message_where_that_is_wanted() {
    let mut world = World::new();
    let later = world.bind_94();
    let ia5 = pdu::to_hex(&pdu::ia5("away"));
    let absence = pdu::x(0x30, &format!("{ia5}{}", pdu::x(0x17, "3236313230313038 30303030 5a")));
    let address = pdu::x(0x30, &pdu::x(0xa0, pdu::DAVE));
    let one = |arc: &str, value: &str| pdu::x(0x30, &format!("{}{value}", pdu::x(0x06, arc)));
    let all = format!("{}{}", one("56011300", &absence), one("56011301", &address));
    let advice = pdu::x(0xa2, &pdu::x(0x31, &all));
    // use-ipm-if-an-not-supported, and not once only
    let parameter = pdu::x(0x31, &format!("{advice}a3030101 00 a4030101ff"));
    register(&world, &later, &registrations(&[registration(ADVISE, 1, &parameter)]));
    delivered(&mut world, &asking("", &[], "does not"));
    let told = errand(&world, &later).expect("a message");
    let MessageSubmissionArgument { envelope, content } = submitted(&told);
    let recipient = &envelope.per_recipient_fields[0].recipient_name;
    assert_eq!(restante_ber::Encode::to_ber(recipient), pdu::hex(pdu::CAROL));
    let made = message(&content);
    let replied = made.heading.replied_to_ipm.as_ref().expect("what it is about");
    assert_eq!(replied.user_relative_identifier.as_str(), "does not");
    let texts: Vec<_> = made.body.0.iter().filter_map(|part| part.text()).collect();
    assert_eq!(texts[..2], ["away", "Back: 2026-12-01 08:00 UTC"]);
    assert!(texts[2].starts_with("New address: ") && texts[2].contains("Brown"), "{texts:?}");
    settle(passed(&world, &told, taken()));
    // What comes of a machine is not answered: the message that was sent is one.
    let mut back = pdu::Message::of_content(&[0x80, 1, 22], content.to_bytes().to_vec());
    back.identifier = "back".to_owned();
    delivered(&mut world, &back);
    assert_eq!(errand(&world, &later), None);
    // suppress-an, bit 4
    delivered(&mut world, &asking("81020308", &[], "wants none"));
    assert_eq!(errand(&world, &later), None);
}

#[test]
fn what_was_there_already_is_thrown_away_at_its_time() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let later = world.bind_94();
    let expiry = |time: &[u8]| pdu::tlv(0x89, time);
    let over = expiry(b"261130063600Z");
    let (gone, _) =
        delivered(&mut world, &asking("81020640", std::slice::from_ref(&over), "over"));
    let (other, _) = delivered(&mut world, &asking("", &[over], "not meant").urgent());
    let (waits, _) = delivered(&mut world, &asking("", &[expiry(b"261231000000Z")], "waits"));
    let (stays, _) = delivered(&mut world, &asking("", &[], "stays"));
    let urgent = pdu::filter::not(&pdu::filter::equal(pdu::PRIORITY, "470102"));
    let parameter = format!("{}a2030101ffa303010100a403010100", pdu::x(0xa0, &urgent));
    let one = registration(DISCARD, 1, &pdu::x(0x31, &parameter));
    world.now = world.now.max(1_796_020_560 * SECOND_US) + SECOND_US;
    register(&world, &later, &registrations(&[one]));
    assert_eq!(world.numbers(&later, "").len(), 4, "it is looked through in its turn");
    drop(world);
    let mut world = World::over(&backend);
    let later = world.bind_94();
    world.now = 1_796_020_562 * SECOND_US;
    let next = world.do_due().expect("the other one waits");
    assert_eq!(world.numbers(&later, ""), [other, waits, stays]);
    assert_eq!(log(&world, &later), [(DISCARD.to_owned(), format!("{gone:02x}"), String::new())]);
    let told = errand(&world, &later).expect("a notification");
    assert_eq!(non_receipt(&told).discard_reason.map(|reason| reason.0), Some(0));
    world.now = next;
    world.do_due();
    assert_eq!(world.numbers(&later, ""), [other, stays]);
}
