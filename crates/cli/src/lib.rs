//! `restante`: the one command, as a library, so that a test can build it. It parses the command
//! line, calls what does the work and turns what went wrong into a line on standard error and an
//! exit code; what the crates below do is not done here.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod account;
mod bench;
mod call;
mod catalogue;
mod check;
mod demo;
mod draft;
mod dump;
mod failure;
#[cfg(test)]
mod guide_tests;
mod manager;
mod manual;
mod mta;
mod mta_passwd;
mod mta_peer;
mod night;
mod notify;
mod output;
mod password;
mod remote;
mod save;
mod serve;
mod stats;
mod store;
mod table;
mod time;
mod ua;
mod user;
mod verify;

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
    Catalogue(catalogue::Arguments),
    Verify(verify::Arguments),
    User(user::Arguments),
    MtaPeer(mta_peer::Arguments),
    MtaPasswd(mta_passwd::Arguments),
    Manager(manager::Arguments),
    Mailbox(store::mailbox::Arguments),
    Message(store::message::Arguments),
    Association(store::association::Arguments),
    Block(store::block::Arguments),
    Ua(ua::Arguments),
    Mta(mta::Arguments),
    Backup(night::backup::Arguments),
    Restore(night::restore::Arguments),
    Dump(dump::Arguments),
    Import(night::import::Arguments),
    Tidy(night::tidy::Arguments),
    Resync(night::resync::Arguments),
    Job(night::job::Arguments),
    Stats(stats::Arguments),
    Bench(bench::Arguments),
    Demo(demo::Arguments),
    Completions(manual::Completions),
    Man(manual::Pages),
}

const EXAMPLES: &str = "\
Examples:
  What it is, in a minute:
    restante demo
  A store in three commands, with all data under ./restante-data:
    restante user add \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
    restante mta-peer add mta1
    restante serve

Exit codes: 0 done, 1 it could not be done, 2 the command line or the configuration is wrong.";

/// Runs the command that the process's arguments are; returns its exit code.
pub fn main() -> ExitCode {
    let result = match CommandLine::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Catalogue(arguments) => catalogue::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::User(arguments) => user::run(&arguments),
        Command::MtaPeer(arguments) => mta_peer::run(&arguments),
        Command::MtaPasswd(arguments) => mta_passwd::run(&arguments),
        Command::Manager(arguments) => manager::run(&arguments),
        Command::Mailbox(arguments) => store::mailbox::run(&arguments),
        Command::Message(arguments) => store::message::run(&arguments),
        Command::Association(arguments) => store::association::run(&arguments),
        Command::Block(arguments) => store::block::run(&arguments),
        Command::Ua(arguments) => ua::run(&arguments),
        Command::Mta(arguments) => mta::run(arguments),
        Command::Backup(arguments) => night::backup::run(&arguments),
        Command::Restore(arguments) => night::restore::run(&arguments),
        Command::Dump(arguments) => dump::run(&arguments),
        Command::Import(arguments) => night::import::run(&arguments),
        Command::Tidy(arguments) => night::tidy::run(&arguments),
        Command::Resync(arguments) => night::resync::run(&arguments),
        Command::Job(arguments) => night::job::run(&arguments),
        Command::Stats(arguments) => stats::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Man(arguments) => manual::pages(&arguments),
    };
    result.map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}
