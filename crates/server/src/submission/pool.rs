//! Associations with the MTA, pooled by the name in which they are bound: each user's, or one for
//! all. What is to be invoked waits in the line of its name until an association of that name has
//! room for it. Associations are opened when they are needed and kept while they are used; where
//! there are as many as may be, one that is idle makes place.
//!
//! After an attempt to bind that failed, the name has none for a while, and what is submitted in
//! it is answered at once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use restante_ber::Rope;
use restante_directory::User;
use restante_mhs::{
    x411::{ORName, Priority},
    x419::mts_access,
};
use restante_ms::{Passed, Submit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{caller, pause::Pause};
use crate::{
    config::{ConfigError, Mta},
    shared::Shared,
};

/// An operation that is to be invoked.
pub(crate) struct Job {
    pub(crate) operation: i64,
    pub(crate) argument: Rope,
    pub(crate) priority: Priority,
    pub(crate) content_bytes: u64,
    claim: Claim,
    pub(super) answer: oneshot::Sender<Passed>,
}

/// Who has it decides: an association that invokes it, or whoever gives it up before that.
#[derive(Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Whether it was free until now.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

impl Job {
    pub(super) fn new(submit: &Submit, claim: Claim, answer: oneshot::Sender<Passed>) -> Self {
        Self {
            operation: submit.operation,
            argument: submit.argument.clone(),
            priority: submit.priority,
            content_bytes: submit.content_bytes,
            claim,
            answer,
        }
    }

    /// Answers it; nobody may wait for it any more.
    pub(super) fn answer(self, passed: Passed) {
        let _ = self.answer.send(passed);
    }

    #[cfg(test)]
    pub(super) fn for_tests(operation: i64, priority: Priority, content_bytes: u64) -> Self {
        let (answer, _) = oneshot::channel();
        let (argument, claim) = (Rope::new(), Claim::default());
        Self { operation, argument, priority, content_bytes, claim, answer }
    }
}

/// In whose name an association is bound.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    key: String,
    pub(super) name: ORName,
    /// The user, unless the name is the store's own.
    pub(super) user: Option<User>,
}

impl Name {
    /// The name in which an operation goes. What is registered is that of whoever is bound: it
    /// goes in the user's own name.
    pub(super) fn of(pool: &Pool, submit: &Submit) -> Self {
        let user = &submit.user;
        let common = pool.settings.initiator_name.as_ref();
        match common.filter(|_| submit.operation != mts_access::OP_REGISTER) {
            Some(address) => {
                Self { key: String::new(), name: ORName::from(address.clone()), user: None }
            }
            None => Self {
                key: user.key.clone(),
                name: ORName::from(user.or_address.clone()),
                user: Some(user.clone()),
            },
        }
    }
}

/// The associations with the MTA.
pub(crate) struct Pool {
    pub(super) settings: Mta,
    lines: Mutex<HashMap<String, Line>>,
    associations: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// Asks one that is idle to make place.
    pub(super) crowded: Notify,
}

/// What waits in one name, and who there is to take it.
#[derive(Default)]
struct Line {
    queue: VecDeque<Job>,
    /// Associations that are not bound yet.
    binding: usize,
    bound: usize,
    /// How many more operations those that are bound can take.
    room: usize,
    pause: Pause,
    wake: Arc<Notify>,
}

impl Line {
    fn is_idle(&self, now: Instant) -> bool {
        let nothing = self.queue.is_empty() && self.binding + self.bound == 0;
        nothing && self.pause.is_over(now)
    }
}

impl Pool {
    /// The pool of an MTA; `None` where none is configured.
    pub(crate) fn open(settings: &Mta) -> Result<Option<Self>, ConfigError> {
        if settings.presentation_address.is_none() {
            return Ok(None);
        }
        // It is read again for each bind; that it can't be is told at the start.
        settings.password()?;
        Ok(Some(Self {
            lines: Mutex::default(),
            associations: Arc::new(Semaphore::new(settings.associations)),
            places: Arc::new(Semaphore::new(settings.waiting)),
            crowded: Notify::new(),
            settings: settings.clone(),
        }))
    }

