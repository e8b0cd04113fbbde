//! `restante check`: validates a configuration and prints what is in force.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use restante_directory::Accounts;
use restante_server::{config::Config, events::Catalogue};

use crate::failure::Failure;

/// Validate the configuration and print what is in force
///
/// Prints the values of the file and the defaults of all others, as a configuration file, and
/// how many users and MTAs there are. Exit code 2 where the configuration is refused.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante check                            the defaults
  restante check --config restante.toml     what this file changes in them
  restante check > restante.toml            a file to begin with")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    config.mta.password()?;
    let accounts = Accounts::under(&config.data_directory);
    let (users, mta_peers) = (accounts.users()?.len(), accounts.mta_peers()?.len());
    let path = accounts.path().display();
    let mut out = io::stdout().lock();
    let catalogue = &config.logging.catalogue;
    if !catalogue.as_os_str().is_empty() {
        let (_, differences) = Catalogue::load(catalogue)?;
        for line in differences.to_string().lines() {
            writeln!(out, "# {}: {line}", catalogue.display())?;
        }
    }
    write!(out, "# Users: {users}, MTAs: {mta_peers}, in {path}\n{config}")?;
    Ok(())
}
