//! S-DATA: concatenation and segments.

use super::*;

fn data(octets: &[u8]) -> Output {
    indicate(Indication::Data(bytes(octets)))
}

#[test]
fn data_comes_after_a_gt_or_a_pt_and_is_a_slice_of_its_tsdu() {
    let mut session = open_responder(2);
    let tsdu = bytes(b"\x01\0\x01\0data");
    session.input(tsdu.clone(), &mut buffers()).expect("good");
    let Some(Output::Indication(Indication::Data(user_data))) = session.poll_output() else {
        panic!("no data");
    };
    assert_eq!(user_data.as_ptr(), tsdu[4..].as_ptr(), "not copied");
    // A PT; both; long length indicators; a token item that names none; an enclosure item.
    for tsdu in [
        &b"\x02\0\x01\0data"[..],
        b"\x01\0\x02\0\x01\0data",
        b"\x01\xff\0\0\x01\xff\0\0data",
        b"\x01\x03\x10\x01\0\x01\0data",
        b"\x01\0\x01\x03\x19\x01\x03data",
    ] {
        assert_eq!(takes(&mut session, tsdu), [data(b"data")], "{tsdu:02x?}");
    }
    // A GT or PT by itself; a DT without data.
    assert_eq!(takes(&mut session, b"\x01\0"), []);
    assert_eq!(takes(&mut session, b"\x02\0"), []);
    assert_eq!(takes(&mut session, b"\x01\0\x01\0"), [data(b"")]);
}

#[test]
fn data_goes_out_after_a_gt_without_being_copied() {
    let mut session = open_initiator();
    let user_data = filled(70_000);
    session.request(Request::Data(user_data.clone().into())).expect("open");
    let [Output::Transmit(tsdu)] = &outputs(&mut session)[..] else { panic!("one TSDU") };
    let pieces: Vec<&Bytes> = tsdu.pieces().collect();
    assert_eq!(pieces[0], &bytes(b"\x01\0\x01\0"));
    assert_eq!((pieces[1].as_ptr(), pieces[1].len()), (user_data.as_ptr(), 70_000));
}

#[test]
fn segments_are_put_together_in_either_version() {
    for versions in [1, 2] {
        let mut session = open_responder(versions);
        assert_eq!(takes(&mut session, b"\x01\0\x01\x03\x19\x01\x01a"), []);
        assert_eq!(takes(&mut session, b"\x01\0\x01\x03\x19\x01\0b"), []);
        assert_eq!(takes(&mut session, b"\x01\0\x01\x03\x19\x01\x02c"), [data(b"abc")]);
    }
}

#[test]
fn segments_must_fit_together_but_an_abort_may_interrupt_them() {
    // Never begun; begun twice; another SPDU before the end.
    let cases: [&[&[u8]]; 3] = [
        &[b"\x01\0\x01\x03\x19\x01\x02c"],
        &[b"\x01\0\x01\x03\x19\x01\x01a", b"\x01\0\x01\x03\x19\x01\x01a"],
        &[b"\x01\0\x01\x03\x19\x01\x01a", b"\x09\0"],
    ];
    for tsdus in cases {
        let mut session = open_responder(2);
        let (last, before) = tsdus.split_last().expect("some");
        for tsdu in before {
            takes(&mut session, tsdu);
        }
        assert!(matches!(fails(&mut session, last).1, Error::Violation(_)));
    }
    let mut session = open_responder(2);
    takes(&mut session, b"\x01\0\x01\x03\x19\x01\x01a");
    let outputs = takes(&mut session, b"\x19\x03\x11\x01\x03");
    assert_eq!(outputs[0], indicate(Indication::UAbort(Bytes::new())));
}

#[test]
fn segments_beyond_the_limit_are_a_restriction() {
    let mut session = open_responder(2);
    session.set_ssdu_limit(2);
    takes(&mut session, b"\x01\0\x01\x03\x19\x01\x01ab");
    let (ab, error) = fails(&mut session, b"\x01\0\x01\x03\x19\x01\x02c");
    assert!(matches!(error, Error::Buffer(_)));
    assert_eq!(ab, [transmit(b"\x19\x03\x11\x01\x11"), Output::AwaitDisconnect]);
}

#[test]
fn a_demanded_tsdu_size_is_confirmed_and_kept() {
    // 512 octets both ways.
    let item = b"\x05\x0c\x13\x01\0\x15\x04\x02\0\x02\0\x16\x01\x02";
    let cn = spdu(13, &[item, b"\x14\x02\0\x02", b"\xc1\x02cp"]);
    let mut session = Session::responder(responder_options());
    takes(&mut session, &cn);
    session.request(Request::ConnectAccept(response(&b"cpa"[..]))).expect("good");
    let ac =
        b"\x0e\x17\x05\x0c\x13\x01\0\x15\x04\x02\0\x02\0\x16\x01\x02\x14\x02\0\x02\xc1\x03cpa";
    assert_eq!(outputs(&mut session), [transmit(ac)]);
    let user_data = filled(1_015);
    session.request(Request::Data(user_data.clone().into())).expect("open");
    let first = [&b"\x01\0\x01\x03\x19\x01\x01"[..], &user_data[..505]].concat();
    let middle = [&b"\x01\0\x01\x03\x19\x01\x00"[..], &user_data[505..1_010]].concat();
    let last = [&b"\x01\0\x01\x03\x19\x01\x02"[..], &user_data[1_010..]].concat();
    let expected = [&first, &middle, &last].map(|tsdu| transmit(tsdu));
    assert_eq!(outputs(&mut session), expected);
    session.request(Request::Data(filled(508).into())).expect("open");
    let whole = [&b"\x01\0\x01\0"[..], &filled(508)].concat();
    assert_eq!(outputs(&mut session), [transmit(&whole)]);
}

#[test]
fn what_has_no_place_is_aborted_and_reflected() {
    // Typed data; a token that does not exist; a second CN; a minor synchronization point;
    // octets after an FN; an SPDU longer than its TSDU; an enclosure item of two octets.
    let cases: [&[u8]; 7] = [
        b"\x21\x00data",
        b"\x01\x03\x10\x01\x01",
        &cn(2),
        b"\x01\0\x31\x03\x2a\x011",
        b"\x09\0\0",
        b"\x09\x05\x11",
        b"\x09\x04\x19\x02\0\0",
    ];
    for tsdu in cases {
        let mut session = open_responder(2);
        let (outputs, _) = fails(&mut session, tsdu);
        let reflect = &tsdu[..tsdu.len().min(9)];
        let ab =
            spdu(25, &[&[17, 1, 5], &[49, u8::try_from(reflect.len()).expect("short")], reflect]);
        assert_eq!(outputs, [transmit(&ab), Output::AwaitDisconnect], "{tsdu:02x?}");
        // Whatever follows is ignored until the AA comes.
        assert_eq!(takes(&mut session, b"\x09\x05\x11"), []);
        assert_eq!(takes(&mut session, b"\x01\0\x01\0data"), []);
        assert_eq!(takes(&mut session, b"\x1a\0"), [Output::Disconnect]);
        assert_eq!(takes(&mut session, b"\x1a\0"), []);
    }
}

#[test]
fn without_a_session_connection_there_is_nothing_to_abort() {
    for tsdu in [&b"garbage"[..], b"\x01\0\x01\0data", b"\x19\x03\x11\x01\x03", b"\x0d\x05\x05"] {
        let (outputs, _) = fails(&mut Session::responder(responder_options()), tsdu);
        assert_eq!(outputs, [Output::Disconnect], "{tsdu:02x?}");
    }
}
