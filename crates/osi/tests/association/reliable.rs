//! Associations over reliable transfer against each other: binds, operations both ways with turns,
//! checkpoints and windows, releases, refusals, aborts.

use crate::link::{
    ARGUMENT, Link, MRSE, MS_ACCESS, NULL, bind_request, initiator_options, invocation, rope,
    table,
};
use crate::raw::{data, packet, tlv, user_data};
use proptest::prelude::*;
use restante_ber::{Oid, oid};
use restante_osi::x880::Code;
use restante_osi::{
    AbortedBy, ApplicationContext, BindRequest, ContextTable, Event, Fault, InitiatorOptions,
    Invocation, Layer, Limits, Refusal, Request, ResponderOptions, RtseOptions,
};
use std::sync::Arc;

/// ms-reliable-access-88.
pub(crate) const MS_RELIABLE_ACCESS: Oid = oid!(2, 6, 0, 1, 5);
/// Its bind and unbind, with the APDUs of reliable transfer.
pub(crate) const MS_RTSE: Oid = oid!(2, 6, 0, 2, 10);

/// ms-access-88 and ms-reliable-access-88.
pub(crate) fn reliable_table() -> Arc<ContextTable> {
    let mut table = (*table()).clone();
    table.0.push(ApplicationContext {
        name: MS_RELIABLE_ACCESS,
        bind_syntax: MS_RTSE,
        abstract_syntaxes: vec![MRSE],
        reliable: true,
    });
    Arc::new(table)
}

pub(crate) fn reliable_bind() -> BindRequest {
    let context = ApplicationContext {
        name: MS_RELIABLE_ACCESS,
        bind_syntax: MS_RTSE,
        abstract_syntaxes: vec![MRSE],
        reliable: true,
    };
    BindRequest { context, ..bind_request() }
}

/// The same in both ends, checkpoints of so many KiB.
pub(crate) fn rtse(checkpoint_size: u16, window_size: u16) -> RtseOptions {
    RtseOptions { checkpoint_size, window_size, ..RtseOptions::default() }
}

fn link(initiator: RtseOptions, responder: RtseOptions) -> Link {
    Link::with(
        InitiatorOptions { rtse: initiator, ..initiator_options() },
        reliable_bind(),
        ResponderOptions { rtse: responder, ..ResponderOptions::new(reliable_table()) },
    )
}

/// An OCTET STRING of so many octets.
pub(crate) fn large(len: usize) -> Vec<u8> {
    let mut value = vec![0x04, 0x84];
    value.extend(u32::try_from(len).unwrap().to_be_bytes());
    value.extend((0..len).map(|at| (at / 7 % 251) as u8));
    value
}

pub(crate) fn invoke_large(len: usize) -> Invocation {
    Invocation { argument: Some(rope(&large(len))), ..invocation(5) }
}

pub(crate) fn result(invoke_id: i64, result: &[u8]) -> Request {
    Request::Result { invoke_id, abstract_syntax: MRSE, result: Some(rope(result)) }
}

#[test]
fn operations_go_both_ways_with_turns() {
    let mut link = link(rtse(64, 3), rtse(64, 3)).fragmented(vec![3, 17]).bound();
    let ours: Vec<i64> = (20..26).map(|code| link.initiator.invoke(invocation(code))).collect();
    let theirs = link.responder.invoke(invocation(25));
    link.run();
    for (invoke_id, code) in ours.iter().zip(20..) {
        let (linked_id, abstract_syntax) = (None, MRSE);
        let (operation, argument) = (Code::Local(code), Some(ARGUMENT.into()));
        let invoke_id = *invoke_id;
        let expected =
            Event::Invoke { invoke_id, linked_id, abstract_syntax, operation, argument };
        assert_eq!(link.responder.event(), expected);
    }
    assert!(
        matches!(link.initiator.event(), Event::Invoke { invoke_id, .. } if invoke_id == theirs)
    );
    for invoke_id in &ours {
        link.responder.request(result(*invoke_id, NULL));
    }
    link.initiator.request(result(theirs, NULL));
    link.run();
    for (invoke_id, code) in ours.iter().zip(20..) {
        let (operation, result) = (Code::Local(code), Some(NULL.into()));
        assert_eq!(
            link.initiator.event(),
            Event::Result { invoke_id: *invoke_id, operation, result }
        );
    }
    assert!(matches!(link.responder.event(), Event::Result { .. }));
    link.initiator.request(Request::Unbind { argument: Some(rope(NULL)) });
    link.run();
    assert_eq!(link.responder.event(), Event::UnbindIndication { argument: Some(NULL.into()) });
    link.responder.request(Request::AcceptUnbind { result: Some(rope(NULL)) });
    link.run();
    assert_eq!(link.initiator.event(), Event::UnbindConfirmed { result: Some(NULL.into()) });
    link.over();
}

