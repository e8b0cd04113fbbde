//! `restante mta-peer`: the MTAs that may bind to the store to deliver.

use clap::{Args, Subcommand};
use restante_directory::Role;

use crate::{
    account::{self, Kind, Place},
    failure::Failure,
    password::PasswordSource,
};

/// Add, list and remove the MTAs that may deliver to the store
///
/// An MTA is known by its MTA-name (X.411), to the letter. In the file of the data directory, or
/// with --user by way of a store that serves. A running server sees the change at the next bind.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta-peer add mta1
  restante mta-peer passwd mta1 --password-file mta1.txt
  restante mta-peer list")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    let place = &arguments.place;
    let accounts = place.open()?;
    match &arguments.action {
        Action::Add { name, password } => {
            accounts.add(Kind::Mtas, name, Role::Monitor, password.new_password()?)?;
        }
        Action::List => place.list(&accounts.all(Kind::Mtas)?, account::name)?,
        Action::Passwd { name, password } => {
            accounts.set_password(Kind::Mtas, name, password.new_password()?)?;
        }
        Action::Remove { name } => accounts.remove(Kind::Mtas, name)?,
    }
    Ok(())
}
