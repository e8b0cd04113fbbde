//! `restante ua list`: what is in a mailbox (X.413 §8.3.3).

use anyhow::Context;
use clap::Args;
use jiff::tz::TimeZone;
use restante_ber::{Oid, SetOf};
use restante_client::UserAgent;
use restante_mhs::x413::{AttributeSelection, EntryClass, ListArgument, Selector, SequenceNumber};
use restante_mhs::x419::Edition;
use serde_json::json;

use super::{Mailbox, selection::Selection};
use crate::output::{self, print};
use crate::table::{self, Column};
use restante_view::{Entry, LISTED, filter, value};

/// List entries
///
/// Entries that were new are listed from then on. Where the store does not tell all at once, --all
/// goes on until there is no more.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua list --user \"…\" --status new --since 2h
  restante ua list --user \"…\" --subject weather --priority urgent
  restante ua list --user \"…\" --filter 'size > 100000 or importance = high'
  restante ua list --user \"…\" --all --json
  restante ua list --user \"…\" --attributes subject,primary-recipients,ms-content-length")]
pub(super) struct Arguments {
    /// Go on until there is no more
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// What is shown of entries, and how.
#[derive(Debug, Args)]
pub(super) struct Shown {
    /// Show these attributes, by name or object identifier
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = attribute)]
    attributes: Vec<Oid>,
    /// Print JSON, for programs
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn attribute(text: &str) -> anyhow::Result<Oid> {
    filter::attribute(text).with_context(|| {
        format!(
            "there is no attribute `{text}`; names are those of X.413 and X.420, such as \
             ms-content-length or subject"
        )
    })
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { all, shown, selection, mailbox } = arguments;
    let class = selection.class();
    let selector = |next| selection.selector(next);
    let (entries, next) =
        mailbox.work(async |ua| list(ua, class, selector, &shown.attributes, *all).await)?;
    shown.print(&entries, next)
}

impl Shown {
    /// Lists all that a selector selects from a number on, in an edition.
    pub(super) fn all(
        &self,
        (mailbox, edition): (&Mailbox, Edition),
        class: EntryClass,
        selector: impl Fn(Option<SequenceNumber>) -> Selector,
    ) -> anyhow::Result<()> {
        let attributes = &self.attributes;
        let (entries, next) = mailbox.work_as(edition, mailbox.password()?, async |ua| {
            list(ua, class, selector, attributes, true).await
        })?;
        self.print(&entries, next)
    }

    fn print(&self, entries: &[Entry], next: Option<SequenceNumber>) -> anyhow::Result<()> {
        if self.json {
            let line = |entry: &Entry| match self.attributes.is_empty() {
                true => entry.summary().json(),
                false => entry.asked().json(),
            };
            let entries: Vec<_> = entries.iter().map(line).collect();
            return output::json(&json!({"entries": entries, "next": next.map(|next| next.0)}));
        }
        if entries.is_empty() {
            return print("no entries");
        }
        print(&table(entries, &self.attributes, &TimeZone::system()))?;
        match next {
            Some(next) => print(&format!("There is more, from number {next} on: use --all.")),
            None => Ok(()),
        }
    }
}

async fn list(
    user_agent: &mut UserAgent,
    entry_class: EntryClass,
    selector: impl Fn(Option<SequenceNumber>) -> Selector,
    attributes: &[Oid],
    all: bool,
) -> anyhow::Result<(Vec<Entry>, Option<SequenceNumber>)> {
    let attributes: &[Oid] = if attributes.is_empty() { &LISTED } else { attributes };
    let selection: SetOf<AttributeSelection> =
        attributes.iter().cloned().map(Into::into).collect();
    let mut entries = Vec::new();
    let mut next = None;
    loop {
        let argument = ListArgument {
            entry_class,
            selector: selector(next),
            requested_attributes: Some(selection.clone()),
            list_extensions: None,
        };
        let result = user_agent.list(&argument).await?;
        entries.extend(result.requested.into_iter().flatten().map(Entry::from));
        // A store that stays where it is would keep us for ever.
        let goes_on = result.next > next;
        next = result.next;
        if !all || !goes_on {
            return Ok((entries, next));
        }
    }
}

/// The entries for people.
pub(crate) fn table(entries: &[Entry], attributes: &[Oid], zone: &TimeZone) -> String {
    if !attributes.is_empty() {
        return attribute_table(entries, attributes, zone);
    }
    let columns = ["number", "status", "type", "priority", "from", "subject", "time", "size"];
    let heads = columns.map(|name| match name {
        "number" | "size" => Column::numbers(name),
        _ => Column::text(name),
    });
    let lines: Vec<_> = entries
        .iter()
        .map(|entry| {
            let summary = entry.summary();
            columns.iter().map(|name| summary.field(name, zone)).collect()
        })
        .collect();
    table::render(&heads, &lines)
}

fn attribute_table(entries: &[Entry], attributes: &[Oid], zone: &TimeZone) -> String {
    let mut heads = vec![Column::numbers("number")];
    heads.extend(attributes.iter().map(|oid| Column::text(value::name(oid))));
    let lines: Vec<_> = entries
        .iter()
        .map(|entry| {
            let values = attributes.iter().map(|oid| entry.shown(oid, zone));
            std::iter::once(entry.number.to_string()).chain(values).collect()
        })
        .collect();
    table::render(&heads, &lines)
}
