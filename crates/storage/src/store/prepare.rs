//! A commit up to the queue, on its caller's thread: checked, extracted, summed.

use bytes::{Bytes, BytesMut};

use super::{
    Shared,
    numbering::{OWN_KEYS, put_floor},
    queue::{Request, Step},
};
use crate::{
    Change, Committed, EntrySource, Extractor, NUMBER_MAX, NewContent, NewEntry, Scope,
    StorageError, Ticket, Transaction,
    record::{Effect, LoggedEntry, encoded_len},
    view::Pin,
};

/// What a transaction may hold beside its contents, octets.
const META_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) fn commit(shared: &Shared, transaction: Transaction) -> Ticket {
    commit_checked(shared, transaction).unwrap_or_else(|error| Ticket::ready(Err(error)))
}

fn commit_checked(shared: &Shared, transaction: Transaction) -> Result<Ticket, StorageError> {
    if let Some(error) = shared.stopped() {
        return Err(error);
    }
    let raise = |change: &Change| matches!(change, Change::RaiseStatus { .. });
    let at_once = transaction.changes.iter().all(raise);
    let mut request = prepare(shared, transaction)?;
    if at_once {
        let raised = raise_at_once(shared, &request);
        let answer = Ticket::ready(Ok(Committed { raised, ..Committed::default() }));
        if raised > 0 {
            shared.queue.push(request)?;
        }
        return Ok(answer);
    }
    let (ticket, answer) = Ticket::pair();
    request.answer = Some(answer);
    shared.queue.push(request)?;
    Ok(ticket)
}

fn raise_at_once(shared: &Shared, request: &Request) -> u32 {
    let mut raised = 0;
    for (step, pin) in request.steps.iter().zip(&request.pins) {
        if let Step::Effect(Effect::RaiseStatus { numbers, to, .. }) = step {
            raised += shared.view.raise_status_now(pin, numbers, *to);
        }
    }
    raised
}

fn prepare(shared: &Shared, transaction: Transaction) -> Result<Request, StorageError> {
    let mut request = Request {
        steps: Vec::with_capacity(transaction.changes.len()),
        meta_bytes: 0,
        entries: 0,
        content: Vec::new(),
        content_bytes: 0,
        content_checksum: 0,
        pins: Vec::new(),
        answer: None,
    };
    for change in transaction.changes {
        let step = prepare_change(shared, change, &mut request)?;
        request.meta_bytes += match &step {
            Step::CreateMailbox { name, about } => 17 + name.len() + about.len(),
            Step::Effect(effect) => encoded_len(std::slice::from_ref(effect)),
        };
        request.steps.push(step);
    }
    if request.meta_bytes > META_BYTES_MAX {
        return Err(StorageError::Invalid("it holds more than 64 MiB beside its contents"));
    }
    Ok(request)
}

fn prepare_change(
    shared: &Shared,
    change: Change,
    request: &mut Request,
) -> Result<Step, StorageError> {
    let mut pin = |mailbox| -> Result<(), StorageError> {
        let pin: Pin = shared.view.pin(mailbox)?;
        request.pins.push(pin);
        Ok(())
    };
    Ok(Step::Effect(match change {
        Change::CreateMailbox { name, about } => {
            return Ok(Step::CreateMailbox { name: name.into(), about });
        }
        Change::RemoveMailbox(id) => Effect::RemoveMailbox { id },
        Change::Store(new) => Effect::Store(prepare_content(&*shared.extractor, new, request)?),
        Change::RaiseStatus { mailbox, mut numbers, to } => {
            pin(mailbox)?;
            numbers.truncate(shared.view.high_water(mailbox)?);
            Effect::RaiseStatus { mailbox, numbers, to }
        }
        Change::SetStatus { mailbox, mut numbers, to } => {
            numbers.truncate(shared.view.high_water(mailbox)?);
            Effect::SetStatus { mailbox, numbers, to }
        }
        Change::Amend { mailbox, number, amendment } => {
            Effect::Amend { mailbox, number, amendment }
        }
        Change::Delete { mailbox, numbers } => {
            pin(mailbox)?;
            Effect::Delete { mailbox, numbers }
        }
        Change::PutValue { scope: Scope::Store, key, .. }
        | Change::RemoveValue { scope: Scope::Store, key }
            if key.starts_with(OWN_KEYS) =>
        {
            return Err(StorageError::Invalid("a key that is the store's own"));
        }
        Change::PutValue { scope, key, value } => Effect::PutValue { scope, key, value },
        Change::RemoveValue { scope, key } => Effect::RemoveValue { scope, key },
        Change::RaiseFloor { to } if to > NUMBER_MAX => {
            return Err(StorageError::Invalid("a floor above the highest number"));
        }
        Change::RaiseFloor { to } => put_floor(to),
        Change::RaiseHighWater { mailbox, to } if to > NUMBER_MAX => {
            return Err(StorageError::NumbersExhausted(mailbox));
        }
        Change::RaiseHighWater { mailbox, to } => Effect::RaiseHighWater { mailbox, to },
    }))
}

