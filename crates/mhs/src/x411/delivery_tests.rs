//! Wire vectors of message-delivery.

use super::*;
use crate::vectors::{TIME, both_ways, hex, identifier, name, reads};
use crate::x411::{BuiltInContentType, Criticality, ProofOfDeliveryRequest, extension};
use restante_ber::Encode;

fn delivery() -> MessageDeliveryArgument {
    let mut extensions = Extensions::default();
    extensions.push(
        extension::PROOF_OF_DELIVERY_REQUEST,
        &ProofOfDeliveryRequest::PROOF_OF_DELIVERY_REQUESTED,
    );
    MessageDeliveryArgument {
        message_delivery_identifier: identifier("d1"),
        message_delivery_time: TIME,
        other_fields: OtherMessageDeliveryFields {
            content_type: DeliveredContentType::BuiltIn(
                BuiltInContentType::INTERPERSONAL_MESSAGING_1988,
            ),
            originator_name: name("S"),
            original_encoded_information_types: None,
            priority: Priority::URGENT,
            delivery_flags: None,
            other_recipient_names: Some(vec![name("J")]),
            this_recipient_name: name("B"),
            originally_intended_recipient_name: None,
            converted_encoded_information_types: None,
            message_submission_time: TIME,
            content_identifier: Some(ContentIdentifier("c1".into())),
            extensions,
        },
        content: Rope::from(b"hello".as_slice()),
    }
}

const ENVELOPE: &str = "
    64 11 63 0b 61 04 13 02 58 58 62 03 13 01 41 16 02 64 31 -- message-delivery-identifier
    17 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a             -- message-delivery-time
    31 40                                                    -- other-fields
       80 01 16                                              -- content-type, not 46
       60 05 30 03 81 01 53                                  -- originator-name
       47 01 02                                              -- priority urgent
       a3 07 60 05 30 03 81 01 4a                            -- other-recipient-names
       a4 05 30 03 81 01 42                                  -- this-recipient-name, not a4 .. 60
       87 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a          -- message-submission-time
       88 02 63 31                                           -- content-identifier
       a9 0e                                                 -- extensions
          30 0c
             80 01 16                                        -- proof-of-delivery-request
             81 02 05 20                                     -- for-delivery
             a2 03 0a 01 01                                  -- value, explicit
    ";

#[test]
fn an_argument() {
    both_ways(&delivery(), &format!("30 6b {ENVELOPE} 04 05 68 65 6c 6c 6f"));
}

#[test]
fn members_in_another_order_indefinite_and_with_strangers() {
    reads(
        &delivery(),
        "30 80
         64 80 63 80 61 80 13 02 58 58 00 00 62 80 13 01 41 00 00 00 00 16 02 64 31 00 00
         17 0d 32 34 30 31 30 32 30 33 30 34 30 35 5a
         31 80
            a9 80
               30 80 80 01 16 81 02 05 20 a2 80 0a 01 01 00 00 00 00
            00 00
            9f 63 01 00                               -- a member of a later edition
            87 11 32 34 30 31 30 32 30 35 30 34 30 35 2b 30 32 30 30     -- with an offset
            a8 80 04 01 63 04 01 31 00 00             -- content-identifier in segments
            47 01 02
            a4 80 30 80 81 01 42 00 00 00 00
            a3 80 60 05 30 03 81 01 4a 00 00
            60 81 05 30 03 81 01 53
            80 01 16
         00 00
         24 80 04 02 68 65 24 80 04 03 6c 6c 6f 00 00 00 00              -- content in segments
         05 00                                        -- an element of a later edition
         00 00",
    );
}

#[test]
fn a_member_twice_is_refused() {
    let twice =
        format!("30 6e {} 04 05 68 65 6c 6c 6f", ENVELOPE.replace("31 40", "31 43 47 01 00"));
    let error = MessageDeliveryArgument::from_bytes(&hex(&twice)).unwrap_err();
    assert_eq!(error, Error::Duplicate { of: "OtherMessageDeliveryFields", member: "priority" });
}

