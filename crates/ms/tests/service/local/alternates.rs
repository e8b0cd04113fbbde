//! Recipients who get what was for others.

use std::sync::Arc;

use super::*;
use restante_mhs::x411::{
    OtherActions, RecipientReassignmentProhibited, Redirection, RedirectionReason, extension,
};

const UNABLE: i64 = 1;
fn nobody() -> ORName {
    let address = "/CN=Nobody/PRMD=PEER/ADMD= /C=GB/".parse::<restante_mhs::x411::ORAddress>();
    address.expect("an address").into()
}

/// To somebody, or else to somebody else.
fn or_else(first: ORName, alternate: &str) -> Draft {
    Draft::to(&[pdu::BOB]).with(|envelope| {
        let fields = &mut envelope.per_recipient_fields[0];
        fields.recipient_name = first;
        let requested = extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
        fields.extensions.push(requested, &name(alternate));
    })
}

fn history(extensions: &Extensions) -> Vec<Redirection> {
    extensions.get(extension::REDIRECTION_HISTORY).expect("a history").unwrap_or_default()
}

#[test]
fn the_alternate_whom_the_originator_asks_for_gets_what_the_recipient_can_not() {
    let world = world();
    or_else(name(pdu::CAROL), pdu::BOB).sent(&world);
    let fields = delivered(&world, pdu::BOB, 1).other_fields;
    assert_eq!(fields.this_recipient_name, name(pdu::BOB));
    assert_eq!(fields.originally_intended_recipient_name, Some(name(pdu::CAROL)));
    let [redirection] = &history(&fields.extensions)[..] else { panic!() };
    assert_eq!(
        redirection.redirection_reason,
        RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT
    );
    assert_eq!(redirection.intended_recipient_name.intended_recipient, name(pdu::CAROL));
    let trace = fields.extensions.get(extension::TRACE_INFORMATION).expect("a trace");
    let actions = &trace.expect("a trace").0[0].domain_supplied_information.other_actions;
    assert!(actions.has(OtherActions::REDIRECTED));
    let report = reported(&world, 1);
    assert_eq!(outcomes(&report), [None]);
    let [of_bob] = &report.per_recipient_fields[..] else { panic!("{report:?}") };
    assert_eq!(of_bob.actual_recipient_name, name(pdu::BOB));
    assert_eq!(of_bob.originally_intended_recipient_name, Some(name(pdu::CAROL)));
    assert_eq!(history(&of_bob.extensions).len(), 1);
    // A mailbox that may not have it, too.
    register(&world, pdu::BOB, &pdu::x(0xa1, "02010a"));
    or_else(name(pdu::BOB), pdu::ALICE).sent(&world);
    let fields = delivered(&world, pdu::ALICE, 2).other_fields;
    assert_eq!(fields.originally_intended_recipient_name, Some(name(pdu::BOB)));
}

#[test]
fn an_alternate_that_can_not_be_reached_is_reported() {
    let world = world();
    assert_eq!(failure(&world, &or_else(name(pdu::CAROL), pdu::DAVE)), (UNABLE, Some(0)));
    let report = reported(&world, 1);
    let [fields] = &report.per_recipient_fields[..] else { panic!("{report:?}") };
    assert_eq!(fields.actual_recipient_name, name(pdu::DAVE));
    assert_eq!(fields.originally_intended_recipient_name, Some(name(pdu::CAROL)));
    assert_eq!(failure(&world, &or_else(name(pdu::CAROL), pdu::CAROL)), (UNABLE, Some(27)));
    // One that is not needed is not used.
    or_else(name(pdu::ALICE), pdu::BOB).sent(&world);
    assert!(numbers(&world, pdu::BOB).is_empty());
}

#[test]
fn the_alternate_of_the_domain_gets_what_is_for_nobody_in_it_where_it_may() {
    use restante_mhs::x411::{
        AdministrationDomainName, CountryName, GlobalDomainIdentifier, NumericOrPrintable,
    };
    let printable = |text: &str| NumericOrPrintable::Printable(text.into());
    let local = LocalMta {
        domain: GlobalDomainIdentifier {
            country_name: CountryName(printable("gb")),
            administration_domain_name: AdministrationDomainName(printable(" ")),
            private_domain_identifier: Some(printable("Peer")),
        },
        alternate_recipient: Some(name(pdu::BOB).address),
        ..LocalMta::default()
    };
    let world = with(&Arc::new(MemoryBackend::new()), local);
    let to = |who: ORName| {
        Draft::to(&[pdu::BOB]).with(|e| e.per_recipient_fields[0].recipient_name = who)
    };
    let allowed = [PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED];
    assert_eq!(failure(&world, &to(nobody())), (UNABLE, Some(0)), "nobody allowed it");
    let elsewhere = to(name(pdu::CAROL)).indicating(&allowed);
    assert_eq!(failure(&world, &elsewhere), (UNABLE, Some(0)));
    let prohibited = to(nobody()).indicating(&allowed).with(|envelope| {
        let prohibited = RecipientReassignmentProhibited::RECIPIENT_REASSIGNMENT_PROHIBITED;
        envelope.extensions.push(extension::RECIPIENT_REASSIGNMENT_PROHIBITED, &prohibited);
    });
    assert_eq!(failure(&world, &prohibited), (UNABLE, Some(0)));
    assert!(numbers(&world, pdu::BOB).is_empty());
    to(nobody()).indicating(&allowed).sent(&world);
    let fields = delivered(&world, pdu::BOB, 1).other_fields;
    assert_eq!(fields.originally_intended_recipient_name, Some(nobody()));
    let [redirection] = &history(&fields.extensions)[..] else { panic!() };
    let reason = RedirectionReason::RECIPIENT_MD_ASSIGNED_ALTERNATE_RECIPIENT;
    assert_eq!(redirection.redirection_reason, reason);
}
