//! Wire vectors of TPKT and class 0, every error with the answer that it gets, and two machines
//! that talk to each other in any fragmentation.

use super::*;
use crate::buffer::{BufferError, MemoryBuffers};
use proptest::prelude::*;

const LIMIT: usize = 1 << 20;

fn buffers() -> MemoryBuffers {
    MemoryBuffers::new(LIMIT)
}

fn responder_options() -> ResponderOptions {
    ResponderOptions {
        selectors: vec![Bytes::from_static(b"3001")],
        tpdu_size: TPDU_SIZE_MAX,
        tsdu_limit: LIMIT,
        refuse: None,
    }
}

fn initiator_options(tpdu_size: usize) -> InitiatorOptions {
    InitiatorOptions {
        called: Bytes::from_static(b"3001"),
        calling: Bytes::from_static(b"ua"),
        tpdu_size,
        tsdu_limit: LIMIT,
    }
}

fn initiator(tpdu_size: usize) -> Transport {
    Transport::initiator(initiator_options(tpdu_size)).expect("short selectors")
}

/// Everything there is to transmit, joined.
fn sent(transport: &mut Transport) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(rope) = transport.poll_transmit() {
        octets.extend_from_slice(&rope.to_bytes());
    }
    octets
}

fn indications(transport: &mut Transport) -> Vec<Indication> {
    core::iter::from_fn(|| transport.poll_indication()).collect()
}

/// What a responder says to these octets, and how that ends.
fn answered(options: ResponderOptions, octets: &[u8]) -> (Vec<u8>, Result<(), Error>) {
    let mut transport = Transport::responder(options);
    let result = transport.input(octets, &mut buffers());
    (sent(&mut transport), result)
}

/// A responder that has accepted a CR which names 128 octets.
fn open_responder() -> Transport {
    let mut transport = Transport::responder(responder_options());
    transport.input(CR_128, &mut buffers()).expect("a good CR");
    sent(&mut transport);
    indications(&mut transport);
    transport
}

/// TPKT, 24 octets: CR, no destination, source 0101, class 0; calling "ua"; called "3001";
/// TPDU size 2^7.
const CR_128: &[u8] = b"\x03\0\0\x18\x13\xe0\0\0\x01\x01\0\xc1\x02ua\xc2\x043001\xc0\x01\x07";

#[test]
fn a_cr_is_accepted_by_a_cc_that_repeats_its_selectors() {
    let mut transport = Transport::responder(responder_options());
    transport.input(CR_128, &mut buffers()).expect("a good CR");
    // CC to 0101 from 0001, class 0; TPDU size 2^7; calling "ua"; called "3001".
    let cc = b"\x03\0\0\x18\x13\xd0\x01\x01\0\x01\0\xc0\x01\x07\xc1\x02ua\xc2\x043001";
    assert_eq!(sent(&mut transport), cc);
    let called = Bytes::from_static(b"3001");
    let calling = Bytes::from_static(b"ua");
    let connect = Indication::Connect { called, calling, tpdu_size: Some(128) };
    assert_eq!(indications(&mut transport), [connect]);
}

#[test]
fn an_initiator_asks_for_what_c0_says_and_for_more_by_f0() {
    // CR from 0001; TPDU size 2^13; "ua" calls "3001"; preferred size 511 * 128.
    let cr = b"\x03\0\0\x1c\x17\xe0\0\0\0\x01\0\xc0\x01\x0d\xc1\x02ua\xc2\x043001\xf0\x02\x01\xff";
    assert_eq!(sent(&mut initiator(TPDU_SIZE_MAX)), cr);
    let cr = b"\x03\0\0\x18\x13\xe0\0\0\0\x01\0\xc0\x01\x0b\xc1\x02ua\xc2\x043001";
    assert_eq!(sent(&mut initiator(2048)), cr);
}

#[test]
fn the_preferred_size_is_answered_by_itself() {
    // CR from 0101 with TPDU size 2^13, preferred size 511 * 128 and no selectors.
    let cr = b"\x03\0\0\x12\x0d\xe0\0\0\x01\x01\0\xc0\x01\x0d\xf0\x02\x01\xff";
    let options = ResponderOptions { selectors: Vec::new(), ..responder_options() };
    let cc = b"\x03\0\0\x0f\x0a\xd0\x01\x01\0\x01\0\xf0\x02\x01\xff";
    assert_eq!(answered(options.clone(), cr), (cc.to_vec(), Ok(())));
    // Where we take 1024 octets at most: 8 * 128.
    let cc = b"\x03\0\0\x0e\x09\xd0\x01\x01\0\x01\0\xf0\x01\x08";
    let options = ResponderOptions { tpdu_size: 1024, ..options };
    assert_eq!(answered(options, cr), (cc.to_vec(), Ok(())));
}

