//! What a transaction came to, as its record says it: with all numbers given.
//!
//! An unknown tag or a cut meta is `None` to the reader, which takes the record for damaged: a
//! change that is not understood is never passed over in silence.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use super::octets::{Reader, put_numbers, put_octets};
use crate::{Extracted, MailboxId, NumberSet, Scope};

/// What an entry takes at least in a record, so how many can have been in a lost one.
pub(crate) const ENTRY_BYTES_MIN: u64 = 56;

/// One change, done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    CreateMailbox {
        id: MailboxId,
        high_water: u32,
        name: Arc<str>,
        about: Bytes,
    },
    RemoveMailbox {
        id: MailboxId,
    },
    Store(Vec<LoggedEntry>),
    RaiseStatus {
        mailbox: MailboxId,
        numbers: NumberSet,
        to: u8,
    },
    SetStatus {
        mailbox: MailboxId,
        numbers: NumberSet,
        to: u8,
    },
    Amend {
        mailbox: MailboxId,
        number: u32,
        amendment: Bytes,
    },
    Delete {
        mailbox: MailboxId,
        numbers: NumberSet,
    },
    PutValue {
        scope: Scope,
        key: Bytes,
        value: Bytes,
    },
    RemoveValue {
        scope: Scope,
        key: Bytes,
    },
    /// What rewriting makes of removed values: none has a key between these two.
    RemoveValuesBetween {
        scope: Scope,
        after: Option<Bytes>,
        before: Option<Bytes>,
    },
    RaiseHighWater {
        mailbox: MailboxId,
        to: u32,
    },
}

/// An entry as its record holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggedEntry {
    pub(crate) mailbox: MailboxId,
    /// Its place among all entries that the record had when it was first written.
    pub(crate) ordinal: u32,
    /// The sequence-number; before the writer has given it, the place in the family from 0.
    pub(crate) number: u32,
    /// The parent's number; before the writer has given it, its place in the family.
    pub(crate) parent: Option<u32>,
    pub(crate) descendants: u32,
    /// The change up to which its status is told here.
    pub(crate) state: u64,
    pub(crate) creation_time: i64,
    /// Which octets of the record's content are its own.
    pub(crate) content: Range<u64>,
    pub(crate) class: u8,
    pub(crate) status: u8,
    pub(crate) envelope: Bytes,
    /// What is added to what the extractor made, as the record tells it.
    pub(crate) amendment: Bytes,
    /// Whether its number was given before, and what has it goes.
    pub(crate) replaces: bool,
    /// Made by the extractor, not in the record.
    pub(crate) extracted: Extracted,
}

const CREATE_MAILBOX: u8 = 1;
const REMOVE_MAILBOX: u8 = 2;
const STORE: u8 = 3;
const RAISE_STATUS: u8 = 4;
const DELETE: u8 = 5;
const PUT_VALUE: u8 = 6;
const REMOVE_VALUE: u8 = 7;
const RAISE_HIGH_WATER: u8 = 8;
const STORE_REWRITTEN: u8 = 9;
const REMOVE_VALUES_BETWEEN: u8 = 10;
const SET_STATUS: u8 = 11;
const AMEND: u8 = 12;

/// What else an entry says: bits.
const IS_AMENDED: u8 = 1;
const REPLACES: u8 = 2;

fn scope_number(scope: Scope) -> u32 {
    match scope {
        Scope::Store => 0,
        Scope::Mailbox(mailbox) => mailbox.get(),
    }
}

