//! Limits of time and size.

use crate::link::{
    End, Link, MRSE, bind_request, initiator_options, invocation, limited, rope, table,
};
use restante_osi::{
    AbortedBy, Event, InitiatorOptions, Invocation, Layer, Limits, Output, Request,
    ResponderOptions,
};
use std::time::{Duration, Instant};

fn given_up(end: &mut End) {
    let Event::Aborted(abort) = end.event() else { panic!("no abort") };
    assert_eq!(abort.by, AbortedBy::Us, "{abort}");
    end.no_event();
}

fn aborted_by_provider(end: &mut End) {
    let Event::Aborted(abort) = end.event() else { panic!("no abort") };
    assert_eq!(abort.by, AbortedBy::PeerProvider, "{abort}");
    end.no_event();
}

#[test]
fn a_silent_peer_is_given_up() {
    let mut responder = End::responder(ResponderOptions::new(table()), Instant::now());
    responder.time_out();
    given_up(&mut responder);
    assert!(responder.closed && responder.sent().is_empty());
    assert_eq!(responder.association.next_timeout(), None);
}

#[test]
fn a_peer_silent_half_way_through_a_bind_is_given_up() {
    let now = Instant::now();
    let mut initiator = End::initiator(initiator_options(), bind_request(), now);
    let mut responder = End::responder(ResponderOptions::new(table()), now);
    responder.input(&initiator.sent());
    initiator.input(&responder.sent());
    let connect = initiator.sent();
    responder.input(&connect[..connect.len() / 2]);
    responder.time_out();
    given_up(&mut responder);
    // The session has no connection that could be aborted.
    assert!(responder.closed && responder.sent().is_empty());
}

#[test]
fn an_initiator_gives_up_and_tells() {
    let mut link = Link::new();
    link.run();
    link.initiator.time_out();
    given_up(&mut link.initiator);
    link.run();
    assert!(matches!(link.responder.event(), Event::BindIndication(_)));
    aborted_by_provider(&mut link.responder);
    link.over();
}

#[test]
fn an_initiator_without_transport_just_closes() {
    let mut initiator = End::initiator(initiator_options(), bind_request(), Instant::now());
    initiator.time_out();
    given_up(&mut initiator);
    assert!(initiator.closed);
}

#[test]
fn a_bind_that_is_not_decided_on_is_aborted() {
    let mut link = Link::new();
    link.run();
    link.responder.event();
    link.responder.time_out();
    given_up(&mut link.responder);
    link.run();
    aborted_by_provider(&mut link.initiator);
    link.over();
}

#[test]
fn an_idle_association_is_ended_but_not_while_an_operation_is_performed() {
    let limits = Limits { idle_time: Some(Duration::from_secs(60)), ..Limits::default() };
    let mut link = Link::with(initiator_options(), bind_request(), limited(limits)).bound();
    assert_eq!(link.initiator.association.next_timeout(), None);
    let invoke_id = link.initiator.invoke(invocation(1));
    link.run();
    link.responder.event();
    assert_eq!(link.responder.association.next_timeout(), None);
    let result = Request::Result { invoke_id, abstract_syntax: MRSE, result: None };
    link.responder.request(result);
    link.run();
    link.initiator.event();
    // What was sent in the first stretch counts as a sign of life.
    link.responder.time_out();
    link.responder.no_event();
    link.responder.time_out();
    given_up(&mut link.responder);
    link.run();
    aborted_by_provider(&mut link.initiator);
    link.over();
}

#[test]
fn a_peer_that_takes_nothing_more_is_closed_all_the_same() {
    let mut link = Link::new().bound();
    let value = [&[4, 0x83, 1, 0x86, 0xa0][..], &[7; 100_000]].concat();
    let responder = &mut link.responder;
    let large = Invocation { argument: Some(rope(&value)), ..invocation(25) };
    responder.association.invoke(large, responder.now).unwrap();
    responder.association.request(Request::Abort, responder.now).unwrap();
    let due = responder.association.next_timeout().unwrap();
    responder.association.handle_timeout(due);
    assert!(matches!(responder.association.poll_output(), Some(Output::Close)));
}

#[test]
fn an_association_goes_from_thread_to_thread() {
    fn moves<T: Send>(_: &T) {}
    moves(&Link::new().initiator.association);
}

#[test]
fn a_release_that_is_not_answered_is_an_abort() {
    let mut link = Link::new().bound();
    link.initiator.request(Request::Unbind { argument: None });
    link.run();
    link.responder.event();
    link.initiator.time_out();
    given_up(&mut link.initiator);
    link.run();
    aborted_by_provider(&mut link.responder);
    link.over();
}

#[test]
fn a_peer_that_does_not_close_is_closed() {
    let mut link = Link::new().bound();
    link.responder.request(Request::Abort);
    assert!(!link.responder.closed);
    link.responder.time_out();
    assert!(link.responder.closed);
    link.responder.no_event();
}

#[test]
fn a_bind_beyond_the_limit_is_refused_before_it_is_read() {
    let limits = Limits { tsdu_before_bind: 1000, ..Limits::default() };
    let mut bind = bind_request();
    bind.argument = Some(rope(&[&[4, 0x82, 3, 0xe8][..], &[7; 1000]].concat()));
    let mut link = Link::with(initiator_options(), bind, limited(limits));
    link.run();
    given_up(&mut link.responder);
    assert!(link.responder.closed);
    assert!(matches!(link.initiator.event(), Event::Aborted(_)));
}

#[test]
fn an_operation_beyond_the_limit_ends_the_association() {
    let limits = Limits { tsdu: 100_000, ..Limits::default() };
    for tpdu_size in [128, 65_531] {
        let options = InitiatorOptions { tpdu_size, ..initiator_options() };
        let mut link = Link::with(options, bind_request(), limited(limits.clone())).bound();
        let value = [&[4, 0x83, 1, 0x86, 0xa0][..], &[7; 100_000]].concat();
        link.initiator.invoke(Invocation { argument: Some(rope(&value)), ..invocation(5) });
        link.run();
        given_up(&mut link.responder);
        let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
        assert_eq!((abort.by, abort.layer), (AbortedBy::PeerProvider, Layer::Session));
        link.over();
    }
}

#[test]
fn the_limit_grows_with_the_bind() {
    let limits = Limits { tsdu_before_bind: 2000, ..Limits::default() };
    let mut link = Link::with(initiator_options(), bind_request(), limited(limits)).bound();
    let value = [&[4, 0x83, 1, 0x86, 0xa0][..], &[7; 100_000]].concat();
    link.initiator.invoke(Invocation { argument: Some(rope(&value)), ..invocation(5) });
    link.run();
    assert!(matches!(link.responder.event(), Event::Invoke { .. }));
}
