//! How many associations there may be, in all and with one peer.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::config::Limits;

/// Counts the associations that there are.
#[derive(Debug)]
pub(crate) struct Admission {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    limit: usize,
    limit_per_peer: usize,
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// The place of one association; given up when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    peer: IpAddr,
}

/// Which limit was reached. Its text is for the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    /// The limit of all.
    #[error("there are {0} associations, as many as limits.associations allows")]
    All(usize),
    /// The limit of one peer.
    #[error("it has {0} associations, as many as limits.associations_per_peer allows")]
    Peer(usize),
}

impl Admission {
    /// As these limits have it.
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let admission = Self { counts: Mutex::default() };
        admission.limit(limits);
        Arc::new(admission)
    }

    /// Has these limits from now on; the associations that there are go on.
    pub(crate) fn limit(&self, limits: &Limits) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        (counts.limit, counts.limit_per_peer) =
            (limits.associations, limits.associations_per_peer);
    }

    /// A place for one more association with this peer.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Full> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let limit_per_peer = counts.limit_per_peer;
        if counts.all >= counts.limit {
            return Err(Full::All(counts.limit));
        }
        let of_peer = counts.by_peer.entry(peer).or_default();
        if *of_peer >= limit_per_peer {
            return Err(Full::Peer(limit_per_peer));
        }
        *of_peer += 1;
        counts.all += 1;
        Ok(Place { admission: self.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(of_peer) = counts.by_peer.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                counts.by_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_peer() {
        let limits = Limits { associations: 3, associations_per_peer: 2, ..Limits::default() };
        let admission = Admission::new(&limits);
        let [one, other] = [1, 2].map(|last| IpAddr::from(Ipv4Addr::new(127, 0, 0, last)));
        let first = admission.admit(one).unwrap();
        let _second = admission.admit(one).unwrap();
        assert_eq!(admission.admit(one).unwrap_err(), Full::Peer(2));
        let third = admission.admit(other).unwrap();
        assert_eq!(admission.admit(other).unwrap_err(), Full::All(3));
        drop(first);
        let _fourth = admission.admit(one).unwrap();
        drop(third);
        let counts = admission.counts.lock().unwrap();
        assert_eq!((counts.all, counts.by_peer.len()), (2, 1), "no peer that is gone is kept");
    }
}
