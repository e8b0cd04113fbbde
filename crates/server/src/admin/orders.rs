//! The beginnings of lists that were put in order lately: whoever turns the pages of a large
//! mailbox, or looks at one again that is as it was, pays for the entries that are shown alone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use restante_storage::MailboxId;

use super::entries::Wanted;

/// Lists that are kept; the one that was made first goes.
const LISTS_MAX: usize = 16;
/// Entries of each, from its beginning.
pub(super) const ENTRIES_MAX: usize = 10_000;
/// How long one is good for: a filter may be about ages.
const TIME: Duration = Duration::from_secs(60);

/// The beginning of a list.
#[derive(Debug)]
pub(super) struct Order {
    /// How many entries the list has.
    pub(super) all: usize,
    /// Of the first of them, the numbers.
    pub(super) numbers: Vec<u32>,
}

#[derive(Debug)]
struct Kept {
    mailbox: MailboxId,
    wanted: Wanted,
    revision: u64,
    made: Instant,
    order: Arc<Order>,
}

/// The lists.
#[derive(Debug, Default)]
pub(crate) struct Orders(Mutex<VecDeque<Kept>>);

impl Orders {
    /// The list that is wanted of a mailbox of this revision.
    pub(super) fn get(
        &self,
        mailbox: MailboxId,
        wanted: &Wanted,
        revision: u64,
        now: Instant,
    ) -> Option<Arc<Order>> {
        let kept = self.locked();
        let found = kept.iter().find(|one| one.mailbox == mailbox && one.wanted == *wanted)?;
        let good = found.revision == revision && now < found.made + TIME;
        good.then(|| found.order.clone())
    }

    /// Keeps a list.
    pub(super) fn keep(
        &self,
        mailbox: MailboxId,
        wanted: Wanted,
        revision: u64,
        order: Arc<Order>,
        made: Instant,
    ) {
        let mut kept = self.locked();
        kept.retain(|one| one.mailbox != mailbox || one.wanted != wanted);
        if kept.len() >= LISTS_MAX {
            kept.pop_front();
        }
        kept.push_back(Kept { mailbox, wanted, revision, made, order });
    }

    /// A panic elsewhere leaves them whole.
    fn locked(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_good_while_its_mailbox_is_as_it_was_and_not_for_long() {
        let orders = Orders::default();
        let mailbox = MailboxId::new(1).unwrap();
        let (now, wanted) = (Instant::now(), Wanted::default());
        let keep = |subject: &str| {
            let wanted = Wanted { subject: Some(subject.into()), ..Wanted::default() };
            let order = Arc::new(Order { all: 1, numbers: vec![1] });
            orders.keep(mailbox, wanted, 1, order, now);
        };
        let order = Arc::new(Order { all: 2, numbers: vec![2, 1] });
        orders.keep(mailbox, wanted.clone(), 2, order, now);
        let found = |revision, at| orders.get(mailbox, &wanted, revision, at);
        assert_eq!(found(2, now).unwrap().numbers, [2, 1]);
        assert!(found(3, now).is_none());
        assert!(found(2, now + TIME).is_none());
        assert!(orders.get(MailboxId::new(2).unwrap(), &wanted, 2, now).is_none());
        for at in 1..LISTS_MAX {
            keep(&at.to_string());
        }
        assert!(found(2, now).is_some());
        keep("one more");
        assert!(found(2, now).is_none(), "the first goes");
    }
}
