//! `restante user`: the users of the store.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use restante_directory::Accounts;
use restante_server::config::Config;

use crate::{failure::Failure, password::PasswordSource};

/// Add, list and remove the users of the store
///
/// A running server sees the change at the next bind. Addresses are written in either form of
/// F.401: /CN=…/O=…/C=…/ or CN=…; O=…; C=…
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante user add \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
  restante user add \"CN=Bob; O=Example; P=PEER; A= ; C=GB\" --password-file bob.txt
  restante user passwd \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
  restante user list")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a user, who has an empty mailbox then
    Add {
        /// The user's O/R address
        address: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Print the users' addresses, one a line
    List,
    /// Give a user another password
    Passwd {
        /// The user's O/R address
        address: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Remove a user; the messages stay until the mailbox is removed
    Remove {
        /// The user's O/R address
        address: String,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    let accounts = Accounts::under(&config.data_directory);
    match &arguments.action {
        Action::Add { address, password } => {
            accounts.add_user(address, &password.new_password()?)?;
        }
        Action::List => {
            let mut out = io::stdout().lock();
            for address in accounts.users()? {
                writeln!(out, "{address}")?;
            }
        }
        Action::Passwd { address, password } => {
            accounts.set_user_password(address, &password.new_password()?)?;
        }
        Action::Remove { address } => accounts.remove_user(address)?,
    }
    Ok(())
}
