//! Fetch: by number and by search, the forms of values, restrictions, status.

use crate::common::{World, attribute, error, pdu};
use pdu::{filter, selector};
use restante_mhs::x419::Edition;

fn status(world: &World, alice: &restante_ms::Binding) -> Vec<u8> {
    let list = world.list(alice, &pdu::list("", &[pdu::STATUS]));
    let entries = list.requested.unwrap_or_default();
    entries.iter().map(|entry| attribute(entry, pdu::STATUS)[0][2]).collect()
}

#[test]
fn every_value_has_the_form_of_its_syntax() {
    let mut world = World::new();
    let alice = world.bind();
    let message = pdu::Message::of_subject("forms")
        .with(pdu::hex("470102"))
        .with(pdu::of(0xa3, &[pdu::hex(pdu::DAVE), pdu::hex(pdu::BOB)]))
        .with(pdu::retag(pdu::DAVE, 0xa5))
        .with(pdu::tlv(0x88, b"my id"));
    world.deliver(&message.argument());
    let identifier = message.envelope()[0].clone();
    let envelope = pdu::of(0x30, &message.envelope());
    let content = pdu::tlv(0x04, &message.content);
    let length = message.content.len();
    let expected: &[(&str, &[Vec<u8>])] = &[
        (pdu::CONTENT, &[content]),
        ("56040304", &[pdu::tlv(0x4a, b"my id")]),
        ("56040306", &[pdu::hex(&format!("0201{length:02x}"))]),
        ("56040308", &[pdu::hex("06045601 0a01")]),
        ("5604030f", &[pdu::hex("020100")]),
        ("56040310", &[pdu::hex("020100")]),
        ("56040311", &[pdu::hex(pdu::DAVE)]),
        (pdu::ENVELOPE, &[envelope]),
        ("56040313", &[identifier]),
        ("56040314", &[pdu::tlv(0x17, b"261124102730Z")]),
        ("56040317", &[pdu::tlv(0x17, b"261124102725Z")]),
        ("5604031b", &[pdu::hex(pdu::CAROL)]),
        ("5604031c", &[pdu::hex(pdu::DAVE), pdu::hex(pdu::BOB)]),
        (pdu::PRIORITY, &[pdu::hex("470102")]),
        ("56040327", &[pdu::hex("020101")]),
        ("56040329", &[pdu::hex(pdu::ALICE)]),
    ];
    let types: Vec<_> = expected.iter().map(|(oid, _)| *oid).collect();
    let fetched = world.fetch(&alice, &pdu::precise(1, &types));
    let entry = fetched.entry_information.expect("an entry");
    for (oid, values) in expected {
        assert_eq!(attribute(&entry, oid), *values, "{oid}");
    }
}

#[test]
fn heading_fields_are_told_as_they_came() {
    let mut world = World::new();
    let alice = world.bind();
    let descriptor = |name: &str, tag| pdu::of(tag, &[pdu::hex(name)]);
    let specifier =
        |name: &str, more: &str| pdu::of(0x31, &[descriptor(name, 0xa0), pdu::hex(more)]);
    let to = [specifier(pdu::ALICE, "8102 06c0 8201ff"), specifier(pdu::DAVE, "")];
    let heading = [
        pdu::this_ipm("id 1"),
        descriptor(pdu::CAROL, 0xa0),
        pdu::of(0xa2, &to),
        pdu::of(0xa3, &[specifier(pdu::BOB, "")]),
        pdu::retag("6b05 1303 6f6c64", 0xa5),
        pdu::subject("attributes"),
        pdu::hex("8c0102"),
        pdu::hex("8d0102"),
    ];
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("a"), pdu::ia5("b")]);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content).argument());
    let carol = descriptor(pdu::CAROL, 0x31);
    let asked = [descriptor(pdu::ALICE, 0x31)];
    let expected: &[(&str, &[Vec<u8>])] = &[
        ("56010700", &[pdu::of(0x31, &heading)]),
        (pdu::THIS_IPM, &[pdu::this_ipm("id 1")]),
        ("56010702", &[carol]),
        ("56010703", &[pdu::hex("6b051303 6f6c64")]),
        ("56010707", &[pdu::hex("0a0102")]),
        ("56010708", &[pdu::hex("0a0102")]),
        ("56010709", &[pdu::hex("010100")]),
        ("5601070b", &to),
        ("5601070c", &[specifier(pdu::BOB, "")]),
        ("56010713", &asked),
        ("56010714", &asked),
        ("56010715", &asked),
        (pdu::BODY, &[pdu::of(0x30, &[pdu::ia5("a"), pdu::ia5("b")])]),
        ("56010600", &[pdu::hex("0a0100")]),
        (
            "56010801",
            &[
                pdu::of(0x30, &[pdu::tlv(0x31, &[]), pdu::tlv(0x16, b"a")]),
                pdu::of(0x30, &[pdu::tlv(0x31, &[]), pdu::tlv(0x16, b"b")]),
            ],
        ),
        ("56010814", &[pdu::tlv(0x16, b"a"), pdu::tlv(0x16, b"b")]),
    ];
    let types: Vec<_> = expected.iter().map(|(oid, _)| *oid).collect();
    let fetched = world.fetch(&alice, &pdu::precise(1, &types));
    let entry = fetched.entry_information.expect("an entry");
    for (oid, values) in expected {
        assert_eq!(attribute(&entry, oid), *values, "{oid}");
    }
}

