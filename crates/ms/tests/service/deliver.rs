//! Message-delivery: fidelity, children, users that are not there, a disk that fails.

use std::sync::Arc;

use crate::common::{World, attribute, error, pdu};
use bytes::Bytes;
use restante_mhs::x413::EntryInformation;
use restante_ms::{Binding, Delivery, Effect, Now, Reply};
use restante_storage::MemoryBackend;

fn content_of(world: &World, alice: &Binding, number: u32) -> Vec<u8> {
    let fetched = world.fetch(alice, &pdu::precise(number, &[pdu::CONTENT]));
    let entry = fetched.entry_information.expect("an entry");
    let value = attribute(&entry, pdu::CONTENT).remove(0);
    restante_ber::Element::parse(&value).expect("an OCTET STRING").contents().to_vec()
}

fn entry(world: &World, alice: &Binding, number: u32, types: &[&str]) -> EntryInformation {
    let fetched = world.fetch(alice, &pdu::precise(number, types));
    fetched.entry_information.expect("an entry")
}

#[test]
fn contents_come_back_as_they_came_whatever_they_are() {
    let mut world = World::new();
    let alice = world.bind();
    let random: Vec<u8> =
        (0..5000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let nested = [0x24, 0x80].repeat(50_000);
    let contents: Vec<(&[u8], Vec<u8>)> = vec![
        (&[0x80, 1, 22], pdu::ipm(0xa0, &[pdu::this_ipm("x")], &[pdu::ia5("a")])),
        (&[0x80, 1, 22], random.clone()),
        (&[0x80, 1, 22], vec![0xa0, 0x84, 0xff, 0xff, 0xff, 0xff]),
        (&[0x80, 1, 22], nested),
        (&[0x80, 1, 2], vec![0xa0, 0]),
        (&[0x80, 1, 0], Vec::new()),
        (&[0x80, 1, 0], vec![0xff]),
        (&[0x80, 1, 35], b"UNB+UNOA".to_vec()),
        (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2], random),
        (&[0x80, 1, 1], vec![0; 3 << 20]),
    ];
    for (content_type, content) in &contents {
        world.deliver(&pdu::Message::of_content(content_type, content.clone()).argument());
    }
    for ((_, content), number) in contents.iter().zip(1..) {
        assert!(content_of(&world, &alice, number) == *content, "{number}");
        let length = entry(&world, &alice, number, &["56040306"]);
        let length = attribute(&length, "56040306").remove(0);
        let expected = i64::try_from(content.len()).expect("a length");
        assert_eq!(length, restante_ber::Encode::to_ber(&expected));
    }
    let types = entry(&world, &alice, 9, &["56040308"]);
    assert_eq!(attribute(&types, "56040308"), [pdu::hex("06092a864886f70d010702")]);
}

#[test]
fn indefinite_and_constructed_encodings_lose_nothing() {
    let mut world = World::new();
    let alice = world.bind();
    let message = pdu::Message::of_subject("rich");
    let mut pieces = Vec::new();
    for piece in message.content.chunks(7) {
        pieces.extend(pdu::tlv(4, piece));
    }
    let indefinite = |tag: u8, contents: &[u8]| [&[tag, 0x80], contents, &[0, 0]].concat();
    let mut members = message.envelope().concat();
    members.extend(indefinite(0x24, &pieces));
    world.deliver(&indefinite(0x30, &members));
    assert_eq!(content_of(&world, &alice, 1), message.content);
    assert_eq!(world.subjects(&alice, ""), ["rich"]);
    let envelope = entry(&world, &alice, 1, &[pdu::ENVELOPE]);
    assert_eq!(attribute(&envelope, pdu::ENVELOPE), [pdu::of(0x30, &message.envelope())]);
    // An IPM of indefinite lengths throughout.
    let heading = [pdu::this_ipm("i"), pdu::subject("indefinite")].concat();
    let ipm =
        indefinite(0xa0, &[indefinite(0x31, &heading), indefinite(0x30, &pdu::ia5("t"))].concat());
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], ipm.clone()).argument());
    assert_eq!(content_of(&world, &alice, 2), ipm);
    assert_eq!(world.subjects(&alice, ""), ["rich", "indefinite"]);
}

/// A message body part: parameters and an IPM.
fn forwarded(subject: &str, body: &[Vec<u8>]) -> Vec<u8> {
    let heading = [pdu::this_ipm(subject), pdu::subject(subject)];
    let time = pdu::tlv(0x80, b"261124102730Z");
    pdu::of(0xa9, &[pdu::of(0x31, &[time]), pdu::ipm(0x30, &heading, body)])
}

