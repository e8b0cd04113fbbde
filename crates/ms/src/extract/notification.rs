//! Attributes of an interpersonal notification (X.420 §19.7).

use restante_ber::{Class, Element, Tag};

use super::{encoded_information_types, heading::enumerated, members, sink::Sink};
use crate::attributes::Key;

const UTC_TIME: Tag = Tag::universal(23);
const PRINTABLE_STRING: Tag = Tag::universal(19);
const SEQUENCE_OCTET: u8 = 0x30;

/// IPMEntryType.
const RECEIPT: i64 = 1;
const NON_RECEIPT: i64 = 2;
const OTHER: i64 = 3;

/// The attributes of an IPN.
pub(super) fn attributes(sink: &mut Sink<'_>, notification: &Element<'_>) {
    for field in members(notification) {
        match (field.tag.class, field.tag.number) {
            (Class::Application, 11) => sink.element(Key::SUBJECT_IPM, &field),
            (Class::Application, 5) => {
                encoded_information_types(sink, Key::CONVERSION_EITS, &field);
            }
            (Class::Context, 1) => sink.retagged(Key::IPN_ORIGINATOR, &field, Tag::SET),
            (Class::Context, 2) => sink.retagged(Key::IPM_INTENDED_RECIPIENT, &field, Tag::SET),
            (Class::Context, 3) => sink.members(Key::NOTIFICATION_EXTENSIONS, &field),
            (Class::Context, 0) => {
                if let Ok(choice) = field.only_child() {
                    kind(sink, &choice);
                }
            }
            _ => {}
        }
    }
}

fn kind(sink: &mut Sink<'_>, choice: &Element<'_>) {
    let entry_type = match choice.tag.number {
        0 => NON_RECEIPT,
        1 => RECEIPT,
        _ => OTHER,
    };
    sink.blob.here(Key::IPM_ENTRY_TYPE, &enumerated(entry_type));
    if entry_type == OTHER {
        sink.members(Key::OTHER_NOTIFICATION_TYPE_FIELDS, choice);
        return;
    }
    for field in members(choice) {
        match (entry_type, field.tag.number) {
            (NON_RECEIPT, 0) => sink.retagged(Key::NON_RECEIPT_REASON, &field, Tag::ENUMERATED),
            (NON_RECEIPT, 1) => sink.retagged(Key::DISCARD_REASON, &field, Tag::ENUMERATED),
            (NON_RECEIPT, 2) => sink.retagged(Key::AUTO_FORWARD_COMMENT, &field, PRINTABLE_STRING),
            (NON_RECEIPT, 3) => sink.in_content(Key::RETURNED_IPM, &field, Some(SEQUENCE_OCTET)),
            (NON_RECEIPT, 4) => sink.members(Key::NRN_EXTENSIONS, &field),
            (RECEIPT, 0) => sink.retagged(Key::RECEIPT_TIME, &field, UTC_TIME),
            (RECEIPT, 1) => sink.retagged(Key::ACKNOWLEDGMENT_MODE, &field, Tag::ENUMERATED),
            (RECEIPT, 2) => sink.retagged(Key::SUPPL_RECEIPT_INFO, &field, PRINTABLE_STRING),
            (RECEIPT, 3) => sink.members(Key::RN_EXTENSIONS, &field),
            _ => {}
        }
    }
    if entry_type == RECEIPT && !sink.blob.has(Key::ACKNOWLEDGMENT_MODE) {
        // DEFAULT manual.
        sink.blob.here(Key::ACKNOWLEDGMENT_MODE, &enumerated(0));
    }
}
