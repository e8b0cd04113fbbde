//! The extractor: what it makes of envelopes and contents, and that nothing stops it.

use crate::common::pdu;
use bytes::Bytes;
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
fn many_recipients_leave_room_for_what_comes_after_them() {
    let mut world = crate::common::World::new();
    let alice = world.bind();
    // Each is asked for RN and NRN, and for a reply.
    let requests = [pdu::hex("81020640"), pdu::hex("8201ff")];
    let one = pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::CAROL)]), requests.concat()]);
    let heading = [
        pdu::this_ipm("x"),
        pdu::of(0xa2, &vec![one; 5000]),
        pdu::subject("after them"),
        pdu::hex("8c0102"),
    ];
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content).argument());
    let types = [pdu::SUBJECT, "56010707", "56010713", "56010714", "56010715", "56010600"];
    let fetched = world.fetch(&alice, &pdu::precise(1, &types));
    let entry = fetched.entry_information.expect("an entry");
    let of = |oid| crate::common::attribute(&entry, oid);
    assert_eq!(of(pdu::SUBJECT), [pdu::tlv(0x14, b"after them")]);
    assert_eq!(of("56010707"), [pdu::hex("0a0102")]);
    assert_eq!(of("56010600"), [pdu::hex("0a0100")]);
    // rn-requestors: none asks for RN alone, bit 0; nrn- and reply-requestors: all.
    assert_eq!(of("56010713").len(), 0);
    assert_eq!((of("56010714").len(), of("56010715").len()), (5000, 5000));
    let body = world.fetch(&alice, &pdu::precise(1, &[pdu::BODY])).entry_information;
    assert_eq!(crate::common::attribute(&body.expect("an entry"), pdu::BODY).len(), 1);
}

/// One extension of the envelope of a message: what its attribute is.
fn extension(number: u8, value: &[u8], attribute: &str) -> Vec<Vec<u8>> {
    let field = pdu::of(0x30, &[pdu::tlv(0x80, &[number]), value.to_vec()]);
    let mut world = crate::common::World::new();
    let message = pdu::Message::of_subject("x").with(pdu::of(0xa9, &[field]));
    world.deliver(&message.argument());
    let fetched = world.fetch(&world.bind(), &pdu::precise(1, &[attribute]));
    crate::common::attribute(&fetched.entry_information.expect("an entry"), attribute)
}

#[test]
fn certificates_of_the_recipient_are_extended_ones() {
    let certificates = pdu::hex("3009 30073000300003010 0");
    let extended = pdu::hex("310ba1093007300030000301 00");
    assert_eq!(extension(28, &pdu::tlv(0xa2, &certificates), "56040352"), [extended]);
}

#[test]
fn a_value_whose_tag_was_left_out_gets_it_back() {
    // conversion-with-loss-prohibited: ENUMERATED.
    let attribute = "56040309";
    assert_eq!(extension(4, &pdu::hex("a2030a0101"), attribute), [pdu::hex("0a0101")]);
    assert_eq!(extension(4, &pdu::hex("820101"), attribute), [pdu::hex("0a0101")]);
    // latest-delivery-time: UTCTime.
    let time = pdu::tlv(0x17, b"261124102725Z");
    assert_eq!(extension(5, &pdu::tlv(0x82, &time[2..]), "56040337"), [time]);
    // message-security-label: SET, with its classification.
    let label = pdu::hex("3106 0602 2a03 0201 03");
    let label = pdu::tlv(0x31, &label[2..]);
    let bare = pdu::tlv(0xa2, &label[2..]);
    assert_eq!(extension(20, &bare, "56040316"), [label]);
    assert_eq!(extension(20, &bare, "56040326"), [pdu::hex("020103")]);
    // content-correlator: IA5String or octets, nobody knows which.
    assert!(extension(23, &pdu::tlv(0x82, b"abc"), "56040303").is_empty());
    assert_eq!(extension(23, &pdu::tlv(0xa2, &pdu::tlv(0x16, b"abc")), "56040303").len(), 1);
}

#[test]
fn notifications_of_other_types_have_their_fields() {
    // IPN: subject-ipm, choice [0] of [2] other-notification-type-fields with two extensions.
    let one = |arc: &str| pdu::of(0x30, &[pdu::hex(&format!("06032a03{arc}")), vec![5, 0]]);
    let fields = [one("04"), one("05")];
    let choice = pdu::of(0xa0, &[pdu::of(0xa2, &fields)]);
    let content = pdu::of(0xa1, &[pdu::this_ipm("s"), choice]);
    let mut world = crate::common::World::new();
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content).argument());
    let fetched = world.fetch(&world.bind(), &pdu::precise(1, &["5601090e", "56010600"]));
    let entry = fetched.entry_information.expect("an entry");
    assert_eq!(crate::common::attribute(&entry, "5601090e"), fields);
    assert_eq!(crate::common::attribute(&entry, "56010600"), [pdu::hex("0a0103")]);
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
    let mut world = crate::common::World::new();
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
    assert!(of(&message).attributes.len() < 410_000);
    let recipient = pdu::of(0x31, &[pdu::tlv(0xa0, &[0; 100]), pdu::hex("810206c0")]);
    let heading = [pdu::this_ipm("x"), pdu::of(0xa2, &vec![recipient; 50_000])];
    message.content = pdu::ipm(0xa0, &heading, &[]);
    assert!(of(&message).attributes.len() < 2_200_000);
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
