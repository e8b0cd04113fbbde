//! `restante message`: the messages and reports in a mailbox of a store that serves.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::{Told, done, list, mailbox, pages, show};
use crate::{
    failure::Failure,
    output,
    remote::Remote,
    save,
    ua::numbers::{Item, Numbers},
};

/// Numbers of one command; the server takes no more at once.
const NUMBERS_MAX: usize = 10_000;

/// List, look at, delete and move the messages of a mailbox of a store that serves
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante message list \"/CN=Alice/O=Example/PRMD=PEER/C=GB/\" --status new
  restante message list \"…\" --filter 'subject ~ \"NOTAM\" and created > 2026-11-01' --json
  restante message show \"…\" 17 --user night
  restante message save \"…\" 17 content.ber --user night
  restante message status \"…\" 17-20,23 new --user night
  restante message move \"…\" 17 --to \"/CN=Bob/O=Example/PRMD=PEER/C=GB/\" --user night
  restante message delete \"…\" 17 --user night")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the messages and reports, the newest first
    List {
        /// The O/R address of the mailbox
        mailbox: String,
        /// Those with this status: new, listed or processed
        #[arg(long)]
        status: Option<String>,
        /// Of this class: delivery, submission, draft, …
        #[arg(long)]
        class: Option<String>,
        /// Of which this holds; the words are those of restante ua search
        #[arg(long)]
        filter: Option<String>,
        /// What comes first: newest, oldest, priority, size, status, originator or subject
        #[arg(long, value_name = "ORDER")]
        sort: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Print a message as people read it; its status stays as it is
    Show {
        /// The O/R address of the mailbox
        mailbox: String,
        /// The number of the message
        number: u32,
    },
    /// Write the content of a message into a file, octet for octet
    Save {
        /// The O/R address of the mailbox
        mailbox: String,
        /// The number of the message
        number: u32,
        /// The file; - is standard output
        file: PathBuf,
    },
    /// Delete messages
    Delete {
        /// The O/R address of the mailbox
        mailbox: String,
        /// Their numbers: 3,5-9
        numbers: Numbers,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Move messages to another mailbox, where they are new and have new numbers
    Move {
        /// The O/R address of the mailbox
        mailbox: String,
        /// Their numbers: 3,5-9
        numbers: Numbers,
        /// The O/R address of the other mailbox
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// Give messages another status
    Status {
        /// The O/R address of the mailbox
        mailbox: String,
        /// Their numbers: 3,5-9
        numbers: Numbers,
        /// What they are from now on
        #[arg(value_enum)]
        status: Status,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    New,
    Listed,
    Processed,
}

const COLUMNS: [Told; 7] = [
    ("number", "/number", true),
    ("status", "/status", false),
    ("priority", "/priority", false),
    ("came", "/creation_time", false),
    ("octets", "/size", true),
    ("from", "/originator", false),
    ("subject", "/subject", false),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List { mailbox: of, status, class, filter, sort, limit } => {
            let [status, class, filter, sort] = [status, class, filter, sort].map(Clone::clone);
            let query = [("status", status), ("class", class), ("filter", filter), ("sort", sort)];
            let (session, path) = (remote.open()?, mailbox(of, "/entries"));
            list(remote, &COLUMNS, &pages(&session, &path, &query, "entries", *limit)?)
        }
        Action::Show { mailbox: of, number } => {
            show(remote, &remote.signed_in()?.get(&mailbox(of, &format!("/entries/{number}")))?)
        }
        Action::Save { mailbox: of, number, file } => {
            let path = mailbox(of, &format!("/entries/{number}/content"));
            let content = remote.signed_in()?.octets(&path)?;
            Ok(save::write(file, &content.into())?)
        }
        Action::Delete { mailbox: of, numbers, yes } => {
            let session = remote.signed_in()?;
            let numbers = each(numbers)?;
            let question = format!("Delete up to {} entries of {of}?", numbers.len());
            if !yes && !output::asked(&question)? {
                return Ok(());
            }
            let wanted = json!({ "numbers": numbers });
            let deleted = session.post(&mailbox(of, "/entries/delete"), &wanted)?;
            done(remote, &format!("{} entries deleted", deleted["entries"]), &deleted)
        }
        Action::Move { mailbox: of, numbers, to } => {
            let wanted = json!({ "numbers": each(numbers)?, "to": to });
            let moved = remote.signed_in()?.post(&mailbox(of, "/entries/move"), &wanted)?;
            let columns = [("was", "/was", true), ("number", "/number", true)];
            list(remote, &columns, &moved["entries"])
        }
        Action::Status { mailbox: of, numbers, status } => {
            let wanted = json!({ "numbers": each(numbers)?, "status": output::word(*status) });
            let changed = remote.signed_in()?.post(&mailbox(of, "/entries/status"), &wanted)?;
            done(remote, &format!("{} entries changed", changed["entries"]), &changed)
        }
    }
}

/// Every number of a list.
fn each(Numbers(items): &Numbers) -> anyhow::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for item in items {
        let (from, to) = match *item {
            Item::One(number) => (number, number),
            Item::Range(from, to) => (from, to),
        };
        numbers.extend((from..=to).take(NUMBERS_MAX + 1 - numbers.len()));
        if numbers.len() > NUMBERS_MAX {
            bail!("these are more than {NUMBERS_MAX} numbers; name fewer");
        }
    }
    Ok(numbers)
}
