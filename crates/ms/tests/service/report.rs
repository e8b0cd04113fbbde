//! Report-delivery: whose it is, what is told of it, what came back.

use crate::common::{World, attribute, error, pdu, settle, user};
use bytes::Bytes;
use pdu::{filter, selector};
use restante_ms::{Deliverer, Delivery, Now, Reply};

const IDENTIFIER: &str = "6417631161041302474262031301201304504545521602 7331";

/// A report about two recipients; in its history the name given.
fn report(originator: Option<&str>, returned: Option<&[u8]>) -> Vec<u8> {
    let delivered = pdu::of(
        0x31,
        &[pdu::retag(pdu::CAROL, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    let failed = pdu::of(0x31, &[pdu::retag(pdu::DAVE, 0xa0), pdu::hex("a108a106800101810100")]);
    let mut members = vec![
        pdu::hex("460116"),
        pdu::of(0x30, &[delivered, failed]),
        pdu::hex(IDENTIFIER),
        pdu::hex("4a0772657020636964"),
    ];
    if let Some(name) = originator {
        let element = pdu::of(0x30, &[pdu::hex(name), pdu::tlv(0x17, b"261124102721Z")]);
        let value = pdu::tlv(0xa2, &pdu::of(0x30, &[element]));
        members.push(pdu::tlv(0xa1, &pdu::of(0x30, &[pdu::hex("80011e"), value])));
    }
    if let Some(content) = returned {
        members.push(pdu::tlv(0x80, content));
    }
    pdu::of(0x31, &members)
}

fn taken(reply: Reply) {
    match reply {
        Reply::Result { operation: 6, value, .. } => assert_eq!(value.to_bytes()[..], [5, 0]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_is_one_entry_of_the_originator_in_its_history() {
    let mut world = World::new();
    let alice = world.bind();
    taken(world.deliver_code(6, &report(Some(pdu::ALICE), None)));
    let types = [
        "56040310",
        "56040328",
        "56040304",
        "56040308",
        "5604031e",
        "56040322",
        "56040307",
        pdu::CONTENT,
        "56040306",
        pdu::PRIORITY,
    ];
    let fetched = world.fetch(&alice, &pdu::precise(1, &types));
    let entry = fetched.entry_information.expect("an entry");
    assert_eq!(attribute(&entry, "56040310"), [[2, 1, 1]]);
    assert_eq!(attribute(&entry, "56040328"), [pdu::hex(IDENTIFIER)]);
    assert_eq!(attribute(&entry, "56040304"), [pdu::tlv(0x4a, b"rep cid")]);
    assert_eq!(attribute(&entry, "56040308"), [pdu::hex("060456010a01")]);
    let fields = attribute(&entry, "5604031e");
    assert_eq!(fields.len(), 2);
    assert_eq!(
        fields[1],
        pdu::of(0x31, &[pdu::retag(pdu::DAVE, 0xa0), pdu::hex("a108a106800101810100"),])
    );
    assert_eq!(attribute(&entry, "56040322"), [report(Some(pdu::ALICE), None)]);
    assert_eq!(attribute(&entry, "56040307"), [[1, 1, 0]]);
    for absent in [pdu::CONTENT, "56040306", pdu::PRIORITY] {
        assert!(attribute(&entry, absent).is_empty(), "{absent}");
    }
    let reports = selector::filter(&filter::equal("56040310", "020101"));
    assert_eq!(world.numbers(&alice, &reports), [1]);
    // What a report says was fetched: it is processed.
    let processed = selector::filter(&filter::equal(pdu::STATUS, "020102"));
    assert_eq!(world.numbers(&alice, &processed), [1]);
    world.invoke(&alice, 23, &pdu::delete(&[1]));
    assert!(world.numbers(&alice, "").is_empty());
}

#[test]
fn what_came_back_is_a_child_with_the_messages_that_are_in_it() {
    let mut world = World::new();
    let alice = world.bind();
    let inner = pdu::of(
        0xa9,
        &[pdu::tlv(0x31, &[]), pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[])],
    );
    let heading = [pdu::this_ipm("s"), pdu::subject("sent")];
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("t"), inner]);
    taken(world.deliver_code(6, &report(Some(pdu::ALICE), Some(&content))));
    assert_eq!(world.numbers(&alice, ""), [1]);
    assert_eq!(world.subjects(&alice, selector::CHILDREN), ["", "sent", "inner"]);
    let types = ["56040310", pdu::CONTENT, pdu::PARENT, pdu::CHILDREN, "56040307", "56040306"];
    let of = |number| {
        world.fetch(&alice, &pdu::precise(number, &types)).entry_information.expect("an entry")
    };
    let (parent, child, message) = (of(1), of(2), of(3));
    assert_eq!(attribute(&parent, "56040307"), [[1, 1, 0xff]]);
    assert_eq!(attribute(&parent, pdu::CHILDREN), [[2, 1, 2]]);
    assert!(attribute(&parent, pdu::CONTENT).is_empty());
    assert_eq!(attribute(&child, "56040310"), [[2, 1, 2]]);
    assert_eq!(attribute(&child, pdu::CONTENT), [pdu::tlv(4, &content)]);
    assert_eq!(attribute(&child, "56040306").len(), 1);
    assert_eq!(attribute(&child, pdu::CHILDREN), [[2, 1, 3]]);
    assert_eq!(attribute(&message, "56040310"), [[2, 1, 0]]);
    assert_eq!(attribute(&message, pdu::PARENT), [[2, 1, 2]]);
    let envelope = world.fetch(&alice, &pdu::precise(1, &["56040322"]));
    let envelope = envelope.entry_information.expect("an entry");
    assert_eq!(attribute(&envelope, "56040322"), [report(Some(pdu::ALICE), None)]);
}

#[test]
fn a_content_of_no_octets_did_not_come_back() {
    let mut world = World::new();
    let alice = world.bind();
    taken(world.deliver_code(6, &report(Some(pdu::ALICE), Some(&[]))));
    assert_eq!(world.numbers(&alice, selector::CHILDREN), [1]);
    let fetched = world.fetch(&alice, &pdu::precise(1, &["56040307"]));
    let entry = fetched.entry_information.expect("an entry");
    assert_eq!(attribute(&entry, "56040307"), [[1, 1, 0]]);
}

#[test]
fn a_report_with_an_unknown_critical_extension_is_refused() {
    let mut world = World::new();
    let mut members = restante_ber::Element::parse(&report(Some(pdu::ALICE), None))
        .expect("a report")
        .contents()
        .to_vec();
    // In the fields of the last recipient: [4] with number 99.
    let fields = pdu::of(
        0x31,
        &[
            pdu::retag(pdu::DAVE, 0xa0),
            pdu::hex("a108a106800101810100"),
            pdu::tlv(0xa4, &pdu::tlv(0x30, &pdu::hex("80016381020520a2020500"))),
        ],
    );
    let plain = pdu::of(0x31, &[pdu::retag(pdu::DAVE, 0xa0), pdu::hex("a108a106800101810100")]);
    let all = pdu::to_hex(&members);
    assert!(all.contains(&pdu::to_hex(&plain)));
    let delivered = pdu::of(
        0x31,
        &[pdu::retag(pdu::CAROL, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    let old = pdu::to_hex(&pdu::of(0x30, &[delivered.clone(), plain]));
    let new = pdu::to_hex(&pdu::of(0x30, &[delivered, fields]));
    members = pdu::hex(&all.replace(&old, &new));
    let reply = world.deliver_code(6, &pdu::tlv(0x31, &members));
    assert_eq!(error(&reply), (13, "0500".to_owned()));
}

#[test]
fn a_report_of_nobody_is_refused() {
    let mut world = World::new();
    for originator in [None, Some(pdu::DAVE)] {
        let reply = world.deliver_code(6, &report(originator, None));
        assert_eq!(error(&reply), (12, "02011e".to_owned()));
    }
}

#[test]
fn on_the_store_s_own_association_a_report_is_its_user_s() {
    let world = World::new();
    let argument = Bytes::from(report(None, None));
    let from = Deliverer { user: Some(user(pdu::BOB)), ..world.deliverer() };
    let delivery = Delivery::decode(6, Some(&argument)).expect("a report");
    taken(settle(world.ms.deliver(&from, Now(world.now), delivery)));
    let bob = pdu::bind(pdu::BOB, "");
    let (bob, _) = world.bind_with(restante_mhs::x419::Edition::E1988, &bob);
    assert_eq!(world.numbers(&bob, ""), [1]);
}
