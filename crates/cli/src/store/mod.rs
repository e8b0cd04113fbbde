//! A store that serves, looked at and changed: mailboxes, messages, associations, blocks. What the
//! admin API says is printed as it is; nothing is interpreted here.

pub(crate) mod association;
pub(crate) mod block;
pub(crate) mod mailbox;
pub(crate) mod message;

use anyhow::bail;
use serde_json::Value;

use crate::{
    failure::Failure,
    output,
    remote::{Remote, Session, segment},
    table::{self, Column},
};

/// How much of a list is asked for at once.
const PAGE: usize = 1_000;

/// A column of a list: its head, where it is in an answer, and whether it is a number.
pub(crate) type Told = (&'static str, &'static str, bool);

/// Prints a list: as a table of these columns, or as JSON.
pub(crate) fn list(remote: &Remote, told: &[Told], rows: &Value) -> Result<(), Failure> {
    if remote.json {
        return Ok(output::json(rows)?);
    }
    let column = |(head, _, number): &Told| match number {
        true => Column::numbers(*head),
        false => Column::text(*head),
    };
    let columns: Vec<_> = told.iter().map(column).collect();
    let cell = |row: &Value, pointer: &str| match row.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |row: &Value| told.iter().map(|(_, pointer, _)| cell(row, pointer)).collect();
    let lines: Vec<Vec<_>> = rows.iter().map(line).collect();
    Ok(output::print(&table::render(&columns, &lines))?)
}

/// All of what comes in pages, or the first so many: `what` names the list in the answers.
fn pages(
    session: &Session,
    path: &str,
    query: &[(&str, Option<String>)],
    what: &str,
    limit: usize,
) -> anyhow::Result<Value> {
    let asked = query.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let asked: String = asked.map(|(key, value)| format!("&{key}={}", segment(value))).collect();
    let mut rows = Vec::new();
    while rows.len() < limit {
        let (offset, most) = (rows.len(), PAGE.min(limit - rows.len()));
        let answer = session.get(&format!("{path}?offset={offset}&limit={most}{asked}"))?;
        let Some(page) = answer[what].as_array() else { bail!("{path}: no {what} in the answer") };
        rows.extend_from_slice(page);
        if page.len() < most {
            break;
        }
    }
    Ok(Value::Array(rows))
}

/// The path of a mailbox, and of what is in it.
fn mailbox(address: &str, what: &str) -> String {
    format!("/api/mailboxes/{}{what}", segment(address))
}

/// Prints one thing: as lines, or as JSON.
fn show(remote: &Remote, value: &Value) -> Result<(), Failure> {
    Ok(if remote.json { output::json(value) } else { output::print(&output::fields(value)) }?)
}

/// Says that something is done: in a line, or as JSON what came back.
fn done(remote: &Remote, text: &str, value: &Value) -> Result<(), Failure> {
    Ok(if remote.json { output::json(value) } else { output::print(text) }?)
}
