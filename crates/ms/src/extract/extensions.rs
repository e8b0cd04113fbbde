//! Extension fields of an envelope (X.411 MTSAbstractService, Extension Fields) and the attributes
//! that come from them.

use restante_ber::{Decode, Element, Tag};

use super::{
    members,
    sink::{Sink, retagged, wrapped},
};
use crate::attributes::Key;

/// How an extension's value becomes an attribute's.
#[derive(Clone, Copy)]
enum How {
    /// It is the value; this is its tag, which some encoders leave out.
    Whole(Tag),
    /// It is the value, of one of several tags.
    Choice,
    /// It holds the values.
    Members,
    /// It is a Certificates, the value an ExtendedCertificates.
    Certificates,
}
use How::{Certificates, Choice, Members, Whole};

const UTC_TIME: Tag = Tag::universal(23);
const OR_NAME: Tag = Tag::application(0);

/// Standard extensions by number, and the attributes that they are the source of.
const ATTRIBUTES: &[(i64, Key, How)] = &[
    (1, Key::RECIPIENT_REASSIGNMENT_PROHIBITED, Whole(Tag::ENUMERATED)),
    (3, Key::DL_EXPANSION_PROHIBITED, Whole(Tag::ENUMERATED)),
    (4, Key::CONVERSION_WITH_LOSS_PROHIBITED, Whole(Tag::ENUMERATED)),
    (5, Key::LATEST_DELIVERY_TIME, Whole(UTC_TIME)),
    (13, Key::ORIGINATOR_RETURN_ADDRESS, Whole(Tag::SEQUENCE)),
    (15, Key::ORIGINATOR_CERTIFICATE, Whole(Tag::SEQUENCE)),
    (16, Key::MESSAGE_TOKEN, Whole(Tag::SEQUENCE)),
    (17, Key::CONTENT_CONFIDENTIALITY_ALGORITHM, Whole(Tag::SEQUENCE)),
    (18, Key::CONTENT_INTEGRITY_CHECK, Whole(Tag::SEQUENCE)),
    (19, Key::MESSAGE_ORIGIN_AUTHENTICATION_CHECK, Whole(Tag::SEQUENCE)),
    (20, Key::MESSAGE_SECURITY_LABEL, Whole(Tag::SET)),
    (22, Key::PROOF_OF_DELIVERY_REQUEST, Whole(Tag::ENUMERATED)),
    (23, Key::CONTENT_CORRELATOR, Choice),
    (24, Key::PROBE_ORIGIN_AUTHENTICATION_CHECK, Whole(Tag::SEQUENCE)),
    (25, Key::REDIRECTION_HISTORY, Members),
    (26, Key::DL_EXPANSION_HISTORY, Members),
    (28, Key::RECIPIENT_CERTIFICATE, Certificates),
    (31, Key::REPORTING_DL_NAME, Whole(OR_NAME)),
    (32, Key::REPORTING_MTA_CERTIFICATE, Whole(Tag::SEQUENCE)),
    (33, Key::REPORT_ORIGIN_AUTHENTICATION_CHECK, Whole(Tag::SEQUENCE)),
    (34, Key::ORIGINATING_MTA_CERTIFICATE, Whole(Tag::SEQUENCE)),
    (35, Key::PROOF_OF_SUBMISSION, Whole(Tag::SEQUENCE)),
    (37, Key::TRACE_INFORMATION, Members),
    (38, Key::INTERNAL_TRACE_INFORMATION, Members),
    (40, Key::MULTIPLE_ORIGINATOR_CERTIFICATES, Whole(Tag::SET)),
    (41, Key::BLIND_COPY_RECIPIENTS, Members),
    (42, Key::DL_EXEMPTED_RECIPIENTS, Members),
    (43, Key::BODY_PART_ENCRYPTION_TOKEN, Whole(Tag::SET)),
    (44, Key::FORWARDED_CONTENT_TOKEN, Whole(Tag::SET)),
    (45, Key::CERTIFICATE_SELECTORS, Choice),
];

/// The tag of the value in an extension field.
const VALUE: Tag = Tag::context(2);

/// How many extensions of an envelope are looked at.
const EXTENSIONS_MAX: usize = 256;

/// message-security-label.
const SECURITY_LABEL: i64 = 20;

/// The standard extensions of a field: their numbers and values. A value whose tag an encoder
/// replaced by that of its member comes with that.
pub(super) fn standard<'a>(field: &Element<'a>) -> impl Iterator<Item = (i64, Element<'a>)> {
    members(field).take(EXTENSIONS_MAX).filter_map(|extension| {
        let mut number = None;
        let mut value = None;
        for member in members(&extension) {
            if member.tag == Tag::context(0) {
                number = i64::decode_contents(&member).ok();
            } else if member.tag == VALUE {
                value = member.open_value().ok();
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
            let bare = value.tag != VALUE;
            match *how {
                Whole(tag) if !bare => sink.retagged(*key, &value, tag),
                Whole(_) => sink.element(*key, &value),
                Choice if bare => sink.element(*key, &value),
                // Which one it was went with its tag.
                Choice => {}
                Members => sink.members(*key, &value),
                Certificates => {
                    let certificate = retagged(&value, Tag::context(1));
                    sink.blob.here(*key, &wrapped(Tag::SET, certificate));
                }
            }
        }
        if number == SECURITY_LABEL
            && let Some(classification) = members(&value).find(|m| m.tag == Tag::INTEGER)
        {
            sink.element(Key::SECURITY_CLASSIFICATION, &classification);
        }
    }
}
