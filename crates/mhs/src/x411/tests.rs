//! Bind's wire vectors, PDUs of another encoder, and octets of no meaning.

use super::*;
use crate::vectors::{both_ways, hex, reads};
use proptest::prelude::*;
use restante_ber::{Bytes, Decode, Encode};

fn queue(messages: i64, octets: Option<i64>) -> DeliveryQueue {
    DeliveryQueue { messages, octets }
}

fn bind(initiator_name: ObjectName) -> MTSBindArgument {
    MTSBindArgument {
        initiator_name,
        messages_waiting: None,
        initiator_credentials: Credentials::Simple("secret".into()),
        security_context: None,
        extensions: Extensions::default(),
    }
}

#[test]
fn an_mta_binds() {
    let mut argument = bind(ObjectName::MTA("mta1".into()));
    argument.messages_waiting = Some(MessagesWaiting {
        urgent: queue(0, None),
        normal: queue(1, Some(1024)),
        non_urgent: queue(0, None),
    });
    both_ways(
        &argument,
        "31 27
            80 04 6d 74 61 31                          -- initiator-name: mTA
            a1 15                                      -- messages-waiting, explicit
               31 13
                  a0 03 80 01 00
                  a1 07 80 01 01 81 02 04 00           -- normal: 1 message, 1024 octets
                  a2 03 80 01 00
            a2 08 16 06 73 65 63 72 65 74              -- initiator-credentials: ia5-string",
    );
    reads(
        &bind(ObjectName::MTA("mta1".into())),
        "31 80 a2 80 16 06 73 65 63 72 65 74 00 00 bf 63 02 05 00 80 04 6d 74 61 31 00 00",
    );
}

#[test]
fn users_and_stores_bind() {
    let user = crate::vectors::name("U");
    both_ways(
        &bind(ObjectName::UserAgent(user.clone())),
        "31 11 60 05 30 03 81 01 55 a2 08 16 06 73 65 63 72 65 74",
    );
    let mut store = bind(ObjectName::MessageStore(user));
    store.initiator_credentials =
        Credentials::Simple(Password::OctetString(b"secret".as_slice().into()));
    both_ways(
        &store,
        "31 11
            a4 05 30 03 81 01 55                       -- message-store [4] in place of 60
            a2 08 04 06 73 65 63 72 65 74              -- octet-string",
    );
    assert!(!format!("{store:?}").contains("secret"), "a password is never shown");
    assert_eq!(Password::from("secret").octets(), b"secret");
    assert_eq!(Password::from("пароль").octets(), "пароль".as_bytes());
}

#[test]
fn a_bind_error_is_an_integer() {
    both_ways(&MTSBindError::AUTHENTICATION_ERROR, "02 01 02");
    assert!(MTSBindError::from_bytes(&hex("0a 01 02")).is_err());
}

#[test]
fn a_token_keeps_its_octets() {
    let credentials = "a2 80 a0 80 a0 80 80 04 56 03 06 00 a1 80 30 80 05 00 00 00 00 00 00 00
        a2 04 80 02 00 01 00 00 00 00";
    let argument = format!("31 80 80 01 6d {credentials} 00 00");
    let argument = MTSBindArgument::from_bytes(&hex(&argument)).unwrap();
    let Credentials::Strong(strong) = &argument.initiator_credentials else { panic!() };
    let token = strong.bind_token.as_ref().unwrap();
    assert_eq!(token.token_type_identifier, oids::ID_TOK_ASYMMETRICTOKEN);
    assert_eq!(token.token.0, hex("30 80 05 00 00 00"));
    let selector = strong.certificate_selector.as_ref().unwrap();
    assert_eq!(selector.contents(), &hex("80 02 00 01"));
    assert_eq!(MTSBindArgument::from_bytes(&argument.to_ber()), Ok(argument));
}

/// Reads octets as a type, and what is written of it as the same value.
fn survives<T: Decode + Encode + PartialEq + core::fmt::Debug>(octets: &Bytes) -> bool {
    let Ok(value) = T::from_bytes(octets) else { return false };
    let again = value.to_ber();
    assert_eq!(T::from_bytes(&again).as_ref(), Ok(&value));
    true
}

