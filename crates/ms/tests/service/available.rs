//! What a bind tells as available is there: in a mailbox in which everything happened that makes
//! an attribute, each attribute-type that is announced is had by some entry, and no other is. The
//! page on conformance tells of the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::auto_action::{self, FORWARD, errand, forward, passed, registration, registrations};
use crate::classes::of_class;
use crate::common::{World, pdu, settle};
use crate::modify::{add_attribute, groups, modify, name, note, register_group, specific};
use crate::submit::{IDENTIFIER, begin, message as submission, submitted, taken, to_submit};
use bytes::Bytes;
use restante_ber::Oid;
use restante_mhs::x413::attributes::{self, by_name};
use restante_mhs::x419::Edition;
use restante_ms::{Binding, Now, Passed, Reply, Settings};
use restante_storage::MemoryBackend;

/// A world in which all is stored and logged.
fn world() -> World {
    let settings = Settings { logs: true, store_submissions: true, ..Settings::default() };
    World::with(&Arc::new(MemoryBackend::new()), settings)
}

/// The contents of an attribute's object identifier.
pub(crate) fn contents(name: &str) -> String {
    let row = by_name(name).unwrap_or_else(|| panic!("no row {name}"));
    pdu::to_hex(row.oid.contents())
}

/// The attribute-types that a bind tells as available.
pub(crate) fn available(world: &World, edition: Edition) -> Vec<Oid> {
    // ms-configuration-request.
    let (_, result) = world.bind_with(edition, &pdu::bind(pdu::ALICE, "a5030101ff"));
    result.available_attribute_types.expect("it was asked").0.clone()
}

/// Extensions of an envelope by number: each with what its value is.
pub(crate) fn extensions(tag: u8, all: &[(u8, &str)]) -> Vec<u8> {
    let one = |(number, value): &(u8, &str)| {
        pdu::of(0x30, &[pdu::tlv(0x80, &[*number]), pdu::tlv(0xa2, &pdu::hex(value))])
    };
    pdu::of(tag, &all.iter().map(one).collect::<Vec<_>>())
}

/// One IPMS extension.
pub(crate) fn extension(oid: &str, value: &str) -> Vec<u8> {
    let oid: Oid = oid.parse().expect("an object identifier");
    pdu::of(0x30, &[pdu::tlv(6, oid.contents()), pdu::hex(value)])
}

const TIME: &str = "170d3236313132343130323732355a";

/// The extensions of the standard heading and of the military one, with values that have members
/// where theirs have.
fn heading_extensions() -> Vec<u8> {
    let label = pdu::x(0x30, "a00406022a03a2088000a10406022a03");
    let mut all = vec![extension("2.6.1.5.4", &label)];
    for arc in [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12] {
        all.push(extension(&format!("2.6.1.5.{arc}"), "3003020101"));
    }
    for arc in [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14] {
        all.push(extension(&format!("1.3.26.0.4406.0.2.{arc}"), "3003020101"));
    }
    // Codes and others, and labels of which the last are those of body parts.
    let others = pdu::x(0xa1, "30070602 2a03 020101");
    let codes = pdu::x(0x31, &format!("a0051303414243{others}"));
    all.push(extension("1.3.26.0.4406.0.2.6", &codes));
    all.push(extension("1.3.26.0.4406.0.2.17", &pdu::x(0x30, "a0003100 a2053003020101")));
    pdu::of(0xaf, &all)
}

/// A heading that says everything.
fn heading() -> Vec<Vec<u8>> {
    let descriptor = pdu::of(0xa0, &[pdu::hex(pdu::ALICE)]);
    let precedence = pdu::of(0xa3, &[extension("2.6.1.20.1", "02011c")]);
    let asked = pdu::of(0x31, &[descriptor, pdu::hex("810206c08201ff"), precedence]);
    let set = pdu::of(0x31, &[pdu::hex(pdu::CAROL)]);
    let mut identifier = pdu::this_ipm("before");
    let of_one = |tag: u8, member: &[u8]| pdu::tlv(tag, member);
    identifier[0] = 0xa5;
    vec![
        pdu::this_ipm("rich"),
        pdu::of(0xa0, &[pdu::hex(pdu::CAROL)]),
        of_one(0xa1, &set),
        of_one(0xa2, &asked),
        of_one(0xa3, &pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::BOB)])])),
        of_one(0xa4, &pdu::of(0x31, &[pdu::of(0xa0, &[pdu::hex(pdu::DAVE)])])),
        identifier,
        of_one(0xa6, &pdu::this_ipm("old")),
        of_one(0xa7, &pdu::this_ipm("other")),
        pdu::subject("rich"),
        pdu::tlv(0x89, b"281124102730Z"),
        pdu::tlv(0x8a, b"281124102730Z"),
        of_one(0xab, &set),
        pdu::hex("8c0102"),
        pdu::hex("8d0102"),
        heading_extensions(),
    ]
}

