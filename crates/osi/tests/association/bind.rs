//! Binds: accepted, refused at each layer, called by the wrong name, lost on the way.

use crate::link::{
    ARGUMENT, End, Link, MASE, MRSE, MS, MS_ACCESS, NULL, bind_request, initiator_options, rope,
    table,
};
use bytes::Bytes;
use restante_ber::oid;
use restante_osi::x224::DisconnectReason;
use restante_osi::x225::RefuseReason;
use restante_osi::x226::ProviderReason;
use restante_osi::x227::{
    AcseServiceUser, ApplicationEntity, AssociateResult, AssociateSourceDiagnostic, Title,
};
use restante_osi::{
    AbortedBy, Event, Fault, InitiatorOptions, Layer, Misuse, Refusal, Request, ResponderOptions,
};
use std::time::Instant;

/// The last event of a responder that refuses by itself.
fn incompatible(link: &mut Link, layer: Layer) -> String {
    match link.responder.event() {
        Event::ProtocolError(error) if error.layer == layer => {
            assert_eq!(error.fault, Fault::Incompatible);
            error.text
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bind_carries_names_selectors_and_contexts() {
    let mut options = initiator_options();
    options.called.selectors.session = Bytes::from_static(b"S");
    options.called.selectors.presentation = Bytes::from_static(b"P");
    options.calling.transport = Bytes::from_static(b"me");
    options.calling.presentation = Bytes::from_static(b"mine");
    let mut bind = bind_request();
    bind.calling_entity = ApplicationEntity {
        ap_title: Some(Title::object_identifier(&oid!(1, 3, 9999, 1))),
        ae_qualifier: Some(Title::integer(7)),
        ap_invocation_identifier: Some(1),
        ae_invocation_identifier: None,
    };
    let mut link = Link::with(options, bind, ResponderOptions::new(table()));
    link.run();
    let Event::BindIndication(indication) = link.responder.event() else { panic!("no bind") };
    assert_eq!(indication.application_context, MS_ACCESS);
    assert_eq!(&indication.called.transport[..], b"3001");
    assert_eq!(&indication.called.session[..], b"S");
    assert_eq!(&indication.called.presentation[..], b"P");
    assert_eq!(&indication.calling.transport[..], b"me");
    assert_eq!(&indication.calling.presentation[..], b"mine");
    let shown = indication.calling_entity.to_string();
    assert_eq!(shown, "1.3.9999.1, qualifier 7, AP-invocation 1");
    assert_eq!(indication.called_entity.to_string(), "-");
    assert_eq!(indication.argument.as_deref(), Some(ARGUMENT));
    let contexts: Vec<_> =
        indication.contexts.iter().map(|c| (c.abstract_syntax.clone(), c.accepted)).collect();
    let acse = oid!(2, 2, 1, 0, 1);
    assert_eq!(contexts, [(acse, true), (MS, true), (MRSE, true), (MASE, false)]);
    link.responder.request(Request::AcceptBind { result: Some(rope(NULL)) });
    link.run();
    let Event::BindConfirmed(confirmation) = link.initiator.event() else { panic!("refused") };
    assert_eq!(confirmation.application_context, MS_ACCESS);
    assert_eq!(confirmation.contexts, indication.contexts);
    assert_eq!(confirmation.result.as_deref(), Some(NULL));
}

#[test]
fn any_fragmentation_and_the_smallest_tpdus_do() {
    for chunks in [vec![1], vec![3, 1, 7], vec![127, 2]] {
        let options = InitiatorOptions { tpdu_size: 128, ..initiator_options() };
        let responder = ResponderOptions::new(table());
        Link::with(options, bind_request(), responder).fragmented(chunks).bound();
    }
}

#[test]
fn a_bind_without_argument_and_result() {
    let mut bind = bind_request();
    bind.argument = None;
    let mut link = Link::with(initiator_options(), bind, ResponderOptions::new(table()));
    link.run();
    let Event::BindIndication(indication) = link.responder.event() else { panic!("no bind") };
    assert_eq!(indication.argument, None);
    link.responder.request(Request::AcceptBind { result: None });
    link.run();
    let Event::BindConfirmed(confirmation) = link.initiator.event() else { panic!("refused") };
    assert_eq!(confirmation.result, None);
}

#[test]
fn large_bind_arguments_overflow_the_connect_data() {
    let mut argument = vec![0x04, 0x82, 0x4e, 0x20];
    argument.extend(vec![7; 20_000]);
    let mut bind = bind_request();
    bind.argument = Some(rope(&argument));
    let mut link = Link::with(initiator_options(), bind, ResponderOptions::new(table()));
    link.run();
    let Event::BindIndication(indication) = link.responder.event() else { panic!("no bind") };
    assert_eq!(indication.argument.as_deref(), Some(&argument[..]));
}

#[test]
fn the_application_refuses_with_its_bind_error() {
    let mut link = Link::new();
    link.run();
    assert!(matches!(link.responder.event(), Event::BindIndication(_)));
    link.responder.request(Request::RefuseBind { error: rope(&[10, 1, 0]) });
    link.run();
    let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(AcseServiceUser::NO_REASON_GIVEN);
    let error = Bytes::from_static(&[10, 1, 0]);
    let result = AssociateResult::REJECTED_PERMANENT;
    let refusal = Refusal::Bind { error, result, diagnostic };
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn the_application_refuses_for_now() {
    let mut link = Link::new();
    link.run();
    assert!(matches!(link.responder.event(), Event::BindIndication(_)));
    let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(AcseServiceUser::NO_REASON_GIVEN);
    let result = AssociateResult::REJECTED_TRANSIENT;
    link.responder.request(Request::RefuseAssociation { result, diagnostic });
    link.run();
    let refusal = Refusal::Association { result, diagnostic };
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn an_unknown_application_context_is_refused() {
    let mut bind = bind_request();
    bind.context.name = oid!(2, 5, 3, 1);
    let mut link = Link::with(initiator_options(), bind, ResponderOptions::new(table()));
    link.run();
    assert!(incompatible(&mut link, Layer::AssociationControl).contains("2.5.3.1"));
    let diagnostic = AcseServiceUser::APPLICATION_CONTEXT_NAME_NOT_SUPPORTED;
    let refusal = Refusal::Association {
        result: AssociateResult::REJECTED_PERMANENT,
        diagnostic: AssociateSourceDiagnostic::AcseServiceUser(diagnostic),
    };
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn another_presentation_selector_is_refused() {
    let mut responder = ResponderOptions::new(table());
    responder.presentation_selector = Some(Bytes::from_static(b"P"));
    let mut link = Link::with(initiator_options(), bind_request(), responder);
    link.run();
    incompatible(&mut link, Layer::Presentation);
    let reason = ProviderReason::CALLED_PRESENTATION_ADDRESS_UNKNOWN;
    let refusal = Refusal::Presentation(Some(reason));
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn another_session_selector_is_refused() {
    let mut responder = ResponderOptions::new(table());
    responder.session_selector = Some(Bytes::from_static(b"S"));
    let mut link = Link::with(initiator_options(), bind_request(), responder);
    link.run();
    incompatible(&mut link, Layer::Session);
    let refusal = Refusal::Session(RefuseReason::SELECTOR_UNKNOWN);
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn another_transport_selector_is_refused() {
    let mut responder = ResponderOptions::new(table());
    responder.transport_selectors = vec![Bytes::from_static(b"3002")];
    let mut link = Link::with(initiator_options(), bind_request(), responder);
    link.run();
    incompatible(&mut link, Layer::Transport);
    let refusal = Refusal::Transport(DisconnectReason::ADDRESS_UNKNOWN);
    assert_eq!(link.initiator.event(), Event::BindRefused(refusal));
    link.over();
}

#[test]
fn a_lost_connection_is_one_event_at_any_time() {
    let mut link = Link::new();
    link.initiator.lose();
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!(abort.by, AbortedBy::Connection);
    link.responder.lose();
    assert!(matches!(link.responder.event(), Event::Aborted(_)));
    link.over();

    let mut link = Link::new();
    link.run();
    link.responder.event();
    link.responder.lose();
    assert!(matches!(link.responder.event(), Event::Aborted(_)));
    let refused = link.responder.association.request(Request::Abort, Instant::now());
    assert_eq!(refused, Err(Misuse::WrongState));
}

#[test]
fn requests_out_of_place_are_misuse_and_change_nothing() {
    let mut link = Link::new();
    link.run();
    let unbind = Request::Unbind { argument: None };
    let now = link.responder.now;
    let responder = &mut link.responder.association;
    assert_eq!(responder.request(unbind.clone(), now), Err(Misuse::WrongState));
    let accept = Request::AcceptBind { result: None };
    let initiator = &mut link.initiator.association;
    assert_eq!(initiator.request(accept, now), Err(Misuse::WrongState));
    assert_eq!(initiator.invoke(crate::link::invocation(1), now), Err(Misuse::WrongState));
    let mut link = link.bound();
    link.responder.no_event();
}

#[test]
fn selectors_that_no_pdu_carries_end_the_association() {
    let mut options = initiator_options();
    options.called.selectors.transport = Bytes::from(vec![7; 1000]);
    let mut end = End::initiator(options, bind_request(), Instant::now());
    let Event::Aborted(abort) = end.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::Us, Layer::Transport));
    assert!(end.sent().is_empty() && end.closed);
}