#[test]
fn the_release_waits_for_the_turn_and_for_what_is_being_sent() {
    let mut link = link(rtse(1, 1), rtse(1, 1)).bound();
    // The turn is with the responder, which has asked for it.
    let theirs = link.responder.invoke(invocation(25));
    link.run();
    link.initiator.events();
    link.initiator.request(result(theirs, &large(10_000)));
    link.initiator.request(Request::Unbind { argument: None });
    link.run();
    let Event::Result { result: Some(arrived), .. } = link.responder.event() else {
        panic!("no result");
    };
    assert!(arrived == large(10_000));
    assert_eq!(link.responder.event(), Event::UnbindIndication { argument: None });
    // One who has no turn can't answer any more, and needs not.
    link.responder.request(Request::AcceptUnbind { result: None });
    link.run();
    assert_eq!(link.initiator.event(), Event::UnbindConfirmed { result: None });
    link.over();
}

#[test]
fn a_peer_that_does_not_give_the_turn_is_not_waited_for() {
    let mut link = link(rtse(1, 1), rtse(1, 1)).bound();
    link.responder.invoke(invocation(25));
    link.run();
    link.initiator.events();
    link.initiator.request(Request::Unbind { argument: None });
    link.initiator.sent();
    link.initiator.time_out();
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::Us, Layer::ReliableTransfer));
}

#[test]
fn bind_errors_come_in_an_rtorj() {
    let mut link = link(rtse(64, 3), rtse(64, 3));
    link.run();
    link.responder.events();
    link.responder.request(Request::RefuseBind { error: rope(&[10, 1, 0]) });
    link.run();
    let Event::BindRefused(Refusal::Bind { error, .. }) = link.initiator.event() else {
        panic!("no bind error");
    };
    assert_eq!(error, &[10, 1, 0][..]);
    link.over();
}

#[test]
fn an_abort_says_by_whom() {
    let mut link = link(rtse(64, 3), rtse(64, 3)).bound();
    link.responder.request(Request::Abort);
    link.run();
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::PeerUser, Layer::ReliableTransfer));
    assert_eq!(abort.reason, "user-error");
    link.over();
}

#[test]
fn an_apdu_beyond_the_limit_is_a_permanent_problem() {
    let limits = Limits { tsdu: 20_000, ..Limits::default() };
    let responder = ResponderOptions { limits, ..ResponderOptions::new(reliable_table()) };
    let initiator = InitiatorOptions { rtse: rtse(4, 2), ..initiator_options() };
    let mut link = Link::with(initiator, reliable_bind(), responder).bound();
    link.initiator.invoke(invoke_large(30_000));
    link.run();
    let Event::Aborted(abort) = link.responder.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::Us, Layer::ReliableTransfer));
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!((abort.by, &abort.reason[..]), (AbortedBy::PeerProvider, "permanent-problem"));
    link.over();
}

#[test]
fn a_context_gets_the_session_that_it_needs_or_none() {
    // A reliable context over a duplex session, and the other way round.
    for (name, reliable) in [(MS_RELIABLE_ACCESS, false), (MS_ACCESS, true)] {
        let mut bind = reliable_bind();
        bind.context.name = name;
        bind.context.reliable = reliable;
        let responder = ResponderOptions::new(reliable_table());
        let mut link = Link::with(initiator_options(), bind, responder);
        link.run();
        let Event::ProtocolError(error) = link.responder.event() else { panic!("accepted") };
        assert_eq!(error.layer, Layer::AssociationControl);
        assert_eq!(error.fault, Fault::Incompatible);
        let refused = link.initiator.event();
        assert!(matches!(refused, Event::BindRefused(Refusal::Association { .. })));
        link.over();
    }
    // Who has no reliable context refuses the session.
    let responder = ResponderOptions::new(table());
    let mut link = Link::with(initiator_options(), reliable_bind(), responder);
    link.run();
    assert!(matches!(link.initiator.event(), Event::BindRefused(Refusal::Session(_))));
}