/// Writes all effects.
pub(crate) fn encode_effects(effects: &[Effect], out: &mut Vec<u8>) {
    let u32 = |value: u32, out: &mut Vec<u8>| out.extend_from_slice(&value.to_le_bytes());
    for effect in effects {
        match effect {
            Effect::CreateMailbox { id, high_water, name, about } => {
                out.push(CREATE_MAILBOX);
                u32(id.get(), out);
                u32(*high_water, out);
                put_octets(name.as_bytes(), out);
                put_octets(about, out);
            }
            Effect::RemoveMailbox { id } => {
                out.push(REMOVE_MAILBOX);
                u32(id.get(), out);
            }
            Effect::Store(entries) => {
                out.push(STORE);
                u32(entries.len() as u32, out);
                entries.iter().for_each(|entry| encode_entry(entry, out));
            }
            Effect::RaiseStatus { mailbox, numbers, to } => {
                out.extend_from_slice(&[RAISE_STATUS, *to]);
                u32(mailbox.get(), out);
                put_numbers(numbers, out);
            }
            Effect::SetStatus { mailbox, numbers, to } => {
                out.extend_from_slice(&[SET_STATUS, *to]);
                u32(mailbox.get(), out);
                put_numbers(numbers, out);
            }
            Effect::Amend { mailbox, number, amendment } => {
                out.push(AMEND);
                u32(mailbox.get(), out);
                u32(*number, out);
                put_octets(amendment, out);
            }
            Effect::Delete { mailbox, numbers } => {
                out.push(DELETE);
                u32(mailbox.get(), out);
                put_numbers(numbers, out);
            }
            Effect::PutValue { scope, key, value } => {
                out.push(PUT_VALUE);
                u32(scope_number(*scope), out);
                put_octets(key, out);
                put_octets(value, out);
            }
            Effect::RemoveValue { scope, key } => {
                out.push(REMOVE_VALUE);
                u32(scope_number(*scope), out);
                put_octets(key, out);
            }
            Effect::RemoveValuesBetween { scope, after, before } => {
                let bounds = u8::from(after.is_some()) | u8::from(before.is_some()) << 1;
                out.extend_from_slice(&[REMOVE_VALUES_BETWEEN, bounds]);
                u32(scope_number(*scope), out);
                [after, before].into_iter().flatten().for_each(|key| put_octets(key, out));
            }
            Effect::RaiseHighWater { mailbox, to } => {
                out.push(RAISE_HIGH_WATER);
                u32(mailbox.get(), out);
                u32(*to, out);
            }
        }
    }
}

/// Writes what is left of a record's entries, which tell their ordinals.
pub(crate) fn encode_rewritten(entries: &[LoggedEntry], out: &mut Vec<u8>) {
    out.push(STORE_REWRITTEN);
    out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    for entry in entries {
        out.extend_from_slice(&entry.ordinal.to_le_bytes());
        encode_entry(entry, out);
    }
}

fn encode_entry(entry: &LoggedEntry, out: &mut Vec<u8>) {
    let numbers =
        [entry.mailbox.get(), entry.number, entry.parent.unwrap_or(0), entry.descendants];
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    out.extend_from_slice(&entry.state.to_le_bytes());
    out.extend_from_slice(&entry.creation_time.to_le_bytes());
    out.extend_from_slice(&entry.content.start.to_le_bytes());
    out.extend_from_slice(&entry.content.end.to_le_bytes());
    let amended = if entry.amendment.is_empty() { 0 } else { IS_AMENDED };
    let replaces = if entry.replaces { REPLACES } else { 0 };
    out.extend_from_slice(&[entry.class, entry.status, amended | replaces, 0]);
    put_octets(&entry.envelope, out);
    if amended != 0 {
        put_octets(&entry.amendment, out);
    }
}

/// How many octets [`encode_effects`] writes; the numbers not yet given don't matter.
pub(crate) fn encoded_len(effects: &[Effect]) -> usize {
    let length = |effect: &Effect| match effect {
        Effect::CreateMailbox { name, about, .. } => 16 + name.len() + about.len(),
        Effect::RemoveMailbox { .. } => 4,
        Effect::Store(entries) => {
            let entry = |entry: &LoggedEntry| {
                let amendment = match entry.amendment.len() {
                    0 => 0,
                    octets => 4 + octets,
                };
                ENTRY_BYTES_MIN as usize + entry.envelope.len() + amendment
            };
            4 + entries.iter().map(entry).sum::<usize>()
        }
        Effect::RaiseStatus { numbers, .. } | Effect::SetStatus { numbers, .. } => {
            9 + numbers.ranges().len() * 8
        }
        Effect::Amend { amendment, .. } => 12 + amendment.len(),
        Effect::Delete { numbers, .. } => 8 + numbers.ranges().len() * 8,
        Effect::PutValue { key, value, .. } => 12 + key.len() + value.len(),
        Effect::RemoveValue { key, .. } => 8 + key.len(),
        Effect::RemoveValuesBetween { after, before, .. } => {
            let bounds = [after, before];
            5 + bounds.into_iter().flatten().map(|key| 4 + key.len()).sum::<usize>()
        }
        Effect::RaiseHighWater { .. } => 8,
    };
    effects.iter().map(|effect| 1 + length(effect)).sum()
}

