//! Remote operations in both directions: results, errors, rejects, linked operations, and what
//! breaks their rules.

use crate::link::{
    ARGUMENT, Link, MASE, MRSE, MS, MS_ACCESS, NULL, bind_request, initiator_options, invocation,
    limited, rope,
};
use restante_osi::x880::{
    Code, GeneralProblem, InvokeProblem, RejectProblem, ReturnErrorProblem, ReturnResultProblem,
};
use restante_osi::{
    ApplicationContext, ContextTable, Event, Invocation, Limits, Misuse, Request, ResponderOptions,
};
use std::sync::Arc;

fn result(invoke_id: i64) -> Request {
    Request::Result { invoke_id, abstract_syntax: MRSE, result: Some(rope(NULL)) }
}

fn error(invoke_id: i64) -> Request {
    let parameter = Some(rope(NULL));
    Request::Error { invoke_id, abstract_syntax: MRSE, error: Code::Local(28), parameter }
}

fn rejected(invoke_id: Option<i64>, problem: RejectProblem, received: bool) -> Event {
    Event::Reject { invoke_id, problem, received }
}

#[test]
fn operations_are_outstanding_in_both_directions_and_answered_in_any_order() {
    let mut link = Link::new().fragmented(vec![5, 11]).bound();
    let ours: Vec<i64> = (20..24).map(|code| link.initiator.invoke(invocation(code))).collect();
    let theirs = link.responder.invoke(invocation(25));
    link.run();
    for (invoke_id, code) in ours.iter().zip(20..) {
        assert_eq!(
            link.responder.event(),
            Event::Invoke {
                invoke_id: *invoke_id,
                linked_id: None,
                abstract_syntax: MRSE,
                operation: Code::Local(code),
                argument: Some(ARGUMENT.into()),
            }
        );
    }
    assert!(
        matches!(link.initiator.event(), Event::Invoke { invoke_id, .. } if invoke_id == theirs)
    );
    link.responder.request(result(ours[3]));
    link.responder.request(error(ours[0]));
    let problem = InvokeProblem::MISTYPED_ARGUMENT;
    link.responder.request(Request::RejectInvoke { invoke_id: ours[2], problem });
    link.responder.request(Request::Result {
        invoke_id: ours[1],
        abstract_syntax: MRSE,
        result: None,
    });
    link.initiator.request(result(theirs));
    link.run();
    let operation = |code| Code::Local(code);
    let (parameter, null) = (Some(NULL.into()), Some(NULL.into()));
    let (invoke_id, error) = (ours[0], operation(28));
    assert_eq!(
        [(); 4].map(|()| link.initiator.event()),
        [
            Event::Result { invoke_id: ours[3], operation: operation(23), result: null.clone() },
            Event::Error { invoke_id, operation: operation(20), error, parameter },
            rejected(Some(ours[2]), RejectProblem::Invoke(problem), true),
            Event::Result { invoke_id: ours[1], operation: operation(21), result: None },
        ]
    );
    let answer = Event::Result { invoke_id: theirs, operation: operation(25), result: null };
    assert_eq!(link.responder.event(), answer);
    link.initiator.no_event();
}

#[test]
fn large_arguments_and_results_arrive_whole() {
    let mut value = vec![0x04, 0x83, 0x03, 0x0d, 0x40];
    value.extend((0..200_000u32).map(|n| n.to_le_bytes()[0]));
    let mut link = Link::new().fragmented(vec![1500, 40_000]).bound();
    let large = Invocation { argument: Some(rope(&value)), ..invocation(5) };
    let invoke_id = link.initiator.invoke(large);
    link.run();
    let Event::Invoke { argument, .. } = link.responder.event() else { panic!("no invoke") };
    assert_eq!(argument.as_deref(), Some(&value[..]));
    let result = Some(rope(&value));
    link.responder.request(Request::Result { invoke_id, abstract_syntax: MRSE, result });
    link.run();
    let Event::Result { result, .. } = link.initiator.event() else { panic!("no result") };
    assert_eq!(result.as_deref(), Some(&value[..]));
}

#[test]
fn a_syntax_that_was_not_negotiated_goes_on_the_context_of_the_bind() {
    let mut link = Link::new().bound();
    link.initiator.invoke(Invocation { abstract_syntax: MASE, ..invocation(2) });
    link.run();
    let Event::Invoke { abstract_syntax, .. } = link.responder.event() else { panic!("none") };
    assert_eq!(abstract_syntax, MS);
}

