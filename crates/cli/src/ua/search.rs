//! `restante ua search`: what a filter finds (X.413 §8.1.2), listed or counted.

use clap::Args;
use restante_mhs::x413::Filter;

use super::list::Shown;
use super::selection::{self, Selection};
use super::{Mailbox, summarize};

/// Find entries
///
/// Lists all entries of which a filter holds, or counts them. Those that were new are listed from
/// then on; nothing changes the status of what is counted.
///
/// A filter is made of assertions, joined by and, or, not and parentheses. An assertion is an
/// attribute, a sign and a value: = != > >= < <= as always, ~ for texts with a part in them
/// (^"a" for what begins, "a"$ for what ends so), ~= for what is about the same; or has and an
/// attribute, for entries that have it. Values with spaces or signs in them stand in quotes.
/// Attributes are subject, from, to, status, priority, created, size, number and all others of
/// X.413 and X.420, by name.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua search --user \"…\" 'subject ~ \"NOTAM\" and priority = urgent'
  restante ua search --user \"…\" 'not status = processed and created > 2026-11-01'
  restante ua search --user \"…\" 'from = \"/CN=Bob/O=Example/C=GB/\" and has sensitivity'
  restante ua search --user \"…\" --count 'created > 24h'")]
pub(super) struct Arguments {
    /// What is looked for
    #[arg(value_name = "FILTER", value_parser = selection::filter)]
    wanted: Filter,
    /// Count by status and priority
    #[arg(long, conflicts_with = "attributes")]
    count: bool,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { wanted, count, shown, selection, mailbox } = arguments;
    let selector = |next| selection.selector_with(Some(wanted), next);
    if *count {
        return summarize::counted(mailbox, selection.class(), selector(None), shown.json);
    }
    shown.all((mailbox, mailbox.call.edition()), selection.class(), selector)
}
