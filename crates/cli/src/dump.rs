//! `restante dump`: the mailboxes of a store that does not run, written into a tree of files.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use restante_archive::ArchiveError;
use restante_mhs::x411::ORAddress;
use restante_server::config::Config;
use restante_storage::StorageError;
use restante_view::text;

use crate::{failure::Failure, output};

/// Write the mailboxes of a store that does not run into a tree of files
///
/// The tree is one as restante backup writes, with a file per message and its status; restante
/// import brings it into another store. What is damaged in the log is named and left out.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante dump --config standby.toml --output /var/backups/restante/standby
  restante dump --output rescued --mailbox \"/CN=Alice/O=Example/C=GB/\" --verbose

Exit codes: 0 all is in the tree, 1 something is not, and is named, 2 the command line or the
configuration is wrong.")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(short = 't', long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of the tree, made where there is none
    #[arg(short, long, value_name = "DIRECTORY")]
    output: PathBuf,
    /// This mailbox alone: an O/R address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Vec<ORAddress>,
    /// Delete from the store what was written, unless something is damaged
    #[arg(short, long)]
    clean: bool,
    /// Tell of each mailbox
    #[arg(short, long)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    let names = arguments.mailbox.iter().map(ORAddress::key).collect::<Vec<_>>();
    let names = Some(names).filter(|names| !names.is_empty());
    let done = restante_server::dump(&config, &arguments.output, names, arguments.clean);
    let done = done.map_err(|error| match error {
        ArchiveError::Storage(StorageError::InUse) => anyhow!(
            "a server has {} open; stop it, or use restante backup",
            config.log_directory().display()
        ),
        error => anyhow::Error::from(error),
    });
    let done = done.context("nothing is dumped")?;
    let mut lines = Vec::new();
    if arguments.verbose {
        let told = done.mailboxes.iter();
        lines.extend(told.map(|(name, entries)| format!("{name}: {entries} entries")));
    }
    lines.extend(done.damaged.iter().map(ToString::to_string));
    lines.push(format!("dump: {done}"));
    let lines: Vec<_> = lines.iter().map(|line| text::line(line)).collect();
    output::print(&lines.join("\n"))?;
    match done.damaged_all {
        0 => Ok(()),
        some if arguments.clean => {
            Err(anyhow!("{some} entries are left out, so nothing is deleted").into())
        }
        some => Err(anyhow!("{some} entries are left out").into()),
    }
}
