//! Where a password comes from: the terminal, without echo; a file; standard input. Never the
//! command line, which others on the machine can read.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal},
    path::PathBuf,
};

use anyhow::{Context, bail};
use restante_directory::PASSWORD_OCTETS_MAX;

/// More than any password with its line end.
const LINE_OCTETS_MAX: u64 = 4 * PASSWORD_OCTETS_MAX as u64;

/// The option that all commands with a password have.
#[derive(Debug, clap::Args)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of this file; - is standard input
    ///
    /// Without it the password is asked for on the terminal, or read from the first line of
    /// standard input where that is no terminal.
    #[arg(long, value_name = "FILE", global = true)]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// The first line of a file; `-` is standard input.
    pub(crate) fn of_file(path: PathBuf) -> Self {
        Self::of(Some(path))
    }

    /// The same, or where no file is named as without the option.
    pub(crate) fn of(password_file: Option<PathBuf>) -> Self {
        Self { password_file }
    }

    /// Whether it is said where the password is.
    pub(crate) fn is_named(&self) -> bool {
        self.password_file.is_some()
    }

    /// A password that is to be set. On a terminal it is asked for twice.
    pub(crate) fn new_password(&self) -> anyhow::Result<Vec<u8>> {
        if self.asks() {
            let password = ask("New password: ")?;
            if ask("Once more: ")? != password {
                bail!("the two passwords differ; try again");
            }
            return Ok(password);
        }
        self.read()
    }

    /// A password that is known already. On a terminal it is asked for once.
    pub(crate) fn password(&self, prompt: &str) -> anyhow::Result<Vec<u8>> {
        if self.asks() { ask(prompt) } else { self.read() }
    }

    fn asks(&self) -> bool {
        self.password_file.is_none() && io::stdin().is_terminal()
    }

    fn read(&self) -> anyhow::Result<Vec<u8>> {
        match &self.password_file {
            Some(path) if path.as_os_str() != "-" => File::open(path)
                .and_then(|file| first_line(BufReader::new(file)))
                .with_context(|| format!("the password file {} can't be read", path.display())),
            _ => first_line(io::stdin().lock()).context("no password on standard input"),
        }
    }
}

fn ask(prompt: &str) -> anyhow::Result<Vec<u8>> {
    let password = rpassword::prompt_password(prompt);
    let password = password.context("the terminal can't be asked; use --password-file")?;
    Ok(password.into_bytes())
}

fn first_line(from: impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.take(LINE_OCTETS_MAX).read_until(b'\n', &mut line)?;
    while line.last().is_some_and(|octet| matches!(octet, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_ends_with_its_line() {
        assert_eq!(first_line(&b"secret\nmore\n"[..]).unwrap(), b"secret");
        assert_eq!(first_line(&b"secret\r\n"[..]).unwrap(), b"secret");
        assert_eq!(first_line(&b" se cret "[..]).unwrap(), b" se cret ");
        assert_eq!(first_line(&b""[..]).unwrap(), b"");
    }
}
