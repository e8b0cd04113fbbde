//! Deliveries that come again: an MTA that did not see the answer delivers once more on another
//! association, and the user is to have one entry, deleted or not.
//!
//! A delivery is known by identifier, recipient, DL-expansion-history and redirection-history; a
//! report by the identifier of its subject, by what it says of each recipient and by its
//! originator-and-DL-expansion-history. In the transaction that stores it, it leaves a mark: a
//! digest of these, the association, and the time. On the association of the mark the MTA
//! decides, and what comes is stored; on another it is a repeat, for a day.
//!
//! ```text
//! key     "delivered/", 2 octets bucket, 1 place in it
//! value   16 octets digest, 16 association, 8 microseconds since 1970; big-endian
//! ```
//!
//! A mailbox has room for [`BUCKETS`] times [`WAYS`] marks, as values of its own. The digest
//! chooses the bucket, where a new mark takes an empty place, else that of the oldest. Marks that
//! are not durable yet are known here in memory, so that of two copies that are under way at once
//! one is stored and the other waits for it.

use std::sync::{Mutex, PoisonError};

use blake2::digest::consts::U16;
use blake2::{Blake2b, Digest};
use bytes::Bytes;
use restante_ber::Encode;
use restante_mhs::x411::{Extensions, MessageDeliveryEnvelope, ReportDeliveryEnvelope, extension};
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError, Ticket};

use crate::Now;
use crate::marks::{KnownMarks, Marks, WAYS};
use crate::matching::names::mts_identifier;

/// How many buckets of marks a mailbox has; at most 65536.
const BUCKETS: u16 = 4096;
/// How long a mark counts, microseconds: a day.
const KEPT_US: i64 = 24 * 60 * 60 * 1_000_000;
/// How many locks the buckets of all mailboxes share.
const SHARDS: usize = 64;

/// Before bucket (2 octets) and place in it (1) in the key of a mark.
const PREFIX: &[u8] = b"delivered/";

/// What tells a delivery from others to the same mailbox: BLAKE2b, since originators choose much
/// of what goes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity([u8; 16]);

impl Identity {
    /// Of a message to one recipient.
    pub(crate) fn of_message(envelope: &MessageDeliveryEnvelope) -> Self {
        let fields = &envelope.other_fields;
        Self::of(&[
            b"message",
            mts_identifier(&envelope.message_delivery_identifier).as_bytes(),
            fields.this_recipient_name.address.key().as_bytes(),
            &value(&fields.extensions, extension::DL_EXPANSION_HISTORY.number),
            &value(&fields.extensions, extension::REDIRECTION_HISTORY.number),
        ])
    }

