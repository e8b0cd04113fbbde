//! Octets of no meaning, at every layer and at random: each ends with the answer that its layer
//! prescribes and one event, and nothing panics.

use crate::link::{End, NULL, bind_request, initiator_options, invocation, rope, table};
use crate::raw::{
    CR, aarq, abort_data, bound, cn, connected, cp, data, packet, parameter, spdu, tlv, tsdus,
    user_data,
};
use proptest::collection::vec;
use proptest::prelude::*;
use restante_osi::{Event, Fault, Layer, Request, ResponderOptions};
use std::time::Instant;

/// The one event, and that the end waits for the peer to close, or has closed.
fn broken(end: &mut End, layer: Layer, fault: Fault) {
    let Event::ProtocolError(error) = end.event() else { panic!("no error") };
    assert_eq!((error.layer, error.fault), (layer, fault), "{error}");
    end.no_event();
    if !end.closed {
        end.time_out();
    }
    end.no_event();
    assert!(end.closed);
}

/// ARP with a reason and an event.
fn arp(reason: u8, event: u8) -> Vec<u8> {
    vec![0x30, 6, 0x80, 1, reason, 0x81, 1, event]
}

/// ABRT by the provider in an ARU.
fn abrt() -> Vec<u8> {
    let list = [0xa0, 9, 0x30, 7, 2, 1, 1, 6, 2, 0x51, 1];
    tlv(0xa0, &[&list, &user_data(1, &[0x64, 3, 0x80, 1, 1])])
}

#[test]
fn no_tpkt_closes() {
    for octets in [&b"GET / HTTP/1.1\r\n"[..], &[3, 0, 0, 6, 0, 0], &[3, 0, 0, 0]] {
        let mut end = End::responder(ResponderOptions::new(table()), Instant::now());
        end.input(octets);
        assert!(end.sent().is_empty(), "{octets:02x?}");
        broken(&mut end, Layer::Transport, Fault::Malformed);
    }
}

#[test]
fn no_tpdu_is_answered_by_er() {
    let mut end = End::responder(ResponderOptions::new(table()), Instant::now());
    end.input(&[3, 0, 0, 11, 6, 0x10, 0, 0, 0, 1, 0]);
    assert_eq!(end.sent()[5], 0x70);
    let Event::ProtocolError(error) = end.event() else { panic!("no error") };
    assert_eq!(error.layer, Layer::Transport);
    assert!(end.closed);
}

#[test]
fn octets_announced_and_never_sent_wait_for_the_timer_only() {
    let mut end = End::responder(ResponderOptions::new(table()), Instant::now());
    end.input(&[3, 0, 0xff, 0xff]);
    end.time_out();
    assert!(matches!(end.event(), Event::Aborted(_)));
    end.no_event();
    assert!(end.closed);
}

#[test]
fn no_spdu_before_a_session_disconnects() {
    for octets in [&b"garbage"[..], &data(&user_data(5, &[0xa1, 0]))] {
        let mut end = connected();
        end.input(&packet(octets));
        let Event::ProtocolError(error) = end.event() else { panic!("no error") };
        assert_eq!(error.layer, Layer::Session);
        assert!(end.sent().is_empty() && end.closed);
    }
}

#[test]
fn no_spdu_in_a_session_is_answered_by_ab() {
    let mut end = bound();
    end.input(&packet(b"garbage"));
    let tsdus = tsdus(&mut end);
    assert_eq!((tsdus.len(), tsdus[0][0]), (1, 25));
    broken(&mut end, Layer::Session, Fault::Malformed);
}

#[test]
fn no_cp_is_answered_by_arp() {
    for octets in [&b"garbage"[..], &[], &[0x31, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x31, 0]] {
        let mut end = connected();
        end.input(&packet(&cn(octets)));
        // unrecognized-ppdu, cp-ppdu.
        assert_eq!(abort_data(&mut end), arp(1, 0), "{octets:02x?}");
        broken(&mut end, Layer::Presentation, Fault::Malformed);
    }
    // The context 1 twice: invalid-ppdu-parameter-value.
    let context = [0x30, 15, 2, 1, 1, 6, 4, 0x52, 1, 0, 1, 0x30, 4, 6, 2, 0x51, 1];
    let parameters = tlv(0xa2, &[&tlv(0xa4, &[&context, &context])]);
    let mut end = connected();
    end.input(&packet(&cn(&tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1], &parameters]))));
    assert_eq!(abort_data(&mut end), arp(6, 0));
    broken(&mut end, Layer::Presentation, Fault::Violation);
}