/// Reads all effects of a transaction's meta.
pub(crate) fn decode_effects(meta: Bytes) -> Option<Vec<Effect>> {
    let mut reader = Reader::new(meta);
    let mut effects = Vec::new();
    let mut ordinal = 0;
    while !reader.is_at_end() {
        effects.push(decode_effect(&mut reader, &mut ordinal)?);
    }
    Some(effects)
}

/// `ordinal` counts the record's entries.
fn decode_effect(reader: &mut Reader, ordinal: &mut u32) -> Option<Effect> {
    Some(match reader.u8()? {
        CREATE_MAILBOX => Effect::CreateMailbox {
            id: reader.mailbox()?,
            high_water: reader.u32()?,
            name: std::str::from_utf8(&reader.octets()?).ok()?.into(),
            about: reader.octets()?,
        },
        REMOVE_MAILBOX => Effect::RemoveMailbox { id: reader.mailbox()? },
        STORE => {
            let count = reader.u32()?;
            let mut entry = || {
                let entry = decode_entry(reader, *ordinal);
                *ordinal = ordinal.checked_add(1)?;
                entry
            };
            Effect::Store((0..count).map(|_| entry()).collect::<Option<_>>()?)
        }
        STORE_REWRITTEN => {
            let count = reader.u32()?;
            let mut entry = || {
                let ordinal = reader.u32()?;
                decode_entry(reader, ordinal)
            };
            Effect::Store((0..count).map(|_| entry()).collect::<Option<_>>()?)
        }
        RAISE_STATUS => {
            let to = reader.u8()?;
            Effect::RaiseStatus { mailbox: reader.mailbox()?, numbers: reader.numbers()?, to }
        }
        SET_STATUS => {
            let to = reader.u8()?;
            Effect::SetStatus { mailbox: reader.mailbox()?, numbers: reader.numbers()?, to }
        }
        AMEND => Effect::Amend {
            mailbox: reader.mailbox()?,
            number: reader.u32()?,
            amendment: reader.octets()?,
        },
        DELETE => Effect::Delete { mailbox: reader.mailbox()?, numbers: reader.numbers()? },
        PUT_VALUE => Effect::PutValue {
            scope: decode_scope(reader)?,
            key: reader.octets()?,
            value: reader.octets()?,
        },
        REMOVE_VALUE => {
            Effect::RemoveValue { scope: decode_scope(reader)?, key: reader.octets()? }
        }
        REMOVE_VALUES_BETWEEN => {
            let bounds = reader.u8().filter(|bounds| *bounds <= 3)?;
            let scope = decode_scope(reader)?;
            let mut bound = |bit| match bounds & bit {
                0 => Some(None),
                _ => reader.octets().map(Some),
            };
            Effect::RemoveValuesBetween { scope, after: bound(1)?, before: bound(2)? }
        }
        RAISE_HIGH_WATER => {
            Effect::RaiseHighWater { mailbox: reader.mailbox()?, to: reader.u32()? }
        }
        _ => return None,
    })
}

fn decode_scope(reader: &mut Reader) -> Option<Scope> {
    Some(match reader.u32()? {
        0 => Scope::Store,
        mailbox => Scope::Mailbox(MailboxId::new(mailbox)?),
    })
}

