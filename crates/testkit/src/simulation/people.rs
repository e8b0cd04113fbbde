//! The users of a simulated service and their passwords, which are no part of what a crash takes.

use std::sync::{Mutex, PoisonError};

use restante_ber::Encode;
use restante_directory::{Directory, DirectoryError, MtaPeer, PasswordChange, User, Verdict};
use restante_mhs::x411::{ORAddress, ORName};

/// Users, by number.
pub(super) struct People {
    users: Vec<User>,
    passwords: Mutex<Vec<String>>,
}

/// The password that all have at first.
pub(super) const FIRST_PASSWORD: &str = "first";

impl People {
    /// So many users.
    ///
    /// # Panics
    /// Never: the addresses are made here.
    pub(super) fn new(count: usize) -> Self {
        let address = |number| format!("/CN=User{number}/O=Example/PRMD=PEER/ADMD= /C=GB/");
        let user =
            |number| User::new(address(number).parse::<ORAddress>().expect("an O/R address"));
        let passwords = vec![FIRST_PASSWORD.to_owned(); count];
        Self { users: (0..count).map(user).collect(), passwords: Mutex::new(passwords) }
    }

    /// All of them.
    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    /// The O/R name of a user, encoded.
    pub(super) fn name(&self, user: usize) -> Vec<u8> {
        ORName::from(self.users[user].or_address.clone()).to_ber().to_vec()
    }

    /// The present password of a user.
    pub(super) fn password(&self, user: usize) -> String {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)[user].clone()
    }
}

impl Directory for People {
    fn user(&self, key: &str) -> Result<Option<User>, DirectoryError> {
        Ok(self.users.iter().find(|user| user.key == key).cloned())
    }

    fn verify_user(&self, _: &ORName, _: &[u8]) -> Result<Verdict<User>, DirectoryError> {
        Ok(Verdict::UnknownName)
    }

    fn change_user_password(
        &self,
        user: &User,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        let number = self.users.iter().position(|known| known == user);
        let mut passwords = self.passwords.lock().unwrap_or_else(PoisonError::into_inner);
        let present = &mut passwords[number.expect("one of our users")];
        Ok(match (present.as_bytes() == old, new) {
            (false, _) => PasswordChange::OldIsWrong,
            (true, []) => PasswordChange::NewIsUnacceptable,
            (true, new) => {
                *present = String::from_utf8_lossy(new).into_owned();
                PasswordChange::Changed
            }
        })
    }

    fn change_mta_password(
        &self,
        _: &str,
        _: &[u8],
        _: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        Ok(PasswordChange::OldIsWrong)
    }

    fn verify_mta(&self, _: &str, _: &[u8]) -> Result<Verdict<MtaPeer>, DirectoryError> {
        Ok(Verdict::UnknownName)
    }
}
