//! MS-bind and Register-MS.

use crate::common::{World, attribute, error, pdu};
use restante_ber::{Encode, Oid};
use restante_mhs::x419::Edition;
use restante_ms::Reply;

#[test]
fn a_bind_is_answered_with_credentials_and_nothing_else() {
    let world = World::new();
    let (binding, result) = world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, ""));
    assert_eq!(binding.edition, Edition::E1988);
    assert_eq!(pdu::to_hex(&result.to_ber()), "3106a20416026d73");
}

#[test]
fn the_store_tells_what_it_can_where_it_is_asked() {
    let world = World::new();
    let (_, result) = world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, "a5030101ff"));
    let types = result.available_attribute_types.expect("types").0;
    for arc in [0, 1, 6, 8, 11, 15, 16, 18, 20, 27, 31, 39, 41] {
        assert!(types.contains(&Oid::from_arcs(&[2, 6, 4, 3, arc]).expect("an oid")), "{arc}");
    }
    assert!(!types.contains(&"2.6.4.3.75".parse().expect("an oid")), "of 1994");
    assert_eq!((result.entry_classes_supported, result.matching_rules_supported), (None, None));
    let (_, later) = world.bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, "a5030101ff"));
    let later_types = later.available_attribute_types.expect("types").0;
    assert!(later_types.len() > types.len());
    // trace-information, and ms-signature-verification-status, which nothing makes.
    assert!(later_types.contains(&"2.6.4.3.75".parse().expect("an oid")));
    assert!(!later_types.contains(&signature_verification_status()));
    assert!(later.entry_classes_supported.is_some());
    assert!(later.matching_rules_supported.is_some());
}

fn signature_verification_status() -> Oid {
    let row = restante_mhs::x413::attributes::by_name("ms-signature-verification-status");
    row.expect("a row").oid.clone()
}

#[test]
fn two_bindings_see_the_same() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let (first, second) = (world.bind(), world.bind());
    assert_eq!(world.numbers(&first, ""), world.numbers(&second, ""));
    world.invoke(&first, 23, &pdu::delete(&[1]));
    assert!(world.numbers(&second, "").is_empty());
}

fn registered(reply: &Reply) {
    match reply {
        Reply::Result { operation: 24, value, .. } => assert_eq!(value.to_bytes()[..], [5, 0]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn registering_nothing_and_deregistering_what_is_not_there_is_answered() {
    let world = World::new();
    let alice = world.bind();
    registered(&world.invoke(&alice, 24, "3100"));
    let one = |id: &str| pdu::x(0x30, &format!("0604560404 01a0030201{id}"));
    let all = [one("01"), one("02"), one("07")].concat();
    registered(&world.invoke(&alice, 24, &pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &all)))));
}

#[test]
fn defaults_hold_for_later_bindings_until_something_is_requested() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let alice = world.bind();
    let set = |oids: &[&str]| {
        pdu::x(0x31, &oids.iter().map(|oid| pdu::x(0x06, oid)).collect::<String>())
    };
    let list = pdu::x(0xa2, &set(&[pdu::SUBJECT, pdu::STATUS]));
    let fetch = pdu::x(0xa3, &set(&[pdu::CONTENT]));
    registered(&world.invoke(&alice, 24, &pdu::x(0x31, &format!("{list}{fetch}"))));
    let alice = world.bind();
    let entry = world.list(&alice, "3104a1023100").requested.expect("an entry").remove(0);
    assert_eq!(attribute(&entry, pdu::SUBJECT), [pdu::tlv(0x14, b"one")]);
    assert_eq!(attribute(&entry, pdu::STATUS).len(), 1);
    let entry = world.list(&alice, &pdu::list("", &[pdu::PRIORITY])).requested.expect("one");
    assert!(attribute(&entry[0], pdu::SUBJECT).is_empty());
    let fetched = world.fetch(&alice, "3105a203020101").entry_information.expect("an entry");
    assert_eq!(attribute(&fetched, pdu::CONTENT).len(), 1);
    // An empty list asks for none, and takes the place of the former one.
    let none = world.list(&alice, &pdu::list("", &[])).requested.expect("an entry");
    assert_eq!(none[0].attributes, None);
    registered(&world.invoke(&alice, 24, "3104a2023100"));
    let entry = world.list(&alice, "3104a1023100").requested.expect("an entry").remove(0);
    assert_eq!(entry.attributes, None);
}

/// register-MS-extensions [10] with one EXTERNAL of 1.2.3.
const EXTENSIONS: &str = "310eaa0c300a28080602 2a03a0020500";

#[test]
fn what_list_does_not_tell_is_no_default_of_it() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let alice = world.bind();
    let content = |member| {
        let set = pdu::x(0x31, &pdu::x(0x06, pdu::CONTENT));
        pdu::x(0x31, &pdu::x(member, &set))
    };
    // inappropriate-for-operation
    let parameter = "3113a011310f310da003020104a106060456040301";
    assert_eq!(error(&world.invoke(&alice, 24, &content(0xa2))), (21, parameter.to_owned()));
    let entry = world.list(&alice, "3104a1023100").requested.expect("an entry").remove(0);
    assert_eq!(entry.attributes, None);
    registered(&world.invoke(&alice, 24, &content(0xa3)));
}

#[test]
fn what_comes_later_is_refused_and_registers_nothing() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let alice = world.bind();
    // auto-delete, of 1994
    let delete = pdu::x(0x30, "060456040403a0030201 01");
    let subject = pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0x06, pdu::SUBJECT)));
    let argument = pdu::x(0x31, &format!("{}{subject}", pdu::x(0xa0, &pdu::x(0x31, &delete))));
    let reply = world.invoke(&alice, 24, &argument);
    let parameter = "3113a011310f310da003020100a106060456040403";
    assert_eq!(error(&reply), (22, parameter.to_owned()));
    let entry = world.list(&alice, "3104a1023100").requested.expect("an entry").remove(0);
    assert_eq!(entry.attributes, None);
    // register-MS-extensions of 1994
    let later = world.bind_94();
    assert_eq!(error(&world.invoke(&later, 24, EXTENSIONS)).0, 31);
    registered(&world.invoke(&alice, 24, EXTENSIONS));
    let status = "310aa9083106a00403020460";
    let Reply::Result { value, .. } = world.invoke(&later, 24, status) else {
        panic!("no result");
    };
    assert_eq!(value.to_bytes()[..], [0x31, 0]);
}
