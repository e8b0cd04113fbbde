//! The work of the night, done by a store that serves: jobs that are started, watched, and told of
//! in a few lines that a mail of cron can carry.

pub(crate) mod backup;
pub(crate) mod import;
pub(crate) mod job;
pub(crate) mod restore;
pub(crate) mod resync;
pub(crate) mod tidy;

use std::io::{self, IsTerminal};

use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use restante_view::text;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    output,
    remote::{Remote, Session},
};

/// How long the server waits until a job has come further before it answers, seconds.
const WAIT_S: u64 = 20;
/// Of a progress bar.
const STEPS: u64 = 1_000;

/// What of a tree in the backup directory a job takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Selection {
    /// The name of the tree in the server's backup directory
    #[arg(long, value_name = "NAME")]
    source: String,
    /// All mailboxes of the tree
    #[arg(long, required_unless_present = "mailbox", conflicts_with = "mailbox")]
    all: bool,
    /// This mailbox: an O/R address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Vec<String>,
    /// Read all and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell of each mailbox
    #[arg(short, long)]
    verbose: bool,
}

/// Starts a job of this kind that takes what is selected, with what else is said of it, waits for
/// its end and tells what it came to.
fn take(remote: &Remote, kind: &str, of: &Selection, mut more: Value) -> Result<(), Failure> {
    more["kind"] = kind.into();
    more["tree"] = of.source.as_str().into();
    more["mailboxes"] = json!((!of.all).then_some(&of.mailbox));
    more["dry_run"] = of.dry_run.into();
    run(remote, &more, of.verbose)
}

/// Starts a job, waits for its end and tells what it came to.
pub(crate) fn run(remote: &Remote, wanted: &Value, verbose: bool) -> Result<(), Failure> {
    tell(&work(remote, wanted)?, remote.json, verbose)
}

/// Starts a job and waits for its end.
pub(crate) fn work(remote: &Remote, wanted: &Value) -> anyhow::Result<Value> {
    let session = remote.signed_in()?;
    let job = session.post("/api/jobs", wanted)?;
    wait(&session, job)
}

/// Waits until a job has ended; a terminal shows how far it is.
fn wait(session: &Session, mut job: Value) -> anyhow::Result<Value> {
    let path = format!("/api/jobs/{}?wait_s={WAIT_S}", job["id"]);
    let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr());
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent} %, {elapsed}") {
        bar.set_style(style);
    }
    while job["state"] == "running" {
        let part = job["progress"].as_f64().unwrap_or_default();
        // Between 0 and 1, so that it has its place.
        bar.set_position((part * 1_000.0) as u64);
        job = session.get(&path)?;
    }
    bar.finish_and_clear();
    Ok(job)
}

/// Tells what a job came to: what is wrong in any case, all else where it is asked for.
pub(crate) fn tell(job: &Value, json: bool, verbose: bool) -> Result<(), Failure> {
    let state = job["state"].as_str().unwrap_or_default();
    let kind = job["kind"].as_str().unwrap_or_default();
    if json {
        output::json(job)?;
    } else {
        let mut lines = Vec::new();
        let details = &job["details"];
        if verbose {
            lines.extend(list(&details["mailboxes"]).iter().map(|one| {
                format!("{}: {} entries", one["name"].as_str().unwrap_or_default(), one["entries"])
            }));
        }
        lines.extend(list(&details["renumbered"]).iter().map(|one| {
            let mailbox = one["mailbox"].as_str().unwrap_or_default();
            format!("{mailbox}: {} has the number {}", one["was"], one["number"])
        }));
        lines.extend(more(details, "renumbered", "new numbers"));
        let damaged = list(&details["damaged"]).iter().filter_map(Value::as_str);
        lines.extend(damaged.map(str::to_owned));
        lines.extend(more(details, "damaged", "damaged"));
        let outcome = job["outcome"].as_str().unwrap_or(state);
        lines.push(format!("{kind}: {outcome}"));
        let lines: Vec<_> = lines.iter().map(|line| text::line(line)).collect();
        output::print(&lines.join("\n"))?;
    }
    match state {
        "done" => Ok(()),
        _ => Err(anyhow!("{kind}, job {}: {state}", job["id"]).into()),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// That there are more of a kind than are named.
fn more(details: &Value, what: &str, word: &str) -> Option<String> {
    let all = details[format!("{what}_all")].as_u64()?;
    let named = u64::try_from(list(&details[what]).len()).unwrap_or(u64::MAX);
    (all > named).then(|| format!("and {} more {word}", all - named))
}