#[test]
fn other_classes_are_accepted_as_class_0_where_the_cr_offers_it() {
    let options = ResponderOptions { selectors: Vec::new(), ..responder_options() };
    // CR that prefers class 4 with extended formats, a credit of 1, a checksum and version 1,
    // alternatives 2 and 0.
    let cr = b"\x03\0\0\x16\x11\xe1\0\0\x01\x01\x42\xc3\x02\xab\xcd\xc4\x01\x01\xc7\x02\x20\0";
    let cc = b"\x03\0\0\x0b\x06\xd0\x01\x01\0\x01\0";
    assert_eq!(answered(options.clone(), cr), (cc.to_vec(), Ok(())));
    // CR that offers class 2 only: DR, no common class.
    let cr = b"\x03\0\0\x0b\x06\xe0\0\0\x01\x01\x20";
    let (dr, result) = answered(options, cr);
    assert_eq!(dr, b"\x03\0\0\x0b\x06\x80\x01\x01\0\0\x82");
    let empty = Bytes::new;
    let reason = DisconnectReason::NEGOTIATION_FAILED;
    assert_eq!(result, Err(Error::Refused { reason, called: empty(), calling: empty() }));
}

#[test]
fn a_wrong_selector_or_a_full_server_is_refused_by_a_dr() {
    let mut cr = CR_128.to_vec();
    cr[20] = b'2'; // "3002"
    let (dr, result) = answered(responder_options(), &cr);
    assert_eq!(dr, b"\x03\0\0\x0b\x06\x80\x01\x01\0\0\x03");
    assert!(matches!(result, Err(Error::Refused { called, .. }) if *called == *b"3002"));
    let refuse = Some(DisconnectReason::REMOTE_CONGESTION);
    let options = ResponderOptions { refuse, ..responder_options() };
    assert_eq!(answered(options, CR_128).0, b"\x03\0\0\x0b\x06\x80\x01\x01\0\0\x81");
}

/// An ER to `peer`, quoting `rejected`.
fn er(peer: [u8; 2], cause: u8, rejected: &[u8]) -> Vec<u8> {
    let len = u8::try_from(rejected.len()).expect("short");
    let header = [3, 0, 0, 11 + len, 6 + len, 0x70, peer[0], peer[1], cause, 0xc1, len];
    [&header, rejected].concat()
}

#[test]
fn bad_parameters_of_a_cr_are_rejected_by_an_er() {
    // TPDU size 2^6; of two octets; a preferred size of 0; a selector longer than the TPDU.
    for parameter in [&b"\xc0\x01\x06"[..], b"\xc0\x02\0\x07", b"\xf0\x01\0", b"\xc2\x043"] {
        let len = u8::try_from(parameter.len()).expect("short");
        let tpdu = [&[8 + len, 0xe0, 0, 0, 1, 1, 0, 0xc9, 0], parameter].concat();
        let cr = [&[3, 0, 0, 13 + len], &tpdu[..]].concat();
        let (answer, result) = answered(responder_options(), &cr);
        assert_eq!(answer, er([0, 0], 3, &tpdu), "{parameter:02x?}");
        let cause = RejectCause::PARAMETER_VALUE;
        assert!(matches!(result, Err(Error::MalformedTpdu { cause: c, .. }) if c == cause));
    }
}

#[test]
fn what_has_no_place_is_rejected_by_an_er() {
    // Before the CR: a DT, an ED, a code that does not exist, a length indicator of 0, 255 and
    // one beyond the TPKT.
    let cases: [(&[u8], u8, &[u8]); 6] = [
        (b"\x02\xf0\x80data", 2, b"\x02\xf0"),
        (b"\x04\x10\0\0\x80data", 2, b"\x04\x10"),
        (b"\x02\x30\x80data", 2, b"\x02\x30"),
        (b"\0\xf0\x80data", 0, b"\0"),
        (b"\xff\xf0\x80data", 0, b"\xff"),
        (b"\x07\xf0\x80data", 0, b"\x07"),
    ];
    for (tpdu, cause, rejected) in cases {
        let len = u8::try_from(tpdu.len() + 4).expect("short");
        let octets = [&[3, 0, 0, len], tpdu].concat();
        let (answer, result) = answered(responder_options(), &octets);
        assert_eq!(answer, er([0, 0], cause, rejected), "{tpdu:02x?}");
        assert!(result.is_err());
    }
    // On an open connection the ER names the peer's reference: a second CR.
    let mut transport = open_responder();
    let error = transport.input(CR_128, &mut buffers());
    assert_eq!(error, Err(Error::UnexpectedTpdu { code: 0xe0, state: "open" }));
    assert_eq!(sent(&mut transport), er([1, 1], 2, b"\x13\xe0"));
    assert_eq!(transport.send(Rope::from(&b"x"[..])), Err(Misuse::NotOpen));
    assert_eq!(transport.input(CR_128, &mut buffers()), Ok(()), "further input is ignored");
    assert_eq!(sent(&mut transport), b"");
}

