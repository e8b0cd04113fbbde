//! The marks of deliveries in mailboxes in use, as far as memory has them: enough to say that a
//! delivery has none, without a look into storage. Where it may have one, storage is asked.
//!
//! A mailbox's marks are all known or none. They are read once, when a delivery to it comes and
//! there is room; a mailbox to which nothing was delivered for a while makes room for another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use restante_storage::MailboxId;

use crate::Now;

/// How many marks a bucket has.
pub(crate) const WAYS: usize = 8;
/// How many mailboxes' marks are known: each may take 300 kB.
const MAILBOXES_MAX: usize = 128;
/// After which time without a delivery a mailbox makes room, microseconds.
const UNUSED_US: i64 = 10 * 60 * 1_000_000;

/// The marks that are known.
#[derive(Debug, Default)]
pub(crate) struct KnownMarks(RwLock<HashMap<MailboxId, Arc<Marks>>>);

/// Those of one mailbox.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Whether all are here.
    whole: AtomicBool,
    /// When a delivery came last.
    used: AtomicI64,
    buckets: Mutex<HashMap<u16, [Slot; WAYS]>>,
}

/// What is known of a mark.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// A part of its digest.
    print: u32,
    /// Seconds since 1970; 0 where there is none.
    time_s: u32,
}

fn seconds(time: Now) -> u32 {
    u32::try_from(time.0.div_euclid(1_000_000)).unwrap_or(u32::MAX).max(1)
}

impl KnownMarks {
    /// The marks of a mailbox, where all are known.
    pub(crate) fn whole(&self, mailbox: MailboxId) -> Option<Arc<Marks>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&mailbox).filter(|marks| marks.whole.load(Ordering::Acquire)).cloned()
    }

    /// The marks of a mailbox, as far as they are known, for one more.
    pub(crate) fn find(&self, mailbox: MailboxId) -> Option<Arc<Marks>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&mailbox).cloned()
    }

    /// Begins to know a mailbox's marks; `None` where somebody has begun, or there is no room.
    pub(crate) fn begin(&self, mailbox: MailboxId, now: Now) -> Option<Arc<Marks>> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(&mailbox) {
            return None;
        }
        if known.len() >= MAILBOXES_MAX {
            let used = |marks: &Arc<Marks>| marks.used.load(Ordering::Relaxed);
            let unused = |marks: &Arc<Marks>| now.0.saturating_sub(used(marks)) > UNUSED_US;
            let (oldest, _) =
                known.iter().filter(|(_, m)| unused(m)).min_by_key(|(_, m)| used(m))?;
            let oldest = *oldest;
            known.remove(&oldest);
        }
        let marks = Arc::new(Marks::default());
        marks.used.store(now.0, Ordering::Relaxed);
        known.insert(mailbox, marks.clone());
        Some(marks)
    }

    /// Knows nothing of a mailbox's marks any more.
    pub(crate) fn forget(&self, mailbox: MailboxId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&mailbox);
    }
}

impl Marks {
    fn buckets(&self) -> MutexGuard<'_, HashMap<u16, [Slot; WAYS]>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on all are known.
    pub(crate) fn is_whole(&self) {
        self.whole.store(true, Ordering::Release);
    }

    /// The place for a new mark, an empty one or that of the oldest, where there surely is none
    /// of this print; for use where all are known.
    pub(crate) fn place_of_new(&self, bucket: u16, print: u32, now: Now) -> Option<u8> {
        self.used.store(now.0, Ordering::Relaxed);
        let slots = self.buckets().get(&bucket).copied().unwrap_or_default();
        if slots.iter().any(|slot| slot.time_s > 0 && slot.print == print) {
            return None;
        }
        let oldest = (0..).zip(slots).min_by_key(|(_, slot)| slot.time_s);
        oldest.map(|(way, _)| way)
    }

    /// There is about to be a mark, in the place of the one that was there.
    pub(crate) fn put(&self, bucket: u16, way: u8, print: u32, time: Now) {
        self.set(bucket, way, Slot { print, time_s: seconds(time) }, |_| true);
    }

    /// There is a mark, unless another has taken its place meanwhile.
    pub(crate) fn was_read(&self, bucket: u16, way: u8, print: u32, time: Now) {
        let slot = Slot { print, time_s: seconds(time) };
        self.set(bucket, way, slot, |slot| slot.time_s == 0);
    }

    fn set(&self, bucket: u16, way: u8, to: Slot, is_free: impl FnOnce(&Slot) -> bool) {
        let mut buckets = self.buckets();
        let slot = buckets.entry(bucket).or_default().get_mut(usize::from(way));
        if let Some(slot) = slot.filter(|slot| is_free(slot)) {
            *slot = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(id: u32) -> MailboxId {
        MailboxId::new(id).unwrap()
    }

    #[test]
    fn a_new_mark_takes_an_empty_place_or_that_of_the_oldest() {
        let known = KnownMarks::default();
        let marks = known.begin(mailbox(1), Now(0)).unwrap();
        assert!(known.begin(mailbox(1), Now(0)).is_none(), "somebody has begun");
        assert!(known.whole(mailbox(1)).is_none() && known.find(mailbox(1)).is_some());
        marks.is_whole();
        assert!(known.whole(mailbox(1)).is_some());
        let minute = |minute: i64| Now(minute * 60_000_000);
        for way in 0..8 {
            assert_eq!(marks.place_of_new(7, 100, minute(1)), Some(way));
            marks.put(7, way, 10 + u32::from(way), minute(20 - i64::from(way)));
        }
        assert_eq!(marks.place_of_new(7, 100, minute(30)), Some(7));
        assert_eq!(marks.place_of_new(7, 13, minute(30)), None, "storage is to be asked");
        assert_eq!(marks.place_of_new(8, 13, minute(30)), Some(0));
        // One that was read late does not take the place of one that came meanwhile.
        marks.put(7, 7, 100, minute(30));
        marks.was_read(7, 7, 17, minute(13));
        assert_eq!(marks.place_of_new(7, 100, minute(30)), None);
        assert_eq!(marks.place_of_new(7, 17, minute(30)), Some(6));
    }

    #[test]
    fn only_a_mailbox_that_is_not_used_makes_room() {
        let known = KnownMarks::default();
        for id in 1..=128 {
            assert!(known.begin(mailbox(id), Now(0)).is_some());
        }
        assert!(known.begin(mailbox(129), Now(UNUSED_US)).is_none());
        known.find(mailbox(5)).unwrap().place_of_new(0, 0, Now(UNUSED_US));
        for id in 129..256 {
            assert!(known.begin(mailbox(id), Now(UNUSED_US + 1)).is_some());
        }
        assert!(known.begin(mailbox(256), Now(UNUSED_US + 1)).is_none());
        assert!(known.find(mailbox(5)).is_some() && known.find(mailbox(6)).is_none());
        known.forget(mailbox(5));
        assert!(known.begin(mailbox(256), Now(UNUSED_US + 1)).is_some());
    }
}
