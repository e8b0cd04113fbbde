//! Wire vectors of submission.

use super::*;
use crate::vectors::{TIME, both_ways, hex, identifier, name};
use crate::x411::BuiltInContentType;
use restante_ber::{Decode, Encode};

const ENVELOPE: &str = "31 1d
       60 05 30 03 81 01 53       -- originator-name
       46 01 16                   -- content-type
       48 02 04 10                -- per-message-indicators: content-return-request
       a1 0d                      -- per-recipient-fields
          31 0b
             60 05 30 03 81 01 42 -- recipient-name
             80 02 04 10          -- originator-report-request: report
    ";

#[test]
fn an_argument() {
    let envelope = MessageSubmissionEnvelope {
        originator_name: name("S"),
        original_encoded_information_types: None,
        content_type: ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988),
        content_identifier: None,
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::of([
            PerMessageIndicators::CONTENT_RETURN_REQUEST,
        ]),
        deferred_delivery_time: None,
        extensions: Extensions::default(),
        per_recipient_fields: vec![PerRecipientMessageSubmissionFields {
            recipient_name: name("B"),
            originator_report_request: OriginatorReportRequest::of([
                OriginatorReportRequest::REPORT,
            ]),
            explicit_conversion: None,
            extensions: Extensions::default(),
        }],
    };
    let argument = MessageSubmissionArgument {
        envelope: envelope.into(),
        content: Rope::from(b"hello".as_slice()),
    };
    both_ways(&argument, &format!("30 26 {ENVELOPE} 04 05 68 65 6c 6c 6f"));
}

#[test]
fn an_envelope_goes_out_as_it_came() {
    // Indefinite, the default priority said, a member of a later edition.
    let envelope = "31 80 47 01 00 9f 63 00 80 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a
        a1 0d 31 0b 60 05 30 03 81 01 42 80 02 04 10 46 01 16 60 05 30 03 81 01 53 00 00";
    let argument = format!("30 80 {envelope} 24 80 04 00 00 00 00 00");
    let argument = MessageSubmissionArgument::from_bytes(&hex(&argument)).unwrap();
    assert_eq!(argument.envelope.deferred_delivery_time, Some(TIME));
    assert_eq!(argument.to_ber(), hex(&format!("30 34 {envelope} 04 00")));
}

#[test]
fn results() {
    both_ways(
        &MessageSubmissionResult {
            message_submission_identifier: identifier("m1"),
            message_submission_time: TIME,
            content_identifier: None,
            extensions: Extensions::default(),
        },
        "31 22 64 11 63 0b 61 04 13 02 58 58 62 03 13 01 41 16 02 6d 31
               80 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a",
    );
}
