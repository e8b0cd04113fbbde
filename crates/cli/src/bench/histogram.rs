//! Latencies, counted in steps that grow with them: small however many are counted, and no
//! further from the truth than a hundredth.

use std::time::Duration;

/// How many steps there are to each doubling.
const STEPS: usize = 64;
/// Steps enough for every `u64`.
const LENGTH: usize = STEPS * 60;

/// How often which latency was seen.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: Duration,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; LENGTH], total: 0, max: Duration::ZERO }
    }
}

/// The step of a number of nanoseconds: below 128 each has its own.
fn step(nanoseconds: u64) -> usize {
    let doublings = (u64::BITS - 7).saturating_sub(nanoseconds.leading_zeros());
    let within = usize::try_from(nanoseconds >> doublings).unwrap_or(usize::MAX);
    (doublings as usize) * STEPS + within
}

/// The largest number of nanoseconds in a step.
fn end(step: usize) -> u64 {
    let doublings = (step / STEPS).saturating_sub(1);
    let within = step - doublings * STEPS;
    ((within as u64 + 1) << doublings) - 1
}

impl Histogram {
    /// Counts one.
    pub(super) fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.counts[step(nanoseconds)] += 1;
        self.total += 1;
        self.max = self.max.max(latency);
    }

    /// Counts what another one has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, more)| *own += more);
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many were counted.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The longest.
    pub(super) fn max(&self) -> Duration {
        self.max
    }

    /// What so many of a thousand did not exceed; nothing where none was counted.
    pub(super) fn per_mille(&self, share: u64) -> Duration {
        let rank = (self.total * share).div_ceil(1000).max(1);
        let mut seen = 0;
        for (step, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(end(step)).min(self.max);
            }
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_what_is_within_a_hundredth() {
        for nanoseconds in (0..64).flat_map(|bits| [0, 1].map(|less| (1u64 << bits) - less)) {
            let end = end(step(nanoseconds));
            assert!(end >= nanoseconds && end - nanoseconds <= nanoseconds / 64, "{nanoseconds}");
        }
        assert!(step(u64::MAX) < LENGTH);
    }

    #[test]
    fn percentiles_of_a_thousand_different_ones() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.per_mille(500), Duration::ZERO);
        let mut other = Histogram::default();
        for microseconds in 1..=1000 {
            let half = if microseconds % 2 == 0 { &mut histogram } else { &mut other };
            half.record(Duration::from_micros(microseconds));
        }
        histogram.add(&other);
        assert_eq!(histogram.total(), 1000);
        assert_eq!(histogram.max(), Duration::from_millis(1));
        assert_eq!(histogram.per_mille(1000), Duration::from_millis(1));
        for (share, microseconds) in [(500, 500), (900, 900), (990, 990)] {
            let found = histogram.per_mille(share).as_micros();
            assert!((microseconds..=microseconds * 65 / 64).contains(&found), "{share}: {found}");
        }
    }
}
