//! The directory that needs nothing else: it answers from the file of accounts.
//!
//! The file is read again when it has changed, so that a user added on the command line can bind
//! to a running server at once. A file that has become unreadable is an error and not an empty
//! directory: nobody's mailbox disappears because of a slip in an editor.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use restante_mhs::x411::ORName;

use crate::{
    Accounts, Directory, DirectoryError, Manager, MtaPeer, PasswordChange, Role, User, Verdict,
    accounts,
    cache::VerifiedPasswords,
    file::{self, Stamp},
    password,
};

/// The built-in directory of one data directory.
pub struct BuiltIn {
    accounts: Accounts,
    loaded: Mutex<Loaded>,
    verified: Mutex<VerifiedPasswords>,
}

#[derive(Default)]
struct Loaded {
    /// Of the file that was read; `None` while there was none.
    stamp: Option<Stamp>,
    known: Arc<Known>,
}

#[derive(Default)]
struct Known {
    users: HashMap<String, (User, String)>,
    mta_peers: HashMap<String, String>,
    managers: HashMap<String, (Role, String)>,
}

impl BuiltIn {
    /// The directory of this data directory.
    ///
    /// # Errors
    /// Where there is a file of accounts that can't be read.
    pub fn open(data_directory: &Path) -> Result<Self, DirectoryError> {
        let built_in = Self {
            accounts: Accounts::under(data_directory),
            loaded: Mutex::default(),
            verified: Mutex::new(VerifiedPasswords::new()),
        };
        built_in.known()?;
        Ok(built_in)
    }

    /// What the file holds now.
    fn known(&self) -> Result<Arc<Known>, DirectoryError> {
        let path = self.accounts.path();
        let stamp = file::stamp(path)?;
        let mut loaded = locked(&self.loaded);
        if loaded.stamp != stamp {
            // The stamp was taken first: a change in between is seen at the next call.
            loaded.known = Arc::new(load(path)?);
            loaded.stamp = stamp;
        }
        Ok(loaded.known.clone())
    }

    /// Whether this is the password of the manager of this name; takes as long as
    /// [`Directory::verify_user`].
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn verify_manager(
        &self,
        name: &str,
        password: &[u8],
    ) -> Result<Verdict<Manager>, DirectoryError> {
        let known = self.known()?;
        let Some((role, phc)) = known.managers.get(name) else {
            password::verify_nobody(password)?;
            return Ok(Verdict::UnknownName);
        };
        Ok(match self.verify(phc, password)? {
            true => Verdict::Accepted(Manager { name: name.into(), role: *role }),
            false => Verdict::WrongPassword,
        })
    }

    /// The role that somebody has now.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn role(&self, name: &str) -> Result<Option<Role>, DirectoryError> {
        Ok(self.known()?.managers.get(name).map(|(role, _)| *role))
    }

    fn verify(&self, phc: &str, password: &[u8]) -> Result<bool, DirectoryError> {
        if locked(&self.verified).contains(phc, password, Instant::now()) {
            return Ok(true);
        }
        let right = password::verify(phc, password)?;
        if right {
            locked(&self.verified).insert(phc, password, Instant::now());
        }
        Ok(right)
    }
}

impl Directory for BuiltIn {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn known_user(&self, name: &ORName, password: &[u8]) -> Result<Option<User>, DirectoryError> {
        let known = self.known()?;
        let found = known.users.get(&name.address.key());
        let verified = |phc: &str| locked(&self.verified).contains(phc, password, Instant::now());
        Ok(found.filter(|(_, phc)| verified(phc)).map(|(user, _)| user.clone()))
    }

    fn user(&self, key: &str) -> Result<Option<User>, DirectoryError> {
        Ok(self.known()?.users.get(key).map(|(user, _)| user.clone()))
    }

    fn verify_user(
        &self,
        name: &ORName,
        password: &[u8],
    ) -> Result<Verdict<User>, DirectoryError> {
        let known = self.known()?;
        let Some((user, phc)) = known.users.get(&name.address.key()) else {
            password::verify_nobody(password)?;
            return Ok(Verdict::UnknownName);
        };
        Ok(match self.verify(phc, password)? {
            true => Verdict::Accepted(user.clone()),
            false => Verdict::WrongPassword,
        })
    }

    fn change_user_password(
        &self,
        user: &User,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        self.accounts.change_user_password(&user.key, old, new)
    }

    fn verify_mta(&self, name: &str, password: &[u8]) -> Result<Verdict<MtaPeer>, DirectoryError> {
        let known = self.known()?;
        let Some(phc) = known.mta_peers.get(name) else {
            password::verify_nobody(password)?;
            return Ok(Verdict::UnknownName);
        };
        Ok(match self.verify(phc, password)? {
            true => Verdict::Accepted(MtaPeer { name: name.into() }),
            false => Verdict::WrongPassword,
        })
    }

    fn change_mta_password(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        self.accounts.change_mta_password(name, old, new)
    }
}

fn load(path: &Path) -> Result<Known, DirectoryError> {
    let records = file::read(path)?;
    let mut known = Known::default();
    for record in records.users {
        let store_submissions = record.store_submissions;
        let user = User::new(accounts::parse(&record.or_address)?);
        let user = User { store_submissions, ..user };
        known.users.insert(user.key.clone(), (user, record.password_hash));
    }
    for record in records.mta_peers {
        known.mta_peers.insert(record.name, record.password_hash);
    }
    for record in records.managers {
        known.managers.insert(record.name, (record.role, record.password_hash));
    }
    Ok(known)
}

/// A panic elsewhere leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "built_in_tests.rs"]
mod tests;
