//! Contents of every kind: military messages and their heading, EDI and what nobody knows, and
//! what the aeronautical service writes into texts and headings.

use crate::common::{World, attribute, pdu};
use restante_ber::Oid;
use restante_mhs::x413::attributes::by_name;

/// The object identifier of P772, as a content-type.
const P772: &str = "06082b1a00a236000401";

/// The contents of an attribute's object identifier.
fn contents(name: &str) -> String {
    let row = by_name(name).unwrap_or_else(|| panic!("no row {name}"));
    pdu::to_hex(row.oid.contents())
}

/// What a delivered content gives as an attribute.
fn values(content_type: &[u8], content: &[u8], name: &str) -> Vec<Vec<u8>> {
    let mut world = World::new();
    world.deliver(&pdu::Message::of_content(content_type, content.to_vec()).argument());
    let oid = contents(name);
    let fetched = world.fetch(&world.bind(), &pdu::precise(1, &[&oid]));
    attribute(&fetched.entry_information.expect("an entry"), &oid)
}

/// An extension, its value in hex.
fn extension(oid: &str, value: &str) -> Vec<u8> {
    let oid: Oid = oid.parse().expect("an object identifier");
    pdu::of(0x30, &[pdu::tlv(6, oid.contents()), pdu::hex(value)])
}

fn with_extensions(extensions: &[Vec<u8>], body: &[Vec<u8>]) -> Vec<u8> {
    let heading = [pdu::this_ipm("x"), pdu::subject("Exercise"), pdu::of(0xaf, extensions)];
    pdu::ipm(0xa0, &heading, body)
}

#[test]
fn a_military_heading_has_its_attributes() {
    let military = |arc: u8, value: &str| extension(&format!("1.3.26.0.4406.0.2.{arc}"), value);
    let codes = "310e a00a 1303414243 1303 444546 a100";
    let content = with_extensions(
        &[
            military(0, "020104"),
            military(1, "020102"),
            military(6, codes),
            military(7, "3006 13014113 0142"),
            military(10, "1303 583132"),
            military(5, "170d 3236313132343130303030305a"),
        ],
        &[pdu::ia5("text")],
    );
    let content_type = pdu::hex(P772);
    let of = |name| values(&content_type, &content, name);
    assert_eq!(of("subject"), [pdu::tlv(0x14, b"Exercise")]);
    assert_eq!(of("mt-content-type"), [pdu::hex(P772)]);
    assert_eq!(of("ipm-entry-type"), [pdu::hex("0a0100")]);
    assert_eq!(of("mmhs-primary-precedence"), [pdu::hex("020104")]);
    assert_eq!(of("mmhs-copy-precedence"), [pdu::hex("020102")]);
    assert_eq!(of("mmhs-sic-codes"), [pdu::tlv(0x13, b"ABC"), pdu::tlv(0x13, b"DEF")]);
    assert_eq!(of("mmhs-distribution-codes"), [pdu::hex(codes)]);
    assert_eq!(of("mmhs-handling-instructions"), [pdu::hex("130141"), pdu::hex("130142")]);
    assert_eq!(of("mmhs-originator-reference"), [pdu::tlv(0x13, b"X12")]);
    assert_eq!(of("mmhs-extended-authorisation-info").len(), 1);
    assert_eq!(of("mmhs-originator-plad").len(), 0);
}

#[test]
fn a_military_message_is_found_by_its_precedence() {
    let mut world = World::new();
    let alice = world.bind();
    for precedence in 1..=4 {
        let value = pdu::to_hex(&[2, 1, precedence]);
        let content = with_extensions(&[extension("1.3.26.0.4406.0.2.0", &value)], &[]);
        let mut message = pdu::Message::of_content(&pdu::hex(P772), content);
        message.identifier = format!("M{precedence}");
        world.deliver(&message.argument());
    }
    let filter = pdu::filter::at_least(&contents("mmhs-primary-precedence"), "020103");
    assert_eq!(world.numbers(&alice, &pdu::selector::filter(&filter)), [3, 4]);
}

