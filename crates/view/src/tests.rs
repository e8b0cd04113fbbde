//! Golden output of entries: what a person sees of a message, a report, a notification and of
//! contents that are none of these; and which files are saved of a message with hostile names.

use expect_test::{Expect, expect};
use jiff::tz::TimeZone;
use restante_ber::{Any, Bytes, Encode, OctetString, Oid, Rope, SetOf, UtcTime, oid};
use restante_client::compose;
use restante_mhs::x411::{
    DeliveryReport, MessageDeliveryEnvelope, NonDeliveryDiagnosticCode, NonDeliveryReasonCode,
    NonDeliveryReport, ORAddress, ORName, Priority, ReportDeliveryEnvelope, ReportType,
    TypeOfMTSUser,
};
use restante_mhs::x413::{Attribute, AttributeValue, EntryType, RetrievalStatus, oids as ms};
use restante_mhs::x420::{
    AcknowledgmentMode, BodyPart, ExtendedBodyPart, IPMEntryType, IPMIdentifier, IPN,
    InformationObject, MessageParameters, NotificationFields, ReceiptFields,
    amhs::ATSMessageHeader, oids::ID_SAT_IPM_ENTRY_TYPE,
};

use super::{Entry, files};

const NOW: UtcTime = UtcTime(1_763_973_000);
const P22: Oid = oid!(2, 6, 1, 10, 1);

fn name(common_name: &str) -> ORName {
    format!("/CN={common_name}/PRMD=PEER/C=GB/").parse::<ORAddress>().unwrap().into()
}

fn attribute(oid: Oid, value: &impl Encode) -> Attribute {
    Attribute { attribute_type: oid, attribute_values: vec![AttributeValue::of(value)] }
}

fn delivered(content_type: Oid, content: Rope) -> Entry {
    let identifier = compose::mts_identifier(&name("Bob").address, "1");
    let mut delivery = compose::delivery(identifier, name("Bob"), name("Alice"), Rope::new(), NOW);
    delivery.other_fields.priority = Priority::URGENT;
    let envelope = MessageDeliveryEnvelope {
        message_delivery_identifier: delivery.message_delivery_identifier,
        message_delivery_time: delivery.message_delivery_time,
        other_fields: delivery.other_fields,
    };
    let attributes = vec![
        attribute(ms::ID_ATT_RETRIEVAL_STATUS, &RetrievalStatus::NEW),
        attribute(ms::ID_ATT_ENTRY_TYPE, &EntryType::DELIVERED_MESSAGE),
        attribute(ms::ID_ATT_CONTENT_TYPE, &content_type),
        attribute(ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE, &envelope),
        attribute(ms::ID_ATT_CONTENT, &content),
    ];
    Entry { number: 7, attributes }
}

/// A message with text behind an ATS header, a file, and a forwarded message with a file of its
/// own; names and texts as a malicious sender would have them.
fn message() -> Entry {
    let header = ATSMessageHeader {
        priority: "FF".to_owned(),
        filing_time: "240830".to_owned(),
        optional_heading_info: None,
    };
    let file = |name| BodyPart::file(name, Bytes::from_static(b"\x00\x01"));
    let inner =
        compose::ipm("0", &name("Carol"), &[], "inner", [compose::text("deep"), file("x")]);
    let parameters = MessageParameters { delivery_time: Some(NOW), delivery_envelope: None };
    let body = [
        BodyPart::ia5_text(&header.with_text("(FPL\x1b[2J\r\nHeading)")),
        file("../../.ssh/authorized_keys"),
        BodyPart::message(parameters, &inner),
    ];
    let outer = compose::ipm("1", &name("Bob"), &[name("Alice")], "two\nlines", body);
    delivered(P22, compose::content(outer))
}

#[track_caller]
fn shown(entry: &Entry, expected: &Expect) {
    expected.assert_eq(&entry.whole().print(&TimeZone::UTC));
}

