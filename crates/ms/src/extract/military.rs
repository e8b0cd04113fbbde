//! Heading attributes of military messages (STANAG 4406 Annex A, module MMSHeadingExtensions),
//! from the heading extensions of the same names. They are made of whatever heading has them.

use restante_ber::{Element, Oid, Tag, oid};

use super::{members, sink::Sink};
use crate::attributes::Key;

/// The arc of the military heading extensions.
const EXTENSIONS: Oid = oid!(1, 3, 26, 0, 4406, 0, 2);

/// A heading extension that is not one of X.420's.
pub(super) fn extension(sink: &mut Sink<'_>, kind: &Oid, value: Option<&Element<'_>>) {
    let Some((arc, value)) = kind.last_arc_below(&EXTENSIONS).zip(value) else { return };
    let (key, multiple) = match arc {
        0 => (Key::MMHS_PRIMARY_PRECEDENCE, false),
        1 => (Key::MMHS_COPY_PRECEDENCE, false),
        2 => (Key::MMHS_MESSAGE_TYPE, false),
        3 => (Key::MMHS_ADDRESS_LIST_INDICATOR, true),
        4 => (Key::MMHS_EXEMPTED_ADDRESS, true),
        5 => (Key::MMHS_EXTENDED_AUTHORISATION_INFO, false),
        6 => (Key::MMHS_DISTRIBUTION_CODES, false),
        7 => (Key::MMHS_HANDLING_INSTRUCTIONS, true),
        8 => (Key::MMHS_MESSAGE_INSTRUCTIONS, true),
        9 => (Key::MMHS_CODRESS_MESSAGE, false),
        10 => (Key::MMHS_ORIGINATOR_REFERENCE, false),
        11 => (Key::MMHS_OTHER_RECIPIENTS_INDICATOR, true),
        12 => (Key::MMHS_PILOT_FORWARDING_INFO, true),
        13 => (Key::MMHS_ACP127_MESSAGE_IDENTIFIER, false),
        14 => (Key::MMHS_ORIGINATOR_PLAD, false),
        17 => (Key::MMHS_SECURITY_INFORMATION_LABELS, false),
        _ => return,
    };
    if sink.blob.has(key) {
        return;
    }
    match multiple {
        true => sink.members(key, value),
        false => sink.element(key, value),
    }
    // What is looked for stands inside of these.
    let inside: &[(u32, Key)] = match key {
        Key::MMHS_DISTRIBUTION_CODES => {
            &[(0, Key::MMHS_SIC_CODES), (1, Key::MMHS_DISTRIBUTION_EXTENSIONS)]
        }
        Key::MMHS_SECURITY_INFORMATION_LABELS => &[(2, Key::MMHS_BODY_PART_INFORMATION_LABEL)],
        _ => &[],
    };
    for (number, key) in inside {
        let list = members(value).find(|member| member.tag == Tag::context(*number));
        list.iter().for_each(|list| sink.members(*key, list));
    }
}
