//! Delete, and the errors of all operations octet by octet.

use crate::common::{MISTYPED, UNRECOGNIZED, World, error, pdu};
use pdu::{filter, selector};
use restante_ms::Reply;

fn done(reply: Reply) {
    match reply {
        Reply::Result { operation: 23, value, .. } => assert_eq!(value.to_bytes()[..], [5, 0]),
        other => panic!("{other:?}"),
    }
}

fn by_selector(members: &str) -> String {
    pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, members)))
}

#[test]
fn entries_go_by_number_range_and_filter() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["0", "1", "2", "3", "4"]);
    done(world.invoke(&alice, 23, &pdu::delete(&[4, 2])));
    assert_eq!(world.subjects(&alice, ""), ["0", "2", "4"]);
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::precise(2, &[]))).0, 28);
    done(world.invoke(&alice, 23, &by_selector(&selector::range(Some(3), None))));
    assert_eq!(world.subjects(&alice, ""), ["0"]);
    let subject = filter::equal(pdu::SUBJECT, &filter::t61("0"));
    done(world.invoke(&alice, 23, &by_selector(&selector::filter(&subject))));
    assert!(world.numbers(&alice, "").is_empty());
    done(world.invoke(&alice, 23, "3104a1023100"));
}

#[test]
fn a_limit_holds_for_deletion_too() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"; 4]);
    done(world.invoke(&alice, 23, &by_selector(&selector::limit(3))));
    assert_eq!(world.numbers(&alice, ""), [4]);
}

#[test]
fn nothing_is_deleted_where_a_number_is_nobody_s() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["keep"]);
    let reply = world.invoke(&alice, 23, &pdu::delete(&[1, 0x3ef]));
    assert_eq!(error(&reply), (28, "3111a10f310d310ba003020100a104020203ef".to_owned()));
    let reply = world.invoke(&alice, 23, &pdu::delete(&[2, 3]));
    let items = "310aa003020100a103020102310aa003020100a103020103";
    let parameter = pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, items)));
    assert_eq!(error(&reply), (28, parameter));
    assert_eq!(world.numbers(&alice, ""), [1]);
}

#[test]
fn in_1994_a_selector_is_answered_with_numbers() {
    let mut world = World::new();
    let alice = world.bind_94();
    world.deliver_subjects(&["a", "b"]);
    let Reply::Result { value, .. } = world.invoke(&alice, 23, "3104a1023100") else {
        panic!("no result");
    };
    assert_eq!(pdu::to_hex(&value.to_bytes()), "310aa0083006020101020102");
}

#[test]
fn an_attribute_type_that_nobody_knows_is_an_error_everywhere() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"]);
    let unknown = "2bce0f0102";
    let problem = (21, "3114a0123110310ea003020101a10706052bce0f0102".to_owned());
    assert_eq!(error(&world.invoke(&alice, 21, &pdu::list("", &[unknown]))), problem);
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::precise(1, &[unknown]))), problem);
    let request = format!("a1023100{}", pdu::x(0xa2, &pdu::x(0x30, &pdu::x(0x06, unknown))));
    assert_eq!(error(&world.invoke(&alice, 20, &pdu::x(0x31, &request))), problem);
    let defaults = pdu::x(0x31, &pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0x06, unknown))));
    assert_eq!(error(&world.invoke(&alice, 24, &defaults)), problem);
    let present = selector::filter(&filter::present(unknown));
    assert_eq!(error(&world.invoke(&alice, 21, &pdu::list(&present, &[]))), problem);
}

#[test]
fn rules_that_an_attribute_does_not_have_and_values_of_another_syntax_are_errors() {
    let world = World::new();
    let alice = world.bind();
    let list = |filter: &str| {
        error(&world.invoke(&alice, 21, &pdu::list(&selector::filter(filter), &[])))
    };
    // inappropriate-matching
    let no_rule = |oid: &str| (21, format!("3113a011310f310da003020102a1060604{oid}"));
    assert_eq!(list(&filter::equal("56040306", "020101")), no_rule("56040306"));
    assert_eq!(list(&filter::at_least(pdu::SUBJECT, "140161")), no_rule(pdu::SUBJECT));
    assert_eq!(list(&filter::substrings(pdu::STATUS, &[(1, "a")])), no_rule(pdu::STATUS));
    // invalid-attribute-value, with the value
    let wrong = (21, "3118a01631143112a003020100a10606045604030fa203140161".to_owned());
    assert_eq!(list(&filter::equal(pdu::STATUS, "140161")), wrong);
    let both = filter::and(&[
        filter::equal("56040306", "020101"),
        filter::at_least(pdu::SUBJECT, "140161"),
    ]);
    assert_eq!(list(&both).1.matches("a003020102").count(), 2);
}

#[test]
fn errors_come_in_their_order() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["a"]);
    let unknown = "2bce0f0102";
    let reversed = selector::range(Some(9), Some(3));
    // What is wrong with the selector before what is wrong with the attributes.
    assert_eq!(error(&world.invoke(&alice, 21, &pdu::list(&reversed, &[unknown]))).0, 25);
    // What is wrong with the argument before what is not there.
    assert_eq!(error(&world.invoke(&alice, 22, &pdu::precise(99, &[unknown]))).0, 21);
    let zero = pdu::list("a303020100", &[]);
    assert_eq!(error(&world.invoke(&alice, 21, &zero)), (29, "0500".to_owned()));
}

#[test]
fn classes_that_are_not_there_are_refused_as_the_edition_has_it() {
    let mut world = World::new();
    world.deliver_subjects(&["a"]);
    let of_class = |class: &str| format!("3109a0030201{class}a1023100");
    let (old, later) = (world.bind(), world.bind_94());
    for binding in [&old, &later] {
        let list = world.list(binding, &of_class("01"));
        assert_eq!(list.requested, None);
        assert_eq!(world.list(binding, &of_class("00")).requested.map(|r| r.len()), Some(1));
    }
    assert_eq!(error(&world.invoke(&old, 21, &of_class("02"))), (29, "0500".to_owned()));
    assert_eq!(world.list(&later, &of_class("02")).requested, None);
    let (code, parameter) = error(&world.invoke(&later, 21, &of_class("04")));
    assert_eq!((code, parameter.as_str()), (34, "310ba003020104a10403020780"));
}

#[test]
fn what_is_no_operation_or_no_argument_is_rejected() {
    let world = World::new();
    let alice = world.bind();
    for code in [99, 0, 19, 27, 25, 26, 2, 5] {
        assert_eq!(world.invoke(&alice, code, "3100"), UNRECOGNIZED, "{code}");
    }
    for (code, argument) in
        [(21, "040178"), (22, "3100"), (21, "3103020101"), (23, "3102a200"), (20, "3000")]
    {
        assert_eq!(world.invoke(&alice, code, argument), MISTYPED, "{code} {argument}");
    }
    let other_match = pdu::x(
        0xa0,
        &pdu::x(
            0xa6,
            &pdu::x(
                0x30,
                &format!(
                    "{}{}a203020100",
                    pdu::x(0xa0, "0603550d00"),
                    pdu::x(0xa1, "06045604030f")
                ),
            ),
        ),
    );
    let list = pdu::list(&selector::filter(&other_match), &[]);
    assert_eq!(world.invoke(&alice, 21, &list), MISTYPED);
    let later = world.bind_94();
    let parameter = "3113a011310f310da003020102a10606045604030f";
    assert_eq!(error(&world.invoke(&later, 21, &list)), (21, parameter.to_owned()));
}
