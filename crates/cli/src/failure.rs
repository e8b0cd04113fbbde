//! What went wrong, as a person reads it: one line, its causes, an exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use restante_server::config::ConfigError;

/// Exit code: it could not be done.
const NOT_DONE: u8 = 1;
/// Exit code: the store could not be verified, so that nothing is known of it.
const NOT_VERIFIED: u8 = 3;
/// Exit code: the configuration is refused; clap's own for a command line that is none.
const NOT_ASKED_RIGHT: u8 = 2;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit_code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The store could not be verified: neither clean nor damaged.
    pub(crate) fn not_verified(error: anyhow::Error) -> Self {
        Self { exit_code: NOT_VERIFIED, error }
    }

    /// The command line asks for what can't be together.
    pub(crate) fn not_asked_right(text: &'static str) -> Self {
        Self { exit_code: NOT_ASKED_RIGHT, error: anyhow::anyhow!(text) }
    }

    /// Says it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        // Where standard error is gone, the exit code still tells.
        let _ = writeln!(io::stderr().lock(), "restante: {:#}", self.error);
        ExitCode::from(self.exit_code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { exit_code: NOT_ASKED_RIGHT, error: error.into() }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit_code: NOT_DONE, error }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        anyhow::Error::from(error).into()
    }
}

impl From<restante_directory::DirectoryError> for Failure {
    fn from(error: restante_directory::DirectoryError) -> Self {
        anyhow::Error::from(error).into()
    }
}

impl From<restante_server::StartError> for Failure {
    fn from(error: restante_server::StartError) -> Self {
        match error {
            restante_server::StartError::Config(error) => error.into(),
            error => anyhow::Error::from(error).into(),
        }
    }
}
