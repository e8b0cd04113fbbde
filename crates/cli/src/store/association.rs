//! `restante association`: the associations of a store that serves.

use clap::Subcommand;

use super::{Told, done, list};
use crate::{failure::Failure, remote::Remote};

/// List and end the associations of a store that serves
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante association list
  restante association end 17 --user night")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the associations, in the order in which they came
    List,
    /// Abort an association
    End {
        /// Its number
        id: u64,
    },
}

const COLUMNS: [Told; 7] = [
    ("association", "/id", true),
    ("name", "/name", false),
    ("context", "/context", false),
    ("peer", "/peer", false),
    ("since", "/since", false),
    ("operations", "/operations", true),
    ("last operation", "/last_operation", false),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List => list(remote, &COLUMNS, &remote.open()?.get("/api/associations")?),
        Action::End { id } => {
            let ended = remote.signed_in()?.delete(&format!("/api/associations/{id}"))?;
            done(remote, &format!("association {id} is ended"), &ended)
        }
    }
}
