//! `restante job`: the long work of a store that serves, listed, watched, started and cancelled.

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use crate::{
    failure::Failure,
    output,
    remote::Remote,
    store::{Told, list},
};

/// List, watch, start and cancel the long work of a store that serves
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante job list --user night
  restante job start verify --user night
  restante job wait 17 --user night
  restante job cancel 17 --user night")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the jobs, the newest first
    List,
    /// Start one that needs to be told no more, and wait for its end
    Start {
        /// What it is to do
        #[arg(value_enum)]
        kind: Kind,
    },
    /// Wait for the end of a job, and tell what it came to
    Wait {
        /// Its number
        id: u64,
    },
    /// Have a job end early; what it has done stays done
    Cancel {
        /// Its number
        id: u64,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Resync,
    Verify,
    Statistics,
    Reclaim,
}

const COLUMNS: [Told; 6] = [
    ("job", "/id", true),
    ("what", "/kind", false),
    ("by", "/started_by", false),
    ("started", "/started", false),
    ("state", "/state", false),
    ("came to", "/outcome", false),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List => list(remote, &COLUMNS, &remote.open()?.get("/api/jobs")?),
        Action::Start { kind } => {
            super::run(remote, &json!({ "kind": output::word(*kind) }), true)
        }
        Action::Wait { id } => {
            let session = remote.open()?;
            let job = session.get(&format!("/api/jobs/{id}"))?;
            super::tell(&super::wait(&session, job)?, remote.json, true)
        }
        Action::Cancel { id } => {
            let job = remote.signed_in()?.delete(&format!("/api/jobs/{id}"))?;
            if remote.json {
                output::json(&job)?;
            }
            Ok(())
        }
    }
}
