//! Work that is to be done at its time: what is to be delivered later, what is no longer to be
//! kept. It is a value of the store, put there by the transaction that made it and removed by the
//! one that does it, so that it is done once through any crash.
//!
//! ```text
//! key     "due/", 1 octet rank, 8 microseconds since 1970 (big-endian), 1 kind, its identity
//! value   as the kind likes it
//! ```
//!
//! What is due is done in order of rank, in the same rank in order of time. It refuses to look at
//! a clock: [`MessageStore::due`] is told what time it is, and tells when there is more to do.

use bytes::Bytes;
use restante_mhs::x411::Priority;
use restante_storage::{Change, Scope, Storage, StorageError, Ticket, Transaction};

use crate::local::Refused;
use crate::seam::chain;
use crate::{Effect, MessageStore, Now};

/// What is done in one call, transactions.
const WORK_MAX: usize = 16;

const PREFIX: &[u8] = b"due/";

/// What [`MessageStore::due`] did.
#[derive(Debug)]
pub struct Due {
    /// What was done. Each must be ready before the next call; what of it fails is done again.
    pub done: Vec<Done>,
    /// Why some of it could not be done: it is tried again by the next call, for which there
    /// should be a pause.
    pub failed: Option<String>,
    /// When there is something to do again; a time that has passed: at once. `None`: when an
    /// [`Effect::Due`] says so.
    pub next: Option<Now>,
}

/// A piece of work that was done.
#[derive(Debug)]
pub struct Done {
    /// Ready when it is durable.
    pub commit: Ticket,
    /// What is to be done or told then.
    pub effects: Vec<Effect>,
}

/// A piece of work that waits for its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) rank: Rank,
    pub(crate) at: Now,
    pub(crate) kind: Kind,
    /// What tells it from others of its kind, rank and time.
    pub(crate) identity: Bytes,
}

/// Which of what is due goes first; the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u8);

impl Rank {
    const ALL: [Self; 3] = [Self(0), Self(1), Self(2)];

    /// The rank of a message; one without a priority has that of a normal one.
    pub(crate) fn of(priority: Priority) -> Self {
        match priority {
            Priority::URGENT => Self(0),
            Priority::NON_URGENT => Self(2),
            _ => Self(1),
        }
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Submissions of which no reports are expected any more are forgotten.
    ForgetSubmissions,
    /// A message is delivered whose delivery was deferred, or that was held.
    DeferredDelivery,
    /// A report is delivered that was held.
    HeldReport,
    /// What has not been fetched in time is forwarded.
    Forward,
    /// What has expired is thrown away.
    Discard,
    /// A mailbox is looked through for what is stored for longer than it is to be.
    Sweep,
    /// What one transaction stored is correlated.
    Correlate,
    /// What is stored already is looked through for what has expired, or will.
    DiscardStored,
}

impl Kind {
    const ALL: [(u8, Self); 8] = [
        (1, Self::ForgetSubmissions),
        (2, Self::DeferredDelivery),
        (3, Self::HeldReport),
        (16, Self::Forward),
        (17, Self::Discard),
        (18, Self::Sweep),
        (19, Self::Correlate),
        (20, Self::DiscardStored),
    ];
}

impl Work {
    /// The change that has it done.
    pub(crate) fn put(&self, value: Bytes) -> Change {
        Change::PutValue { scope: Scope::Store, key: self.key(), value }
    }

    /// The change that says that it is done, or is not to be done any more.
    pub(crate) fn remove(&self) -> Change {
        removed(self.key())
    }

    /// Whether it is about an entry that is there and is all that it is about.
    fn is_of_one_entry(&self) -> bool {
        matches!(self.kind, Kind::Forward | Kind::Discard)
    }

    /// Its key among the values of the store.
    pub(crate) fn key(&self) -> Bytes {
        let time = u64::try_from(self.at.0).unwrap_or(0).to_be_bytes();
        let kind = Kind::ALL.iter().find(|(_, kind)| *kind == self.kind);
        let kind = kind.map_or(0, |(number, _)| *number);
        [PREFIX, &[self.rank.0], &time, &[kind], &self.identity].concat().into()
    }

