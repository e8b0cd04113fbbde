//! Wire vectors of reliable transfer: what is sent octet by octet, and what peers may send.

use crate::link::End;
use crate::raw::{CR, abort_data, cp, packet, parameter, spdu, tlv, tsdus, user_data};
use crate::reliable::{reliable_table, result, rtse};
use restante_osi::x880::Code;
use restante_osi::{AbortedBy, Event, Fault, Layer, Request, ResponderOptions};
use std::time::Instant;

/// INTEGER 5 as a bind argument.
const ARGUMENT: &[u8] = &[2, 1, 5];
/// AS: activity INTEGER 1.
const AS: &[u8] = b"\x01\0\x2d\x05\x29\x03\x02\x01\x01";
/// GTC, GTA.
const GTC: &[u8] = b"\x15\0";
const GTA: &[u8] = b"\x16\0";
/// ROIV 1, operation 20, argument NULL.
const INVOKE: &[u8] = &[0xa1, 8, 2, 1, 1, 2, 1, 20, 5, 0];

/// CN of version 2 with half-duplex, minor synchronize, activity management, exceptions (and
/// capability data, which we have not), a session connection identifier ("peer", 2026-01-02), and
/// a token setting.
fn cn(tokens: u8, user_data: &[u8]) -> Vec<u8> {
    let identifier =
        [parameter(10, b"\x14\x04peer"), parameter(11, b"\x17\x0d260102030405Z")].concat();
    let item = [parameter(19, &[0]), parameter(22, &[2]), parameter(26, &[tokens])].concat();
    spdu(
        13,
        &[
            &parameter(1, &identifier),
            &parameter(5, &item),
            &parameter(20, &[3, 0x49]),
            &parameter(193, user_data),
        ],
    )
}

/// CP: ACSE on 1, ms-rtse on 3, retrieval on 5, and an AARQ for ms-reliable-access-88 with this
/// RTORQ on context 3.
fn rtorq(members: &[&[u8]]) -> Vec<u8> {
    let rtorq = tlv(0xb0, members);
    let external = tlv(0x28, &[&[2, 1, 3], &tlv(0xa0, &[&rtorq])]);
    let aarq = tlv(0x60, &[&[0xa1, 6, 6, 4, 0x56, 0, 1, 5], &tlv(0xbe, &[&external])]);
    let mut cp = cp(&[&user_data(1, &aarq)]);
    // The second context is ms-rtse in place of ms-88.
    let ms_88 = [6, 4, 0x56, 0, 2, 9];
    let at = cp.windows(6).position(|octets| *octets == ms_88).unwrap();
    cp[at + 5] = 10;
    cp
}

/// The same with the bind in it: checkpoint size 1, window 2, two-way alternate.
fn open(bind: &[u8]) -> Vec<u8> {
    let data = tlv(0xa3, &[&tlv(0xa0, &[bind])]);
    rtorq(&[&[0x80, 1, 1], &[0x81, 1, 2], &[0x82, 1, 1], &data])
}

fn connected() -> End {
    let options = ResponderOptions { rtse: rtse(8, 8), ..ResponderOptions::new(reliable_table()) };
    let mut end = End::responder(options, Instant::now());
    end.input(CR);
    end.sent();
    end
}

/// A responder that is bound, with the tokens at the peer's (0) or at its end (0x15).
fn bound(tokens: u8) -> End {
    let mut end = connected();
    end.input(&packet(&cn(tokens, &open(&tlv(0xb0, &[ARGUMENT])))));
    let Event::BindIndication(indication) = end.event() else { panic!("no bind") };
    assert_eq!(indication.argument.as_deref(), Some(ARGUMENT));
    end.request(Request::AcceptBind { result: None });
    assert_eq!(tsdus(&mut end).concat()[0], 14, "an AC");
    end
}

/// DT with a part of an APDU: RTTR on context 3.
fn part(octets: &[u8]) -> Vec<u8> {
    [b"\x01\0\x01\0", &user_data(3, &tlv(4, &[octets]))[..]].concat()
}

fn enclosed(apdu: &[u8]) -> Vec<u8> {
    tlv(0x28, &[&[2, 1, 5], &tlv(0xa0, &[apdu])])
}

/// Feeds TSDUs; gives the TSDUs that come back.
fn feed(end: &mut End, feed: &[&[u8]]) -> Vec<Vec<u8>> {
    feed.iter().for_each(|tsdu| end.input(&packet(tsdu)));
    tsdus(end)
}

fn aare(result: u8, diagnostic: u8, apdu: &[u8]) -> Vec<u8> {
    let external = tlv(0x28, &[&[2, 1, 3], &tlv(0xa0, &[apdu])]);
    tlv(
        0x61,
        &[
            &[0xa1, 6, 6, 4, 0x56, 0, 1, 5],
            &[0xa2, 3, 2, 1, result],
            &[0xa3, 5, 0xa1, 3, 2, 1, diagnostic],
            &tlv(0xbe, &[&external]),
        ],
    )
}

