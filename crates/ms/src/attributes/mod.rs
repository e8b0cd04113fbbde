//! An entry's attributes: from its row where they change or are short, from what was made at
//! delivery, and from content and envelope where they lie. What is not asked for is not read.

mod amendment;
mod blob;
mod key;
mod selection;

use core::cell::OnceCell;

use restante_ber::{Bytes, Encode, Oid, Rope, Tag, UtcTime, Writer};
use restante_mhs::x413::{Attribute, AttributeValue, EntryType, RetrievalStatus, SequenceNumber};
use restante_storage::{EntryRow, Family, MailboxId, Query, Storage, StorageError};

use crate::class::{IS_NOTED, is_log};
use crate::extract::{kind, logged, numbered, numbered_descriptor};

pub(crate) use amendment::Amendment;
pub(crate) use blob::{Blob, BlobWriter, Source};
pub(crate) use key::Key;
pub(crate) use selection::{REQUESTED_MAX, Requested, checked, information, write_information};

/// How many octets of its content's attributes an entry leaves in a log; those beyond are not
/// told there.
const NOTED_BYTES_MAX: usize = 8192;

/// The tag of an interpersonal message as a content.
const IPM_OCTET: u8 = 0xa0;

/// One entry, read as far as somebody asks.
pub(crate) struct EntryReader<'a, S> {
    storage: &'a S,
    mailbox: MailboxId,
    /// Its row.
    pub(crate) row: EntryRow<'a>,
    blob: OnceCell<Blob>,
    amendment: OnceCell<Blob>,
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
        let (blob, amendment) = (OnceCell::new(), OnceCell::new());
        let (envelope, content) = (OnceCell::new(), OnceCell::new());
        let children = OnceCell::new();
        Self { storage, mailbox, row, blob, amendment, envelope, content, children }
    }

    /// As [`Self::new`], with attributes that were read already.
    pub(crate) fn with(
        storage: &'a S,
        mailbox: MailboxId,
        row: EntryRow<'a>,
        attributes: Option<Bytes>,
    ) -> Self {
        let blob = attributes.map_or_else(OnceCell::new, |octets| Blob::new(octets).into());
        Self { blob, ..Self::new(storage, mailbox, row) }
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
            amendment: OnceCell::new(),
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
        let mut writer = Writer::new();
        if self.write_of_row(key, &mut writer) {
            let value = Some(writer.finish()).filter(|value| !value.is_empty());
            return Ok(value.map(AttributeValue).into_iter().collect());
        }
        if self.row.amended {
            let amended = amendment::amended(self.amended()?, &self.row, key);
            if !amended.is_empty() {
                return Ok(amended);
            }
        }
        match key {
            Key::CHILD_SEQUENCE_NUMBERS => self.children(),
            Key::AUTO_ACTION_SUBJECT_ENTRY => {
                let number = |value: AttributeValue| value.to::<i64>().ok();
                let numbers = self.made(key)?.into_iter().filter_map(number);
                let subject = numbers.map(|number| before(self.row.number, number));
                Ok(subject.map(|number| AttributeValue::of(&SequenceNumber(number))).collect())
            }
            Key::MESSAGE_BODY_PARTS if self.row.kind != kind::REPORT => self.children(),
            Key::CONTENT if self.has_content() => Ok(vec![self.content_value()?]),
            Key::MESSAGE_DELIVERY_ENVELOPE if self.is_delivered(kind::MESSAGE) => {
                Ok(vec![AttributeValue(Rope::from(self.envelope()?))])
            }
            Key::REPORT_DELIVERY_ENVELOPE if self.is_delivered(kind::REPORT) => {
                Ok(vec![AttributeValue(Rope::from(self.envelope()?))])
            }
            Key::IPM_SYNOPSIS | Key::BODY_PARTS_SUMMARY => {
                let make_whole = match key {
                    Key::IPM_SYNOPSIS => numbered,
                    _ => numbered_descriptor,
                };
                let number = |value: &AttributeValue| {
                    let row = &self.row;
                    make_whole(&value.octets(), row.number, row.descendants)
                };
                let kept = self.made(key)?;
                let whole = kept.iter().filter_map(number);
                Ok(whole.map(|octets| AttributeValue(Rope::from(octets))).collect())
            }
            key => self.made(key),
        }
    }

    /// Whether it has a content.
    pub(crate) fn has_content(&self) -> bool {
        kind::has_content(self.row.kind) && !is_log(self.row.class)
    }

    /// What was added to it.
    pub(crate) fn amendment(&self) -> Result<Amendment, StorageError> {
        if !self.row.amended {
            return Ok(Amendment::default());
        }
        let octets = self.storage.amendment(self.mailbox, self.row.number)?;
        Ok(Amendment::read(octets.unwrap_or_default()))
    }

    fn amended(&self) -> Result<&Blob, StorageError> {
        load(&self.amendment, || {
            let octets = self.storage.amendment(self.mailbox, self.row.number)?;
            Ok(Blob::new(octets.unwrap_or_default()))
        })
    }

    fn is_delivered(&self, kind: u8) -> bool {
        self.row.parent.is_none() && self.row.kind == kind
    }

    /// Writes the values of an attribute as [`Self::values`] has them, in front of what is there.
    pub(crate) fn write_values(&self, key: Key, writer: &mut Writer) -> Result<(), StorageError> {
        if self.write_of_row(key, writer) {
            return Ok(());
        }
        if self.row.amended || !is_as_made(key) {
            self.values(key)?.iter().rev().for_each(|value| value.encode(writer));
            return Ok(());
        }
        let blob = self.blob()?;
        for place in blob.places(key).rev() {
            match place.source {
                Source::Here => place.write(blob.here_octets(), writer),
                Source::Content => place.write(&self.content()?, writer),
                Source::Envelope => place.write(&self.envelope()?, writer),
            }
        }
        Ok(())
    }

    /// Writes the value of an attribute that the row is the source of, unless this entry does not
    /// have it; whether the row is the source.
    fn write_of_row(&self, key: Key, writer: &mut Writer) -> bool {
        let row = &self.row;
        match key {
            Key::SEQUENCE_NUMBER => SequenceNumber(row.number).encode(writer),
            Key::PARENT_SEQUENCE_NUMBER => {
                row.parent.iter().for_each(|parent| SequenceNumber(*parent).encode(writer));
            }
            Key::RETRIEVAL_STATUS => RetrievalStatus(i64::from(row.status)).encode(writer),
            Key::ENTRY_TYPE => EntryType(i64::from(row.kind)).encode(writer),
            Key::CREATION_TIME => {
                UtcTime(row.creation_time.div_euclid(1_000_000)).encode(writer);
            }
            Key::CONTENT_LENGTH if matches!(row.kind, kind::REPORT | kind::EVENT) => {}
            // Not every probe says how long the content would be.
            Key::CONTENT_LENGTH if row.kind == kind::SUBMITTED_PROBE => return false,
            Key::CONTENT_LENGTH => i64::try_from(row.size).unwrap_or(i64::MAX).encode(writer),
            Key::CONTENT_TYPE => {
                row.content_type.parse::<Oid>().iter().for_each(|oid| oid.encode(writer));
            }
            _ => return false,
        }
        true
    }

    fn blob(&self) -> Result<&Blob, StorageError> {
        load(&self.blob, || {
            let octets = self.storage.attributes(self.mailbox, self.row.number)?;
            Ok(Blob::new(octets.unwrap_or_default()))
        })
    }

    /// What was made at delivery.
    fn made(&self, key: Key) -> Result<Vec<AttributeValue>, StorageError> {
        let blob = self.blob()?;
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

    /// The envelope of the entry that it leaves in a log: with what is noted of its content.
    pub(crate) fn log_envelope(&self) -> Result<Bytes, StorageError> {
        let mut attributes = Vec::new();
        let mut octets = 0_usize;
        for key in IS_NOTED {
            let attribute_values = self.values(*key)?;
            octets = octets.saturating_add(len(&attribute_values));
            if octets > NOTED_BYTES_MAX {
                break;
            }
            if !attribute_values.is_empty() {
                attributes.push(Attribute { attribute_type: key.oid(), attribute_values });
            }
        }
        Ok(logged(&self.envelope()?, &attributes))
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

/// Whether an attribute's values are as they were made at delivery, where the row is not their
/// source.
fn is_as_made(key: Key) -> bool {
    !matches!(
        key,
        Key::CHILD_SEQUENCE_NUMBERS
            | Key::MESSAGE_BODY_PARTS
            | Key::CONTENT
            | Key::MESSAGE_DELIVERY_ENVELOPE
            | Key::REPORT_DELIVERY_ENVELOPE
            | Key::IPM_SYNOPSIS
            | Key::BODY_PARTS_SUMMARY
            | Key::AUTO_ACTION_SUBJECT_ENTRY
    )
}

/// Whether the values of an attribute, of most entries, are among what was made at delivery.
pub(crate) fn is_made_at_delivery(key: Key) -> bool {
    let of_row = matches!(
        key,
        Key::SEQUENCE_NUMBER
            | Key::PARENT_SEQUENCE_NUMBER
            | Key::RETRIEVAL_STATUS
            | Key::ENTRY_TYPE
            | Key::CREATION_TIME
            | Key::CONTENT_LENGTH
            | Key::CONTENT_TYPE
    );
    let numbered = [Key::IPM_SYNOPSIS, Key::BODY_PARTS_SUMMARY];
    !of_row && (is_as_made(key) || numbered.contains(&key))
}

/// The number that is meant where an entry of another number says this: where it is negative, how
/// far before its own that is.
pub(crate) fn before(own: u32, said: i64) -> u32 {
    let number = if said < 0 { i64::from(own).saturating_add(said) } else { said };
    u32::try_from(number).unwrap_or(0)
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