/// The types by the name that the vectors give them.
fn reader(name: &str) -> Option<fn(&Bytes) -> bool> {
    Some(match name {
        "MTSAbstractService.MTSBindArgument" => survives::<MTSBindArgument>,
        "MTSAbstractService.MTSBindResult" => survives::<MTSBindResult>,
        "MTSAbstractService.mts-bind-error parameter" => survives::<MTSBindError>,
        "MTSAbstractService.MessageDeliveryArgument" => survives::<MessageDeliveryArgument>,
        "MTSAbstractService.MessageDeliveryResult" => survives::<MessageDeliveryResult>,
        "MTSAbstractService.ReportDeliveryArgument" => survives::<ReportDeliveryArgument>,
        "MTSAbstractService.ReportDeliveryResult" => survives::<ReportDeliveryResult>,
        "MTSAbstractService.MessageSubmissionArgument" => survives::<MessageSubmissionArgument>,
        "MTSAbstractService.MessageSubmissionResult" => survives::<MessageSubmissionResult>,
        "MTSAbstractService.ProbeSubmissionArgument" => survives::<ProbeSubmissionArgument>,
        "MTSAbstractService.ProbeSubmissionResult" => survives::<ProbeSubmissionResult>,
        "MTSAbstractService.ImproperlySpecifiedRecipients" => survives::<Vec<ORName>>,
        "MTSAbstractService.ORName" => survives::<ORName>,
        "MTSAbstractService.ChangeCredentialsArgument" => survives::<ChangeCredentialsArgument>,
        "MTSAbstractService.DeliveryControlArgument" => survives::<DeliveryControlArgument>,
        "MTSAbstractService.DeliveryControlResult" => survives::<DeliveryControlResult>,
        "MTSAbstractService.RefusedOperation" => survives::<RefusedOperation>,
        "MTSAbstractService.RegisterArgument" => survives::<RegisterArgument>,
        "MTSAbstractService.RegisterResult" => survives::<RegisterResult>,
        "MTSAbstractService.SubmissionControls" => survives::<SubmissionControlArgument>,
        "MTSAbstractService.Waiting" => survives::<Waiting>,
        "MTSAbstractService88.DeliveryControls88" => survives::<DeliveryControls88>,
        "MTSAbstractService88.Register88" => survives::<Register88>,
        _ => return None,
    })
}

#[test]
fn what_another_encoder_made_is_read() {
    let vectors = crate::vectors::other_encoders("mts");
    assert!(vectors.len() > 30);
    for vector in vectors {
        let read = reader(&vector.type_name).unwrap_or_else(|| panic!("{}", vector.type_name));
        assert!(read(&vector.octets), "{}", vector.file);
    }
}

fn other<T: Decode>(name: &str) -> T {
    let vectors = crate::vectors::other_encoders("mts");
    let file = format!("/{name}.hex");
    let vector = vectors.iter().find(|vector| vector.file.ends_with(&file)).unwrap();
    T::from_bytes(&vector.octets).unwrap()
}

#[test]
fn a_full_delivery_of_another_encoder() {
    let delivery: MessageDeliveryArgument = other("delivery-argument-full");
    assert_eq!(delivery.message_delivery_identifier.to_string(), "[/PRMD=PEER/ADMD= /C=GB/;L2]");
    assert_eq!(delivery.message_delivery_time.text(), "260314092700Z");
    assert_eq!(delivery.content.len(), 200);
    let fields = delivery.other_fields;
    assert_eq!(fields.priority, Priority::URGENT);
    assert!(fields.delivery_flags.unwrap().has(DeliveryFlags::IMPLICIT_CONVERSION_PROHIBITED));
    assert_eq!(fields.content_identifier, Some(ContentIdentifier("my id".into())));
    let bob = "/G=Bob/I=B/S=Smith/Q=Jr/OU1=Ops/O=Example/PRMD=PEER/C=GB/";
    assert_eq!(fields.originally_intended_recipient_name.unwrap().to_string(), bob);
    assert_eq!(fields.other_recipient_names.unwrap().len(), 2);
    let names = |types: Option<EncodedInformationTypes>| -> Vec<_> {
        types.unwrap().oids().iter().map(ToString::to_string).collect()
    };
    let original = names(fields.original_encoded_information_types);
    assert_eq!(original, ["2.6.3.4.2", "1.0.10021.7.1.0.1"]);
    assert_eq!(names(fields.converted_encoded_information_types), ["2.6.3.4.3"]);

    let extensions = fields.extensions;
    let label = extensions.get(extension::MESSAGE_SECURITY_LABEL).unwrap().unwrap();
    assert_eq!(label.security_classification, Some(SecurityClassification::CONFIDENTIAL));
    assert_eq!(label.privacy_mark, Some("IN CONFIDENCE".into()));
    let prohibited = extensions.get(extension::DL_EXPANSION_PROHIBITED).unwrap();
    assert_eq!(prohibited, Some(DLExpansionProhibited::DL_EXPANSION_PROHIBITED));
    let correlator = extensions.get(extension::CONTENT_CORRELATOR).unwrap();
    assert_eq!(correlator, Some(ContentCorrelator::Ia5text("corr 17".into())));
    let address = extensions.get(extension::ORIGINATOR_RETURN_ADDRESS).unwrap().unwrap();
    assert_eq!(address.to_string(), "/CN=Return/ADMD=POST/C=GB/");
    let history = extensions.get(extension::REDIRECTION_HISTORY).unwrap().unwrap();
    assert_eq!(history[0].intended_recipient_name.intended_recipient.to_string(), bob);
    assert_eq!(history[0].intended_recipient_name.redirection_time.text(), "260314092655Z");
    let reason = RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
    assert_eq!(history[0].redirection_reason, reason);
    let history = extensions.get(extension::DL_EXPANSION_HISTORY).unwrap().unwrap();
    assert_eq!(history[0].dl.to_string(), "/CN=All Ops/OU1=Ops/O=Example/PRMD=PEER/C=GB/");
    let critical = extensions.critical_unknown(Criticality::FOR_DELIVERY);
    assert_eq!(critical.count(), 0, "the private one is not critical");
}

