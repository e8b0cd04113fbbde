//! The page on conformance says what there is: its tables name what the code has, all of it, and
//! every row that is supported names a test that speaks the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::available::available;
use crate::common::{World, pdu};
use restante_mhs::x413::{MatchingRule, attributes};
use restante_mhs::x419::Edition;

const PAGE: &str = include_str!("../../../../docs/conformance.md");

/// The rows of the table of a section of the page: their cells.
fn rows(section: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = PAGE.split_once(&format!("\n## {section}\n")).expect(section);
    let lines = rest.lines().take_while(|line| !line.starts_with("## "));
    let mut rows: Vec<Vec<_>> = lines
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'))
        .map(|line| line.split(" | ").map(str::trim).collect())
        .collect();
    assert_eq!(rows.remove(0).pop(), Some("shown by"), "{section}");
    rows
}

/// The sections whose rows say by which test they are shown.
const SECTIONS: [&str; 6] = [
    "Operations",
    "Components of arguments",
    "Auto-actions",
    "Errors",
    "Attribute-types, one by one",
    "Matching-rules, one by one",
];

/// What the page calls tests that are shown by many rows.
fn spelled(name: &str) -> &str {
    match name {
        "available" => "available::every_attribute_that_a_bind_announces_is_had_by_some_entry",
        "rules" => "rules::every_rule_matches_what_it_should_and_nothing_else",
        name => name,
    }
}

/// The functions of test modules, by the names of these, below a folder.
fn tests(folder: &Path, found: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some((_, rest)) = line.split_once("fn ")
                && std::mem::take(&mut is_test)
            {
                let function = rest.split('(').next().unwrap_or_default().to_owned();
                found.entry(name.clone()).or_default().insert(function);
            }
        }
    }
}

#[test]
fn what_is_supported_is_shown_by_a_test() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates");
    let mut found = BTreeMap::new();
    for folder in ["ms/tests/service", "testkit/tests/suite"] {
        tests(&crates.join(folder), &mut found);
    }
    for section in SECTIONS {
        for row in rows(section) {
            let shown = row.last().expect("cells").trim_matches('`');
            if shown.is_empty() && row.contains(&"no") {
                continue;
            }
            for shown in shown.split("`, `") {
                let named = spelled(shown).split_once("::");
                let (module, test) = named.unwrap_or_else(|| panic!("no test: {row:?}"));
                let known = found.get(module).is_some_and(|tests| tests.contains(test));
                assert!(known, "{section}: {shown} is no test");
            }
        }
    }
}

#[test]
fn attributes_and_rules_are_those_of_the_code() {
    let announced = available(&World::new(), Edition::E1994);
    let mut told = rows("Attribute-types, one by one").into_iter();
    for row in attributes::all() {
        let cells = told.next().unwrap_or_else(|| panic!("nothing of {}", row.name));
        let edition = if row.in_1988 { "1988" } else { "1994" };
        let values = if row.single_valued { "one" } else { "many" };
        let status = if announced.contains(&row.oid) { "yes" } else { "no" };
        let oid = row.oid.to_string();
        assert_eq!(cells[..5], [row.name, &oid, edition, values, status], "{}", row.name);
        assert!(!cells[5].is_empty(), "where from, or why not: {}", row.name);
    }
    assert_eq!(told.next(), None);
    let mut told = rows("Matching-rules, one by one").into_iter();
    for rule in MatchingRule::all() {
        let cells = told.next().unwrap_or_else(|| panic!("nothing of {}", rule.name));
        assert_eq!(cells[..3], [rule.name, &rule.oid.to_string(), "yes"]);
    }
    assert_eq!(told.next(), None);
}

#[test]
fn auto_actions_and_operations_are_those_of_the_code() {
    let (_, result) = World::new().bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, "a5030101ff"));
    let available = result.available_auto_actions.expect("it was asked").0;
    let available: BTreeSet<_> = available.iter().map(ToString::to_string).collect();
    let told = rows("Auto-actions");
    assert_eq!(told.iter().map(|row| row[1].to_owned()).collect::<BTreeSet<_>>(), available);
    let codes = |section: &str, place: usize| -> BTreeSet<i64> {
        let cells = rows(section).into_iter().map(move |row| row[place]);
        cells.flat_map(|cell| cell.split(", ")).filter_map(|code| code.parse().ok()).collect()
    };
    // Those of X.419: 1 to 8 of X.411, of which some are of several ports; 20 to 26 of X.413.
    assert_eq!(codes("Operations", 1), (1..=8).chain(20..=26).collect());
    // Security-error has 26 in the retrieval port and 12 in the others.
    let errors: BTreeSet<i64> = (1..=16).filter(|code| *code != 9).chain(21..=34).collect();
    assert_eq!(codes("Errors", 1), errors);
}
