//! Wire vectors of register and delivery-control in both editions, and of change-credentials.

use super::*;
use crate::vectors::{both_ways, hex, name};
use crate::x411::{
    BuiltInContentType, ContentType, DeliveryControlArgument, DeliveryControlResult, Operations,
    Waiting, WaitingMessages,
};
use restante_ber::{Decode, oid};

#[test]
fn a_limit_of_1000_octets_in_both_editions() {
    both_ways(
        &Register88 { deliverable_maximum_content_length: Some(1000), ..Default::default() },
        "31 06 a1 04 02 02 03 e8             -- [1] explicit",
    );
    let class = MessageClass {
        content_types: None,
        maximum_content_length: Some(1000),
        encoded_information_types_constraints: None,
        security_labels: None,
        priority: None,
        objects: MessageClassObjects::BOTH,
        applies_only_to: None,
        extensions: Extensions::default(),
    };
    both_ways(
        &RegisterArgument { deliverable_class: Some(SetOf(vec![class])), ..Default::default() },
        "31 08
            31 06                            -- deliverable-class, untagged
               31 04 81 02 03 e8             -- maximum-content-length [1] implicit",
    );
}

#[test]
fn the_same_tags_mean_other_things_in_1988() {
    both_ways(
        &Register88 {
            deliverable_content_types: Some(SetOf(vec![ContentType::BuiltIn(
                BuiltInContentType::INTERPERSONAL_MESSAGING_1984,
            )])),
            labels_and_redirections: Some(SetOf(vec![LabelAndRedirection {
                user_security_label: None,
                recipient_assigned_alternate_recipient: Some(name("A")),
            }])),
            ..Default::default()
        },
        "31 10
            a3 03 46 01 02                   -- deliverable-content-types
            a4 09 31 07 a1 05 30 03 81 01 41 -- labels-and-redirections",
    );
    both_ways(
        &RegisterArgument {
            redirections: Some(vec![RecipientRedirection {
                redirection_classes: None,
                recipient_assigned_alternate_recipient: Some(name("A")),
            }]),
            restricted_delivery: Some(vec![Restriction {
                permitted: false,
                source_type: SourceType::all(),
                source_name: Some(ExactOrPattern::PatternMatch(name("B"))),
            }]),
            ..Default::default()
        },
        "31 19
            a3 09 31 07 a1 05 30 03 81 01 41             -- redirections
            a4 0c 31 0a 01 01 00 a1 05 30 03 81 01 42    -- restricted-delivery, no APPLICATION 0",
    );
}

fn controls() -> DeliveryControls88 {
    DeliveryControls88 {
        restrict: true,
        permissible_operations: Some(Operations::of([
            Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY,
        ])),
        permissible_maximum_content_length: Some(1000),
        permissible_lowest_priority: Some(Priority::URGENT),
        permissible_content_types: None,
        permissible_security_context: None,
        permissible_encoded_information_types_88: Some(EncodedInformationTypes::of_bits([2])),
    }
}

#[test]
fn delivery_control_in_both_editions() {
    both_ways(
        &controls(),
        "31 11
            81 02 06 40                      -- permissible-operations
            82 02 03 e8                      -- permissible-maximum-content-length
            47 01 02                         -- permissible-lowest-priority
            65 04 80 02 05 20                -- permissible-encoded-information-types, 1988",
    );
    both_ways(
        &DeliveryControlArgument::from(controls()),
        "31 15
            81 02 06 40 82 02 03 e8 47 01 02
            30 08                            -- permissible-encoded-information-types, 1994
               a2 06                         -- exclusively-acceptable-eits
                  06 04 56 03 04 02          -- id-eit-ia5-text",
    );
    both_ways(
        &Register88 { default_delivery_controls: Some(controls()), ..Default::default() },
        "31 15 a2 13 31 11 81 02 06 40 82 02 03 e8 47 01 02 65 04 80 02 05 20",
    );
    assert_eq!(EncodedInformationTypes::of_bits([2]).oids(), [oid!(2, 6, 3, 4, 2)]);
}

#[test]
fn what_waits() {
    both_ways(&Waiting::default(), "31 00");
    let result = DeliveryControlResult {
        waiting_messages: WaitingMessages::of([WaitingMessages::LONG_CONTENT]),
        ..Default::default()
    };
    both_ways(&result, "31 04 81 02 07 80");
    let waiting = Waiting::from_bytes(&hex("31 04 81 02 07 80")).unwrap();
    assert!(waiting.waiting_messages.has(WaitingMessages::LONG_CONTENT));
}

#[test]
fn results_of_register() {
    both_ways(&RegisterResult::EmptyResult(Null), "05 00");
    let registered = RegisterArgument { user_name: Some(name("A")), ..Default::default() };
    both_ways(
        &RegisterResult::NonEmptyResult(RegisterNonEmptyResult {
            registered_information: Some(registered),
            ..Default::default()
        }),
        "31 09 a0 07 60 05 30 03 81 01 41",
    );
    both_ways(
        &RegistrationTypes {
            standard_parameters: Some(StandardParameters::of([StandardParameters::REDIRECTIONS])),
            extensions: Some(SetOf(vec![ExtensionType::PrivateExtension(oid!(1, 2, 3))])),
        },
        "30 0a 80 02 03 08 a1 04 83 02 2a 03",
    );
}

#[test]
fn credentials_are_changed() {
    both_ways(
        &ChangeCredentialsArgument {
            old_credentials: Credentials::Simple("old".into()),
            new_credentials: Credentials::Simple("new".into()),
        },
        "31 0e
            a0 05 16 03 6f 6c 64             -- a CHOICE: explicit
            a1 05 16 03 6e 65 77",
    );
}
