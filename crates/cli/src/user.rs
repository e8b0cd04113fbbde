//! `restante user`: the users of the store.

use clap::{Args, Subcommand, ValueEnum};
use restante_directory::Role;

use crate::{
    account::{self, Kind, Place},
    failure::Failure,
    output,
    password::PasswordSource,
};

/// Add, list and remove the users of the store
///
/// In the file of the data directory, or with --user by way of a store that serves. A running
/// server sees the change at the next bind. Addresses are written in either form of
/// F.401: /CN=…/O=…/C=…/ or CN=…; O=…; C=…
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante user add \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
  restante user add \"CN=Bob; O=Example; P=PEER; A= ; C=GB\" --password-file bob.txt
  restante user passwd \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
  restante user outbox \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\" kept
  restante user list
  restante user add \"CN=Bob; O=Example; P=PEER; C=GB\" --password-file bob.txt \\
      --host store.example --user chief --user-password-file chief.txt")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    /// Print or say whether what a user submits is kept as entries of the class submission
    ///
    /// Submission-options (1994) come first. A user who is bound has it so from the next bind on.
    Outbox {
        /// The user's O/R address
        address: String,
        /// What it is from now on; printed where it is left out
        kept: Option<Outbox>,
    },
    /// Remove a user; the messages stay until the mailbox is removed
    Remove {
        /// The user's O/R address
        address: String,
    },
}

/// What becomes of what a user submits.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Outbox {
    /// It is kept
    Kept,
    /// It is not
    None,
    /// As service.store_submissions says
    Default,
}

impl Outbox {
    fn of(store_submissions: Option<bool>) -> Self {
        match store_submissions {
            Some(true) => Self::Kept,
            Some(false) => Self::None,
            None => Self::Default,
        }
    }

    fn store_submissions(self) -> Option<bool> {
        match self {
            Self::Kept => Some(true),
            Self::None => Some(false),
            Self::Default => None,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let place = &arguments.place;
    let accounts = place.open()?;
    match &arguments.action {
        Action::Add { address, password } => {
            accounts.add(Kind::Users, address, Role::Monitor, password.new_password()?)?;
        }
        Action::List => place.list(&accounts.all(Kind::Users)?, account::name)?,
        Action::Passwd { address, password } => {
            accounts.set_password(Kind::Users, address, password.new_password()?)?;
        }
        Action::Outbox { address, kept: Some(kept) } => {
            accounts.set_store_submissions(address, kept.store_submissions())?;
        }
        Action::Outbox { address, kept: None } => {
            let kept = Outbox::of(accounts.store_submissions(address)?);
            output::print(&output::word(kept))?;
        }
        Action::Remove { address } => accounts.remove(Kind::Users, address)?,
    }
    Ok(())
}