#[test]
fn what_is_not_understood_is_kept_as_it_came() {
    // EDI by number, a content of an object identifier that nobody knows, and one of no ASN.1.
    let unidentified = "060456030300";
    for (content_type, oid, content) in [
        ("800123", unidentified, pdu::hex("a0053003020101")),
        ("06042a030405", "06042a030405", pdu::hex("04024869")),
        ("800100", unidentified, b"UNB+UNOA:1".to_vec()),
    ] {
        let content_type = pdu::hex(content_type);
        let kept = values(&content_type, &content, "mt-content");
        assert_eq!(kept, [pdu::tlv(4, &content)]);
        assert_eq!(values(&content_type, &content, "mt-content-type"), [pdu::hex(oid)]);
        assert!(values(&content_type, &content, "heading").is_empty());
    }
}

const ATS: &str = "\u{1}PRI: FF\r\nFT: 241500\r\nOHI: AFTN 1\r\n\u{2}METAR";

#[test]
fn the_ats_message_header_has_attributes() {
    let of = |text: &str, name| {
        let content = with_extensions(&[], &[pdu::ia5(text)]);
        values(&[0x80, 1, 22], &content, name)
    };
    assert_eq!(of(ATS, "ats-priority"), [pdu::tlv(0x13, b"FF")]);
    assert_eq!(of(ATS, "ats-filing-time"), [pdu::tlv(0x13, b"241500")]);
    let information = pdu::tlv(0x16, b"AFTN 1");
    assert_eq!(of(ATS, "ats-optional-heading-information"), [information]);
    // What Doc 9880 does not allow, and a text that only begins alike.
    assert!(of(&ATS.replace("FF", "XX"), "ats-priority").is_empty());
    assert!(of(&ATS.replace("241500", "320000"), "ats-filing-time").is_empty());
    assert!(of(&ATS.replace("241500", "242400"), "ats-filing-time").is_empty());
    assert!(of("PRI: high", "ats-priority").is_empty());
}

#[test]
fn the_extended_service_s_heading_extensions_are_attributes() {
    let content = with_extensions(
        &[
            extension("2.6.1.5.5", "180f 32303236313132343130303030305a"),
            extension("2.6.1.5.11", "1303 524546"),
            extension("2.6.1.5.12", "06032b0c02"),
        ],
        &[],
    );
    let of = |name| values(&[0x80, 1, 22], &content, name);
    assert_eq!(of("authorization-time"), [pdu::hex("180f32303236313132343130303030305a")]);
    assert_eq!(of("originators-reference"), [pdu::hex("1303524546")]);
    assert_eq!(of("precedence-policy-identifier"), [pdu::hex("06032b0c02")]);
    assert!(of("precedence").is_empty());
}

#[test]
fn precedence_is_that_of_the_recipient_else_the_highest() {
    let recipient = |name: &str, precedence: &str| {
        let extension = extension("2.6.1.20.1", precedence);
        let name = pdu::of(0xa0, &[pdu::hex(name)]);
        pdu::of(0x31, &[name, pdu::of(0xa3, &[extension])])
    };
    let of = |recipients: &[Vec<u8>]| {
        let heading = [pdu::this_ipm("x"), pdu::of(0xa2, recipients)];
        values(&[0x80, 1, 22], &pdu::ipm(0xa0, &heading, &[]), "precedence")
    };
    let (carol, alice) = (recipient(pdu::CAROL, "02016b"), recipient(pdu::ALICE, "02011c"));
    assert_eq!(of(&[carol.clone(), alice]), [pdu::hex("02011c")]);
    assert_eq!(of(&[carol]), [pdu::hex("02016b")]);
    assert!(of(&[recipient(pdu::ALICE, "02020100")]).is_empty());
}