#[test]
fn linked_operations_name_an_outstanding_one() {
    let mut link = Link::new().bound();
    let first = link.initiator.invoke(invocation(1));
    link.run();
    link.responder.event();
    let linked = Invocation { linked_id: Some(first), ..invocation(2) };
    link.responder.invoke(linked.clone());
    link.run();
    let Event::Invoke { linked_id, .. } = link.initiator.event() else { panic!("no invoke") };
    assert_eq!(linked_id, Some(first));
    let unknown = Invocation { linked_id: Some(99), ..invocation(2) };
    let now = link.responder.now;
    let refused = link.responder.association.invoke(unknown, now);
    assert_eq!(refused, Err(Misuse::NoSuchInvocation));
    // The result of the first is on its way when the peer links another to it.
    link.responder.request(result(first));
    link.run();
    link.initiator.event();
    let refused = link.responder.association.invoke(linked, now);
    assert_eq!(refused, Err(Misuse::NoSuchInvocation));
}

#[test]
fn an_invocation_is_answered_once() {
    let mut link = Link::new().bound();
    let invoke_id = link.initiator.invoke(invocation(1));
    link.run();
    link.responder.event();
    let now = link.responder.now;
    link.responder.request(result(invoke_id));
    let again = link.responder.association.request(error(invoke_id), now);
    assert_eq!(again, Err(Misuse::NoSuchInvocation));
}

#[test]
fn the_user_rejects_answers_that_it_can_not_read() {
    let mut link = Link::new().bound();
    let invoke_id = link.initiator.invoke(invocation(1));
    link.run();
    link.responder.request(result(invoke_id));
    link.run();
    let problem = RejectProblem::ReturnResult(ReturnResultProblem::MISTYPED_RESULT);
    link.initiator.request(Request::RejectAnswer { invoke_id, abstract_syntax: MRSE, problem });
    link.run();
    link.responder.event();
    assert_eq!(link.responder.event(), rejected(Some(invoke_id), problem, true));
    let problem = RejectProblem::Invoke(InvokeProblem::MISTYPED_ARGUMENT);
    let wrong = Request::RejectAnswer { invoke_id, abstract_syntax: MRSE, problem };
    let now = link.initiator.now;
    let refused = link.initiator.association.request(wrong, now);
    assert_eq!(refused, Err(Misuse::WrongProblem));
}

#[test]
fn too_many_outstanding_invocations_are_rejected() {
    let limits = Limits { outstanding_invocations: 1, ..Limits::default() };
    let mut link = Link::with(initiator_options(), bind_request(), limited(limits)).bound();
    let first = link.initiator.invoke(invocation(1));
    let second = link.initiator.invoke(invocation(1));
    link.run();
    let problem = RejectProblem::Invoke(InvokeProblem::RESOURCE_LIMITATION);
    assert!(
        matches!(link.responder.event(), Event::Invoke { invoke_id, .. } if invoke_id == first)
    );
    assert_eq!(link.responder.event(), rejected(Some(second), problem, false));
    assert_eq!(link.initiator.event(), rejected(Some(second), problem, true));
    link.responder.invoke(invocation(25));
    let now = link.responder.now;
    let refused = link.responder.association.invoke(invocation(25), now);
    assert_eq!(refused, Err(Misuse::TooManyOutstanding));
}

/// What a bound responder reports and answers to an APDU.
fn raw(apdu: &[u8]) -> (Vec<Event>, Vec<u8>) {
    let mut link = Link::new().bound();
    // TPKT, DT, GT and DT SPDUs, User-data with one PDV-list on context 5.
    let list = [&[0x02, 0x01, 0x05, 0xa0, apdu.len() as u8], apdu].concat();
    let user_data = [&[0x61, list.len() as u8 + 2, 0x30, list.len() as u8], &list[..]].concat();
    let length = user_data.len() as u8 + 11;
    let packet = [&[3, 0, 0, length, 2, 0xf0, 0x80, 1, 0, 1, 0], &user_data[..]].concat();
    link.responder.input(&packet);
    let sent = link.responder.sent();
    (link.responder.events(), sent)
}

/// An APDU, the number in the report, the problem in it, and how the answer ends.
type Case = (&'static [u8], Option<i64>, RejectProblem, &'static [u8]);

