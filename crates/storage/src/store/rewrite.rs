//! What is left of segments when they are rewritten: the log says the same without the rest.
//!
//! Entries that are there stay, in their present state and under their change and ordinal; values
//! that are set stay; mailboxes' creations and removals stay for ever, so that a name's numbers
//! are never given out again. What was deleted or removed, and marks, are told once more in the
//! last records, as long as there is anything before these segments that they may shadow. Told are
//! whole gaps between what is there, so that this never grows beyond what is there.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use bytes::Bytes;

use super::Shared;
use crate::{
    MailboxId, NumberSet, Scope, StorageError,
    log::{Place, RewrittenFile, Segment, read_all},
    record::{
        Effect, Kind, LoggedEntry, Record, RecordHeader, decode_effects, encode_effects,
        encode_rewritten,
    },
};

/// A record as it is written again.
struct Kept {
    header: RecordHeader,
    meta: Vec<u8>,
    content: Bytes,
    has_entries: bool,
}

/// How many records at the end tell what is left out: one that is damaged costs what it holds, and
/// brings back nothing that was deleted.
const TELLING_RECORDS: usize = 2;

/// What the last records tell for all that is left out.
#[derive(Default)]
struct LeftOut {
    deleted: BTreeMap<MailboxId, NumberSet>,
    removed: BTreeMap<Scope, Vec<Removed>>,
    high_water: BTreeMap<MailboxId, u32>,
}

/// Keys that were removed: one, or all between two.
enum Removed {
    Key(Bytes),
    Between(Option<Bytes>, Option<Bytes>),
}

impl Removed {
    /// Whether there may be one of them in a gap.
    fn touches(&self, after: Option<&Bytes>, before: Option<&Bytes>) -> bool {
        let (from, to) = match self {
            Self::Key(key) => (Some(key), Some(key)),
            Self::Between(from, to) => (from.as_ref(), to.as_ref()),
        };
        let begins_before = from.is_none_or(|from| before.is_none_or(|before| from < before));
        let ends_behind = to.is_none_or(|to| after.is_none_or(|after| to > after));
        begins_before && ends_behind
    }
}

impl LeftOut {
    fn raise(&mut self, mailbox: MailboxId, to: u32) {
        let mark = self.high_water.entry(mailbox).or_default();
        *mark = to.max(*mark);
    }
}

/// Segments that follow each other and become one.
pub(super) struct Group {
    pub(super) segments: Vec<Arc<Segment>>,
    /// Whether there is anything before them.
    pub(super) shadows: bool,
}

/// What a group became.
pub(super) struct Rewritten {
    pub(super) segment: Arc<Segment>,
    /// Where the records with entries are, by change.
    pub(super) places: Vec<(u64, Place)>,
}

pub(super) struct Rewriting<'a> {
    shared: &'a Shared,
    file: RewrittenFile<'a>,
    /// The segments that are rewritten.
    sequences: Vec<u64>,
    /// Whether there is anything before them.
    shadows: bool,
    /// The last records that stay: each is written when there are enough behind it.
    held: Vec<Kept>,
    /// What the first record that was read says of the one before it.
    first_previous: Option<u64>,
    /// The change of the last record that was written.
    written: Option<u64>,
    left_out: LeftOut,
    /// Where the records with entries are.
    places: Vec<(u64, Place)>,
}

impl<'a> Rewriting<'a> {
    /// Rewrites a group into one segment with this sequence, and puts it in their place. `pace`
    /// is told how many octets were read. `None` where there is damage in them, which is left for
    /// a person to look at.
    pub(super) fn run(
        shared: &'a Shared,
        group: &Group,
        sequence: u64,
        pace: &mut dyn FnMut(u64) -> Result<(), StorageError>,
    ) -> Result<Option<Rewritten>, StorageError> {
        let Group { segments, shadows } = group;
        let first = segments.iter().map(|segment| segment.first).min().unwrap_or(0);
        let mut rewriting = Self {
            shared,
            file: RewrittenFile::create(&shared.segments, sequence, first, shared.epoch)?,
            sequences: segments.iter().map(|segment| segment.sequence).collect(),
            shadows: *shadows,
            held: Vec::new(),
            first_previous: None,
            written: None,
            left_out: LeftOut::default(),
            places: Vec::new(),
        };
        for segment in segments {
            let whole = read_all(&shared.segments, segment, &mut |place, record| {
                rewriting.record(record)?;
                pace(place.bytes)
            })?;
            if !whole {
                return Ok(None);
            }
        }
        rewriting.finish().map(Some)
    }

