//! Filters: each rule on its own, and any filter at all against a model that knows nothing of
//! columns and plans.

use crate::common::{World, pdu};
use pdu::{filter, selector};
use proptest::prelude::*;
use restante_ms::Binding;

fn selected(world: &World, alice: &Binding, filter: &str) -> Vec<u32> {
    world.numbers(alice, &selector::filter(filter))
}

/// `alpha one` of Carol, `alpha two` of Dave, `beta three` of Carol, and EDI.
fn four() -> (World, Binding) {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["alpha one"]);
    let mut two = pdu::Message::of_subject("alpha two")
        .with(pdu::hex("470102"))
        .with(pdu::tlv(0x88, b"CID2"));
    two.originator = pdu::DAVE;
    two.identifier = "L2".to_owned();
    world.deliver(&two.argument());
    world.deliver(&pdu::Message::of_subject("beta three").with(pdu::hex("470101")).argument());
    let edi = pdu::Message::of_content(&[0x80, 1, 35], vec![b'x'; 300]);
    world.deliver(&edi.argument());
    (world, alice)
}

#[test]
fn incomplete_copy_is_matched_in_1988_alone() {
    let mut world = World::new();
    let extension = pdu::of(0x30, &[pdu::hex("060456010500"), vec![5, 0]]);
    let heading = [pdu::this_ipm("i"), pdu::of(0xaf, &[extension])];
    world.deliver_subjects(&["whole"]);
    let content = pdu::ipm(0xa0, &heading, &[]);
    world.deliver(&pdu::Message::of_content(&[0x80, 1, 22], content).argument());
    let incomplete = selector::filter(&filter::equal("56010711", "0500"));
    assert_eq!(world.numbers(&world.bind(), &incomplete), [2]);
    let reply = world.invoke(&world.bind_94(), 21, &pdu::list(&incomplete, &[]));
    // inappropriate-matching
    let parameter = "3113a011310f310da003020102a106060456010711";
    assert_eq!(crate::common::error(&reply), (21, parameter.to_owned()));
}

#[test]
fn strings_match_in_any_string_type_and_case() {
    let (world, alice) = four();
    let of = |filter: String| selected(&world, &alice, &filter);
    let text = |tag, text: &str| pdu::x(tag, &pdu::to_hex(text.as_bytes()));
    assert_eq!(of(filter::equal(pdu::SUBJECT, &text(0x14, "alpha two"))), [2]);
    assert_eq!(of(filter::equal(pdu::SUBJECT, &text(0x13, "ALPHA  two"))), [2]);
    assert_eq!(of(filter::equal(pdu::SUBJECT, &text(0x1e, "\0a\0l\0p\0h\0a\0 \0t\0w\0o"))), [2]);
    assert!(of(filter::equal(pdu::SUBJECT, &text(0x14, "alpha"))).is_empty());
    let parts = |parts: &[(u8, &str)]| of(filter::substrings(pdu::SUBJECT, parts));
    assert_eq!(parts(&[(0, "alpha")]), [1, 2]);
    assert_eq!(parts(&[(0, "al"), (1, "ha t"), (2, "wo")]), [2]);
    assert_eq!(parts(&[(1, "alpha"), (1, "two")]), [2]);
    assert!(parts(&[(1, "two"), (1, "alpha")]).is_empty());
    assert_eq!(parts(&[(2, "e")]), [1, 3]);
    assert_eq!(of(filter::equal("56040304", "4a0443494432")), [2]);
    assert_eq!(of(filter::equal("56040304", "130463696432")), [2]);
}

#[test]
fn names_identifiers_and_types_match_as_a_whole() {
    let (world, alice) = four();
    let of = |filter: String| selected(&world, &alice, &filter);
    assert_eq!(of(filter::equal("5604031b", pdu::DAVE)), [2]);
    assert_eq!(of(filter::equal("5604031b", pdu::CAROL)), [1, 3, 4]);
    assert_eq!(of(filter::equal("56040329", pdu::ALICE)), [1, 2, 3, 4]);
    assert!(of(filter::equal("56040329", pdu::BOB)).is_empty());
    // Carol in capitals, the country as it was.
    let capitals = pdu::CAROL.replace("4361726f6c", "4341524f4c");
    assert_eq!(of(filter::equal("5604031b", &capitals)), [1, 3, 4]);
    let identifier = "64176311610413024742620313012013045045455216024c32";
    assert_eq!(of(filter::equal("56040313", identifier)), [2]);
    assert_eq!(of(filter::equal("56040308", "060456010a01")), [1, 2, 3]);
    assert_eq!(of(filter::equal("56040308", "060456030300")), [4]);
    let this_ipm = pdu::to_hex(&pdu::this_ipm("ALPHA one"));
    assert_eq!(of(filter::equal(pdu::THIS_IPM, &this_ipm)), [1]);
    assert_eq!(of(filter::equal("56010600", "0a0100")), [1, 2, 3]);
    assert_eq!(of(filter::equal("56010707", "0a0101")), [1, 2, 3]);
}

