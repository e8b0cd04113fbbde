//! What goes on at the moment, for whoever watches: the associations that there are, and what
//! happens, as it happens.
//!
//! Nobody waits for a watcher. Happenings go into a ring of bounded length: a watcher that is too
//! slow is told how many it has missed. While nobody watches, a happening costs a look at a
//! counter.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, broadcast};

use crate::shared;

/// Happenings that a watcher may be behind.
const BEHIND_MAX: usize = 4096;

/// What goes on at the moment.
#[derive(Debug)]
pub(crate) struct Hub {
    happenings: broadcast::Sender<Arc<Happening>>,
    happened: AtomicU64,
    associations: Mutex<BTreeMap<u64, Arc<Live>>>,
    opened: AtomicU64,
    deeds: [AtomicU64; Deed::COUNT],
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Happening {
    /// Counted from 1 since the start.
    pub(crate) sequence: u64,
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub(crate) time: i64,
    /// What.
    pub(crate) what: What,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A peer has bound, or this end has bound to it.
    AssociationOpened { association: u64, peer: String, name: String },
    /// A bound association has ended.
    AssociationClosed { association: u64, peer: String, name: String },
    /// Something was done to entries of a mailbox.
    Mailbox { mailbox: String, deed: Deed, number: Option<u32>, entries: usize },
    /// A job has another state, or has come further.
    Job { id: u64 },
    /// The store as a whole is in another state.
    Store { text: String },
    /// The other stores were asked.
    Stores,
    /// There is an alarm, or there is one no longer.
    Alarm { text: String },
}

/// What was done to entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A message was delivered.
    MessageDelivered,
    /// A report was delivered.
    ReportDelivered,
    /// Entries were listed.
    Listed,
    /// An entry was fetched.
    Read,
    /// Entries were deleted.
    Deleted,
    /// Something was submitted.
    Submitted,
    /// Something else of the mailbox is another: a registration, a state, a limit.
    Changed,
}

impl Deed {
    /// How many there are.
    const COUNT: usize = Self::Changed as usize + 1;
}

/// An association, as long as there is one.
#[derive(Debug)]
pub(crate) struct Live {
    /// Never used twice by one process.
    pub(crate) id: u64,
    /// The other end.
    pub(crate) peer: SocketAddr,
    /// When it was connected: microseconds since 1970.
    pub(crate) since: i64,
    /// Whether this end called.
    pub(crate) outgoing: bool,
    bound: Mutex<Option<BoundAs>>,
    operations: AtomicU64,
    last: AtomicI64,
    disconnect: Notify,
}

/// As whom and how a peer is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoundAs {
    /// The user's address or the MTA's name.
    pub(crate) name: String,
    /// The application context.
    pub(crate) context: &'static str,
    /// The user's mailbox, of a user agent.
    pub(crate) mailbox: Option<String>,
}

/// The entry of an association among those that there are; taken out when dropped.
#[derive(Debug)]
pub(crate) struct Presence {
    hub: Arc<Hub>,
    live: Arc<Live>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            happenings: broadcast::Sender::new(BEHIND_MAX),
            happened: AtomicU64::new(0),
            associations: Mutex::default(),
            opened: AtomicU64::new(0),
            deeds: Default::default(),
        }
    }
}

