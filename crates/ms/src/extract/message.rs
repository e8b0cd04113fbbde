//! Attributes of a message from its delivery envelope (X.413 §11.4), and of a forwarded one from
//! the parameters of its body part (X.420 §19).

use restante_ber::{Bytes, Class, Decode, Element, Reader, Tag};
use restante_mhs::x411::{ContentType, DeliveredContentType, MTSIdentifier, ORName, Priority};

use super::{From, Made, NO_PRIORITY, OTHER_PRIORITY, Sink};
use super::{encoded_information_types, extensions, members};
use crate::attributes::Key;
use crate::matching::names;

/// A MessageDeliveryEnvelope. Returns the content-type.
pub(super) fn envelope(
    made: &mut Made,
    octets: &Bytes,
    envelope: &Element<'_>,
) -> Option<ContentType> {
    let mut parts = envelope.children().ok()?;
    let identifier = parts.next_element().ok()??;
    let time = parts.next_element().ok()??;
    let fields = parts.next_element().ok()??;
    let mut sink = made.sink(From::Envelope(octets));
    sink.element(Key::MESSAGE_IDENTIFIER, &identifier);
    sink.element(Key::MESSAGE_DELIVERY_TIME, &time);
    if let Ok(identifier) = MTSIdentifier::decode(&identifier) {
        made.columns.message_id = identifier.to_string();
    }
    other_fields(made, From::Envelope(octets), &fields)
}

/// MessageParameters of a forwarded message: what its delivery was like, as far as who forwarded
/// it says so.
pub(super) fn parameters(made: &mut Made, envelope: &Bytes) {
    let Ok(element) = Reader::over(envelope).only() else { return };
    for member in members(&element) {
        match member.tag {
            tag if tag == Tag::context(0) => made.sink(From::Envelope(envelope)).retagged(
                Key::MESSAGE_DELIVERY_TIME,
                &member,
                UTC_TIME,
            ),
            tag if tag == Tag::context(1) => {
                other_fields(made, From::Envelope(envelope), &member);
            }
            _ => {}
        }
    }
}

/// OtherMessageDeliveryFields. Returns the content-type.
fn other_fields(made: &mut Made, from: From<'_>, fields: &Element<'_>) -> Option<ContentType> {
    let mut content_type = None;
    let mut original = None;
    let mut converted = None;
    for field in members(fields) {
        if DeliveredContentType::accepts(field.tag) {
            let delivered = DeliveredContentType::decode_contents(&field).ok();
            content_type = delivered.map(ContentType::from);
            continue;
        }
        match field.tag {
            ORIGINATOR_NAME => made.columns.originator = name_text(&field),
            PRIORITY => made.columns.priority = priority_column(&field),
            ORIGINAL => original = Some(field),
            CONVERTED => converted = Some(field),
            _ => {}
        }
        one_field(&mut Sink { blob: &mut made.blob, from }, &field);
    }
    let mut sink = Sink { blob: &mut made.blob, from };
    if let Some(delivered) = converted.or(original) {
        encoded_information_types(&mut sink, Key::DELIVERED_EITS, &delivered);
    }
    if made.columns.priority == NO_PRIORITY {
        // DEFAULT normal.
        sink.made(Key::PRIORITY, &Priority::NORMAL);
        made.columns.priority = 0;
    }
    content_type
}

const ORIGINATOR_NAME: Tag = Tag::application(0);
const PRIORITY: Tag = Tag::application(7);
const ORIGINAL: Tag = Tag::context(1);
const CONVERTED: Tag = Tag::context(6);
const UTC_TIME: Tag = Tag::universal(23);

/// A field that is one attribute.
fn one_field(sink: &mut Sink<'_>, field: &Element<'_>) {
    match field.tag {
        ORIGINATOR_NAME => sink.element(Key::ORIGINATOR_NAME, field),
        PRIORITY => sink.element(Key::PRIORITY, field),
        ORIGINAL => encoded_information_types(sink, Key::ORIGINAL_EITS, field),
        CONVERTED => encoded_information_types(sink, Key::CONVERTED_EITS, field),
        Tag { class: Class::Context, number } => match number {
            2 => sink.retagged(Key::DELIVERY_FLAGS, field, Tag::BIT_STRING),
            3 => sink.members(Key::OTHER_RECIPIENT_NAMES, field),
            4 => sink.retagged(Key::THIS_RECIPIENT_NAME, field, ORIGINATOR_NAME),
            5 => {
                sink.retagged(Key::ORIGINALLY_INTENDED_RECIPIENT_NAME, field, ORIGINATOR_NAME);
            }
            7 => sink.retagged(Key::MESSAGE_SUBMISSION_TIME, field, UTC_TIME),
            8 => sink.retagged(Key::CONTENT_IDENTIFIER, field, Tag::application(10)),
            9 => extensions::attributes(sink, field),
            _ => {}
        },
        _ => {}
    }
}

/// An O/R name as people write it.
pub(super) fn name_text(name: &Element<'_>) -> String {
    ORName::decode_contents(name).map(|name| names::text(&name)).unwrap_or_default()
}

pub(super) fn priority_column(field: &Element<'_>) -> u8 {
    Priority::decode_contents(field)
        .ok()
        .and_then(|priority| u8::try_from(priority.0).ok())
        .unwrap_or(OTHER_PRIORITY)
        .min(OTHER_PRIORITY)
}