#[test]
fn apdus_that_break_the_rules_are_rejected_with_their_problem() {
    let general = RejectProblem::General;
    let cases: [Case; 9] = [
        // [5]: no APDU of X.880.
        (
            &[0xa5, 3, 2, 1, 9],
            Some(9),
            general(GeneralProblem::UNRECOGNIZED_PDU),
            &[0xa4, 6, 2, 1, 9, 0x80, 1, 0],
        ),
        // ROIV without an operation code.
        (
            &[0xa1, 3, 2, 1, 9],
            Some(9),
            general(GeneralProblem::MISTYPED_PDU),
            &[0xa4, 6, 2, 1, 9, 0x80, 1, 1],
        ),
        // ROIV of nothing.
        (&[0xa1, 0], None, general(GeneralProblem::MISTYPED_PDU), &[0xa4, 5, 5, 0, 0x80, 1, 1]),
        // ROIV without a number.
        (
            &[0xa1, 5, 5, 0, 2, 1, 1],
            None,
            general(GeneralProblem::MISTYPED_PDU),
            &[0xa4, 5, 5, 0, 0x80, 1, 1],
        ),
        // ROIV whose operation code ends beyond it.
        (
            &[0xa1, 5, 2, 1, 9, 2, 7],
            Some(9),
            general(GeneralProblem::BADLY_STRUCTURED_PDU),
            &[0xa4, 6, 2, 1, 9, 0x80, 1, 2],
        ),
        // ROIV linked to 7, which is not outstanding.
        (
            &[0xa1, 9, 2, 1, 9, 0x80, 1, 7, 2, 1, 1],
            Some(9),
            RejectProblem::Invoke(InvokeProblem::UNRECOGNIZED_LINKED_ID),
            &[0xa4, 6, 2, 1, 9, 0x81, 1, 5],
        ),
        // RORS of what was not invoked.
        (
            &[0xa2, 3, 2, 1, 9],
            Some(9),
            RejectProblem::ReturnResult(ReturnResultProblem::UNRECOGNIZED_INVOCATION),
            &[0xa4, 6, 2, 1, 9, 0x82, 1, 0],
        ),
        // ROER of what was not invoked.
        (
            &[0xa3, 6, 2, 1, 9, 2, 1, 1],
            Some(9),
            RejectProblem::ReturnError(ReturnErrorProblem::UNRECOGNIZED_INVOCATION),
            &[0xa4, 6, 2, 1, 9, 0x83, 1, 0],
        ),
        // A malformed RORJ is never answered.
        (&[0xa4, 3, 2, 1, 9], Some(9), general(GeneralProblem::MISTYPED_PDU), &[]),
    ];
    for (apdu, invoke_id, problem, answer) in cases {
        let (events, sent) = raw(apdu);
        assert_eq!(events, [rejected(invoke_id, problem, false)], "{apdu:02x?}");
        if answer.is_empty() {
            assert!(sent.is_empty(), "{apdu:02x?}");
        } else {
            assert!(sent.ends_with(answer), "{apdu:02x?}: {sent:02x?}");
        }
    }
}

#[test]
fn a_number_in_use_is_rejected_and_the_first_invocation_stands() {
    let mut link = Link::new().bound();
    // The same ROIV twice in one PDV-list of octets on context 5: [1] { 9, 1 }.
    let apdu = [0xa1, 6, 2, 1, 9, 2, 1, 1];
    let list = [&[2, 1, 5, 0x81, 16], &apdu[..], &apdu[..]].concat();
    let user_data = [&[0x61, 23, 0x30, 21], &list[..]].concat();
    let packet = [&[3, 0, 0, 36, 2, 0xf0, 0x80, 1, 0, 1, 0], &user_data[..]].concat();
    link.responder.input(&packet);
    assert!(matches!(link.responder.event(), Event::Invoke { invoke_id: 9, .. }));
    let problem = RejectProblem::Invoke(InvokeProblem::DUPLICATE_INVOCATION);
    assert_eq!(link.responder.event(), rejected(Some(9), problem, false));
    link.responder.request(result(9));
}

#[test]
fn a_result_of_another_operation_is_rejected_and_ends_the_invocation() {
    let mut link = Link::new().bound();
    assert_eq!(link.responder.invoke(invocation(25)), 1);
    // RORS 1 { 26, NULL } on context 5.
    let apdu = [0xa2, 10, 2, 1, 1, 0x30, 5, 2, 1, 26, 5, 0];
    let user_data = [&[0x61, 19, 0x30, 17, 2, 1, 5, 0xa0, 12], &apdu[..]].concat();
    let packet = [&[3, 0, 0, 32, 2, 0xf0, 0x80, 1, 0, 1, 0], &user_data[..]].concat();
    link.responder.input(&packet);
    let problem = RejectProblem::ReturnResult(ReturnResultProblem::UNRECOGNIZED_INVOCATION);
    assert_eq!(link.responder.event(), rejected(Some(1), problem, false));
    // Now nothing with this number is outstanding.
    link.responder.input(&packet);
    assert_eq!(link.responder.event(), rejected(Some(1), problem, false));
}

#[test]
fn the_responder_can_be_the_one_that_knows_more_syntaxes() {
    let everything = ContextTable(vec![ApplicationContext {
        name: MS_ACCESS,
        bind_syntax: MS,
        abstract_syntaxes: vec![MRSE, MASE],
        reliable: false,
    }]);
    let responder = ResponderOptions::new(Arc::new(everything));
    let mut link = Link::with(initiator_options(), bind_request(), responder).bound();
    link.initiator.invoke(Invocation { abstract_syntax: MASE, ..invocation(2) });
    link.run();
    let Event::Invoke { abstract_syntax, .. } = link.responder.event() else { panic!("none") };
    assert_eq!(abstract_syntax, MASE);
}
