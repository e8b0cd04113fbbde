//! What is wrong with a configuration, said so that it can be put right.

use std::{io, ops::Range, path::PathBuf};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path}: {cause}; name the configuration file with --config, or leave it out")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file of the texts of events can't be read.
    #[error("{path}: {cause}; see logging.catalogue")]
    Catalogue {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file of the password for the MTA can't be read.
    #[error("{path}: {cause}; see mta.password_file and who may read it")]
    Password {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A line says what can't be.
    #[error("{name}:{line}:{column}: {text}\n  | {content}")]
    Line {
        /// The file's name.
        name: String,
        /// From 1.
        line: usize,
        /// From 1, characters.
        column: usize,
        /// What is wrong.
        text: String,
        /// The line itself.
        content: String,
    },
    /// Two values don't go together.
    #[error("{name}: {text}")]
    Rule {
        /// The file's name.
        name: String,
        /// What is wrong and what to do.
        text: &'static str,
    },
}

impl ConfigError {
    pub(crate) fn at(name: &str, text: &str, span: Option<Range<usize>>, what: &str) -> Self {
        let at = span.map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.chars().rev().take_while(|&character| character != '\n').count();
        let content = text.lines().nth(line - 1).unwrap_or_default().trim_end().into();
        Self::Line { name: name.into(), line, column, text: what.trim_end().into(), content }
    }
}
