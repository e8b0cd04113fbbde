//! Golden output of headings with extensions: of the aeronautical extended service, and of
//! military messages.

use expect_test::expect;
use jiff::tz::TimeZone;
use restante_ber::{Encode, GeneralizedTime, Oid, PrintableString, Rope, SetOf, UtcTime, oid};
use restante_mhs::p772::{
    DistributionCodes, ID_MCT_P772, MMHSPrecedence, MessageType, OtherRecipientDesignator,
    OtherRecipientType, TypeMessage,
};
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x413::{Attribute, AttributeValue, oids as ms};
use restante_mhs::x420::{
    Body, BodyPart, Heading, IPM, IPMIdentifier, IPMSExtension, InformationObject,
    RecipientSpecifier, oids as ipms,
};

use super::Entry;

fn heading() -> Heading {
    let user_relative_identifier = PrintableString::from("1");
    let mut heading = Heading::new(IPMIdentifier { user: None, user_relative_identifier });
    let bob: ORAddress = "/CN=Bob/C=GB/".parse().unwrap();
    let mut recipient = RecipientSpecifier::from(ORName::from(bob));
    let precedence = IPMSExtension::new(ipms::ID_REX_PRECEDENCE, &107_i64);
    recipient.recipient_extensions = Some(SetOf(vec![precedence]));
    heading.primary_recipients = vec![recipient];
    heading
}

fn military(arc: u128, value: &impl Encode) -> IPMSExtension {
    IPMSExtension::new(Oid::from_arcs(&[1, 3, 26, 0, 4406, 0, 2, arc]).unwrap(), value)
}

fn shown(heading: Heading, text: &str) -> String {
    let body = Body(vec![BodyPart::ia5_text(text)]);
    let content = InformationObject::Ipm(IPM { heading: heading.into(), body }).to_ber();
    let of = |attribute_type, value| Attribute { attribute_type, attribute_values: vec![value] };
    let attributes = vec![
        of(ms::ID_ATT_CONTENT_TYPE, AttributeValue::of(&ID_MCT_P772)),
        of(ms::ID_ATT_CONTENT, AttributeValue::of(&Rope::from(content))),
    ];
    Entry { number: 7, attributes }.whole().print(&TimeZone::UTC)
}

#[test]
fn the_extended_service_s_heading() {
    let mut heading = heading();
    let time = GeneralizedTime(1_763_973_000_000_000);
    let reference = PrintableString::from("EGLL 12");
    heading.extensions = SetOf(vec![
        IPMSExtension::new(ipms::ID_HEX_AUTHORIZATION_TIME, &time),
        IPMSExtension::new(ipms::ID_HEX_ORIGINATORS_REFERENCE, &reference),
        IPMSExtension::new(ipms::ID_HEX_PRECEDENCE_POLICY_ID, &oid!(1, 3, 27, 8, 0, 0)),
        IPMSExtension::new(oid!(1, 2, 3), &true),
    ]);
    let text = "\u{1}PRI: XX\r\nFT: 320000\r\n\u{2}\r\nMETAR";
    expect![[r#"
        Number: 7
        Heading
          This IPM:           1
          Primary recipients: /CN=Bob/C=GB/ (precedence 107)
          Extensions
            Authorization time:           2025-11-24 08:30:00
            Originators reference:        EGLL 12
            Precedence policy identifier: 1.3.27.8.0.0
            1.2.3:                        3 octets: 01 01 ff
        Body part 1
          Type: ia5-text
          ATS message header
            Priority:    XX
            Filing time: 320000
            Faults:      the priority is none of SS DD FF GG KK
                         the filing time is no time of a day
          | METAR
    "#]]
    .assert_eq(&shown(heading, text));
}

#[test]
fn a_military_heading() {
    let mut heading = heading();
    let sics = Some(vec!["ABC".into(), "DEF".into()]);
    let exercise = MessageType { r#type: TypeMessage::EXERCISE, identifier: Some("S9".into()) };
    let radio =
        OtherRecipientDesignator { r#type: OtherRecipientType::COPY, designator: "RADIO".into() };
    heading.extensions = SetOf(vec![
        military(0, &MMHSPrecedence::FLASH),
        military(2, &exercise),
        military(5, &UtcTime(1_763_973_000)),
        military(6, &DistributionCodes { sics, dist_extensions: None }),
        military(7, &vec![PrintableString::from("Hold")]),
        military(11, &vec![radio]),
    ]);
    expect![[r#"
        Number: 7
        Heading
          This IPM:           1
          Primary recipients: /CN=Bob/C=GB/ (precedence 107)
          Extensions
            MMHS primary precedence:          flash
            MMHS message type:                exercise S9
            MMHS extended authorisation info: 2025-11-24 08:30:00
            MMHS distribution codes:          ABC DEF
            MMHS handling instructions:       Hold
            MMHS other recipients indicator:  copy: RADIO
        Body part 1
          Type: ia5-text
          | ALFA
    "#]]
    .assert_eq(&shown(heading, "ALFA"));
}
