//! What a command says on standard output. Whoever reads it may stop early: that is no failure.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use anyhow::{Context, bail};
use clap::ValueEnum;
use restante_view::text;
use serde_json::Value;

/// Prints text, and a line end where it has none.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output can't be written"),
    }
}

/// A choice as the command line has it.
pub(crate) fn word(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Prints JSON, indented.
pub(crate) fn json(value: &Value) -> anyhow::Result<()> {
    print(&format!("{value:#}"))
}

/// Says something beside what was asked for, on standard error.
pub(crate) fn remark(text: &str) {
    // Where standard error is gone, nobody wants to know.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks a yes-or-no question on the terminal.
pub(crate) fn asked(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody can be asked whether to delete; say --yes");
    }
    write!(io::stderr().lock(), "{question} [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// An answer of the server as lines: names as words, what is inside something indented.
pub(crate) fn fields(value: &Value) -> String {
    let mut lines = String::new();
    put_fields(value, 0, &mut lines);
    lines
}

fn put_fields(value: &Value, indent: usize, lines: &mut String) {
    let fields: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.replace('_', " "), value)).collect()
        }
        Value::Array(values) => {
            (1..).zip(values).map(|(at, value): (u32, _)| (at.to_string(), value)).collect()
        }
        other => vec![("value".to_owned(), other)],
    };
    for (name, value) in fields {
        let head = format!("{:indent$}{}:", "", text::line(&name));
        let (line, inside) = match value {
            Value::Null => continue,
            Value::Object(_) | Value::Array(_) => (head, true),
            Value::String(said) if said.contains('\n') => {
                let said = text::lines(said).into_iter();
                (said.fold(head, |all, line| format!("{all}\n{:indent$}  {line}", "")), false)
            }
            Value::String(said) => (format!("{head} {}", text::line(said)), false),
            other => (format!("{head} {other}"), false),
        };
        lines.push_str(&line);
        lines.push('\n');
        if inside {
            put_fields(value, indent + 2, lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_lines_of_words() {
        let answer = serde_json::json!({
            "name": "/CN=A\u{1b}[2J/", "oldest_new": null, "quota": { "own": true },
            "parts": [{ "text": "one\ntwo" }, 3],
        });
        expect_test::expect![[r#"
            name: /CN=A\u{1b}[2J/
            parts:
              1:
                text:
                  one
                  two
              2: 3
            quota:
              own: true
        "#]]
        .assert_eq(&fields(&answer));
    }
}
