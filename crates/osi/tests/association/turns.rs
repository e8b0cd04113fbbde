//! Reliable transfer with peers that keep the turn, name no checkpoint size, or abort for a reason
//! that passes; and what of them is kept.

use crate::link::{End, Link, bind_request, initiator_options, invocation};
use crate::recovery::{KEEP_TIME, store_of};
use crate::reliable::{invoke_large, reliable_bind, reliable_table, result, rtse};
use restante_osi::{
    AbortedBy, Association, BindRequest, Event, InitiatorOptions, Layer, MemoryBuffers,
    ResponderOptions, RtseOptions,
};
use std::time::Duration;

fn link(initiator: RtseOptions, responder: RtseOptions) -> Link {
    Link::with(
        InitiatorOptions { rtse: initiator, ..initiator_options() },
        reliable_bind(),
        ResponderOptions { rtse: responder, ..ResponderOptions::new(reliable_table()) },
    )
}

/// What is kept by the two ends.
fn kept(initiator: &RtseOptions, responder: &RtseOptions) -> (usize, usize) {
    (initiator.recovery.len(), responder.recovery.len())
}

fn keeping(name: &str, associations_per_peer: usize, octets: usize) -> RtseOptions {
    RtseOptions { recovery: store_of(name, associations_per_peer, octets), ..rtse(1, 3) }
}

#[test]
fn checkpoints_are_as_the_responder_grants() {
    // Asked for, had, and how many MIPs a transfer of 10,000 octets has.
    for (ours, theirs, points) in [(0, 0, 0), (0, 2, 4), (4, 0, 0), (4, 2, 4), (2, 4, 4)] {
        let mut link = link(rtse(ours, 3), rtse(theirs, 3)).bound();
        let invoke_id = link.initiator.invoke(invoke_large(10_000));
        let octets = link.initiator.sent();
        let mut forth = octets.clone();
        link.responder.input(&octets);
        loop {
            let back = link.responder.sent();
            if back.is_empty() {
                break;
            }
            link.initiator.input(&back);
            let octets = link.initiator.sent();
            forth.extend_from_slice(&octets);
            link.responder.input(&octets);
        }
        // An empty GT or PT, then MIP with a serial number of one digit.
        let mip = [1, 0, 49, 3, 42, 1];
        let found = forth.windows(6).filter(|octets| *octets == mip).count();
        assert_eq!(found, points, "{ours} asked for, {theirs} at most");
        let Event::Invoke { invoke_id: id, .. } = link.responder.event() else { panic!("none") };
        assert_eq!(id, invoke_id);
    }
}

#[test]
fn one_who_keeps_the_turn_in_silence_is_aborted() {
    let mut link = link(rtse(1, 1), rtse(1, 1)).bound();
    assert_eq!(link.responder.association.next_timeout(), None, "nothing is waited for");
    link.initiator.invoke(invocation(20));
    link.run();
    link.responder.events();
    link.responder.request(result(1, &[5, 0]));
    // The PT goes, no GTC comes. What was sent counts as a sign of life, once.
    assert!(!link.responder.sent().is_empty());
    let due = link.responder.association.next_timeout().expect("the turn is awaited");
    link.responder.association.handle_timeout(due);
    link.responder.no_event();
    link.responder.time_out();
    let Event::Aborted(abort) = link.responder.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::Us, Layer::ReliableTransfer));
    link.run();
    let Event::Aborted(abort) = link.initiator.event() else { panic!("no abort") };
    assert_eq!((abort.by, &abort.reason[..]), (AbortedBy::PeerProvider, "temporary-problem"));
}

#[test]
fn an_association_that_a_provider_aborts_for_now_can_be_recovered() {
    let (ours, theirs) = (keeping("one", 4, usize::MAX), rtse(1, 1));
    let mut link = link(ours.clone(), theirs).bound();
    link.initiator.invoke(invocation(20));
    link.run();
    link.responder.events();
    link.responder.request(result(1, &[5, 0]));
    link.responder.sent();
    let due = link.responder.association.next_timeout().unwrap() + Duration::from_secs(1_000);
    link.responder.association.handle_timeout(due);
    link.responder.association.handle_timeout(due + Duration::from_secs(1_000));
    link.run();
    assert!(link.initiator.association.suspended().is_some());
    assert_eq!(ours.recovery.len(), 1);
}

#[test]
fn one_peer_does_not_drive_out_another_and_recovers_nothing_of_it() {
    let (ours, theirs) = (keeping("one", 9, usize::MAX), keeping("other", 2, usize::MAX));
    let at = |peer: &str| RtseOptions { peer: peer.to_owned(), ..theirs.clone() };
    let mut names = Vec::new();
    for peer in ["a", "b", "b", "b"] {
        let mut link = link(ours.clone(), at(peer)).bound();
        link.initiator.invoke(invoke_large(50_000));
        link.run_counting(20_000);
        link.initiator.lose();
        link.responder.lose();
        names.push(link.initiator.association.suspended().cloned().unwrap());
    }
    assert_eq!(kept(&ours, &theirs), (4, 3));
    let options = || InitiatorOptions { rtse: ours.clone(), ..initiator_options() };
    let now = std::time::Instant::now();
    // The first is a's.
    for (peer, known) in [("b", false), ("a", true)] {
        let buffers = Box::new(MemoryBuffers::new(usize::MAX));
        let again = Association::resume(options(), &names[0], buffers, now).expect("kept");
        let responder =
            ResponderOptions { rtse: at(peer), ..ResponderOptions::new(reliable_table()) };
        let mut link = Link::between(End::over(again, now), End::responder(responder, now));
        link.run();
        if known {
            assert!(matches!(link.responder.event(), Event::BindIndication(_)));
        } else {
            assert!(matches!(link.initiator.event(), Event::BindRefused(_)));
            // That may pass: it can be tried again.
            assert_eq!(link.initiator.association.suspended(), Some(&names[0]));
        }
    }
    assert_eq!(theirs.recovery.len(), 2);
}

#[test]
fn what_is_kept_is_bounded_in_octets_and_given_up_in_time() {
    let ours = keeping("one", 9, 120_000);
    let mut lost = None;
    for _ in 0..4 {
        let mut link = link(ours.clone(), rtse(1, 3)).bound();
        link.initiator.invoke(invoke_large(50_000));
        link.run_counting(20_000);
        link.initiator.lose();
        lost = Some(link.initiator.now);
    }
    assert_eq!(ours.recovery.len(), 2);
    let since = lost.unwrap();
    let due = ours.recovery.forget(since).expect("something is kept");
    assert!(due <= since + KEEP_TIME);
    assert_eq!(ours.recovery.forget(since + KEEP_TIME), None);
    assert!(ours.recovery.is_empty());
    // More than all may take is not kept at all.
    let mut link = link(ours.clone(), rtse(1, 3)).bound();
    link.initiator.invoke(invoke_large(130_000));
    link.run_counting(20_000);
    link.initiator.lose();
    assert_eq!(link.initiator.association.suspended(), None);
}

#[test]
fn a_context_without_reliable_transfer_waits_for_no_turn() {
    let bind: BindRequest = bind_request();
    let mut link =
        Link::with(initiator_options(), bind, ResponderOptions::new(reliable_table())).bound();
    link.initiator.invoke(invocation(20));
    assert_eq!(link.initiator.association.next_timeout(), None);
}
