//! What a command says on standard output. Whoever reads it may stop early: that is no failure.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// Prints text, and a line end where it has none.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output can't be written"),
    }
}

/// Prints JSON, indented.
pub(crate) fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&format!("{value:#}"))
}

/// Says something beside what was asked for, on standard error.
pub(crate) fn remark(text: &str) {
    // Where standard error is gone, nobody wants to know.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
