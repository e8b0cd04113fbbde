//! Wire vectors of messages and notifications, and what can't be shown by them.

use super::amhs::ATSMessageHeader;
use super::*;
use crate::vectors::{both_ways, hex, other_encoders, reads};
use crate::x411::{ORName, UniversalOrBMPString};
use proptest::prelude::*;
use restante_ber::{Any, Bytes, Decode, Encode, OctetString, Oid, Rope, TeletexString, UtcTime};

fn identifier(text: &str) -> IPMIdentifier {
    IPMIdentifier { user: None, user_relative_identifier: text.into() }
}

fn message(body: impl IntoIterator<Item = BodyPart>) -> InformationObject {
    InformationObject::Ipm(IPM::new(Heading::new(identifier("1")), body))
}

fn vector(name: &str) -> Bytes {
    let vectors = other_encoders("ipm");
    let file = format!("/{name}.hex");
    vectors.into_iter().find(|vector| vector.file.ends_with(&file)).expect("a vector").octets
}

fn ipm(name: &str) -> IPM {
    match InformationObject::from_bytes(&vector(name)) {
        Ok(InformationObject::Ipm(ipm)) => ipm,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn vectors_of_another_encoder_are_read_and_written_the_same() {
    let vectors = other_encoders("ipm");
    assert!(vectors.len() > 8, "{} vectors", vectors.len());
    for vector in vectors {
        if vector.type_name == "IPMSInformationObjects.Heading" {
            // Its incomplete-copy has the default NULL in it, which goes out no more.
            let heading = Heading::from_bytes(&vector.octets).unwrap();
            let again = heading.to_ber();
            assert_eq!(again.len() + 2, vector.octets.len());
            assert_eq!(Heading::from_bytes(&again), Ok(heading));
            continue;
        }
        assert_eq!(vector.type_name, "IPMSInformationObjects.InformationObject");
        let again = InformationObject::from_bytes(&vector.octets).map(|object| object.to_ber());
        assert_eq!(again.as_ref(), Ok(&vector.octets), "{}", vector.file);
    }
}

#[test]
fn a_message_of_one_text() {
    let heading = Heading {
        subject: Some("hi".into()),
        importance: Importance::HIGH,
        ..Heading::new(identifier("1"))
    };
    let object = InformationObject::Ipm(IPM::new(heading, [BodyPart::ia5_text("A")]));
    both_ways(
        &object,
        "A019                        -- ipm
           310E                      -- heading
             6B03 130131             -- this-IPM \"1\"
             A804 14026869           -- [8] EXPLICIT TeletexString \"hi\"
             8C0102                  -- [12] high
           3007                      -- body
             A005 3100 160141        -- ia5-text",
    );
}

#[test]
fn a_body_part_that_is_none_leaves_the_message_readable() {
    // ia5-text without data, telex of 1984 ([1]), a UTF8String
    let object = "A018 3105 6B03130131 300F A002 3100 A106 3100 16024142 0C0141";
    let Ok(InformationObject::Ipm(ipm)) = InformationObject::from_bytes(&hex(object)) else {
        panic!("no message");
    };
    let raw = |octets| BodyPart::Unknown(Any(hex(octets)));
    assert_eq!(ipm.body.0, [raw("A0023100"), raw("A106310016024142"), raw("0C0141")]);
    assert_eq!(ipm.body.0[0].name(), "unknown");
    assert_eq!(InformationObject::Ipm(ipm).to_ber(), hex(object));
}

#[test]
fn a_heading_in_any_order_and_form() {
    let heading = Heading {
        subject: Some("hi".into()),
        expiry_time: Some(UtcTime(1_704_164_640)),
        ..Heading::new(identifier("1"))
    };
    // expiry-time without seconds, importance the default, an unknown [30], this-IPM at the end,
    // all indefinite, the subject in segments
    reads(
        &heading,
        "3180 890B 323430313032303330345A 8C0101 9E0100
         A880 3480 040168 140169 0000 0000 6B80 130131 0000 0000",
    );
}

#[test]
fn every_field_of_a_heading() {
    let heading = Heading::from_bytes(&vector("heading-full")).unwrap();
    assert!(heading.originator.as_ref().unwrap().formal_name.is_some());
    assert!(!heading.primary_recipients.is_empty() && !heading.copy_recipients.is_empty());
    assert!(heading.blind_copy_recipients.is_some() && heading.replied_to_ipm.is_some());
    assert_eq!(heading.extensions.0.len(), 5);
    assert_eq!(heading.subject_text().as_deref(), Some("Grüße"));
    let by_machine = extension(&heading.extensions, &oids::ID_HEX_AUTO_SUBMITTED);
    assert_eq!(by_machine, Some(Ok(AutoSubmitted::AUTO_GENERATED)));
    assert!(heading.recipients().count() >= 3);
    for extension in &heading.extensions.0 {
        assert!(extension_name(&extension.r#type).is_some(), "{}", extension.r#type);
    }
}

#[test]
fn the_subject_for_people() {
    let mut heading = Heading::new(identifier("1"));
    assert_eq!(heading.subject_text(), None);
    heading.subject = Some(TeletexString("M\u{c8}unchen".to_owned()));
    assert_eq!(heading.subject_text().as_deref(), Some("München"));
    let extended = UniversalOrBMPString::from("Ελλάδα");
    let extension = IPMSExtension::new(oids::ID_HEX_EXTENDED_SUBJECT, &extended);
    both_ways(&extension, "3016 0604 56010508 310E 1E0C 0395 03BB 03BB 03AC 03B4 03B1");
    heading.extensions.0.push(extension);
    assert_eq!(heading.subject_text().as_deref(), Some("Ελλάδα"));
    assert_eq!(Heading::from_bytes(&heading.to_ber()), Ok(heading));
}

#[test]
fn an_extension_of_no_value_is_its_type_alone() {
    let copy = IPMSExtension::new(oids::ID_HEX_INCOMPLETE_COPY, &restante_ber::Null);
    both_ways(&copy, "3006 0604 56010500");
}

#[test]
fn basic_body_parts() {
    let ipm = ipm("ipm-bodies");
    let names: Vec<_> = ipm.body.0.iter().map(BodyPart::name).collect();
    for name in
        ["ia5-text", "teletex", "g3-facsimile", "bilaterally-defined", "nationally-defined"]
    {
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
    let texts: Vec<_> = ipm.body.0.iter().filter_map(BodyPart::text).collect();
    assert_eq!(texts, ["one", "ITA2", "page 1\u{c}page 2"]);
}

#[test]
fn extended_body_parts() {
    let ipm = ipm("ipm-extended-bodies");
    let [text, file, bare] = ipm.body.0.as_slice() else { panic!("three parts") };
    assert_eq!((text.name().as_str(), file.name().as_str()), ("general-text", "file-transfer"));
    assert_eq!(text.text().as_deref(), Some("general text"));
    let BodyPart::Extended(file) = file else { panic!("an extended part") };
    let file = file.file().unwrap().unwrap();
    assert_eq!(file.name().as_deref(), Some("file.bin"));
    assert_eq!(file.contents.len(), 4);
    let BodyPart::Extended(bare) = bare else { panic!("an extended part") };
    assert!(bare.parameters.is_none() && bare.file().is_none());
    let Some(BodyPart::Ia5Text(_)) = bare.basic() else { panic!("IA5 text") };
}

#[test]
fn forwarded_messages_are_kept_as_they_came() {
    let ipm = ipm("ipm-forwarded");
    let part = ipm.body.0.iter().find_map(|part| match part {
        BodyPart::Message(part) => Some(part),
        _ => None,
    });
    let part = part.unwrap();
    assert!(part.parameters.delivery_envelope.is_some());
    let whole = vector("ipm-forwarded");
    let octets = &part.data.0;
    assert!(whole.windows(octets.len()).any(|window| window == octets));
    // As a content of its own: [0] in place of SEQUENCE.
    let inner = part.message().unwrap();
    assert!(inner.body.0.iter().any(|part| matches!(part, BodyPart::Message(_))));
    let content = InformationObject::Ipm(inner).to_ber();
    assert_eq!((content[0], &content[1..]), (0xa0, &octets[1..]));
}

#[test]
fn messages_forwarded_in_each_other_are_read_one_by_one() {
    let mut ipm = IPM::new(Heading::new(identifier("0")), [BodyPart::ia5_text("x")]);
    for _ in 0..1000 {
        let part = BodyPart::message(MessageParameters::default(), &ipm);
        ipm = IPM::new(Heading::new(identifier("1")), [part]);
    }
    let encoding = InformationObject::Ipm(ipm).to_ber();
    let read = InformationObject::from_bytes(&encoding).unwrap();
    assert_eq!(read.to_ber(), encoding);
    let InformationObject::Ipm(mut ipm) = read else { panic!("no message") };
    let mut depth = 0;
    while let Some(BodyPart::Message(part)) = ipm.body.0.first() {
        ipm = part.message().unwrap();
        depth += 1;
    }
    assert_eq!(depth, 1000);
}

#[test]
fn an_extended_part_of_a_standard_type_is_as_good_as_the_basic_one() {
    let data = restante_ber::Ia5String::from("hi");
    let part = |oid: Oid, data: Any| BodyPart::Extended(ExtendedBodyPart::new(oid, data, None));
    let text = part(oids::ID_ET_IA5_TEXT, Any::of(&data));
    // [15] { EXTERNAL { 2.6.1.4.0, [0] IA5String "hi" } }: no parameters
    both_ways(&text, "AF0E 280C 0604 56010400 A004 16026869");
    assert_eq!(text.text().as_deref(), Some("hi"));
    let BodyPart::Extended(extended) = &text else { unreachable!() };
    assert_eq!(extended.basic(), Some(BodyPart::ia5_text("hi")));
    let octets = part(oids::ID_ET_BILATERALLY_DEFINED, Any::of(&OctetString::default()));
    let BodyPart::Extended(octets) = &octets else { unreachable!() };
    assert_eq!(octets.basic(), Some(BodyPart::BilaterallyDefined(Rope::new())));
    let inner = IPM::new(Heading::new(identifier("2")), []);
    let forwarded = part(oids::ID_ET_MESSAGE, Any::of(&inner));
    let BodyPart::Extended(forwarded) = &forwarded else { unreachable!() };
    let Some(BodyPart::Message(forwarded)) = forwarded.basic() else { panic!("a message") };
    assert_eq!(forwarded.message(), Ok(inner));
}

#[test]
fn parameters_of_an_extended_part_have_an_implicit_tag() {
    let part = BodyPart::general_text("é");
    both_ways(
        &part,
        "AF25
           A013 0604 56010B0B A00B 3109 020101 020106 020164 -- [0], no EXTERNAL
           280E 0604 5601040B A006 1B04 1B2D41E9",
    );
}

#[test]
fn texts_written_are_read() {
    for text in ["plain\r\n", "café", "Łódź Ελλάδα 日本"] {
        assert_eq!(BodyPart::general_text(text).text().as_deref(), Some(text));
    }
    assert_eq!(BodyPart::ia5_text("a\r\nb").text().as_deref(), Some("a\r\nb"));
}

#[test]
fn a_file_written_is_read() {
    let contents = Bytes::from(vec![9u8; 10_000]);
    let object = message([BodyPart::file("plan.pdf", contents.clone())]);
    let Ok(InformationObject::Ipm(read)) = InformationObject::from_bytes(&object.to_ber()) else {
        panic!("no message");
    };
    let BodyPart::Extended(part) = &read.body.0[0] else { panic!("no extended part") };
    let file = part.file().unwrap().unwrap();
    assert_eq!(file.name().as_deref(), Some("plan.pdf"));
    assert_eq!(file.contents, Rope::from(contents));
    let size = file.parameters.file_attributes.unwrap().object_size;
    assert_eq!(size, Some(ObjectSize::ActualValues(10_000)));
}

#[test]
fn names_of_files_in_all_forms() {
    for tag in ["A0", "B7", "77"] {
        // an octet string of FTAM's last attributes behind the name is skipped
        let attributes = FileAttributes::from_bytes(&hex(&format!("3008 {tag}03 190161 910100")));
        let name = Pathname(vec!["a".into()]);
        assert_eq!(attributes.unwrap().pathname, Some(name), "{tag}");
    }
}

#[test]
fn a_forwarded_content_names_its_type() {
    let oid: Oid = "2.6.1.4.17.2.6.1.10.1".parse().unwrap();
    let data = Any::of(&OctetString(Bytes::from_static(b"x")));
    let part = ExtendedBodyPart::new(oid, data, None);
    let (content_type, content) = part.forwarded_content().unwrap();
    assert_eq!((content_type.to_string().as_str(), content.len()), ("2.6.1.10.1", 1));
    assert_eq!(BodyPart::Extended(part).name(), "content");
}

#[test]
fn notifications() {
    let ipn = |name| match InformationObject::from_bytes(&vector(name)) {
        Ok(InformationObject::Ipn(ipn)) => ipn,
        other => panic!("{name}: {other:?}"),
    };
    let NotificationFields::ReceiptFields(fields) = ipn("ipn-receipt").choice else {
        panic!("no receipt");
    };
    assert_eq!(fields.acknowledgment_mode, AcknowledgmentMode::AUTOMATIC);
    let NotificationFields::NonReceiptFields(fields) = ipn("ipn-non-receipt").choice else {
        panic!("no non-receipt");
    };
    assert_eq!(fields.non_receipt_reason, NonReceiptReason::IPM_AUTO_FORWARDED);
    assert!(fields.returned_ipm.is_some() && fields.auto_forward_comment.is_some());
    let NotificationFields::NonReceiptFields(fields) = ipn("ipn-discarded").choice else {
        panic!("no non-receipt");
    };
    assert_eq!(fields.discard_reason, Some(DiscardReason::IPM_OBSOLETED));
}

#[test]
fn a_receipt() {
    let ipn = IPN {
        subject_ipm: identifier("1"),
        ipn_originator: Some(ORDescriptor::from(ORName::default())),
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: None,
        choice: NotificationFields::ReceiptFields(ReceiptFields {
            receipt_time: UtcTime(1_704_164_645),
            acknowledgment_mode: AcknowledgmentMode::MANUAL,
            suppl_receipt_info: None,
            rn_extensions: None,
        }),
    };
    both_ways(
        &InformationObject::Ipn(ipn),
        "A11E
           6B03 130131                              -- subject-ipm
           A104 6002 3000                           -- [1] an empty O/R name
           A011 A10F                                -- [0] receipt-fields
             800D 3234303130323033303430355A",
    );
}

#[test]
fn characters_of_teletex() {
    let text = |octets: &[u8]| text::from_teletex(octets);
    assert_eq!(text(b"plain"), "plain");
    assert_eq!(text(b"S\xf9rensen \xa3 \xe1"), "Sørensen £ Æ");
    assert_eq!(text(b"\xc2e\xc8u\xcaa\xcfs\xcbc"), "éüåšç");
    // An accent by itself, and one that no character bears: an underline.
    assert_eq!(text(b"\xc8 \xccx"), " \u{308}x\u{332}");
    // ISO 8859-1: what would be a tilde on a p, and an octet that T.61 does not have.
    assert_eq!(text(b"\xc4pfel"), "Äpfel");
    assert_eq!(text(b"Stra\xdfe"), "Straße");
    // Escape sequences are followed.
    assert_eq!(text(b"\x1b-A\xfc \x1b)v\xc8u"), "ü ü");
    assert_eq!(text(b"\xc8u\x1b-A\xfc"), "üü");
}

#[test]
fn text_is_written_as_teletex_where_t61_can_hold_it() {
    let cases: [(&str, &[u8]); 4] = [
        ("plain", b"plain"),
        ("Sørensen £ Æ", b"S\xf9rensen \xa3 \xe1"),
        ("éüåšç", b"\xc2e\xc8u\xcaa\xcfs\xcbc"),
        // Decomposed before it comes.
        ("u\u{308}", b"\xc8u"),
    ];
    for (written, octets) in cases {
        assert_eq!(text::to_teletex(written), octets, "{written}");
    }
    for written in ["Überflug nach Çeşme", "Ærø", "naïve ß", "Łódź", "½ € Ω"] {
        let read = text::from_teletex(&text::to_teletex(written));
        assert_eq!(read, written.replace('€', "?"));
    }
    assert_eq!(text::to_teletex("\u{1f6eb} Даль"), b"? ????");
}

#[test]
fn characters_of_iso_2022() {
    // The right half of ISO 8859-5, then of 8859-1, then UTF-8, then back.
    let octets = b"\x1b-L\xb4\x1b-A\xe4\x1b%G\xe2\x82\xac\x1b%@\xe4";
    assert_eq!(text::from_general(octets, &[]), "Дä€ä");
    // By registration alone: ISO 8859-2.
    assert_eq!(text::from_general(b"\xb3", &[1, 6, 101]), "ł");
    // UCS-2 and back.
    assert_eq!(text::from_general(b"\x1b%/@\x20\xac\0\x1b\0%\0@\xe4", &[]), "€ä");
    // UCS-4, open to the end.
    assert_eq!(text::from_general(b"\x1b%/A\0\0\x20\xac", &[]), "€");
    // A set that nobody knows; an escape sequence that is cut off.
    assert_eq!(text::from_general(b"\x1b-~\xe4", &[]), "\u{fffd}");
    assert_eq!(text::from_general(b"a\x1b", &[]), "a");
}

#[test]
fn headers_of_aeronautical_messages() {
    let header = ATSMessageHeader {
        priority: "GG".to_owned(),
        filing_time: "201230".to_owned(),
        optional_heading_info: Some("extra".to_owned()),
    };
    let text = header.with_text("(FPL-ABC)");
    assert_eq!(text, "\u{1}PRI: GG\r\nFT: 201230\r\nOHI: extra\r\n\u{2}\r\n(FPL-ABC)");
    assert_eq!(ATSMessageHeader::parse(&text), Some((header.clone(), "(FPL-ABC)")));
    let body = Body(vec![BodyPart::ia5_text(&text)]);
    assert_eq!(ATSMessageHeader::of(&body), Some(header));

    let short = ATSMessageHeader::parse("PRI: ss\nFT:010000\n\n\u{2}TEXT").unwrap();
    assert_eq!((short.0.priority.as_str(), short.0.optional_heading_info), ("SS", None));
    assert_eq!(short.1, "TEXT");
    for none in ["", "PRI", "PRI: GG", "PRI: GGG\r\nFT: 201230\r\n", "PRI: GG\r\nFT: 2012\r\n"] {
        assert_eq!(ATSMessageHeader::parse(none), None, "{none}");
    }
    assert_eq!(ATSMessageHeader::of(&Body::default()), None);
}

#[test]
fn registrations_of_auto_forward_tell_their_edition() {
    let information = ForwardingInformation1988 {
        auto_forwarding_comment: Some("gone".into()),
        ..ForwardingInformation1988::default()
    };
    let of_1988 = AutoForwardRegistrationParameter88 {
        filter: None,
        auto_forward_arguments: AutoForwardArguments {
            originator_name: ORName::default(),
            content_identifier: None,
            priority: None,
            per_message_indicators: None,
            deferred_delivery_time: None,
            extensions: Default::default(),
            per_recipient_fields: Vec::new(),
        },
        delete_after_auto_forwarding: true,
        forwarding_information: OctetString(information.to_ber()),
    };
    assert_eq!(of_1988.information(), Ok(information));
    both_ways(
        &AutoForwardRegistration::Parameter88(of_1988),
        "311B
           A108 3106 6002 3000 A100            -- explicit, in it implicit tags
           A203 0101FF                         -- delete-after-auto-forwarding
           A30A 0408 3106 8004 676F6E65        -- an encoding in an OCTET STRING",
    );
    // An envelope of content-type 22 with one recipient under its own tags, then a heading.
    let of_1994 = "3020 A115 3113 60023000 460116 A10A 3108 60023000 80020410
                   A207 3105 6B03 130131";
    let read = AutoForwardRegistration::from_bytes(&hex(of_1994)).unwrap();
    assert!(matches!(read, AutoForwardRegistration::Parameter94(_)));
    assert_eq!(read.to_ber(), hex(of_1994));
}

#[test]
fn a_synopsis() {
    let synopsis = IPMSynopsis(vec![
        BodyPartSynopsis::NonMessage(NonMessageBodyPartSynopsis {
            r#type: oids::ID_ET_IA5_TEXT,
            parameters: None,
            size: 12,
            processed: false,
        }),
        BodyPartSynopsis::Message(MessageBodyPartSynopsis {
            number: crate::x413::SequenceNumber(7),
            synopsis: IPMSynopsis(Vec::new()),
        }),
    ]);
    both_ways(&synopsis, "3012 A109 8004 56010400 82010C A005 800107 A100");
}

#[test]
fn names_of_types() {
    for (name, oid) in [("general-text", "2.6.1.4.11"), ("voice", "2.6.1.4.16")] {
        assert_eq!(body_part_name(&oid.parse().unwrap()), Some(name));
    }
    assert_eq!(body_part_name(&oids::ID_EP_MESSAGE), None);
    assert_eq!(parameters_oid(&oids::ID_ET_MESSAGE), Some(&oids::ID_EP_MESSAGE));
    assert_eq!(extension_name(&oids::ID_HEX_LANGUAGES), Some("languages"));
    assert_eq!(extension_name(&oids::ID_EP_MESSAGE), None);
}

proptest! {
    #[test]
    fn octets_of_any_kind_are_read_or_refused(
        octets in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let _ = InformationObject::from_ber(&octets);
        let _ = Heading::from_ber(&octets);
        let _ = Body::from_ber(&octets).map(|body| ATSMessageHeader::of(&body));
        let _ = text::from_teletex(&octets);
        let _ = text::from_general(&octets, &[]);
        let _ = FileTransferParameters::from_ber(&octets);
    }

    #[test]
    fn vectors_with_an_octet_changed_are_read_or_refused(at in any::<usize>(), to in any::<u8>()) {
        for vector in other_encoders("ipm") {
            let mut octets = vector.octets.to_vec();
            let at = at % octets.len();
            octets[at] = to;
            let Ok(InformationObject::Ipm(ipm)) = InformationObject::from_ber(&octets) else {
                continue;
            };
            for part in &ipm.body.0 {
                let _ = (part.text(), part.name());
                if let BodyPart::Extended(part) = part {
                    let _ = (part.basic(), part.file(), part.forwarded_content());
                }
            }
        }
    }

    #[test]
    fn headers_of_aeronautical_messages_are_found_or_not(text in "\\PC{0,40}") {
        let _ = ATSMessageHeader::parse(&text);
        let _ = ATSMessageHeader::parse(&format!("PRI: GG\r\nFT: 201230{text}"));
    }

    #[test]
    fn text_survives(text in any::<String>()) {
        prop_assume!(!text.contains('\u{1b}'));
        prop_assert_eq!(BodyPart::general_text(&text).text(), Some(text));
    }
}
