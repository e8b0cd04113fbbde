//! `restante import`: what a dump of another store holds, brought into this one while it serves.

use serde_json::json;

use crate::{failure::Failure, remote::Remote};

/// Bring the dump of another store into this one while it serves
///
/// Statuses are kept, numbers are new. What came before does not come again, so an import that was
/// cut off is simply started once more.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante dump --config standby.toml --output /var/backups/restante/standby
  restante import --user night --source standby --all

Exit codes: 0 done, 1 something of the dump is damaged or it could not be done, 2 the command line
is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    /// The name of the tree in the server's backup directory
    #[arg(long, value_name = "NAME")]
    source: String,
    /// Import all mailboxes of the dump
    #[arg(long, required_unless_present = "mailbox", conflicts_with = "mailbox")]
    all: bool,
    /// Import this mailbox: an O/R address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Vec<String>,
    /// Read all and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell of each mailbox
    #[arg(short, long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mailboxes = (!arguments.all).then_some(&arguments.mailbox);
    let wanted = json!({
        "kind": "import",
        "tree": arguments.source,
        "mailboxes": mailboxes,
        "dry_run": arguments.dry_run,
    });
    super::run(&arguments.remote, &wanted, arguments.verbose)
}
