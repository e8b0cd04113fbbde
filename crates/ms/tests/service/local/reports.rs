//! What originators learn.

use super::*;
use restante_mhs::x411::{
    BuiltInEncodedInformationTypes, ContentCorrelator, Criticality, EncodedInformationTypes,
    ExplicitConversion, RequestedDeliveryMethod, TypeOfMTSUser, extension,
};

const UNABLE: i64 = 1;
const UNRECOGNISED: Option<(i64, Option<i64>)> = Some((UNABLE, Some(0)));

#[test]
fn one_report_tells_of_all_of_whom_it_was_asked() {
    let world = world();
    let mut draft = Draft::to(&[pdu::BOB, pdu::CAROL, pdu::DAVE]).with(|envelope| {
        let correlator = ContentCorrelator::Ia5text("thing 1".into());
        envelope.extensions.push(extension::CONTENT_CORRELATOR, &correlator);
    });
    draft.sent(&world);
    let report = reported(&world, 1);
    assert_eq!(outcomes(&report), [None, UNRECOGNISED, UNRECOGNISED]);
    let [bob, carol, _] = &report.per_recipient_fields[..] else { panic!("{report:?}") };
    assert_eq!(bob.actual_recipient_name, name(pdu::BOB));
    let ReportType::Delivery(delivery) = &bob.report_type else { panic!("{bob:?}") };
    assert_eq!(delivery.message_delivery_time, UtcTime(world.now / SECOND_US));
    assert_eq!(delivery.type_of_mts_user, TypeOfMTSUser::MS);
    assert_eq!(carol.actual_recipient_name, name(pdu::CAROL));
    let information = carol.supplementary_information.as_ref().expect("words");
    assert_eq!(information.as_str(), "nobody here has this address");
    assert_eq!(report.content_identifier, draft.envelope.content_identifier);
    assert_eq!(report.content_type, Some(ContentType::of_oid(P22)));
    assert!(report.extensions.field(extension::CONTENT_CORRELATOR.number).is_some());
    let mta = report.extensions.get(extension::REPORTING_MTA_NAME).expect("a name");
    assert_eq!(mta.expect("a name").mta_name.as_str(), "RESTANTE");
    let delivered = delivered(&world, pdu::BOB, 1);
    assert_eq!(report.subject_submission_identifier, delivered.message_delivery_identifier);
    // Non-delivery-reports of two, no report of the third.
    let fields = &mut draft.envelope.per_recipient_fields;
    let failures = OriginatorReportRequest::of([OriginatorReportRequest::NON_DELIVERY_REPORT]);
    fields[0].originator_report_request = failures.clone();
    fields[1].originator_report_request = failures;
    fields[2].originator_report_request = OriginatorReportRequest::default();
    draft.sent(&world);
    let report = reported(&world, 2);
    assert_eq!(outcomes(&report), [UNRECOGNISED]);
    assert_eq!(report.per_recipient_fields[0].actual_recipient_name, name(pdu::CAROL));
    draft.envelope.per_recipient_fields.remove(1);
    draft.sent(&world);
    assert_eq!(numbers(&world, pdu::ALICE), [1, 2], "there is nothing to tell");
}

#[test]
fn the_content_comes_back_with_a_non_delivery_where_that_was_asked_for() {
    let world = world();
    let alice = bound(&world, pdu::ALICE);
    let back = [PerMessageIndicators::CONTENT_RETURN_REQUEST];
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")]);
    let forwarded = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let mut draft = Draft::to(&[pdu::BOB, pdu::CAROL]).indicating(&back);
    draft.content = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &[forwarded]);
    draft.sent(&world);
    assert_eq!(world.numbers(&alice, pdu::selector::CHILDREN), [1, 2, 3]);
    assert_eq!(content(&world, pdu::ALICE, 2), draft.content);
    assert_eq!(content(&world, pdu::BOB, 1), draft.content);
    // All were reached; or it was not asked for.
    Draft::to(&[pdu::BOB]).indicating(&back).sent(&world);
    Draft::to(&[pdu::CAROL]).sent(&world);
    assert_eq!(world.numbers(&alice, pdu::selector::CHILDREN), [1, 2, 3, 4, 5]);
    // Alice is a recipient herself.
    let draft = Draft::to(&[pdu::CAROL, pdu::ALICE]).indicating(&back);
    draft.sent(&world);
    assert_eq!(world.numbers(&alice, pdu::selector::CHILDREN)[5..], [6, 7, 8]);
    assert_eq!(content(&world, pdu::ALICE, 6), draft.content);
    assert_eq!(content(&world, pdu::ALICE, 8), draft.content);
}

