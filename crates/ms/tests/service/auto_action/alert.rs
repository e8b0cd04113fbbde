//! Auto-alert, and what can and can't be registered.

use std::sync::Arc;

use super::*;
use restante_mhs::x413::{AutoActionErrorIndication, SequenceNumber};
use restante_storage::MemoryBackend;

#[test]
fn an_alert_has_what_was_registered_and_outlives_a_restart() {
    let backend = Arc::new(MemoryBackend::new());
    let world = World::over(&backend);
    let alice = world.bind();
    let urgent = pdu::filter::equal(pdu::PRIORITY, "470102");
    let all = [
        registration(ALERT, 7, &alert(None, &[pdu::SUBJECT, "56040327"])),
        registration(ALERT, 2, &alert(Some(&urgent), &[])),
    ];
    register(&world, &alice, &registrations(&all));
    drop(world);
    let mut world = World::over(&backend);
    let alice = world.bind();
    let told = alerted(&mut world, &pdu::Message::of_subject("one"));
    let [one] = &told[..] else { panic!("{told:?}") };
    assert_eq!(one.alert_registration_identifier, 7);
    let entry = one.new_entry.as_ref().expect("an entry");
    assert_eq!(entry.sequence_number.0, 1);
    assert_eq!(attribute(entry, pdu::SUBJECT), [pdu::tlv(0x14, b"one")]);
    assert_eq!(attribute(entry, "56040327"), [pdu::hex("020101")]);
    let mut message = pdu::Message::of_subject("two").with(pdu::hex("470102"));
    message.identifier = "L2".to_owned();
    let told = alerted(&mut world, &message);
    let numbers: Vec<u32> = told.iter().map(|one| one.alert_registration_identifier).collect();
    assert_eq!(numbers, [2, 7]);
    assert_eq!(told[0].new_entry.as_ref().and_then(|entry| entry.attributes.as_ref()), None);
    register(&world, &alice, &deregistration(ALERT, 7));
    message.identifier = "L3".to_owned();
    assert_eq!(alerted(&mut world, &message).len(), 1, "the other is still there");
    // A registration takes the place of the one of its number.
    let low = pdu::filter::equal(pdu::PRIORITY, "470101");
    register(&world, &alice, &registrations(&[registration(ALERT, 2, &alert(Some(&low), &[]))]));
    message.identifier = "L4".to_owned();
    assert!(alerted(&mut world, &message).is_empty());
}

#[test]
fn children_are_told_by_their_numbers() {
    let mut world = World::new();
    let alice = world.bind();
    let wanted = [pdu::CHILDREN, "56010808", "56010601"];
    register(&world, &alice, &registrations(&[registration(ALERT, 1, &alert(None, &wanted))]));
    world.deliver_subjects(&["before"]);
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")]);
    let part = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let content = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &[part]);
    let message = pdu::Message::of_content(&[0x80, 1, 22], content);
    let told = alerted(&mut world, &message).remove(0).new_entry.expect("an entry");
    let listed = world.list(&alice, &pdu::list("", &wanted)).requested.expect("entries").remove(1);
    assert_eq!(told, listed);
    assert_eq!(attribute(&told, pdu::CHILDREN), [pdu::hex("020103")]);
}

#[test]
fn an_alert_that_nobody_took_is_indicated_once() {
    let backend = Arc::new(MemoryBackend::new());
    let world = World::over(&backend);
    let bind = |world: &World| world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, ""));
    let (alice, result) = bind(&world);
    assert!(!result.alert_indication);
    register(&world, &alice, &registrations(&[registration(ALERT, 1, &alert(None, &[]))]));
    world.ms.alert_missed(&user(pdu::ALICE).key);
    world.ms.alert_missed(&user(pdu::ALICE).key);
    drop(world);
    let world = World::over(&backend);
    assert!(bind(&world).1.alert_indication);
    assert!(!bind(&world).1.alert_indication);
    drop(world);
    assert!(!bind(&World::over(&backend)).1.alert_indication);
}

#[test]
fn an_alert_that_a_crash_interrupts_is_indicated_and_one_that_was_answered_is_not() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let bind = |world: &World| world.bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, "")).1;
    let alice = world.bind();
    register(&world, &alice, &registrations(&[registration(ALERT, 1, &alert(None, &[]))]));
    // What is done behind something is durable behind it.
    let behind = |world: &World| register(world, &alice, &deregistration(ALERT, 9));
    for answered in [true, false] {
        let mut message = pdu::Message::of_subject("one");
        message.identifier = format!("L{answered}");
        let (number, effects) = delivered(&mut world, &message);
        let alert = alerts_of(&effects)[0].clone();
        assert_eq!(world.ms.alerts(&alert, number).len(), 1);
        let flight = alert.flight();
        drop((alert, effects));
        world.ms.alert_answered(&user(pdu::ALICE).key);
        assert!(!bind(&world).alert_indication, "it is on its way, not missed");
        behind(&world);
        if answered {
            drop(flight);
            world.ms.alert_answered(&user(pdu::ALICE).key);
            behind(&world);
        }
        drop(world);
        world = World::over(&backend);
        assert_eq!(bind(&world).alert_indication, !answered);
        assert!(!bind(&world).alert_indication);
    }
}

