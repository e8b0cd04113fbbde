//! S-RELEASE, S-U-ABORT and S-P-ABORT.

use super::*;

#[test]
fn a_release_in_good_order() {
    let mut session = open_initiator();
    session.request(Request::Release(Rope::from(&b"rlrq"[..]))).expect("open");
    let fn_spdu = b"\x09\x09\x11\x01\x01\xc1\x04rlrq";
    assert_eq!(outputs(&mut session), [transmit(fn_spdu)]);
    let misuse = session.request(Request::Data(Rope::new()));
    assert!(matches!(misuse, Err(Misuse::OutOfState { .. })));
    // Data may still come before the DN.
    let data = indicate(Indication::Data(bytes(b"late")));
    assert_eq!(takes(&mut session, b"\x01\0\x01\0late"), [data]);
    let accepted = indicate(Indication::ReleaseAccepted(bytes(b"rlre")));
    assert_eq!(takes(&mut session, b"\x0a\x06\xc1\x04rlre"), [accepted, Output::Disconnect]);
}

#[test]
fn a_released_responder_answers_with_a_dn_and_awaits_the_disconnect() {
    // As fielded stacks send it: alone, with an enclosure item, without user data.
    for (tsdu, user_data) in [
        (&b"\x09\x06\xc1\x04rlrq"[..], &b"rlrq"[..]),
        (b"\x09\x0c\x11\x01\x01\x19\x01\x03\xc1\x04rlrq", b"rlrq"),
        (b"\x09\0", b""),
    ] {
        let mut session = open_responder(2);
        let release = Indication::Release { user_data: bytes(user_data), collision: false };
        assert_eq!(takes(&mut session, tsdu), [indicate(release)]);
        session.request(Request::Data(Rope::from(&b"x"[..]))).expect("still allowed");
        assert_eq!(outputs(&mut session), [transmit(b"\x01\0\x01\0x")]);
        session.request(Request::ReleaseAccept(Rope::from(&b"rlre"[..]))).expect("released");
        let dn = transmit(b"\x0a\x06\xc1\x04rlre");
        assert_eq!(outputs(&mut session), [dn, Output::AwaitDisconnect]);
    }
}

#[test]
fn nothing_may_follow_an_fn() {
    let mut session = open_responder(2);
    takes(&mut session, b"\x09\0");
    let (_, error) = fails(&mut session, b"\x01\0\x01\0late");
    let state = "awaiting the S-RELEASE response";
    assert_eq!(error, Error::UnexpectedSpdu { si: 1, state });
}

#[test]
fn a_release_can_not_be_rejected() {
    let mut session = open_initiator();
    session.request(Request::Release(Rope::new())).expect("open");
    assert_eq!(outputs(&mut session), [transmit(b"\x09\x03\x11\x01\x01")]);
    let (_, error) = fails(&mut session, b"\x08\0");
    assert_eq!(error, Error::UnexpectedSpdu { si: 8, state: "releasing" });
}

#[test]
fn releases_that_collide_are_both_answered_and_the_initiator_disconnects() {
    for (mut session, end) in
        [(open_initiator(), Output::Disconnect), (open_responder(2), Output::AwaitDisconnect)]
    {
        session.request(Request::Release(Rope::new())).expect("open");
        outputs(&mut session);
        let release = Indication::Release { user_data: bytes(b"r"), collision: true };
        assert_eq!(takes(&mut session, b"\x09\x03\xc1\x01r"), [indicate(release)]);
        session.request(Request::ReleaseAccept(Rope::new())).expect("released");
        assert!(session.request(Request::ReleaseAccept(Rope::new())).is_err(), "only once");
        assert_eq!(outputs(&mut session), [transmit(b"\x0a\0")]);
        let accepted = indicate(Indication::ReleaseAccepted(Bytes::new()));
        assert_eq!(takes(&mut session, b"\x0a\0"), [accepted, end]);
    }
}

#[test]
fn a_user_aborts_with_data_that_version_1_drops() {
    for (versions, ab) in
        [(2, &b"\x19\x0f\x11\x01\x03\xc1\x0aabort data"[..]), (1, b"\x19\x03\x11\x01\x03")]
    {
        let mut session = open_responder(versions);
        session.request(Request::UAbort(Rope::from(&b"abort data"[..]))).expect("open");
        assert_eq!(outputs(&mut session), [transmit(ab), Output::AwaitDisconnect]);
        assert!(session.request(Request::UAbort(Rope::new())).is_err());
        assert_eq!(takes(&mut session, b"\x1a\0"), [Output::Disconnect]);
    }
    let mut session = open_responder(1);
    session.request(Request::UAbort(Rope::from(&b"9 octets!"[..]))).expect("open");
    let ab = transmit(b"\x19\x0e\x11\x01\x03\xc1\x099 octets!");
    assert_eq!(outputs(&mut session), [ab, Output::AwaitDisconnect]);
}

#[test]
fn a_received_abort_is_indicated_and_answered() {
    let user = |octets: &[u8]| Indication::UAbort(bytes(octets));
    let provider = |flags| Indication::PAbort(AbortFlags(flags));
    for (ab, indication) in [
        (&b"\x19\x08\x11\x01\x0b\xc1\x03aru"[..], user(b"aru")),
        (b"\x19\x05\xc1\x03aru", user(b"aru")),
        (b"\x19\x06\x11\x01\x05\x31\x01x", provider(0x05)),
        (b"\x19\x03\x11\x01\x11", provider(0x11)),
    ] {
        let mut session = open_initiator();
        let aa = transmit(b"\x1a\0");
        assert_eq!(takes(&mut session, ab), [indicate(indication), aa, Output::AwaitDisconnect]);
    }
}

#[test]
fn an_initiator_may_be_aborted_while_it_waits() {
    let mut session = Session::initiator(request(filled(20_000)), LIMIT).expect("good");
    outputs(&mut session);
    let outputs = takes(&mut session, b"\x19\x03\x11\x01\x05");
    assert_eq!(outputs[0], indicate(Indication::PAbort(AbortFlags(5))));
}

#[test]
fn the_provider_aborts_for_its_own_reasons() {
    let mut session = open_initiator();
    session.abort(AbortFlags(AbortFlags::RESTRICTION));
    let ab = transmit(b"\x19\x03\x11\x01\x11");
    assert_eq!(outputs(&mut session), [ab, Output::AwaitDisconnect]);
    session.abort(AbortFlags(AbortFlags::NO_REASON));
    assert_eq!(outputs(&mut session), []);
    let mut session = Session::responder(responder_options());
    session.abort(AbortFlags(AbortFlags::NO_REASON));
    assert_eq!(outputs(&mut session), [Output::Disconnect]);
}
