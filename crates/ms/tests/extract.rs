//! The extractor: what it makes of envelopes and contents, and that nothing stops it.

mod common;

use bytes::Bytes;
use common::pdu;
use proptest::prelude::*;
use restante_ms::Extractor;
use restante_storage::{EntrySource, Extracted, Extractor as _};

fn extract(envelope: &[u8], content: &[u8]) -> Extracted {
    let (envelope, content) = (Bytes::copy_from_slice(envelope), Bytes::copy_from_slice(content));
    Extractor.extract(&EntrySource {
        class: 0,
        envelope: &envelope,
        content: &content,
        creation_time: 0,
        parent: None,
    })
}

fn of(message: &pdu::Message) -> Extracted {
    extract(&pdu::of(0x30, &message.envelope()), &message.content)
}

#[test]
fn columns_are_for_people() {
    let columns = of(&pdu::Message::of_subject("To be read").with(pdu::hex("470102"))).columns;
    assert_eq!(columns.subject, "To be read");
    assert_eq!(columns.originator, "/G=Carol/S=Jones/O=Acme/PRMD=ACME/C=GB/");
    assert_eq!(columns.content_type, "2.6.1.10.1");
    assert_eq!(columns.message_id, "[/PRMD=PEER/ADMD= /C=GB/;L1]");
    assert_eq!((columns.kind, columns.priority), (0, 2));
}

#[test]
fn what_is_large_is_kept_by_its_place() {
    let mut message = pdu::Message::of_subject("large");
    let heading = [pdu::this_ipm("x"), pdu::subject("large")];
    let small = of(&message).attributes.len();
    message.content = pdu::ipm(0xa0, &heading, &[pdu::ia5(&"x".repeat(100_000))]);
    let large = of(&message).attributes.len();
    assert!(large < small + 16, "{small} {large}");
    let recipients: Vec<_> =
        (0..100).map(|_| pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::CAROL)])])).collect();
    let heading = [pdu::this_ipm("x"), pdu::of(0xa2, &recipients)];
    message.content = pdu::ipm(0xa0, &heading, &[]);
    assert!(of(&message).attributes.len() < small + 100);
}

#[test]
fn the_same_source_gives_the_same() {
    let message = pdu::Message::of_subject("again");
    assert_eq!(of(&message), of(&message));
}

#[test]
fn messages_nested_beyond_all_bounds_are_taken() {
    let mut inner = pdu::ipm(0x30, &[pdu::this_ipm("i")], &[]);
    for _ in 0..200 {
        let part = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
        inner = pdu::ipm(0x30, &[pdu::this_ipm("i")], &[part]);
    }
    inner[0] = 0xa0;
    let mut world = common::World::new();
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], inner).argument());
    let alice = world.bind();
    let children = world.numbers(&alice, pdu::selector::CHILDREN);
    assert_eq!(children.len(), 17);
    // More than a thousand side by side.
    let part = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), pdu::ipm(0x30, &[pdu::this_ipm("i")], &[])]);
    let many = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &vec![part; 1200]);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], many).argument());
    assert_eq!(world.numbers(&alice, pdu::selector::CHILDREN).len(), 17 + 1 + 1024);
}

#[test]
fn a_body_of_many_small_parts_costs_little() {
    let mut message = pdu::Message::of_subject("x");
    let heading = [pdu::this_ipm("x"), pdu::subject("x")];
    message.content = pdu::ipm(0xa0, &heading, &vec![vec![0x8e, 0]; 500_000]);
    assert!(of(&message).attributes.len() < 100_000);
    let recipient = pdu::of(0x31, &[pdu::hex("a000 810206c0")]);
    let heading = [pdu::this_ipm("x"), pdu::of(0xa2, &vec![recipient; 100_000])];
    message.content = pdu::ipm(0xa0, &heading, &[]);
    assert!(of(&message).attributes.len() < 100_000);
}

/// A content with every kind of field, to be damaged.
fn rich() -> Vec<u8> {
    let specifier = pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::CAROL)]), pdu::hex("810206c0")]);
    let extension = pdu::of(0x30, &[pdu::hex("06045601 0501"), pdu::hex("31041302 656e")]);
    let heading = [
        pdu::this_ipm("x"),
        pdu::subject("rich"),
        pdu::of(0xa2, &[specifier]),
        pdu::hex("8c0102"),
        pdu::of(0xaf, &[extension]),
    ];
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i")], &[pdu::ia5("y")]);
    let data = pdu::of(0x28, &[pdu::hex("06045601 0407"), pdu::tlv(0xa0, &inner)]);
    let body = [
        pdu::ia5("x"),
        pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]),
        pdu::of(0xaf, &[data]),
        pdu::hex("8e020102"),
    ];
    pdu::ipm(0xa0, &heading, &body)
}

proptest! {
    #[test]
    fn damaged_octets_stop_nothing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut content = rich();
        let mut envelope = pdu::of(0x30, &pdu::Message::of_subject("x").envelope());
        for (at, octet) in changes {
            let place = at.index(content.len() + envelope.len());
            match place.checked_sub(content.len()) {
                None => content[place] = octet,
                Some(place) => envelope[place] = octet,
            }
        }
        if cuts {
            content.truncate(cut.index(content.len()));
        }
        let extracted = extract(&envelope, &content);
        prop_assert!(extracted.attributes.len() < 8 * (content.len() + envelope.len()) + 1000);
    }

    #[test]
    fn random_contents_are_taken(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let envelope = pdu::of(0x30, &pdu::Message::of_subject("x").envelope());
        prop_assert_eq!(extract(&envelope, &content).columns.size, content.len() as u64);
    }
}