#[test]
fn what_is_no_tpkt_gets_no_answer() {
    for octets in
        [&b"GET / HTTP/1.1"[..], b"\x03\0\0\x06\x02\xf0", b"\x03\0\0\0", b"\x16\x03\x01\0"]
    {
        let (answer, result) = answered(responder_options(), octets);
        assert_eq!(answer, b"");
        assert!(matches!(result, Err(Error::MalformedTpkt(_))), "{octets:02x?}");
    }
}

#[test]
fn announced_octets_that_do_not_come_cost_nothing() {
    let mut transport = open_responder();
    transport.input(b"\x03\0\xff\xff\x02\xf0\0abc", &mut buffers()).expect("so far so good");
    assert_eq!(indications(&mut transport), []);
    assert_eq!(sent(&mut transport), b"");
}

#[test]
fn a_cc_must_fit_the_cr() {
    // To reference 0002; with class 2 selected.
    let cases: [(&[u8], usize); 2] =
        [(b"\x06\xd0\0\x02\x07\x07\0", 4), (b"\x06\xd0\0\x01\x07\x07\x20", 7)];
    for (cc, read) in cases {
        let mut transport = initiator(2048);
        sent(&mut transport);
        let octets = [&[3, 0, 0, 11], cc].concat();
        let result = transport.input(&octets, &mut buffers());
        assert!(matches!(result, Err(Error::MismatchedConfirm(_))));
        assert_eq!(sent(&mut transport), er([7, 7], 3, &cc[..read]));
    }
}

#[test]
fn dr_and_er_end_the_connection() {
    let mut transport = initiator(2048);
    transport.input(b"\x03\0\0\x0b\x06\x80\0\x01\0\0\x03", &mut buffers()).expect("a DR");
    let reason = DisconnectReason::ADDRESS_UNKNOWN;
    assert_eq!(indications(&mut transport), [Indication::Disconnect(reason)]);
    let mut transport = open_responder();
    transport.input(b"\x03\0\0\x09\x04\x70\0\x01\x02", &mut buffers()).expect("an ER");
    assert_eq!(indications(&mut transport), [Indication::Rejected(RejectCause::TPDU_TYPE)]);
    assert_eq!(transport.send(Rope::from(&b"x"[..])), Err(Misuse::NotOpen));
}

#[test]
fn tsdus_are_put_together_from_any_dts() {
    let mut transport = open_responder();
    let octets = [
        &b"\x03\0\0\x09\x02\xf0\0ab"[..], // ab, more follows
        b"\x03\0\0\x07\x02\xf0\0",        // nothing, more follows
        b"\x03\0\0\x08\x02\xf0\x80c",     // c, end
        b"\x03\0\0\x07\x02\xf0\x80",      // nothing, end: no TSDU
        b"\x03\0\0\x09\x02\xf0\x05de",    // de, more follows, a number that class 0 ignores
        b"\x03\0\0\x07\x02\xf0\x80",      // nothing, end
    ]
    .concat();
    transport.input(&octets, &mut buffers()).expect("good DTs");
    let data = |octets| Indication::Data(Bytes::from_static(octets));
    assert_eq!(indications(&mut transport), [data(b"abc"), data(b"de")]);
}

#[test]
fn a_tsdu_beyond_its_limit_ends_the_reading_but_last_words_may_go_out() {
    let mut transport = open_responder();
    transport.set_tsdu_limit(3);
    transport.input(b"\x03\0\0\x0a\x02\xf0\x80abc", &mut buffers()).expect("3 octets");
    let result = transport.input(b"\x03\0\0\x09\x02\xf0\0ab", &mut buffers());
    assert_eq!(result, Ok(()));
    // The header alone tells that it will be too much.
    let result = transport.input(b"\x03\0\0\x09\x02\xf0\x80", &mut buffers());
    assert_eq!(result, Err(Error::Buffer(BufferError::TooLarge { limit: 3 })));
    assert_eq!(transport.input(b"anything", &mut buffers()), Ok(()));
    assert_eq!(transport.send(Rope::from(&b"bye"[..])), Ok(()));
    assert_eq!(sent(&mut transport), b"\x03\0\0\x0a\x02\xf0\x80bye");
}

#[test]
fn a_buffer_without_room_is_an_error() {
    let mut transport = open_responder();
    let result = transport.input(b"\x03\0\0\x09\x02\xf0\x80ab", &mut MemoryBuffers::new(1));
    assert_eq!(result, Err(Error::Buffer(BufferError::TooLarge { limit: 1 })));
}