    fn record(&mut self, record: Record) -> Result<(), StorageError> {
        self.held.retain(|kept| !kept.meta.is_empty());
        if self.held.len() == TELLING_RECORDS {
            let first = self.held.remove(0);
            self.write(first)?;
        }
        let kept = self.keep(record)?;
        self.held.push(kept);
        Ok(())
    }

    /// Writes a record; its checksums and what it says of its neighbours are those of here.
    fn write(&mut self, kept: Kept) -> Result<(), StorageError> {
        let Kept { mut header, meta, content, has_entries } = kept;
        let change = header.change;
        header.kind = if meta.is_empty() { Kind::Opened } else { Kind::Transaction };
        // All before it is durable when this segment counts.
        header.batch = change;
        header.previous = self.written.replace(change).or(self.first_previous).unwrap_or(0);
        header.meta_bytes = meta.len() as u32;
        header.content_bytes = content.len() as u64;
        header.content_checksum = crc32c::crc32c(&content);
        let place = self.file.write(&header, &meta, &content)?;
        if has_entries {
            self.places.push((change, place));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Rewritten, StorageError> {
        let told = self.told_at_the_end()?;
        for mut kept in std::mem::take(&mut self.held) {
            encode_effects(&told, &mut kept.meta);
            self.write(kept)?;
        }
        Ok(Rewritten { segment: self.file.finish()?, places: self.places })
    }

    /// What of a record stays.
    fn keep(&mut self, record: Record) -> Result<Kept, StorageError> {
        let Record { mut header, meta, content } = record;
        self.first_previous.get_or_insert(header.previous);
        let content = content.sound().cloned().unwrap_or_default();
        let mut kept = Vec::new();
        let mut stores: Vec<Vec<LoggedEntry>> = Vec::new();
        for effect in decode_effects(meta).ok_or_else(unknown)? {
            match effect {
                Effect::Store(mut entries) => {
                    for entry in &entries {
                        self.left_out.raise(entry.mailbox, entry.number);
                    }
                    self.shared.index.retain_living(header.change, &mut entries)?;
                    stores.push(entries);
                }
                effect => kept.extend(self.keep_effect(header.change, effect)?),
            }
        }
        stores.retain(|entries| !entries.is_empty());
        let living = stores.iter().flatten();
        let from = living.clone().map(|entry| entry.content.start).min().unwrap_or(0);
        let to = living.map(|entry| entry.content.end).max().unwrap_or(0);
        let mut meta = Vec::new();
        for entries in &mut stores {
            for entry in entries.iter_mut() {
                entry.content = entry.content.start - from..entry.content.end - from;
            }
            encode_rewritten(entries, &mut meta);
        }
        encode_effects(&kept, &mut meta);
        header.kind = Kind::Transaction;
        let content = content.slice(from as usize..to as usize);
        Ok(Kept { header, meta, content, has_entries: !stores.is_empty() })
    }

    fn keep_effect(
        &mut self,
        change: u64,
        effect: Effect,
    ) -> Result<Option<Effect>, StorageError> {
        let index = &self.shared.index;
        Ok(match effect {
            Effect::CreateMailbox { .. } | Effect::RemoveMailbox { .. } => Some(effect),
            // Its entries were looked at before.
            Effect::Store(_) => None,
            Effect::RaiseStatus { mailbox, numbers, to } => self
                .told_elsewhere(mailbox, &numbers, change..=change)?
                .map(|numbers| Effect::RaiseStatus { mailbox, numbers, to }),
            // Also where it was raised since: that would not hold over what was before this.
            Effect::SetStatus { mailbox, numbers, to } => self
                .told_elsewhere(mailbox, &numbers, change..=u64::MAX)?
                .map(|numbers| Effect::SetStatus { mailbox, numbers, to }),
            Effect::Amend { mailbox, number, .. } => {
                index.amendment_is_of(mailbox, number, change)?.then_some(effect)
            }
            Effect::Delete { mailbox, numbers } => {
                let deleted = self.left_out.deleted.entry(mailbox).or_default();
                numbers.ranges().for_each(|range| deleted.insert(range));
                None
            }
            Effect::PutValue { scope, ref key, .. } => {
                index.value_is_of(scope, key, change)?.then_some(effect)
            }
            Effect::RemoveValue { scope, key } => {
                self.left_out.removed.entry(scope).or_default().push(Removed::Key(key));
                None
            }
            Effect::RemoveValuesBetween { scope, after, before } => {
                let removed = self.left_out.removed.entry(scope).or_default();
                removed.push(Removed::Between(after, before));
                None
            }
            Effect::RaiseHighWater { mailbox, to } => {
                self.left_out.raise(mailbox, to);
                None
            }
        })
    }

    /// The entries of a change of status that have it from one of these changes, and whose own
    /// record is not rewritten with it.
    fn told_elsewhere(
        &self,
        mailbox: MailboxId,
        numbers: &NumberSet,
        changes: RangeInclusive<u64>,
    ) -> Result<Option<NumberSet>, StorageError> {
        let index = &self.shared.index;
        let numbers = index.status_told_elsewhere(mailbox, numbers, changes, &self.sequences)?;
        Ok((!numbers.is_empty()).then_some(numbers))
    }

    /// What the last records tell for what was left out.
    fn told_at_the_end(&self) -> Result<Vec<Effect>, StorageError> {
        let LeftOut { deleted, removed, high_water } = &self.left_out;
        let marks = high_water.iter();
        let mut told: Vec<_> = marks
            .map(|(mailbox, to)| Effect::RaiseHighWater { mailbox: *mailbox, to: *to })
            .collect();
        if !self.shadows {
            return Ok(told);
        }
        for (mailbox, numbers) in deleted {
            let (living, high_water) = self.shared.index.living_numbers(*mailbox)?;
            let numbers = gaps(numbers, &living, high_water);
            if !numbers.is_empty() {
                told.push(Effect::Delete { mailbox: *mailbox, numbers });
            }
        }
        for (scope, removed) in removed {
            let living = self.shared.index.living_keys(*scope)?;
            told.extend(key_gaps(*scope, removed, living));
        }
        Ok(told)
    }
}

fn unknown() -> StorageError {
    StorageError::NotReadable("it holds what this version does not know".into())
}

/// The gaps in `living` in which there may be one of `removed`.
fn key_gaps(scope: Scope, removed: &[Removed], living: Vec<Bytes>) -> Vec<Effect> {
    let mut gaps = Vec::new();
    let mut after = None;
    for before in living.into_iter().map(Some).chain([None]) {
        if removed.iter().any(|removed| removed.touches(after.as_ref(), before.as_ref())) {
            let before = before.clone();
            gaps.push(Effect::RemoveValuesBetween { scope, after, before });
        }
        after = before;
    }
    gaps
}

/// The gaps in `living`, up to `high_water`, in which there is one of `numbers`.
fn gaps(numbers: &NumberSet, living: &[u32], high_water: u32) -> NumberSet {
    let mut gaps = NumberSet::new();
    let mut low = 1;
    for high in living.iter().copied().chain([high_water.saturating_add(1)]) {
        if low < high && numbers.ranges().any(|r| *r.start() < high && *r.end() >= low) {
            gaps.insert(low..=high - 1);
        }
        low = high.saturating_add(1);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleted_numbers_are_told_as_gaps() {
        let told = |numbers: &[u32], living: &[u32], high_water| {
            let numbers: NumberSet = numbers.iter().copied().collect();
            let gaps = gaps(&numbers, living, high_water);
            gaps.ranges().map(|r| (*r.start(), *r.end())).collect::<Vec<_>>()
        };
        assert_eq!(told(&[3, 5], &[], 9), [(1, 9)]);
        assert_eq!(told(&[3], &[1, 5, 9], 9), [(2, 4)]);
        assert_eq!(told(&[3, 12], &[1, 5, 9], 20), [(2, 4), (10, 20)]);
        assert_eq!(told(&[5], &[5], 5), []);
        assert_eq!(told(&[7], &[5], 5), [], "a number that was never given out");
    }
}
