//! Attribute-types as the store keeps them: two octets, made of the last arcs of the object
//! identifiers of X.413 (`2.6.4.3.n`), X.420 (`2.6.1.f.n`), STANAG 4406
//! (`1.3.26.0.4406.0.3.n`) and the store's own.

use restante_ber::{Oid, oid};

/// An attribute-type of the general or the interpersonal messaging table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u16);

/// The family that stands for `2.6.4.3`: X.420 does not use 0 for attributes.
const GENERAL: u8 = 0;
/// The arc of attributes of the body.
const BODY: u8 = 8;
/// The arc of attributes of correlation.
const CORRELATION: u8 = 13;

impl Key {
    /// From its two octets.
    pub(crate) const fn from_octets(octets: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(octets))
    }

    /// Its two octets.
    pub(crate) const fn octets(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// Whether entries can have it here.
    pub(crate) fn is_made(self) -> bool {
        NAMED.iter().any(|(key, _)| *key == self)
    }

    /// Whether it is an attribute of the body of an interpersonal message (X.420 §19.6.3).
    pub(crate) fn is_of_body(self) -> bool {
        let [family, _] = self.octets();
        family == BODY
    }

    /// Whether it is of the general table (X.413 §11).
    pub(crate) fn is_general(self) -> bool {
        let [family, _] = self.octets();
        family == GENERAL
    }

    /// Whether it tells of a correlation of interpersonal messages (X.420 §19.8).
    pub(crate) fn is_correlation(self) -> bool {
        let [family, _] = self.octets();
        family == CORRELATION
    }

    /// The object identifier.
    pub(crate) fn oid(self) -> Oid {
        let [family, arc] = self.octets().map(u128::from);
        let arcs = match family {
            0 => [2, 6, 4, 3, arc],
            _ => [2, 6, 1, family, arc],
        };
        Oid::from_arcs(&arcs).unwrap_or(oid!(2, 6))
    }

    /// The key of an object identifier, `None` where it lies in neither table's arcs.
    pub(crate) fn of(oid: &Oid) -> Option<Self> {
        match oid.contents() {
            [0x56, 4, 3, arc @ 0..0x80] => Some(Self::from_octets([GENERAL, *arc])),
            [0x56, 1, family @ 6..=13, arc @ 0..0x80] => Some(Self::from_octets([*family, *arc])),
            [0x2b, 0x1a, 0, 0xa2, 0x36, 0, 3, arc @ 0..0x80] => {
                Some(Self::from_octets([MILITARY, *arc]))
            }
            [own @ .., arc @ 0..0x80] if own == OWN.contents() => {
                Some(Self::from_octets([AERONAUTICAL, *arc]))
            }
            _ => None,
        }
    }
}

/// The family of heading attributes of military messages (STANAG 4406).
const MILITARY: u8 = 14;
/// The family of attributes of the ATS-message-header.
const AERONAUTICAL: u8 = 15;
/// What this store's own attribute-types lie below.
const OWN: Oid = oid!(2, 25, 47_492_598_147_780_970_565_044_656_520_075_791_522);

macro_rules! keys {
    ($($family:literal { $($constant:ident $arc:literal $name:literal;)* })*) => {
        impl Key {
            $($(
                #[doc = concat!("`", $name, "`")]
                pub(crate) const $constant: Self = Self::from_octets([$family, $arc]);
            )*)*
        }

        /// The attributes that entries can have here.
        const NAMED: &[(Key, &str)] = &[$($((Key::$constant, $name),)*)*];
    };
}