    /// A place among the submissions that wait, where there is one.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Waits until nothing waits and no association is left.
    pub(crate) async fn finished(&self) {
        let count = |most: usize| u32::try_from(most).unwrap_or(u32::MAX);
        // Nobody closes the semaphores.
        let _places = self.places.acquire_many(count(self.settings.waiting)).await;
        let _associations =
            self.associations.acquire_many(count(self.settings.associations)).await;
    }

    /// Leave to have one more association; asks for it where there are as many as may be.
    pub(super) async fn admit(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.associations.clone().try_acquire_owned() {
            return Some(permit);
        }
        self.crowded.notify_one();
        self.associations.clone().acquire_owned().await.ok()
    }

    /// Puts an operation into its line, and opens an association where those that there are can't
    /// take it.
    pub(super) fn dispatch(&self, shared: &Arc<Shared>, name: Name, job: Job) {
        let now = Instant::now();
        let mut lines = self.lines();
        if !lines.contains_key(&name.key) {
            lines.retain(|_, line| !line.is_idle(now));
        }
        let line = lines.entry(name.key.clone()).or_default();
        if line.binding + line.bound == 0
            && let Some(reason) = line.pause.reason(now)
        {
            let reason = format!("{reason} (not tried again yet)");
            return job.answer(Passed::NotBound { reason });
        }
        line.queue.push_back(job);
        line.wake.notify_one();
        let capacity = line.room + line.binding * self.settings.outstanding;
        let more = line.binding + line.bound < self.settings.associations_per_name
            && line.pause.is_over(now);
        if line.queue.len() > capacity && more {
            line.binding += 1;
            tokio::spawn(caller::open(shared.clone(), name, line.wake.clone()));
        }
    }

    /// Whether operations of a name wait.
    pub(super) fn is_needed(&self, name: &Name) -> bool {
        self.lines().get(&name.key).is_some_and(|line| !line.queue.is_empty())
    }

    /// An association of a name is bound.
    pub(super) fn bound(&self, name: &Name) {
        if let Some(line) = self.lines().get_mut(&name.key) {
            line.binding -= 1;
            line.bound += 1;
            line.room += self.settings.outstanding;
            line.pause = Pause::default();
        }
    }

    /// The next operation for an association that is bound and has room. It is to be invoked.
    pub(super) fn take(&self, name: &Name) -> Option<Job> {
        let mut lines = self.lines();
        let line = lines.get_mut(&name.key)?;
        let job = loop {
            let job = line.queue.pop_front()?;
            if job.claim.take() {
                break job;
            }
        };
        line.room -= 1;
        if !line.queue.is_empty() {
            // Another one may have room, too.
            line.wake.notify_one();
        }
        Some(job)
    }

    /// An operation was answered: its association has room again.
    pub(super) fn answered(&self, name: &Name) {
        if let Some(line) = self.lines().get_mut(&name.key) {
            line.room += 1;
        }
    }

    /// An association that was bound takes nothing more; `room` is what it had left.
    pub(super) fn left(&self, shared: &Arc<Shared>, name: &Name, room: usize) {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&name.key) else { return };
        line.bound -= 1;
        line.room -= room;
        if line.binding + line.bound == 0 && !line.queue.is_empty() {
            line.binding = 1;
            tokio::spawn(caller::open(shared.clone(), name.clone(), line.wake.clone()));
        }
    }

    /// An association is not needed any more, before it was bound.
    pub(super) fn gave_up(&self, shared: &Arc<Shared>, name: &Name) {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&name.key) else { return };
        line.binding -= 1;
        if line.binding + line.bound == 0 && !line.queue.is_empty() {
            line.binding = 1;
            tokio::spawn(caller::open(shared.clone(), name.clone(), line.wake.clone()));
        }
    }

    /// An association could not be bound. What waits is told so, unless there are others.
    pub(super) fn failed(&self, name: &Name, reason: &str) {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&name.key) else { return };
        line.binding -= 1;
        line.pause.failed(reason, self.settings.retry_time(), Instant::now());
        if line.binding + line.bound == 0 {
            for job in line.queue.drain(..).filter(|job| job.claim.take()) {
                job.answer(Passed::NotBound { reason: reason.to_owned() });
            }
        }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
