//! Attributes of the heading of an interpersonal message (X.420 §19.6.2): the fields, their
//! sub-fields, and the standard heading extensions.

use restante_ber::{Class, Decode, Element, Null, Oid, Tag, oid};
use restante_mhs::x413::string_text;
use restante_mhs::x420::RecipientCategory;

use super::recipients::{Own, recipients};
use super::{members, military, sink::Sink};
use crate::attributes::Key;
use crate::matching::names::Name;

/// The arc of the standard heading extensions.
const EXTENSIONS: Oid = oid!(2, 6, 1, 5);

/// How many extensions of a heading are looked at.
pub(super) const EXTENSIONS_MAX: usize = 256;

const IPM_IDENTIFIER: Tag = Tag::application(11);
const UTC_TIME: Tag = Tag::universal(23);

/// Normal importance.
const IMPORTANCE_DEFAULT: i64 = 1;

/// The attributes of a heading in the mailbox of whom these names mean; none where nobody got it.
/// Returns the subject.
pub(super) fn attributes(
    sink: &mut Sink<'_>,
    heading: &Element<'_>,
    names: Vec<Name>,
) -> Option<String> {
    let mut subject = None;
    let mut own = Own::new(names);
    sink.in_content(Key::HEADING, heading, None);
    for field in members(heading) {
        if field.tag == IPM_IDENTIFIER {
            sink.element(Key::THIS_IPM, &field);
        }
        let Tag { class: Class::Context, number } = field.tag else { continue };
        if number == 8
            && let Ok(text) = field.only_child()
        {
            sink.element(Key::SUBJECT, &text);
            subject = string_text(&text).ok();
        }
        one_field(sink, number, &field, &mut own);
    }
    own.attributes(sink);
    // Fields that have a default are never without a value.
    if !sink.blob.has(Key::IMPORTANCE) {
        sink.blob.here(Key::IMPORTANCE, &enumerated(IMPORTANCE_DEFAULT));
    }
    if !sink.blob.has(Key::AUTO_FORWARDED) {
        sink.made(Key::AUTO_FORWARDED, &false);
    }
    subject
}

fn one_field(sink: &mut Sink<'_>, number: u32, field: &Element<'_>, own: &mut Own) {
    use RecipientCategory as Category;
    match number {
        0 => sink.retagged(Key::ORIGINATOR, field, Tag::SET),
        1 => sink.members(Key::AUTHORIZING_USERS, field),
        2 => recipients(sink, (Key::PRIMARY_RECIPIENTS, Category::PRIMARY_RECIPIENT), field, own),
        3 => recipients(sink, (Key::COPY_RECIPIENTS, Category::COPY_RECIPIENT), field, own),
        4 => {
            let list = (Key::BLIND_COPY_RECIPIENTS, Category::BLIND_COPY_RECIPIENT);
            recipients(sink, list, field, own);
        }
        5 => sink.retagged(Key::REPLIED_TO_IPM, field, IPM_IDENTIFIER),
        6 => sink.members(Key::OBSOLETED_IPMS, field),
        7 => sink.members(Key::RELATED_IPMS, field),
        9 => sink.retagged(Key::EXPIRY_TIME, field, UTC_TIME),
        10 => sink.retagged(Key::REPLY_TIME, field, UTC_TIME),
        11 => sink.members(Key::REPLY_RECIPIENTS, field),
        12 => sink.retagged(Key::IMPORTANCE, field, Tag::ENUMERATED),
        13 => sink.retagged(Key::SENSITIVITY, field, Tag::ENUMERATED),
        14 => sink.retagged(Key::AUTO_FORWARDED, field, Tag::BOOLEAN),
        15 => members(field)
            .take(EXTENSIONS_MAX)
            .for_each(|extension| heading_extension(sink, &extension)),
        _ => {}
    }
}

/// An IPMSExtension of the heading (X.420 Annex A).
fn heading_extension(sink: &mut Sink<'_>, extension: &Element<'_>) {
    let mut parts = members(extension);
    let Some(kind) = parts.next().and_then(|kind| Oid::decode(&kind).ok()) else { return };
    let Some(arc) = kind.last_arc_below(&EXTENSIONS) else {
        return military::extension(sink, &kind, parts.next().as_ref());
    };
    let (key, multiple) = match arc {
        0 => (Key::INCOMPLETE_COPY, false),
        1 => (Key::LANGUAGES, true),
        2 => (Key::AUTO_SUBMITTED, false),
        3 => (Key::BODY_PART_SIGNATURES, false),
        4 => (Key::IPM_SECURITY_LABEL, false),
        5 => (Key::AUTHORIZATION_TIME, false),
        6 => (Key::CIRCULATION_LIST_RECIPIENTS, true),
        7 => (Key::DISTRIBUTION_CODES, true),
        8 => (Key::EXTENDED_SUBJECT, false),
        9 => (Key::INFORMATION_CATEGORY, true),
        10 => (Key::MANUAL_HANDLING_INSTRUCTIONS, true),
        11 => (Key::ORIGINATORS_REFERENCE, false),
        12 => (Key::PRECEDENCE_POLICY_IDENTIFIER, false),
        _ => return,
    };
    match parts.next() {
        _ if sink.blob.has(key) => {}
        Some(value) if multiple => sink.members(key, &value),
        Some(value) => {
            sink.element(key, &value);
            if key == Key::IPM_SECURITY_LABEL {
                let labels = members(&value).find(|member| member.tag == Tag::context(2));
                labels.iter().for_each(|all| sink.members(Key::BODY_PART_SECURITY_LABEL, all));
            }
        }
        // DEFAULT NULL.
        None => sink.made(key, &Null),
    }
}

/// An ENUMERATED.
pub(super) fn enumerated(value: i64) -> Vec<u8> {
    let mut writer = restante_ber::Writer::new();
    restante_ber::Encode::encode_as(&value, Tag::ENUMERATED, &mut writer);
    writer.finish().to_bytes().to_vec()
}