impl Hub {
    /// From now on what happens comes here.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Arc<Happening>> {
        self.happenings.subscribe()
    }

    /// Something was done to entries of a mailbox.
    pub(crate) fn done(&self, mailbox: &str, deed: Deed, number: Option<u32>, entries: usize) {
        let count = u64::try_from(entries).unwrap_or(u64::MAX);
        self.deeds[deed as usize].fetch_add(count, Ordering::Relaxed);
        self.happen(|| What::Mailbox { mailbox: mailbox.to_owned(), deed, number, entries });
    }

    /// To how many entries this was done since the start.
    pub(crate) fn count(&self, deed: Deed) -> u64 {
        self.deeds[deed as usize].load(Ordering::Relaxed)
    }

    /// Something has happened; it is only put into words where somebody watches.
    pub(crate) fn happen(&self, what: impl FnOnce() -> What) {
        if self.happenings.receiver_count() == 0 {
            return;
        }
        let sequence = self.happened.fetch_add(1, Ordering::Relaxed) + 1;
        let happening = Happening { sequence, time: shared::now().0, what: what() };
        // Whoever watched may have gone meanwhile.
        let _ = self.happenings.send(Arc::new(happening));
    }

    /// There is another association.
    pub(crate) fn enter(self: &Arc<Self>, peer: SocketAddr, outgoing: bool) -> Presence {
        let now = shared::now().0;
        let live = Arc::new(Live {
            id: self.opened.fetch_add(1, Ordering::Relaxed) + 1,
            peer,
            since: now,
            outgoing,
            bound: Mutex::default(),
            operations: AtomicU64::new(0),
            last: AtomicI64::new(now),
            disconnect: Notify::new(),
        });
        self.locked().insert(live.id, live.clone());
        Presence { hub: self.clone(), live }
    }

    /// The associations that there are, in the order in which they came.
    pub(crate) fn associations(&self) -> Vec<Arc<Live>> {
        self.locked().values().cloned().collect()
    }

    /// The association of this number.
    pub(crate) fn association(&self, id: u64) -> Option<Arc<Live>> {
        self.locked().get(&id).cloned()
    }

    /// A panic elsewhere leaves the map whole.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Live>>> {
        self.associations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// As whom the peer is bound; `None` before.
    pub(crate) fn bound(&self) -> Option<BoundAs> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many operations were invoked.
    pub(crate) fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// When the last one was, or when it was connected: microseconds since 1970.
    pub(crate) fn last(&self) -> i64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Asks its task to abort it.
    pub(crate) fn disconnect(&self) {
        self.disconnect.notify_one();
    }
}

impl Presence {
    /// Its number.
    pub(crate) fn id(&self) -> u64 {
        self.live.id
    }

    /// The other end.
    pub(crate) fn peer(&self) -> SocketAddr {
        self.live.peer
    }

    /// The peer is bound.
    pub(crate) fn bound(&self, bound: BoundAs) {
        let name = bound.name.clone();
        *self.live.bound.lock().unwrap_or_else(PoisonError::into_inner) = Some(bound);
        self.hub.happen(|| What::AssociationOpened {
            association: self.live.id,
            peer: self.live.peer.to_string(),
            name,
        });
    }

    /// An operation was invoked.
    pub(crate) fn operation(&self) {
        self.live.operations.fetch_add(1, Ordering::Relaxed);
        self.live.last.store(shared::now().0, Ordering::Relaxed);
    }

    /// Waits until somebody wants it ended.
    pub(crate) async fn disconnected(&self) {
        self.live.disconnect.notified().await;
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.hub.locked().remove(&self.live.id);
        if let Some(bound) = self.live.bound() {
            self.hub.happen(|| What::AssociationClosed {
                association: self.live.id,
                peer: self.live.peer.to_string(),
                name: bound.name,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn associations_come_and_go_and_are_told_of_to_who_watches() {
        let hub = Arc::new(Hub::default());
        let peer = SocketAddr::from(([127, 0, 0, 1], 4000));
        let _ = hub.enter(peer, false);
        let mut watcher = hub.watch();
        let presence = hub.enter(peer, true);
        presence.operation();
        let found = hub.association(2).unwrap();
        assert_eq!((found.operations(), found.bound(), found.outgoing), (1, None, true));
        presence.bound(BoundAs { name: "mta1".into(), context: "mts-access", mailbox: None });
        assert_eq!(hub.associations().len(), 1);
        drop(presence);
        assert!(hub.associations().is_empty() && found.bound().is_some());
        let told = |what: &Happening| (what.sequence, what.what.clone());
        let (association, peer, name) = (found.id, peer.to_string(), "mta1".to_owned());
        let opened =
            What::AssociationOpened { association, peer: peer.clone(), name: name.clone() };
        assert_eq!(told(&watcher.try_recv().unwrap()), (1, opened));
        let closed = What::AssociationClosed { association, peer, name };
        assert_eq!(told(&watcher.try_recv().unwrap()), (2, closed));
        assert!(watcher.try_recv().is_err());
    }
}
