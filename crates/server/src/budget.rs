//! Budgets of the whole process: octets that associations take and give back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So many octets, for all associations together.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    taken: AtomicUsize,
}

/// Octets taken from a budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    octets: usize,
}

impl Budget {
    /// A budget of this many octets.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, taken: AtomicUsize::new(0) })
    }

    /// An empty share.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: self.clone(), octets: 0 }
    }

    /// How many octets it has for all together.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Share {
    /// How many octets it has.
    pub(crate) fn octets(&self) -> usize {
        self.octets
    }

    /// Makes it so large; where the budget has not so much left it stays as it is.
    #[must_use]
    pub(crate) fn grow_to(&mut self, octets: usize) -> bool {
        let Some(more) = octets.checked_sub(self.octets) else { return true };
        let fits = |taken: usize| {
            taken.checked_add(more).filter(|&together| together <= self.budget.limit)
        };
        // The number orders nothing but itself.
        let grown =
            self.budget.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        if grown {
            self.octets = octets;
        }
        grown
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let before = self.budget.taken.fetch_sub(self.octets, Ordering::Relaxed);
        debug_assert!(before >= self.octets, "more given back than was taken");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_overdrawn_and_gets_back_what_was_taken() {
        let budget = Budget::new(10);
        let mut one = budget.share();
        let mut other = budget.share();
        assert!(one.grow_to(6));
        assert!(!other.grow_to(5));
        assert_eq!(other.octets(), 0);
        assert!(other.grow_to(4));
        assert!(one.grow_to(3), "never smaller");
        assert_eq!(budget.taken(), 10);
        assert!(!one.grow_to(usize::MAX));
        drop(one);
        assert!(other.grow_to(10));
        drop(other);
        assert_eq!(budget.taken(), 0);
    }
}
