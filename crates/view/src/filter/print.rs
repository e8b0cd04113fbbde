//! Writes a filter as text that [`parse`](super::parse) reads as the same, or as one
//! that says the same. What has no words is written as `#hex`.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use restante_ber::Oid;
use restante_mhs::x413::attributes::by_oid;
use restante_mhs::x413::{
    AttributeValue, Filter, FilterItem, MatchingRule, Substring, Substrings,
};

use super::{name, value};
use crate::text;

/// How tightly words bind: what binds less stands in parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Or,
    And,
    Not,
}

/// A filter as text, in one line without control characters.
pub fn print(filter: &Filter) -> String {
    let mut out = String::new();
    filter_into(filter, Binds::Or, &mut out);
    out
}

fn filter_into(filter: &Filter, within: Binds, out: &mut String) {
    let (filters, word, binds) = match filter {
        Filter::Item(item) => return item_into(item, out),
        Filter::Not(filter) => {
            out.push_str("not ");
            return filter_into(filter, Binds::Not, out);
        }
        Filter::And(filters) if filters.is_empty() => return out.push_str("everything"),
        Filter::Or(filters) if filters.is_empty() => return out.push_str("nothing"),
        Filter::And(filters) => (filters, " and ", Binds::And),
        Filter::Or(filters) => (filters, " or ", Binds::Or),
    };
    if let [one] = filters.as_slice() {
        return filter_into(one, within, out);
    }
    let parenthesized = binds < within;
    if parenthesized {
        out.push('(');
    }
    // The same word again inside is a set of its own.
    let inside = if binds == Binds::Or { Binds::And } else { Binds::Not };
    for (at, filter) in filters.iter().enumerate() {
        if at > 0 {
            out.push_str(word);
        }
        filter_into(filter, inside, out);
    }
    if parenthesized {
        out.push(')');
    }
}

fn item_into(item: &FilterItem, out: &mut String) {
    let (assertion, sign) = match item {
        FilterItem::Present(oid) => {
            out.push_str("has ");
            return out.push_str(&name(oid));
        }
        FilterItem::Substrings(substrings) => return substrings_into(substrings, out),
        FilterItem::OtherMatch(assertion) => {
            let rule = MatchingRule::by_oid(&assertion.matching_rule);
            let words = value::text_of(&assertion.match_value)
                .filter(|words| value::of_rule(rule, words).is_some())
                .map(|words| quoted(&words));
            let words = words.unwrap_or_else(|| hex(&assertion.match_value));
            let attribute = name(&assertion.attribute_type);
            let rule = rule
                .map_or_else(|| assertion.matching_rule.to_string(), |rule| rule.name.to_owned());
            return out.push_str(&format!("{attribute} {rule} {words}"));
        }
        FilterItem::Equality(assertion) => (assertion, "="),
        FilterItem::GreaterOrEqual(assertion) => (assertion, ">="),
        FilterItem::LessOrEqual(assertion) => (assertion, "<="),
        FilterItem::ApproximateMatch(assertion) => (assertion, "~="),
    };
    let oid = &assertion.attribute_type;
    let row = by_oid(oid);
    let compared = match sign {
        "=" | "~=" => row.is_some_and(|row| row.equality.is_some()),
        _ => row.is_some_and(|row| row.ordering.is_some()),
    };
    let value = &assertion.attribute_value;
    let words = if compared { words(oid, value) } else { hex(value) };
    out.push_str(&format!("{} {sign} {words}", name(oid)));
}

fn substrings_into(substrings: &Substrings, out: &mut String) {
    let oid = &substrings.r#type;
    let has_parts = by_oid(oid).is_some_and(|row| row.substrings.is_some());
    let shown = |value: &AttributeValue| if has_parts { words(oid, value) } else { hex(value) };
    out.push_str(&name(oid));
    out.push_str(" ~");
    for part in &substrings.strings {
        out.push(' ');
        match part {
            Substring::Initial(value) => out.push_str(&format!("^{}", shown(value))),
            Substring::Any(value) => out.push_str(&shown(value)),
            Substring::Final(value) => out.push_str(&format!("{}$", shown(value))),
        }
    }
    if substrings.strings.is_empty() {
        // Any text: that has nothing in it is in all.
        out.push_str(" \"\"");
    }
}

/// A value in words where they say the same, else in hex.
fn words(oid: &Oid, value: &AttributeValue) -> String {
    let now = Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC);
    let found = by_oid(oid).and_then(|row| {
        let (words, in_quotes) = value::words(row, value)?;
        let read = value::read(row, &words, &now, 0).ok()?;
        let same = value::same(row, &read, value);
        same.then(|| if in_quotes { quoted(&words) } else { words })
    });
    found.unwrap_or_else(|| hex(value))
}

fn quoted(words: &str) -> String {
    let mut out = String::from('"');
    for c in words.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            _ if text::is_dangerous(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn hex(value: &AttributeValue) -> String {
    let mut out = String::from('#');
    for octet in &value.octets() {
        // Writing to a string can't fail.
        let _ = write!(out, "{octet:02x}");
    }
    out
}
