//! An entry's attributes: from its row where they change or are short, from what was made at
//! delivery, and from content and envelope where they lie. What is not asked for is not read.

mod blob;
mod key;
mod selection;

use core::cell::OnceCell;

use restante_ber::{Bytes, Encode, Oid, Rope, Tag, UtcTime, Writer};
use restante_mhs::x413::{AttributeValue, EntryType, RetrievalStatus, SequenceNumber};
use restante_storage::{EntryRow, Family, MailboxId, Query, Storage, StorageError};

use crate::extract::{kind, numbered};
use blob::{Blob, Source};

pub(crate) use blob::BlobWriter;
pub(crate) use key::Key;
pub(crate) use selection::{Requested, checked, information};

/// The tag of an interpersonal message as a content.
const IPM_OCTET: u8 = 0xa0;

/// One entry, read as far as somebody asks.
pub(crate) struct EntryReader<'a, S> {
    storage: &'a S,
    mailbox: MailboxId,
    /// Its row.
    pub(crate) row: EntryRow<'a>,
    blob: OnceCell<Blob>,
    envelope: OnceCell<Bytes>,
    content: OnceCell<Bytes>,
    /// The numbers of its children, where they are known.
    children: OnceCell<Vec<u32>>,
}

/// What an entry is made of, at hand before it is stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtHand {
    /// As the extractor made them.
    pub(crate) attributes: Bytes,
    /// As it is stored.
    pub(crate) envelope: Bytes,
    /// The whole of it.
    pub(crate) content: Bytes,
    /// How far behind the entry's number those of its children are.
    pub(crate) children: Vec<u32>,
}

impl<'a, S: Storage> EntryReader<'a, S> {
    pub(crate) fn new(storage: &'a S, mailbox: MailboxId, row: EntryRow<'a>) -> Self {
        let (blob, envelope, content) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { storage, mailbox, row, blob, envelope, content, children: OnceCell::new() }
    }

    /// The reader of an entry for which storage need not be asked, nor know it.
    pub(crate) fn at_hand(
        storage: &'a S,
        mailbox: MailboxId,
        row: EntryRow<'a>,
        parts: &AtHand,
    ) -> Self {
        let first = row.number;
        let children = parts.children.iter().map(|behind| first.saturating_add(*behind));
        Self {
            storage,
            mailbox,
            row,
            blob: OnceCell::from(Blob::new(parts.attributes.clone())),
            envelope: OnceCell::from(parts.envelope.clone()),
            content: OnceCell::from(parts.content.clone()),
            children: OnceCell::from(children.collect::<Vec<u32>>()),
        }
    }

    /// Whether it is a message that is forwarded in another.
    fn is_forwarded(&self) -> bool {
        self.row.parent.is_some() && self.row.kind == kind::MESSAGE
    }

    /// The values of an attribute, in order; none where the entry does not have it.
    pub(crate) fn values(&self, key: Key) -> Result<Vec<AttributeValue>, StorageError> {
        if let Some(value) = self.row_value(key) {
            return Ok(value.into_iter().collect());
        }
        match key {
            Key::CHILD_SEQUENCE_NUMBERS => self.children(),
            Key::MESSAGE_BODY_PARTS if self.row.kind != kind::REPORT => self.children(),
            Key::CONTENT if kind::has_content(self.row.kind) => Ok(vec![self.content_value()?]),
            Key::MESSAGE_DELIVERY_ENVELOPE if self.is_delivered(kind::MESSAGE) => {
                Ok(vec![AttributeValue(Rope::from(self.envelope()?))])
            }
            Key::REPORT_DELIVERY_ENVELOPE if self.is_delivered(kind::REPORT) => {
                Ok(vec![AttributeValue(Rope::from(self.envelope()?))])
            }
            Key::IPM_SYNOPSIS => {
                let number = |value: &AttributeValue| {
                    let row = &self.row;
                    numbered(&value.octets(), row.number, row.descendants)
                };
                let kept = self.made(key)?;
                let whole = kept.iter().filter_map(number);
                Ok(whole.map(|octets| AttributeValue(Rope::from(octets))).collect())
            }
            key => self.made(key),
        }
    }

    fn is_delivered(&self, kind: u8) -> bool {
        self.row.parent.is_none() && self.row.kind == kind
    }

