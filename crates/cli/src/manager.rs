//! `restante manager`: the people who may sign in to the console and the admin API.

use clap::{Args, Subcommand};
use restante_directory::Role;

use crate::{
    account::{self, Kind, Place},
    failure::Failure,
    password::PasswordSource,
};

/// Add, list and remove the people who run the store
///
/// They sign in to the console and the admin API. A monitor looks; an operator also changes
/// messages, blocks operations, ends associations and runs jobs; a manager also changes users and
/// MTAs and stops the store. In the file of the data directory, or with --user by way of a store
/// that serves; a running server sees the change at once.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante manager add chief
  restante manager add night --role operator --password-file night.txt
  restante manager role night monitor
  restante manager list")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Let somebody sign in
    Add {
        /// The name, at most 64 characters
        name: String,
        /// monitor, operator or manager
        #[arg(long, default_value_t = Role::Manager)]
        role: Role,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Print the names and roles, one a line
    List,
    /// Give somebody another role
    Role {
        /// The name
        name: String,
        /// monitor, operator or manager
        role: Role,
    },
    /// Give somebody another password
    Passwd {
        /// The name
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Let somebody sign in no more
    Remove {
        /// The name
        name: String,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let place = &arguments.place;
    let accounts = place.open()?;
    match &arguments.action {
        Action::Add { name, role, password } => {
            accounts.add(Kind::Managers, name, *role, password.new_password()?)?;
        }
        Action::List => place.list(&accounts.all(Kind::Managers)?, |manager| {
            let role = manager["role"].as_str().unwrap_or_default();
            format!("{role:8} {}", account::name(&manager["name"]))
        })?,
        Action::Role { name, role } => accounts.set_role(name, *role)?,
        Action::Passwd { name, password } => {
            accounts.set_password(Kind::Managers, name, password.new_password()?)?;
        }
        Action::Remove { name } => accounts.remove(Kind::Managers, name)?,
    }
    Ok(())
}