#[test]
fn a_message() {
    shown(
        &message(),
        &expect![[r#"
        Number: 7
        Status: new
        Type:   delivered-message
        Envelope
          Message identifier: [/PRMD=PEER/ADMD= /C=GB/;1]
          Delivery time:      2025-11-24 08:30:00
          Originator:         /CN=Bob/PRMD=PEER/C=GB/
          This recipient:     /CN=Alice/PRMD=PEER/C=GB/
          Priority:           urgent
          Content type:       interpersonal-messaging-1988
          Submission time:    2025-11-24 08:30:00
        Heading
          This IPM:           1 of /CN=Bob/PRMD=PEER/C=GB/
          Originator:         /CN=Bob/PRMD=PEER/C=GB/
          Primary recipients: /CN=Alice/PRMD=PEER/C=GB/
          Subject:            two\nlines
        Body part 1
          Type: ia5-text
          ATS message header
            Priority:    FF
            Filing time: 240830
          | (FPL\u{1b}[2J
          | Heading)
        Body part 2
          Type:   file-transfer
          File:   ../../.ssh/authorized_keys
          Octets: 2
        Body part 3
          Type:          message
          Delivery time: 2025-11-24 08:30:00
          Heading
            This IPM:   0 of /CN=Carol/PRMD=PEER/C=GB/
            Originator: /CN=Carol/PRMD=PEER/C=GB/
            Subject:    inner
          Body part 1
            Type: ia5-text
            | deep
          Body part 2
            Type:   file-transfer
            File:   x
            Octets: 2
    "#]],
    );
}

#[test]
fn a_message_as_json() {
    let json = message().whole().json();
    expect![[r#"
        [
          {
            "ats_message_header": {
              "filing_time": "240830",
              "priority": "FF"
            },
            "text": "(FPL\u001b[2J\r\nHeading)",
            "type": "ia5-text"
          },
          {
            "file": "../../.ssh/authorized_keys",
            "octets": 2,
            "type": "file-transfer"
          },
          {
            "body_parts": [
              {
                "text": "deep",
                "type": "ia5-text"
              },
              {
                "file": "x",
                "octets": 2,
                "type": "file-transfer"
              }
            ],
            "delivery_time": "2025-11-24T08:30:00Z",
            "heading": {
              "originator": "/CN=Carol/PRMD=PEER/C=GB/",
              "subject": "inner",
              "this_ipm": "0 of /CN=Carol/PRMD=PEER/C=GB/"
            },
            "type": "message"
          }
        ]"#]]
    .assert_eq(&format!("{:#}", json["body_parts"]));
    assert_eq!(json["envelope"]["priority"], "urgent");
}

#[test]
fn body_parts_are_files_with_tame_names() {
    let files = files::body_parts(&message());
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["text.txt", "authorized_keys", "message.ber"]);
    assert_eq!(&*files[1].1.to_bytes(), b"\x00\x01");
    // The forwarded message is a content like any other.
    let forwarded = delivered(P22, files[2].1.clone()).whole().json();
    assert_eq!(forwarded["heading"]["subject"], "inner");
}

/// A report on two recipients.
pub(crate) fn report() -> ReportDeliveryEnvelope {
    let history = [(name("Alice"), NOW), (name("Friends"), NOW)];
    let delivery =
        DeliveryReport { message_delivery_time: NOW, type_of_mts_user: TypeOfMTSUser::MS };
    let failure = NonDeliveryReport {
        non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
        non_delivery_diagnostic_code: Some(NonDeliveryDiagnosticCode(200)),
    };
    let recipients = [
        (name("Bob"), ReportType::Delivery(delivery)),
        (name("Carol"), ReportType::NonDelivery(failure)),
    ];
    let subject = compose::mts_identifier(&name("Alice").address, "5");
    let report = compose::report(subject, history, recipients);
    ReportDeliveryEnvelope {
        subject_submission_identifier: report.subject_submission_identifier,
        content_identifier: report.content_identifier,
        content_type: report.content_type,
        original_encoded_information_types: report.original_encoded_information_types,
        extensions: report.extensions,
        per_recipient_fields: report.per_recipient_fields,
    }
}

#[test]
fn a_report() {
    let attributes = vec![
        attribute(ms::ID_ATT_ENTRY_TYPE, &EntryType::DELIVERED_REPORT),
        attribute(ms::ID_ATT_CHILD_SEQUENCE_NUMBERS, &9u32),
        attribute(ms::ID_ATT_REPORT_DELIVERY_ENVELOPE, &report()),
    ];
    shown(
        &Entry { number: 8, attributes },
        &expect![[r#"
        Number:   8
        Type:     delivered-report
        Children: 9
        Report
          Subject identifier: [/PRMD=PEER/ADMD= /C=GB/;5]
          Subject originator: /CN=Alice/PRMD=PEER/C=GB/
          Extensions:         originator-and-DL-expansion-history
          Recipient 1
            Name:          /CN=Bob/PRMD=PEER/C=GB/
            Outcome:       delivered
            Delivery time: 2025-11-24 08:30:00
            Delivered to:  ms
          Recipient 2
            Name:       /CN=Carol/PRMD=PEER/C=GB/
            Outcome:    not delivered
            Reason:     unable-to-transfer
            Diagnostic: 200
    "#]],
    );
}

/// A receipt.
fn notification() -> IPN {
    let receipt = ReceiptFields {
        receipt_time: NOW,
        acknowledgment_mode: AcknowledgmentMode::MANUAL,
        suppl_receipt_info: None,
        rn_extensions: None,
    };
    IPN {
        subject_ipm: IPMIdentifier {
            user: Some(name("Alice")),
            user_relative_identifier: "3".into(),
        },
        ipn_originator: Some(name("Bob").into()),
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: None,
        choice: NotificationFields::ReceiptFields(receipt),
    }
}

#[test]
fn a_notification() {
    let notification = InformationObject::Ipn(notification());
    let mut entry = delivered(P22, notification.to_rope());
    let entry_type = attribute(ID_SAT_IPM_ENTRY_TYPE, &IPMEntryType::RN);
    entry.attributes.push(entry_type);
    let json = entry.whole().json();
    assert_eq!(json["subject"], "receipt notification");
    expect![[r#"
        {
          "acknowledgment_mode": "manual",
          "kind": "receipt",
          "originator": "/CN=Bob/PRMD=PEER/C=GB/",
          "receipt_time": "2025-11-24T08:30:00Z",
          "subject_ipm": "3 of /CN=Alice/PRMD=PEER/C=GB/"
        }"#]]
    .assert_eq(&format!("{:#}", json["notification"]));
}

#[test]
fn what_is_forwarded_in_extended_body_parts() {
    let part = |oid: Oid, data: Any| BodyPart::Extended(ExtendedBodyPart::new(oid, data, None));
    let inner = compose::ipm("0", &name("Carol"), &[], "inner", [compose::text("deep")]);
    let content = OctetString(compose::content(inner).to_bytes());
    let forwarded = oid!(2, 6, 1, 4, 17, 2, 6, 1, 10, 1);
    let body = [
        part(oid!(2, 6, 1, 4, 14), Any::of(&report())),
        part(oid!(2, 6, 1, 4, 15), Any::of(&notification())),
        part(forwarded, Any::of(&content)),
        part(oid!(2, 6, 1, 4, 17, 2, 6, 3, 3, 0), Any::of(&OctetString("edi".into()))),
    ];
    let outer = compose::ipm("1", &name("Bob"), &[], "all of it", body);
    let json = delivered(P22, compose::content(outer)).whole().json();
    let parts = &json["body_parts"];
    assert_eq!(parts[0]["report"]["recipients"][1]["outcome"], "not delivered");
    assert_eq!(parts[1]["notification"]["kind"], "receipt");
    assert_eq!(parts[2]["heading"]["subject"], "inner");
    assert_eq!(parts[2]["body_parts"][0]["text"], "deep");
    assert_eq!(parts[3]["octets"], 3);
    assert_eq!(parts[3]["heading"], serde_json::Value::Null);
}

#[test]
fn contents_that_are_no_messages_are_counted() {
    let shown = |content_type: Oid, content: &'static [u8]| {
        let entry = delivered(content_type, Rope::from(content));
        entry.whole().json()["content"].as_str().unwrap().to_owned()
    };
    let unknown = oid!(1, 3, 6, 1, 4, 1);
    assert_eq!(shown(unknown, b"\xa0\x00"), "2 octets, not taken apart");
    let broken = shown(P22, b"\xa0\x05\x31");
    assert!(broken.starts_with("3 octets that are no message: "), "{broken}");
    let list = Entry {
        number: 1,
        attributes: vec![attribute(ms::ID_ATT_ENTRY_TYPE, &SetOf::<i64>::default())],
    };
    // What a store gives for an attribute may be anything.
    assert_eq!(list.summary().json().to_string(), r#"{"number":1}"#);
}
