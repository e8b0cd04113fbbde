//! Attributes of the body of an interpersonal message (X.420 §19.6.3), and the messages that are
//! forwarded in it, which become child-entries (X.413 §6.3.4).

use std::ops::Range;

use restante_ber::{Bytes, Class, Decode, Element, External, Oid, Reader, Tag, oid};
use restante_mhs::p772::ID_ET_MM_MESSAGE;

use super::sink::{Sink, retagged, wrapped};
use super::{
    FORWARDED, FORWARDED_MILITARY, aeronautical, heading::enumerated, heading_and_body, members,
    offset_in, synopsis,
};
use crate::attributes::Key;

/// How many messages forwarded in a content become child-entries; more stay in the content.
pub(super) const FORWARDED_MAX: usize = 1024;
/// How deep they are followed.
pub(super) const FORWARDED_DEPTH_MAX: usize = 16;

/// How many body parts of a message are looked at, those of forwarded ones for themselves.
pub(super) const PARTS_MAX: usize = 1024;

/// The first octet of the types of body parts.
const SEQUENCE_OCTET: u8 = 0x30;
const OCTET_STRING_OCTET: u8 = 0x04;
const CONSTRUCTED_OCTET_STRING_OCTET: u8 = 0x24;

const MESSAGE: u32 = 9;
pub(super) const EXTENDED: u32 = 15;
/// A forwarded message as an extended body part.
const ID_ET_MESSAGE: Oid = oid!(2, 6, 1, 4, 7);

/// A basic body part: its attribute, and those of its parameters and data.
type Basic = (Key, Option<(Key, Key)>);

fn basic(number: u32) -> Option<Basic> {
    Some(match number {
        0 => (Key::IA5_TEXT_BODY_PARTS, Some((Key::IA5_TEXT_PARAMETERS, Key::IA5_TEXT_DATA))),
        3 => {
            let parts = (Key::G3_FACSIMILE_PARAMETERS, Key::G3_FACSIMILE_DATA);
            (Key::G3_FACSIMILE_BODY_PARTS, Some(parts))
        }
        4 => (Key::G4_CLASS1_BODY_PARTS, None),
        5 => (Key::TELETEX_BODY_PARTS, Some((Key::TELETEX_PARAMETERS, Key::TELETEX_DATA))),
        6 => (Key::VIDEOTEX_BODY_PARTS, Some((Key::VIDEOTEX_PARAMETERS, Key::VIDEOTEX_DATA))),
        8 => (Key::ENCRYPTED_BODY_PARTS, Some((Key::ENCRYPTED_PARAMETERS, Key::ENCRYPTED_DATA))),
        11 => (Key::MIXED_MODE_BODY_PARTS, None),
        _ => return None,
    })
}

/// The attributes of a body; those of parts lie in the content.
pub(super) fn attributes(sink: &mut Sink<'_>, body: &Element<'_>) {
    sink.blob.here(Key::IPM_ENTRY_TYPE, &enumerated(0));
    sink.in_content(Key::BODY, body, None);
    if let Some(synopsis) = synopsis::of_body(body) {
        sink.made(Key::IPM_SYNOPSIS, &synopsis);
    }
    let summary = synopsis::summary(body);
    summary.iter().for_each(|part| sink.made(Key::BODY_PARTS_SUMMARY, part));
    if let Some(first) = members(body).next() {
        aeronautical::attributes(sink, &first);
    }
    let mut extended = Vec::new();
    for part in members(body).take(PARTS_MAX) {
        let Tag { class: Class::Context, number } = part.tag else { continue };
        if let Some((whole, parts)) = basic(number) {
            sink.in_content(whole, &part, Some(SEQUENCE_OCTET));
            if let Some((parameters, data)) = parts {
                two_parts(sink, &part, parameters, data);
            }
            continue;
        }
        match number {
            7 => {
                if let Ok(national) = part.only_child() {
                    sink.in_content(Key::NATIONALLY_DEFINED_BODY_PARTS, &national, None);
                }
            }
            14 => {
                let tag = if part.constructed {
                    CONSTRUCTED_OCTET_STRING_OCTET
                } else {
                    OCTET_STRING_OCTET
                };
                sink.in_content(Key::BILATERALLY_DEFINED_BODY_PARTS, &part, Some(tag));
            }
            MESSAGE => two_parts(sink, &part, Key::MESSAGE_PARAMETERS, Key::MESSAGE_DATA),
            EXTENDED => {
                if let Some(kind) = extended_type(&part)
                    && !extended.contains(&kind)
                {
                    sink.made(Key::EXTENDED_BODY_PART_TYPES, &kind);
                    extended.push(kind);
                }
            }
            _ => {}
        }
    }
}

