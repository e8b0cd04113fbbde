//! What a caller asks to be changed: a [`Transaction`] is atomic and becomes one record.
//!
//! Sequence-numbers and change-numbers are not in here: the writer assigns them in log order.

use std::{fmt, num::NonZeroU32, ops::Range, ops::RangeInclusive};

use bytes::Bytes;

/// The highest sequence-number there is (X.413 SequenceNumber: 0 to 2^31-1; the first given is 1).
pub const NUMBER_MAX: u32 = 0x7fff_ffff;

/// A mailbox's identifier inside the store; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxId(NonZeroU32);

impl MailboxId {
    /// The lowest there is.
    pub(crate) const FIRST: Self = Self(NonZeroU32::MIN);

    /// From its number: `None` for 0 and above 2^31-1.
    pub fn new(id: u32) -> Option<Self> {
        NonZeroU32::new(id).filter(|id| id.get() <= NUMBER_MAX).map(Self)
    }

    /// Its number, from 1.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole store.
    Store,
    /// One mailbox; its values go when it is removed.
    Mailbox(MailboxId),
}

/// Changes that become durable and visible together, in this order, or not at all.
///
/// A transaction that holds [`Change::RaiseStatus`] alone is visible and its ticket ready at once;
/// it may be lost with the last batch before a crash.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// What is to be done.
    pub changes: Vec<Change>,
}

impl Transaction {
    /// A transaction of one change.
    pub fn of(change: Change) -> Self {
        Self { changes: vec![change] }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// Creates a mailbox. Its identifier comes with [`crate::Committed::mailboxes`]. A name that
    /// was removed before may be used again: its numbers go on where they had ended.
    CreateMailbox {
        /// The name, in its caller's canonical form: compared octet for octet.
        name: String,
        /// What else the caller wants to know of it.
        about: Bytes,
    },
    /// Removes a mailbox, its entries and its values.
    RemoveMailbox(MailboxId),
    /// Stores a content once, with the entries that it has in one or several mailboxes.
    Store(NewContent),
    /// Raises the status of entries to `to` where it is lower; it never goes backwards, so the
    /// order in which two of these arrive does not matter. Numbers above the mailbox's high-water
    /// mark at the time of the commit are left out.
    RaiseStatus {
        /// The mailbox.
        mailbox: MailboxId,
        /// Which entries; those that are gone are passed over. Children are named themselves.
        numbers: NumberSet,
        /// The new status.
        to: u8,
    },
    /// Gives entries a status, a lower one too; in the order of the log with all that raises it.
    /// Those that are gone are passed over, as are numbers above the mailbox's high-water mark at
    /// the time of the commit.
    SetStatus {
        /// The mailbox.
        mailbox: MailboxId,
        /// Which entries. Children are named themselves.
        numbers: NumberSet,
        /// The new status.
        to: u8,
    },
    /// Gives an entry another amendment in the place of the one that it has; passed over where
    /// the entry is gone. It goes with the entry.
    Amend {
        /// The mailbox.
        mailbox: MailboxId,
        /// Which entry.
        number: u32,
        /// What its caller adds to what the extractor made; opaque here. Empty for nothing.
        amendment: Bytes,
    },
    /// Deletes entries with all their descendants; those already gone are passed over.
    Delete {
        /// The mailbox.
        mailbox: MailboxId,
        /// Which entries.
        numbers: NumberSet,
    },
    /// Sets a value.
    PutValue {
        /// What it belongs to.
        scope: Scope,
        /// Its name.
        key: Bytes,
        /// Its new octets.
        value: Bytes,
    },
    /// Removes a value; one that is not there is passed over.
    RemoveValue {
        /// What it belongs to.
        scope: Scope,
        /// Its name.
        key: Bytes,
    },
    /// No number up to and including `to` is given out any more.
    RaiseHighWater {
        /// The mailbox.
        mailbox: MailboxId,
        /// The new mark; a lower one than is in force changes nothing.
        to: u32,
    },
    /// A mailbox that is created from now on gives out no number up to and including `to`.
    RaiseFloor {
        /// The new floor; a lower one than is in force changes nothing.
        to: u32,
    },
}

/// A content and its entries.
#[derive(Debug, Clone)]
pub struct NewContent {
    /// The content, in pieces that follow each other; written from where they lie. One piece is
    /// best: the extractor sees one slice, so several are joined for it.
    pub content: Vec<Bytes>,
    /// When the entries were created: microseconds since 1970-01-01 00:00 UTC.
    pub creation_time: i64,
    /// At least one.
    pub entries: Vec<NewEntry>,
}

/// A new entry, whose content is all of the content that it is stored with.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Where.
    pub mailbox: MailboxId,
    /// Its entry-class, as its caller numbers them.
    pub class: u8,
    /// Its first status.
    pub status: u8,
    /// What came with the content; opaque here.
    pub envelope: Bytes,
    /// What its caller adds to what the extractor makes; opaque here. Empty for nothing.
    pub amendment: Bytes,
    /// The number that it has, and its children those that follow it; none is above the mailbox's
    /// high-water mark. What is under one of them goes, with its descendants. `None` for the next
    /// number.
    pub replaces: Option<u32>,
    /// Child-entries, numbered directly after it, in this order.
    pub children: Vec<Child>,
}

