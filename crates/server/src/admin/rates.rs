//! How much goes on: samples of the last minutes, for small charts.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::Admin;
use crate::hub::Deed;

/// Between two samples.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);
/// Samples that are kept: ten minutes.
const SAMPLES: usize = 120;

/// What is sampled: a name, and what is counted for it.
pub(crate) const SAMPLED: [(&str, &[Deed]); 3] = [
    ("delivered", &[Deed::MessageDelivered, Deed::ReportDelivered]),
    ("read", &[Deed::Read, Deed::Listed]),
    ("submitted", &[Deed::Submitted]),
];

/// The samples, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<VecDeque<[u64; SAMPLED.len()]>>);

impl Rates {
    /// How many in each interval, oldest first.
    pub(crate) fn of(&self, at: usize) -> Vec<u64> {
        let samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts: Vec<u64> =
            samples.iter().filter_map(|sample| sample.get(at).copied()).collect();
        counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
    }

    fn push(&self, sample: [u64; SAMPLED.len()]) {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() > SAMPLES {
            samples.pop_front();
        }
        samples.push_back(sample);
    }
}

/// Takes samples for ever.
pub(crate) async fn sample(admin: Arc<Admin>) {
    loop {
        let hub = &admin.shared.hub;
        let count = |deeds: &[Deed]| deeds.iter().map(|deed| hub.count(*deed)).sum();
        admin.rates.push(SAMPLED.map(|(_, deeds)| count(deeds)));
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_differences_of_the_last_minutes() {
        let rates = Rates::default();
        assert!(rates.of(0).is_empty());
        for count in 0..200 {
            rates.push([count * 3, 7, 0]);
        }
        assert_eq!(rates.of(0), vec![3; SAMPLES]);
        assert_eq!(rates.of(1), vec![0; SAMPLES]);
    }
}
