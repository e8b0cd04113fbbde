//! What outlives a connection: associations over reliable transfer that a broken connection
//! interrupted, kept for their recovery (X.228 §7.8), as many and as long as their owner allows.
//!
//! Who knows the name of a session connection can recover its association; the bind is put to the
//! user again with its first argument, so that credentials are checked as they were then.

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

/// How the association was asked for.
#[derive(Clone)]
pub(super) enum Bind {
    /// By this end.
    Ours(Box<BindRequest>),
    /// By the peer, with this argument.
    Theirs(Option<Bytes>),
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
    limit: usize,
    keep_time: Duration,
    kept: VecDeque<Kept>,
}

struct Kept {
    since: Instant,
    identifier: Identifier,
    association: Suspended,
}

impl RtseRecovery {
    /// Keeps at most `limit` associations, each for `keep_time`; the oldest one goes first.
    /// `name`, up to 40 octets of ASCII, and the time tell this process from others.
    pub fn new(name: &str, started: UtcTime, limit: usize, keep_time: Duration) -> Self {
        let (name, kept) = (name.chars().take(40).collect(), VecDeque::new());
        Self(Arc::new(Mutex::new(Store { name, started, named: 0, limit, keep_time, kept })))
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
        identifier: Identifier,
        association: Suspended,
        since: Instant,
    ) -> bool {
        self.with(|store| {
            store.forget(since);
            if store.limit == 0 {
                return false;
            }
            while store.kept.len() >= store.limit {
                store.kept.pop_front();
            }
            store.kept.push_back(Kept { since, identifier, association });
            true
        })
    }

    /// Takes an association out.
    pub(super) fn take(
        &self,
        identifier: &Identifier,
        now: Instant,
        fits: impl Fn(&Suspended) -> bool,
    ) -> Option<Suspended> {
        self.with(|store| {
            store.forget(now);
            let wanted = |kept: &Kept| kept.identifier == *identifier && fits(&kept.association);
            let at = store.kept.iter().position(wanted)?;
            store.kept.remove(at).map(|kept| kept.association)
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
        let keep_time = self.keep_time;
        self.kept.retain(|kept| now.saturating_duration_since(kept.since) < keep_time);
    }
}

impl Default for RtseRecovery {
    /// Keeps nothing: what a broken connection interrupts is begun again by its sender.
    fn default() -> Self {
        Self::new("restante", UtcTime(0), 0, Duration::ZERO)
    }
}

impl fmt::Debug for RtseRecovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtseRecovery").field("kept", &self.len()).finish_non_exhaustive()
    }
}