#[test]
fn user_data_goes_out_in_its_own_pieces_and_never_beyond_the_size_agreed_on() {
    let mut transport = open_responder();
    let first = Bytes::from(vec![1; 200]);
    let second = Bytes::from(vec![2; 51]);
    let rope: Rope = [first.clone(), second.clone()].into_iter().collect();
    transport.send(rope).expect("open");
    let batch = transport.poll_transmit().expect("data");
    let pieces: Vec<&Bytes> = batch.pieces().collect();
    assert_eq!(
        pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>(),
        [7, 125, 7, 75, 50, 7, 1]
    );
    assert_eq!(&pieces[0][..], b"\x03\0\0\x84\x02\xf0\0");
    assert_eq!(&pieces[2][..], b"\x03\0\0\x84\x02\xf0\0");
    assert_eq!(&pieces[5][..], b"\x03\0\0\x08\x02\xf0\x80");
    assert_eq!(pieces[1].as_ptr(), first.as_ptr(), "not copied");
    assert_eq!(pieces[6].as_ptr(), second[50..].as_ptr(), "not copied");
    assert!(transport.poll_transmit().is_none());
}

#[test]
fn a_peer_that_names_no_size_is_sent_128_until_it_sends_more() {
    let options = ResponderOptions { selectors: Vec::new(), ..responder_options() };
    let mut transport = Transport::responder(options);
    transport.input(b"\x03\0\0\x0b\x06\xe0\0\0\x01\x01\0", &mut buffers()).expect("a CR");
    assert_eq!(sent(&mut transport), b"\x03\0\0\x0b\x06\xd0\x01\x01\0\x01\0");
    transport.send(Rope::from(vec![0; 126])).expect("open");
    assert_eq!(sent(&mut transport).len(), 126 + 2 * 7);
    let tpdu = [&b"\x02\xf0\x80"[..], &[0; 126]].concat();
    transport.input(&[&b"\x03\0\0\x85"[..], &tpdu].concat(), &mut buffers()).expect("129 octets");
    transport.send(Rope::from(vec![0; 65_529])).expect("open");
    assert_eq!(sent(&mut transport).len(), 65_529 + 2 * 7);
}

#[test]
fn selectors_too_long_for_a_cr_are_our_callers_misuse() {
    let called = Bytes::from(vec![b'x'; 250]);
    let options = InitiatorOptions { called, ..initiator_options(2048) };
    assert_eq!(Transport::initiator(options).err(), Some(Misuse::SelectorTooLong));
}

/// Carries what one end has to say to the other, cut at the given lengths in turn.
fn carry(from: &mut Transport, to: &mut Transport, cuts: &[usize]) {
    let octets = sent(from);
    let mut rest = &octets[..];
    for &cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(cut.min(rest.len()));
        to.input(now, &mut buffers()).expect("a good peer");
        rest = later;
    }
}

proptest! {
    #[test]
    fn two_ends_understand_each_other(
        cuts in prop::collection::vec(1..700_usize, 1..9),
        sizes in (0..70_000_usize, 0..70_000_usize),
        tsdus in prop::collection::vec(1..5_000_usize, 0..6),
    ) {
        let mut one = initiator(sizes.0);
        let options = ResponderOptions { tpdu_size: sizes.1, ..responder_options() };
        let mut other = Transport::responder(options);
        carry(&mut one, &mut other, &cuts);
        carry(&mut other, &mut one, &cuts);
        prop_assert_eq!(indications(&mut one).len(), 1);
        prop_assert_eq!(indications(&mut other).len(), 1);
        let data = |len: &usize| Bytes::from(vec![u8::try_from(len % 251).expect("small"); *len]);
        for len in &tsdus {
            one.send(Rope::from(data(len))).expect("open");
            other.send(Rope::from(data(len))).expect("open");
        }
        carry(&mut one, &mut other, &cuts);
        carry(&mut other, &mut one, &cuts);
        let expected: Vec<Indication> =
            tsdus.iter().map(|len| Indication::Data(data(len))).collect();
        prop_assert_eq!(indications(&mut one), expected.clone());
        prop_assert_eq!(indications(&mut other), expected);
    }

    #[test]
    fn random_octets_never_panic(
        tpdus in prop::collection::vec(prop::collection::vec(any::<u8>(), 3..40), 0..8),
        tail in prop::collection::vec(any::<u8>(), 0..40),
        open in any::<bool>(),
    ) {
        let mut transport = if open { open_responder() } else { initiator(2048) };
        let mut octets: Vec<u8> = tpdus.iter().flat_map(|tpdu| {
            let len = u8::try_from(tpdu.len() + 4).expect("short");
            [&[3, 0, 0, len], &tpdu[..]].concat()
        }).collect();
        octets.extend(tail);
        if transport.input(&octets, &mut buffers()).is_err() {
            prop_assert_eq!(transport.input(&octets, &mut buffers()), Ok(()));
        }
        sent(&mut transport);
    }
}
