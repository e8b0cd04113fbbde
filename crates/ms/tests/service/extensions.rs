//! Each standard extension of X.411 in a delivery and in a report, critical or not: taken, kept,
//! and an attribute where X.413 has one. The rows are those of the tables.

use crate::common::{World, attribute, error, pdu};
use restante_ber::Oid;
use restante_ms::Reply;

const EXTENSIONS: &str = include_str!("../../../mhs/data/mts_extensions.tsv");
const VALUES: &str = include_str!("../../../mhs/data/mts_extension_values.tsv");
const ATTRIBUTES: &str = include_str!("../../../mhs/data/ms_attributes.tsv");
/// criticality: for-delivery.
const FOR_DELIVERY: &str = "81020520";
const UNSUPPORTED_CRITICAL_FUNCTION: i64 = 13;

/// The contents of an attribute's object identifier, by its name.
fn attribute_of(extension: &str) -> Option<String> {
    let name = match extension {
        // X.420's, which X.413 has no attribute of its own for.
        "blind-copy-recipients" => extension.to_owned(),
        _ => format!("mt-{extension}"),
    };
    let rows = ATTRIBUTES.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let oid = rows.filter(|row| row[0] == name).map(|row| row[2]).next()?;
    Some(pdu::to_hex(oid.parse::<Oid>().expect("an object identifier").contents()))
}

fn value(number: &str) -> Vec<u8> {
    let mut rows = VALUES.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let row = rows.find(|row| row[0] == number).expect("a value of each");
    pdu::hex(row[1])
}

/// extensions with one extension, under their tag in the envelope.
fn field(tag: u8, number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let criticality = if critical { FOR_DELIVERY } else { "" };
    let members = [pdu::tlv(0x80, &[number]), pdu::hex(criticality), pdu::tlv(0xa2, value)];
    pdu::of(tag, &[pdu::of(0x30, &members)])
}

fn message(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut message = pdu::Message::of_subject("extended");
    message.identifier = format!("X{number}{critical}");
    message.with(field(0xa9, number, critical, value)).argument()
}

/// A report to Alice, by its history, with one extension more.
fn report(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let element = pdu::of(0x30, &[pdu::hex(pdu::ALICE), pdu::tlv(0x17, b"261124102721Z")]);
    let history = pdu::tlv(0xa2, &pdu::of(0x30, &[element]));
    let history = pdu::of(0x30, &[pdu::hex("80011e"), history]);
    let one = field(0xa1, number, critical, value);
    let one = one[2..].to_vec();
    let failed = pdu::of(0x31, &[pdu::retag(pdu::DAVE, 0xa0), pdu::hex("a108a106800101810100")]);
    let identifier = "6417631161041302474262031301201304504545521602";
    let identifier = format!("{identifier}73{:02x}", 0x30 + number);
    let members =
        [pdu::of(0x30, &[failed]), pdu::hex(&identifier), pdu::of(0xa1, &[history, one])];
    pdu::of(0x31, &members)
}

#[test]
fn every_standard_extension_is_taken_and_an_attribute_where_there_is_one() {
    let mut world = World::new();
    let alice = world.bind_94();
    let mut number_of_entry = 0;
    let mut with_attribute = 0;
    let mut rows: Vec<Vec<_>> =
        EXTENSIONS.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    rows.dedup_by(|one, other| one[0] == other[0]);
    assert_eq!(rows.len(), 46);
    for row in &rows {
        let number: u8 = row[0].parse().expect("a number");
        let value = value(row[0]);
        let expected = attribute_of(row[1]);
        with_attribute += usize::from(expected.is_some());
        for critical in [true, false] {
            for (code, argument) in
                [(5, message(number, critical, &value)), (6, report(number, critical, &value))]
            {
                let reply = world.deliver_code(code, &argument);
                assert!(matches!(reply, Reply::Result { .. }), "{}: {reply:?}", row[1]);
                number_of_entry += 1;
                let envelope = if code == 5 { "56040312" } else { "56040322" };
                let types: Vec<_> = [envelope].into_iter().chain(expected.as_deref()).collect();
                let fetched = world.fetch(&alice, &pdu::precise(number_of_entry, &types));
                let entry = fetched.entry_information.expect("an entry");
                let kept = attribute(&entry, envelope).remove(0);
                let whole = kept.windows(value.len()).any(|part| part == value);
                assert!(whole, "{} is not kept: {}", row[1], pdu::to_hex(&kept));
                if let Some(oid) = &expected {
                    let values = attribute(&entry, oid);
                    assert!(!values.is_empty(), "{} is no attribute", row[1]);
                    let part = values.iter().any(|one| holds(&value, one) || holds(one, &value));
                    assert!(part, "{}: {values:02x?}", row[1]);
                }
            }
        }
    }
    assert_eq!(with_attribute, 28);
}

/// Whether the contents of an element are in another.
fn holds(outer: &[u8], inner: &[u8]) -> bool {
    let contents = &inner[2..];
    contents.is_empty() || outer.windows(contents.len()).any(|part| part == contents)
}

#[test]
fn what_is_critical_for_delivery_and_unknown_is_refused_in_both() {
    let mut world = World::new();
    let alice = world.bind();
    for (code, argument) in [(5, message(99, true, &[5, 0])), (6, report(99, true, &[5, 0]))] {
        let (error, parameter) = error(&world.deliver_code(code, &argument));
        assert_eq!((error, parameter.as_str()), (UNSUPPORTED_CRITICAL_FUNCTION, "0500"));
    }
    world.deliver(&message(99, false, &[5, 0]));
    assert_eq!(world.numbers(&alice, ""), [1]);
}