/// SPDUs that reliable transfer has a meaning for, and parts of APDUs.
fn spdu_or_part() -> impl Strategy<Value = Vec<u8>> {
    const SPDUS: &[&[u8]] = &[
        b"\x01\0\x2d\x05\x29\x03\x02\x01\x01",
        b"\x01\0\x1d\x0f\x21\x08\x29\x03\x02\x01\x01\x2a\x011\x29\x03\x02\x01\x02",
        b"\x01\0\x31\x03\x2a\x011",
        b"\x01\0\x31\x03\x2a\x012",
        b"\x01\0\x32\x03\x2a\x011",
        b"\x01\0\x29\x03\x2a\x011",
        b"\x01\0\x29\x03\x2a\x012",
        b"\x01\0\x2a\x03\x2a\x011",
        b"\x01\0\x19\x03\x32\x01\0",
        b"\x01\0\x1a\0",
        b"\x01\0\x39\x03\x32\x01\0",
        b"\x01\0\x3a\0",
        b"\x01\0\x30\x03\x32\x01\x03",
        b"\x01\0\0\0",
        b"\x02\x03\x10\x01\x01",
        b"\x15\0",
        b"\x16\0",
    ];
    let part = |value: Vec<u8>| {
        let rttr = tlv(4, &[&value]);
        data(&user_data(3, &rttr))
    };
    let invoke = vec![0xa1, 8, 2, 1, 1, 2, 1, 20, 5, 0];
    prop_oneof![
        8 => prop::sample::select(SPDUS).prop_map(<[u8]>::to_vec),
        2 => Just(part(invoke)),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(part),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    /// Whatever a peer sends, the association goes on or ends, and says once why.
    #[test]
    fn whatever_comes_is_taken_or_ends_the_association_once(
        peers in prop::collection::vec(spdu_or_part(), 1..40),
        answer in any::<bool>(),
    ) {
        let mut end = link(rtse(1, 2), rtse(1, 2)).bound().responder;
        end.invoke(invoke_large(3_000));
        let mut ends = 0;
        for tsdu in peers {
            end.input(&packet(&tsdu));
            for event in end.events() {
                match event {
                    Event::Invoke { invoke_id, .. } if answer => {
                        end.request(result(invoke_id, &large(3_000)));
                    }
                    Event::Aborted(_) | Event::ProtocolError(_) => ends += 1,
                    _ => {}
                }
            }
            if end.closed {
                break;
            }
        }
        prop_assert!(ends <= 1);
        end.lose();
        prop_assert!(end.closed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// APDUs of any length, whatever checkpoints and windows the ends want and however octets
    /// arrive, come in order and whole.
    #[test]
    fn transfers_arrive_in_order_and_whole(
        forth in prop::collection::vec(0..40_000_usize, 0..5),
        back in prop::collection::vec(0..40_000_usize, 0..5),
        (ours, theirs) in ((0..9_u16, 0..5_u16), (0..9_u16, 0..5_u16)),
        chunks in prop::collection::vec(1..5_000_usize, 1..4),
    ) {
        let mut link = link(rtse(ours.0, ours.1), rtse(theirs.0, theirs.1))
            .fragmented(chunks)
            .bound();
        for len in &forth {
            link.initiator.invoke(invoke_large(*len));
        }
        for len in &back {
            link.responder.invoke(invoke_large(*len));
        }
        link.run();
        for (end, lens) in [(&mut link.responder, &forth), (&mut link.initiator, &back)] {
            for len in lens {
                let Event::Invoke { argument, .. } = end.event() else { panic!("no invoke") };
                prop_assert!(argument.as_deref() == Some(&large(*len)[..]));
            }
            end.no_event();
        }
    }
}
