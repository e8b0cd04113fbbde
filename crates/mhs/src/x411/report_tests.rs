//! Wire vectors of report-delivery.

use super::*;
use crate::vectors::{TIME, both_ways, hex, identifier, name, reads};
use crate::x411::{BuiltInContentType, ReportingMTAName, extension};

fn recipient(terminal: &str, report_type: ReportType) -> PerRecipientReportDeliveryFields {
    PerRecipientReportDeliveryFields {
        actual_recipient_name: name(terminal),
        report_type,
        converted_encoded_information_types: None,
        originally_intended_recipient_name: None,
        supplementary_information: None,
        extensions: Extensions::default(),
    }
}

fn report() -> ReportDeliveryArgument {
    let mut extensions = Extensions::default();
    extensions.push(
        extension::REPORTING_MTA_NAME,
        &ReportingMTAName {
            domain: identifier("s1").global_domain_identifier,
            mta_name: "mta".into(),
            mta_directory_name: None,
        },
    );
    let delivered =
        DeliveryReport { message_delivery_time: TIME, type_of_mts_user: TypeOfMTSUser::PUBLIC };
    let mut failed = recipient(
        "J",
        ReportType::NonDelivery(NonDeliveryReport {
            non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
            non_delivery_diagnostic_code: Some(NonDeliveryDiagnosticCode::UNRECOGNISED_OR_NAME),
        }),
    );
    failed.supplementary_information = Some("no such user".into());
    ReportDeliveryArgument {
        subject_submission_identifier: identifier("s1"),
        content_identifier: Some(ContentIdentifier("c1".into())),
        content_type: Some(ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988)),
        original_encoded_information_types: None,
        extensions,
        per_recipient_fields: vec![recipient("B", ReportType::Delivery(delivered)), failed],
        returned_content: Some(Rope::from(b"hello".as_slice())),
    }
}

const ENVELOPE: &str = "
    64 11 63 0b 61 04 13 02 58 58 62 03 13 01 41 16 02 73 31 -- subject-submission-identifier
    4a 02 63 31                                              -- content-identifier
    46 01 16                                                 -- content-type, not 80
    a1 1b                                                    -- extensions
       30 19
          80 01 27                                           -- reporting-MTA-name
          a2 14
             30 12
                63 0b 61 04 13 02 58 58 62 03 13 01 41       -- domain
                16 03 6d 74 61                               -- mta-name
    30 3d                                                    -- per-recipient-fields
       31 1a
          a0 05 30 03 81 01 42                               -- actual-recipient-name
          a1 11                                              -- report-type, a CHOICE
             a0 0f                                           -- delivery
                80 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a -- message-delivery-time
       31 1f
          a0 05 30 03 81 01 4a
          a1 08
             a1 06                                           -- non-delivery
                80 01 01                                     -- unable-to-transfer
                81 01 00                                     -- unrecognised-OR-name
          83 0c 6e 6f 20 73 75 63 68 20 75 73 65 72          -- supplementary-information
    ";

#[test]
fn an_argument() {
    both_ways(&report(), &format!("31 7d {ENVELOPE} 80 05 68 65 6c 6c 6f"));
}

#[test]
fn returned_content_first_and_in_segments() {
    let content = "a0 80 04 02 68 65 04 03 6c 6c 6f 00 00";
    let argument = format!("31 80 {content} {ENVELOPE} 9f 63 00 00 00");
    reads(&report(), &argument);
    let argument = hex(&argument);
    let (envelope, content) = split_report_delivery(&argument).unwrap();
    assert_eq!(content, Some(Rope::from(b"hello".as_slice())));
    // What is not known here goes with the envelope.
    assert_eq!(envelope.to_bytes(), hex(&format!("31 79 {ENVELOPE} 9f 63 00")));
    let envelope = ReportDeliveryEnvelope::from_bytes(&envelope.to_bytes()).unwrap();
    assert_eq!(envelope.per_recipient_fields, report().per_recipient_fields);
    assert!(split_report_delivery(&hex("30 00")).is_err());
}

#[test]
fn results() {
    both_ways(&ReportDeliveryResult::EmptyResult(Null), "05 00");
    both_ways(&ReportDeliveryResult::Extensions(SetOf(Vec::new())), "31 00");
}

#[test]
fn codes_have_the_names_of_the_standard() {
    let name = |code| NonDeliveryDiagnosticCode(code).to_string();
    assert_eq!(name(0), "unrecognised-or-name");
    assert_eq!(name(5), "maximum-time-expired");
    assert_eq!(name(78), "unsupported-security-policy");
    assert_eq!(name(500), "500");
    assert_eq!(NonDeliveryReasonCode(8).to_string(), "transfer-failure-for-security-reason");
}