fn two_parts(sink: &mut Sink<'_>, part: &Element<'_>, parameters: Key, data: Key) {
    let mut parts = members(part);
    if let Some(first) = parts.next() {
        sink.in_content(parameters, &first, None);
    }
    if let Some(second) = parts.next() {
        sink.in_content(data, &second, None);
    }
}

pub(super) fn extended_type(part: &Element<'_>) -> Option<Oid> {
    let data = members(part).find(|member| member.tag == Tag::EXTERNAL)?;
    let reference = members(&data).find(|member| member.tag == Tag::OBJECT_IDENTIFIER)?;
    Oid::decode(&reference).ok()
}

/// A message that is forwarded in another, or in one that is forwarded itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// What is kept as its envelope: see [`FORWARDED`].
    pub(crate) envelope: Bytes,
    /// Where its IPM lies in the content.
    pub(crate) range: Range<usize>,
    /// The message in this list that it is forwarded in; `None`: the content's own.
    pub(crate) parent: Option<usize>,
}

/// The messages forwarded in an interpersonal message, each directly followed by those in it.
pub(crate) fn forwarded_messages(content: &Bytes) -> Vec<Forwarded> {
    let mut found = Vec::new();
    if let Ok(Some(object)) = Reader::over(content).next_element() {
        walk(content, &object, None, 0, &mut found);
    }
    found
}

fn walk(
    content: &Bytes,
    object: &Element<'_>,
    parent: Option<usize>,
    depth: usize,
    found: &mut Vec<Forwarded>,
) {
    let Some((_, Some(body))) = heading_and_body(object) else { return };
    if depth == FORWARDED_DEPTH_MAX {
        return;
    }
    for part in members(&body).take(PARTS_MAX) {
        let Some((envelope, data)) = forwarded(&part) else { continue };
        let Some(offset) = offset_in(content, data.octets()) else { continue };
        if found.len() == FORWARDED_MAX {
            return;
        }
        let range = offset..offset + data.octets().len();
        found.push(Forwarded { envelope, range, parent });
        walk(content, &data, Some(found.len() - 1), depth + 1, found);
    }
}

/// Envelope and IPM of a message body part, basic or extended, or of a military one.
pub(super) fn forwarded<'a>(part: &Element<'a>) -> Option<(Bytes, Element<'a>)> {
    if part.tag == Tag::context(MESSAGE) {
        let mut parts = members(part);
        let parameters = parts.next().filter(|first| first.tag == Tag::SET)?;
        let data = parts.next().filter(|second| second.tag == Tag::SEQUENCE)?;
        return Some((retagged(&parameters, FORWARDED), data));
    }
    let tag = match extended_type(part).filter(|_| part.tag == Tag::context(EXTENDED))? {
        kind if kind == ID_ET_MESSAGE => FORWARDED,
        kind if kind == ID_ET_MM_MESSAGE => FORWARDED_MILITARY,
        _ => return None,
    };
    let external = members(part).find(|member| member.tag == Tag::EXTERNAL)?;
    let single = members(&external).find(|member| member.tag == Tag::context(0))?;
    let data = single.only_child().ok().filter(|data| data.tag == Tag::SEQUENCE)?;
    let parameters = members(part)
        .find(|member| member.tag == Tag::context(0))
        .and_then(|member| External::decode_contents(&member).ok()?.value().ok());
    let envelope = parameters
        .as_ref()
        .and_then(|value| value.element().ok())
        .map_or_else(|| wrapped(tag, Bytes::new()), |element| retagged(&element, tag));
    Some((envelope, data))
}
