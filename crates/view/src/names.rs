//! Names and identifiers as text.

use restante_ber::{Oid, oid};
use restante_mhs::p772::ID_MCT_P772;
use restante_mhs::x411::oids as mts;
use restante_mhs::x420::{IPMIdentifier, ORDescriptor, body_part_name, oids as ipms, text};

/// What people call content types.
const CONTENT_TYPES: [(&str, Oid); 4] = [
    ("P2", oid!(2, 6, 1, 10, 0)),
    ("P22", oid!(2, 6, 1, 10, 1)),
    ("P772", ID_MCT_P772),
    ("unidentified", mts::ID_CONT_UNIDENTIFIED),
];

/// Encoded information types by their names in the standards, without `id-eit-`.
const ENCODED_INFORMATION_TYPES: [(&str, Oid); 11] = [
    ("unknown", mts::ID_EIT_UNKNOWN),
    ("ia5-text", mts::ID_EIT_IA5_TEXT),
    ("g3-facsimile", mts::ID_EIT_G3_FACSIMILE),
    ("g4-class-1", mts::ID_EIT_G4_CLASS_1),
    ("teletex", mts::ID_EIT_TELETEX),
    ("videotex", mts::ID_EIT_VIDEOTEX),
    ("voice", mts::ID_EIT_VOICE),
    ("sfd", mts::ID_EIT_SFD),
    ("mixed-mode", mts::ID_EIT_MIXED_MODE),
    ("file-transfer", ipms::ID_EIT_FILE_TRANSFER),
    ("extended-voice", ipms::ID_EIT_VOICE),
];

/// The arc of X.420's extended body part types, and how many there are below it.
const BODY_PART_TYPES: Oid = oid!(2, 6, 1, 4);
const BODY_PART_TYPES_MAX: u128 = 32;

/// The object identifiers that have a name as values of an attribute.
pub(crate) fn object_identifiers(attribute: &str) -> Vec<(&'static str, Oid)> {
    match attribute {
        "mt-content-type" => CONTENT_TYPES.to_vec(),
        "extended-body-part-types" => (0..BODY_PART_TYPES_MAX)
            .filter_map(|arc| {
                let mut arcs = BODY_PART_TYPES.arcs();
                arcs.push(arc);
                let oid = Oid::from_arcs(&arcs).ok()?;
                Some((body_part_name(&oid)?, oid))
            })
            .collect(),
        name if name.ends_with("EITs") || name.ends_with("-eits") => {
            ENCODED_INFORMATION_TYPES.to_vec()
        }
        _ => Vec::new(),
    }
}

/// A user or a list: what people call it, its O/R name, its telephone number; what there is.
pub(crate) fn descriptor(descriptor: &ORDescriptor) -> String {
    let free = descriptor.free_form_name.as_ref();
    let free = free.map(|name| text::from_teletex(&text::octets(name.as_str())));
    let formal = descriptor.formal_name.as_ref().map(ToString::to_string);
    let telephone = descriptor.telephone_number.as_ref().map(ToString::to_string);
    [free, formal, telephone].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What identifies a message: what its user gave it, and the user.
pub fn ipm_identifier(identifier: &IPMIdentifier) -> String {
    let relative = identifier.user_relative_identifier.as_str();
    match &identifier.user {
        Some(user) => format!("{relative} of {user}"),
        None => relative.to_owned(),
    }
}
