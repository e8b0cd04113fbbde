//! The users that are bound over P7, and the alerts that wait for each of their associations.
//!
//! An alert goes into the queue of every association of its user, whose task is woken by that and
//! by nothing else. An association that is slow to take them has a queue of [`ALERTS_MAX`]; what
//! finds no place in any queue is missed, which the next bind will tell.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use restante_mhs::x413::AlertArgument;
use restante_ms::Flight;
use tokio::sync::mpsc;

/// Alerts that wait for one association.
const ALERTS_MAX: usize = 64;

/// An alert that an association is to be told.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) argument: AlertArgument,
    /// While there is this the alert is on its way.
    pub(crate) _flight: Flight,
}

/// Alerts that wait for an association.
pub(crate) type Alerts = mpsc::Receiver<Arc<Waiting>>;

/// The users that are bound, with a queue for each of their associations.
#[derive(Debug, Default)]
pub(crate) struct BoundUsers(Mutex<HashMap<String, Vec<Queue>>>);

#[derive(Debug)]
struct Queue {
    bind: u64,
    alerts: mpsc::Sender<Arc<Waiting>>,
}

/// One bind of a user; ends when dropped.
#[derive(Debug)]
pub(crate) struct BoundUser {
    users: Arc<BoundUsers>,
    key: String,
    bind: u64,
    alerts: Mutex<Option<Alerts>>,
}

impl BoundUsers {
    /// One more bind of this user, or `None` where `only_one` is wanted and there is one.
    pub(crate) fn bind(self: &Arc<Self>, key: &str, only_one: bool) -> Option<BoundUser> {
        let mut users = self.users();
        let binds = users.entry(key.to_owned()).or_default();
        if only_one && !binds.is_empty() {
            return None;
        }
        let (sender, receiver) = mpsc::channel(ALERTS_MAX);
        let bind = binds.last().map_or(0, |last| last.bind + 1);
        binds.push(Queue { bind, alerts: sender });
        let alerts = Mutex::new(Some(receiver));
        Some(BoundUser { users: self.clone(), key: key.to_owned(), bind, alerts })
    }

    /// Puts alerts into the queues of a user's associations; they are made only where there is
    /// one. Whether each found a place in one at least.
    pub(crate) fn alert(&self, key: &str, make: impl FnOnce() -> Vec<Waiting>) -> bool {
        // Not made while others wait.
        if !self.is_bound(key) {
            return false;
        }
        let alerts = make();
        let users = self.users();
        let binds = users.get(key).map_or(&[][..], Vec::as_slice);
        alerts.into_iter().map(Arc::new).fold(true, |all, alert| {
            let sent = |queue: &Queue| queue.alerts.try_send(alert.clone()).is_ok();
            binds.iter().filter(|queue| sent(queue)).count() > 0 && all
        })
    }

    /// Whether a user has an association.
    fn is_bound(&self, key: &str) -> bool {
        self.users().get(key).is_some_and(|binds| !binds.is_empty())
    }

    fn users(&self) -> MutexGuard<'_, HashMap<String, Vec<Queue>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BoundUser {
    /// The alerts that wait for it; once.
    pub(crate) fn take_alerts(&self) -> Option<Alerts> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for BoundUser {
    fn drop(&mut self) {
        let mut users = self.users.users();
        if let Some(binds) = users.get_mut(&self.key) {
            binds.retain(|queue| queue.bind != self.bind);
            if binds.is_empty() {
                users.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(number: u32) -> Waiting {
        let argument = AlertArgument { alert_registration_identifier: number, new_entry: None };
        Waiting { argument, _flight: Flight::default() }
    }

    #[test]
    fn a_user_binds_as_often_as_is_allowed() {
        let users = Arc::new(BoundUsers::default());
        let first = users.bind("alice", true).unwrap();
        assert!(users.bind("alice", true).is_none());
        let second = users.bind("alice", false).unwrap();
        assert!(users.bind("bob", true).is_some());
        drop(first);
        assert!(users.bind("alice", true).is_none());
        drop(second);
        assert!(users.bind("alice", true).is_some());
        assert!(users.users().is_empty());
    }

    #[test]
    fn alerts_go_to_all_associations_and_are_missed_where_none_has_room() {
        let users = Arc::new(BoundUsers::default());
        assert!(!users.alert("alice", || panic!("nobody is bound")));
        let (one, other) = (users.bind("alice", false).unwrap(), users.bind("alice", false));
        let other = other.unwrap();
        assert!(users.alert("alice", || vec![alert(1), alert(2)]));
        let (mut slow, mut quick) = (one.take_alerts().unwrap(), other.take_alerts().unwrap());
        assert!(one.take_alerts().is_none(), "they are taken once");
        assert_eq!(quick.try_recv().unwrap().argument.alert_registration_identifier, 1);
        assert_eq!(quick.try_recv().unwrap().argument.alert_registration_identifier, 2);
        for number in 0..62 {
            assert!(users.alert("alice", || vec![alert(number)]));
        }
        assert!(users.alert("alice", || vec![alert(99)]), "one of them has room");
        drop((other, quick));
        assert!(!users.alert("alice", || vec![alert(99)]), "none has");
        assert_eq!(slow.try_recv().unwrap().argument.alert_registration_identifier, 1);
        assert!(users.alert("alice", || vec![alert(99)]));
    }
}
