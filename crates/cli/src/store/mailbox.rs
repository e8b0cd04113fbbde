//! `restante mailbox`: the mailboxes of a store that serves.

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Told, done, list, mailbox, pages, show};
use crate::{failure::Failure, output, remote::Remote};

/// List, look at, make and delete the mailboxes of a store that serves
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante mailbox list --sort oldest-new
  restante mailbox show \"/CN=Alice/O=Example/PRMD=PEER/C=GB/\"
  restante mailbox quota \"/CN=Alice/O=Example/PRMD=PEER/C=GB/\" --entries 5000 --user night
  restante mailbox delete \"/CN=Alice/O=Example/PRMD=PEER/C=GB/\" --user chief")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the mailboxes with what they hold
    List {
        /// Those with this in their names
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// What comes first
        #[arg(long, value_enum, default_value_t = Order::Name)]
        sort: Order,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
        limit: usize,
    },
    /// Print what is known of a mailbox
    Show {
        /// An O/R address
        address: String,
    },
    /// Make the mailbox of a user
    Add {
        /// The user's O/R address
        address: String,
    },
    /// Delete a mailbox with all that is in it
    Delete {
        /// An O/R address
        address: String,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Say what a mailbox may hold before nothing more is delivered to it
    Quota {
        /// An O/R address
        address: String,
        /// So many entries, children not counted; left out: any number
        #[arg(long, value_name = "N")]
        entries: Option<u32>,
        /// Contents of so many octets together; left out: any number
        #[arg(long, value_name = "N")]
        octets: Option<u64>,
        /// What all mailboxes may hold that have no quota of their own
        #[arg(long, conflicts_with_all = ["entries", "octets"])]
        default: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    Name,
    Entries,
    New,
    OldestNew,
}

const COLUMNS: [Told; 6] = [
    ("mailbox", "/name", false),
    ("entries", "/entries", true),
    ("new", "/new", true),
    ("oldest new", "/oldest_new", false),
    ("octets", "/quota/octets", true),
    ("associations", "/associations", true),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List { search, sort, limit } => {
            let query = [("search", search.clone()), ("sort", Some(output::word(*sort)))];
            let session = remote.open()?;
            let rows = pages(&session, "/api/mailboxes", &query, "mailboxes", *limit)?;
            list(remote, &COLUMNS, &rows)
        }
        Action::Show { address } => show(remote, &remote.open()?.get(&mailbox(address, ""))?),
        Action::Add { address } => {
            let session = remote.signed_in()?;
            let made = session.post("/api/mailboxes", &json!({ "address": address }))?;
            done(remote, &format!("{address} has a mailbox"), &made)
        }
        Action::Delete { address, yes } => {
            let session = remote.signed_in()?;
            let there = session.get(&mailbox(address, ""))?;
            let question = format!("Delete {address} with {} entries?", there["entries"]);
            if !yes && !output::asked(&question)? {
                return Ok(());
            }
            let deleted = session.delete(&mailbox(address, ""))?;
            done(remote, &format!("{address} is deleted"), &deleted)
        }
        Action::Quota { address, entries, octets, default } => {
            let (session, path) = (remote.signed_in()?, mailbox(address, "/quota"));
            let wanted = json!({ "entries_max": entries, "octets_max": octets });
            let set: Value =
                if *default { session.delete(&path)? } else { session.put(&path, &wanted)? };
            show(remote, if remote.json { &set } else { &set["quota"] })
        }
    }
}
