//! `restante completions` and `restante man`: what shells and `man` know of the command, made from
//! its own help.

use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::{CommandLine, failure::Failure, output};

/// Print what a shell is to know to complete command lines
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante completions bash > ~/.local/share/bash-completion/completions/restante
  restante completions zsh > ~/.zfunc/_restante
  restante completions fish > ~/.config/fish/completions/restante.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Write a man page for each command into a directory
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  restante man --output man1 && man ./man1/restante-backup.1")]
pub(crate) struct Pages {
    /// The directory, which is there
    #[arg(short, long, value_name = "DIRECTORY")]
    output: PathBuf,
}

pub(crate) fn completions(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "restante", &mut script);
    Ok(output::print(&String::from_utf8_lossy(&script))?)
}

pub(crate) fn pages(arguments: &Pages) -> Result<(), Failure> {
    let directory = &arguments.output;
    let written = clap_mangen::generate_to(CommandLine::command(), directory);
    Ok(written.with_context(|| format!("{} can't be written to", directory.display()))?)
}
