//! `restante`: the one command. It parses the command line, calls what does the work and turns
//! what went wrong into a line on standard error and an exit code; it holds no work of its own.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod failure;
mod mta_peer;
mod password;
mod serve;
mod user;

use failure::Failure;

/// An open X.400 Message Store
///
/// Takes delivery of messages from an MTA (P3), keeps them safe, and gives them to user agents
/// (P7).
#[derive(Debug, Parser)]
#[command(name = "restante", version, propagate_version = true, max_term_width = 100)]
#[command(after_long_help = EXAMPLES)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Check(check::Arguments),
    User(user::Arguments),
    MtaPeer(mta_peer::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  A store in three commands, with all data under ./restante-data:
    restante user add \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
    restante mta-peer add mta1
    restante serve

Exit codes: 0 done, 1 it could not be done, 2 the command line or the configuration is wrong.";

fn main() -> ExitCode {
    let result = match CommandLine::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::User(arguments) => user::run(&arguments),
        Command::MtaPeer(arguments) => mta_peer::run(&arguments),
    };
    result.map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}
