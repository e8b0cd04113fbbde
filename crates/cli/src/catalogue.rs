//! `restante catalogue`: prints the texts of events to be translated, or checks a file of them.

use std::path::PathBuf;

use restante_server::events::{Catalogue, Differences, Translatable};

use crate::{failure::Failure, output};

/// Print the texts of events, or check a translation of them
///
/// What is printed is a file for logging.catalogue: a line `identifier = "text"` for each message,
/// its severity and facility before it. `{name}` in a text stands for what is said with it; `{{`
/// and `}}` for braces.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante catalogue > messages.toml        a file to translate
  restante catalogue --check messages.toml  whether all messages have a text, and a sound one")]
pub(crate) struct Arguments {
    /// Check this file: which messages it has no text for, which texts are for none
    ///
    /// Exit code 1 where there are some, 2 where it is refused.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(path) = &arguments.check else {
        return Ok(output::print(&Translatable.to_string())?);
    };
    let (_, differences) = Catalogue::load(path)?;
    let text = differences.to_string();
    if differences == Differences::default() {
        return Ok(());
    }
    output::print(&text)?;
    Err(anyhow::anyhow!("{} is not whole; restante catalogue prints all", path.display()).into())
}
