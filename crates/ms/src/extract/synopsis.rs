//! The synopsis of an interpersonal message, and the summary of its body parts (X.420 §19.6.1):
//! what its body consists of, with the numbers of the child-entries that its forwarded messages
//! are.
//!
//! Numbers are not known when they are made: they are kept with those of children counted from the
//! entry's own, and [`numbered`] and [`numbered_descriptor`] make them whole.

use restante_ber::{Decode, Element, Encode, External, Oid, Tag, oid};
use restante_mhs::x413::SequenceNumber;
use restante_mhs::x420::{
    BodyPartDescriptor, BodyPartSynopsis, IPMSynopsis, MessageBodyPartSynopsis,
    NonMessageBodyPartSynopsis,
};

use super::body::{
    EXTENDED, FORWARDED_DEPTH_MAX, FORWARDED_MAX, PARTS_MAX, extended_type, forwarded,
};
use super::{heading_and_body, members};

/// Parameters above this many octets are left out.
const PARAMETERS_BYTES_MAX: usize = 1024;

/// How many body parts a synopsis tells of, those of forwarded messages among them.
const SYNOPSIS_MAX: usize = 2048;

/// The synopsis of a body; `None` where it has too many parts.
pub(super) fn of_body(body: &Element<'_>) -> Option<IPMSynopsis> {
    let mut counted = Counted { parts: 0, messages: 0 };
    let synopsis = synopsis(body, 0, &mut counted);
    (counted.parts <= SYNOPSIS_MAX).then_some(synopsis)
}

/// What was told of so far.
struct Counted {
    parts: usize,
    messages: usize,
}

fn synopsis(body: &Element<'_>, depth: usize, counted: &mut Counted) -> IPMSynopsis {
    let mut parts = Vec::new();
    for part in members(body).take(PARTS_MAX) {
        counted.parts += 1;
        if counted.parts > SYNOPSIS_MAX {
            break;
        }
        parts.push(match forwarded(&part) {
            Some((_, data)) if depth < FORWARDED_DEPTH_MAX && counted.messages < FORWARDED_MAX => {
                counted.messages += 1;
                let number = u32::try_from(counted.messages).map_or(SequenceNumber(0), From::from);
                let inner = heading_and_body(&data).and_then(|(_, body)| body);
                let synopsis = match inner {
                    Some(body) if depth + 1 < FORWARDED_DEPTH_MAX => {
                        synopsis(&body, depth + 1, counted)
                    }
                    _ => IPMSynopsis(Vec::new()),
                };
                BodyPartSynopsis::Message(MessageBodyPartSynopsis { number, synopsis })
            }
            _ => BodyPartSynopsis::NonMessage(NonMessageBodyPartSynopsis {
                r#type: part_type(&part),
                parameters: parameters(&part),
                size: i64::try_from(part.octets().len()).unwrap_or(i64::MAX),
                processed: false,
            }),
        });
    }
    IPMSynopsis(parts)
}

/// What tells of each body part of a body, those of forwarded messages not among them.
pub(super) fn summary(body: &Element<'_>) -> Vec<BodyPartDescriptor> {
    let mut counted = Counted { parts: 0, messages: 0 };
    let parts = (1..).zip(members(body).take(PARTS_MAX));
    let described = parts.map(|(position, part)| BodyPartDescriptor {
        data: part_type(&part),
        parameters: parameters_type(&part),
        this_child_entry: child(&part, &mut counted),
        position,
        size: i64::try_from(part.octets().len()).unwrap_or(i64::MAX),
        processed: false,
    });
    described.collect()
}

/// Which child the message is that a part forwards, counted from its parent; those in it are
/// counted with it.
fn child(part: &Element<'_>, counted: &mut Counted) -> Option<SequenceNumber> {
    let all_counted = counted.messages < FORWARDED_MAX && counted.parts <= SYNOPSIS_MAX;
    let (_, data) = forwarded(part).filter(|_| all_counted)?;
    counted.messages += 1;
    let number = u32::try_from(counted.messages).ok()?;
    if let Some((_, Some(body))) = heading_and_body(&data) {
        synopsis(&body, 1, counted);
    }
    Some(SequenceNumber(number))
}

/// The object identifier of the parameters of a body part's type; none where it has no parameters.
fn parameters_type(part: &Element<'_>) -> Option<Oid> {
    Some(match part.tag.number {
        0 => oid!(2, 6, 1, 11, 0),
        3 => oid!(2, 6, 1, 11, 2),
        5 => oid!(2, 6, 1, 11, 4),
        6 => oid!(2, 6, 1, 11, 5),
        8 => oid!(2, 6, 1, 11, 6),
        9 => oid!(2, 6, 1, 11, 7),
        EXTENDED => {
            let parameters = members(part).find(|member| member.tag == Tag::context(0))?;
            let kind = members(&parameters).find(|m| m.tag == Tag::OBJECT_IDENTIFIER)?;
            Oid::decode(&kind).ok()?
        }
        _ => return None,
    })
}

/// The object identifier of a body part's type.
fn part_type(part: &Element<'_>) -> Oid {
    match part.tag.number {
        0 => oid!(2, 6, 1, 4, 0),
        3 => oid!(2, 6, 1, 4, 2),
        4 => oid!(2, 6, 1, 4, 3),
        5 => oid!(2, 6, 1, 4, 4),
        6 => oid!(2, 6, 1, 4, 5),
        8 => oid!(2, 6, 1, 4, 6),
        9 => oid!(2, 6, 1, 4, 7),
        11 => oid!(2, 6, 1, 4, 8),
        14 => oid!(2, 6, 1, 4, 9),
        EXTENDED => extended_type(part).unwrap_or(UNKNOWN),
        // Nationally defined, and what nobody defined.
        _ => UNKNOWN,
    }
}

/// id-et-nationally-defined.
const UNKNOWN: Oid = oid!(2, 6, 1, 4, 10);

/// The parameters of an extended body part: a file's name and the like.
fn parameters(part: &Element<'_>) -> Option<External> {
    let member = members(part).find(|member| member.tag == Tag::context(0))?;
    let small =
        part.tag == Tag::context(EXTENDED) && member.octets().len() <= PARAMETERS_BYTES_MAX;
    small.then(|| External::decode_contents(&member).ok()).flatten()
}

/// A synopsis with the numbers of children; `None` where they are not all there.
pub(crate) fn numbered(
    octets: &[u8],
    entry: u32,
    descendants: u32,
) -> Option<restante_ber::Bytes> {
    let mut synopsis = IPMSynopsis::from_ber(octets).ok()?;
    number(&mut synopsis, entry, descendants).then(|| synopsis.to_ber())
}

/// A descriptor with the number of its child; without one where that is not there.
pub(crate) fn numbered_descriptor(
    octets: &[u8],
    entry: u32,
    descendants: u32,
) -> Option<restante_ber::Bytes> {
    let mut descriptor = BodyPartDescriptor::from_ber(octets).ok()?;
    let child = descriptor.this_child_entry.filter(|behind| behind.0 <= descendants);
    descriptor.this_child_entry = child.map(|behind| behind.0.saturating_add(entry).into());
    Some(descriptor.to_ber())
}

fn number(synopsis: &mut IPMSynopsis, entry: u32, descendants: u32) -> bool {
    synopsis.0.iter_mut().all(|part| match part {
        BodyPartSynopsis::NonMessage(_) => true,
        BodyPartSynopsis::Message(message) => {
            let known = message.number.0 <= descendants;
            message.number.0 = message.number.0.saturating_add(entry);
            known && number(&mut message.synopsis, entry, descendants)
        }
    })
}
