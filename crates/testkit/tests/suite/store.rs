//! A store under test: the real process in a directory of its own.

use restante_testkit::process::{Process, populate};
use std::path::Path;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_restante-under-test");

const CONFIGURATION: &str = r#"
data_directory = "data"
[listener]
presentation_address = '"3001"/Internet=127.0.0.1+0'
"#;

/// A directory with users, an MTA, and a configuration to which `more` is added.
pub(crate) fn directory(more: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    std::fs::write(directory.path().join("c.toml"), format!("{CONFIGURATION}{more}"))
        .expect("a file can be written");
    populate(PROGRAM, directory.path());
    directory
}

/// Starts the program in such a directory.
pub(crate) fn start(directory: &Path) -> Process {
    Process::start(PROGRAM, directory)
}

/// A runtime for the peers of a test.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made")
}