#[test]
fn a_bind_is_accepted_octet_by_octet() {
    // The bind with its tag [16] and without; what is answered has [17] or not.
    let cases = [(tlv(0xb0, &[ARGUMENT]), tlv(0xb1, &[&[5, 0]])), (ARGUMENT.to_vec(), vec![5, 0])];
    for (bind, answer) in cases {
        let mut end = connected();
        end.input(&packet(&cn(0x2a, &open(&bind))));
        let Event::BindIndication(indication) = end.event() else { panic!("no bind") };
        assert_eq!(indication.argument.as_deref(), Some(ARGUMENT));
        end.request(Request::AcceptBind { result: Some(vec![5, 0].into()) });
        let [ac] = &tsdus(&mut end)[..] else { panic!("not one TSDU") };
        // No options, version 2, tokens: initiator's side, which was left to our choice.
        let item = [parameter(19, &[0]), parameter(22, &[2]), parameter(26, &[0])].concat();
        // RTOAC: checkpoint size 1, window 2, the bind result.
        let data = tlv(0xa2, &[&tlv(0xa0, &[&answer])]);
        let rtoac = tlv(0xb1, &[&[0x80, 1, 1], &[0x81, 1, 2], &data]);
        let results = tlv(0xa5, &[&[0x30, 7, 0x80, 1, 0, 0x81, 2, 0x51, 1].repeat(3)]);
        let user_data = user_data(1, &aare(0, 0, &rtoac));
        let cpa = tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1], &tlv(0xa2, &[&results, &user_data])]);
        let expected =
            spdu(14, &[&parameter(5, &item), &parameter(20, &[2, 0x49]), &parameter(193, &cpa)]);
        assert_eq!(*ac, expected, "{ac:02x?}");
    }
}

#[test]
fn a_bind_is_refused_octet_by_octet() {
    let mut end = connected();
    end.input(&packet(&cn(0, &open(&tlv(0xb0, &[ARGUMENT])))));
    end.event();
    end.request(Request::RefuseBind { error: vec![10, 1, 0].into() });
    // RTORJ: validation failure, the bind error.
    let rtorj = tlv(0xb2, &[&[0x80, 1, 2], &[0xa1, 5, 0xb2, 3, 10, 1, 0]]);
    let [rf] = &tsdus(&mut end)[..] else { panic!("not one TSDU") };
    assert!(rf.ends_with(&user_data(1, &aare(1, 1, &rtorj))), "{rf:02x?}");
}

#[test]
fn binds_without_argument_and_members_that_are_unknown_or_absent() {
    // [0] IMPLICIT NULL in place of the argument; an application protocol, which is of 1984.
    let mut end = connected();
    end.input(&packet(&cn(0, &rtorq(&[&[0x84, 1, 12], &[0xa3, 2, 0x80, 0]]))));
    let Event::BindIndication(indication) = end.event() else { panic!("no bind") };
    assert_eq!(indication.argument, None);
    // Checkpoint size 0, which is left to us: 8; window 3. No bind result.
    end.request(Request::AcceptBind { result: None });
    let rtoac = tlv(0xb1, &[&[0x80, 1, 8], &[0xa2, 2, 0x80, 0]]);
    let [ac] = &tsdus(&mut end)[..] else { panic!("not one TSDU") };
    assert!(ac.ends_with(&user_data(1, &aare(0, 0, &rtoac))), "{ac:02x?}");
}

#[test]
fn an_apdu_comes_in_parts_and_is_answered_in_a_turn() {
    let mut end = bound(0);
    let apdu = enclosed(INVOKE);
    let (first, second) = apdu.split_at(7);
    // The parts of the second RTTR in segments.
    let segments = tlv(0x24, &[&tlv(4, &[&second[..2]]), &tlv(4, &[&second[2..]])]);
    let segmented = [b"\x01\0\x01\0", &user_data(3, &segments)[..]].concat();
    let sent = feed(
        &mut end,
        &[AS, &part(first), b"\x01\0\x31\x03\x2a\x011", &segmented, b"\x01\0\x29\x03\x2a\x012"],
    );
    // MIA 1, AEA 2.
    assert_eq!(sent, [&b"\x01\0\x32\x03\x2a\x011"[..], b"\x01\0\x2a\x03\x2a\x012"]);
    let Event::Invoke { invoke_id: 1, operation, .. } = end.event() else { panic!("no invoke") };
    assert_eq!(operation, Code::Local(20));
    end.request(result(1, &[5, 0]));
    // PT: the data token; RTTP: priority 1 on context 3.
    let rttp = user_data(3, &[2, 1, 1]);
    let pt = spdu(2, &[&parameter(16, &[1]), &parameter(193, &rttp)]);
    assert_eq!(tsdus(&mut end), [pt]);
    // RORS 1: operation 20, NULL.
    let rors = [0xa2, 10, 2, 1, 1, 0x30, 5, 2, 1, 20, 5, 0];
    let sent = feed(&mut end, &[GTC]);
    assert_eq!(sent, [GTA, AS, &part(&enclosed(&rors)), b"\x01\0\x29\x03\x2a\x011"]);
    // The peer wants the turn back before it has confirmed the end.
    let pt = spdu(2, &[&parameter(16, &[0x15])]);
    assert_eq!(feed(&mut end, &[&pt, b"\x01\0\x2a\x03\x2a\x011"]), [GTC]);
    assert_eq!(feed(&mut end, &[GTA]), Vec::<Vec<u8>>::new());
}

