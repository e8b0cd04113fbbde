//! Files of Internet mail, read by a parser that is not ours, and one as it is written.

use expect_test::expect;
use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use restante_ber::{OctetString, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{MessageDeliveryEnvelope, ORAddress, ORName};
use restante_mhs::x413::{Attribute, AttributeValue};
use restante_mhs::x420::{BodyPart, MessageParameters};

use super::*;

const NOW: UtcTime = UtcTime(1_763_973_000);

fn name(address: &str) -> ORName {
    address.parse::<ORAddress>().unwrap().into()
}

fn bob() -> ORName {
    name("/CN=Bob/PRMD=PEER/ADMD= /C=GB/")
}

fn entry(number: u32, attributes: &[(restante_ber::Oid, AttributeValue)]) -> Entry {
    let attributes = attributes.iter().map(|(oid, value)| Attribute {
        attribute_type: oid.clone(),
        attribute_values: vec![value.clone()],
    });
    Entry { number, attributes: attributes.collect() }
}

fn message(from: ORName, subject: &str, body: impl IntoIterator<Item = BodyPart>) -> Entry {
    let alice = name("/CN=Alice/PRMD=PEER/C=GB/");
    let content =
        compose::content(compose::ipm("1", &from, std::slice::from_ref(&alice), subject, body));
    let identifier = compose::mts_identifier(&bob().address, "m1");
    let delivery = compose::delivery(identifier, from, alice, Rope::new(), NOW);
    let envelope = MessageDeliveryEnvelope {
        message_delivery_identifier: delivery.message_delivery_identifier,
        message_delivery_time: delivery.message_delivery_time,
        other_fields: delivery.other_fields,
    };
    let content = OctetString(content.to_bytes());
    entry(
        7,
        &[
            (ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE, AttributeValue::of(&envelope)),
            (ms::ID_ATT_CONTENT, AttributeValue::of(&content)),
        ],
    )
}

/// The file, which nothing but short lines of ASCII is in, as another program reads it.
fn read(file: &str) -> Message<'_> {
    assert!(file.is_ascii() && !file.replace("\r\n", "").contains(['\r', '\n']), "{file}");
    MessageParser::default().parse(file.as_bytes()).unwrap()
}

#[test]
fn a_message_with_all_kinds_of_parts_is_read_by_others() {
    let deeper = compose::ipm("d", &bob(), &[bob()], "Deeper", [compose::text("deep\n")]);
    let within = [BodyPart::message(MessageParameters::default(), &deeper), compose::text("in")];
    let inner = compose::ipm("i", &bob(), &[bob()], "Inner", within);
    let parts = [
        compose::text("first\n--=_restante_0_--\nlast"),
        BodyPart::general_text("Łódź\nzażółć\n"),
        BodyPart::message(MessageParameters::default(), &inner),
        BodyPart::file("../plan ä.pdf", (&b"%PDF"[..]).into()),
        BodyPart::BilaterallyDefined(Rope::from(vec![0_u8, 255])),
    ];
    let file = eml(&message(bob(), "Überflug", parts));
    let read = read(&file);
    assert_eq!(read.subject(), Some("Überflug"));
    assert_eq!(read.date().unwrap().to_timestamp(), NOW.0);
    let from = read.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Bob"));
    assert_eq!(from.address(), Some("/CN=Bob/PRMD=PEER/C=GB/@x400.invalid"));
    assert_eq!(read.body_text(0).unwrap(), "first\r\n--=_restante_0_--\r\nlast");
    assert_eq!(read.body_text(1).unwrap(), "Łódź\nzażółć\n");
    let attachments: Vec<_> = read.attachments().collect();
    assert_eq!(attachments.len(), 3);
    let PartType::Message(inner) = &attachments[0].body else { panic!("no message") };
    assert_eq!(inner.subject(), Some("Inner"));
    let deeper = inner.attachments().next().unwrap();
    let PartType::Message(deeper) = &deeper.body else { panic!("no message inside") };
    assert_eq!(deeper.body_text(0).unwrap().trim_end(), "deep");
    assert_eq!(attachments[1].attachment_name(), Some("plan_ä.pdf"));
    assert_eq!(attachments[1].contents(), b"%PDF");
    assert_eq!(attachments[2].contents(), [0, 255]);
}

#[test]
fn what_is_written() {
    let text = "FPL-BAW12-IS\r\n-B77W/H\r\n";
    let file = eml(&message(bob(), "Flight plan BAW12", [compose::text(text)]));
    let expected = expect![[r#"
        X400-MTS-Identifier: [/PRMD=PEER/ADMD= /C=GB/;m1]
        Delivery-Date: Mon, 24 Nov 2025 08:30:00 -0000
        X400-Originator: /CN=Bob/PRMD=PEER/C=GB/@x400.invalid
        X400-Recipients: /CN=Alice/PRMD=PEER/C=GB/@x400.invalid
        X400-Content-Type: P2-1988 ( 22 )
        Priority: normal
        Date: Mon, 24 Nov 2025 08:30:00 -0000
        Message-ID: <1*/CN=Bob/PRMD=PEER/C=GB/@MHS>
        From: Bob </CN=Bob/PRMD=PEER/C=GB/@x400.invalid>
        To: Alice </CN=Alice/PRMD=PEER/C=GB/@x400.invalid>
        Subject: Flight plan BAW12
        Importance: normal
        MIME-Version: 1.0
        Content-Type: text/plain; charset=us-ascii

        FPL-BAW12-IS
        -B77W/H
    "#]];
    expected.assert_eq(&file.replace("\r\n", "\n"));
}

#[test]
fn hostile_fields_and_names_stay_fields_and_names() {
    let from = name("/CN=x\"@evil.example> (a/O=é//=$$/C=GB/");
    let subject = "a\r\nBcc: everybody@example\r\n\r\nbody\u{1b}[2J";
    let file = eml(&message(from, subject, [compose::text("text")]));
    let read = read(&file);
    assert!(read.bcc().is_none(), "{file}");
    assert_eq!(read.body_text(0).unwrap().trim_end(), "text");
    let unfolded = file.replace("\r\n ", " ");
    let whole = "<\"/CN=x\\\"@evil.example> (a/O={194}e$/=$$/C=GB/\"@x400.invalid>\r\n";
    let from = format!("From: \"x\\\"@evil.example> (a\" {whole}");
    assert!(unfolded.contains(&from), "{unfolded}");
}

#[test]
fn an_address_of_internet_mail_is_what_it_was() {
    let internet = name("/DD.RFC-822=j(u)smith(a)example.com/PRMD=Internet/C=US/");
    assert_eq!(address::addr_spec(&internet), "j_smith@example.com");
    let forged = name("/DD.RFC-822=a(a)x, b(a)y/C=US/");
    assert!(address::addr_spec(&forged).ends_with("@x400.invalid"));
}

#[test]
fn a_report_is_told_to_people_and_programs() {
    let attribute = AttributeValue::of(&crate::tests::report());
    let file = eml(&entry(3, &[(ms::ID_ATT_REPORT_DELIVERY_ENVELOPE, attribute)]));
    let read = read(&file);
    assert_eq!(read.content_type().unwrap().subtype(), Some("report"));
    let status = std::str::from_utf8(read.attachments().next().unwrap().contents()).unwrap();
    let lines: Vec<_> = status.lines().collect();
    assert!(lines.contains(&"Final-Recipient: x400; /CN=Bob/PRMD=PEER/C=GB/"), "{status}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("Action: ")).count(), 2);
    assert!(read.body_text(0).unwrap().contains("not delivered"), "{file}");
}
