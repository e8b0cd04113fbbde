//! How passwords are kept: Argon2id (RFC 9106) in PHC strings.
//!
//! The cost is OWASP's first choice for servers: 19 MiB, two passes, one lane. A hash that was
//! made at another cost is still verified, at its own. Passwords are octets, as X.411's `Password`
//! is an IA5String or an OCTET STRING. Nothing here writes a password anywhere.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{SaltString, rand_core::OsRng},
};

use crate::DirectoryError;

/// The most octets in a password (`ub-password-length` of X.411 is 62).
pub const PASSWORD_OCTETS_MAX: usize = 62;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What an unknown name's password is compared with, so that it costs the same.
static NOBODY: LazyLock<Result<String, DirectoryError>> = LazyLock::new(|| hash(b"nobody"));

fn argon2() -> Result<Argon2<'static>, DirectoryError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string of a password, with a salt of its own. Takes about 20 ms.
pub(crate) fn hash(password: &[u8]) -> Result<String, DirectoryError> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(argon2()?.hash_password(password, &salt)?.to_string())
}

/// Refuses a password that no peer could send.
pub(crate) fn check(password: &[u8]) -> Result<(), DirectoryError> {
    match password.len() {
        0 => Err(DirectoryError::PasswordEmpty),
        1..=PASSWORD_OCTETS_MAX => Ok(()),
        length => Err(DirectoryError::PasswordTooLong { length }),
    }
}

/// Whether this is the password of which `phc` was made. Takes as long as making it did.
pub(crate) fn verify(phc: &str, password: &[u8]) -> Result<bool, DirectoryError> {
    let hash = PasswordHash::new(phc)?;
    match argon2()?.verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes as long as [`verify`] and tells nothing.
pub(crate) fn verify_nobody(password: &[u8]) -> Result<(), DirectoryError> {
    match &*NOBODY {
        Ok(phc) => verify(phc, password).map(|_| ()),
        Err(_) => hash(password).map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_its_cost_and_verifies_only_its_password() {
        let phc = hash(b"secret").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify(&phc, b"secret").unwrap());
        assert!(!verify(&phc, b"Secret").unwrap());
        assert!(!verify(&phc, b"").unwrap());
        assert_ne!(phc, hash(b"secret").unwrap(), "salted");
    }

    #[test]
    fn a_hash_of_another_cost_is_verified_at_its_own() {
        let params = Params::new(64, 1, 1, None).unwrap();
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let salt = SaltString::generate(&mut OsRng);
        let phc = cheap.hash_password(b"secret", &salt).unwrap().to_string();
        assert!(verify(&phc, b"secret").unwrap());
        assert!(!verify(&phc, b"other").unwrap());
    }

    #[test]
    fn a_string_that_is_no_hash_is_an_error() {
        assert!(matches!(verify("secret", b"secret"), Err(DirectoryError::Hash(_))));
    }

    #[test]
    fn lengths_are_those_a_peer_can_send() {
        assert!(matches!(check(b""), Err(DirectoryError::PasswordEmpty)));
        assert!(check(&[b'x'; 62]).is_ok());
        assert!(matches!(check(&[b'x'; 63]), Err(DirectoryError::PasswordTooLong { length: 63 })));
    }
}