#[test]
fn the_heading_says_which_of_its_recipients_the_user_is() {
    let of = |list: u8, who: &str, extensions: &[Vec<u8>], intended: Option<&str>| {
        let other = pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::DAVE)])]);
        let extensions = pdu::of(0xa3, extensions);
        let specifier = pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(who)]), extensions]);
        let heading = [pdu::this_ipm("x"), pdu::of(list, &[other, specifier])];
        let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
        let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
        message.fields.extend(intended.map(|name| pdu::retag(name, 0xa5)));
        let mut world = World::new();
        world.deliver(&message.argument());
        let oid = contents("recipient-category");
        let fetched = world.fetch(&world.bind_94(), &pdu::precise(1, &[&oid]));
        attribute(&fetched.entry_information.expect("an entry"), &oid)
    };
    let circulated = [extension("2.6.1.20.0", "0500")];
    for (list, who, extensions, intended, category) in [
        (0xa2, pdu::ALICE, &[][..], None, 0),
        (0xa3, pdu::ALICE, &[], None, 1),
        (0xa4, pdu::ALICE, &[], None, 2),
        (0xa2, pdu::BOB, &[], None, 3),
        (0xa2, pdu::ALICE, &circulated, None, 4),
        (0xa2, pdu::BOB, &circulated, None, 3),
        (0xa3, pdu::BOB, &[], Some(pdu::BOB), 1),
    ] {
        assert_eq!(of(list, who, extensions, intended), [[2, 1, category]], "{list:x}");
    }
}

#[test]
fn the_summary_tells_of_each_body_part_and_its_child() {
    let inner = |parts: &[Vec<u8>]| {
        let message = pdu::ipm(0x30, &[pdu::this_ipm("i")], parts);
        pdu::of(0xa9, &[pdu::tlv(0x31, &[]), message])
    };
    let file = pdu::of(
        0xaf,
        &[
            pdu::hex(&pdu::x(0xa0, "0604 56010b0c a0023000")),
            pdu::of(0x28, &[pdu::hex("06045601040c"), pdu::hex("a0023000")]),
        ],
    );
    let body = [pdu::ia5("text"), inner(&[inner(&[])]), file, pdu::hex("8e020102"), inner(&[])];
    let content = pdu::ipm(0xa0, &[pdu::this_ipm("x")], &body);
    let mut world = World::new();
    world.deliver_subjects(&["before"]);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content).argument());
    let oid = contents("body-parts-summary");
    let fetched = world.fetch(&world.bind_94(), &pdu::precise(2, &[&oid]));
    let told = attribute(&fetched.entry_information.expect("an entry"), &oid);
    let of = |data: &str, parameters: &str, child: Option<u8>, place: usize| {
        let optional = |tag, octets: &str| match octets {
            "" => String::new(),
            octets => pdu::x(tag, octets),
        };
        let child = child.map(|number| format!("8201{number:02x}")).unwrap_or_default();
        let size = restante_ber::Encode::to_ber(&(body[place - 1].len() as i64));
        let size = pdu::x(0x84, &pdu::to_hex(&size[2..]));
        let (data, parameters) = (pdu::x(0x80, data), optional(0x81, parameters));
        pdu::hex(&pdu::x(0x30, &format!("{data}{parameters}{child}8301{place:02x}{size}")))
    };
    // The message in the second part is 3, the one in that 4, the one in the last part 5.
    assert_eq!(
        told,
        [
            of("56010400", "56010b00", None, 1),
            of("56010407", "56010b07", Some(3), 2),
            of("5601040c", "56010b0c", None, 3),
            of("56010409", "", None, 4),
            of("56010407", "56010b07", Some(5), 5),
        ]
    );
}

#[test]
fn the_labels_of_body_parts_are_in_that_of_the_message() {
    let label = pdu::x(0x30, "a00406022a03a2088000a10406022a03");
    let content = with_extensions(&[extension("2.6.1.5.4", &label)], &[pdu::ia5("text")]);
    let labels = values(&[0x80, 1, 22], &content, "body-part-security-label");
    assert_eq!(labels, [pdu::hex("8000"), pdu::hex("a10406022a03")]);
}