#[test]
fn numbers_times_and_lengths_have_an_order() {
    let (world, alice) = four();
    let of = |filter: String| selected(&world, &alice, &filter);
    assert_eq!(of(filter::at_least("56040327", "020103")), [3, 4]);
    assert_eq!(of(filter::at_most("56040327", "020102")), [1, 2]);
    assert_eq!(of(filter::equal("56040327", "020102")), [2]);
    assert!(of(filter::equal("56040327", "0201ff")).is_empty());
    assert_eq!(of(filter::at_most("56040327", "02050100000000")), [1, 2, 3, 4]);
    assert_eq!(of(filter::at_least("56040306", "0202012c")), [4]);
    assert_eq!(of(filter::at_most("56040306", "0202012b")), [1, 2, 3]);
    assert!(of(filter::at_most("56040306", "0201ff")).is_empty());
    let time =
        |seconds: u8| pdu::x(0x17, &pdu::to_hex(format!("2611300053{seconds}Z").as_bytes()));
    assert_eq!(of(filter::equal("5604030b", &time(21))), [2]);
    assert_eq!(of(filter::at_least("5604030b", &time(22))), [3, 4]);
    assert_eq!(of(filter::at_most("5604030b", &time(21))), [1, 2]);
    assert_eq!(of(filter::at_least(pdu::PRIORITY, "470101")), [2, 3]);
    assert_eq!(of(filter::equal(pdu::PRIORITY, "470100")), [1, 4]);
}

#[test]
fn presence_and_logic_have_two_values() {
    let (world, alice) = four();
    let of = |filter: String| selected(&world, &alice, &filter);
    let subject = filter::present(pdu::SUBJECT);
    let identifier = filter::present("56040304");
    assert_eq!(of(subject.clone()), [1, 2, 3]);
    assert_eq!(of(filter::not(&subject)), [4]);
    assert_eq!(of(identifier.clone()), [2]);
    assert_eq!(of(filter::and(&[subject.clone(), filter::not(&identifier)])), [1, 3]);
    assert_eq!(of(filter::or(&[filter::not(&subject), identifier])), [2, 4]);
    assert_eq!(of(filter::and(&[])), [1, 2, 3, 4]);
    assert!(of(filter::or(&[])).is_empty());
    // An assertion about what is not there is false, its opposite true.
    let two = filter::equal(pdu::SUBJECT, &filter::t61("alpha two"));
    assert_eq!(of(filter::not(&two)), [1, 3, 4]);
    assert_eq!(of(filter::equal(pdu::STATUS, "020101")), [1, 2, 3, 4]);
    assert_eq!(of(filter::present(pdu::CONTENT)), [1, 2, 3, 4]);
    assert_eq!(of(filter::equal("56040310", "020100")), [1, 2, 3, 4]);
}

#[test]
fn subjects_beyond_the_columns_and_beyond_ascii_are_found() {
    let mut world = World::new();
    let alice = world.bind();
    let long = format!("{} end", "long ".repeat(300));
    world.deliver_subjects(&[&long, "short"]);
    let mut teletex = pdu::Message::of_subject("x");
    // "Zürich" in T.61: a diaeresis, then the letter.
    let heading = [pdu::this_ipm("z"), pdu::tlv(0xa8, &pdu::tlv(0x14, b"Z\xc8urich"))];
    teletex.content = pdu::ipm(0xa0, &heading, &[]);
    world.deliver(&teletex.argument());
    let of = |filter: String| selected(&world, &alice, &filter);
    assert_eq!(of(filter::substrings(pdu::SUBJECT, &[(2, "end")])), [1]);
    assert_eq!(of(filter::equal(pdu::SUBJECT, &filter::t61(&long))), [1]);
    let utf16: Vec<u8> = "ZÜRICH".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bmp = pdu::x(0x1e, &pdu::to_hex(&utf16));
    assert_eq!(of(filter::equal(pdu::SUBJECT, &bmp)), [3]);
}

/// A message of the model.
#[derive(Clone, Debug)]
struct Known {
    subject: Option<&'static str>,
    priority: Option<u8>,
    dave: bool,
    identifier: Option<&'static str>,
    fetched: bool,
}

const SUBJECTS: [&str; 5] = ["alpha one", "Alpha Two", "beta  two", "a", "gamma alpha"];
const IDENTIFIERS: [&str; 2] = ["CID1", "CID2"];

