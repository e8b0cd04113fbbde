//! The filter language: what is read, what is said of what can't be read, and that what is printed
//! is read as the same.

use expect_test::{Expect, expect};
use jiff::ZonedDateTime;
use proptest::prelude::*;
use restante_ber::{Encode, Oid, PrintableString, TeletexString};
use restante_mhs::x411::Priority;
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind, all, by_name};
use restante_mhs::x413::{
    AttributeValue, AttributeValueAssertion, Filter, FilterItem, MatchingRule,
    MatchingRuleAssertion, RetrievalStatus, Substring, Substrings, oids as ms,
};

use super::{FilterError, parse as parse_at, print, value};

fn now() -> ZonedDateTime {
    "2026-11-24T10:00[+01:00]".parse().unwrap()
}

fn parse(text: &str) -> Result<Filter, FilterError> {
    parse_at(text, &now())
}

fn oid(name: &str) -> Oid {
    by_name(name).unwrap().oid.clone()
}

fn equal(attribute_type: Oid, value: &impl Encode) -> Filter {
    let attribute_value = AttributeValue::of(value);
    Filter::Item(FilterItem::Equality(AttributeValueAssertion { attribute_type, attribute_value }))
}

#[test]
fn a_filter_is_what_it_says() {
    let subject = FilterItem::Substrings(Substrings {
        r#type: oid("subject"),
        strings: vec![Substring::Any(AttributeValue::of(&TeletexString::from("NOTAM")))],
    });
    let expected = Filter::And(vec![
        Filter::Item(subject),
        equal(ms::ID_ATT_PRIORITY, &Priority::URGENT),
        Filter::Not(Box::new(equal(ms::ID_ATT_RETRIEVAL_STATUS, &RetrievalStatus::PROCESSED))),
        Filter::Item(FilterItem::GreaterOrEqual(AttributeValueAssertion {
            attribute_type: ms::ID_ATT_CREATION_TIME,
            attribute_value: AttributeValue::of(&restante_ber::UtcTime(1_793_487_601)),
        })),
    ]);
    let text = "subject ~ \"NOTAM\" and priority = urgent and not status = processed \
                and created > 2026-11-01";
    assert_eq!(parse(text), Ok(expected));
}

