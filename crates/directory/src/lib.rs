//! Who the users and the MTAs are, and whether a password is theirs.
//!
//! [`Directory`] is what the service and the server ask; [`BuiltIn`] answers from one file under
//! the data directory, which [`Accounts`] reads and changes. Two names are the same user where
//! the O/R addresses are equal as X.402 §18.4 has it: [`User::key`] is the canonical form, and
//! the name of the user's mailbox.
//!
//! It refuses to tell an unknown name from a wrong password in the time that it takes, and to
//! keep a password in any form but Argon2id.

mod accounts;
mod built_in;
mod cache;
mod error;
mod file;
mod managers;
mod password;

use restante_mhs::x411::{ORAddress, ORName};

pub use accounts::{Accounts, MTA_NAME_CHARACTERS_MAX};
pub use built_in::BuiltIn;
pub use error::DirectoryError;
pub use managers::{MANAGER_NAME_CHARACTERS_MAX, Manager, NoRole, Role};
pub use password::PASSWORD_OCTETS_MAX;

/// A user of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// As it was given when the user was added.
    pub or_address: ORAddress,
    /// The canonical form of the address: equal for equal users, and the mailbox's name.
    pub key: String,
    /// Whether what the user submits is kept as an entry, where the submission itself does not
    /// say; `None`: as the store is set.
    pub store_submissions: Option<bool>,
}

impl User {
    /// The user with this address.
    pub fn new(or_address: ORAddress) -> Self {
        let key = or_address.key();
        Self { or_address, key, store_submissions: None }
    }
}

/// An MTA that may bind to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MtaPeer {
    /// The MTA-name (X.411), at most 32 characters. Compared as it stands.
    pub name: String,
}

/// What became of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It is that of this user or MTA.
    Accepted(T),
    /// Nobody has this name. A peer is told the same as of a wrong password.
    UnknownName,
    /// It is not that of the user or MTA with this name.
    WrongPassword,
}

/// What became of somebody's wish for another password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordChange {
    /// The new one is theirs from now on, durably.
    Changed,
    /// What was given as the present one is not it.
    OldIsWrong,
    /// The new one is empty or longer than [`PASSWORD_OCTETS_MAX`] octets.
    NewIsUnacceptable,
}

/// What the service and the server ask. Calls block: on a file, on Argon2, later on a network.
pub trait Directory: Send + Sync {
    /// Whether [`Self::user`] and [`Self::known_user`] take no longer than a look at what is in
    /// memory.
    fn answers_at_once(&self) -> bool {
        false
    }

    /// The user, if this password was verified a short while ago. Hashes nothing.
    ///
    /// # Errors
    /// Where the directory can't be asked.
    fn known_user(
        &self,
        _name: &ORName,
        _password: &[u8],
    ) -> Result<Option<User>, DirectoryError> {
        Ok(None)
    }

    /// The user whose canonical key this is.
    ///
    /// # Errors
    /// Where the directory can't be asked.
    fn user(&self, key: &str) -> Result<Option<User>, DirectoryError>;

    /// Whether this is the user's password. Takes about 20 ms and 19 MiB unless it was verified
    /// a short while ago; a wrong name takes as long as a wrong password.
    ///
    /// # Errors
    /// Where the directory can't be asked.
    fn verify_user(&self, name: &ORName, password: &[u8])
    -> Result<Verdict<User>, DirectoryError>;

    /// Gives a user another password, if `old` is the present one. Takes twice as long as
    /// [`Self::verify_user`].
    ///
    /// # Errors
    /// Where the directory can't be asked or changed.
    fn change_user_password(
        &self,
        user: &User,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError>;

    /// Whether this is the MTA's password; takes as long.
    ///
    /// # Errors
    /// Where the directory can't be asked.
    fn verify_mta(&self, name: &str, password: &[u8]) -> Result<Verdict<MtaPeer>, DirectoryError>;

    /// Gives an MTA another password, if `old` is the present one.
    ///
    /// # Errors
    /// Where the directory can't be asked or changed.
    fn change_mta_password(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError>;
}