fn known() -> impl Strategy<Value = Known> {
    (
        prop::option::of(prop::sample::select(&SUBJECTS[..])),
        prop::option::of(0u8..4),
        any::<bool>(),
        prop::option::of(prop::sample::select(&IDENTIFIERS[..])),
        any::<bool>(),
    )
        .prop_map(|(subject, priority, dave, identifier, fetched)| Known {
            subject,
            priority,
            dave,
            identifier,
            fetched,
        })
}

impl Known {
    fn argument(&self, number: usize) -> Vec<u8> {
        let mut message = match self.subject {
            Some(subject) => pdu::Message::of_subject(subject),
            None => pdu::Message::of_content(&[0x80, 1, 0], vec![1; 40]),
        };
        if let Some(priority) = self.priority {
            message = message.with(vec![0x47, 1, priority]);
        }
        if let Some(identifier) = self.identifier {
            message = message.with(pdu::tlv(0x88, identifier.as_bytes()));
        }
        message.identifier = format!("L{number}");
        message.originator = if self.dave { pdu::DAVE } else { pdu::CAROL };
        message.argument()
    }
}

/// A filter of the model.
#[derive(Clone, Debug)]
enum Model {
    Subject(&'static str),
    Contains(&'static str),
    HasSubject,
    Priority(u8),
    PriorityFrom(u8),
    Status(u8),
    Dave,
    Identifier(&'static str),
    NumberTo(u8),
    TimeFrom(u8),
    Message,
    And(Vec<Model>),
    Or(Vec<Model>),
    Not(Box<Model>),
}

fn model() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![
        prop::sample::select(&SUBJECTS[..]).prop_map(Model::Subject),
        prop::sample::select(&["alpha", "TWO", "a t", "x"][..]).prop_map(Model::Contains),
        Just(Model::HasSubject),
        (0u8..4).prop_map(Model::Priority),
        (0u8..4).prop_map(Model::PriorityFrom),
        (0u8..4).prop_map(Model::Status),
        Just(Model::Dave),
        prop::sample::select(&IDENTIFIERS[..]).prop_map(Model::Identifier),
        (0u8..14).prop_map(Model::NumberTo),
        (0u8..14).prop_map(Model::TimeFrom),
        Just(Model::Message),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Model::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Model::Or),
            inner.prop_map(|filter| Model::Not(Box::new(filter))),
        ]
    })
}

fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Model {
    fn encoded(&self) -> String {
        let all = |filters: &[Self]| filters.iter().map(Self::encoded).collect::<Vec<_>>();
        match self {
            Self::Subject(text) => filter::equal(pdu::SUBJECT, &filter::t61(text)),
            Self::Contains(text) => filter::substrings(pdu::SUBJECT, &[(1, text)]),
            Self::HasSubject => filter::present(pdu::SUBJECT),
            Self::Priority(code) => filter::equal(pdu::PRIORITY, &format!("4701{code:02x}")),
            Self::PriorityFrom(code) => {
                filter::at_least(pdu::PRIORITY, &format!("4701{code:02x}"))
            }
            Self::Status(code) => filter::equal(pdu::STATUS, &format!("0201{code:02x}")),
            Self::Dave => filter::equal("5604031b", pdu::DAVE),
            Self::Identifier(text) => {
                filter::equal("56040304", &pdu::x(0x4a, &pdu::to_hex(text.as_bytes())))
            }
            Self::NumberTo(number) => filter::at_most("56040327", &format!("0201{number:02x}")),
            Self::TimeFrom(second) => {
                let time = format!("261130005 3{:02}Z", 20 + second).replace(' ', "");
                filter::at_least("5604030b", &pdu::x(0x17, &pdu::to_hex(time.as_bytes())))
            }
            Self::Message => filter::equal("56040310", "020100"),
            Self::And(filters) => filter::and(&all(filters)),
            Self::Or(filters) => filter::or(&all(filters)),
            Self::Not(filter) => filter::not(&filter.encoded()),
        }
    }

    fn holds(&self, number: u8, entry: &Known, status: u8) -> bool {
        let subject = entry.subject.map(folded);
        match self {
            Self::Subject(text) => subject == Some(folded(text)),
            Self::Contains(text) => subject.is_some_and(|s| s.contains(&folded(text))),
            Self::HasSubject => subject.is_some(),
            Self::Priority(code) => entry.priority.unwrap_or(0) == *code,
            Self::PriorityFrom(code) => entry.priority.unwrap_or(0) >= *code,
            Self::Status(code) => status == *code,
            Self::Dave => entry.dave,
            Self::Identifier(text) => entry.identifier == Some(text),
            Self::NumberTo(to) => number <= *to,
            Self::TimeFrom(second) => number > *second,
            Self::Message => true,
            Self::And(filters) => filters.iter().all(|f| f.holds(number, entry, status)),
            Self::Or(filters) => filters.iter().any(|f| f.holds(number, entry, status)),
            Self::Not(filter) => !filter.holds(number, entry, status),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_filter_selects_what_the_model_selects(
        entries in prop::collection::vec(known(), 1..12),
        filters in prop::collection::vec(model(), 1..16),
    ) {
        let mut world = World::new();
        let alice = world.bind();
        for (number, entry) in entries.iter().enumerate() {
            world.deliver(&entry.argument(number));
        }
        let numbered = || (1u8..).zip(&entries);
        for (number, _) in numbered().filter(|(_, entry)| entry.fetched) {
            world.fetch(&alice, &pdu::precise(u32::from(number), &[pdu::CONTENT]));
        }
        for model in &filters {
            let wanted: Vec<u32> = numbered()
                .filter(|(number, entry)| {
                    model.holds(*number, entry, if entry.fetched { 2 } else { 0 })
                })
                .map(|(number, _)| u32::from(number))
                .collect();
            // Summarize counts without a change of status.
            let members = selector::filter(&model.encoded());
            let argument = pdu::x(0x31, &format!(
                "{}a2083006 0604 56040327", pdu::x(0xa1, &pdu::x(0x31, &members))
            ));
            let result = world.summarize(&alice, &argument);
            let summary = result.summaries.expect("one").remove(0);
            let mut got: Vec<u32> = summary
                .present
                .into_iter()
                .flat_map(|set| set.0)
                .map(|value| value.value.to::<u32>().expect("a number"))
                .collect();
            got.sort_unstable();
            prop_assert_eq!(got, wanted, "{:?}", model);
        }
    }
}

#[test]
fn rules_that_other_match_names_compare_strings_counts_and_elements_of_names() {
    let mut world = World::new();
    world.deliver_subjects(&["Alpha Two"]);
    let alice = world.bind_94();
    let matches = |rule: &str, oid: &str, value: &str| {
        let members = [(0xa0, pdu::x(6, rule)), (0xa1, pdu::x(6, oid)), (0xa2, value.to_owned())];
        let members = members.map(|(tag, member)| pdu::x(tag, &member)).concat();
        let filter = pdu::x(0xa0, &pdu::x(0xa6, &pdu::x(0x30, &members)));
        !world.numbers(&alice, &pdu::selector::filter(&filter)).is_empty()
    };
    let text = pdu::filter::t61;
    let part = |tag, words: &str| pdu::x(0x30, &pdu::x(tag, &text(words)));
    let address = |name: &str| pdu::to_hex(&pdu::retag(name, 0x30));
    const ORIGINATOR: &str = "5604031b";
    for (rule, oid, value, holds) in [
        ("5604080a", pdu::SUBJECT, text("ALPHA  two"), true),
        ("56040807", pdu::SUBJECT, text("ALPHA two"), false),
        ("56040807", pdu::SUBJECT, text("Alpha  Two"), true),
        ("5604080b", pdu::SUBJECT, text("beta"), true),
        ("5604080b", pdu::SUBJECT, text("alpha two"), false),
        ("56040805", pdu::SUBJECT, text("HA T"), true),
        ("56040806", pdu::SUBJECT, part(0xa0, "al"), true),
        ("56040806", pdu::SUBJECT, part(0xa2, "al"), false),
        ("56040811", ORIGINATOR, pdu::CAROL.to_owned(), true),
        ("5604080e", ORIGINATOR, address(pdu::CAROL), true),
        ("5604080d", ORIGINATOR, address(pdu::CAROL), true),
        ("5604080f", ORIGINATOR, address(pdu::DAVE), false),
        ("56040810", ORIGINATOR, pdu::DAVE.to_owned(), false),
        ("56040812", ORIGINATOR, text("JONES"), true),
        ("56040812", ORIGINATOR, text("Brown"), false),
        ("550d0e", pdu::PRIORITY, "020100".to_owned(), true),
        ("550d0f", pdu::PRIORITY, "020101".to_owned(), true),
        ("550d0f", pdu::PRIORITY, "020100".to_owned(), false),
    ] {
        assert_eq!(matches(rule, oid, &value), holds, "{rule} {value}");
    }
}

#[test]
fn approximate_match_looks_at_letters_and_digits() {
    let mut world = World::new();
    world.deliver_subjects(&["NOTAM A-0123/26"]);
    let alice = world.bind();
    let assertion = |words: &str| {
        let value = format!("{}{}", pdu::x(6, pdu::SUBJECT), pdu::filter::t61(words));
        let filter = pdu::x(0xa0, &pdu::x(0xa5, &pdu::x(0x30, &value)));
        world.numbers(&alice, &pdu::selector::filter(&filter))
    };
    assert_eq!(assertion("notam a 0123 26"), [1]);
    assert!(assertion("notam a 0124 26").is_empty());
}
