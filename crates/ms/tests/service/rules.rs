//! The matching-rules of X.413 §12 and X.420 §19.9, each named in an other-match.

use crate::available::{contents, everything, extension, extensions};
use crate::common::{World, error, pdu};
use crate::submit::IDENTIFIER;
use pdu::filter::t61;
use restante_mhs::x413::MatchingRule;
use restante_ms::Binding;

/// `C=GB; O=Acme`, which Carol's address has, and `C=GB; O=Acm`, which is in parts of it.
pub(crate) const ELEMENTS: &str = "600e300c610413024742830441636d65";
pub(crate) const PARTS: &str = "600d300b610413024742830341636d";
/// `C=GB; O=Nobody`.
pub(crate) const STRANGER: &str = "6010300e61041302474283064e6f626f6479";

const TIME: &str = "180f32303236313132343130303030305a";

/// A message whose heading and envelope have what the rules look at.
fn message() -> pdu::Message {
    let specifier = pdu::x(0x31, &pdu::x(0xa0, pdu::CAROL));
    let member = pdu::x(0x31, &format!("{specifier}0500"));
    let of_heading = [
        extension("2.6.1.5.5", TIME),
        extension("2.6.1.5.6", &pdu::x(0x30, &member)),
        extension("2.6.1.5.7", &pdu::x(0x30, "300406022a03")),
        extension("2.6.1.5.9", &pdu::x(0x30, "300480022a03")),
    ];
    let heading = [
        pdu::this_ipm("rules"),
        pdu::hex(&pdu::x(0xa0, pdu::CAROL)),
        pdu::hex(&pdu::x(0xa2, &specifier)),
        pdu::subject("Rules and more"),
        pdu::of(0xaf, &of_heading),
    ];
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
    let time = pdu::x(0x17, &pdu::to_hex(b"261124102725Z"));
    let intended = pdu::x(0x30, &format!("{}{time}", pdu::CAROL));
    let redirections = pdu::x(0x30, &pdu::x(0x30, &format!("{intended}0a0101")));
    let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
    message.identifier = "rules".to_owned();
    message.with(extensions(0xa9, &[(25, &redirections)]))
}

/// Whether any entry that was delivered matches.
fn matches(world: &World, alice: &Binding, [rule, attribute, value]: [&str; 3]) -> bool {
    let members = [(0xa0, pdu::x(6, rule)), (0xa1, pdu::x(6, attribute)), (0xa2, value.into())];
    let members = members.map(|(tag, member)| pdu::x(tag, &member)).concat();
    let filter = pdu::x(0xa0, &pdu::x(0xa6, &pdu::x(0x30, &members)));
    !world.numbers(alice, &pdu::selector::filter(&filter)).is_empty()
}