keys! {
    0 {
        CHILD_SEQUENCE_NUMBERS 0 "ms-child-sequence-numbers";
        CONTENT 1 "mt-content";
        CONTENT_CONFIDENTIALITY_ALGORITHM 2 "mt-content-confidentiality-algorithm-identifier";
        CONTENT_CORRELATOR 3 "mt-content-correlator";
        CONTENT_IDENTIFIER 4 "mt-content-identifier";
        CONTENT_INTEGRITY_CHECK 5 "mt-content-integrity-check";
        CONTENT_LENGTH 6 "ms-content-length";
        CONTENT_RETURNED 7 "ms-content-returned";
        CONTENT_TYPE 8 "mt-content-type";
        CONVERSION_WITH_LOSS_PROHIBITED 9 "mt-conversion-with-loss-prohibited";
        CONVERTED_EITS 10 "mt-converted-EITs";
        CREATION_TIME 11 "ms-creation-time";
        DELIVERED_EITS 12 "ms-delivered-EITs";
        DELIVERY_FLAGS 13 "mt-delivery-flags";
        DL_EXPANSION_HISTORY 14 "mt-dl-expansion-history";
        RETRIEVAL_STATUS 15 "ms-retrieval-status";
        ENTRY_TYPE 16 "ms-entry-type";
        ORIGINALLY_INTENDED_RECIPIENT_NAME 17 "mt-originally-intended-recipient-name";
        MESSAGE_DELIVERY_ENVELOPE 18 "mt-message-delivery-envelope";
        MESSAGE_IDENTIFIER 19 "mt-message-identifier";
        MESSAGE_DELIVERY_TIME 20 "mt-message-delivery-time";
        MESSAGE_ORIGIN_AUTHENTICATION_CHECK 21 "mt-message-origin-authentication-check";
        MESSAGE_SECURITY_LABEL 22 "mt-message-security-label";
        MESSAGE_SUBMISSION_TIME 23 "mt-message-submission-time";
        MESSAGE_TOKEN 24 "mt-message-token";
        ORIGINAL_EITS 25 "mt-original-EITs";
        ORIGINATOR_CERTIFICATE 26 "mt-originator-certificate";
        ORIGINATOR_NAME 27 "mt-originator-name";
        OTHER_RECIPIENT_NAMES 28 "mt-other-recipient-names";
        PARENT_SEQUENCE_NUMBER 29 "ms-parent-sequence-number";
        PER_RECIPIENT_REPORT_DELIVERY_FIELDS 30 "mt-per-recipient-report-delivery-fields";
        PRIORITY 31 "mt-priority";
        PROOF_OF_DELIVERY_REQUEST 32 "mt-proof-of-delivery-request";
        REDIRECTION_HISTORY 33 "mt-redirection-history";
        REPORT_DELIVERY_ENVELOPE 34 "mt-report-delivery-envelope";
        REPORTING_DL_NAME 35 "mt-reporting-DL-name";
        REPORTING_MTA_CERTIFICATE 36 "mt-reporting-MTA-certificate";
        REPORT_ORIGIN_AUTHENTICATION_CHECK 37 "mt-report-origin-authentication-check";
        SECURITY_CLASSIFICATION 38 "mt-security-classification";
        SEQUENCE_NUMBER 39 "ms-sequence-number";
        SUBJECT_SUBMISSION_IDENTIFIER 40 "mt-subject-submission-identifier";
        THIS_RECIPIENT_NAME 41 "mt-this-recipient-name";
        AC_CORRELATED_REPORT_LIST 42 "ms-ac-correlated-report-list";
        AC_REPORT_SUMMARY 43 "ms-ac-report-summary";
        AC_UNCORRELATED_REPORT_LIST 44 "ms-ac-uncorrelated-report-list";
        AUTO_ACTION_ERROR 46 "ms-auto-action-error";
        AUTO_ACTION_REGISTRATION_IDENTIFIER 47 "ms-auto-action-registration-identifier";
        AUTO_ACTION_SUBJECT_ENTRY 48 "ms-auto-action-subject-entry";
        AUTO_ACTION_TYPE 49 "ms-auto-action-type";
        DEFERRED_DELIVERY_CANCELLATION_TIME 50 "ms-deferred-delivery-cancellation-time";
        DEFERRED_DELIVERY_TIME 51 "mt-deferred-delivery-time";
        DELETION_TIME 52 "ms-deletion-time";
        DL_EXPANSION_PROHIBITED 53 "mt-dl-expansion-prohibited";
        INTERNAL_TRACE_INFORMATION 54 "mt-internal-trace-information";
        LATEST_DELIVERY_TIME 55 "mt-latest-delivery-time";
        MARKED_FOR_DELETION 56 "ms-marked-for-deletion";
        MESSAGE_GROUP_NAME 57 "ms-message-group-name";
        MESSAGE_NOTES 58 "ms-message-notes";
        MESSAGE_SUBMISSION_ENVELOPE 59 "mt-message-submission-envelope";
        ORIGINATED 60 "ms-originated";
        SUBMISSION_ERROR 61 "ms-submission-error";
        ORIGINATING_MTA_CERTIFICATE 62 "mt-originating-MTA-certificate";
        ORIGINATOR_REPORT_REQUEST 63 "mt-originator-report-request";
        ORIGINATOR_RETURN_ADDRESS 64 "mt-originator-return-address";
        PER_MESSAGE_INDICATORS 65 "mt-per-message-indicators";
        PER_RECIPIENT_MESSAGE_SUBMISSION_FIELDS 66 "mt-per-recipient-message-submission-fields";
        PER_RECIPIENT_PROBE_SUBMISSION_FIELDS 67 "mt-per-recipient-probe-submission-fields";
        PROBE_ORIGIN_AUTHENTICATION_CHECK 68 "mt-probe-origin-authentication-check";
        PROBE_SUBMISSION_ENVELOPE 69 "mt-probe-submission-envelope";
        PROOF_OF_SUBMISSION 70 "mt-proof-of-submission";
        RECIPIENT_NAMES 71 "ms-recipient-names";
        RECIPIENT_REASSIGNMENT_PROHIBITED 72 "mt-recipient-reassignment-prohibited";
        STORAGE_PERIOD 73 "ms-storage-period";
        STORAGE_TIME 74 "ms-storage-time";
        TRACE_INFORMATION 75 "mt-trace-information";
        AC_REPORT_SUBJECT_ENTRY 76 "ms-ac-report-subject-entry";
        DL_EXEMPTED_RECIPIENTS 78 "mt-dl-exempted-recipients";
        CERTIFICATE_SELECTORS 80 "mt-certificate-selectors";
        MULTIPLE_ORIGINATOR_CERTIFICATES 81 "mt-multiple-originator-certificates";
        RECIPIENT_CERTIFICATE 82 "mt-recipient-certificate";
    }
    6 {
        IPM_ENTRY_TYPE 0 "ipm-entry-type";
        IPM_SYNOPSIS 1 "ipm-synopsis";
        BODY_PARTS_SUMMARY 2 "body-parts-summary";
    }
    7 {
        HEADING 0 "heading";
        THIS_IPM 1 "this-ipm";
        ORIGINATOR 2 "originator";
        REPLIED_TO_IPM 3 "replied-to-IPM";
        SUBJECT 4 "subject";
        EXPIRY_TIME 5 "expiry-time";
        REPLY_TIME 6 "reply-time";
        IMPORTANCE 7 "importance";
        SENSITIVITY 8 "sensitivity";
        AUTO_FORWARDED 9 "auto-forwarded";
        AUTHORIZING_USERS 10 "authorizing-users";
        PRIMARY_RECIPIENTS 11 "primary-recipients";
        COPY_RECIPIENTS 12 "copy-recipients";
        BLIND_COPY_RECIPIENTS 13 "blind-copy-recipients";
        OBSOLETED_IPMS 14 "obsoleted-IPMs";
        RELATED_IPMS 15 "related-IPMs";
        REPLY_RECIPIENTS 16 "reply-recipients";
        INCOMPLETE_COPY 17 "incomplete-copy";
        LANGUAGES 18 "languages";
        RN_REQUESTORS 19 "rn-requestors";
        NRN_REQUESTORS 20 "nrn-requestors";
        REPLY_REQUESTORS 21 "reply-requestors";
        AUTO_SUBMITTED 22 "auto-submitted";
        BODY_PART_SIGNATURES 23 "body-part-signatures";
        IPM_SECURITY_LABEL 24 "ipm-security-label";
        BODY_PART_SECURITY_LABEL 25 "body-part-security-label";
        BODY_PART_ENCRYPTION_TOKEN 26 "body-part-encryption-token";
        AUTHORIZATION_TIME 27 "authorization-time";
        CIRCULATION_LIST_RECIPIENTS 28 "circulation-list-recipients";
        DISTRIBUTION_CODES 29 "distribution-codes";
        EXTENDED_SUBJECT 30 "extended-subject";
        INFORMATION_CATEGORY 31 "information-category";
        MANUAL_HANDLING_INSTRUCTIONS 32 "manual-handling-instructions";
        ORIGINATORS_REFERENCE 33 "originators-reference";
        PRECEDENCE_POLICY_IDENTIFIER 34 "precedence-policy-identifier";
        FORWARDED_CONTENT_TOKEN 35 "forwarded-content-token";
        PRECEDENCE 37 "precedence";
    }
    8 {
        BODY 0 "body";
        IA5_TEXT_BODY_PARTS 1 "ia5-text-body-parts";
        G3_FACSIMILE_BODY_PARTS 3 "g3-facsimile-body-parts";
        G4_CLASS1_BODY_PARTS 4 "g4-class1-body-parts";
        TELETEX_BODY_PARTS 5 "teletex-body-parts";
        VIDEOTEX_BODY_PARTS 6 "videotex-body-parts";
        ENCRYPTED_BODY_PARTS 7 "encrypted-body-parts";
        MESSAGE_BODY_PARTS 8 "message-body-parts";
        MIXED_MODE_BODY_PARTS 9 "mixed-mode-body-parts";
        BILATERALLY_DEFINED_BODY_PARTS 10 "bilaterally-defined-body-parts";
        NATIONALLY_DEFINED_BODY_PARTS 11 "nationally-defined-body-parts";
        EXTENDED_BODY_PART_TYPES 12 "extended-body-part-types";
        IA5_TEXT_PARAMETERS 13 "ia5-text-parameters";
        G3_FACSIMILE_PARAMETERS 15 "g3-facsimile-parameters";
        TELETEX_PARAMETERS 16 "teletex-parameters";
        VIDEOTEX_PARAMETERS 17 "videotex-parameters";
        ENCRYPTED_PARAMETERS 18 "encrypted-parameters";
        MESSAGE_PARAMETERS 19 "message-parameters";
        IA5_TEXT_DATA 20 "ia5-text-data";
        G3_FACSIMILE_DATA 22 "g3-facsimile-data";
        TELETEX_DATA 23 "teletex-data";
        VIDEOTEX_DATA 24 "videotex-data";
        ENCRYPTED_DATA 25 "encrypted-data";
        MESSAGE_DATA 26 "message-data";
    }
    9 {
        SUBJECT_IPM 0 "subject-ipm";
        IPN_ORIGINATOR 1 "ipn-originator";
        IPM_INTENDED_RECIPIENT 2 "ipm-intended-recipient";
        CONVERSION_EITS 3 "conversion-eits";
        NON_RECEIPT_REASON 4 "non-receipt-reason";
        DISCARD_REASON 5 "discard-reason";
        AUTO_FORWARD_COMMENT 6 "auto-forward-comment";
        RETURNED_IPM 7 "returned-ipm";
        RECEIPT_TIME 8 "receipt-time";
        ACKNOWLEDGMENT_MODE 9 "acknowledgment-mode";
        SUPPL_RECEIPT_INFO 10 "suppl-receipt-info";
        NOTIFICATION_EXTENSIONS 11 "notification-extensions";
        NRN_EXTENSIONS 12 "nrn-extensions";
        RN_EXTENSIONS 13 "rn-extensions";
        OTHER_NOTIFICATION_TYPE_FIELDS 14 "other-notification-type-fields";
    }
    13 {
        AC_CORRELATED_DELIVERED_IPNS 0 "ac-correlated-delivered-ipns";
        AC_CORRELATED_DELIVERED_REPLIES 1 "ac-correlated-delivered-replies";
        AC_DELIVERED_IPN_SUMMARY 2 "ac-delivered-ipn-summary";
        AC_DELIVERED_REPLIES_SUMMARY 3 "ac-delivered-replies-summary";
        AC_FORWARDED_IPMS 4 "ac-forwarded-ipms";
        AC_FORWARDING_IPMS 5 "ac-forwarding-ipms";
        AC_IPM_RECIPIENTS 6 "ac-ipm-recipients";
        AC_OBSOLETED_IPMS 7 "ac-obsoleted-ipms";
        AC_OBSOLETING_IPMS 8 "ac-obsoleting-ipms";
        AC_RELATED_IPMS 9 "ac-related-ipms";
        AC_RELATING_IPMS 10 "ac-relating-ipms";
        AC_REPLIED_TO_IPM 11 "ac-replied-to-ipm";
        AC_REPLYING_IPMS 12 "ac-replying-ipms";
        REVISED_REPLY_TIME 13 "revised-reply-time";
        AC_SUBMITTED_IPN_STATUS 14 "ac-submitted-ipn-status";
        AC_SUBMITTED_IPNS 15 "ac-submitted-ipns";
        AC_SUBMITTED_REPLY_STATUS 16 "ac-submitted-reply-status";
        AC_SUBJECT_IPM 17 "ac-subject-ipm";
        RECIPIENT_CATEGORY 18 "recipient-category";
    }
    14 {
        MMHS_PRIMARY_PRECEDENCE 0 "mmhs-primary-precedence";
        MMHS_COPY_PRECEDENCE 1 "mmhs-copy-precedence";
        MMHS_MESSAGE_TYPE 2 "mmhs-message-type";
        MMHS_ADDRESS_LIST_INDICATOR 3 "mmhs-address-list-indicator";
        MMHS_EXEMPTED_ADDRESS 4 "mmhs-exempted-address";
        MMHS_EXTENDED_AUTHORISATION_INFO 5 "mmhs-extended-authorisation-info";
        MMHS_DISTRIBUTION_CODES 6 "mmhs-distribution-codes";
        MMHS_HANDLING_INSTRUCTIONS 7 "mmhs-handling-instructions";
        MMHS_MESSAGE_INSTRUCTIONS 8 "mmhs-message-instructions";
        MMHS_CODRESS_MESSAGE 9 "mmhs-codress-message";
        MMHS_ORIGINATOR_REFERENCE 10 "mmhs-originator-reference";
        MMHS_OTHER_RECIPIENTS_INDICATOR 11 "mmhs-other-recipients-indicator";
        MMHS_PILOT_FORWARDING_INFO 12 "mmhs-pilot-forwarding-info";
        MMHS_ACP127_MESSAGE_IDENTIFIER 13 "mmhs-acp127-message-identifier";
        MMHS_ORIGINATOR_PLAD 14 "mmhs-originator-plad";
        MMHS_SIC_CODES 16 "mmhs-sic-codes";
        MMHS_DISTRIBUTION_EXTENSIONS 17 "mmhs-distribution-extensions";
        MMHS_BODY_PART_INFORMATION_LABEL 18 "mmhs-body-part-information-label";
        MMHS_SECURITY_INFORMATION_LABELS 19 "mmhs-security-information-labels";
    }
    15 {
        ATS_PRIORITY 0 "ats-priority";
        ATS_FILING_TIME 1 "ats-filing-time";
        ATS_OPTIONAL_HEADING_INFORMATION 2 "ats-optional-heading-information";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_mhs::x413::attributes;

    #[test]
    fn keys_are_those_of_the_table() {
        for (key, name) in NAMED {
            let row = attributes::by_name(name).unwrap_or_else(|| panic!("no row {name}"));
            assert_eq!(Key::of(&row.oid), Some(*key), "{name}");
        }
    }

    #[test]
    fn every_row_has_a_key_of_its_own() {
        let mut keys: Vec<_> = attributes::all()
            .iter()
            .map(|row| Key::of(&row.oid).unwrap_or_else(|| panic!("no key for {}", row.name)))
            .collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn other_object_identifiers_have_none() {
        for oid in ["1.3.9999.1.2", "2.6.4.3", "2.6.4.3.200", "2.6.1.10.1.2", "2.6.1.14.0"] {
            assert_eq!(Key::of(&oid.parse().expect("an oid")), None, "{oid}");
        }
    }
}