#[test]
fn destinations_that_are_not_reached_are_in_the_log() {
    let mut world = World::new();
    let later = world.bind_94();
    // An EXTERNAL of 1.3.6.1, with a qualifier; one registration is for it only where nobody is
    // bound, one always.
    let destination = pdu::x(0x30, &format!("{}{}", "2807 06032b0601 8100", "0401ff"));
    let destinations = pdu::x(0xa1, &pdu::x(0x30, &destination));
    let suppressed = registration(ALERT, 1, &pdu::x(0x31, &destinations));
    let always = registration(ALERT, 2, &pdu::x(0x31, &format!("{destinations}a3030101 00")));
    register(&world, &later, &registrations(&[suppressed, always]));
    let (number, effects) = delivered(&mut world, &pdu::Message::of_subject("one"));
    let log = |world: &World| later::log(world, &later);
    assert_eq!(log(&world).len(), 1, "the other is told by an association, perhaps");
    let alert = alerts_of(&effects)[0];
    let told = world.ms.alert_unreached(alert, number, Now(world.now));
    let [Effect::Acted(acted)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(acted.entry, ActedOn::Number(number));
    assert!(acted.run.registration_identifier == 1 && acted.run.error.is_some(), "{acted:?}");
    // Nobody waits for that; what is committed behind it is durable behind it.
    register(&world, &later, &deregistration(ALERT, 9));
    let runs = log(&world);
    assert_eq!(runs.len(), 2);
    for (action, subject, error) in runs {
        assert_eq!((&*action, subject), (ALERT, format!("{number:02x}")));
        assert!(error.contains("56040700") && error.contains("06032b0601"), "{error}");
    }
    // The first of them is told by the next bind of 1994, once.
    let bind = |edition| world.bind_with(edition, &pdu::bind(pdu::ALICE, "")).1;
    let of_1988 = bind(Edition::E1988);
    assert!(of_1988.alert_indication && of_1988.auto_action_error_indication.is_none());
    let result = bind(Edition::E1994);
    let first = Some(AutoActionErrorIndication::AutoActionLogEntry(SequenceNumber(number + 1)));
    assert_eq!(result.auto_action_error_indication, first);
    assert_eq!(bind(Edition::E1994).auto_action_error_indication, None);
}

#[test]
fn what_can_t_be_registered_is_refused_and_registers_nothing() {
    let mut world = World::new();
    let (alice, later) = (world.bind(), world.bind_94());
    let good = registration(ALERT, 1, &alert(None, &[]));
    let of = |bad: String| registrations(&[good.clone(), bad]);
    let unknown = registration("2b0601", 1, "3100");
    let parameter = "3112a010310e310ca003020100a10506032b0601";
    assert_eq!(error(&world.invoke(&alice, 24, &of(unknown))), (22, parameter.to_owned()));
    let no_attribute = alert(None, &["2b0601"]);
    let no_filter = alert(Some(&pdu::filter::present("2b0601")), &[]);
    for parameter in [no_attribute, no_filter] {
        let bad = registration(ALERT, 2, &parameter);
        assert_eq!(error(&world.invoke(&alice, 24, &of(bad))).0, 21, "{parameter}");
    }
    let to_nobody = forward_with(pdu::ALICE, "", ["", "", ""]);
    for parameter in ["0400".to_owned(), to_nobody, forward(pdu::BOB, pdu::DAVE)] {
        let bad = registration(FORWARD, 2, &parameter);
        assert_eq!(error(&world.invoke(&alice, 24, &of(bad.clone()))).0, 29, "{parameter}");
        let improper = "310fa0030a0101a1083106a00403020780";
        assert_eq!(error(&world.invoke(&later, 24, &of(bad))), (32, improper.to_owned()));
    }
    let mut many: Vec<_> = (0..128).map(|n| registration(ALERT, n, &alert(None, &[]))).collect();
    many.push(registration(FORWARD, 1, &forward(pdu::ALICE, pdu::DAVE)));
    let limit = "310fa0030a0102a1083106a00403020780";
    assert_eq!(error(&world.invoke(&later, 24, &registrations(&many))), (32, limit.to_owned()));
    assert_eq!(error(&world.invoke(&alice, 24, &registrations(&many))).0, 27);
    // A mebibyte of cover note.
    let note = pdu::of(0xa1, &[pdu::hex("3100"), pdu::tlv(0x16, &vec![b'A'; 1 << 20])]);
    let information = pdu::of(0xa3, &[pdu::tlv(0x04, &pdu::of(0x31, &[note]))]);
    let to = pdu::x(0xa1, &pdu::x(0x31, &format!("{}80020410", pdu::DAVE)));
    let arguments = pdu::x(0xa1, &pdu::x(0x31, &format!("{}{to}", pdu::ALICE)));
    let parameter = pdu::of(0xa1, &[pdu::of(0x31, &[pdu::hex(&arguments), information])]);
    let one = pdu::of(0x30, &[pdu::hex(&pdu::x(0x06, FORWARD)), parameter]);
    let long = pdu::of(0x31, &[pdu::of(0xa0, &[pdu::of(0x31, &[one])])]);
    assert_eq!(error(&world.invoke_octets(&later, 24, &long)), (32, limit.to_owned()));
    assert!(alerted(&mut world, &pdu::Message::of_subject("s")).is_empty());
}