#[test]
fn a_probe_is_answered_by_a_report_and_delivers_nothing() {
    let world = world();
    let alice = bound(&world, pdu::ALICE);
    register(&world, pdu::BOB, &pdu::x(0xa1, "020203e8"));
    let probe = |length: &str| {
        let members = [
            pdu::hex(pdu::ALICE),
            pdu::hex("460116"),
            pdu::tlv(0x80, &pdu::hex(length)),
            pdu::of(
                0xa3,
                &[recipient(pdu::BOB).to_ber().to_vec(), recipient(pdu::CAROL).to_ber().to_vec()],
            ),
        ];
        pdu::of(0x31, &members)
    };
    let reply = world.invoke_octets(&alice, 4, &probe("03e8"));
    assert!(matches!(reply, Reply::Result { operation: 4, .. }), "{reply:?}");
    assert_eq!(outcomes(&reported(&world, 1)), [None, UNRECOGNISED]);
    world.invoke_octets(&alice, 4, &probe("03e9"));
    assert_eq!(outcomes(&reported(&world, 2)), [Some((UNABLE, Some(7))), UNRECOGNISED]);
    assert!(numbers(&world, pdu::BOB).is_empty());
}

#[test]
fn what_a_mailbox_is_not_registered_for_is_not_delivered() {
    let world = world();
    let to_bob = || Draft::to(&[pdu::BOB]);
    let mut long = to_bob();
    long.content = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &[pdu::ia5(&"x".repeat(1000))]);
    register(&world, pdu::BOB, &pdu::x(0xa1, "020203e8"));
    assert_eq!(failure(&world, &long), (UNABLE, Some(7)), "content-too-long");
    to_bob().sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    // Deliverable content-types: P2.
    register(&world, pdu::BOB, &pdu::x(0xa3, "460102"));
    assert_eq!(failure(&world, &to_bob()), (UNABLE, Some(15)), "content-type-not-supported");
    register(&world, pdu::BOB, "a300");
    // Deliverable encoded-information-types: ia5-text; sent is voice.
    register(&world, pdu::BOB, &pdu::x(0x65, "80020520"));
    let voice = to_bob().with(|envelope| {
        let bits = BuiltInEncodedInformationTypes::of([BuiltInEncodedInformationTypes::VOICE]);
        envelope.original_encoded_information_types = Some(EncodedInformationTypes {
            built_in_encoded_information_types: bits,
            ..Default::default()
        });
    });
    assert_eq!(failure(&world, &voice), (UNABLE, Some(6)));
    let prohibited = [PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED];
    assert_eq!(failure(&world, &voice.indicating(&prohibited)), (2, Some(9)));
}

