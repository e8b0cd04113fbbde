//! Attributes of a report from its delivery envelope (X.413 §11.4).

use restante_ber::{Bytes, Decode, Element, Tag};
use restante_mhs::x411::{ContentType, MTSIdentifier, ORName};

use super::{From, Made, encoded_information_types, extensions, members};
use crate::attributes::Key;

/// originator-and-DL-expansion-history.
const HISTORY: i64 = 30;

const SUBJECT_IDENTIFIER: Tag = Tag::application(4);
const CONTENT_IDENTIFIER: Tag = Tag::application(10);
const ENCODED_INFORMATION_TYPES: Tag = Tag::application(5);
const EXTENSIONS: Tag = Tag::context(1);

/// A ReportDeliveryEnvelope. Returns the content-type of the message that it is about.
pub(super) fn envelope(
    made: &mut Made,
    octets: &Bytes,
    envelope: &Element<'_>,
) -> Option<ContentType> {
    for field in members(envelope) {
        if field.tag == SUBJECT_IDENTIFIER
            && let Ok(identifier) = MTSIdentifier::decode_contents(&field)
        {
            made.columns.message_id = identifier.to_string();
        }
        let mut sink = made.sink(From::Envelope(octets));
        match field.tag {
            SUBJECT_IDENTIFIER => sink.element(Key::SUBJECT_SUBMISSION_IDENTIFIER, &field),
            CONTENT_IDENTIFIER => sink.element(Key::CONTENT_IDENTIFIER, &field),
            ENCODED_INFORMATION_TYPES => {
                encoded_information_types(&mut sink, Key::ORIGINAL_EITS, &field);
            }
            Tag::SEQUENCE => sink.members(Key::PER_RECIPIENT_REPORT_DELIVERY_FIELDS, &field),
            EXTENSIONS => extensions::attributes(&mut sink, &field),
            _ => {}
        }
    }
    content_type(envelope)
}

/// The content-type that a report names.
pub(super) fn content_type(envelope: &Element<'_>) -> Option<ContentType> {
    let field = members(envelope).find(|field| ContentType::accepts(field.tag))?;
    ContentType::decode_contents(&field).ok()
}

/// The originator that the first element of the report's originator-and-DL-expansion-history
/// names (extension 30).
pub(crate) fn recipient_of_history(envelope: &Element<'_>) -> Option<ORName> {
    let field = members(envelope).find(|field| field.tag == EXTENSIONS)?;
    let (_, history) = extensions::standard(&field).find(|(number, _)| *number == HISTORY)?;
    let first = members(&history).next()?;
    let name = members(&first).next()?;
    ORName::decode(&name).ok()
}
