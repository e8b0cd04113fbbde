//! `restante ua summarize`: how much is in a mailbox (X.413 §8.3.2).

use clap::Args;
use jiff::tz::TimeZone;
use restante_ber::Oid;
use restante_mhs::x413::{EntryClass, Selector, SummarizeArgument, SummarizeResult, oids as ms};
use serde_json::{Map, Value as Json, json};

use super::{Mailbox, selection::Selection};
use crate::output::{self, print};
use crate::table::{self, Column};
use restante_view::value;

/// Count entries by status and priority
///
/// Nothing changes its status.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua summarize --user \"…\"
  restante ua summarize --user \"…\" --since 1d --json")]
pub(super) struct Arguments {
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// What is counted, and what a person calls it.
const COUNTED: [(&str, Oid); 2] =
    [("status", ms::ID_ATT_RETRIEVAL_STATUS), ("priority", ms::ID_ATT_PRIORITY)];

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { json, selection, mailbox } = arguments;
    counted(mailbox, selection.class(), selection.selector(None), *json)
}

/// Counts what is selected, and prints it.
pub(super) fn counted(
    mailbox: &Mailbox,
    entry_class: EntryClass,
    selector: Selector,
    as_json: bool,
) -> anyhow::Result<()> {
    let argument = argument(entry_class, selector);
    let result = mailbox.work(async |ua| Ok(ua.summarize(&argument).await?))?;
    if as_json { output::json(&json(&result)) } else { print(&text(&result)) }
}

/// Asks for all that is [`COUNTED`].
pub(crate) fn argument(entry_class: EntryClass, selector: Selector) -> SummarizeArgument {
    SummarizeArgument {
        entry_class,
        selector,
        summary_requests: Some(COUNTED.map(|(_, attribute)| attribute).into()),
        summarize_extensions: None,
    }
}

/// Of each attribute that is counted: its name, a value, and how many entries have it.
fn counts(result: &SummarizeResult) -> Vec<(&'static str, String, u32)> {
    let mut counts = Vec::new();
    let summaries = result.summaries.iter().flatten();
    for ((name, attribute), summary) in COUNTED.iter().zip(summaries) {
        for present in summary.present.iter().flat_map(|present| &present.0) {
            let value = value::value(attribute, &present.value).line(&TimeZone::UTC);
            counts.push((*name, value, present.count));
        }
        counts.extend(summary.absent.map(|count| (*name, "none".to_owned(), count)));
    }
    counts
}

/// How many entries have a value.
pub(crate) fn count(result: &SummarizeResult, name: &str, value: &str) -> u32 {
    let counts = counts(result).into_iter();
    counts.filter(|count| count.0 == name && count.1 == value).map(|count| count.2).sum()
}

/// The counts for people.
pub(crate) fn text(result: &SummarizeResult) -> String {
    let Some(span) = &result.span else { return "no entries".to_owned() };
    let columns = [Column::text("counted"), Column::text("value"), Column::numbers("entries")];
    let lines: Vec<_> = counts(result)
        .into_iter()
        .map(|(name, value, count)| vec![name.to_owned(), value, count.to_string()])
        .collect();
    let entries = if result.count == 1 { "entry" } else { "entries" };
    let (count, lowest, highest) = (result.count, span.lowest, span.highest);
    let table = table::render(&columns, &lines);
    format!("{count} {entries}, numbers {lowest} to {highest}\n\n{table}")
}

fn json(result: &SummarizeResult) -> Json {
    let mut counted = Json::Object(Map::new());
    for (name, value, count) in counts(result) {
        counted[name][value] = count.into();
    }
    json!({
        "count": result.count,
        "lowest": result.span.as_ref().map(|span| span.lowest.0),
        "highest": result.span.as_ref().map(|span| span.highest.0),
        "next": result.next.map(|next| next.0),
        "counts": counted,
    })
}
