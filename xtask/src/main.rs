//! The project's own commands, run as `cargo xtask <command>`.
//!
//! It uses the standard library only, so that it builds in a second on any machine, and it knows
//! the workspace by its files: it links none of the crates that it checks.

#![expect(clippy::print_stdout, reason = "what a command says goes to the terminal")]
#![expect(clippy::print_stderr, reason = "and so does why it failed")]

use std::path::PathBuf;
use std::process::ExitCode;

mod bench;
mod ci;
mod deb;
mod fuzz;
mod needs;
mod soak;
mod tidy;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci                    all that must pass before a change lands
  tidy                  the rules of the house: sizes, layers, absences, words
  deb [--output D]      a Debian package of a release build, in a directory
      [--check]         ... or a look at one of a debug build
  fuzz [--seconds N]    run all fuzz targets for N seconds in all (60 unless given)
       [--target NAME]  ... only this one
       [--keep]         ... and add what widens the coverage to the saved corpus
  bench                 rates of a release build, of Dovecot and of the bare disk
       [--rows A,B]     ... only of these
       [--quick]        ... without what takes minutes to set up, in short rounds
       [--rounds N]     ... in N rounds
       [--seconds S]    ... of S seconds
       [--write]        ... and write them into docs/performance.md
  soak [--minutes N]    the service in a simulation, seed after seed, for N minutes (10)
       [--seed S]       ... from this seed on, else from one that the clock gives
       [--seeds K]      ... of K seeds, however long they take";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["ci"] => root().and_then(|root| ci::run(&root)),
        ["deb", options @ ..] => root().and_then(|root| deb::run(&root, options)),
        ["tidy"] => root().and_then(|root| tidy::run(&root)),
        ["bench", options @ ..] => root().and_then(|root| bench::run(&root, options)),
        ["soak", options @ ..] => root().and_then(|root| soak::run(&root, options)),
        ["fuzz", options @ ..] => root().and_then(|root| fuzz::run(&root, options)),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace: cargo tells the folder of this package, which lies in it.
fn root() -> Result<PathBuf, String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package
        .and_then(|package| package.parent().map(PathBuf::from))
        .ok_or_else(|| "run it as `cargo xtask`".to_owned())
}
