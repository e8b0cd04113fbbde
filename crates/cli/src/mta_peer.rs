//! `restante mta-peer`: the MTAs that may bind to the store to deliver.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use restante_directory::Accounts;
use restante_server::config::Config;

use crate::{failure::Failure, password::PasswordSource};

/// Add, list and remove the MTAs that may deliver to the store
///
/// An MTA is known by its MTA-name (X.411), to the letter. A running server sees the change at
/// the next bind.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta-peer add mta1
  restante mta-peer passwd mta1 --password-file mta1.txt
  restante mta-peer list")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let an MTA bind
    Add {
        /// The MTA-name, at most 32 characters
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Print the MTAs' names, one a line
    List,
    /// Give an MTA another password
    Passwd {
        /// The MTA-name
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Let an MTA bind no more
    Remove {
        /// The MTA-name
        name: String,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    let accounts = Accounts::under(&config.data_directory);
    match &arguments.action {
        Action::Add { name, password } => {
            accounts.add_mta_peer(name, &password.new_password()?)?;
        }
        Action::List => {
            let mut out = io::stdout().lock();
            for name in accounts.mta_peers()? {
                writeln!(out, "{name}")?;
            }
        }
        Action::Passwd { name, password } => {
            accounts.set_mta_password(name, &password.new_password()?)?;
        }
        Action::Remove { name } => accounts.remove_mta_peer(name)?,
    }
    Ok(())
}
