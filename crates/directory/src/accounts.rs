//! The built-in users and MTAs as those who run the store see them: added, listed, removed.
//!
//! Each call reads the file, changes it and puts it back while it holds a lock, so that two
//! administrators lose nothing of each other's. It refuses two users with equal addresses.

use std::path::{Path, PathBuf};

use restante_mhs::x411::ORAddress;

use crate::{
    DirectoryError, PasswordChange, User,
    file::{self, MtaRecord, Records, UserRecord},
    password,
};

/// The most characters in an MTA-name (`ub-mta-name-length` of X.411).
pub const MTA_NAME_CHARACTERS_MAX: usize = 32;

/// The name of the file in the data directory.
const FILE: &str = "accounts.toml";

const USER: &str = "user";
const MTA: &str = "MTA";

/// The file of users and MTAs under a data directory. It need not exist yet.
#[derive(Debug, Clone)]
pub struct Accounts {
    path: PathBuf,
}

impl Accounts {
    /// The accounts under this data directory.
    pub fn under(data_directory: &Path) -> Self {
        Self { path: data_directory.join(FILE) }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The users' addresses as they were given, ordered by their canonical form.
    ///
    /// # Errors
    /// Where the file can't be read or holds what is no address.
    pub fn users(&self) -> Result<Vec<String>, DirectoryError> {
        let records = self.read()?;
        let keyed = records.users.into_iter().map(|record| {
            let key = parse(&record.or_address)?.key();
            Ok((key, record.or_address))
        });
        let mut users = keyed.collect::<Result<Vec<_>, DirectoryError>>()?;
        users.sort();
        Ok(users.into_iter().map(|(_, address)| address).collect())
    }

    /// The MTAs' names, in order.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn mta_peers(&self) -> Result<Vec<String>, DirectoryError> {
        let records = self.read()?;
        let mut names: Vec<String> = records.mta_peers.into_iter().map(|mta| mta.name).collect();
        names.sort();
        Ok(names)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// Where the text is no address, a user with an equal one exists, the password is empty or
    /// longer than 62 octets, or the file can't be changed.
    pub fn add_user(&self, address: &str, password: &[u8]) -> Result<User, DirectoryError> {
        let user = User::new(parse(address)?);
        password::check(password)?;
        self.change(|records| {
            if find_user(records, &user.key)?.is_some() {
                return Err(DirectoryError::Exists { what: USER, name: address.into() });
            }
            let password_hash = password::hash(password)?;
            let or_address = address.to_owned();
            let store_submissions = None;
            records.users.push(UserRecord { or_address, password_hash, store_submissions });
            Ok(())
        })?;
        Ok(user)
    }

    /// Gives a user another password.
    ///
    /// # Errors
    /// Where there is no such user; as [`Self::add_user`] otherwise.
    pub fn set_user_password(&self, address: &str, password: &[u8]) -> Result<(), DirectoryError> {
        let key = parse(address)?.key();
        password::check(password)?;
        self.change(|records| {
            let at = find_user(records, &key)?.ok_or_else(|| unknown(USER, address))?;
            records.users[at].password_hash = password::hash(password)?;
            Ok(())
        })
    }

    /// Whether what a user submits is kept as an entry; `None`: as the store is set.
    ///
    /// # Errors
    /// Where there is no such user, or the file can't be read.
    pub fn store_submissions(&self, address: &str) -> Result<Option<bool>, DirectoryError> {
        let records = self.read()?;
        let at = find_user(&records, &parse(address)?.key())?;
        let at = at.ok_or_else(|| unknown(USER, address))?;
        Ok(records.users[at].store_submissions)
    }

    /// Says whether what a user submits is kept as an entry; `None`: as the store is set.
    ///
    /// # Errors
    /// Where there is no such user, or the file can't be changed.
    pub fn set_store_submissions(
        &self,
        address: &str,
        store_submissions: Option<bool>,
    ) -> Result<(), DirectoryError> {
        let key = parse(address)?.key();
        self.change(|records| {
            let at = find_user(records, &key)?.ok_or_else(|| unknown(USER, address))?;
            records.users[at].store_submissions = store_submissions;
            Ok(())
        })
    }

    /// Gives the user of this key another password, if `old` is the present one. Nobody else
    /// changes it in between.
    pub(crate) fn change_user_password(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        self.change_password(old, new, |records| {
            let at = find_user(records, key)?;
            Ok(at.map(|at| &mut records.users[at].password_hash))
        })
    }

    /// The same of an MTA.
    pub(crate) fn change_mta_password(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        self.change_password(old, new, |records| {
            let at = find_mta(records, name);
            Ok(at.map(|at| &mut records.mta_peers[at].password_hash))
        })
    }

    fn change_password(
        &self,
        old: &[u8],
        new: &[u8],
        find: impl FnOnce(&mut Records) -> Result<Option<&mut String>, DirectoryError>,
    ) -> Result<PasswordChange, DirectoryError> {
        let lock = file::lock(&self.path)?;
        let mut records = file::read(&self.path)?;
        // Whoever was taken out while bound has no password to be right.
        let Some(stored) = find(&mut records)? else { return Ok(PasswordChange::OldIsWrong) };
        if !password::verify(stored, old)? {
            return Ok(PasswordChange::OldIsWrong);
        }
        if password::check(new).is_err() {
            return Ok(PasswordChange::NewIsUnacceptable);
        }
        *stored = password::hash(new)?;
        file::replace(&self.path, &records, &lock)?;
        Ok(PasswordChange::Changed)
    }

    /// Takes a user out; the mailbox and what is in it stay.
    ///
    /// # Errors
    /// Where there is no such user, or the file can't be changed.
    pub fn remove_user(&self, address: &str) -> Result<(), DirectoryError> {
        let key = parse(address)?.key();
        self.change(|records| {
            let at = find_user(records, &key)?.ok_or_else(|| unknown(USER, address))?;
            records.users.remove(at);
            Ok(())
        })
    }

    /// Adds an MTA.
    ///
    /// # Errors
    /// Where the name is none, one of this name exists, the password is empty or longer than 62
    /// octets, or the file can't be changed.
    pub fn add_mta_peer(&self, name: &str, password: &[u8]) -> Result<(), DirectoryError> {
        let characters = 1..=MTA_NAME_CHARACTERS_MAX;
        if !characters.contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(DirectoryError::MtaName { name: name.into() });
        }
        password::check(password)?;
        self.change(|records| {
            if find_mta(records, name).is_some() {
                return Err(DirectoryError::Exists { what: MTA, name: name.into() });
            }
            let password_hash = password::hash(password)?;
            records.mta_peers.push(MtaRecord { name: name.into(), password_hash });
            Ok(())
        })
    }