#[test]
fn what_this_mta_does_not_do_is_reported() {
    let world = world();
    let to_bob = || Draft::to(&[pdu::BOB]);
    let with_fields = |change: &dyn Fn(&mut PerRecipientMessageSubmissionFields)| {
        to_bob().with(|envelope| change(&mut envelope.per_recipient_fields[0]))
    };
    let converted = with_fields(&|fields| {
        fields.explicit_conversion = Some(ExplicitConversion::IA5_TEXT_TO_TELETEX);
    });
    assert_eq!(failure(&world, &converted), (2, Some(8)));
    let by = |methods: &[RequestedDeliveryMethod]| {
        with_fields(&|fields| {
            fields.extensions.push(extension::REQUESTED_DELIVERY_METHOD, &methods.to_vec());
        })
    };
    let paper = by(&[RequestedDeliveryMethod::PHYSICAL_DELIVERY]);
    assert_eq!(failure(&world, &paper), (4, None));
    for whom in [Criticality::FOR_TRANSFER, Criticality::FOR_DELIVERY] {
        let all = to_bob().with(|envelope| envelope.extensions.0.0.push(unknown(whom)));
        assert_eq!(failure(&world, &all), (UNABLE, Some(18)));
        let one = with_fields(&|fields| fields.extensions.0.0.push(unknown(whom)));
        assert_eq!(failure(&world, &one), (UNABLE, Some(18)));
    }
    let late = to_bob().with(|envelope| {
        let time = UtcTime(world.now / SECOND_US - 1);
        envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &time);
    });
    assert_eq!(failure(&world, &late), (UNABLE, Some(5)));
    assert!(numbers(&world, pdu::BOB).is_empty());
    by(&[RequestedDeliveryMethod::PHYSICAL_DELIVERY, RequestedDeliveryMethod::MHS_DELIVERY])
        .sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1]);
}

#[test]
fn limits_of_the_mta_are_reported_for_all() {
    let backend = std::sync::Arc::new(MemoryBackend::new());
    let local = LocalMta { recipients_max: 2, content_octets_max: 60, ..LocalMta::default() };
    let world = with(&backend, local);
    let draft = Draft::to(&[pdu::BOB, pdu::ALICE]);
    draft.sent(&world);
    let mut long = draft.clone();
    long.content = vec![b'x'; 61];
    long.sent(&world);
    let failed = Some((UNABLE, Some(7)));
    assert_eq!(outcomes(&reported(&world, 3)), [failed, failed]);
    Draft::to(&[pdu::BOB, pdu::ALICE, pdu::CAROL]).sent(&world);
    let failed = Some((UNABLE, Some(16)));
    assert_eq!(outcomes(&reported(&world, 4)), [failed, failed, failed]);
    assert_eq!(numbers(&world, pdu::BOB), [1]);
}

#[test]
fn a_mailbox_that_is_full_gets_no_more() {
    let quota = restante_ms::Quota { entries: Some(1), octets: None };
    let settings = Settings { mta: None, quota, ..Settings::default() };
    let world = World::with(&std::sync::Arc::new(MemoryBackend::new()), settings);
    Draft::to(&[pdu::BOB]).sent(&world);
    assert_eq!(failure(&world, &Draft::to(&[pdu::BOB])), (UNABLE, Some(4)));
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    assert_eq!(numbers(&world, pdu::ALICE), [1, 2], "reports are not held back");
}

#[test]
fn reports_are_modified_as_they_come() {
    let world = world();
    let alice = world.bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, "")).0;
    // auto-modify, of reports: a storage-period of 100 seconds
    let period = pdu::x(0x30, &format!("{}{}", pdu::x(0x06, "56040349"), "3003020164"));
    let modifications = pdu::x(0xa2, &pdu::x(0x30, &pdu::x(0x31, &pdu::x(0xa1, &period))));
    let filter = pdu::x(0xa1, &pdu::filter::equal("56040310", "020101"));
    let modify = pdu::x(0xa1, &pdu::x(0x31, &format!("{filter}{modifications}")));
    let one = pdu::x(0x30, &format!("{}a003020101{modify}", pdu::x(0x06, "56040404")));
    let argument = pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x31, &one)));
    assert!(matches!(world.invoke(&alice, 24, &argument), Reply::Result { .. }));
    // To herself and to nobody: message and report are in one mailbox.
    Draft::to(&[pdu::ALICE, pdu::CAROL]).sent(&world);
    let told = |number| {
        let fetched = world.fetch(&alice, &pdu::precise(number, &["56040349"]));
        attribute(&fetched.entry_information.expect("an entry"), "56040349")
    };
    let [message, report] = world.numbers(&alice, "")[..] else { panic!("two entries") };
    assert!(told(message).is_empty());
    assert_eq!(told(report), [pdu::hex("020164")]);
}
