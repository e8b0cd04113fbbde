//! Passwords that were verified a short while ago, so that the next bind costs no Argon2.
//!
//! What is remembered is a keyed hash of the stored hash and the password, under a key that is
//! made at random when the process starts: nothing here gives a password away, and a changed
//! password is a changed stored hash, so what was remembered of the old one never matches again.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use argon2::password_hash::rand_core::{OsRng, RngCore};
use blake2::{
    Blake2bMac,
    digest::{FixedOutput, KeyInit, Update, consts::U32},
};

/// How many verified passwords are remembered; the oldest goes first.
const VERIFIED_MAX: usize = 4096;
/// How long one is remembered.
const VERIFIED_FOR: Duration = Duration::from_secs(15 * 60);

type Mac = [u8; 32];

/// The verified passwords of one process.
pub(crate) struct VerifiedPasswords {
    key: [u8; 64],
    known: HashSet<Mac>,
    /// The same, oldest first, each with its end.
    ends: VecDeque<(Instant, Mac)>,
}

impl VerifiedPasswords {
    pub(crate) fn new() -> Self {
        let mut key = [0; 64];
        OsRng.fill_bytes(&mut key);
        Self { key, known: HashSet::new(), ends: VecDeque::new() }
    }

    /// Whether this password was verified against this hash a short while ago.
    pub(crate) fn contains(&mut self, phc: &str, password: &[u8], now: Instant) -> bool {
        self.forget(now);
        self.known.contains(&self.mac(phc, password))
    }

    /// Remembers a password that was just verified against this hash.
    pub(crate) fn insert(&mut self, phc: &str, password: &[u8], now: Instant) {
        self.forget(now);
        let mac = self.mac(phc, password);
        if self.known.insert(mac) {
            self.ends.push_back((now + VERIFIED_FOR, mac));
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((end, mac)) = self.ends.front() {
            if *end > now && self.ends.len() < VERIFIED_MAX {
                break;
            }
            self.known.remove(mac);
            self.ends.pop_front();
        }
    }

    fn mac(&self, phc: &str, password: &[u8]) -> Mac {
        let mut mac: Blake2bMac<U32> = KeyInit::new(&self.key.into());
        let length = u64::try_from(phc.len()).unwrap_or(u64::MAX);
        mac.update(&length.to_be_bytes());
        mac.update(phc.as_bytes());
        mac.update(password);
        mac.finalize_fixed().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_of_the_same_hash_is_remembered_for_a_while() {
        let mut verified = VerifiedPasswords::new();
        let start = Instant::now();
        verified.insert("$hash", b"secret", start);
        assert!(verified.contains("$hash", b"secret", start));
        assert!(!verified.contains("$hash", b"Secret", start));
        assert!(!verified.contains("$hash2", b"secret", start));
        assert!(!verified.contains("$hashs", b"ecret", start));
        assert!(verified.contains("$hash", b"secret", start + VERIFIED_FOR / 2));
        assert!(!verified.contains("$hash", b"secret", start + VERIFIED_FOR));
        assert!(verified.known.is_empty());
    }

    #[test]
    fn another_process_has_another_key() {
        let one = VerifiedPasswords::new();
        let other = VerifiedPasswords::new();
        assert_ne!(one.mac("$hash", b"secret"), other.mac("$hash", b"secret"));
    }

    #[test]
    fn the_oldest_goes_first() {
        let mut verified = VerifiedPasswords::new();
        let start = Instant::now();
        for number in 0..=VERIFIED_MAX {
            verified.insert("$hash", &number.to_be_bytes(), start);
        }
        assert!(verified.known.len() < VERIFIED_MAX + 1);
        assert_eq!(verified.known.len(), verified.ends.len());
        assert!(!verified.contains("$hash", &0usize.to_be_bytes(), start));
        assert!(verified.contains("$hash", &VERIFIED_MAX.to_be_bytes(), start));
    }
}
