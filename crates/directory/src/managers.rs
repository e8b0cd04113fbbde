//! The people who run the store: a name, a role and a password each, in the same file as the
//! users. They sign in to the console and the admin API, never over P7 or P3.
//!
//! It refuses to take out the last manager's role, so that nobody locks everybody out.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Accounts, DirectoryError,
    accounts::unknown,
    file::{ManagerRecord, Records},
    password,
};

/// The most characters in a manager's name.
pub const MANAGER_NAME_CHARACTERS_MAX: usize = 64;

const MANAGER: &str = "manager";

/// What somebody who is signed in may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look, at messages' contents too.
    Monitor,
    /// Set the status of messages, delete and move them; block operations, end associations, run
    /// jobs.
    Operator,
    /// Users, MTAs, configuration; stop the store.
    Manager,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: monitor, operator or manager")]
pub struct NoRole(String);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Monitor => "monitor",
            Self::Operator => "operator",
            Self::Manager => "manager",
        })
    }
}

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        match text {
            "monitor" => Ok(Self::Monitor),
            "operator" => Ok(Self::Operator),
            "manager" => Ok(Self::Manager),
            _ => Err(NoRole(text.to_owned())),
        }
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manager {
    /// 1 to [`MANAGER_NAME_CHARACTERS_MAX`] printable characters, compared as it stands.
    pub name: String,
    /// What may be done.
    pub role: Role,
}

impl Accounts {
    /// Those who may sign in, by name.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn managers(&self) -> Result<Vec<Manager>, DirectoryError> {
        let records = self.read()?.managers.into_iter();
        let mut managers: Vec<Manager> =
            records.map(|record| Manager { name: record.name, role: record.role }).collect();
        managers.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(managers)
    }

    /// Adds somebody who may sign in.
    ///
    /// # Errors
    /// Where the name is none, there is one of this name, the password is empty or longer than 62
    /// octets, or the file can't be changed.
    pub fn add_manager(
        &self,
        name: &str,
        role: Role,
        password: &[u8],
    ) -> Result<(), DirectoryError> {
        let characters = 1..=MANAGER_NAME_CHARACTERS_MAX;
        if !characters.contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(DirectoryError::ManagerName { name: name.into() });
        }
        password::check(password)?;
        self.change(|records| {
            if find(records, name).is_some() {
                return Err(DirectoryError::Exists { what: MANAGER, name: name.into() });
            }
            let password_hash = password::hash(password)?;
            records.managers.push(ManagerRecord { name: name.into(), role, password_hash });
            Ok(())
        })
    }

    /// Gives a manager another password.
    ///
    /// # Errors
    /// Where there is none of this name; as [`Self::add_manager`] otherwise.
    pub fn set_manager_password(&self, name: &str, password: &[u8]) -> Result<(), DirectoryError> {
        password::check(password)?;
        self.change(|records| {
            let at = find(records, name).ok_or_else(|| unknown(MANAGER, name))?;
            records.managers[at].password_hash = password::hash(password)?;
            Ok(())
        })
    }

    /// Gives a manager another role.
    ///
    /// # Errors
    /// Where there is none of this name, it is the last with the role of manager, or the file
    /// can't be changed.
    pub fn set_manager_role(&self, name: &str, role: Role) -> Result<(), DirectoryError> {
        self.change(|records| {
            let at = find(records, name).ok_or_else(|| unknown(MANAGER, name))?;
            if role < Role::Manager {
                not_the_last(records, at)?;
            }
            records.managers[at].role = role;
            Ok(())
        })
    }

    /// Lets somebody sign in no more.
    ///
    /// # Errors
    /// As for [`Self::set_manager_role`].
    pub fn remove_manager(&self, name: &str) -> Result<(), DirectoryError> {
        self.change(|records| {
            let at = find(records, name).ok_or_else(|| unknown(MANAGER, name))?;
            not_the_last(records, at)?;
            records.managers.remove(at);
            Ok(())
        })
    }
}

fn find(records: &Records, name: &str) -> Option<usize> {
    records.managers.iter().position(|record| record.name == name)
}

/// Whether somebody else could give the role back. Where nobody else may sign in at all, the
/// command line still can.
fn not_the_last(records: &Records, at: usize) -> Result<(), DirectoryError> {
    let others = records.managers.iter().enumerate().filter(|(other, _)| *other != at);
    let mut others = others.peekable();
    if records.managers[at].role < Role::Manager || others.peek().is_none() {
        return Ok(());
    }
    match others.any(|(_, other)| other.role == Role::Manager) {
        true => Ok(()),
        false => Err(DirectoryError::LastManager { name: records.managers[at].name.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BuiltIn, Verdict};

    #[test]
    fn managers_come_and_go_and_the_last_one_stays() {
        let data = tempfile::tempdir().unwrap();
        let accounts = Accounts::under(data.path());
        accounts.add_manager("ops", Role::Operator, b"opspw").unwrap();
        accounts.add_manager("chief", Role::Manager, b"chiefpw").unwrap();
        let again = accounts.add_manager("ops", Role::Monitor, b"x");
        assert!(matches!(again, Err(DirectoryError::Exists { .. })));
        for name in ["", "a\nb", &"x".repeat(65)] {
            let refused = accounts.add_manager(name, Role::Monitor, b"x");
            assert!(matches!(refused, Err(DirectoryError::ManagerName { .. })), "{name:?}");
        }
        let last = accounts.remove_manager("chief");
        assert!(matches!(last, Err(DirectoryError::LastManager { .. })));
        let last = accounts.set_manager_role("chief", Role::Monitor);
        assert!(matches!(last, Err(DirectoryError::LastManager { .. })));

        let directory = BuiltIn::open(data.path()).unwrap();
        let ops = Manager { name: "ops".into(), role: Role::Operator };
        assert_eq!(directory.verify_manager("ops", b"opspw").unwrap(), Verdict::Accepted(ops));
        assert_eq!(directory.verify_manager("ops", b"no").unwrap(), Verdict::WrongPassword);
        assert_eq!(directory.verify_manager("nobody", b"no").unwrap(), Verdict::UnknownName);

        accounts.set_manager_role("ops", Role::Manager).unwrap();
        accounts.remove_manager("chief").unwrap();
        let left = [Manager { name: "ops".into(), role: Role::Manager }];
        assert_eq!(accounts.managers().unwrap(), left);
        accounts.remove_manager("ops").unwrap();
        assert_eq!(accounts.managers().unwrap(), []);
    }

    #[test]
    fn roles_are_ordered_and_read_back() {
        assert!(Role::Monitor < Role::Operator && Role::Operator < Role::Manager);
        for role in [Role::Monitor, Role::Operator, Role::Manager] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