    /// Gives an MTA another password.
    ///
    /// # Errors
    /// Where there is no such MTA; as [`Self::add_mta_peer`] otherwise.
    pub fn set_mta_password(&self, name: &str, password: &[u8]) -> Result<(), DirectoryError> {
        password::check(password)?;
        self.change(|records| {
            let at = find_mta(records, name).ok_or_else(|| unknown(MTA, name))?;
            records.mta_peers[at].password_hash = password::hash(password)?;
            Ok(())
        })
    }

    /// Takes an MTA out.
    ///
    /// # Errors
    /// Where there is no such MTA, or the file can't be changed.
    pub fn remove_mta_peer(&self, name: &str) -> Result<(), DirectoryError> {
        self.change(|records| {
            let at = find_mta(records, name).ok_or_else(|| unknown(MTA, name))?;
            records.mta_peers.remove(at);
            Ok(())
        })
    }

    /// What the file holds.
    pub(crate) fn read(&self) -> Result<Records, DirectoryError> {
        file::read(&self.path)
    }

    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Records) -> Result<(), DirectoryError>,
    ) -> Result<(), DirectoryError> {
        let lock = file::lock(&self.path)?;
        let mut records = file::read(&self.path)?;
        change(&mut records)?;
        file::replace(&self.path, &records, &lock)
    }
}

/// The address that a text is.
pub(crate) fn parse(text: &str) -> Result<ORAddress, DirectoryError> {
    text.parse().map_err(|reason: restante_mhs::x402::AddressError| DirectoryError::Address {
        text: text.into(),
        reason: reason.to_string(),
    })
}

fn find_user(records: &Records, key: &str) -> Result<Option<usize>, DirectoryError> {
    for (at, record) in records.users.iter().enumerate() {
        if parse(&record.or_address)?.key() == key {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn find_mta(records: &Records, name: &str) -> Option<usize> {
    records.mta_peers.iter().position(|record| record.name == name)
}

pub(crate) fn unknown(what: &'static str, name: &str) -> DirectoryError {
    DirectoryError::Unknown { what, name: name.into() }
}
