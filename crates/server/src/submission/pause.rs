//! Pauses between attempts to bind: each twice as long as the one before, up to a limit, and
//! between a half and the whole of that by chance, so that what failed together does not try
//! again together.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, Instant},
};

/// The first pause.
const FIRST: Duration = Duration::from_millis(250);

/// Attempts that failed since one succeeded.
#[derive(Debug, Default)]
pub(super) struct Pause {
    failures: u32,
    until: Option<Instant>,
    /// Why the last one failed.
    reason: String,
}

impl Pause {
    /// An attempt failed.
    pub(super) fn failed(&mut self, reason: &str, longest: Duration, now: Instant) {
        let whole = FIRST.saturating_mul(1 << self.failures.min(20)).min(longest);
        self.failures = self.failures.saturating_add(1);
        let half = whole / 2;
        self.until = Some(now + half + half.mul_f64(chance()));
        reason.clone_into(&mut self.reason);
    }

    /// Why there is to be no attempt now; `None`: there may be one.
    pub(super) fn reason(&self, now: Instant) -> Option<&str> {
        self.until.is_some_and(|until| now < until).then_some(&*self.reason)
    }

    /// When there is no pause any more.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.reason(now).is_none()
    }
}

/// A number from 0 to 1.
fn chance() -> f64 {
    // The keys of each are random.
    let random = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_are_not_all_alike() {
        let now = Instant::now();
        let longest = Duration::from_secs(4);
        let mut pause = Pause::default();
        assert!(pause.is_over(now));
        let mut lengths = Vec::new();
        for expected in [250, 500, 1000, 2000, 4000, 4000, 4000] {
            pause.failed("no route", longest, now);
            let length = pause.until.unwrap() - now;
            let whole = Duration::from_millis(expected);
            assert!(whole / 2 <= length && length <= whole, "{length:?} of {whole:?}");
            assert_eq!(pause.reason(now), Some("no route"));
            assert!(pause.is_over(now + length));
            lengths.push(length);
        }
        lengths.dedup();
        assert_eq!(lengths.len(), 7, "chance is in it");
    }
}
