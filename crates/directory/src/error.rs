//! What can go wrong in a directory, for the person who has to put it right.

use std::{io, path::PathBuf};

use crate::{MANAGER_NAME_CHARACTERS_MAX, MTA_NAME_CHARACTERS_MAX, PASSWORD_OCTETS_MAX};

/// Why the directory did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The file can't be read or written.
    #[error("{path}: {cause}; see who owns the file and its directory")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is not what this program writes.
    #[error("{path} is not a file of users, MTAs and managers: {text}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what.
        text: String,
    },
    /// The text is no O/R address.
    #[error("{text:?} is no O/R address: {reason}; write it as /CN=…/O=…/PRMD=…/ADMD=…/C=…/")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The text is no MTA-name.
    #[error("{name:?} is no MTA name: it has 1 to {MTA_NAME_CHARACTERS_MAX} printable characters")]
    MtaName {
        /// What was given.
        name: String,
    },
    /// The text is no manager's name.
    #[error(
        "{name:?} is no manager's name: it has 1 to {MANAGER_NAME_CHARACTERS_MAX} printable \
         characters"
    )]
    ManagerName {
        /// What was given.
        name: String,
    },
    /// Nobody else could give the role back.
    #[error("{name} is the last with the role of manager; give that role to another first")]
    LastManager {
        /// The name.
        name: String,
    },
    /// There is one already.
    #[error("{what} {name} exists already; use passwd to change the password")]
    Exists {
        /// "user", "MTA" or "manager".
        what: &'static str,
        /// The name.
        name: String,
    },
    /// There is none.
    #[error("there is no {what} {name}; list shows those that there are")]
    Unknown {
        /// "user", "MTA" or "manager".
        what: &'static str,
        /// The name.
        name: String,
    },
    /// No password was given.
    #[error("the password is empty; give one of 1 to {PASSWORD_OCTETS_MAX} characters")]
    PasswordEmpty,
    /// X.411 has no room for such a password.
    #[error(
        "the password has {length} octets; X.411 allows {PASSWORD_OCTETS_MAX}, choose another"
    )]
    PasswordTooLong {
        /// Its length, octets.
        length: usize,
    },
    /// A stored hash can't be used, or none could be made.
    #[error("a password hash failed: {0}; set the password anew with passwd")]
    Hash(argon2::password_hash::Error),
}

impl From<argon2::password_hash::Error> for DirectoryError {
    fn from(error: argon2::password_hash::Error) -> Self {
        Self::Hash(error)
    }
}

impl From<argon2::Error> for DirectoryError {
    fn from(error: argon2::Error) -> Self {
        Self::Hash(error.into())
    }
}
