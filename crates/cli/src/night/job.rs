//! `restante job`: the long work of a store that serves, listed, watched, started and cancelled.

use clap::{Subcommand, ValueEnum};
use restante_view::text;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    output,
    remote::Remote,
    table::{self, Column},
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

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List => list(remote),
        Action::Start { kind } => {
            let name = kind.to_possible_value().map(|value| value.get_name().to_owned());
            super::run(remote, &json!({ "kind": name }), true)
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

fn list(remote: &Remote) -> Result<(), Failure> {
    let jobs = remote.open()?.get("/api/jobs")?;
    if remote.json {
        return Ok(output::json(&jobs)?);
    }
    let columns = [
        Column::numbers("job"),
        Column::text("what"),
        Column::text("by"),
        Column::text("started"),
        Column::text("state"),
        Column::text("came to"),
    ];
    let word = |job: &Value, key: &str| text::line(job[key].as_str().unwrap_or_default());
    let line = |job: &Value| {
        let mut line = vec![job["id"].to_string()];
        let rest = ["kind", "started_by", "started", "state", "outcome"];
        line.extend(rest.map(|key| word(job, key)));
        line
    };
    let lines: Vec<_> = super::list(&jobs).iter().map(line).collect();
    Ok(output::print(&table::render(&columns, &lines))?)
}
