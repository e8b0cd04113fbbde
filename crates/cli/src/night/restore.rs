//! `restante restore`: mailboxes, or one message, put back while the store serves.

use serde_json::json;

use crate::{failure::Failure, remote::Remote};

/// Put mailboxes or a message of a backup back while the store serves
///
/// Messages come new and under new numbers, unless --full is given: then numbers, statuses and
/// what the user had registered are kept, and a message whose number is another's by now gets a
/// new one, which is told. What is there already never comes a second time.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante restore --user night --source nightly --all --full
  restante restore --user night --source nightly --mailbox \"/CN=Alice/O=Example/C=GB/\"
  restante restore --user night --source nightly --mailbox \"/CN=Alice/O=Example/C=GB/\" \\
      --message 17 --into \"/CN=Bob/O=Example/C=GB/\"
  restante restore --user night --source nightly --all --full --dry-run
                          reads every file and changes nothing: is the backup good?

Exit codes: 0 done, 1 something of the backup is damaged or it could not be done, 2 the command
line is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    selection: super::Selection,
    /// Restore one message alone, by the number that it had in the mailbox
    #[arg(long, value_name = "NUMBER", requires = "mailbox", conflicts_with = "all")]
    message: Option<u32>,
    /// The mailbox that all goes to: an O/R address
    #[arg(long, value_name = "ADDRESS")]
    into: Option<String>,
    /// Keep numbers, statuses and registrations
    #[arg(long)]
    full: bool,
    /// Where the store knows less of a mailbox than the backup, or is another store, let its
    /// numbers go on N above the backup's: at least as many as can have been given out since
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    increment: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let more = json!({
        "message": arguments.message,
        "into": arguments.into,
        "full": arguments.full,
        "increment": arguments.increment,
    });
    super::take(&arguments.remote, "restore", &arguments.selection, more)
}