/// A body of parts of every kind; the first is the text of an ATS message.
fn body() -> Vec<Vec<u8>> {
    let parts = |tag: u8| pdu::of(tag, &[pdu::tlv(0x31, &[]), pdu::hex("3000")]);
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("inner")], &[pdu::ia5("inner")]);
    let file = pdu::of(0x28, &[pdu::hex("06045601040c"), pdu::hex("a0023000")]);
    let text = "\u{1}PRI: FF\r\nFT: 241500\r\nOHI: AFTN 1\r\n\u{2}METAR";
    let basic = [0xa3, 0xa5, 0xa6, 0xa8, 0xab].map(parts);
    let message = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let others = [
        pdu::of(0xa4, &[pdu::hex("3000")]),
        pdu::of(0xa7, &[pdu::hex("a0020500")]),
        pdu::hex("8e020102"),
        pdu::of(0xaf, &[file]),
        message,
    ];
    [pdu::ia5(text)].into_iter().chain(basic).chain(others).collect()
}

/// A delivery that says everything of which an attribute is made.
fn rich() -> pdu::Message {
    let content = pdu::ipm(0xa0, &heading(), &body());
    let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
    for field in ["a10480020520", "82020780", "a60480020520", "8803616263"] {
        message = message.with(pdu::hex(field));
    }
    message = message.with(pdu::of(0xa3, &[pdu::hex(pdu::DAVE)]));
    message = message.with(pdu::retag(pdu::BOB, 0xa5));
    let sequence = "3003020101";
    let label = pdu::x(0x31, "06022a03020103");
    let history = pdu::x(0x30, &pdu::x(0x30, &format!("{}{TIME}", pdu::CAROL)));
    let names = pdu::x(0x30, pdu::CAROL);
    let all = [
        (1, "0a0101"),
        (3, "0a0101"),
        (4, "0a0101"),
        (5, TIME),
        (13, sequence),
        (15, sequence),
        (16, sequence),
        (17, sequence),
        (18, sequence),
        (19, sequence),
        (20, &*label),
        (22, "0a0101"),
        (23, "1603616263"),
        (25, "3003300131"),
        (26, &*history),
        (28, sequence),
        (34, sequence),
        (37, sequence),
        (38, sequence),
        (40, "3103020101"),
        (42, &*names),
        (43, "3103020101"),
        (44, "3103020101"),
        (45, "a003020101"),
    ];
    message.with(extensions(0xa9, &all))
}

