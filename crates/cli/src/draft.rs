//! What a message is put together from: a text, from the command line or standard input, files,
//! and drafts.
//!
//! A draft is a file of UTF-8: lines `To:`, `Cc:`, `Bcc:`, each with one O/R address and as often
//! as there are recipients, and `Subject:`, in any order; an empty line; the text.

use std::{
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use restante_ber::{Rope, UtcTime};
use restante_mhs::{x411::ORAddress, x420::BodyPart};

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

/// A draft.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Draft {
    pub(crate) to: Vec<ORAddress>,
    pub(crate) cc: Vec<ORAddress>,
    pub(crate) bcc: Vec<ORAddress>,
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
}

impl Draft {
    /// The draft in a file; `-` is standard input.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let octets = read(path)?.to_bytes();
        let text = std::str::from_utf8(&octets).context("a draft is text in UTF-8");
        text.and_then(Self::parse).with_context(|| format!("{} is no draft", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut draft = Self::default();
        let text = text.replace("\r\n", "\n");
        let (head, text) = text.split_once("\n\n").unwrap_or((&text, ""));
        for line in head.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let recipients = match &*name.trim().to_ascii_lowercase() {
                "to" => &mut draft.to,
                "cc" => &mut draft.cc,
                "bcc" => &mut draft.bcc,
                "subject" => {
                    value.trim().clone_into(&mut draft.subject);
                    continue;
                }
                _ => bail!(
                    "`{line}` is none of To:, Cc:, Bcc: and Subject:; the text comes after an \
                     empty line"
                ),
            };
            let address = value.trim().parse();
            recipients.push(address.with_context(|| format!("in `{line}`"))?);
        }
        draft.text = (!text.is_empty()).then(|| text.to_owned());
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_has_lines_for_its_heading_and_then_its_text() {
        let text = "To: /CN=Bob/C=GB/\r\ncc: /CN=Carol/C=GB/\r\nTo: CN=Eve; C=GB\r\n\
                    Subject: Weather: fair\r\n\r\nDear Bob,\r\n\r\nit is.\r\n";
        let draft = Draft::parse(text).unwrap();
        assert_eq!((draft.to.len(), draft.cc.len(), draft.bcc.len()), (2, 1, 0));
        assert_eq!(draft.subject, "Weather: fair");
        assert_eq!(draft.text.as_deref(), Some("Dear Bob,\n\nit is.\n"));
        assert_eq!(Draft::parse("To: /CN=Bob/C=GB/").unwrap().text, None);
        for wrong in ["Dear Bob", "To: nobody", "From: /CN=Bob/C=GB/\n\nHi"] {
            assert!(Draft::parse(wrong).is_err(), "{wrong}");
        }
    }
}