#[test]
fn no_aarq_is_answered_by_abrt() {
    // Another APDU, and an AARQ without its context.
    for apdu in [&[0x62, 0][..], &[0x60, 0], &[0x04, 1, 2]] {
        let mut end = connected();
        end.input(&packet(&cn(&cp(&[&user_data(1, apdu)]))));
        assert_eq!(abort_data(&mut end), abrt(), "{apdu:02x?}");
        broken(&mut end, Layer::AssociationControl, Fault::Malformed);
    }
}

#[test]
fn no_td_is_answered_by_arp() {
    // Constructed octets in each other, 100,000 of them.
    let nested = tlv(0x61, &[&[0x24, 0x80].repeat(100_000)[..60_000]]);
    for octets in [&b"garbage"[..], &[], &[0x61, 0], &[0x61, 2, 0x30, 0], &nested] {
        let mut end = bound();
        end.input(&packet(&data(octets)));
        // unrecognized-ppdu, td-ppdu.
        assert_eq!(abort_data(&mut end), arp(1, 7), "{:02x?}", &octets[..octets.len().min(9)]);
        broken(&mut end, Layer::Presentation, Fault::Malformed);
    }
    // A context that nobody has proposed: invalid-ppdu-parameter-value.
    let mut end = bound();
    end.input(&packet(&data(&user_data(99, &[0xa1, 0]))));
    assert_eq!(abort_data(&mut end), arp(6, 7));
    broken(&mut end, Layer::Presentation, Fault::Violation);
}

#[test]
fn data_before_the_bind_is_accepted_is_a_session_error() {
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq())]))));
    end.event();
    end.input(&packet(&data(&user_data(5, &[0xa1, 0]))));
    assert_eq!(tsdus(&mut end).concat()[0], 25);
    broken(&mut end, Layer::Session, Fault::Violation);
}

#[test]
fn no_rlrq_is_answered_by_abrt() {
    let release = |user_data: &[u8]| {
        let mut end = bound();
        end.input(&packet(&spdu(9, &[&parameter(193, user_data)])));
        end
    };
    let mut end = release(&user_data(1, &[0x62, 2, 0x80, 0]));
    assert_eq!(abort_data(&mut end), abrt());
    broken(&mut end, Layer::AssociationControl, Fault::Malformed);
    // An RLRE, and an RLRQ whose user information is a bind argument.
    let bind = [0xbe, 11, 0x28, 9, 2, 1, 3, 0xa0, 4, 0xb0, 2, 5, 0];
    for apdu in [vec![0x63, 0], tlv(0x62, &[&bind])] {
        let mut end = release(&user_data(1, &apdu));
        assert_eq!(abort_data(&mut end), abrt());
        let Event::ProtocolError(error) = end.event() else { panic!("no error") };
        assert_eq!(error.layer, Layer::AssociationControl);
    }
    let mut end = release(b"garbage");
    // unrecognized-ppdu, s-release-indication.
    assert_eq!(abort_data(&mut end), arp(1, 14));
    broken(&mut end, Layer::Presentation, Fault::Malformed);
}

/// What each end of a whole association sends: bind, an operation each way, release.
fn conversation() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let now = Instant::now();
    let mut initiator = End::initiator(initiator_options(), bind_request(), now);
    let mut responder = End::responder(ResponderOptions::new(table()), now);
    let (mut forth, mut back) = (Vec::new(), Vec::new());
    loop {
        let octets = initiator.sent();
        if octets.is_empty() {
            return (forth, back);
        }
        responder.input(&octets);
        forth.push(octets);
        responder.events().into_iter().for_each(|event| react(&mut responder, event));
        let octets = responder.sent();
        initiator.input(&octets);
        back.push(octets);
        initiator.events().into_iter().for_each(|event| react(&mut initiator, event));
    }
}

