//! What outlives a connection: associations over reliable transfer that a broken connection
//! interrupted, kept for their recovery (X.228 §7.8), as many and as long as their owner allows.
//!
//! An association is recovered by the peer that lost it, as the driver knows peers, and by the
//! name of its session connection; the bind is put to the user again with its first argument, so
//! that credentials are checked as they were then. Each peer has its share of what is kept, so
//! that none drives out the others.

use crate::association::BindRequest;
use crate::x228::{self, SessionConnectionIdentifier as Identifier};
use crate::x880::Rose;
use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use restante_ber::{Oid, UtcTime};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// An association without a connection.
pub(super) struct Suspended {
    pub(super) application_context: Oid,
    pub(super) transfer: x228::Suspended,
    pub(super) rose: Rose,
    pub(super) bind: Bind,
}

impl Suspended {
    /// What its APDUs take, in octets.
    fn octets(&self) -> usize {
        self.transfer.octets()
    }
}

/// How the association was asked for.
#[derive(Clone)]
pub(super) enum Bind {
    /// By this end.
    Ours(Box<BindRequest>),
    /// By the peer, with this argument.
    Theirs(Option<Bytes>),
}

/// What may be kept of associations whose connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryLimits {
    /// Associations in all. 0: none is kept.
    pub associations: usize,
    /// Associations of one peer.
    pub associations_per_peer: usize,
    /// Of APDUs that are under way or wait, in octets, of all associations together.
    pub octets: usize,
    /// For how long each is kept.
    pub keep_time: Duration,
}

/// Names session connections and keeps interrupted associations; its clones are the same store,
/// which the associations of a process share.
#[derive(Clone)]
pub struct RtseRecovery(Arc<Mutex<Store>>);

struct Store {
    /// What the names of session connections begin with.
    name: String,
    started: UtcTime,
    named: u64,
    limits: RecoveryLimits,
    kept: VecDeque<Kept>,
}

struct Kept {
    since: Instant,
    peer: String,
    identifier: Identifier,
    association: Suspended,
}

impl RtseRecovery {
    /// Keeps as much as the limits allow; the oldest goes first. `name`, up to 60 octets of ASCII
    /// that nobody guesses, and the time tell this process from others.
    pub fn new(name: &str, started: UtcTime, limits: RecoveryLimits) -> Self {
        let (name, kept) = (name.chars().take(60).collect(), VecDeque::new());
        Self(Arc::new(Mutex::new(Store { name, started, named: 0, limits, kept })))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Store) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The name of a new session connection.
    pub(super) fn name_connection(&self) -> Identifier {
        self.with(|store| {
            store.named += 1;
            Identifier {
                calling_ss_user_reference: format!("{}-{}", store.name, store.named).into(),
                common_reference: store.started,
                additional_reference_information: Bytes::new(),
            }
        })
    }

    /// Keeps an association; whether it is kept.
    pub(super) fn keep(
        &self,
        peer: &str,
        identifier: Identifier,
        association: Suspended,
        since: Instant,
    ) -> bool {
        self.with(|store| {
            store.forget(since);
            let limits = store.limits;
            let octets = association.octets();
            if limits.associations.min(limits.associations_per_peer) == 0 || octets > limits.octets
            {
                return false;
            }
            while let Some(oldest) = store.too_many_for(peer, octets) {
                store.kept.remove(oldest);
            }
            let peer = peer.to_owned();
            store.kept.push_back(Kept { since, peer, identifier, association });
            true
        })
    }

    /// Takes an association out.
    pub(super) fn take(
        &self,
        peer: &str,
        identifier: &Identifier,
        now: Instant,
        fits: impl Fn(&Suspended) -> bool,
    ) -> Option<Suspended> {
        self.with(|store| {
            store.forget(now);
            let wanted = |kept: &Kept| {
                kept.peer == peer && kept.identifier == *identifier && fits(&kept.association)
            };
            let at = store.kept.iter().position(wanted)?;
            store.kept.remove(at).map(|kept| kept.association)
        })
    }

    /// Drops what has been kept long enough, and what it takes with it; when to do so again.
    pub fn forget(&self, now: Instant) -> Option<Instant> {
        self.with(|store| {
            store.forget(now);
            store.kept.front()?.since.checked_add(store.limits.keep_time)
        })
    }

    /// How many associations are kept.
    pub fn len(&self) -> usize {
        self.with(|store| store.kept.len())
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Store {
    fn forget(&mut self, now: Instant) {
        let keep_time = self.limits.keep_time;
        self.kept.retain(|kept| now.saturating_duration_since(kept.since) < keep_time);
    }

    /// Which one has to go before one more of this peer, of so many octets, is kept.
    fn too_many_for(&self, peer: &str, octets: usize) -> Option<usize> {
        let of_peer = |kept: &&Kept| kept.peer == peer;
        if self.kept.iter().filter(of_peer).count() >= self.limits.associations_per_peer {
            return self.kept.iter().position(|kept| of_peer(&kept));
        }
        let taken: usize = self.kept.iter().map(|kept| kept.association.octets()).sum();
        let full = self.kept.len() >= self.limits.associations
            || taken.saturating_add(octets) > self.limits.octets;
        (full && !self.kept.is_empty()).then_some(0)
    }
}

impl Default for RtseRecovery {
    /// Keeps nothing: what a broken connection interrupts is begun again by its sender.
    fn default() -> Self {
        let limits = RecoveryLimits {
            associations: 0,
            associations_per_peer: 0,
            octets: 0,
            keep_time: Duration::ZERO,
        };
        Self::new("restante", UtcTime(0), limits)
    }
}

impl fmt::Debug for RtseRecovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtseRecovery").field("kept", &self.len()).finish_non_exhaustive()
    }
}
