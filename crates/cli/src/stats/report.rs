//! What was counted as tables, as CSV (RFC 4180) and as JSON.

use std::fmt::Write as _;

use restante_view::text;
use serde_json::{Map, Value, json};

use super::count::{Count, Counted};
use crate::{
    output::word,
    table::{self, Column},
};

/// What it was all together, in a line.
pub(super) fn heading(counted: &Counted) -> String {
    let Counted { all, others, .. } = counted;
    let mut text = match (counted.first, counted.last) {
        (Some(first), Some(last)) => {
            let form = |time: jiff::civil::DateTime| time.strftime("%Y-%m-%d %H:%M:%S");
            format!("{} to {}: ", form(first), form(last))
        }
        _ => String::new(),
    };
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "{} records, {} messages ({} octets) and {} reports delivered, {} messages submitted, {} \
         fetched, {} deleted, {} refused; {others} lines are no records",
        all.records,
        all.delivered,
        all.delivered_octets,
        all.reports,
        all.submitted,
        all.fetched,
        all.deleted,
        all.refused,
    );
    text
}

/// The columns in which a group has anything.
pub(super) fn columns(group: &[(String, Count)]) -> Vec<super::count::Column> {
    let mut columns = Count::COLUMNS.to_vec();
    columns.retain(|(_, _, value)| group.iter().any(|(_, count)| value(count).unwrap_or(0) > 0));
    columns
}

pub(super) fn tables(counted: &Counted) -> String {
    let mut text = heading(counted);
    for (by, group) in counted.groups.iter().filter(|(_, group)| !group.is_empty()) {
        let columns = columns(group);
        let mut heads = vec![Column::text(word(*by))];
        heads.extend(columns.iter().map(|(_, head, _)| Column::numbers(*head)));
        let line = |(name, count): &(String, Count)| {
            let mut line = vec![name.clone()];
            let cell = |value: Option<u64>| value.map(|value| value.to_string());
            line.extend(
                columns.iter().map(|(_, _, value)| cell(value(count)).unwrap_or_default()),
            );
            line
        };
        let lines: Vec<_> = group.iter().map(line).collect();
        // Writing to a string does not fail.
        let _ = write!(text, "\n\n{}", table::render(&heads, &lines));
    }
    text
}

pub(super) fn csv(counted: &Counted) -> String {
    let heads = Count::COLUMNS.iter().map(|(name, ..)| *name);
    let mut text = ["by", "name"].into_iter().chain(heads).collect::<Vec<_>>().join(",");
    for (by, group) in &counted.groups {
        for (of, count) in group {
            // Writing to a string does not fail.
            let _ = write!(text, "\r\n{},{}", word(*by), cell(of));
            for (_, _, value) in Count::COLUMNS {
                let value = value(count).map(|value| value.to_string()).unwrap_or_default();
                let _ = write!(text, ",{value}");
            }
        }
    }
    text + "\r\n"
}

/// A value that no reader of CSV takes for more than one, and no spreadsheet for a formula.
fn cell(value: &str) -> String {
    let value = text::line(value);
    let guard = if value.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    match value.contains([',', '"']) || !guard.is_empty() {
        true => format!("\"{guard}{}\"", value.replace('"', "\"\"")),
        false => value,
    }
}

pub(super) fn json(counted: &Counted) -> Value {
    let values = |count: &Count| -> Map<String, Value> {
        let columns = Count::COLUMNS.iter();
        columns.map(|(name, _, value)| ((*name).to_owned(), json!(value(count)))).collect()
    };
    let group = |group: &[(String, Count)]| -> Value {
        let line = |(name, count): &(String, Count)| {
            let mut line = values(count);
            line.insert("name".to_owned(), json!(name));
            line
        };
        group.iter().map(line).collect()
    };
    let groups = counted.groups.iter();
    json!({
        "first": counted.first.map(|time| time.to_string()),
        "last": counted.last.map(|time| time.to_string()),
        "other_lines": counted.others,
        "all": values(&counted.all),
        "by": groups.map(|(by, of)| (word(*by), group(of))).collect::<Map<_, _>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_value_and_no_formula() {
        assert_eq!(cell("/CN=A/C=GB/"), "/CN=A/C=GB/");
        assert_eq!(cell("/CN=A,B \"C\"/"), "\"/CN=A,B \"\"C\"\"/\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("a\nb"), "a\\nb");
    }
}
