//! `restante manager`: the people who may sign in to the console and the admin API.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use restante_directory::{Accounts, Role};
use restante_server::config::Config;

use crate::{failure::Failure, password::PasswordSource};

/// Add, list and remove the people who run the store
///
/// They sign in to the console and the admin API. A monitor looks; an operator also changes
/// messages, blocks operations, ends associations and runs jobs; a manager also changes users and
/// MTAs and stops the store. A running server sees the change at once.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante manager add chief
  restante manager add night --role operator --password-file night.txt
  restante manager role night monitor
  restante manager list")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
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
    let config = Config::load(arguments.config.as_deref())?;
    let accounts = Accounts::under(&config.data_directory);
    match &arguments.action {
        Action::Add { name, role, password } => {
            accounts.add_manager(name, *role, &password.new_password()?)?;
        }
        Action::List => {
            let mut out = io::stdout().lock();
            for manager in accounts.managers()? {
                writeln!(out, "{:8} {}", manager.role, manager.name)?;
            }
        }
        Action::Role { name, role } => accounts.set_manager_role(name, *role)?,
        Action::Passwd { name, password } => {
            accounts.set_manager_password(name, &password.new_password()?)?;
        }
        Action::Remove { name } => accounts.remove_manager(name)?,
    }
    Ok(())
}