impl NewEntry {
    /// One with the next number, that nothing is added to and that has no children.
    pub fn new(mailbox: MailboxId, class: u8, status: u8, envelope: Bytes) -> Self {
        let (amendment, children) = (Bytes::new(), Vec::new());
        Self { mailbox, class, status, envelope, amendment, replaces: None, children }
    }
}

/// A new child-entry.
#[derive(Debug, Clone)]
pub struct Child {
    /// Its entry-class.
    pub class: u8,
    /// Its first status.
    pub status: u8,
    /// Opaque here.
    pub envelope: Bytes,
    /// Which octets of the stored content are its content.
    pub range: Range<u64>,
    /// Whose child it is: the entry's (`None`), or that of a child before it in the list, by
    /// place. Descendants follow their parent at once (the order is that of a walk in depth).
    pub parent: Option<usize>,
}

/// A set of sequence-numbers, kept as ranges that ascend and do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberSet {
    ranges: Vec<(u32, u32)>,
}

impl NumberSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a range.
    pub fn insert(&mut self, range: RangeInclusive<u32>) {
        let (mut low, mut high) = (*range.start(), *range.end());
        if low > high {
            return;
        }
        let from = self.ranges.partition_point(|r| r.1.saturating_add(1) < low);
        let to = self.ranges.partition_point(|r| r.0 <= high.saturating_add(1));
        if from < to {
            low = low.min(self.ranges[from].0);
            high = high.max(self.ranges[to - 1].1);
        }
        self.ranges.splice(from..to, [(low, high)]);
    }

    /// Takes out all above `high`.
    pub fn truncate(&mut self, high: u32) {
        self.ranges.retain(|r| r.0 <= high);
        if let Some(last) = self.ranges.last_mut() {
            last.1 = last.1.min(high);
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `number` is in it.
    pub fn contains(&self, number: u32) -> bool {
        let at = self.ranges.partition_point(|r| r.1 < number);
        self.ranges.get(at).is_some_and(|r| r.0 <= number)
    }

    /// Its ranges, ascending.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = RangeInclusive<u32>> + '_ {
        self.ranges.iter().map(|&(low, high)| low..=high)
    }
}

impl FromIterator<u32> for NumberSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::new();
        numbers.into_iter().for_each(|number| set.insert(number..=number));
        set
    }
}

impl From<u32> for NumberSet {
    fn from(number: u32) -> Self {
        Self { ranges: vec![(number, number)] }
    }
}

impl From<RangeInclusive<u32>> for NumberSet {
    fn from(range: RangeInclusive<u32>) -> Self {
        let mut set = Self::new();
        set.insert(range);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(set: &NumberSet) -> Vec<(u32, u32)> {
        set.ranges().map(|r| (*r.start(), *r.end())).collect()
    }

    #[test]
    fn ranges_that_touch_are_joined() {
        let mut set: NumberSet = [9, 1, 2, 5, 3].into_iter().collect();
        assert_eq!(ranges(&set), [(1, 3), (5, 5), (9, 9)]);
        set.insert(4..=8);
        assert_eq!(ranges(&set), [(1, 9)]);
        set.insert(20..=u32::MAX);
        set.insert(12..=13);
        assert_eq!(ranges(&set), [(1, 9), (12, 13), (20, u32::MAX)]);
        assert!(set.contains(13) && !set.contains(14) && set.contains(u32::MAX));
    }

    #[test]
    fn truncating_cuts_within_a_range() {
        let mut set = NumberSet::from(3..=9);
        set.insert(12..=15);
        set.truncate(7);
        assert_eq!(ranges(&set), [(3, 7)]);
        set.truncate(2);
        assert!(set.is_empty());
    }
}