    /// Of a report.
    pub(crate) fn of_report(envelope: &ReportDeliveryEnvelope) -> Self {
        let history = extension::ORIGINATOR_AND_DL_EXPANSION_HISTORY.number;
        Self::of(&[
            b"report",
            mts_identifier(&envelope.subject_submission_identifier).as_bytes(),
            &envelope.per_recipient_fields.to_ber(),
            &value(&envelope.extensions, history),
        ])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Blake2b::<U16>::new();
        for part in parts {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// Its octets.
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }

    /// From its octets.
    pub(crate) fn from_octets(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// Eight digits of it, for names.
    pub(crate) fn start(&self) -> String {
        self.0.iter().take(4).map(|octet| format!("{octet:02x}")).collect()
    }

    fn bucket(&self) -> u16 {
        let [high, low, ..] = self.0;
        u16::from_be_bytes([high, low]) % BUCKETS
    }

    /// A part of it that has nothing to do with the bucket.
    fn print(&self) -> u32 {
        let [.., a, b, c, d] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

/// The value of an extension as it came, nothing where it is absent.
fn value(extensions: &Extensions, number: i64) -> Bytes {
    extensions.field(number).map(|field| field.value.to_ber()).unwrap_or_default()
}

/// What a delivery leaves.
#[derive(Clone, Copy, Debug)]
struct Mark {
    identity: Identity,
    association: [u8; 16],
    time: Now,
}

impl Mark {
    fn to_bytes(self) -> Bytes {
        let Self { identity, association, time } = self;
        [&identity.0[..], &association, &time.0.to_be_bytes()].concat().into()
    }

    fn from_bytes(octets: &[u8]) -> Option<Self> {
        let (identity, rest) = octets.split_first_chunk()?;
        let (association, time) = rest.split_first_chunk()?;
        let time = Now(i64::from_be_bytes(time.try_into().ok()?));
        Some(Self { identity: Identity(*identity), association: *association, time })
    }

    /// Whether what is known by identity, association and time comes after it as a repeat.
    fn is_repeated(&self, (identity, association, now): (Identity, [u8; 16], Now)) -> bool {
        self.identity == identity
            && self.association != association
            && now.0.saturating_sub(self.time.0) < KEPT_US
    }
}

fn key(bucket: u16, way: u8) -> Bytes {
    [PREFIX, &bucket.to_be_bytes(), &[way]].concat().into()
}

/// The place in its bucket that a key of a mark is about.
fn way(key: &[u8]) -> Option<u8> {
    match key.strip_prefix(PREFIX)? {
        [_, _, way] if usize::from(*way) < WAYS => Some(*way),
        _ => None,
    }
}

/// The bucket that a key of a mark is about.
fn bucket(key: &[u8]) -> Option<u16> {
    match key.strip_prefix(PREFIX)? {
        [high, low, _] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// A mark that is not durable yet.
#[derive(Debug)]
struct UnderWay {
    mailbox: MailboxId,
    way: u8,
    mark: Mark,
    commit: Ticket,
}

/// The times of the marks in a bucket, the lowest where there is none or none that is wanted.
struct Places([i64; WAYS]);

impl Default for Places {
    fn default() -> Self {
        Self([i64::MIN; WAYS])
    }
}

impl Places {
    /// Notes a mark, unless the one that is to come takes its place.
    fn is_taken(&mut self, way: u8, mark: &Mark, to_come: Identity) {
        if let Some(time) = self.0.get_mut(usize::from(way))
            && mark.identity != to_come
        {
            *time = mark.time.0;
        }
    }

    /// The oldest.
    fn choose(self) -> u8 {
        let oldest = (0..).zip(self.0).min_by_key(|(_, time)| *time);
        oldest.map_or(0, |(way, _)| way)
    }
}

/// What becomes of a delivery.
pub(crate) enum Taken {
    /// It is stored when this is ready.
    Stored(Ticket),
    /// There is an entry of it already, durable where there is nothing to wait for.
    Repeated(Option<Ticket>),
}

/// Tells deliveries that come again from others.
#[derive(Debug)]
pub(crate) struct Repeats {
    known: KnownMarks,
    shards: [Mutex<Vec<UnderWay>>; SHARDS],
}

impl Repeats {
    pub(crate) fn new() -> Self {
        let shards = [const { Mutex::new(Vec::new()) }; SHARDS];
        Self { known: KnownMarks::default(), shards }
    }

    /// Whether all marks of a mailbox are in memory.
    pub(crate) fn are_at_hand(&self, mailbox: MailboxId) -> bool {
        self.known.whole(mailbox).is_some()
    }

    /// Reads a mailbox's marks into memory, where that has not begun and there is room.
    fn learn<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        now: Now,
    ) -> Result<(), StorageError> {
        let Some(marks) = self.known.begin(mailbox, now) else { return Ok(()) };
        self.read_marks(storage, mailbox, &marks)
            // Another try is made with the next delivery.
            .inspect_err(|_| self.known.forget(mailbox))
    }

    fn read_marks<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        marks: &Marks,
    ) -> Result<(), StorageError> {
        // Whoever comes from here on notes his mark. What is under way is before what is stored:
        // it is in storage when it is no longer here.
        for shard in &self.shards {
            let under_way = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for UnderWay { way, mark, .. } in
                under_way.iter().rev().filter(|other| other.mailbox == mailbox)
            {
                let identity = &mark.identity;
                marks.was_read(identity.bucket(), *way, identity.print(), mark.time);
            }
        }
        for (key, value) in storage.values(Scope::Mailbox(mailbox), PREFIX)? {
            if let (Some(bucket), Some(way), Some(mark)) =
                (bucket(&key), way(&key), Mark::from_bytes(&value))
            {
                marks.was_read(bucket, way, mark.identity.print(), mark.time);
            }
        }
        marks.is_whole();
        Ok(())
    }

    /// What is stored already of a delivery that can't be stored now: its MTA is not to try again,
    /// nor to report as not delivered, what the user has.
    pub(crate) fn find<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        known_by: (Identity, [u8; 16], Now),
    ) -> Result<Option<Taken>, StorageError> {
        let bucket = known_by.0.bucket();
        let shard = self.shards.get(usize::from(bucket) % SHARDS);
        let Some(shard) = shard else { return Err(StorageError::Closed) };
        let under_way = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let mut here = under_way.iter().filter(|other| other.mailbox == mailbox);
        if let Some(first) = here.find(|other| other.mark.is_repeated(known_by)) {
            return Ok(Some(Taken::Repeated(Some(first.commit.clone()))));
        }
        let marks = marks_of(storage, mailbox, bucket)?;
        let mut marks = marks.iter().filter_map(|(_, value)| Mark::from_bytes(value));
        let is_there = marks.any(|mark| mark.is_repeated(known_by));
        Ok(is_there.then_some(Taken::Repeated(None)))
    }

    /// Has a delivery stored with its mark by `commit`, unless it is a repeat.
    pub(crate) fn take<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        (identity, association, now): (Identity, [u8; 16], Now),
        commit: impl FnOnce(Change) -> Ticket,
    ) -> Result<Taken, StorageError> {
        self.learn(storage, mailbox, now)?;
        let bucket = identity.bucket();
        let shard = self.shards.get(usize::from(bucket) % SHARDS);
        // There is one: the index is below their number.
        let Some(shard) = shard else { return Err(StorageError::Closed) };
        // Held until the mark is known, so that no copy passes in between.
        let mut under_way = shard.lock().unwrap_or_else(PoisonError::into_inner);
        // What is ready can be seen in storage, which is read after this.
        under_way.retain(|other| !other.commit.is_ready());
        let is_repeat = |mark: &Mark| mark.is_repeated((identity, association, now));
        let here =
            |other: &&UnderWay| other.mailbox == mailbox && other.mark.identity.bucket() == bucket;
        if let Some(first) = under_way.iter().filter(here).find(|other| is_repeat(&other.mark)) {
            return Ok(Taken::Repeated(Some(first.commit.clone())));
        }
        let known = self.known.whole(mailbox);
        let new = known.and_then(|marks| marks.place_of_new(bucket, identity.print(), now));
        let way = match new {
            Some(way) => way,
            None => {
                let mut places = Places::default();
                for (key, value) in marks_of(storage, mailbox, bucket)? {
                    let Some((way, mark)) = way(&key).zip(Mark::from_bytes(&value)) else {
                        continue;
                    };
                    if is_repeat(&mark) {
                        return Ok(Taken::Repeated(None));
                    }
                    places.is_taken(way, &mark, identity);
                }
                for other in under_way.iter().filter(here) {
                    places.is_taken(other.way, &other.mark, identity);
                }
                places.choose()
            }
        };
        let scope = Scope::Mailbox(mailbox);
        let mark = Mark { identity, association, time: now };
        let commit =
            commit(Change::PutValue { scope, key: key(bucket, way), value: mark.to_bytes() });
        under_way.push(UnderWay { mailbox, way, mark, commit: commit.clone() });
        if let Some(marks) = self.known.find(mailbox) {
            marks.put(bucket, way, identity.print(), now);
        }
        Ok(Taken::Stored(commit))
    }
}

/// The marks in a bucket as storage has them.
fn marks_of<S: Storage>(
    storage: &S,
    mailbox: MailboxId,
    bucket: u16,
) -> Result<Vec<(Bytes, Bytes)>, StorageError> {
    storage.values(Scope::Mailbox(mailbox), &[PREFIX, &bucket.to_be_bytes()].concat())
}

#[cfg(test)]
#[path = "repeat_tests.rs"]
mod tests;