/// A user that takes everything, invokes at each chance, and releases in the end.
fn react(end: &mut End, event: Event) {
    let now = end.now;
    let _ = match event {
        Event::BindIndication(_) => {
            end.association.request(Request::AcceptBind { result: Some(rope(NULL)) }, now)
        }
        Event::BindConfirmed(_) => end.association.invoke(invocation(20), now).map(drop),
        Event::Invoke { invoke_id, abstract_syntax, .. } => end
            .association
            .request(Request::Result { invoke_id, abstract_syntax, result: None }, now)
            .and_then(|()| end.association.invoke(invocation(25), now).map(drop)),
        Event::Result { .. } | Event::Error { .. } | Event::Reject { .. } => {
            end.association.request(Request::Unbind { argument: None }, now)
        }
        Event::UnbindIndication { .. } => {
            end.association.request(Request::AcceptUnbind { result: None }, now)
        }
        _ => Ok(()),
    };
}

/// Takes an end through octets to its close: never a panic, at most one last event, nothing after
/// it.
fn survives(mut end: End, messages: &[Vec<u8>], chunk: usize) -> Option<Event> {
    let mut last = None;
    let mut settle = |end: &mut End| {
        for event in end.events() {
            assert_eq!(last, None, "{event:?} after the last event");
            if let Event::Aborted(_)
            | Event::ProtocolError(_)
            | Event::BindRefused(_)
            | Event::UnbindConfirmed { .. } = event
            {
                last = Some(event.clone());
            }
            react(end, event);
        }
    };
    for part in messages.iter().flat_map(|message| message.chunks(chunk)) {
        end.input(part);
        settle(&mut end);
    }
    // Time passes, then the connection goes.
    for _ in 0..3 {
        if end.association.next_timeout().is_some() {
            end.time_out();
            settle(&mut end);
        }
    }
    if !end.closed {
        end.lose();
        settle(&mut end);
    }
    assert!(end.closed);
    assert_eq!(end.association.next_timeout(), None);
    last
}

fn fresh(initiator: bool) -> End {
    let now = Instant::now();
    if initiator {
        End::initiator(initiator_options(), bind_request(), now)
    } else {
        End::responder(ResponderOptions::new(table()), now)
    }
}

#[test]
fn the_conversation_is_whole() {
    let (forth, back) = conversation();
    assert_eq!(survives(fresh(false), &forth, 100), None);
    let last = survives(fresh(true), &back, 100);
    assert_eq!(last, Some(Event::UnbindConfirmed { result: None }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_octets_never_panic(octets in vec(any::<u8>(), 0..300), initiator: bool) {
        survives(fresh(initiator), &[octets], 17);
    }

    #[test]
    fn random_tsdus_never_panic(octets in vec(any::<u8>(), 0..200)) {
        survives(fresh(false), &[[CR, &packet(&octets)].concat()], 64);
    }

    #[test]
    fn random_connect_data_never_panics(octets in vec(any::<u8>(), 0..200)) {
        survives(fresh(false), &[[CR, &packet(&cn(&octets))].concat()], 64);
    }

    #[test]
    fn random_user_data_never_panics(octets in vec(any::<u8>(), 0..100)) {
        let bind = packet(&cn(&cp(&[&user_data(1, &aarq())])));
        let packets = [packet(&data(&octets)), packet(&data(&user_data(5, &octets)))].concat();
        survives(fresh(false), &[CR.to_vec(), bind, packets], 64);
    }

    #[test]
    fn a_mutated_conversation_never_panics(
        changes in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<proptest::sample::Index>(),
        initiator: bool,
        chunk in 1usize..200,
    ) {
        let (forth, back) = conversation();
        let mut messages = if initiator { back } else { forth };
        let length = messages.concat().len();
        for (at, value) in changes {
            let at = at.index(length);
            *messages.iter_mut().flatten().nth(at).unwrap() = value;
        }
        // Whole messages from some point on are left out, or none.
        messages.truncate(cut.index(messages.len() * 3) + 1);
        survives(fresh(initiator), &messages, chunk);
    }
}
