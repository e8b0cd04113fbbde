//! `restante tidy`: what is old goes, while the store serves.

use clap::ValueEnum;
use serde_json::json;

use crate::{failure::Failure, output::word, remote::Remote};

/// Delete messages that are older than so many days while the store serves
///
/// Age counts from when they came into the mailbox. What is deleted is in the logs no longer, too.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante tidy --user night --password-file night.txt --age 30 --state processed
  restante tidy --user night --class any --mailbox \"/CN=Alice/O=Example/C=GB/\" --dry-run

Exit codes: 0 done, 1 it could not be done, 2 the command line is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    /// The greatest age of what stays, in days
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    age: u32,
    /// The state of what is deleted
    #[arg(long, value_enum, default_value_t = State::Any)]
    state: State,
    /// What was submitted (outbox), delivered (inbox), or any
    #[arg(long, value_enum, default_value_t = Class::Delivered)]
    class: Class,
    /// This mailbox alone: an O/R address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Vec<String>,
    /// Count and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell of each mailbox
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    New,
    Listed,
    Processed,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Class {
    Submitted,
    Delivered,
    Any,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let state = (arguments.state != State::Any).then(|| word(arguments.state));
    let wanted = json!({
        "kind": "tidy",
        "age_days": arguments.age,
        "state": state,
        "class": word(arguments.class),
        "mailboxes": (!arguments.mailbox.is_empty()).then_some(&arguments.mailbox),
        "dry_run": arguments.dry_run,
    });
    super::run(&arguments.remote, &wanted, arguments.verbose)
}