fn prepare_content(
    extractor: &dyn Extractor,
    new: NewContent,
    request: &mut Request,
) -> Result<Vec<LoggedEntry>, StorageError> {
    if new.entries.is_empty() {
        return Err(StorageError::Invalid("a content without an entry"));
    }
    let content = join(new.content);
    let from = request.content_bytes;
    let content_range = from..from + content.len() as u64;
    let mut entries = Vec::new();
    for entry in new.entries {
        let (time, range) = (new.creation_time, content_range.clone());
        prepare_entry(entry, time, range, request.entries, &mut entries)?;
    }
    extract(extractor, &mut entries, Some(&content), from);
    request.content_checksum = crc32c::crc32c_append(request.content_checksum, &content);
    request.content_bytes = content_range.end;
    request.entries += entries.len() as u32;
    request.content.push(content);
    Ok(entries)
}

/// The extractor sees one slice: several pieces are joined for it.
fn join(mut pieces: Vec<Bytes>) -> Bytes {
    if pieces.len() == 1 {
        return pieces.pop().unwrap_or_default();
    }
    let mut joined = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    pieces.iter().for_each(|piece| joined.extend_from_slice(piece));
    joined.freeze()
}

/// A parent and its children, in a transaction that has `before` entries before these: numbers
/// are places in the family until the writer gives them, unless they are given.
fn prepare_entry(
    new: NewEntry,
    creation_time: i64,
    content: std::ops::Range<u64>,
    before: u32,
    entries: &mut Vec<LoggedEntry>,
) -> Result<(), StorageError> {
    let first = entries.len();
    let base = new.replaces.unwrap_or(0);
    let entry = |number: usize, parent, class, status, envelope, content| LoggedEntry {
        mailbox: new.mailbox,
        ordinal: before + (first + number) as u32,
        number: base.saturating_add(number as u32),
        parent,
        descendants: 0,
        state: 0,
        creation_time,
        content,
        class,
        status,
        envelope,
        amendment: Bytes::new(),
        replaces: new.replaces.is_some(),
        extracted: Default::default(),
    };
    entries.push(entry(0, None, new.class, new.status, new.envelope, content.clone()));
    if let Some(parent) = entries.last_mut() {
        parent.amendment = new.amendment;
    }
    let length = content.end - content.start;
    // The place of the last entry and of its ancestors: who may have a child now.
    let mut line = vec![0];
    for (place, child) in new.children.into_iter().enumerate() {
        if child.range.start > child.range.end || child.range.end > length {
            return Err(StorageError::Invalid("a child's range is not inside the content"));
        }
        let parent = child.parent.map_or(0, |parent| parent + 1);
        let Some(depth) = line.iter().position(|&ancestor| ancestor == parent) else {
            return Err(StorageError::Invalid("a child does not follow its parent's line"));
        };
        line.truncate(depth + 1);
        line.iter().for_each(|&ancestor| entries[first + ancestor].descendants += 1);
        line.push(place + 1);
        let range = content.start + child.range.start..content.start + child.range.end;
        let parent = Some(base.saturating_add(parent as u32));
        entries.push(entry(place + 1, parent, child.class, child.status, child.envelope, range));
    }
    Ok(())
}

/// Makes columns and attributes of entries that lie with their families, whose content begins at
/// `content_at` of their record's. Where it is damaged, what the envelope alone tells.
pub(super) fn extract(
    extractor: &dyn Extractor,
    entries: &mut [LoggedEntry],
    content: Option<&Bytes>,
    content_at: u64,
) {
    let part = |entry: &LoggedEntry| {
        let range = entry.content.start - content_at..entry.content.end - content_at;
        let part = |content: &Bytes| content.slice(range.start as usize..range.end as usize);
        content.map(part).unwrap_or_default()
    };
    for at in 0..entries.len() {
        let entry = &entries[at];
        // The parent is there as long as a child is, but not every sister that was before it.
        let is_parent = |of: &&LoggedEntry| entry.parent == Some(of.number);
        let parent = entry.parent.and_then(|_| entries[..at].iter().rev().find(is_parent));
        let parent_part = parent.map(part).unwrap_or_default();
        let parent_source = parent.map(|parent| source(parent, &parent_part, None));
        let entry_part = part(entry);
        let source = source(entry, &entry_part, parent_source.as_ref());
        let mut extracted = extractor.extract(&source);
        extracted.columns.cut();
        entries[at].extracted = extracted;
    }
}

fn source<'a>(
    entry: &'a LoggedEntry,
    content: &'a Bytes,
    parent: Option<&'a EntrySource<'a>>,
) -> EntrySource<'a> {
    EntrySource {
        class: entry.class,
        envelope: &entry.envelope,
        content,
        creation_time: entry.creation_time,
        parent,
    }
}