#[test]
fn tokens_of_body_parts_of_another_encoder() {
    let delivery: MessageDeliveryArgument = other("delivery-argument-tokens");
    let extensions = delivery.other_fields.extensions;
    let keys = extensions.get(extension::BODY_PART_ENCRYPTION_TOKEN).unwrap().unwrap();
    let numbers: Vec<_> = keys.0.iter().map(|key| key.body_part_number).collect();
    assert_eq!(numbers, [1, 2]);
    let forwarded = extensions.get(extension::FORWARDED_CONTENT_TOKEN).unwrap().unwrap();
    let numbers: Vec<_> = forwarded.0.iter().map(|token| token.body_part_number).collect();
    assert_eq!(numbers, [1, 3]);
    let blind = extensions.get(extension::BLIND_COPY_RECIPIENTS).unwrap().unwrap();
    let blind = blind[0].recipient.formal_name.as_ref().unwrap().to_string();
    assert_eq!(blind, "/G=Bob/I=B/S=Smith/Q=Jr/OU1=Ops/O=Example/PRMD=PEER/C=GB/");
}

#[test]
fn a_full_report_of_another_encoder() {
    let report: ReportDeliveryArgument = other("report-argument-full");
    assert_eq!(report.returned_content.unwrap().to_bytes(), hex("01 02 03"));
    let list = "/CN=All Ops/OU1=Ops/O=Example/PRMD=PEER/C=GB/";
    let history = report.extensions.get(extension::ORIGINATOR_AND_DL_EXPANSION_HISTORY);
    let history = history.unwrap().unwrap();
    let alice = "/CN=Alice/OU1=Ops/O=Example/PRMD=PEER/C=GB/";
    assert_eq!(history[0].originator_or_dl_name.to_string(), alice);
    assert_eq!(history[1].originator_or_dl_name.to_string(), list);
    let name = report.extensions.get(extension::REPORTING_DL_NAME).unwrap().unwrap();
    assert_eq!(name.to_string(), list);
    let mta = report.extensions.get(extension::REPORTING_MTA_NAME).unwrap().unwrap();
    assert_eq!((mta.mta_name.as_str(), mta.mta_directory_name), ("mta1", None));
    let [delivered, failed] = &report.per_recipient_fields[..] else { panic!() };
    let ReportType::Delivery(delivered) = &delivered.report_type else { panic!() };
    assert_eq!(delivered.type_of_mts_user, TypeOfMTSUser::PRIVATE);
    let ReportType::NonDelivery(reasons) = &failed.report_type else { panic!() };
    assert_eq!(reasons.non_delivery_reason_code.to_string(), "unable-to-transfer");
    let diagnostic = reasons.non_delivery_diagnostic_code.unwrap();
    assert_eq!(diagnostic.to_string(), "unrecognised-or-name");
    assert_eq!(failed.supplementary_information, Some("no such mailbox".into()));
    assert_eq!(failed.originally_intended_recipient_name.as_ref().unwrap().to_string(), alice);
}

#[test]
fn trace_information() {
    let element = TraceInformationElement {
        global_domain_identifier: crate::vectors::identifier("").global_domain_identifier,
        domain_supplied_information: DomainSuppliedInformation {
            arrival_time: crate::vectors::TIME,
            routing_action: RoutingAction::RELAYED,
            attempted_domain: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::of([OtherActions::REDIRECTED]),
        },
    };
    both_ways(
        &TraceInformation(vec![element]),
        "69 27
            30 25
               63 0b 61 04 13 02 58 58 62 03 13 01 41          -- global-domain-identifier
               31 16
                  80 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a -- arrival-time
                  82 01 00                                     -- routing-action: relayed
                  83 02 07 80                                  -- other-actions: redirected",
    );
}

proptest! {
    #[test]
    fn no_octets_make_us_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let octets = Bytes::from(octets);
        survives::<MessageDeliveryArgument>(&octets);
        survives::<ReportDeliveryArgument>(&octets);
        survives::<MTSBindArgument>(&octets);
        survives::<RegisterArgument>(&octets);
        survives::<Register88>(&octets);
        survives::<DeliveryControlArgument>(&octets);
        survives::<MessageSubmissionArgument>(&octets);
        let _ = split_message_delivery(&octets);
        let _ = split_report_delivery(&octets);
    }

    /// One octet of a good PDU is another: most often it can be read still.
    #[test]
    fn nor_do_good_ones_with_a_wrong_octet(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
    ) {
        let vectors = crate::vectors::other_encoders("mts");
        let vector = which.get(&vectors);
        let mut octets = vector.octets.to_vec();
        let at = at.index(octets.len());
        octets[at] = octet;
        let octets = Bytes::from(octets);
        reader(&vector.type_name).unwrap()(&octets);
        if let Ok(name) = ORName::from_bytes(&octets) {
            let _ = (name.to_string(), name.address.key());
        }
        let _ = split_message_delivery(&octets);
    }
}