/// The same as an extended body part.
fn forwarded_extended(subject: &str) -> Vec<u8> {
    let heading = [pdu::this_ipm(subject), pdu::subject(subject)];
    let ipm = pdu::ipm(0x30, &heading, &[pdu::ia5("x")]);
    let data = pdu::of(0x28, &[pdu::hex("060456010407"), pdu::tlv(0xa0, &ipm)]);
    pdu::of(0xaf, &[data])
}

#[test]
fn forwarded_messages_are_children_at_every_depth() {
    let mut world = World::new();
    let alice = world.bind();
    let inner = forwarded("inner", &[pdu::ia5("deep"), forwarded("innermost", &[])]);
    let heading = [pdu::this_ipm("o"), pdu::subject("outer")];
    let body = [pdu::ia5("cover"), inner, forwarded_extended("second")];
    let content = pdu::ipm(0xa0, &heading, &body);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content.clone()).argument());
    world.deliver_subjects(&["plain"]);
    assert_eq!(world.subjects(&alice, ""), ["outer", "plain"]);
    let all = pdu::selector::CHILDREN;
    assert_eq!(world.subjects(&alice, all), ["outer", "inner", "innermost", "second", "plain"]);
    let number = |n: u8| vec![2, 1, n];
    let outer = entry(&world, &alice, 1, &[pdu::CHILDREN, "56010808", pdu::PARENT]);
    assert_eq!(attribute(&outer, pdu::CHILDREN), [number(2), number(4)]);
    assert_eq!(attribute(&outer, "56010808"), [number(2), number(4)]);
    assert!(attribute(&outer, pdu::PARENT).is_empty());
    let types = [pdu::CHILDREN, pdu::PARENT, pdu::THIS_IPM, pdu::BODY, "56040310", "56040314"];
    let inner = entry(&world, &alice, 2, &types);
    assert_eq!(attribute(&inner, pdu::CHILDREN), [number(3)]);
    assert_eq!(attribute(&inner, pdu::PARENT), [number(1)]);
    assert_eq!(attribute(&inner, pdu::THIS_IPM), [pdu::this_ipm("inner")]);
    assert_eq!(attribute(&inner, "56040310"), [number(0)]);
    assert_eq!(attribute(&inner, "56040314"), [pdu::tlv(0x17, b"261124102730Z")]);
    let ipm = pdu::ipm(0xa0, &[pdu::this_ipm("innermost"), pdu::subject("innermost")], &[]);
    assert_eq!(content_of(&world, &alice, 3), ipm);
    assert_eq!(content_of(&world, &alice, 1), content);
    let plain = entry(&world, &alice, 5, &[pdu::CHILDREN]);
    assert!(attribute(&plain, pdu::CHILDREN).is_empty());
    synopsis(&world, &alice);
    let reply = world.invoke(&alice, 23, &pdu::delete(&[2]));
    assert_eq!(error(&reply), (23, "3110a00e310c310aa003020100a103020102".to_owned()));
    world.invoke(&alice, 23, &pdu::delete(&[1]));
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::precise(2, &[]))).0, 28);
    assert_eq!(world.subjects(&alice, all), ["plain"]);
}

