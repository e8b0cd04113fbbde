//! The layers and the association: whatever comes, they answer as they must or close, and say so
//! once.

use crate::link::{End, Link, responder};
use bytes::Bytes;
use restante_ber::{Decode, Encode, Null};
use restante_osi::buffer::MemoryBuffers;
use restante_osi::x226::{AbortPpdu, Cp, Cpa, Cpr, UserData};
use restante_osi::x227::AcseApdu;
use restante_osi::x880::Ros;
use restante_osi::{Event, Request, x224, x225};
use std::time::{Duration, Instant};

/// The largest TSDU that oracles take.
const TSDU_LIMIT: usize = 1 << 20;

/// Splits the input into pieces of a length that its first octet gives.
fn pieces(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (length, rest) = data.split_first().map_or((1, data), |(first, rest)| (*first, rest));
    rest.chunks(usize::from(length).max(1))
}

/// Everything that is sent is whole TPKTs of version 3.
fn assert_tpkts(mut octets: &[u8]) {
    while let [version, _, high, low, ..] = octets {
        assert_eq!(*version, 3);
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        assert!(length >= 7, "a TPKT of {length} octets was sent");
        octets = octets.get(length..).expect("a TPKT was sent that is not whole");
    }
    assert!(octets.is_empty(), "a part of a TPKT was sent");
}

/// A transport responder.
pub fn transport(data: &[u8]) {
    let mut buffers = MemoryBuffers::new(TSDU_LIMIT);
    let mut transport = x224::Transport::responder(x224::ResponderOptions {
        selectors: Vec::new(),
        tpdu_size: x224::TPDU_SIZE_MAX,
        tsdu_limit: TSDU_LIMIT,
        refuse: None,
    });
    for piece in pieces(data) {
        let broken = transport.input(piece, &mut buffers).is_err();
        while let Some(sent) = transport.poll_transmit() {
            assert_tpkts(&sent.to_bytes());
        }
        while transport.poll_indication().is_some() {}
        if broken {
            return;
        }
    }
}

/// A session responder, of one TSDU after the other.
pub fn session(data: &[u8]) {
    let mut buffers = MemoryBuffers::new(TSDU_LIMIT);
    let mut session = x225::Session::responder(x225::ResponderOptions {
        selectors: Vec::new(),
        requirements: x225::Requirements::SUPPORTED,
        ssdu_limit: TSDU_LIMIT,
    });
    for piece in pieces(data) {
        let tsdu = Bytes::copy_from_slice(piece);
        let broken = session.input(tsdu, &mut buffers).is_err();
        while session.poll_output().is_some() {}
        if broken {
            return;
        }
    }
}

/// Reads a type; what was read can be written, and what was written is read as the same.
pub(super) fn round_trip<T: Decode + Encode + PartialEq + std::fmt::Debug>(data: &[u8]) {
    if let Ok(value) = T::from_ber(data) {
        let written = value.to_ber();
        let again = T::from_bytes(&written);
        assert_eq!(again.as_ref(), Ok(&value), "not read again: {written:02x?}");
    }
}

/// Presentation PDUs.
pub fn presentation(data: &[u8]) {
    round_trip::<Cp>(data);
    round_trip::<Cpa>(data);
    round_trip::<Cpr>(data);
    round_trip::<AbortPpdu>(data);
    round_trip::<UserData>(data);
}

/// Association control APDUs.
pub fn acse(data: &[u8]) {
    round_trip::<AcseApdu>(data);
}

/// Remote operations APDUs.
pub fn rose(data: &[u8]) {
    round_trip::<Ros>(data);
}

/// Feeds an end until it closes or the input ends, then lets its time run out; it has closed
/// then, and has said at most once why.
pub(super) fn feed(mut end: End, data: &[u8], mut now: Instant) {
    for piece in pieces(data) {
        if end.closed {
            break;
        }
        end.association.handle_input(piece, now);
        end.drain();
    }
    assert_tpkts(&std::mem::take(&mut end.outgoing));
    for _ in 0..8 {
        let Some(timeout) = end.association.next_timeout() else { break };
        now = timeout.max(now + Duration::from_millis(1));
        end.association.handle_timeout(now);
        end.drain();
    }
    end.association.handle_closed(now);
    end.drain();
    assert!(end.closed, "the connection was not closed");
    let ends = end
        .events
        .iter()
        .filter(|event| matches!(event, Event::Aborted(_) | Event::ProtocolError(_)));
    assert!(ends.count() <= 1, "said more than once why it ended: {:?}", end.events);
}

/// A responder to which nobody has bound.
pub fn association(data: &[u8]) {
    let now = Instant::now();
    feed(End::new(responder(now)), data, now);
}

/// A TSDU in one DT.
pub(super) fn packet(tsdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tsdu.len() + 7).expect("pieces are short");
    let [high, low] = length.to_be_bytes();
    [&[3, 0, high, low, 2, 0xf0, 0x80], tsdu].concat()
}

/// A responder that is bound, given TSDUs in whole transport PDUs.
pub fn bound_association(data: &[u8]) {
    let mut link = Link::new(Null.to_ber(), Instant::now());
    assert!(matches!(link.at_responder(), Some(Event::BindIndication(_))));
    let accept = Request::AcceptBind { result: Some(Null.to_rope()) };
    link.responder.association.request(accept, link.now).expect("a bind can be accepted");
    assert!(matches!(link.at_initiator(), Some(Event::BindConfirmed(_))));
    let mut octets = vec![0xff];
    for piece in pieces(data) {
        octets.extend(packet(piece));
    }
    feed(link.responder, &octets, link.now);
}
