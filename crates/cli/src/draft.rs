//! What a message is put together from: a text, from the command line or standard input, and
//! files.

use std::{
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use restante_ber::{Rope, UtcTime};
use restante_mhs::x420::BodyPart;

use crate::output;

/// The text that is given; else, where there is nothing else either, standard input.
pub(crate) fn text(given: Option<&str>, alone: bool) -> anyhow::Result<Option<String>> {
    if given.is_some() || !alone {
        return Ok(given.map(str::to_owned));
    }
    if io::stdin().is_terminal() {
        output::remark("Type the text; end it with Ctrl-D on a line of its own.");
    }
    let mut text = String::new();
    let read = io::stdin().lock().read_to_string(&mut text);
    read.context("the text on standard input can't be read as UTF-8")?;
    Ok(Some(text))
}

/// Files as body parts.
pub(crate) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<BodyPart>> {
    let part = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(BodyPart::file(&name, read(path)?.to_bytes()))
    };
    paths.iter().map(part).collect()
}

/// The octets of a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<Rope> {
    let mut octets = Vec::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().read_to_end(&mut octets).map(drop),
        _ => std::fs::read(path).map(|read| octets = read),
    };
    read.with_context(|| format!("{} can't be read", path.display()))?;
    Ok(Rope::from(octets))
}

/// An identifier that no other message of this domain has: time, process, number.
pub(crate) fn local_identifier(time: UtcTime, number: u32) -> String {
    format!("{}-{:x}-{number}", time.text(), std::process::id())
}
