//! Attributes of what was submitted, from the submission envelope and the MTA's result (X.413
//! §11.4): their octets under one tag, [`SUBMITTED`](super::SUBMITTED),
//! [`PROBED`](super::PROBED) or [`DRAFT`](super::DRAFT).

use restante_ber::{Bytes, Class, Decode, Element, Tag};
use restante_mhs::x411::{ContentType, MTSIdentifier, PerMessageIndicators, Priority};

use super::message::{name_text, priority_column};
use super::{From, Made, Sink, encoded_information_types, extensions, kind, members};
use crate::attributes::Key;

const NAME: Tag = Tag::application(0);
const IDENTIFIER: Tag = Tag::application(4);
const ENCODED_INFORMATION_TYPES: Tag = Tag::application(5);
const PRIORITY: Tag = Tag::application(7);
const INDICATORS: Tag = Tag::application(8);
const CONTENT_IDENTIFIER: Tag = Tag::application(10);
const UTC_TIME: Tag = Tag::universal(23);

/// Both envelope and result, which a draft does not have. Returns the content-type.
pub(super) fn envelope(
    made: &mut Made,
    octets: &Bytes,
    both: &Element<'_>,
) -> Option<ContentType> {
    let mut parts = members(both);
    let envelope = parts.next()?;
    let probe = made.columns.kind == kind::SUBMITTED_PROBE;
    let whole = match probe {
        true => Key::PROBE_SUBMISSION_ENVELOPE,
        false => Key::MESSAGE_SUBMISSION_ENVELOPE,
    };
    made.sink(From::Envelope(octets)).element(whole, &envelope);
    let mut content_type = None;
    for field in members(&envelope) {
        if ContentType::accepts(field.tag) {
            content_type = ContentType::decode_contents(&field).ok();
            continue;
        }
        match field.tag {
            NAME => made.columns.originator = name_text(&field),
            PRIORITY => made.columns.priority = priority_column(&field),
            Tag { class: Class::Context, number: 0 } if probe => {
                let length = i64::decode_contents(&field).ok();
                made.columns.size = length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
            }
            _ => {}
        }
        one_field(&mut made.sink(From::Envelope(octets)), &field, probe);
    }
    defaults(made, octets, probe);
    if let Some(result) = parts.next() {
        self::result(made, octets, &result);
    }
    content_type
}

/// A field that is one attribute, or several.
fn one_field(sink: &mut Sink<'_>, field: &Element<'_>, probe: bool) {
    match field.tag {
        NAME => sink.element(Key::ORIGINATOR_NAME, field),
        ENCODED_INFORMATION_TYPES => {
            encoded_information_types(sink, Key::ORIGINAL_EITS, field);
        }
        PRIORITY => sink.element(Key::PRIORITY, field),
        INDICATORS => sink.element(Key::PER_MESSAGE_INDICATORS, field),
        CONTENT_IDENTIFIER => sink.element(Key::CONTENT_IDENTIFIER, field),
        Tag { class: Class::Context, number } => match (number, probe) {
            (0, true) => sink.retagged(Key::CONTENT_LENGTH, field, Tag::INTEGER),
            (0, false) => sink.retagged(Key::DEFERRED_DELIVERY_TIME, field, UTC_TIME),
            (1, false) => {
                sink.members(Key::PER_RECIPIENT_MESSAGE_SUBMISSION_FIELDS, field);
                recipients(sink, field);
            }
            (2, _) => extensions::attributes(sink, field),
            (3, true) => {
                sink.members(Key::PER_RECIPIENT_PROBE_SUBMISSION_FIELDS, field);
                recipients(sink, field);
            }
            _ => {}
        },
        _ => {}
    }
}

/// Who gets it, and which reports are wanted of each.
fn recipients(sink: &mut Sink<'_>, fields: &Element<'_>) {
    for recipient in members(fields) {
        for member in members(&recipient) {
            match member.tag {
                NAME => sink.element(Key::RECIPIENT_NAMES, &member),
                Tag { class: Class::Context, number: 0 } => {
                    sink.retagged(Key::ORIGINATOR_REPORT_REQUEST, &member, Tag::BIT_STRING);
                }
                _ => {}
            }
        }
    }
}

/// Fields that have a default are never without a value.
fn defaults(made: &mut Made, octets: &Bytes, probe: bool) {
    if !probe && !made.blob.has(Key::PRIORITY) {
        made.columns.priority = 0;
        made.sink(From::Envelope(octets)).made(Key::PRIORITY, &Priority::NORMAL);
    }
    if !made.blob.has(Key::PER_MESSAGE_INDICATORS) {
        let none = PerMessageIndicators::default();
        made.sink(From::Envelope(octets)).made(Key::PER_MESSAGE_INDICATORS, &none);
    }
}

/// What the MTA said when it took it.
fn result(made: &mut Made, octets: &Bytes, result: &Element<'_>) {
    for field in members(result) {
        if field.tag == IDENTIFIER
            && let Ok(identifier) = MTSIdentifier::decode_contents(&field)
        {
            made.columns.message_id = identifier.to_string();
        }
        let mut sink = made.sink(From::Envelope(octets));
        match field.tag {
            IDENTIFIER => sink.element(Key::MESSAGE_IDENTIFIER, &field),
            Tag { class: Class::Context, number: 0 } => {
                sink.retagged(Key::MESSAGE_SUBMISSION_TIME, &field, UTC_TIME);
            }
            Tag { class: Class::Context, number: 1 } => extensions::attributes(&mut sink, &field),
            _ => {}
        }
    }
}
