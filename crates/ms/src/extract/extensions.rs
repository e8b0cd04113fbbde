//! Extension fields of an envelope (X.411 MTSAbstractService, Extension Fields) and the attributes
//! that come from them.

use restante_ber::{Decode, Element, Tag};

use super::{members, sink::Sink};
use crate::attributes::Key;

/// How an extension's value becomes an attribute's.
#[derive(Clone, Copy)]
enum How {
    /// It is the value.
    Whole,
    /// It holds the values.
    Members,
}
use How::{Members, Whole};

/// Standard extensions by number, and the attributes that they are the source of.
const ATTRIBUTES: &[(i64, Key, How)] = &[
    (1, Key::RECIPIENT_REASSIGNMENT_PROHIBITED, Whole),
    (3, Key::DL_EXPANSION_PROHIBITED, Whole),
    (4, Key::CONVERSION_WITH_LOSS_PROHIBITED, Whole),
    (5, Key::LATEST_DELIVERY_TIME, Whole),
    (13, Key::ORIGINATOR_RETURN_ADDRESS, Whole),
    (15, Key::ORIGINATOR_CERTIFICATE, Whole),
    (16, Key::MESSAGE_TOKEN, Whole),
    (17, Key::CONTENT_CONFIDENTIALITY_ALGORITHM, Whole),
    (18, Key::CONTENT_INTEGRITY_CHECK, Whole),
    (19, Key::MESSAGE_ORIGIN_AUTHENTICATION_CHECK, Whole),
    (20, Key::MESSAGE_SECURITY_LABEL, Whole),
    (22, Key::PROOF_OF_DELIVERY_REQUEST, Whole),
    (23, Key::CONTENT_CORRELATOR, Whole),
    (25, Key::REDIRECTION_HISTORY, Members),
    (26, Key::DL_EXPANSION_HISTORY, Members),
    (28, Key::RECIPIENT_CERTIFICATE, Whole),
    (31, Key::REPORTING_DL_NAME, Whole),
    (32, Key::REPORTING_MTA_CERTIFICATE, Whole),
    (33, Key::REPORT_ORIGIN_AUTHENTICATION_CHECK, Whole),
    (34, Key::ORIGINATING_MTA_CERTIFICATE, Whole),
    (37, Key::TRACE_INFORMATION, Members),
    (38, Key::INTERNAL_TRACE_INFORMATION, Members),
    (40, Key::MULTIPLE_ORIGINATOR_CERTIFICATES, Whole),
    (41, Key::BLIND_COPY_RECIPIENTS, Members),
    (42, Key::DL_EXEMPTED_RECIPIENTS, Members),
    (45, Key::CERTIFICATE_SELECTORS, Whole),
];

/// How many extensions of an envelope are looked at.
const EXTENSIONS_MAX: usize = 256;

/// message-security-label.
const SECURITY_LABEL: i64 = 20;

/// The standard extensions of a field: their numbers and values.
pub(super) fn standard<'a>(field: &Element<'a>) -> impl Iterator<Item = (i64, Element<'a>)> {
    members(field).take(EXTENSIONS_MAX).filter_map(|extension| {
        let mut number = None;
        let mut value = None;
        for member in members(&extension) {
            if member.tag == Tag::context(0) {
                number = i64::decode_contents(&member).ok();
            } else if member.tag == Tag::context(2) {
                value = member.only_child().ok();
            }
        }
        Some((number?, value?))
    })
}

/// The attributes of a field of extensions.
pub(super) fn attributes(sink: &mut Sink<'_>, field: &Element<'_>) {
    for (number, value) in standard(field) {
        if let Some((_, key, how)) = ATTRIBUTES.iter().find(|row| row.0 == number)
            && !sink.blob.has(*key)
        {
            match how {
                Whole => sink.element(*key, &value),
                Members => sink.members(*key, &value),
            }
        }
        if number == SECURITY_LABEL
            && let Some(classification) = members(&value).find(|m| m.tag == Tag::INTEGER)
        {
            sink.element(Key::SECURITY_CLASSIFICATION, &classification);
        }
    }
}