#[test]
fn a_search_returns_the_first_and_numbers_the_others() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a", "b", "a", "a", "a"]);
    let subject = selector::filter(&filter::equal(pdu::SUBJECT, &filter::t61("a")));
    let search = |members: &str| {
        let found = world.fetch(&alice, &pdu::search(members, &[pdu::SUBJECT]));
        (
            found.entry_information.map(|entry| entry.sequence_number.0),
            found.list.unwrap_or_default().iter().map(|n| n.0).collect::<Vec<_>>(),
            found.next.map(|next| next.0),
        )
    };
    assert_eq!(search(&subject), (Some(1), vec![3, 4, 5], None));
    let limit = format!("{subject}{}", selector::limit(2));
    assert_eq!(search(&limit), (Some(1), vec![3], Some(4)));
    let next = format!("{}{limit}", selector::range(Some(4), None));
    assert_eq!(search(&next), (Some(4), vec![5], None));
    let none = selector::filter(&filter::equal(pdu::SUBJECT, &filter::t61("c")));
    assert_eq!(search(&none), (None, vec![], None));
}

#[test]
fn a_search_of_nothing_has_an_empty_result() {
    let world = World::new();
    let alice = world.bind();
    let restante_ms::Reply::Result { value, .. } = world.invoke(&alice, 22, "3104a1023100") else {
        panic!("no result");
    };
    assert_eq!(pdu::to_hex(&value.to_bytes()), "3100");
}

#[test]
fn the_content_makes_an_entry_processed_and_less_makes_it_listed() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a", "b", "c", "d"]);
    world.fetch(&alice, &pdu::precise(1, &[pdu::CONTENT, pdu::ENVELOPE]));
    world.fetch(&alice, &pdu::precise(2, &[pdu::BODY]));
    world.fetch(&alice, &pdu::precise(3, &[pdu::SUBJECT]));
    let of = |code: &str| {
        let equal = filter::equal(pdu::STATUS, &format!("0201{code}"));
        let argument = pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &selector::filter(&equal))));
        world.summarize(&alice, &argument).count
    };
    assert_eq!([of("00"), of("01"), of("02")], [1, 1, 2]);
    assert_eq!(status(&world, &alice), [2, 2, 1, 0]);
    assert_eq!(status(&world, &world.bind()), [2, 2, 1, 1]);
}

#[test]
fn a_number_that_no_entry_has_is_echoed() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"]);
    for (number, octets) in [(999_999, "02030f423f"), (0x7fff_ffff, "02047fffffff"), (0, "020100")]
    {
        let reply = world.invoke(&alice, 22, &pdu::precise(number, &[pdu::SUBJECT]));
        let item = pdu::x(0x31, &format!("a003020100{}", pdu::x(0xa1, octets)));
        let parameter = pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &item)));
        assert_eq!(error(&reply), (28, parameter));
    }
}

#[test]
fn restrictions_hold_for_fetch_unless_a_search_overrides_them() {
    let mut world = World::new();
    world.deliver_subjects(&["ipm"]);
    let edi = pdu::Message::of_content(&[0x80, 1, 35], b"UNB+UNOA".to_vec());
    world.deliver(&edi.argument());
    let restriction = "a40c310aa008310606045601 0a01";
    let (alice, _) = world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, restriction));
    assert_eq!(world.numbers(&alice, ""), [1, 2]);
    world.fetch(&alice, &pdu::precise(1, &[pdu::CONTENT]));
    let reply = world.invoke(&alice, 22, &pdu::precise(2, &[pdu::CONTENT]));
    // content-type-problem, about id-cont-unidentified.
    let parameter = "3113a011310f310da303020101a006060456030300";
    assert_eq!(error(&reply), (24, parameter.to_owned()));
    let range = selector::range(Some(2), Some(2));
    let overriding = format!("{range}a40403020780");
    let found = world.fetch(&alice, &pdu::search(&overriding, &[pdu::CONTENT]));
    let entry = found.entry_information.expect("an entry");
    assert_eq!(attribute(&entry, pdu::CONTENT), [pdu::tlv(0x04, b"UNB+UNOA")]);
    let reply = world.invoke(&alice, 22, &pdu::search(&range, &[pdu::CONTENT]));
    assert_eq!(error(&reply).0, 24);
}

#[test]
fn an_attribute_may_be_too_long_and_an_information_type_unwanted() {
    let mut world = World::new();
    // original-encoded-information-types: ia5-text.
    let message = pdu::Message::of_subject("a").with(pdu::hex("a104 80020520"));
    world.deliver(&message.argument());
    let long = pdu::bind(pdu::ALICE, "a4073105a203020114");
    let (alice, _) = world.bind_with(Edition::E1988, &long);
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::precise(1, &[pdu::CONTENT]))).0, 24);
    world.fetch(&alice, &pdu::precise(1, &[pdu::SUBJECT]));
    let voice = pdu::bind(pdu::ALICE, "a40c310aa108310606045603 0407");
    let (alice, _) = world.bind_with(Edition::E1988, &voice);
    let (code, parameter) = error(&world.invoke(&alice, 22, &pdu::precise(1, &[pdu::CONTENT])));
    assert_eq!(code, 24);
    assert!(parameter.contains("a108310606045603 0402".replace(' ', "").as_str()), "{parameter}");
}
