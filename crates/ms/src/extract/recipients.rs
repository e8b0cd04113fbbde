//! What a heading says of its recipients (X.420 §7.1.3): who of them is asked for an answer
//! (§19.6.2), and as whom the one got the message whose mailbox it is (§19.8), with what
//! precedence. Beyond the first [`LOOKED_AT_MAX`] of each list it looks for nobody.

use restante_ber::{BitString, Decode, Element, Oid, Tag};
use restante_mhs::x411::ORName;
use restante_mhs::x420::RecipientCategory;
use restante_mhs::x420::oids::{ID_REX_CIRCULATION_LIST_INDICATOR, ID_REX_PRECEDENCE};

use super::heading::EXTENSIONS_MAX;
use super::members;
use super::sink::{Sink, retagged};
use crate::attributes::Key;
use crate::matching::names::Name;

/// The precedences that a recipient may have (ub-precedence).
const PRECEDENCES: std::ops::RangeInclusive<i64> = 0..=127;

/// Among how many recipients of each list the one is looked for whose mailbox it is.
const LOOKED_AT_MAX: usize = 1024;

/// How many octets of who is asked for one kind of answer are kept of one list of recipients; a
/// recipient for whom there is no room is left out.
const REQUESTORS_BYTES_MAX: usize = 1 << 20;

/// Bits of notification-requests.
const RN: usize = 0;
const NRN: usize = 1;

/// The recipient whose mailbox it is, and what the heading says of it.
pub(super) struct Own {
    names: Vec<Name>,
    category: Option<RecipientCategory>,
    precedence: Option<i64>,
    /// The highest precedence of all recipients.
    highest: Option<i64>,
}

impl Own {
    pub(super) fn new(names: Vec<Name>) -> Self {
        Self { names, category: None, precedence: None, highest: None }
    }

    fn is(&self, descriptor: &Element<'_>) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let formal = members(descriptor).find(|member| ORName::accepts(member.tag));
        let name = formal.and_then(|formal| Name::decode(&formal).ok());
        name.is_some_and(|name| self.names.iter().any(|own| own.matches(&name)))
    }

    /// Adds the attributes that tell of it.
    pub(super) fn attributes(&self, sink: &mut Sink<'_>) {
        if let Some(precedence) = self.precedence.or(self.highest) {
            sink.made(Key::PRECEDENCE, &precedence);
        }
        if !self.names.is_empty() {
            let category = self.category.unwrap_or(RecipientCategory::CATEGORY_UNKNOWN);
            sink.made(Key::RECIPIENT_CATEGORY, &category);
        }
    }
}

/// A list of RecipientSpecifiers, who of them is asked for notifications or a reply, and what is
/// said of the one whose mailbox it is.
pub(super) fn recipients(
    sink: &mut Sink<'_>,
    (key, category): (Key, RecipientCategory),
    field: &Element<'_>,
    own: &mut Own,
) {
    sink.members(key, field);
    let mut asked = [
        (Key::RN_REQUESTORS, Vec::new()),
        (Key::NRN_REQUESTORS, Vec::new()),
        (Key::REPLY_REQUESTORS, Vec::new()),
    ];
    for (place, specifier) in members(field).enumerate() {
        let mut recipient = None;
        let mut requests = BitString::default();
        let mut reply = false;
        let mut extended = Extended::default();
        for member in members(&specifier) {
            match member.tag {
                tag if tag == Tag::context(0) => recipient = Some(member),
                tag if tag == Tag::context(1) => {
                    requests = BitString::decode_contents(&member).unwrap_or_default();
                }
                tag if tag == Tag::context(2) => {
                    reply = bool::decode_contents(&member).unwrap_or(false);
                }
                tag if tag == Tag::context(3) => extended = Extended::of(&member),
                _ => {}
            }
        }
        let Some(recipient) = recipient else { continue };
        own.highest = own.highest.max(extended.precedence);
        if place < LOOKED_AT_MAX && own.is(&recipient) {
            own.precedence = own.precedence.max(extended.precedence);
            own.category.get_or_insert(match extended.circulation {
                true => RecipientCategory::CIRCULATION_LIST,
                false => category,
            });
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

/// What the extensions of a recipient say.
#[derive(Default)]
struct Extended {
    precedence: Option<i64>,
    /// Whether it is in the circulation list.
    circulation: bool,
}

impl Extended {
    fn of(extensions: &Element<'_>) -> Self {
        let mut said = Self::default();
        for extension in members(extensions).take(EXTENSIONS_MAX) {
            let mut parts = members(&extension);
            let Some(kind) = parts.next().and_then(|kind| Oid::decode(&kind).ok()) else {
                continue;
            };
            if kind == ID_REX_CIRCULATION_LIST_INDICATOR {
                said.circulation = true;
            } else if kind == ID_REX_PRECEDENCE && said.precedence.is_none() {
                let value = parts.next().and_then(|value| i64::decode(&value).ok());
                said.precedence = value.filter(|precedence| PRECEDENCES.contains(precedence));
            }
        }
        said
    }
}
