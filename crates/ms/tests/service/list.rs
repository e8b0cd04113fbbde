//! List: order, ranges, limits, what is told, what is listed afterwards.

use crate::common::{World, attribute, error, pdu};
use pdu::{filter, selector};
use restante_ms::Reply;

#[test]
fn an_extension_that_nobody_knows_is_refused_in_1994() {
    let world = World::new();
    let (early, later) = (world.bind(), world.bind_94());
    let none = "a1023100";
    // One EXTERNAL of 1.2.3, in the extensions of each operation.
    let extensions = "300a28080602 2a03a0020500";
    for (code, selector, member) in
        [(20, none, 0xa3), (21, none, 0xa4), (22, none, 0xa4), (23, none, 0xa3)]
    {
        let argument = pdu::x(0x31, &format!("{selector}{}", pdu::x(member, extensions)));
        let refused = error(&world.invoke(&later, code, &argument));
        assert_eq!(refused, (31, "a10406022a03".to_owned()), "{code}");
        let reply = world.invoke(&early, code, &argument);
        assert!(matches!(reply, Reply::Result { .. }), "{code}: {reply:?}");
    }
}

#[test]
fn entries_come_in_the_order_of_their_numbers_and_numbers_are_never_used_again() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["1", "2", "3"]);
    assert_eq!(world.subjects(&alice, ""), ["1", "2", "3"]);
    assert_eq!(world.numbers(&alice, ""), [1, 2, 3]);
    world.invoke(&alice, 23, &pdu::delete(&[3]));
    world.deliver_subjects(&["4"]);
    assert_eq!(world.numbers(&alice, ""), [1, 2, 4]);
    world.invoke(&alice, 23, &pdu::delete(&[1, 2, 4]));
    world.deliver_subjects(&["5"]);
    assert_eq!(world.numbers(&alice, ""), [5]);
}

#[test]
fn nothing_is_told_of_an_empty_mailbox() {
    let world = World::new();
    let alice = world.bind();
    let Reply::Result { value, .. } = world.invoke(&alice, 21, "3104a1023100") else {
        panic!("no result");
    };
    assert_eq!(pdu::to_hex(&value.to_bytes()), "3100");
}

#[test]
fn what_was_listed_is_new_no_more() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["one"]);
    let new = selector::filter(&filter::equal(pdu::STATUS, "020100"));
    let list = world.list(&alice, &pdu::list(&new, &[pdu::STATUS]));
    let entries = list.requested.expect("an entry");
    assert_eq!(attribute(&entries[0], pdu::STATUS), [[2, 1, 0]]);
    assert!(world.numbers(&alice, &new).is_empty());
    let list = world.list(&alice, &pdu::list("", &[pdu::STATUS]));
    assert_eq!(attribute(&list.requested.expect("an entry")[0], pdu::STATUS), [[2, 1, 1]]);
}

#[test]
fn a_limit_leaves_the_next_entry_to_be_asked_for() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"; 7]);
    let page = |from: u32| {
        let members = format!("{}{}", selector::range(Some(from), None), selector::limit(3));
        let list = world.list(&alice, &pdu::list(&members, &[]));
        let numbers: Vec<_> =
            list.requested.unwrap_or_default().iter().map(|e| e.sequence_number.0).collect();
        (numbers, list.next.map(|next| next.0))
    };
    assert_eq!(page(0), (vec![1, 2, 3], Some(4)));
    assert_eq!(page(4), (vec![4, 5, 6], Some(7)));
    assert_eq!(page(5), (vec![5, 6, 7], None));
    assert_eq!(page(8), (vec![], None));
}

#[test]
fn a_limit_counts_what_the_filter_lets_through() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a", "b", "a", "b", "a", "a"]);
    let subject = selector::filter(&filter::equal(pdu::SUBJECT, &filter::t61("a")));
    let list = world.list(&alice, &pdu::list(&format!("{subject}{}", selector::limit(2)), &[]));
    let numbers: Vec<_> =
        list.requested.expect("entries").iter().map(|e| e.sequence_number.0).collect();
    assert_eq!((numbers, list.next.map(|next| next.0)), (vec![1, 3], Some(5)));
}

#[test]
fn ranges_of_numbers_have_both_ends_or_not() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"; 5]);
    let range = |from, to| world.numbers(&alice, &selector::range(from, to));
    assert_eq!(range(Some(2), Some(4)), [2, 3, 4]);
    assert_eq!(range(Some(4), None), [4, 5]);
    assert_eq!(range(None, Some(2)), [1, 2]);
    assert_eq!(range(None, None), [1, 2, 3, 4, 5]);
    assert_eq!(range(Some(0), Some(0x7fff_ffff)), [1, 2, 3, 4, 5]);
    assert!(range(Some(6), None).is_empty());
}