/// IA5 text; the message of entry 2 with text and the message of entry 3; the message of 4.
fn synopsis(world: &World, alice: &Binding) {
    use restante_mhs::x420::{BodyPartSynopsis, IPMSynopsis};
    fn shape(synopsis: &IPMSynopsis) -> String {
        let part = |part: &BodyPartSynopsis| match part {
            BodyPartSynopsis::Message(m) => format!("{}({})", m.number.0, shape(&m.synopsis)),
            BodyPartSynopsis::NonMessage(n) => format!("{}/{}", n.r#type, n.size),
        };
        synopsis.0.iter().map(part).collect::<Vec<_>>().join(" ")
    }
    let of = |number| {
        let told = entry(world, alice, number, &["56010601"]);
        let value = attribute(&told, "56010601").remove(0);
        shape(&restante_ber::Decode::from_ber(&value).expect("a synopsis"))
    };
    assert_eq!(of(1), "2.6.1.4.0/11 2(2.6.1.4.0/10 3()) 4(2.6.1.4.0/7)");
    assert_eq!(of(2), "2.6.1.4.0/10 3()");
}

#[test]
fn a_message_to_nobody_here_is_refused_and_the_next_is_taken() {
    let mut world = World::new();
    let mut message = pdu::Message::of_subject("lost");
    message.recipient = pdu::DAVE;
    // security-error, unauthorised-recipient-name
    assert_eq!(error(&world.deliver_code(5, &message.argument())), (12, "02011e".to_owned()));
    world.deliver_subjects(&["found"]);
    assert_eq!(world.subjects(&world.bind(), ""), ["found"]);
}

/// Extensions [9] of other-fields: one, by type and value.
fn extension(kind: &str, criticality: &str) -> Vec<u8> {
    pdu::tlv(0xa9, &pdu::tlv(0x30, &pdu::hex(&format!("{kind}{criticality}a2020500"))))
}

#[test]
fn an_unknown_extension_that_is_critical_for_delivery_is_refused() {
    let mut world = World::new();
    let alice = world.bind();
    let delivered = |world: &mut World, kind: &str, criticality: &str| {
        let message = pdu::Message::of_subject("x").with(extension(kind, criticality));
        world.deliver_code(5, &message.argument())
    };
    // Number 99, and a private one.
    for kind in ["800163", "83022a03"] {
        let reply = delivered(&mut world, kind, "81020520");
        assert_eq!(error(&reply), (13, "0500".to_owned()), "{kind}");
        assert!(world.numbers(&alice, "").is_empty());
    }
    // Critical for submission and transfer, or not; and one that is known.
    for (kind, criticality) in [("800163", "810206c0"), ("800163", ""), ("80010d", "81020520")] {
        let reply = delivered(&mut world, kind, criticality);
        assert!(matches!(reply, Reply::Result { .. }), "{kind} {criticality}: {reply:?}");
    }
    assert_eq!(world.numbers(&alice, "").len(), 3);
}

#[test]
fn a_content_that_is_an_external_says_what_it_is() {
    let mut world = World::new();
    let alice = world.bind();
    let external = pdu::of(0x28, &[pdu::hex("06032a0304"), pdu::tlv(0xa0, &[5, 0])]);
    for content in [external, vec![0x28, 0x80], Vec::new()] {
        world.deliver(&pdu::Message::of_content(&[0x80, 1, 1], content).argument());
    }
    let of = |number| attribute(&entry(&world, &alice, number, &["56040308"]), "56040308");
    assert_eq!(of(1), [pdu::hex("06032a0304")]);
    assert_eq!((of(2), of(3)), (vec![pdu::hex("060456030300")], vec![pdu::hex("060456030300")]));
}

#[test]
fn what_is_no_delivery_is_rejected() {
    let mut world = World::new();
    let whole = pdu::Message::of_subject("a");
    let without_content = pdu::of(0x30, &whole.envelope());
    assert_eq!(world.deliver_code(5, &without_content), crate::common::MISTYPED);
    assert_eq!(world.deliver_code(5, &[0x31, 0]), crate::common::MISTYPED);
    assert_eq!(world.deliver_code(6, &[0x30, 0]), crate::common::MISTYPED);
    assert_eq!(world.deliver_code(7, &[0x30, 0]), crate::common::UNRECOGNIZED);
}

#[test]
fn what_was_acknowledged_is_there_after_a_crash_with_its_status() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let alice = world.bind();
    world.deliver_subjects(&["a", "b"]);
    world.fetch(&alice, &pdu::precise(1, &[pdu::CONTENT]));
    world.invoke(&alice, 23, &pdu::delete(&[2]));
    world.deliver_subjects(&["c"]);
    drop(world);
    let mut world = World::over(&backend);
    let alice = world.bind();
    let list = world.list(&alice, &pdu::list("", &[pdu::SUBJECT, pdu::STATUS]));
    let entries = list.requested.expect("entries");
    let told: Vec<_> =
        entries.iter().map(|e| (e.sequence_number.0, attribute(e, pdu::STATUS)[0][2])).collect();
    assert_eq!(told, [(1, 2), (3, 0)]);
    world.deliver_subjects(&["d"]);
    assert_eq!(world.numbers(&alice, ""), [1, 3, 4]);
}

#[test]
fn a_store_that_failed_makes_the_mta_try_again_and_the_user_wait() {
    let mut world = World::new();
    world.deliver_subjects(&["a"]);
    let alice = world.bind();
    let argument = Bytes::from(pdu::Message::of_subject("b").argument());
    let delivery = Delivery::decode(5, Some(&argument)).expect("a delivery");
    let outcome = world.ms.deliver(&world.deliverer(), Now(world.now), delivery);
    assert!(outcome.commit.is_some());
    let failed = outcome.failed(&restante_storage::StorageError::Closed);
    assert_eq!(error(&failed.reply), (1, "0500".to_owned()));
    assert!(matches!(failed.effects[..], [Effect::Fault { .. }]));
    let argument = Bytes::from(pdu::hex(&pdu::delete(&[1])));
    let operation = restante_ms::Operation::decode(alice.edition, 23, Some(&argument));
    let outcome = world.ms.execute(&alice, Now(world.now), operation.expect("an operation"));
    let failed = outcome.failed(&restante_storage::StorageError::Closed);
    assert_eq!(error(&failed.reply), (27, "3105a003020101".to_owned()));
    let Reply::Error { port, .. } = failed.reply else { panic!("no error") };
    assert_eq!(port, restante_mhs::x419::Port::Retrieval);
}
