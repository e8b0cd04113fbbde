//! Attributes of the heading of an interpersonal message (X.420 §19.6.2): the fields, their
//! sub-fields, what is read out of them, and the standard heading extensions.

use restante_ber::{BitString, Class, Decode, Element, Null, Oid, Tag, oid};
use restante_mhs::x411::ORName;
use restante_mhs::x413::string_text;
use restante_mhs::x420::oids::ID_REX_PRECEDENCE;

use super::{
    members, military,
    sink::{Sink, retagged},
};
use crate::attributes::Key;
use crate::matching::names::Name;

/// The arc of the standard heading extensions.
const EXTENSIONS: Oid = oid!(2, 6, 1, 5);

/// How many extensions of a heading are looked at.
const EXTENSIONS_MAX: usize = 256;

/// The precedences that a recipient may have (ub-precedence).
const PRECEDENCES: std::ops::RangeInclusive<i64> = 0..=127;

const IPM_IDENTIFIER: Tag = Tag::application(11);
const UTC_TIME: Tag = Tag::universal(23);

/// How many octets of who is asked for one kind of answer are kept of one list of recipients; a
/// recipient for whom there is no room is left out.
const REQUESTORS_BYTES_MAX: usize = 1 << 20;

/// Normal importance.
const IMPORTANCE_DEFAULT: i64 = 1;

/// Bits of notification-requests.
const RN: usize = 0;
const NRN: usize = 1;

/// The attributes of a heading in the mailbox of `recipient`, where that is known. Returns the
/// subject.
pub(super) fn attributes(
    sink: &mut Sink<'_>,
    heading: &Element<'_>,
    recipient: Option<Name>,
) -> Option<String> {
    let mut subject = None;
    let mut precedence = Precedence { recipient, own: None, highest: None };
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
        one_field(sink, number, &field, &mut precedence);
    }
    if let Some(precedence) = precedence.own.or(precedence.highest) {
        sink.made(Key::PRECEDENCE, &precedence);
    }
    // Fields that have a default are never without a value.
    if !sink.blob.has(Key::IMPORTANCE) {
        sink.blob.here(Key::IMPORTANCE, &enumerated(IMPORTANCE_DEFAULT));
    }
    if !sink.blob.has(Key::AUTO_FORWARDED) {
        sink.made(Key::AUTO_FORWARDED, &false);
    }
    subject
}

/// The precedences that recipients have: that of the one whose mailbox it is, and the highest.
struct Precedence {
    recipient: Option<Name>,
    own: Option<i64>,
    highest: Option<i64>,
}

impl Precedence {
    fn meets(&mut self, descriptor: &Element<'_>, precedence: i64) {
        self.highest = self.highest.max(Some(precedence));
        let formal = members(descriptor).find(|member| ORName::accepts(member.tag));
        let name = formal.and_then(|formal| Name::decode(&formal).ok());
        let own = name.zip(self.recipient.as_ref()).is_some_and(|(name, own)| name.matches(own));
        if own {
            self.own = self.own.max(Some(precedence));
        }
    }
}

fn one_field(sink: &mut Sink<'_>, number: u32, field: &Element<'_>, precedence: &mut Precedence) {
    match number {
        0 => sink.retagged(Key::ORIGINATOR, field, Tag::SET),
        1 => sink.members(Key::AUTHORIZING_USERS, field),
        2 => recipients(sink, Key::PRIMARY_RECIPIENTS, field, precedence),
        3 => recipients(sink, Key::COPY_RECIPIENTS, field, precedence),
        4 => recipients(sink, Key::BLIND_COPY_RECIPIENTS, field, precedence),
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

/// A list of RecipientSpecifiers, who of them is asked for notifications or a reply, and what
/// precedence they have.
fn recipients(sink: &mut Sink<'_>, key: Key, field: &Element<'_>, precedence: &mut Precedence) {
    sink.members(key, field);
    let mut asked = [
        (Key::RN_REQUESTORS, Vec::new()),
        (Key::NRN_REQUESTORS, Vec::new()),
        (Key::REPLY_REQUESTORS, Vec::new()),
    ];
    for specifier in members(field) {
        let mut recipient = None;
        let mut requests = BitString::default();
        let mut reply = false;
        let mut urgency = None;
        for member in members(&specifier) {
            match member.tag {
                tag if tag == Tag::context(0) => recipient = Some(member),
                tag if tag == Tag::context(1) => {
                    requests = BitString::decode_contents(&member).unwrap_or_default();
                }
                tag if tag == Tag::context(2) => {
                    reply = bool::decode_contents(&member).unwrap_or(false);
                }
                tag if tag == Tag::context(3) => urgency = precedence_of(&member),
                _ => {}
            }
        }
        let Some(recipient) = recipient else { continue };
        if let Some(urgency) = urgency {
            precedence.meets(&recipient, urgency);
        }
        let asks = [requests.has(RN), requests.has(NRN), reply];
        for ((_, names), _) in asked.iter_mut().zip(asks).filter(|(_, asks)| *asks) {
            let name = retagged(&recipient, Tag::SET);
            if names.len() + name.len() <= REQUESTORS_BYTES_MAX {
                names.extend_from_slice(&name);
            }
        }
    }
    asked.iter().for_each(|(key, names)| sink.blob.here(*key, names));
}

/// The precedence among the extensions of a recipient.
fn precedence_of(extensions: &Element<'_>) -> Option<i64> {
    members(extensions).take(EXTENSIONS_MAX).find_map(|extension| {
        let mut parts = members(&extension);
        let kind = Oid::decode(&parts.next()?).ok()?;
        let value = parts.next().filter(|_| kind == ID_REX_PRECEDENCE)?;
        i64::decode(&value).ok().filter(|precedence| PRECEDENCES.contains(precedence))
    })
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
        Some(value) => sink.element(key, &value),
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