#[test]
fn the_envelope_is_split_off_as_it_came() {
    let argument = hex(&format!("30 80 {ENVELOPE} 24 80 04 02 68 65 04 03 6c 6c 6f 00 00 00 00"));
    let (envelope, content) = split_message_delivery(&argument).unwrap();
    assert_eq!(content, Rope::from(b"hello".as_slice()));
    let range = argument.as_ptr_range();
    assert!(content.pieces().all(|piece| range.contains(&piece.as_ptr())), "shared");
    assert!(envelope.pieces().skip(1).all(|piece| range.contains(&piece.as_ptr())), "shared");
    assert_eq!(envelope.to_bytes(), hex(&format!("30 64 {ENVELOPE}")));
    let envelope = MessageDeliveryEnvelope::from_bytes(&envelope.to_bytes()).unwrap();
    assert_eq!(envelope.other_fields, delivery().other_fields);

    for octets in ["31 00", "30 00", "30 02 05 00", "04 01 00"] {
        assert!(split_message_delivery(&hex(octets)).is_err(), "{octets}");
    }
}

#[test]
fn an_empty_content() {
    let mut argument = delivery();
    argument.content = Rope::new();
    let (envelope, content) = split_message_delivery(&argument.to_ber()).unwrap();
    assert!(content.is_empty());
    assert_eq!(envelope.to_bytes(), hex(&format!("30 64 {ENVELOPE}")));
}

#[test]
fn results() {
    both_ways(&MessageDeliveryResult::default(), "31 00");
    let proof = Signature {
        algorithm_identifier: crate::x509::AlgorithmIdentifier {
            algorithm: restante_ber::oid!(1, 2, 3),
            parameters: None,
        },
        encrypted: restante_ber::BitString::of_octets(vec![0xff]),
    };
    both_ways(
        &MessageDeliveryResult { proof_of_delivery: Some(proof), ..Default::default() },
        "31 0c a1 0a                           -- proof-of-delivery, implicit
            30 04 06 02 2a 03 03 02 00 ff",
    );
}

#[test]
fn extensions_that_are_not_understood() {
    let field = |r#type, bit| crate::x411::ExtensionField {
        r#type,
        criticality: Criticality::of([bit]),
        value: restante_ber::Any::of(&restante_ber::Null),
    };
    use crate::x411::ExtensionType::{PrivateExtension, StandardExtension};
    let private = PrivateExtension(restante_ber::oid!(1, 2, 3));
    let mut extensions = delivery().other_fields.extensions;
    extensions.0.0.extend([
        field(StandardExtension(200), Criticality::FOR_DELIVERY),
        field(StandardExtension(201), Criticality::FOR_TRANSFER),
        field(private.clone(), Criticality::FOR_DELIVERY),
    ]);
    let unknown: Vec<_> = extensions
        .critical_unknown(Criticality::FOR_DELIVERY)
        .map(|field| field.r#type.clone())
        .collect();
    assert_eq!(unknown, [StandardExtension(200), private]);
    both_ways(
        &field(StandardExtension(200), Criticality::FOR_DELIVERY),
        "30 08 80 02 00 c8 81 02 05 20         -- the value, NULL, is the default",
    );
}

#[test]
fn extensions_are_read_as_their_types() {
    let extensions = delivery().other_fields.extensions;
    let request = extensions.get(extension::PROOF_OF_DELIVERY_REQUEST);
    assert_eq!(request, Ok(Some(ProofOfDeliveryRequest::PROOF_OF_DELIVERY_REQUESTED)));
    assert_eq!(extensions.get(extension::MESSAGE_TOKEN), Ok(None));
    let mut wrong = Extensions::default();
    wrong.push(extension::FORWARDING_REQUEST, &5);
    wrong.0.0[0].value = restante_ber::Any::of(&true);
    assert!(wrong.get(extension::FORWARDING_REQUEST).is_err());
}