#[test]
fn ranges_of_time_are_of_whole_seconds() {
    let mut world = World::new();
    let alice = world.bind();
    // 2026-11-30 00:53:20 UTC, and half a second.
    world.now += 500_000;
    world.deliver_subjects(&["a", "b", "c"]);
    let at = |from, to| world.subjects(&alice, &selector::times(from, to));
    assert_eq!(at("261130005320Z", "261130005320Z"), ["a"]);
    assert_eq!(at("261130005321Z", "261130015322+0100"), ["b", "c"]);
    assert!(at("261130005323Z", "261130005330Z").is_empty());
    let list = world.list(&alice, &pdu::list("", &["5604030b"]));
    let values = attribute(&list.requested.expect("entries")[0], "5604030b");
    assert_eq!(values[0], pdu::tlv(0x17, b"261130005320Z"));
}

#[test]
fn a_reversed_range_is_an_error_even_of_nothing() {
    let world = World::new();
    let alice = world.bind();
    let reversed = (25, "3105a003020100".to_owned());
    let numbers = selector::range(Some(9), Some(3));
    let times = selector::times("261130005321Z", "261130005320Z");
    for members in [&numbers, &times] {
        assert_eq!(error(&world.invoke(&alice, 21, &pdu::list(members, &[]))), reversed);
    }
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::search(&numbers, &[]))), reversed);
    let summarize = pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &numbers)));
    assert_eq!(error(&world.invoke(&alice, 20, &summarize)), reversed);
    let later = world.bind_94();
    let reply = world.invoke(&later, 21, &pdu::list(&numbers, &[]));
    assert_eq!(error(&reply), (29, "0500".to_owned()));
}

#[test]
fn exactly_what_is_requested_is_told_where_the_entry_has_it() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["sel"]);
    // redirection-history is absent, content-identifier too.
    let list = world.list(&alice, &pdu::list("", &["56040321", "56040304", pdu::SUBJECT]));
    let entry = &list.requested.expect("an entry")[0];
    let types: Vec<_> = entry
        .attributes
        .iter()
        .flat_map(|set| &set.0)
        .map(|a| a.attribute_type.to_string())
        .collect();
    assert_eq!(types, ["2.6.1.7.4"]);
    assert_eq!(attribute(entry, pdu::SUBJECT), [pdu::tlv(0x14, b"sel")]);
    let list = world.list(&alice, &pdu::list("", &["56040321"]));
    assert_eq!(list.requested.expect("an entry")[0].attributes, None);
    // Neither requested nor registered.
    let list = world.list(&alice, "3104a1023100");
    assert_eq!(list.requested.expect("an entry")[0].attributes, None);
}

#[test]
fn values_are_told_from_one_on_and_as_many_as_asked_for() {
    let mut world = World::new();
    let others = pdu::of(0xa3, &[pdu::hex(pdu::CAROL), pdu::hex(pdu::DAVE), pdu::hex(pdu::BOB)]);
    world.deliver(&pdu::Message::of_subject("x").with(others).argument());
    let some = |binding, from: &str, count: &str| {
        let item = pdu::x(0x31, &format!("06045604031c{from}{count}"));
        let argument = format!("a1023100{}", pdu::x(0xa3, &pdu::x(0x31, &item)));
        world.list(binding, &pdu::x(0x31, &argument)).requested.expect("an entry").remove(0)
    };
    let alice = world.bind();
    let names = |entry| attribute(&entry, "5604031c");
    assert_eq!(names(some(&alice, "", "")).len(), 3);
    assert_eq!(names(some(&alice, "a003020102", "")).len(), 2);
    let one = some(&alice, "a003020102", "a103020101");
    assert_eq!(one.value_count_exceeded, None);
    assert_eq!(names(one), [pdu::hex(pdu::DAVE)]);
    assert!(names(some(&alice, "a003020104", "")).is_empty());
    let later = world.bind_94();
    let entry = some(&later, "", "a103020101");
    assert_eq!(entry.value_count_exceeded.expect("told in 1994").0[0].total, 3);
}

#[test]
fn contents_are_not_listed() {
    let world = World::new();
    let alice = world.bind();
    for oid in [pdu::CONTENT, pdu::BODY] {
        let reply = world.invoke(&alice, 21, &pdu::list("", &[oid]));
        let parameter = format!("3113a011310f310da003020104a1060604{oid}");
        assert_eq!(error(&reply), (21, parameter));
    }
}

#[test]
fn each_user_sees_no_other_mailbox() {
    let mut world = World::new();
    world.deliver(&pdu::Message::of_subject("for Alice").argument());
    let mut message = pdu::Message::of_subject("for Bob");
    message.recipient = pdu::BOB;
    world.deliver(&message.argument());
    let bob = world.bind_with(restante_mhs::x419::Edition::E1988, &pdu::bind(pdu::BOB, "")).0;
    assert_eq!(world.subjects(&world.bind(), ""), ["for Alice"]);
    assert_eq!(world.subjects(&bob, ""), ["for Bob"]);
}