    /// The value of an attribute that the row is the source of: `Some(None)` where this entry
    /// does not have it, `None` where it comes from elsewhere.
    fn row_value(&self, key: Key) -> Option<Option<AttributeValue>> {
        let row = &self.row;
        let number = |number: u32| AttributeValue::of(&SequenceNumber(number));
        Some(match key {
            Key::SEQUENCE_NUMBER => Some(number(row.number)),
            Key::PARENT_SEQUENCE_NUMBER => row.parent.map(number),
            Key::RETRIEVAL_STATUS => {
                Some(AttributeValue::of(&RetrievalStatus(i64::from(row.status))))
            }
            Key::ENTRY_TYPE => Some(AttributeValue::of(&EntryType(i64::from(row.kind)))),
            Key::CREATION_TIME => {
                Some(AttributeValue::of(&UtcTime(row.creation_time.div_euclid(1_000_000))))
            }
            Key::CONTENT_LENGTH if row.kind == kind::REPORT => None,
            // Not every probe says how long the content would be.
            Key::CONTENT_LENGTH if row.kind == kind::SUBMITTED_PROBE => return None,
            Key::CONTENT_LENGTH => {
                Some(AttributeValue::of(&i64::try_from(row.size).unwrap_or(i64::MAX)))
            }
            Key::CONTENT_TYPE => {
                row.content_type.parse::<Oid>().ok().map(|oid| AttributeValue::of(&oid))
            }
            _ => return None,
        })
    }

    /// What was made at delivery.
    fn made(&self, key: Key) -> Result<Vec<AttributeValue>, StorageError> {
        let blob = load(&self.blob, || {
            let octets = self.storage.attributes(self.mailbox, self.row.number)?;
            Ok(Blob::new(octets.unwrap_or_default()))
        })?;
        let mut values = Vec::new();
        for place in blob.places(key) {
            let source = match place.source {
                Source::Here => blob.here(),
                Source::Content => self.content()?,
                Source::Envelope => self.envelope()?,
            };
            place.values(&source, &mut values);
        }
        Ok(values.into_iter().map(AttributeValue).collect())
    }

    fn envelope(&self) -> Result<Bytes, StorageError> {
        let read = || self.storage.envelope(self.mailbox, self.row.number);
        load(&self.envelope, || Ok(read()?.unwrap_or_default())).cloned()
    }

    fn content(&self) -> Result<Bytes, StorageError> {
        let read = || self.storage.content(self.mailbox, self.row.number);
        load(&self.content, || Ok(read()?.unwrap_or_default())).cloned()
    }

    /// The content as an OCTET STRING, not copied. A forwarded message lies in the content of its
    /// parent under the tag of its body part: its own is put in place.
    fn content_value(&self) -> Result<AttributeValue, StorageError> {
        let content = self.content()?;
        let mut writer = Writer::new();
        if self.is_forwarded() && !content.is_empty() {
            writer.bytes(&content.slice(1..));
            writer.octet(IPM_OCTET);
        } else {
            writer.bytes(&content);
        }
        writer.header(Tag::OCTET_STRING, false, content.len());
        Ok(AttributeValue(writer.finish()))
    }

    /// The numbers of its children.
    fn children(&self) -> Result<Vec<AttributeValue>, StorageError> {
        let row = &self.row;
        let numbers = load(&self.children, || {
            if row.descendants == 0 {
                return Ok(Vec::new());
            }
            let query = Query {
                numbers: row.number..=row.number.saturating_add(row.descendants),
                family: Family::ChildrenOf(row.number),
                ..Query::default()
            };
            let children = self.storage.select(self.mailbox, &query)?;
            Ok(children.iter().map(|child| child.number).collect())
        })?;
        Ok(numbers.iter().map(|number| AttributeValue::of(&SequenceNumber(*number))).collect())
    }
}

/// What a cell holds, loaded where it is empty.
fn load<T>(
    cell: &OnceCell<T>,
    read: impl FnOnce() -> Result<T, StorageError>,
) -> Result<&T, StorageError> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = read()?;
    Ok(cell.get_or_init(|| value))
}

/// How many octets a value takes.
pub(crate) fn len(values: &[AttributeValue]) -> usize {
    values.iter().map(|value| value.0.len()).sum()
}

/// A value in one piece.
pub(crate) fn encoded<T: Encode + ?Sized>(value: &T) -> Bytes {
    value.to_ber()
}