#[track_caller]
fn printed(text: &str, expected: &str) {
    match parse(text) {
        Ok(filter) => {
            assert_eq!(print(&filter), expected);
            assert_eq!(parse(expected), Ok(filter));
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_is_printed_is_short_and_read_as_the_same() {
    for plain in [
        "everything",
        "nothing",
        "has subject",
        "not not has note",
        "from = \"/CN=Alice/O=Example/PRMD=PEER/ADMD=ICAO/C=XX/\"",
        "to = \"/CN=Bob/C=GB/\" or copy = \"Bob\"",
        "(status = new or status = listed) and type = delivered-report",
        "status = new and (status = new and status = listed) or (has note or has group)",
        "subject ~ ^\"NOTAM\" \"ice\" \"out\"$",
        "subject ~= \"weather\"",
        "subject = \"\\\\ \\\"x\\\" \\u{1b}[2J ✈ 日本\"",
        "priority >= urgent and importance = high and auto-forwarded = yes",
        "content-type = P22 and delivered-EITs = ia5-text",
        "extended-body-part-types = general-text and content-type = 1.3.6.1",
        "size <= 4711 and number >= 3",
        "created >= 2026-11-01T08:30:00Z",
        "authorization-time <= 2026-11-01T08:30:00.5Z",
        "delivery-flags = 1+3",
        "identifier = \"[/PRMD=PEER/ADMD= /C=GB/;a.1]\"",
        "this-ipm = \"4 of 5 of /CN=Alice/C=GB/\"",
        "content-identifier = \"A 1\"",
        "group = \"flights/Paris\"",
        "subject mSSingleSubstringMatch \"ice\"",
        "content = #040101 and 1.2.3 = #020101",
    ] {
        printed(plain, plain);
    }
    printed("( ( Subject~NOTAM ) )", "subject ~ \"NOTAM\"");
    printed("STATUS != New", "not status = new");
    printed("ms-retrieval-status=0", "status = new");
    printed("size < 100 and size > 9", "size <= 99 and size >= 10");
    printed("created > 2h", "created >= 2026-11-24T07:00:01Z");
}

#[track_caller]
fn refused(text: &str, expected: &Expect) {
    expected.assert_eq(&parse(text).unwrap_err().to_string());
}

#[test]
fn what_cant_be_read_is_pointed_at() {
    refused(
        "subject ~ \"NOTAM\" and",
        &expect![[r#"
            here may stand an attribute, `has`, `not` or `(`, not the end
              subject ~ "NOTAM" and
                                   ^"#]],
    );
    refused(
        "\x1b colour = red",
        &expect![[r#"
            `\u{1b}` may stand in quotes only
              \u{1b} colour = red
              ^"#]],
    );
    refused(
        "priority = urgent and colour = red",
        &expect![[r#"
            there is no attribute `colour`; write a word such as subject, from or status
              priority = urgent and colour = red
                                    ^"#]],
    );
    for (text, fault) in [
        ("", "here may stand an attribute, `has`, `not` or `(`, not the end"),
        ("subject", "here may stand =, !=, ~, ~=, <, <=, > or >=, not the end"),
        ("(status = new", "here may stand `and`, `or` or `)`, not the end"),
        ("status = new)", "here may stand `and`, `or` or the end, not `)`"),
        ("status = red", "here may stand new, listed, processed, or a number"),
        ("status > new", "status has no order; use = or !="),
        ("size = 5", "size goes with <, <=, > and >= only"),
        ("heading = 5", "heading can't be compared; write has heading"),
        ("from ~ \"alice\"", "from is no text to look for parts in; use = or has"),
        (
            "created > soon",
            "here may stand a time: 2025-11-24, 2025-11-24T08:30, \
                            2025-11-24T08:30:00Z or how long ago: 2h, 3d",
        ),
        ("created > 1920-01-01", "this time lies from 1950 to 2049"),
        ("subject = \"x", "these quotes are not closed; write \" behind"),
        ("subject = \"\\n\"", "write \\\\ for a backslash, \\\" for a quote"),
        ("content = #0401", "write behind # the octets of one element of BER, in hex"),
        ("subject ~ ^\"x\"$", "what begins and ends so is equal; write ="),
        ("1.2.3 = x", "no table has 1.2.3; write its values as #hex"),
        ("auto-forwarded = maybe", "here may stand yes or no"),
    ] {
        assert_eq!(parse(text).unwrap_err().fault, fault, "{text}");
    }
    let deep = "not ".repeat(super::DEPTH_MAX) + "has subject";
    assert!(parse(&deep).unwrap_err().fault.starts_with("no more than 40 `not` and `(`"));
    let many = "has note or ".repeat(1024) + "has note";
    assert!(parse(&many).unwrap_err().fault.starts_with("these are more than 1024 assertions"));
}

#[test]
fn the_deepest_filter_is_no_deeper_than_a_pdu_may_be() {
    let deep = "(has note and ".repeat(39) + "has note" + &")".repeat(39);
    let filter = parse(&deep).unwrap();
    let selector = restante_mhs::x413::Selector { filter: Some(filter), ..Default::default() };
    let argument = restante_mhs::x413::ListArgument { selector, ..Default::default() };
    let octets = argument.to_ber();
    let read = restante_ber::Decode::from_bytes(&octets);
    assert_eq!(read, Ok(argument));
}

#[test]
fn what_says_the_same_is_printed_as_its_words() {
    let printable = equal(oid("subject"), &PrintableString::from("Weather"));
    assert_eq!(print(&printable), "subject = \"Weather\"");
    let blank = parse("from = \"CN=Alice; P=PEER; A= ; C=GB\"").unwrap();
    assert_eq!(print(&blank), "from = \"/CN=Alice/PRMD=PEER/C=GB/\"");
    let odd = equal(ms::ID_ATT_PRIORITY, &true);
    assert_eq!(print(&odd), "priority = #0101ff");
}

/// Words for a value of a syntax.
fn words(row: &AttributeDescription) -> BoxedStrategy<String> {
    match row.kind {
        SyntaxKind::Integer => any::<i64>().prop_map(|number| number.to_string()).boxed(),
        SyntaxKind::Boolean => prop_oneof![Just("yes"), Just("no")].prop_map_into().boxed(),
        SyntaxKind::ObjectIdentifier => "2\\.[1-9][0-9]{0,9}\\.[1-9][0-9]{0,20}".boxed(),
        SyntaxKind::UtcTime | SyntaxKind::GeneralizedTime => (1950..2050, 1..13, 1..29, 0..24)
            .prop_map(|(y, m, d, h)| format!("{y}-{m:02}-{d:02}T{h:02}:00:00Z"))
            .boxed(),
        SyntaxKind::BitString => "[1-9]\\+1[0-9]".boxed(),
        SyntaxKind::ORName => "/CN=[a-zA-Z]{1,9}/C=[a-z]{2}/".boxed(),
        SyntaxKind::MTSIdentifier => "\\[/PRMD=[a-z]{1,9}/ADMD=x/C=gb/;[ -~]{0,9}\\]".boxed(),
        SyntaxKind::String if row.syntax == "ContentIdentifier" => "[ -~]{0,16}".boxed(),
        _ => any::<String>().boxed(),
    }
}

/// An assertion about an attribute of the table.
fn item() -> impl Strategy<Value = Filter> {
    let rows: Vec<_> = all().iter().collect();
    (prop::sample::select(rows), 0..6).prop_flat_map(|(row, which)| {
        words(row).prop_map(move |words| {
            let attribute_type = row.oid.clone();
            let attribute_value = value::read(row, &words, &now(), 0)
                .unwrap_or_else(|_| AttributeValue::of(&TeletexString(words)));
            let assertion = AttributeValueAssertion { attribute_type, attribute_value };
            let value = assertion.attribute_value.clone();
            Filter::Item(match which {
                0 => FilterItem::Present(assertion.attribute_type),
                1 => FilterItem::LessOrEqual(assertion),
                2 => FilterItem::GreaterOrEqual(assertion),
                3 => FilterItem::ApproximateMatch(assertion),
                4 => FilterItem::Substrings(Substrings {
                    r#type: assertion.attribute_type,
                    strings: vec![Substring::Initial(value.clone()), Substring::Any(value)],
                }),
                5 => FilterItem::OtherMatch(MatchingRuleAssertion {
                    matching_rule: MatchingRule::all()[0].oid.clone(),
                    attribute_type: assertion.attribute_type,
                    match_value: value,
                }),
                _ => FilterItem::Equality(assertion),
            })
        })
    })
}

/// A filter; a set of one is the one.
fn filter() -> impl Strategy<Value = Filter> {
    item().prop_recursive(6, 40, 4, |inner| {
        let several = || {
            let some = prop::collection::vec(inner.clone(), 0..4);
            some.prop_filter("one is no set", |filters| filters.len() != 1)
        };
        prop_oneof![
            several().prop_map(Filter::And),
            several().prop_map(Filter::Or),
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(filter in filter()) {
        let text = print(&filter);
        prop_assert!(!text.contains(char::is_control));
        let read = parse(&text);
        prop_assert_eq!(read, Ok(filter), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_pointed_into(text: String, words in "[a-z\"()#~=<>!^$ ]{0,40}") {
        for text in [text, words] {
            match parse(&text) {
                Ok(filter) => {
                    let text = print(&filter);
                    prop_assert_eq!(parse(&text).map(|read| print(&read)), Ok(text));
                }
                Err(error) => prop_assert!(error.at <= text.chars().count()),
            }
        }
    }
}

#[test]
fn a_fault_is_one_line_whatever_it_quotes() {
    let now = jiff::Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let error = super::parse("from = \"\u{1}\n/x=1/\"", &now).expect_err("it is no address");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(!text.replace('\n', "").contains(char::is_control), "{text:?}");
}
