//! What can't be submitted.

use super::*;
use restante_mhs::x411::{Criticality, MTSAbstractError, ProofOfSubmissionRequest, extension};

const ORIGINATOR_INVALID: i64 = 2;
const IMPROPER: i64 = 3;
const NOT_SUBSCRIBED: i64 = 4;
const INCONSISTENT: i64 = 11;
const UNSUPPORTED: i64 = 13;
/// Only a domain: `/PRMD=PEER/ADMD= /C=GB/`.
const DOMAIN: &str = "601530136104130247426203130120a2061304 50454552";

fn refused(draft: &Draft) -> (i64, String) {
    let world = world();
    let alice = bound(&world, pdu::ALICE);
    let refused = draft.submit(&world, &alice).expect_err("it is refused");
    assert!(numbers(&world, pdu::BOB).is_empty() && world.numbers(&alice, "").is_empty());
    refused
}

#[test]
fn who_sends_in_anothers_name_is_refused() {
    let draft = Draft::to(&[pdu::BOB]).with(|envelope| envelope.originator_name = name(pdu::BOB));
    assert_eq!(refused(&draft), (ORIGINATOR_INVALID, "0500".to_owned()));
}

#[test]
fn recipients_that_name_nobody_are_named() {
    let world = world();
    let draft = Draft::to(&[pdu::BOB, DOMAIN, pdu::CAROL]);
    let alice = bound(&world, pdu::ALICE);
    let (code, parameter) = draft.submit(&world, &alice).expect_err("it is refused");
    assert_eq!(code, IMPROPER);
    assert_eq!(parameter, pdu::x(0x30, &pdu::to_hex(&name(DOMAIN).to_ber())));
    let error = MTSAbstractError::RecipientImproperlySpecified(vec![name(DOMAIN)]);
    assert_eq!(parameter, pdu::to_hex(&error.to_parts().1.0));
    let alternate = Draft::to(&[pdu::BOB]).with(|envelope| {
        let alternate = extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
        envelope.per_recipient_fields[0].extensions.push(alternate, &name(DOMAIN));
    });
    let (code, parameter) = alternate.submit(&world, &alice).expect_err("it is refused");
    let bob = pdu::to_hex(&name(pdu::BOB).to_ber());
    assert_eq!((code, parameter), (IMPROPER, pdu::x(0x30, &bob)));
}

#[test]
fn what_is_critical_for_submission_and_not_done_here_is_refused() {
    let message =
        |field: ExtensionField| Draft::to(&[pdu::BOB]).with(|e| e.extensions.0.0.push(field));
    let of_recipient = Draft::to(&[pdu::BOB]).with(|envelope| {
        let field = unknown(Criticality::FOR_SUBMISSION);
        envelope.per_recipient_fields[0].extensions.0.0.push(field);
    });
    let proof = Draft::to(&[pdu::BOB]).with(|envelope| {
        let requested = ProofOfSubmissionRequest::PROOF_OF_SUBMISSION_REQUESTED;
        envelope.extensions.push(extension::PROOF_OF_SUBMISSION_REQUEST, &requested);
    });
    for draft in [message(unknown(Criticality::FOR_SUBMISSION)), of_recipient, proof.clone()] {
        assert_eq!(refused(&draft), (UNSUPPORTED, "0500".to_owned()));
    }
    // Whoever can live without it, does.
    let without =
        proof.with(|envelope| envelope.extensions.0.0[0].criticality = Criticality::default());
    let world = world();
    without.sent(&world);
    let not = Draft::to(&[pdu::BOB]).with(|envelope| {
        let requested = ProofOfSubmissionRequest::PROOF_OF_SUBMISSION_NOT_REQUESTED;
        envelope.extensions.push(extension::PROOF_OF_SUBMISSION_REQUEST, &requested);
    });
    not.sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1, 2]);
}

#[test]
fn what_contradicts_itself_is_inconsistent() {
    let now = crate::common::START_US;
    let latest = |seconds: i64| {
        Draft::to(&[pdu::BOB]).deferred(now + 100 * SECOND_US).with(|envelope| {
            let time = UtcTime(now / SECOND_US + seconds);
            envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &time);
        })
    };
    assert_eq!(refused(&latest(99)), (INCONSISTENT, "0500".to_owned()));
    latest(100).sent(&world());
    for number in [1, 5] {
        let not_of_its_type = Draft::to(&[pdu::BOB]).with(|envelope| {
            envelope.extensions.0.0.push(ExtensionField {
                r#type: restante_mhs::x411::ExtensionType::StandardExtension(number),
                criticality: Criticality::default(),
                value: restante_ber::Any::of(&P22),
            });
        });
        assert_eq!(refused(&not_of_its_type).0, INCONSISTENT);
    }
}

#[test]
fn deliveries_are_deferred_as_far_as_is_configured() {
    let day = 86_400 * SECOND_US;
    let backend = std::sync::Arc::new(MemoryBackend::new());
    let local = LocalMta { deferred_days_max: 2, deferred_max: 1, ..LocalMta::default() };
    let world = with(&backend, local);
    let alice = bound(&world, pdu::ALICE);
    let until = |us: i64| Draft::to(&[pdu::BOB]).deferred(world.now + us);
    let refused = until(2 * day + SECOND_US).submit(&world, &alice).expect_err("too far");
    assert_eq!(refused, (NOT_SUBSCRIBED, "0500".to_owned()));
    until(2 * day).sent(&world);
    let busy = until(day).submit(&world, &alice).expect_err("the queue is full");
    assert_eq!(busy, (15, "0500".to_owned()));
    let busy = error(&world.invoke_octets(&world.bind_94(), 3, &until(day).argument()));
    assert_eq!(busy.0, 27);
    until(-day).sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1], "what has passed is now");
}

#[test]
fn what_is_for_nobody_is_no_argument() {
    let world = world();
    let alice = bound(&world, pdu::ALICE);
    assert_eq!(
        world.invoke_octets(&alice, 3, &Draft::to(&[]).argument()),
        crate::common::MISTYPED
    );
}
