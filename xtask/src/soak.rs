//! `cargo xtask soak`: the simulated service of the testkit, in a release build, seed after seed
//! for as long as is asked. It ends at the first history in which a promise is broken; the seed
//! that is printed reproduces it.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ci::{cargo_command, run_to_end};

/// How long it goes on unless told otherwise, minutes.
const MINUTES: u64 = 10;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    minutes: u64,
    seed: Option<u64>,
    /// How many; then there is no limit of time.
    seeds: Option<u64>,
}

fn parse(options: &[&str]) -> Result<Options, String> {
    let mut parsed = Options { minutes: MINUTES, seed: None, seeds: None };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let number = options.next().and_then(|text| text.parse::<u64>().ok());
        let number = number.ok_or_else(|| format!("{option} needs a number"))?;
        match *option {
            "--minutes" => parsed.minutes = number,
            "--seed" => parsed.seed = Some(number),
            "--seeds" => parsed.seeds = Some(number),
            _ => return Err(format!("soak knows --minutes, --seed and --seeds, not {option}")),
        }
    }
    Ok(parsed)
}

/// Builds the simulation and lives through its histories.
///
/// # Errors
/// A wrong option; a promise that was broken, whose story stands above on the terminal.
pub(crate) fn run(root: &Path, options: &[&str]) -> Result<(), String> {
    let Options { minutes, seed, seeds } = parse(options)?;
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seconds = if seeds.is_some() { 0 } else { (minutes * 60).max(1) };
    let numbers = [seconds, seed.unwrap_or_else(clock), seeds.unwrap_or(0)];
    let mut command = cargo_command(root);
    command.args([
        "run",
        "--release",
        "--quiet",
        "-p",
        "restante-testkit",
        "--bin",
        "simulate",
        "--",
    ]);
    command.args(numbers.map(|number| number.to_string()));
    run_to_end(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let none = Options { minutes: MINUTES, seed: None, seeds: None };
        assert_eq!(parse(&[]), Ok(none));
        let all = Options { minutes: 5, seed: Some(7), seeds: Some(1) };
        assert_eq!(parse(&["--minutes", "5", "--seeds", "1", "--seed", "7"]), Ok(all));
        assert!(parse(&["--seed"]).is_err());
        assert!(parse(&["--minutes", "x"]).is_err());
        assert!(parse(&["--hours", "1"]).is_err());
    }
}