/// A rule, an attribute, what it holds of and what not.
type Row = (String, &'static str, String, String);

/// Makes a value that has a name.
type Make<'a> = &'a dyn Fn(&str) -> String;

fn utc(time: &[u8]) -> String {
    pdu::x(0x17, &pdu::to_hex(time))
}

fn general(time: &[u8]) -> String {
    pdu::x(0x18, &pdu::to_hex(time))
}

/// Rules that compare scalars, strings and identifiers.
fn of_values() -> Vec<Row> {
    let both = |holds: &str, fails: &str| (holds.to_owned(), fails.to_owned());
    let identifier = |local: &str| pdu::to_hex(&pdu::this_ipm(local));
    let part = |tag, words: &str| pdu::x(0x30, &pdu::x(tag, &t61(words)));
    let strings = |words: &str| pdu::x(0x30, &pdu::x(0x1b, &pdu::to_hex(words.as_bytes())));
    let mts = IDENTIFIER.replace(' ', "");
    let subject = "subject";
    let group = "ms-message-group-name";
    let rows = [
        ("objectIdentifierMatch", "mt-content-type", both("060456010a01", "06022a03")),
        ("booleanMatch", "auto-forwarded", both("010100", "0101ff")),
        ("integerMatch", "importance", both("0a0102", "0a0107")),
        ("integerOrderingMatch", "mt-priority", both("020101", "020100")),
        ("bitStringMatch", "mt-delivery-flags", both("03020780", "03020640")),
        (
            "uTCTimeMatch",
            "mt-message-delivery-time",
            (utc(b"261124102730Z"), utc(b"261124102731Z")),
        ),
        (
            "uTCTimeOrderingMatch",
            "mt-message-delivery-time",
            (utc(b"261124102731Z"), utc(b"261124102730Z")),
        ),
        (
            "generalizedTimeMatch",
            "authorization-time",
            (TIME.to_owned(), general(b"20261124100001Z")),
        ),
        (
            "generalizedTimeOrderingMatch",
            "authorization-time",
            (general(b"20261124100001Z"), TIME.to_owned()),
        ),
        ("contentCorrelatorMatch", "mt-content-correlator", both("1603616263", "1603616264")),
        ("contentIdentifierMatch", "mt-content-identifier", both("4a03616263", "4a03616264")),
        ("mSSingleSubstringListElementsMatch", group, (strings("NBO"), strings("xyz"))),
        ("mSSingleSubstringListMatch", group, (strings("nbo"), strings("xyz"))),
        ("mSStringListElementsMatch", group, (strings("INBOX"), strings("nbo"))),
        ("mSStringListMatch", group, (strings("inbox"), strings("nbo"))),
        ("mSSingleSubstringMatch", subject, (t61("ES AND"), t61("more and"))),
        ("mSSubstringsMatch", subject, (part(0xa0, "ru"), part(0xa2, "ru"))),
        ("mSStringCaseSensitiveMatch", subject, (t61("Rules and  more"), t61("rules and more"))),
        ("mSStringMatch", subject, (t61("RULES and more"), t61("rules"))),
        ("mSStringOrderingMatch", subject, (t61("s"), t61("a"))),
        ("mTSIdentifierMatch", "mt-subject-submission-identifier", {
            (mts.clone(), mts.replace("7331", "7332"))
        }),
        ("valueCountMatch", "primary-recipients", both("020101", "020107")),
        ("redirectionReasonMatch", "mt-redirection-history", both("0a0101", "0a0102")),
        ("iPMIdentifierMatch", "this-ipm", (identifier("RULES"), identifier("nobody's"))),
        ("iPMLocationMatch", "ac-obsoleted-ipms", both("020101", "02017f")),
        ("distributionCodeMatch", "distribution-codes", both("300406022a03", "300406022a04")),
        ("informationCategoryMatch", "information-category", both("300480022a03", "300480022a04")),
    ];
    rows.map(|(rule, attribute, (holds, fails))| (rule.to_owned(), attribute, holds, fails)).into()
}

/// Rules that look into names: those that take the whole name, elements of it, parts of elements,
/// and one element, for each kind of value that has a name.
fn of_names() -> Vec<Row> {
    let address = |name: &str| pdu::to_hex(&pdu::retag(name, 0x30));
    let name = |name: &str| name.to_owned();
    let descriptor = |name: &str| pdu::x(0x31, name);
    let specifier = |name: &str| pdu::x(0x31, &pdu::x(0xa0, name));
    let member = |name: &str| pdu::x(0x31, &pdu::x(0x31, &pdu::x(0xa0, name)));
    let kinds: [(&str, &str, Make<'_>); 6] = [
        ("mt-originator-name", "oRAddress", &address),
        ("mt-originator-name", "oRName", &name),
        ("mt-dl-expansion-history", "redirectionOrDLExpansion", &name),
        ("originator", "oRDescriptor", &descriptor),
        ("primary-recipients", "recipientSpecifier", &specifier),
        ("circulation-list-recipients", "circulationMember", &member),
    ];
    let mut rows = Vec::new();
    for (attribute, value, of) in kinds {
        let row = |rule: &str, holds, fails| (format!("{value}{rule}"), attribute, holds, fails);
        rows.push(row("Match", of(pdu::CAROL), of(ELEMENTS)));
        rows.push(row("ElementsMatch", of(ELEMENTS), of(PARTS)));
        rows.push(row("SubstringElementsMatch", of(PARTS), of(STRANGER)));
        rows.push(row("SingleElementMatch", t61("JONES"), t61("Jone")));
    }
    let marked = |mark: &str| pdu::x(0x31, &format!("{}{mark}", specifier(pdu::CAROL)));
    let marks = (marked("0500"), marked(TIME));
    let rule = "circulationMemberCheckmarkMatch".to_owned();
    rows.push((rule, "circulation-list-recipients", marks.0, marks.1));
    rows
}

#[test]
fn every_rule_matches_what_it_should_and_nothing_else() {
    let (mut world, alice) = everything();
    world.deliver(&message().argument());
    let rows = [of_values(), of_names()].concat();
    for rule in MatchingRule::all() {
        let found = rows.iter().find(|(name, ..)| *name == rule.name);
        let (_, attribute, holds, fails) = found.unwrap_or_else(|| panic!("{}", rule.name));
        let oid = pdu::to_hex(rule.oid.contents());
        for (value, wanted) in [(holds, true), (fails, false)] {
            let got = matches(&world, &alice, [&oid, &contents(attribute), value]);
            assert_eq!(got, wanted, "{} of {attribute}: {value}", rule.name);
        }
    }
}

#[test]
fn a_rule_that_nobody_knows_or_that_is_for_other_values_is_an_error() {
    let world = World::new();
    let alice = world.bind_94();
    let (known, unknown) = ("550d0e", "2a03");
    for (rule, attribute) in [(unknown, pdu::SUBJECT), (known, pdu::SUBJECT)] {
        let members = format!(
            "{}{}{}",
            pdu::x(0xa0, &pdu::x(6, rule)),
            pdu::x(0xa1, &pdu::x(6, attribute)),
            pdu::x(0xa2, "020101"),
        );
        let filter = pdu::x(0xa0, &pdu::x(0xa6, &pdu::x(0x30, &members)));
        let list = pdu::list(&pdu::selector::filter(&filter), &[]);
        assert_eq!(error(&world.invoke(&alice, 21, &list)).0, 21, "{rule}");
    }
}
