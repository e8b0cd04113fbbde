//! Attributes that an envelope tells itself (X.413 §6.4): those of what an auto-action did, and,
//! of an entry that is in a log alone, those of the content that it had.
//!
//! ```text
//! event    [6] of Attributes
//! logged   [7] of the envelope that the entry had, then Attributes
//! ```

use restante_ber::{Bytes, Decode, Element, Encode, Oid, Reader, Rope, Writer};
use restante_mhs::x413::{Attribute, AttributeValue, string_text};
use restante_storage::{EntrySource, Extractor as _};

use super::{EVENT, Extractor, From, LOGGED, Made, kind, members};
use crate::attributes::{Blob, Key, Source};
use crate::class::{IS_NOTED, SUBMISSION};

/// The envelope of an entry that is in a log alone.
pub(crate) fn logged(envelope: &Bytes, attributes: &[Attribute]) -> Bytes {
    let mut writer = Writer::new();
    writer.constructed(LOGGED, |writer| {
        write(attributes, writer);
        writer.rope(&Rope::from(envelope.clone()));
    });
    writer.finish().to_bytes()
}

/// The envelope of what an auto-action did.
pub(crate) fn event(attributes: &[Attribute]) -> Bytes {
    let mut writer = Writer::new();
    writer.constructed(EVENT, |writer| write(attributes, writer));
    writer.finish().to_bytes()
}

/// Writes from the end.
fn write(attributes: &[Attribute], writer: &mut Writer) {
    attributes.iter().rev().for_each(|attribute| attribute.encode(writer));
}

/// The envelope proper, and, where it tells attributes, what these stand in.
pub(super) fn split<'a>(element: &Element<'a>) -> (Element<'a>, Option<Reader<'a>>) {
    let whole = *element;
    let Ok(mut parts) = element.children() else { return (whole, None) };
    match element.tag {
        EVENT => (whole, Some(parts)),
        LOGGED => match parts.next_element() {
            Ok(Some(envelope)) => (envelope, Some(parts)),
            _ => (whole, None),
        },
        _ => (whole, None),
    }
}

/// Adds the attributes that an envelope tells.
pub(super) fn attributes(made: &mut Made, octets: &Bytes, mut noted: Reader<'_>) {
    while let Ok(Some(attribute)) = noted.next_element() {
        let mut parts = members(&attribute);
        let Some((oid, values)) = parts.next().zip(parts.next()) else { continue };
        let Some(key) = Oid::decode(&oid).ok().and_then(|oid| Key::of(&oid)) else { continue };
        match (key, members(&values).next()) {
            (Key::CONTENT_LENGTH, Some(length)) => {
                let length = i64::decode_contents(&length).ok();
                made.columns.size = length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
                continue;
            }
            (Key::SUBJECT, Some(subject)) => {
                made.columns.subject = string_text(&subject).unwrap_or_default();
            }
            _ => {}
        }
        made.sink(From::Envelope(octets)).members(key, &values);
    }
}

/// The envelope of an entry that is made in a log alone, from the envelope and the content that it
/// would have had.
pub(crate) fn log_envelope(envelope: &Bytes, content: &Bytes, creation_time: i64) -> Bytes {
    let source = EntrySource { class: SUBMISSION, envelope, content, creation_time, parent: None };
    let extracted = Extractor.extract(&source);
    let blob = Blob::new(extracted.attributes);
    let mut attributes = Vec::new();
    for key in IS_NOTED {
        let mut values = Vec::new();
        for place in blob.places(*key) {
            match place.source {
                Source::Here => place.values(&blob.here(), &mut values),
                Source::Content => place.values(content, &mut values),
                Source::Envelope => place.values(envelope, &mut values),
            }
        }
        let attribute_values: Vec<_> = values.into_iter().map(AttributeValue).collect();
        if !attribute_values.is_empty() {
            attributes.push(Attribute { attribute_type: key.oid(), attribute_values });
        }
    }
    if kind::has_content(extracted.columns.kind) {
        let length = i64::try_from(content.len()).unwrap_or(i64::MAX);
        let attribute_values = vec![AttributeValue::of(&length)];
        let attribute_type = Key::CONTENT_LENGTH.oid();
        attributes.push(Attribute { attribute_type, attribute_values });
    }
    logged(envelope, &attributes)
}