#[test]
fn a_military_message_that_is_forwarded_is_a_child_of_its_type() {
    let military = extension("1.3.26.0.4406.0.2.0", "020104");
    let heading = [pdu::this_ipm("i"), pdu::subject("inner"), pdu::of(0xaf, &[military])];
    let inner = pdu::ipm(0x30, &heading, &[pdu::ia5("x")]);
    let time = pdu::tlv(0x80, b"261124102730Z");
    let external = |arc: &str, value: &[u8]| {
        let oid = pdu::tlv(6, &pdu::hex(&format!("2b1a00a2360007{arc}")));
        [oid, pdu::tlv(0xa0, value)]
    };
    let part = pdu::of(
        0xaf,
        &[
            pdu::of(0xa0, &external("0a", &pdu::of(0x31, &[time]))),
            pdu::of(0x28, &external("09", &inner)),
        ],
    );
    let content = with_extensions(&[], &[pdu::ia5("text"), part]);
    let mut world = World::new();
    world.deliver(&pdu::Message::of_content(&pdu::hex(P772), content).argument());
    let alice = world.bind_94();
    let names = ["subject", "mt-content-type", "mt-message-delivery-time", "mt-content"];
    let types = [names.map(contents).to_vec(), vec![contents("mmhs-primary-precedence")]].concat();
    let types: Vec<_> = types.iter().map(String::as_str).collect();
    let fetched = world.fetch(&alice, &pdu::precise(2, &types));
    let entry = fetched.entry_information.expect("a child");
    let mut whole = inner;
    whole[0] = 0xa0;
    let wanted = [
        pdu::tlv(0x14, b"inner"),
        pdu::hex(P772),
        pdu::tlv(0x17, b"261124102730Z"),
        pdu::tlv(0x04, &whole),
        pdu::hex("020104"),
    ];
    for (oid, wanted) in types.iter().zip(wanted) {
        assert_eq!(attribute(&entry, oid), [wanted], "{oid}");
    }
}

#[test]
fn body_parts_of_every_kind_come_back_as_they_came() {
    let extended = |arc: &str, parameters: Option<&str>, data: Vec<u8>| {
        let oid = |arcs: &str| pdu::tlv(6, &pdu::hex(arcs));
        let parameters = parameters.map(|octets| {
            pdu::of(0xa0, &[oid(&format!("56010b{arc}")), pdu::tlv(0xa0, &pdu::hex(octets))])
        });
        let data = pdu::of(0x28, &[oid(&format!("560104{arc}")), pdu::tlv(0xa0, &data)]);
        pdu::of(0xaf, &[parameters.unwrap_or_default(), data])
    };
    let teletex = pdu::of(0xa5, &[pdu::hex("3103800101"), pdu::of(0x30, &[pdu::tlv(0x14, b"t")])]);
    // GeneralText of ISO 8859-1, and of ISO 10646, by their registrations; a file with its name.
    let latin = extended("0b", Some("3109020101020106020164"), pdu::tlv(0x1b, b"na\xefve"));
    let universal = extended("0b", Some("31060201010201 06"), pdu::tlv(0x1b, b"\x1b%Gx"));
    let file = extended("0c", Some("31 0b a009 a007 1905 6e2e747874"), pdu::hex("3004 2802 0500"));
    let unknown = extended("63", None, pdu::hex("0500"));
    let body = [
        pdu::ia5("text"),
        latin,
        universal,
        teletex.clone(),
        pdu::hex("8e03010203"),
        file,
        unknown,
        pdu::of(0xa7, &[pdu::hex("a0020500")]),
    ];
    let content = with_extensions(&[], &body);
    let of = |name| values(&[0x80, 1, 22], &content, name);
    assert_eq!(of("mt-content"), [pdu::tlv(4, &content)]);
    assert_eq!(of("body"), [pdu::of(0x30, &body)]);
    let bare = |part: &[u8], tag: u8| [&[tag], &part[1..]].concat();
    assert_eq!(of("ia5-text-body-parts"), [bare(&body[0], 0x30)]);
    assert_eq!(of("ia5-text-data"), [pdu::tlv(0x16, b"text")]);
    assert_eq!(of("teletex-body-parts"), [bare(&teletex, 0x30)]);
    assert_eq!(of("teletex-parameters"), [pdu::hex("3103800101")]);
    assert_eq!(of("bilaterally-defined-body-parts"), [pdu::hex("0403010203")]);
    assert_eq!(of("nationally-defined-body-parts"), [pdu::hex("a0020500")]);
    let types = ["0b", "0c", "63"].map(|arc| pdu::tlv(6, &pdu::hex(&format!("560104{arc}"))));
    assert_eq!(of("extended-body-part-types"), types);
    assert_eq!(of("body-parts-summary").len(), body.len());
}
