//! `restante block`: the operations that a store that serves refuses.

use anyhow::{Context, bail};
use clap::Subcommand;
use jiff::{Span, SpanRelativeTo, Unit};
use serde_json::json;

use super::{Told, done, list};
use crate::{failure::Failure, remote::Remote};

/// List, block and unblock operations of a store that serves
///
/// Operations go by their names in the standards: bind, summarize, list, fetch, delete, modify,
/// register-MS, message-submission, probe-submission, cancel-deferred-delivery, register,
/// change-credentials, message-delivery, report-delivery.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante block list
  restante block add delete --reason \"legal hold\" --user night
  restante block add message-delivery --mailbox \"/CN=Alice/O=Example/PRMD=PEER/C=GB/\" --for 2h \\
      --user night
  restante block remove 3 --user night")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the operations that are blocked
    List,
    /// Block an operation
    Add {
        /// Its name in the standards
        operation: String,
        /// In this mailbox alone: an O/R address
        #[arg(long, value_name = "ADDRESS")]
        mailbox: Option<String>,
        /// For how long: 30m, 2h, 3d; left out: until it is unblocked
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        r#for: Option<u64>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Unblock an operation
    Remove {
        /// The number of the block
        id: u64,
    },
}

const COLUMNS: [Told; 7] = [
    ("block", "/id", true),
    ("operation", "/operation", false),
    ("mailbox", "/mailbox", false),
    ("since", "/since", false),
    ("until", "/until", false),
    ("by", "/by", false),
    ("reason", "/reason", false),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    match &arguments.action {
        Action::List => list(remote, &COLUMNS, &remote.open()?.get("/api/blocks")?),
        Action::Add { operation, mailbox, r#for, reason } => {
            let wanted = json!({
                "operation": operation,
                "mailbox": mailbox,
                "for_s": r#for,
                "reason": reason,
            });
            let made = remote.signed_in()?.post("/api/blocks", &wanted)?;
            done(remote, &format!("block {}: {operation}", made["id"]), &made)
        }
        Action::Remove { id } => {
            let removed = remote.signed_in()?.delete(&format!("/api/blocks/{id}"))?;
            done(remote, &format!("block {id} is removed"), &removed)
        }
    }
}

/// A time span in words, as seconds.
fn seconds(text: &str) -> anyhow::Result<u64> {
    let hint = || format!("`{text}` is no time span; write 30m, 2h or 3d");
    let span: Span = text.parse().with_context(hint)?;
    let seconds = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours()));
    match seconds.with_context(hint)? {
        // A whole number of at most a year, or the server refuses it.
        seconds if seconds >= 1.0 => Ok(seconds as u64),
        _ => bail!("{}", hint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_in_words() {
        let spans = ["30m", "2h", "3d", "90s"].map(|text| seconds(text).unwrap());
        assert_eq!(spans, [1_800, 7_200, 259_200, 90]);
        for wrong in ["", "0s", "-2h", "soon", "7"] {
            let error = seconds(wrong).unwrap_err().to_string();
            assert!(error.ends_with("write 30m, 2h or 3d"), "{wrong}: {error}");
        }
    }
}
