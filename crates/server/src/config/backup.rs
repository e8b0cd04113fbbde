//! Where backups are written, and read.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The place of backups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// The directory that all of them are in; empty: `backup` under the data directory. Nothing
    /// outside of it is written or read for whoever manages the store.
    pub directory: PathBuf,
}

impl Backup {
    /// As the file means it that is in this directory.
    pub(super) fn relative_to(&mut self, directory: &Path) {
        if !self.directory.as_os_str().is_empty() {
            self.directory = directory.join(&self.directory);
        }
    }
}
