//! Filters of all kinds over entries of all kinds: what the store selects, by its index where that
//! can tell, is what looking at the values of each entry selects.

use std::collections::BTreeMap;

use crate::available::{contents, extension, extensions};
use crate::common::{World, attribute, pdu};
use crate::rules::{ELEMENTS, PARTS, STRANGER};
use pdu::{filter, selector};
use proptest::prelude::*;
use restante_ber::{Decode, Element};
use restante_mhs::x413::{MatchingRule, string_text};
use restante_ms::Binding;

const PEOPLE: [&str; 4] = [pdu::ALICE, pdu::BOB, pdu::CAROL, pdu::DAVE];
/// Those of Acme.
const ACME: [usize; 2] = [2, 3];
const SUBJECTS: [&str; 5] = ["alpha one", "Alpha Two", "beta  two", "a", "gamma ALPHA"];

/// A message that is delivered.
#[derive(Clone, Debug)]
struct Sent {
    from: usize,
    to: Vec<usize>,
    subject: Option<usize>,
    priority: u8,
    importance: Option<u8>,
    hour: Option<u8>,
    code: Option<u8>,
    circulated: Option<usize>,
    redirected: Option<usize>,
    fetched: bool,
}

fn sent() -> impl Strategy<Value = Sent> {
    let person = || 0..PEOPLE.len();
    (
        (person(), prop::collection::vec(person(), 0..3)),
        prop::option::weighted(0.8, 0..SUBJECTS.len()),
        (0u8..3, prop::option::of(0u8..3), prop::option::of(0u8..4), prop::option::of(3u8..5)),
        (prop::option::of(person()), prop::option::of(person())),
        any::<bool>(),
    )
        .prop_map(|((from, to), subject, numbers, (circulated, redirected), fetched)| {
            let (priority, importance, hour, code) = numbers;
            let (from, to) = (from, to);
            Sent {
                from,
                to,
                subject,
                priority,
                importance,
                hour,
                code,
                circulated,
                redirected,
                fetched,
            }
        })
}

fn time(hour: u8) -> String {
    pdu::x(0x18, &pdu::to_hex(format!("202611241{hour}0000Z").as_bytes()))
}

fn specifier(name: &str) -> String {
    pdu::x(0x31, &pdu::x(0xa0, name))
}

impl Sent {
    fn argument(&self, place: usize) -> Vec<u8> {
        let from = PEOPLE[self.from];
        let mut heading = vec![pdu::this_ipm(&format!("m{}", place % 4))];
        heading.push(pdu::hex(&pdu::x(0xa0, from)));
        let to: String = self.to.iter().map(|one| specifier(PEOPLE[*one])).collect();
        heading.push(pdu::hex(&pdu::x(0xa2, &to)));
        heading.extend(self.subject.map(|one| pdu::subject(SUBJECTS[one])));
        heading.extend(self.importance.map(|one| vec![0x8c, 1, one]));
        let mut all = Vec::new();
        all.extend(self.hour.map(|hour| extension("2.6.1.5.5", &time(hour))));
        all.extend(self.circulated.map(|one| {
            let member = pdu::x(0x31, &specifier(PEOPLE[one]));
            extension("2.6.1.5.6", &pdu::x(0x30, &member))
        }));
        all.extend(self.code.map(|arc| {
            let code = pdu::x(0x30, &pdu::x(6, &format!("2a{arc:02x}")));
            extension("2.6.1.5.7", &pdu::x(0x30, &code))
        }));
        heading.push(pdu::of(0xaf, &all));
        let content = pdu::ipm(0xa0, &heading, &[pdu::ia5(&"x".repeat(place))]);
        let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
        message.originator = from;
        message.identifier = format!("L{place}");
        message = message.with(vec![0x47, 1, self.priority]);
        message = message.with(pdu::tlv(0x88, format!("c{}", place % 3).as_bytes()));
        if let Some(one) = self.redirected {
            let when = pdu::x(0x17, &pdu::to_hex(b"261124102725Z"));
            let name = pdu::x(0x30, &format!("{}{when}", PEOPLE[one]));
            let history = pdu::x(0x30, &pdu::x(0x30, &format!("{name}0a0101")));
            message = message.with(extensions(0xa9, &[(25, &history)]));
        }
        message.argument()
    }
}

/// How an attribute is compared: by an item of the filter, or a rule that other-match names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Equality,
    AtLeast,
    AtMost,
    Approximate,
    Part(u8),
    Present,
    Rule(&'static str),
}

