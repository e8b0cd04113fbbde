//! `restante backup`: mailboxes of a store that serves, written into a tree of files.

use serde_json::json;

use crate::{failure::Failure, remote::Remote};

/// Back up mailboxes while the store serves
///
/// The store writes them into a tree of files, a file per message, in the directory that
/// backup.directory of its configuration names. A tree that is there already is brought up to
/// date: what is in it is not written again. A backup that was cut off is resumed by the next one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante backup --user night --password-file night.txt --destination nightly --all
  restante backup --user night --destination alice --mailbox \"/CN=Alice/O=Example/C=GB/\"

Exit codes: 0 all is in the backup, 1 something is not, and is named, 2 the command line is
wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    /// The name of the tree in the server's backup directory
    #[arg(long, value_name = "NAME")]
    destination: String,
    /// Back up all mailboxes
    #[arg(long, required_unless_present = "mailbox", conflicts_with = "mailbox")]
    all: bool,
    /// Back up this mailbox: an O/R address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Vec<String>,
    /// Keep so many backups in the tree, and of each mailbox the newest in which it is; what older
    /// ones alone have is taken out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Compress contents
    #[arg(long)]
    compress: bool,
    /// Tell of each mailbox
    #[arg(short, long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mailboxes = (!arguments.all).then_some(&arguments.mailbox);
    let wanted = json!({
        "kind": "backup",
        "tree": arguments.destination,
        "mailboxes": mailboxes,
        "compress": arguments.compress,
        "keep": arguments.keep,
    });
    super::run(&arguments.remote, &wanted, arguments.verbose)
}
