//! `cargo xtask ci`: all that must pass before a change lands, the same on a desk and in CI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{deb, fuzz, needs, tidy};

/// A step's name and what it does in the workspace's folder.
type Step = (&'static str, fn(&Path) -> Result<(), String>);

/// The quick ones stand first.
const STEPS: &[Step] = &[
    ("what the tests need", |_| needs::ensure(needs::FOR_TESTS)),
    ("fmt", |root| cargo(root, &["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("clippy", |root| {
        cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
    }),
    ("test", |root| cargo(root, &["test", "--workspace"])),
    ("package", deb::check),
    ("doc", doc),
    ("fuzz targets", fuzz::check),
];

/// Runs the steps in order, stops at the first that fails, and prints what each took.
///
/// # Errors
/// The name of the step that failed; what was wrong stands above it on the terminal.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut taken: Vec<(&str, Duration)> = Vec::new();
    let mut outcome = Ok(());
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let result = step(root);
        taken.push((name, start.elapsed()));
        if let Err(why) = result {
            outcome = Err(format!("\nfailed at {name}: {why}"));
            break;
        }
    }
    println!("\n{}", summary(&taken));
    outcome
}

fn summary(taken: &[(&str, Duration)]) -> String {
    let line = |(name, time): &(&str, Duration)| format!("{:8.1} s  {name}", time.as_secs_f64());
    let mut lines: Vec<String> = taken.iter().map(line).collect();
    lines.push(line(&("in all", taken.iter().map(|(_, time)| *time).sum())));
    lines.join("\n")
}

/// Runs cargo in the folder of the workspace.
fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    run_to_end(cargo_command(root).args(arguments))
}

fn doc(root: &Path) -> Result<(), String> {
    let mut command = cargo_command(root);
    command.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    run_to_end(&mut command)
}

/// The cargo that runs this, in the folder of the workspace.
pub(crate) fn cargo_command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Where cargo builds to.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Runs a command with its output on the terminal.
///
/// # Errors
/// The command did not start, or ended with another status than 0.
pub(crate) fn run_to_end(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_adds_up() {
        let taken = [("fmt", Duration::from_millis(400)), ("test", Duration::from_millis(60_200))];
        assert_eq!(summary(&taken), "     0.4 s  fmt\n    60.2 s  test\n    60.6 s  in all");
    }

    #[test]
    fn a_failing_command_is_an_error() {
        assert!(run_to_end(&mut Command::new("true")).is_ok());
        assert!(run_to_end(&mut Command::new("false")).is_err());
        assert!(run_to_end(&mut Command::new("no-such-program-anywhere")).is_err());
    }
}