#[test]
fn apdus_that_are_not_enclosed_and_rttrs_without_checkpoints_are_read() {
    let mut end = bound(0);
    feed(&mut end, &[AS, &part(INVOKE), b"\x01\0\x29\x03\x2a\x011"]);
    let Event::Invoke { operation, .. } = end.event() else { panic!("no invoke") };
    assert_eq!(operation, Code::Local(20));
}

#[test]
fn an_activity_that_is_not_known_is_not_resumed() {
    let mut end = bound(0);
    // AR: activity 1 of this connection, serial number 2, now activity 2.
    let ar = b"\x01\0\x1d\x0f\x21\x08\x29\x03\x02\x01\x01\x2a\x012\x29\x03\x02\x01\x02";
    // ED: unrecoverable procedural error. What follows is not looked at. AD; ADA.
    let ed = &b"\x01\0\x30\x03\x32\x01\x06"[..];
    assert_eq!(feed(&mut end, &[ar, &part(INVOKE)]), [ed]);
    let ada = &b"\x01\0\x3a\0"[..];
    assert_eq!(feed(&mut end, &[b"\x01\0\x39\x03\x32\x01\x06"]), [ada]);
    end.no_event();
    feed(&mut end, &[AS, &part(INVOKE), b"\x01\0\x29\x03\x2a\x011"]);
    assert!(matches!(end.event(), Event::Invoke { .. }));
    // The one that ended, resumed: a sequence error, and it is not taken twice.
    let ed = &b"\x01\0\x30\x03\x32\x01\x03"[..];
    let ar = b"\x01\0\x1d\x0f\x21\x08\x29\x03\x02\x01\x01\x2a\x010\x29\x03\x02\x01\x02";
    assert_eq!(feed(&mut end, &[ar]), [ed]);
    assert_eq!(feed(&mut end, &[b"\x01\0\x39\x03\x32\x01\x03"]), [ada]);
    end.no_event();
}

#[test]
fn an_interrupted_activity_is_resumed_on_the_same_connection() {
    let mut end = bound(0);
    let (first, rest) = INVOKE.split_at(3);
    let (second, third) = rest.split_at(3);
    let mip = b"\x01\0\x31\x03\x2a\x011";
    feed(&mut end, &[AS, &part(first), mip, &part(second)]);
    // AI; AIA; AR behind point 1; the second part again.
    let aia = &b"\x01\0\x1a\0"[..];
    assert_eq!(feed(&mut end, &[b"\x01\0\x19\x03\x32\x01\0"]), [aia]);
    let ar = b"\x01\0\x1d\x0f\x21\x08\x29\x03\x02\x01\x01\x2a\x011\x29\x03\x02\x01\x02";
    let ae = b"\x01\0\x29\x03\x2a\x013";
    let mip = b"\x01\0\x31\x03\x2a\x012";
    feed(&mut end, &[ar, &part(second), mip, &part(third), ae]);
    assert!(matches!(end.event(), Event::Invoke { operation: Code::Local(20), .. }));
}

/// A responder with the turn that sends a result of 2,000 octets: its first part and MIP 1, its
/// last and AE, after the TSDUs given.
fn sending() -> (End, Vec<u8>) {
    let mut end = bound(0);
    feed(&mut end, &[AS, &part(INVOKE), b"\x01\0\x29\x03\x2a\x011"]);
    end.event();
    end.request(result(1, &tlv(4, &[&[7; 2000]])));
    tsdus(&mut end);
    let rors = tlv(0xa2, &[&[2, 1, 1], &tlv(0x30, &[&[2, 1, 20], &tlv(4, &[&[7; 2000]])])]);
    let apdu = enclosed(&rors);
    let sent = feed(&mut end, &[GTC]);
    let mip = &b"\x01\0\x31\x03\x2a\x011"[..];
    let ae = &b"\x01\0\x29\x03\x2a\x012"[..];
    assert_eq!(sent, [GTA, AS, &part(&apdu[..1024]), mip, &part(&apdu[1024..]), ae]);
    (end, apdu)
}

