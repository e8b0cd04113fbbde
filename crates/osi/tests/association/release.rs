//! Release from either side and from both at once, and aborts.

use crate::link::{Link, MRSE, NULL, invocation, rope};
use restante_osi::{AbortedBy, Event, Layer, Misuse, Request};

fn unbind(octets: Option<&[u8]>) -> Request {
    Request::Unbind { argument: octets.map(rope) }
}

fn accept_unbind(octets: Option<&[u8]>) -> Request {
    Request::AcceptUnbind { result: octets.map(rope) }
}

#[test]
fn a_release_carries_unbind_argument_and_result() {
    for octets in [Some(NULL), None] {
        let mut link = Link::new().fragmented(vec![2, 9]).bound();
        link.initiator.request(unbind(octets));
        link.run();
        let argument = octets.map(Into::into);
        assert_eq!(link.responder.event(), Event::UnbindIndication { argument });
        link.responder.request(accept_unbind(octets));
        link.run();
        let result = octets.map(Into::into);
        assert_eq!(link.initiator.event(), Event::UnbindConfirmed { result });
        link.over();
    }
}

#[test]
fn what_was_invoked_before_the_release_is_answered_before_it() {
    let mut link = Link::new().bound();
    let invoke_id = link.initiator.invoke(invocation(1));
    link.initiator.request(unbind(None));
    link.run();
    assert!(matches!(link.responder.event(), Event::Invoke { .. }));
    assert!(matches!(link.responder.event(), Event::UnbindIndication { .. }));
    link.responder.request(Request::Result { invoke_id, abstract_syntax: MRSE, result: None });
    link.responder.request(accept_unbind(None));
    link.run();
    assert!(matches!(link.initiator.event(), Event::Result { .. }));
    assert!(matches!(link.initiator.event(), Event::UnbindConfirmed { .. }));
    link.over();
}

#[test]
fn nothing_is_invoked_across_a_release() {
    let mut link = Link::new().bound();
    link.initiator.request(unbind(None));
    let now = link.initiator.now;
    let refused = link.initiator.association.invoke(invocation(1), now);
    assert_eq!(refused, Err(Misuse::WrongState));
    // The responder has not heard of the release yet.
    link.responder.invoke(invocation(25));
    link.run();
    link.initiator.no_event();
    assert!(matches!(link.responder.event(), Event::UnbindIndication { .. }));
    link.responder.request(accept_unbind(None));
    link.run();
    assert!(matches!(link.initiator.event(), Event::UnbindConfirmed { .. }));
    link.over();
}

#[test]
fn a_responder_may_release_too() {
    let mut link = Link::new().bound();
    link.responder.request(unbind(None));
    link.run();
    assert_eq!(link.initiator.event(), Event::UnbindIndication { argument: None });
    link.initiator.request(accept_unbind(Some(NULL)));
    link.run();
    let result = Some(NULL.into());
    assert_eq!(link.responder.event(), Event::UnbindConfirmed { result });
    link.over();
}

#[test]
fn releases_that_collide_are_both_granted() {
    let mut link = Link::new().bound();
    link.initiator.request(unbind(None));
    link.responder.request(unbind(None));
    link.run();
    assert!(matches!(link.initiator.event(), Event::UnbindConfirmed { .. }));
    assert!(matches!(link.responder.event(), Event::UnbindConfirmed { .. }));
    link.over();
}

#[test]
fn an_abort_reaches_the_peer_in_every_state() {
    let aborted = |link: &mut Link, responder: bool| {
        let end = if responder { &mut link.responder } else { &mut link.initiator };
        let Event::Aborted(abort) = end.event() else { panic!("no abort") };
        assert_eq!((abort.by, abort.layer), (AbortedBy::PeerUser, Layer::AssociationControl));
        link.over();
    };
    let mut link = Link::new();
    link.run();
    link.responder.event();
    link.responder.request(Request::Abort);
    link.run();
    aborted(&mut link, false);

    let mut link = Link::new();
    link.run();
    link.responder.event();
    link.initiator.request(Request::Abort);
    link.run();
    aborted(&mut link, true);

    for responder in [false, true] {
        let mut link = Link::new().bound();
        let end = if responder { &mut link.initiator } else { &mut link.responder };
        end.request(Request::Abort);
        link.run();
        aborted(&mut link, responder);
    }

    let mut link = Link::new().bound();
    link.initiator.request(unbind(None));
    link.run();
    link.responder.event();
    link.responder.request(Request::Abort);
    link.run();
    aborted(&mut link, false);
}

#[test]
fn aborts_that_cross_end_both() {
    let mut link = Link::new().bound();
    link.initiator.request(Request::Abort);
    link.responder.request(Request::Abort);
    link.over();
}

#[test]
fn a_connection_lost_while_releasing_is_an_abort() {
    let mut link = Link::new().bound();
    link.initiator.request(unbind(None));
    link.initiator.lose();
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!(abort.by, AbortedBy::Connection);
}
