//! Summarize: counts, spans, values.

use crate::common::{World, octets, pdu};
use pdu::{filter, selector};
use restante_mhs::x413::Summary;

fn argument(members: &str, attributes: &[&str]) -> String {
    let requests: String = attributes.iter().map(|oid| pdu::x(0x06, oid)).collect();
    let requests = match attributes {
        [] => String::new(),
        _ => pdu::x(0xa2, &pdu::x(0x30, &requests)),
    };
    pdu::x(0x31, &format!("{}{requests}", pdu::x(0xa1, &pdu::x(0x31, members))))
}

fn values(summary: &Summary) -> Vec<(Vec<u8>, u32)> {
    let mut values: Vec<_> = summary
        .present
        .iter()
        .flat_map(|set| &set.0)
        .map(|value| (octets(&value.value), value.count))
        .collect();
    values.sort();
    values
}

#[test]
fn an_empty_mailbox_is_counted_with_nothing_else() {
    let world = World::new();
    let alice = world.bind();
    let restante_ms::Reply::Result { value, .. } = world.invoke(&alice, 20, "3104a1023100") else {
        panic!("no result");
    };
    assert_eq!(pdu::to_hex(&value.to_bytes()), "3105a103020100");
}

#[test]
fn values_are_counted_and_nothing_changes() {
    let mut world = World::new();
    let alice = world.bind();
    for priority in ["", "470102", "470101", "470100"] {
        let message = pdu::Message::of_subject("a").with(pdu::hex(priority));
        world.deliver(&message.argument());
    }
    let both = argument("", &[pdu::STATUS, pdu::PRIORITY]);
    for _ in 0..2 {
        let result = world.summarize(&alice, &both);
        assert_eq!((result.count, result.next), (4, None));
        let span = result.span.expect("a span");
        assert_eq!((span.lowest.0, span.highest.0), (1, 4));
        let summaries = result.summaries.expect("two");
        assert_eq!(values(&summaries[0]), [(pdu::hex("020100"), 4)]);
        assert_eq!(
            values(&summaries[1]),
            [(pdu::hex("470100"), 2), (pdu::hex("470101"), 1), (pdu::hex("470102"), 1)]
        );
    }
    world.numbers(&alice, "");
    world.fetch(&alice, &pdu::precise(2, &[pdu::CONTENT]));
    let status = world.summarize(&alice, &argument("", &[pdu::STATUS])).summaries.expect("one");
    assert_eq!(values(&status[0]), [(pdu::hex("020101"), 3), (pdu::hex("020102"), 1)]);
}

#[test]
fn range_filter_and_limit_select_what_is_counted() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a", "b", "a", "a"]);
    let count = |members: &str| {
        let result = world.summarize(&alice, &argument(members, &[]));
        assert_eq!(result.summaries, None);
        (result.count, result.next.map(|next| next.0))
    };
    assert_eq!(count(&selector::range(Some(2), Some(3))), (2, None));
    let subject = selector::filter(&filter::equal(pdu::SUBJECT, &filter::t61("a")));
    assert_eq!(count(&subject), (3, None));
    assert_eq!(count(&selector::limit(3)), (3, Some(4)));
    assert_eq!(count(&format!("{subject}{}", selector::limit(2))), (2, Some(4)));
}

#[test]
fn values_that_match_are_one_and_absence_is_counted() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["Alpha  one", "alpha ONE", "beta"]);
    let opaque = pdu::Message::of_content(&[0x80, 1, 0], vec![7]);
    world.deliver(&opaque.argument());
    let result = world.summarize(&alice, &argument("", &[pdu::SUBJECT, pdu::SUBJECT]));
    let summaries = result.summaries.expect("one a request");
    assert_eq!(summaries.len(), 2);
    assert_eq!(summaries[0].absent, Some(1));
    assert_eq!(
        values(&summaries[0]),
        [(pdu::tlv(0x14, b"beta"), 1), (pdu::tlv(0x14, b"Alpha  one"), 2)]
    );
    assert_eq!(summaries[0], summaries[1]);
}

#[test]
fn an_entry_counts_once_for_a_value_that_it_has_often() {
    let mut world = World::new();
    let alice = world.bind();
    let names = [pdu::CAROL, pdu::DAVE, pdu::CAROL].map(pdu::hex);
    let message = pdu::Message::of_subject("a").with(pdu::of(0xa3, &names));
    world.deliver(&message.argument());
    world.deliver(&message.argument());
    let result = world.summarize(&alice, &argument("", &["5604031c"]));
    let counts = values(&result.summaries.expect("one")[0]);
    assert_eq!(counts, [(pdu::hex(pdu::CAROL), 2), (pdu::hex(pdu::DAVE), 2)]);
}

#[test]
fn what_has_no_equality_is_not_summarized() {
    let world = World::new();
    let alice = world.bind();
    let reply = world.invoke(&alice, 20, &argument("", &[pdu::CONTENT]));
    let parameter = "3113a011310f310da003020104a106060456040301";
    assert_eq!(crate::common::error(&reply), (21, parameter.to_owned()));
}
