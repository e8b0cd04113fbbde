//! `restante verify`: reads every record of a stopped store, or has a store that serves do so,
//! compares log and index, and says what is not as it should be. It changes nothing.

use std::{fmt::Write, path::PathBuf};

use anyhow::anyhow;
use restante_server::config::Config;
use restante_storage::{StorageError, Verification};
use restante_view::text;
use serde_json::json;

use crate::{failure::Failure, night, output, remote::Remote};

/// Verify that nothing on disk is damaged
///
/// Reads all records of the log with their checksums and compares the index with what they say:
/// entries, statuses, sequence-numbers, counts. Prints what is damaged, a line each, with the
/// mailbox and the sequence-number where they are known, and a summary. Changes nothing. A store
/// that serves verifies itself, as a job, where --user is given; without, no server may have the
/// store open meanwhile, but for --known.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante verify
  restante verify --config restante.toml --rate 20      at most 20 MiB a second
  restante verify --known                               what is known, also of a running store
  restante verify --user night --password-file night    what a store finds that serves
  restante verify > damage.txt || mail -s damage postmaster < damage.txt

Exit codes: 0 nothing is damaged, 1 something is, 2 the command line or the configuration is
wrong, 3 it could not be verified.")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read at most so much of the log in a second, in MiB
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Read nothing of the log: list what is known to be damaged, also while a server runs
    #[arg(long, conflicts_with = "rate")]
    known: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.remote.is_named() {
        return by_the_store(arguments);
    }
    let config = Config::load(arguments.config.as_deref())?;
    if arguments.known {
        return known(&config);
    }
    let rate = arguments.rate.map(|mebibytes| u64::from(mebibytes) << 20);
    let found = restante_server::verify(&config, rate).map_err(|error| {
        Failure::not_verified(match error {
            StorageError::InUse => anyhow!(
                "a server has {} open; stop it to verify the store",
                config.log_directory().display()
            ),
            error => error.into(),
        })
    })?;
    output::print(&report(&found))?;
    ends(found.is_clean())
}

/// Has a store that serves verify itself.
fn by_the_store(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.known || arguments.config.is_some() {
        return Err(Failure::not_asked_right("--user, --known and --config: say one of them"));
    }
    let rate = arguments.rate.map(|mebibytes| u64::from(mebibytes) << 20);
    let wanted = json!({ "kind": "verify", "octets_per_second": rate });
    let job = night::work(&arguments.remote, &wanted).map_err(Failure::not_verified)?;
    match night::tell(&job, arguments.remote.json, true) {
        Err(_) if job["details"].is_null() => {
            let text = job["outcome"].as_str().unwrap_or("it was ended early");
            Err(Failure::not_verified(anyhow!("{}", text::line(text))))
        }
        told => told,
    }
}

/// Lists what a server, or an earlier verification by one, found.
fn known(config: &Config) -> Result<(), Failure> {
    let found = restante_server::known_damage(config)
        .map_err(|error| Failure::not_verified(error.into()))?;
    let mut text = String::new();
    for place in &found {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{place}");
    }
    output::print(&text)?;
    ends(found.is_empty())
}

fn ends(clean: bool) -> Result<(), Failure> {
    match clean {
        true => Ok(()),
        false => Err(anyhow!("the store is damaged; what to do stands in operating.md").into()),
    }
}

fn report(found: &Verification) -> String {
    let mut text = String::new();
    let mut line = |line: &dyn std::fmt::Display| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line}");
    };
    found.damaged.iter().for_each(|damaged| line(damaged));
    found.differences.iter().for_each(|difference| line(difference));
    let shown = u64::try_from(found.differences.len()).unwrap_or(u64::MAX);
    if found.differences_all > shown {
        line(&format!("and {} more differences", found.differences_all - shown));
    }
    line(found);
    text
}