    /// The work that a key stands for.
    pub(crate) fn of_key(key: &Bytes) -> Option<Self> {
        let [rank, rest @ ..] = key.strip_prefix(PREFIX)? else { return None };
        let (time, rest) = rest.split_first_chunk()?;
        let [kind, identity @ ..] = rest else { return None };
        let (_, kind) = Kind::ALL.iter().find(|(number, _)| number == kind)?;
        Some(Self {
            rank: Rank::ALL.into_iter().find(|known| known.0 == *rank)?,
            at: Now(i64::try_from(u64::from_be_bytes(*time)).ok()?),
            kind: *kind,
            identity: key.slice_ref(identity),
        })
    }
}

fn removed(key: Bytes) -> Change {
    Change::RemoveValue { scope: Scope::Store, key }
}

impl<S: Storage> MessageStore<S> {
    /// Does what is due, no more than a part of it that takes a moment. To be called when the
    /// store is opened, at the time that it tells, and when an [`Effect::Due`] names an earlier
    /// one; never again before what it did is durable or has failed.
    ///
    /// # Errors
    /// Where storage can't be read.
    pub fn due(&self, now: Now) -> Result<Due, StorageError> {
        let mut done = Vec::new();
        let mut next: Option<Now> = None;
        let mut failed = None;
        for rank in Rank::ALL {
            let prefix = [PREFIX, &[rank.0]].concat();
            let most = WORK_MAX - done.len() + 1;
            for (key, value) in self.storage.values_after(Scope::Store, &prefix, &[], most)? {
                let work = Work::of_key(&key);
                let at = work.as_ref().map_or(Now(i64::MIN), |work| work.at);
                if at > now || done.len() == WORK_MAX {
                    next = Some(next.map_or(at, |next| next.min(at)));
                    break;
                }
                let performed = match work {
                    Some(work) => self.perform(&work, &value, now),
                    // Nothing that this program put there.
                    None => Ok(self.done(vec![removed(key)], Vec::new())),
                };
                match performed {
                    Ok(one) => done.push(one),
                    Err(refused) => failed = Some(chain(&refused)),
                }
            }
        }
        // What was done may have made more that is due.
        let more = done.iter().flat_map(|done| &done.effects).filter_map(|effect| match effect {
            Effect::Due { at } => Some(*at),
            _ => None,
        });
        let next = next.into_iter().chain(more).min();
        Ok(Due { done, failed, next })
    }

    fn perform(&self, work: &Work, value: &Bytes, now: Now) -> Result<Done, Refused> {
        match self.perform_any(work, value, now) {
            // No other try reads what is damaged, and who looks at it is told so.
            Err(Refused::Storage(StorageError::Damaged { .. })) if work.is_of_one_entry() => {
                Ok(self.done(vec![work.remove()], Vec::new()))
            }
            performed => performed,
        }
    }

    fn perform_any(&self, work: &Work, value: &Bytes, now: Now) -> Result<Done, Refused> {
        match work.kind {
            Kind::ForgetSubmissions => Ok(self.forget_submissions(work, value, now)?),
            Kind::DeferredDelivery => self.deliver_deferred(work, value, now),
            Kind::HeldReport => self.deliver_held_report(work, now),
            Kind::Forward => Ok(self.forward_late(work, now)?),
            Kind::Discard => Ok(self.discard_expired(work, now)?),
            Kind::Sweep => Ok(self.sweep(work, now)?),
            Kind::Correlate => Ok(self.correlate(work, now)?),
            Kind::DiscardStored => Ok(self.discard_stored(work, value, now)?),
        }
    }

    /// Work of which all is in these changes.
    pub(crate) fn done(&self, changes: Vec<Change>, effects: Vec<Effect>) -> Done {
        Done { commit: self.storage.commit(Transaction { changes }), effects }
    }
}