/// Filters: an attribute, how, and the value in hexadecimal.
#[derive(Clone, Debug)]
enum Model {
    One(&'static str, By, String),
    And(Vec<Model>),
    Or(Vec<Model>),
    Not(Box<Model>),
}

/// What is asserted of attributes whose values have an order.
fn ordered() -> impl Strategy<Value = Model> {
    let numbers = [
        ("mt-priority", "4701", "integer"),
        ("importance", "0a01", "integer"),
        ("ms-retrieval-status", "0201", "integer"),
        ("ms-sequence-number", "0201", "integer"),
    ];
    let number = (prop::sample::select(numbers.to_vec()), 0u8..14, 0..6usize).prop_map(
        |((name, tag, _), value, by)| {
            // Retrieval-status has no order.
            let equal = name == "ms-retrieval-status";
            let by = [
                By::Equality,
                By::AtLeast,
                By::AtMost,
                By::Rule("integerMatch"),
                By::Rule("integerOrderingMatch"),
                By::Present,
            ][if equal { 3 * (by % 2) } else { by }];
            let tag = if matches!(by, By::Rule(_)) { "0201" } else { tag };
            Model::One(name, by, format!("{tag}{:02x}", value % if equal { 3 } else { 14 }))
        },
    );
    let hour = (0u8..5, 0..5usize).prop_map(|(hour, by)| {
        let rules = ["generalizedTimeMatch", "generalizedTimeOrderingMatch"].map(By::Rule);
        let by = [By::Equality, By::AtLeast, By::AtMost, rules[0], rules[1]][by];
        Model::One("authorization-time", by, time(hour))
    });
    let created = (0u8..14, 0..4usize).prop_map(|(second, by)| {
        let rule = By::Rule("uTCTimeOrderingMatch");
        let time = format!("2611300053{:02}Z", 20 + second);
        let by = [By::Equality, By::AtLeast, By::AtMost, rule][by];
        Model::One("ms-creation-time", by, pdu::x(0x17, &pdu::to_hex(time.as_bytes())))
    });
    prop_oneof![number, hour, created]
}

/// What is asserted of strings and of values that are equal or not.
fn texts() -> impl Strategy<Value = Model> {
    let words = ["alpha one", "ALPHA", "two", "a t", "beta two", "x", "a"];
    let by = [
        By::Equality,
        By::Approximate,
        By::Part(0),
        By::Part(1),
        By::Part(2),
        By::Present,
        By::Rule("mSStringMatch"),
        By::Rule("mSSingleSubstringMatch"),
        By::Rule("mSStringOrderingMatch"),
    ];
    let subject = (prop::sample::select(words.to_vec()), prop::sample::select(by.to_vec()))
        .prop_map(|(words, by)| Model::One("subject", by, filter::t61(words)));
    let same = prop::sample::select(vec![
        ("mt-content-identifier", By::Equality, "4a026331".to_owned()),
        ("mt-content-type", By::Equality, "060456010a01".to_owned()),
        ("mt-content-type", By::Rule("objectIdentifierMatch"), "06022a03".to_owned()),
        ("auto-forwarded", By::Equality, "0101ff".to_owned()),
        ("this-ipm", By::Equality, pdu::to_hex(&pdu::this_ipm("m1"))),
        ("this-ipm", By::Rule("iPMIdentifierMatch"), pdu::to_hex(&pdu::this_ipm("m2"))),
        ("distribution-codes", By::Equality, "300406022a03".replace("0406022a03", "0306012a")),
        ("distribution-codes", By::Rule("distributionCodeMatch"), "300406022a04".to_owned()),
        ("primary-recipients", By::Rule("valueCountMatch"), "020102".to_owned()),
        ("primary-recipients", By::Present, "0500".to_owned()),
        ("circulation-list-recipients", By::Present, "0500".to_owned()),
    ])
    .prop_map(|(name, by, value)| Model::One(name, by, value));
    prop_oneof![subject, same]
}

/// What is asserted of names.
fn names() -> impl Strategy<Value = Model> {
    let kinds = [
        ("mt-originator-name", "oRName"),
        ("originator", "oRDescriptor"),
        ("primary-recipients", "recipientSpecifier"),
        ("circulation-list-recipients", "circulationMember"),
        ("mt-redirection-history", "redirectionOrDLExpansion"),
    ];
    let whom = [PEOPLE.to_vec(), vec![ELEMENTS, PARTS, STRANGER]].concat();
    let how = ["", "Match", "ElementsMatch", "SubstringElementsMatch", "SingleElementMatch"];
    (
        prop::sample::select(kinds.to_vec()),
        prop::sample::select(whom),
        prop::sample::select(how.to_vec()),
        prop::sample::select(vec!["JONES", "acme", "Bob", "nobody"]),
    )
        .prop_map(|((name, kind), who, how, word)| {
            let value = match kind {
                _ if how == "SingleElementMatch" => filter::t61(word),
                "oRDescriptor" => pdu::x(0x31, who),
                "recipientSpecifier" => specifier(who),
                "circulationMember" => pdu::x(0x31, &specifier(who)),
                _ => who.to_owned(),
            };
            // Histories have no equality of their own.
            let how = match how {
                "" if kind == "redirectionOrDLExpansion" => "Match",
                how => how,
            };
            let rule = || MatchingRule::by_name(&format!("{kind}{how}")).expect("a rule").name;
            let by = if how.is_empty() { By::Equality } else { By::Rule(rule()) };
            Model::One(name, by, value)
        })
}

fn model() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![ordered(), texts(), names()];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Model::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Model::Or),
            inner.prop_map(|filter| Model::Not(Box::new(filter))),
        ]
    })
}

