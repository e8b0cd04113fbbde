//! Each registration decides on what it names, and on nothing else.

use restante_ber::oid;
use restante_mhs::x411::BuiltInContentType;

use super::*;

fn name(text: &str) -> ORName {
    ORName::from(text.parse::<ORAddress>().unwrap())
}

const ALICE: &str = "/CN=Alice/O=Acme/PRMD=ACME/ADMD= /C=GB/";
const LIST: &str = "/CN=All/O=Acme/PRMD=ACME/ADMD= /C=GB/";
const P22: ContentType = ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988);

fn refused(registered: &Deliverable, octets: u64, bits: &[usize]) -> Option<Undeliverable> {
    let types = EncodedInformationTypes::of_bits(bits.iter().copied());
    registered.refusal(&Candidate {
        content_type: &P22,
        content_octets: octets,
        encoded_information_types: Some(&types),
        originator: &name(ALICE),
        redirected_by: &[],
        expanded_by: &[name(LIST)],
    })
}

#[test]
fn what_is_registered_in_1988_is_a_class_of_1994() {
    let argument = Register88 {
        deliverable_maximum_content_length: Some(1000),
        deliverable_encoded_information_types: Some(EncodedInformationTypes::of_bits([2, 3])),
        ..Register88::default()
    };
    let registered = Deliverable::default().with_1988(&argument);
    assert_eq!(refused(&registered, 1000, &[2]), None);
    assert_eq!(refused(&registered, 1001, &[2]), Some(Undeliverable::ContentTooLong));
    assert_eq!(refused(&registered, 9, &[2, 5]), Some(Undeliverable::EncodedInformationTypes));
    assert_eq!(refused(&registered, 9, &[]), None);
    let p2 = ContentType::of_oid(oid!(2, 6, 1, 10, 0));
    let other =
        Register88 { deliverable_content_types: Some(SetOf(vec![p2])), ..Register88::default() };
    let both = registered.with_1988(&other);
    assert_eq!(refused(&both, 9, &[2]), Some(Undeliverable::ContentType));
    let none = Register88 {
        deliverable_content_types: Some(SetOf(vec![])),
        deliverable_encoded_information_types: Some(EncodedInformationTypes::default()),
        ..Register88::default()
    };
    let length_alone = both.with_1988(&none);
    assert_eq!(refused(&length_alone, 9, &[5]), None);
    assert_eq!(refused(&length_alone, 1001, &[5]), Some(Undeliverable::ContentTooLong));
    assert_eq!(Deliverable::default().with_1988(&none), Deliverable::default());
}

#[test]
fn a_message_must_be_in_one_of_the_classes() {
    let short = MessageClass { maximum_content_length: Some(10), ..everything() };
    let reports = MessageClass { objects: MessageClassObjects::REPORTS, ..everything() };
    let eits = EncodedInformationTypesConstraints {
        unacceptable_eits: Some(SetOf(vec![oid!(2, 6, 3, 4, 3)])),
        acceptable_eits: Some(SetOf(vec![oid!(2, 6, 3, 4, 2)])),
        exclusively_acceptable_eits: None,
    };
    let text = MessageClass { encoded_information_types_constraints: Some(eits), ..everything() };
    let classes = |classes: &[&MessageClass]| {
        let set = SetOf(classes.iter().map(|one| (*one).clone()).collect());
        let argument =
            RegisterArgument { deliverable_class: Some(set), ..RegisterArgument::default() };
        Deliverable::default().with(&argument)
    };
    assert_eq!(refused(&classes(&[&reports]), 1, &[]), Some(Undeliverable::Object));
    assert_eq!(refused(&classes(&[&reports, &short]), 10, &[]), None);
    let too_long = Some(Undeliverable::ContentTooLong);
    assert_eq!(refused(&classes(&[&reports, &short]), 11, &[]), too_long);
    let types = Some(Undeliverable::EncodedInformationTypes);
    assert_eq!(refused(&classes(&[&text]), 11, &[2, 5]), None);
    assert_eq!(refused(&classes(&[&text]), 11, &[2, 3]), types);
    assert_eq!(refused(&classes(&[&text]), 11, &[5]), types);
    assert_eq!(refused(&classes(&[&short, &text]), 11, &[2]), None);
    assert_eq!(refused(&classes(&[]), 1 << 40, &[5]), None);
}

#[test]
fn the_first_restriction_that_applies_decides() {
    let restriction =
        |permitted, source_type, source_name| Restriction { permitted, source_type, source_name };
    let registered = |list: Vec<Restriction>| {
        let argument =
            RegisterArgument { restricted_delivery: Some(list), ..RegisterArgument::default() };
        Deliverable::default().with(&argument)
    };
    let exact = |text| Some(ExactOrPattern::ExactMatch(name(text)));
    let pattern = |text| Some(ExactOrPattern::PatternMatch(name(text)));
    let nobody = || restriction(false, SourceType::all(), None);
    let restricted = Some(Undeliverable::Restricted);
    let permits = |list| refused(&registered(list), 1, &[]);
    assert_eq!(permits(vec![nobody()]), restricted);
    let alice = || restriction(true, SourceType::all(), exact("/cn=ALICE/o=acme/prmd=acme/c=gb/"));
    assert_eq!(permits(vec![alice(), nobody()]), None);
    assert_eq!(permits(vec![nobody(), alice()]), restricted);
    let bob = || restriction(true, SourceType::all(), exact("/CN=Bob/O=Acme/PRMD=ACME/C=GB/"));
    assert_eq!(permits(vec![bob()]), None);
    assert_eq!(permits(vec![bob(), nobody()]), restricted);
    let acme = || restriction(true, SourceType::all(), pattern("/O=Acme/C=GB/"));
    assert_eq!(permits(vec![acme(), nobody()]), None);
    let expanded = SourceType::of([SourceType::DL_EXPANDED_BY]);
    let list = |text| restriction(false, expanded.clone(), exact(text));
    assert_eq!(permits(vec![list(LIST)]), restricted);
    assert_eq!(permits(vec![list(ALICE)]), None);
    let redirected = SourceType::of([SourceType::REDIRECTED_BY]);
    assert_eq!(permits(vec![restriction(false, redirected, None)]), None);
    assert_eq!(permits(vec![]), None);
}

#[test]
fn what_a_report_says() {
    use NonDeliveryDiagnosticCode as Diagnostic;
    let unable = NonDeliveryReasonCode::UNABLE_TO_TRANSFER;
    for (why, diagnostic) in [
        (Undeliverable::Object, Diagnostic::RECIPIENT_UNAVAILABLE),
        (Undeliverable::ContentType, Diagnostic(15)),
        (Undeliverable::EncodedInformationTypes, Diagnostic(6)),
        (Undeliverable::ContentTooLong, Diagnostic(7)),
    ] {
        assert_eq!(why.codes(), (unable, Some(diagnostic)));
    }
    assert_eq!(Undeliverable::Restricted.codes(), (NonDeliveryReasonCode(5), None));
}
