//! What goes wrong with a tree, and what is found to be damaged in one.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use restante_storage::StorageError;
use uuid::Uuid;

/// Why a tree is not written, or not read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The disk that the tree is on refuses.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Of what.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The store refuses.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The tree holds another store's messages.
    #[error(
        "{} holds the messages of another store ({store}); choose another directory",
        path.display()
    )]
    OfAnotherStore {
        /// The tree.
        path: PathBuf,
        /// That store.
        store: Uuid,
    },
    /// There is no manifest, so no backup was ever ended.
    #[error("{} holds no backup: there is no manifest in it", path.display())]
    NoBackup {
        /// The tree.
        path: PathBuf,
    },
    /// Somebody else writes into the tree.
    #[error("{} is in use by another backup or restore; wait until it has ended", path.display())]
    InUse {
        /// The tree.
        path: PathBuf,
    },
    /// A mailbox that was named is not there.
    #[error("{name} is not there; see which mailboxes are")]
    NoMailbox {
        /// Its name.
        name: String,
    },
    /// A message that was named is not there.
    #[error("the backup has no entry {number} of {name}")]
    NoMessage {
        /// The mailbox's name.
        name: String,
        /// The number.
        number: u32,
    },
    /// Somebody ended it early.
    #[error("ended early; what was done stays done")]
    Cancelled,
}

impl ArchiveError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |cause| Self::Io { path: path.into(), cause }
    }
}

/// Something in a tree, or in a store, that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which file of the tree, or which entry.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}
