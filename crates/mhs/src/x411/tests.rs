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

proptest! {
    #[test]
    fn no_octets_make_us_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let octets = Bytes::from(octets);
        survives::<MessageDeliveryArgument>(&octets);
        survives::<ReportDeliveryArgument>(&octets);
        survives::<MTSBindArgument>(&octets);
        survives::<RegisterArgument>(&octets);
        survives::<Register88>(&octets);
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