/// The values of an entry, by the name of the attribute.
type Values = BTreeMap<&'static str, Vec<Vec<u8>>>;

const ATTRIBUTES: [&str; 16] = [
    "mt-priority",
    "importance",
    "ms-retrieval-status",
    "ms-sequence-number",
    "authorization-time",
    "ms-creation-time",
    "subject",
    "mt-content-identifier",
    "mt-content-type",
    "auto-forwarded",
    "this-ipm",
    "distribution-codes",
    "primary-recipients",
    "mt-originator-name",
    "originator",
    "circulation-list-recipients",
];

fn text(value: &[u8]) -> String {
    let text = string_text(&Element::parse(value).expect("a string")).expect("a string");
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn number(value: &[u8]) -> i64 {
    i64::decode_contents(&Element::parse(value).expect("a number")).expect("a number")
}

/// Whether one value is as a filter asserts it.
fn compares(name: &str, by: By, value: &[u8], asserted: &[u8]) -> bool {
    use core::cmp::Ordering::{Equal, Greater, Less};
    let order = match name {
        "mt-priority" | "importance" | "ms-retrieval-status" | "ms-sequence-number" => {
            number(value).cmp(&number(asserted))
        }
        "subject" => text(value).cmp(&text(asserted)),
        "authorization-time" | "ms-creation-time" => value.cmp(asserted),
        "mt-originator-name" | "originator" | "primary-recipients" => {
            return is_named(by, value, asserted);
        }
        "circulation-list-recipients" | "mt-redirection-history" => {
            return is_named(by, value, asserted);
        }
        _ => value.cmp(asserted),
    };
    match by {
        By::Equality => order == Equal,
        By::AtLeast => order != Less,
        By::AtMost => order != Greater,
        By::Approximate => text(value) == text(asserted),
        By::Part(0) => text(value).starts_with(&text(asserted)),
        By::Part(1) | By::Rule("mSSingleSubstringMatch") => text(value).contains(&text(asserted)),
        By::Part(_) => text(value).ends_with(&text(asserted)),
        By::Rule(rule) if rule.ends_with("OrderingMatch") => order == Less,
        By::Present | By::Rule(_) => by == By::Present || order == Equal,
    }
}

/// Whether a value that has a name in it is of whom the assertion means.
fn is_named(by: By, value: &[u8], asserted: &[u8]) -> bool {
    let has = |octets: &[u8], name: &str| {
        let name = &pdu::hex(name)[2..];
        octets.windows(name.len()).any(|window| window == name)
    };
    let who = PEOPLE.iter().position(|name| has(value, name)).expect("somebody");
    let meant = PEOPLE.iter().position(|name| has(asserted, name));
    let (elements, parts) = (has(asserted, ELEMENTS), has(asserted, PARTS));
    match by {
        By::Present => true,
        By::Rule(rule) if rule.ends_with("SingleElementMatch") => match &*text(asserted) {
            "jones" => who == 2,
            "acme" => ACME.contains(&who),
            "bob" => who == 1,
            _ => false,
        },
        By::Rule(rule) if rule.ends_with("SubstringElementsMatch") => {
            meant == Some(who) || ((elements || parts) && ACME.contains(&who))
        }
        By::Rule(rule) if rule.ends_with("ElementsMatch") => {
            meant == Some(who) || (elements && ACME.contains(&who))
        }
        _ => meant == Some(who),
    }
}

impl Model {
    fn encoded(&self) -> String {
        let all = |filters: &[Self]| filters.iter().map(Self::encoded).collect::<Vec<_>>();
        match self {
            Self::One(name, by, value) => {
                let oid = contents(name);
                let assertion = |tag| {
                    let assertion = pdu::x(0x30, &format!("{}{value}", pdu::x(6, &oid)));
                    pdu::x(0xa0, &pdu::x(tag, &assertion))
                };
                match by {
                    By::Equality => assertion(0xa0),
                    By::AtLeast => assertion(0xa2),
                    By::AtMost => assertion(0xa3),
                    By::Approximate => assertion(0xa5),
                    By::Present => filter::present(&oid),
                    By::Part(kind) => {
                        let part = pdu::x(0x30, &pdu::x(0xa0 + kind, value));
                        let item = pdu::x(0x30, &format!("{}{part}", pdu::x(6, &oid)));
                        pdu::x(0xa0, &pdu::x(0xa1, &item))
                    }
                    By::Rule(rule) => {
                        let rule = MatchingRule::by_name(rule).expect("a rule").oid.clone();
                        let rule = pdu::x(6, &pdu::to_hex(rule.contents()));
                        let members = [(0xa0, &rule), (0xa1, &pdu::x(6, &oid)), (0xa2, value)];
                        let members = members.map(|(tag, member)| pdu::x(tag, member)).concat();
                        pdu::x(0xa0, &pdu::x(0xa6, &pdu::x(0x30, &members)))
                    }
                }
            }
            Self::And(filters) => filter::and(&all(filters)),
            Self::Or(filters) => filter::or(&all(filters)),
            Self::Not(filter) => filter::not(&filter.encoded()),
        }
    }

    fn holds(&self, entry: &Values) -> bool {
        match self {
            Self::One(name, By::Rule("valueCountMatch"), value) => {
                i64::try_from(entry[name].len()).ok() == Some(number(&pdu::hex(value)))
            }
            Self::One(name, by, value) => {
                let asserted = pdu::hex(value);
                entry[name].iter().any(|value| compares(name, *by, value, &asserted))
            }
            Self::And(filters) => filters.iter().all(|filter| filter.holds(entry)),
            Self::Or(filters) => filters.iter().any(|filter| filter.holds(entry)),
            Self::Not(filter) => !filter.holds(entry),
        }
    }
}

/// The values of an entry.
fn values(world: &World, alice: &Binding, entry: u32) -> Values {
    let names = ATTRIBUTES.into_iter().chain(["mt-redirection-history"]);
    let oids: Vec<_> = names.map(|name| (name, contents(name))).collect();
    let types: Vec<_> = oids.iter().map(|(_, oid)| oid.as_str()).collect();
    let fetched = world.fetch(alice, &pdu::precise(entry, &types)).entry_information;
    let fetched = fetched.expect("an entry");
    oids.iter().map(|(name, oid)| (*name, attribute(&fetched, oid))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_index_selects_what_looking_at_each_entry_selects(
        entries in prop::collection::vec(sent(), 1..12),
        filters in prop::collection::vec(model(), 1..24),
    ) {
        let mut world = World::new();
        // No whole second, as attributes have.
        world.now += 250_000;
        let alice = world.bind_94();
        for (place, entry) in entries.iter().enumerate() {
            world.deliver(&entry.argument(place));
        }
        for (number, entry) in (1..).zip(&entries) {
            let wanted = if entry.fetched { pdu::CONTENT } else { pdu::SUBJECT };
            world.fetch(&alice, &pdu::precise(number, &[wanted]));
        }
        let numbers = 1..=u32::try_from(entries.len()).expect("few");
        let kept: Vec<_> =
            numbers.map(|number| (number, values(&world, &alice, number))).collect();
        for model in &filters {
            let holding = kept.iter().filter(|(_, entry)| model.holds(entry));
            let wanted: Vec<u32> = holding.map(|(number, _)| *number).collect();
            let got = world.numbers(&alice, &selector::filter(&model.encoded()));
            prop_assert_eq!(got, wanted, "{:?}", model);
        }
    }
}