#[test]
fn an_exception_interrupts_and_what_is_confirmed_is_not_sent_again() {
    let (mut end, apdu) = sending();
    // MIA 1; ED: no specific reason; AI; AIA.
    let ai = &b"\x01\0\x19\x03\x32\x01\0"[..];
    let ed = b"\x01\0\x30\x03\x32\x01\0";
    assert_eq!(feed(&mut end, &[b"\x01\0\x32\x03\x2a\x011", ed]), [ai]);
    // AR: activity 1 behind point 1, now activity 2; the rest; AE 2.
    let ar = &b"\x01\0\x1d\x0f\x21\x08\x29\x03\x02\x01\x01\x2a\x011\x29\x03\x02\x01\x02"[..];
    let ae = &b"\x01\0\x29\x03\x2a\x012"[..];
    let sent = feed(&mut end, &[b"\x01\0\x1a\0"]);
    assert_eq!(sent, [ar, &part(&apdu[1024..]), ae]);
    // ED: sequence error, since the peer has it all; AD; ADA. Nothing is sent again.
    let ad = &b"\x01\0\x39\x03\x32\x01\x03"[..];
    assert_eq!(feed(&mut end, &[b"\x01\0\x30\x03\x32\x01\x03"]), [ad]);
    assert_eq!(feed(&mut end, &[b"\x01\0\x3a\0"]), Vec::<Vec<u8>>::new());
    end.no_event();
}

#[test]
fn an_exception_before_anything_is_confirmed_begins_anew_but_not_for_ever() {
    let (mut end, apdu) = sending();
    // ER, then ED: unrecoverable procedural error; each time AD, ADA, AS of the next activity.
    for (number, exception) in [(2, &b"\x01\0\0\0"[..]), (3, b"\x01\0\x30\x03\x32\x01\x06")] {
        let sent = feed(&mut end, &[exception]);
        assert_eq!(sent[0][..3], [1, 0, 57], "an AD");
        let sent = feed(&mut end, &[b"\x01\0\x3a\0"]);
        assert_eq!(sent[0], [&AS[..8], &[number]].concat());
        assert_eq!(sent[1], part(&apdu[..1024]));
    }
    feed(&mut end, &[b"\x01\0\x30\x03\x32\x01\x05"]);
    feed(&mut end, &[b"\x01\0\x3a\0"]);
    end.input(&packet(b"\x01\0\x30\x03\x32\x01\x05"));
    // RTAB: permanent problem.
    assert!(abort_data(&mut end).ends_with(&[0xb6, 3, 0x80, 1, 5]));
    let Event::Aborted(abort) = end.event() else { panic!("no abort") };
    assert_eq!((abort.by, abort.layer), (AbortedBy::Us, Layer::ReliableTransfer));
}

#[test]
fn what_is_no_rttr_is_a_protocol_error() {
    let data = |value: &[u8]| [b"\x01\0\x01\0", &user_data(3, value)[..]].concat();
    let ended = [&part(b"garbage")[..], b"\x01\0\x29\x03\x2a\x011"];
    let other = data(&[2, 1, 1]);
    let malformed = data(&[0x24, 3, 2, 1, 1]);
    let cases: [(&[&[u8]], Fault); 3] = [
        (&[&other], Fault::Violation),
        (&[&malformed], Fault::Malformed),
        (&ended, Fault::Malformed),
    ];
    for (tsdus_in, fault) in cases {
        let mut end = bound(0);
        end.input(&packet(AS));
        tsdus_in.iter().for_each(|tsdu| end.input(&packet(tsdu)));
        let sent = tsdus(&mut end);
        let rtab = &[0xb6, 3, 0x80, 1, 4];
        assert!(sent.last().unwrap().ends_with(rtab), "{sent:02x?}");
        let Event::ProtocolError(error) = end.event() else { panic!("taken") };
        assert_eq!((error.layer, error.fault), (Layer::ReliableTransfer, fault));
    }
}

#[test]
fn an_association_that_is_not_known_is_not_recovered() {
    let mut end = connected();
    // Recover: OCTET STRING "peer", 2026-01-02 03:04:05.
    let identifier = tlv(0xa1, &[&tlv(4, &[b"peer"]), &tlv(0x17, &[b"260102030405Z"])]);
    end.input(&packet(&cn(0, &rtorq(&[&[0x82, 1, 1], &tlv(0xa3, &[&identifier])]))));
    let Event::ProtocolError(error) = end.event() else { panic!("recovered") };
    assert_eq!(error.layer, Layer::AssociationControl);
    assert!(error.text.contains("not known"), "{error}");
    assert_eq!(tsdus(&mut end).concat()[0], 12, "an RF");
}
