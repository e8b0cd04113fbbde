//! `restante ua fetch`: reads an entry (X.413 §8.3.4).

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use jiff::tz::TimeZone;
use restante_client::UserAgent;
use restante_mhs::x411::ORAddress;
use restante_mhs::x413::{EntryClass, FetchArgument, FetchItem, FetchResult, SequenceNumber};

use super::{Mailbox, acknowledge::receipt, numbers, selection::Selection, send::submit_all};
use restante_view::{Entry, FETCHED};

use crate::output::{self, print};
use crate::{save, time};

/// Read an entry
///
/// Shows the envelope, the heading and the body parts, forwarded messages inside each other. The
/// entry is processed from then on.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua fetch 3 --user \"…\"
  restante ua fetch --first --status new --user \"…\"
  restante ua fetch 3 --user \"…\" --save messages
  restante ua fetch 3 --user \"…\" --acknowledge
  restante ua fetch 3 --user \"…\" --content-only 3.ber")]
pub(super) struct Arguments {
    /// The number of the entry
    #[arg(required_unless_present = "first", value_parser = numbers::number)]
    number: Option<u32>,
    /// The first entry that the selection finds, in place of a number
    #[arg(long, conflicts_with = "number")]
    first: bool,
    /// Write the content (.ber) and the body parts into this directory
    ///
    /// The names of files are those that their senders gave them, made harmless. Files that are
    /// there already are kept.
    #[arg(long, value_name = "DIRECTORY")]
    save: Option<PathBuf>,
    /// Write the content as it came into this file and show nothing; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "save"])]
    content_only: Option<PathBuf>,
    /// Notify the originator that it was read, where the message asks for that
    #[arg(long)]
    acknowledge: bool,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let selection = &arguments.selection;
    let item = match arguments.number {
        Some(number) => FetchItem::Precise(SequenceNumber(number)),
        None => FetchItem::Search(selection.selector(None)),
    };
    let Mailbox { user, .. } = &arguments.mailbox;
    let (entry, others) = arguments.mailbox.work(async |ua| {
        let found = fetch(ua, selection.class(), item).await?;
        if arguments.acknowledge {
            output::remark(&acknowledge(ua, &found.0, user).await?);
        }
        Ok(found)
    })?;
    if let Some(file) = &arguments.content_only {
        let content = entry.content();
        return save::write(file, &content.context("the entry has no content; it is a report")?);
    }
    if arguments.json {
        output::json(&entry.whole().json())?;
    } else {
        print(&entry.whole().print(&TimeZone::system()))?;
        if !others.is_empty() {
            let others: Vec<_> = others.iter().map(ToString::to_string).collect();
            print(&format!("Also found: {}", others.join(", ")))?;
        }
    }
    if let Some(directory) = &arguments.save {
        for path in save::save(&entry, directory)? {
            // Standard output may be JSON that a program reads.
            output::remark(&format!("saved {}", path.display()));
        }
    }
    Ok(())
}

/// Submits the receipt notification that an entry asks for; a line about it.
async fn acknowledge(
    user_agent: &mut UserAgent,
    entry: &Entry,
    user: &ORAddress,
) -> anyhow::Result<String> {
    let Some(receipt) = receipt(entry, user, time::now()) else {
        return Ok("the message asks for no receipt notification".to_owned());
    };
    let submitted = submit_all(user_agent, &[receipt.into()]).await;
    let submitted = submitted.context("it is read, and not acknowledged")?;
    Ok(format!("acknowledged: {}", submitted.trim_end()))
}

/// Fetches an entry whole; returns it and the numbers of the others that a search found.
pub(crate) async fn fetch(
    user_agent: &mut UserAgent,
    entry_class: EntryClass,
    item: FetchItem,
) -> anyhow::Result<(Entry, Vec<SequenceNumber>)> {
    let argument = FetchArgument {
        entry_class,
        item,
        requested_attributes: Some(FETCHED.into_iter().map(Into::into).collect()),
        fetch_extensions: None,
    };
    let FetchResult { entry_information, list, .. } = user_agent.fetch(&argument).await?;
    match entry_information {
        Some(entry) => Ok((entry.into(), list.unwrap_or_default())),
        None => bail!("no entry was found; see what there is with: restante ua list"),
    }
}