fn decode_entry(reader: &mut Reader, ordinal: u32) -> Option<LoggedEntry> {
    let mailbox = reader.mailbox()?;
    let (number, parent, descendants) = (reader.u32()?, reader.u32()?, reader.u32()?);
    let (state, creation_time) = (reader.u64()?, reader.i64()?);
    let content = reader.u64()?..reader.u64()?;
    let (class, status) = (reader.u8()?, reader.u8()?);
    let (also, zero) = (reader.u8()?, reader.u8()?);
    if also > IS_AMENDED | REPLACES || zero != 0 || content.start > content.end {
        return None;
    }
    Some(LoggedEntry {
        mailbox,
        ordinal,
        number,
        parent: (parent != 0).then_some(parent),
        descendants,
        state,
        creation_time,
        content,
        class,
        status,
        envelope: reader.octets()?,
        amendment: if also & IS_AMENDED != 0 { reader.octets()? } else { Bytes::new() },
        replaces: also & REPLACES != 0,
        extracted: Extracted::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let id = MailboxId::new(7).unwrap();
        let entry = LoggedEntry {
            mailbox: id,
            ordinal: 0,
            number: 12,
            parent: Some(11),
            descendants: 0,
            state: 99,
            creation_time: -5,
            content: 3..900,
            class: 2,
            status: 1,
            envelope: Bytes::from_static(b"envelope"),
            amendment: Bytes::new(),
            replaces: false,
            extracted: Extracted::default(),
        };
        let (key, value) = (Bytes::from_static(b"key"), Bytes::from_static(b"value"));
        let scope = Scope::Mailbox(id);
        let mut numbers = NumberSet::from(3..=9);
        numbers.insert(14..=14);
        let effects = vec![
            Effect::CreateMailbox { id, high_water: 4, name: "a".into(), about: key.clone() },
            Effect::Store(vec![
                LoggedEntry { replaces: true, amendment: key.clone(), ..entry.clone() },
                LoggedEntry { ordinal: 1, ..entry },
            ]),
            Effect::RaiseStatus { mailbox: id, numbers: numbers.clone(), to: 2 },
            Effect::SetStatus { mailbox: id, numbers: numbers.clone(), to: 0 },
            Effect::Amend { mailbox: id, number: 9, amendment: key.clone() },
            Effect::Delete { mailbox: id, numbers },
            Effect::PutValue { scope: Scope::Store, key: key.clone(), value },
            Effect::RemoveValue { scope, key: key.clone() },
            Effect::RemoveValuesBetween { scope, after: None, before: None },
            Effect::RemoveValuesBetween { scope, after: None, before: Some(key.clone()) },
            Effect::RemoveValuesBetween { scope, after: Some(key.clone()), before: Some(key) },
            Effect::RaiseHighWater { mailbox: id, to: 500 },
            Effect::RemoveMailbox { id },
        ];
        let mut octets = Vec::new();
        encode_effects(&effects, &mut octets);
        assert_eq!(octets.len(), encoded_len(&effects));
        for cut in 1..octets.len() {
            let read = decode_effects(Bytes::copy_from_slice(&octets[..cut]));
            assert!(read.is_none_or(|read| read.len() < effects.len()));
        }
        assert_eq!(decode_effects(octets.into()), Some(effects));
    }

    #[test]
    fn what_is_left_of_a_record_keeps_its_ordinals() {
        let mailbox = MailboxId::new(7).unwrap();
        let entry = |ordinal| LoggedEntry {
            mailbox,
            ordinal,
            number: ordinal + 100,
            parent: None,
            descendants: 0,
            state: 5,
            creation_time: 0,
            content: 0..9,
            class: 0,
            status: 2,
            envelope: Bytes::new(),
            amendment: Bytes::from_static(b"more"),
            replaces: ordinal == 9,
            extracted: Extracted::default(),
        };
        let left = vec![entry(3), entry(9)];
        let mut octets = Vec::new();
        encode_rewritten(&left, &mut octets);
        assert_eq!(decode_effects(octets.into()), Some(vec![Effect::Store(left)]));
    }

    #[test]
    fn an_unknown_tag_is_not_passed_over() {
        assert_eq!(decode_effects(Bytes::from_static(&[77])), None);
    }
}