/// A delivered report.
fn report(identifier: &str) -> Vec<u8> {
    let delivered = pdu::of(
        0x31,
        &[pdu::retag(pdu::CAROL, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    let other = pdu::of(
        0x31,
        &[pdu::retag(pdu::BOB, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    let all = [(31, pdu::CAROL), (32, "3003020101"), (33, "3003020101")];
    let members = [
        pdu::hex("460116"),
        pdu::of(0x30, &[delivered, other]),
        pdu::hex(identifier),
        extensions(0xa1, &all),
    ];
    pdu::of(0x31, &members)
}

/// Notifications of every kind about the message `subject`, from Carol.
fn notifications(world: &mut World, subject: &str) {
    let extension = pdu::to_hex(&extension("1.2.3", "0500"));
    let returned = pdu::ipm(0xa3, &[pdu::this_ipm(subject)], &[]);
    let non_receipt = [
        pdu::hex("800101810100"),
        pdu::tlv(0x82, b"comment"),
        returned,
        pdu::hex(&pdu::x(0xa4, &extension)),
    ];
    let receipt = [
        pdu::tlv(0x80, b"261124102733Z"),
        pdu::hex("810101"),
        pdu::tlv(0x82, b"more"),
        pdu::hex(&pdu::x(0xa3, &extension)),
    ];
    let other = [pdu::of(0x30, &[pdu::hex("06022a03"), pdu::hex("0500")])];
    for (place, choice) in
        [pdu::of(0xa0, &non_receipt), pdu::of(0xa1, &receipt), pdu::of(0xa2, &other)]
            .into_iter()
            .enumerate()
    {
        let common = [
            pdu::this_ipm(subject),
            pdu::of(0xa1, &[pdu::hex(pdu::CAROL)]),
            pdu::of(0xa2, &[pdu::hex(pdu::DAVE)]),
            pdu::hex("650480020520"),
            pdu::hex(&pdu::x(0xa3, &extension)),
            pdu::tlv(0xa0, &choice),
        ];
        let content = pdu::of(0xa1, &common);
        let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
        message.identifier = format!("N{place}{subject}");
        world.deliver(&message.argument());
    }
}

/// Has Alice submit things that the MTA takes, refuses, and does not deliver after all.
fn submit_things(world: &World, alice: &Binding) {
    let asked = pdu::x(0x31, &format!("{}810206c08201ff", pdu::x(0xa0, pdu::CAROL)));
    let heading = [pdu::this_ipm("sent"), pdu::hex(&pdu::x(0xa2, &asked))];
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
    let more = pdu::to_hex(&extensions(0xa2, &[(24, "3003020101")]));
    let more = format!("650480020520800d3238313132343130323733305a{more}");
    let result = |more: &[u8]| {
        let time = pdu::tlv(0x80, b"261124102733Z");
        pdu::of(0x31, &[pdu::hex(IDENTIFIER), time, more.to_vec()])
    };
    let proof = extensions(0xa1, &[(35, "3003020101")]);
    let submit = to_submit(begin(world, alice, 3, &submission(pdu::ALICE, &content, &more)));
    taken(world, &submit, &result(&proof));
    let recipient = pdu::of(0x31, &[pdu::hex(pdu::CAROL), pdu::hex("80020410")]);
    let members = [pdu::hex(pdu::ALICE), pdu::hex("460116"), pdu::hex("800105")];
    let members = [members.to_vec(), vec![pdu::of(0xa3, &[recipient])]].concat();
    let submit = to_submit(begin(world, alice, 4, &pdu::of(0x31, &members)));
    taken(world, &submit, &result(&[]));
    let submit = to_submit(begin(world, alice, 7, &pdu::hex(IDENTIFIER)));
    taken(world, &submit, &[5, 0]);
    let submit = to_submit(begin(world, alice, 3, &submission(pdu::ALICE, b"refused", "")));
    let parameter = Some(Bytes::from_static(&[5, 0]));
    let refused = Passed::Error { code: 2, parameter };
    let reply = settle(world.ms.complete(&submit.token, refused, Now(world.now)));
    assert!(matches!(reply, Reply::Error { code: 2, .. }), "{reply:?}");
}

/// An IPM of which fields of the heading say something.
fn answering(local: &str, fields: &[(u8, &str)], body: &[Vec<u8>]) -> Vec<u8> {
    let mut heading = vec![pdu::this_ipm(local)];
    for (tag, name) in fields {
        let mut identifier = pdu::this_ipm(name);
        if *tag == 0xa5 {
            identifier[0] = 0xa5;
            heading.push(identifier);
        } else {
            heading.push(pdu::of(*tag, &[identifier]));
        }
    }
    pdu::ipm(0xa0, &heading, body)
}

/// A mailbox in which everything happened.
pub(crate) fn everything() -> (World, Binding) {
    let mut world = world();
    let alice = world.bind_94();
    let bare = |kind: &str| pdu::x(0x30, &format!("{}a003020101", pdu::x(0x06, kind)));
    let all = [
        bare("56040402"),
        bare("56010f01"),
        registration(FORWARD, 1, &forward(pdu::ALICE, pdu::DAVE)),
    ];
    auto_action::register(&world, &alice, &registrations(&all));
    world.deliver(&rich().argument());
    let refused = errand(&world, &alice).expect("it is forwarded");
    let error = Passed::Error { code: 2, parameter: Some(Bytes::from_static(&[5, 0])) };
    settle(passed(&world, &refused, error));
    submit_things(&world, &alice);
    world.do_due();
    assert!(matches!(world.deliver_code(6, &report(IDENTIFIER)), Reply::Result { .. }));
    notifications(&mut world, "sent");
    for (local, fields) in
        [("reply", vec![(0xa5, "sent")]), ("second", vec![(0xa6, "rich"), (0xa7, "rich")])]
    {
        let content = answering(local, &fields, &[pdu::ia5("text")]);
        let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
        message.identifier = local.to_owned();
        world.deliver(&message.argument());
    }
    while let Some(next) = errand(&world, &alice) {
        settle(passed(&world, &next, auto_action::taken()));
    }
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("rich")], &[]);
    let forwarded = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let content = answering("mine", &[(0xa5, "rich")], &[forwarded]);
    submitted(&world, &alice, &submission(pdu::ALICE, &content, ""));
    let receipt = pdu::tlv(0xa1, &pdu::tlv(0x80, b"261124102733Z"));
    let receipt = pdu::of(0xa1, &[pdu::this_ipm("rich"), pdu::tlv(0xa0, &receipt)]);
    submitted(&world, &alice, &submission(pdu::ALICE, &receipt, ""));
    world.do_due();
    assert!(matches!(
        groups(&world, &alice, &[register_group(&["Inbox"], "")]),
        Reply::Result { .. }
    ));
    let time = pdu::x(0x17, &pdu::to_hex(b"281124102730Z"));
    let given = [
        ("ms-message-group-name", name(&["Inbox"])),
        ("ms-message-notes", note("read me")),
        ("ms-storage-period", "02020e10".to_owned()),
        ("ms-marked-for-deletion", "0500".to_owned()),
        ("revised-reply-time", time),
    ];
    let given = given.map(|(kind, value)| pdu::x(0x31, &add_attribute(&contents(kind), &[value])));
    let modified = world.invoke(&alice, 26, &modify(&specific(&[1]), &given));
    assert!(matches!(modified, Reply::Result { .. }), "{modified:?}");
    (world, alice)
}

/// The attribute-types that entries of a class have.
fn had(world: &World, alice: &Binding, class: u8, types: &[Oid]) -> BTreeSet<String> {
    let list = of_class(class, &pdu::list(pdu::selector::CHILDREN, &[]));
    let entries = world.list(alice, &list).requested.unwrap_or_default();
    let types: Vec<_> = types.iter().map(|oid| pdu::to_hex(oid.contents())).collect();
    let types: Vec<_> = types.iter().map(String::as_str).collect();
    let mut had = BTreeSet::new();
    for entry in entries {
        let fetch = of_class(class, &pdu::precise(entry.sequence_number.0, &types));
        let entry = world.fetch(alice, &fetch).entry_information.expect("an entry");
        for attribute in entry.attributes.iter().flat_map(|attributes| &attributes.0) {
            let row = attributes::by_oid(&attribute.attribute_type).expect("a row");
            let values = attribute.attribute_values.len();
            assert!(values > 0 && (values == 1 || !row.single_valued), "{}: {values}", row.name);
            had.insert(row.name.to_owned());
        }
    }
    had
}

#[test]
fn every_attribute_that_a_bind_announces_is_had_by_some_entry() {
    let (world, alice) = everything();
    let all: Vec<_> = attributes::all().iter().map(|row| row.oid.clone()).collect();
    let mut seen = BTreeSet::new();
    for class in 0..=7 {
        seen.extend(had(&world, &alice, class, &all));
    }
    world.invoke(&alice, 23, &pdu::delete(&[1]));
    seen.extend(had(&world, &alice, 4, &all));
    let announced = available(&world, Edition::E1994);
    let announced = announced.iter().map(|oid| attributes::by_oid(oid).expect("a row").name);
    let announced: BTreeSet<_> = announced.map(str::to_owned).collect();
    let never: Vec<_> = announced.difference(&seen).collect();
    let hidden: Vec<_> = seen.difference(&announced).collect();
    assert!(never.is_empty() && hidden.is_empty(), "never had {never:?}, not told {hidden:?}");
}

#[test]
fn contexts_of_1988_are_told_of_what_1988_has() {
    let world = world();
    let late = available(&world, Edition::E1994);
    for oid in available(&world, Edition::E1988) {
        assert!(attributes::by_oid(&oid).expect("a row").in_1988 && late.contains(&oid), "{oid}");
    }
}
