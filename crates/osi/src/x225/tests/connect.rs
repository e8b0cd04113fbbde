//! S-CONNECT: vectors of CN, OA, CDO, AC and RF, as fielded stacks send them.

use super::*;

fn indication(outputs: &[Output]) -> &ConnectIndication {
    match outputs {
        [Output::Indication(Indication::Connect(indication))] => indication,
        other => panic!("no S-CONNECT indication: {other:?}"),
    }
}

#[test]
fn a_cn_with_everything_in_it_is_indicated() {
    let cn = spdu(
        13,
        &[
            b"\x01\x0b\x0a\x02ua\x0b\x01t\x0c\x02ar", // identifier: "ua", "t", "ar"
            b"\x05\x0c",                              // Connect/Accept Item
            b"\x13\x01\x01\x16\x01\x03",              // extended concatenation, versions 1 and 2
            b"\x17\x011\x1a\x01\x2a",                 // serial number 1, tokens: acceptor chooses
            b"\x14\x02\x03\x4b",                      // duplex, half-duplex and more
            b"\x33\x03ses\x34\x04sess",               // "ses" calls "sess"
            b"\xc1\x02cp",
        ],
    );
    let options = ResponderOptions { selectors: vec![bytes(b"sess")], ..responder_options() };
    let mut session = Session::responder(options);
    let expected = ConnectIndication {
        connection_identifier: ConnectionIdentifier {
            user_reference: bytes(b"ua"),
            common_reference: bytes(b"t"),
            additional_reference: bytes(b"ar"),
        },
        calling: bytes(b"ses"),
        called: bytes(b"sess"),
        version: Version::V2,
        requirements: Requirements(0x034b),
        token_setting: Some(Tokens(0x2a)),
        initial_serial_number: Some(1),
        user_data: bytes(b"cp"),
    };
    assert_eq!(*indication(&takes(&mut session, &cn)), expected);
    let response = ConnectResponse { responding: bytes(b"sess"), ..response(&b"cpa"[..]) };
    session.request(Request::ConnectAccept(response)).expect("good");
    // AC: no options, version 2; duplex; responding "sess"; "cpa".
    let ac = b"\x0e\x17\x05\x06\x13\x01\x00\x16\x01\x02\x14\x02\x00\x02\x34\x04sess\xc1\x03cpa";
    assert_eq!(outputs(&mut session), [transmit(ac)]);
}

#[test]
fn long_length_indicators_are_read_everywhere() {
    let cn = b"\x0d\xff\0\x16\x05\xff\0\x06\x13\x01\0\x16\x01\x02\x14\xff\0\x02\0\x02\
        \xc1\xff\0\x02cp";
    let mut session = Session::responder(responder_options());
    assert_eq!(indication(&takes(&mut session, cn)).user_data, bytes(b"cp"));
}

#[test]
fn units_that_nobody_knows_are_passed_over_and_a_missing_version_is_1() {
    let cn = spdu(13, &[b"\x63\x01x", b"\x14\x02\0\x02", b"\xc1\x02cp"]);
    let mut session = Session::responder(responder_options());
    assert_eq!(indication(&takes(&mut session, &cn)).version, Version::V1);
    session.request(Request::ConnectAccept(response(&b"cpa"[..]))).expect("good");
    let ac = b"\x0e\x11\x05\x06\x13\x01\x00\x16\x01\x01\x14\x02\x00\x02\xc1\x03cpa";
    assert_eq!(outputs(&mut session), [transmit(ac)]);
}

#[test]
fn a_cn_says_how_much_user_data_it_has() {
    let first = |len: usize| {
        let mut session = Session::initiator(request(filled(len)), LIMIT).expect("good");
        let [Output::Transmit(cn)] = &outputs(&mut session)[..] else { panic!("no CN") };
        cn.to_bytes()
    };
    // Up to 512 octets: versions 1 and 2, user data.
    let head = b"\x0d\x10\x05\x06\x13\x01\0\x16\x01\x03\x14\x02\0\x02\xc1\x02";
    assert_eq!(first(2), bytes(&[&head[..], &filled(2)].concat()));
    let head = b"\x0d\xff\x02\x10\x05\x06\x13\x01\0\x16\x01\x03\x14\x02\0\x02\xc1\xff\x02\0";
    assert_eq!(first(512), bytes(&[&head[..], &filled(512)].concat()));
    // Up to 10,240 octets: version 2, extended user data.
    let head = b"\x0d\xff\x02\x11\x05\x06\x13\x01\0\x16\x01\x02\x14\x02\0\x02\xc2\xff\x02\x01";
    assert_eq!(first(513), bytes(&[&head[..], &filled(513)].concat()));
    // Beyond: more follows.
    let head = b"\x0d\xff\x28\x13\x05\x06\x13\x01\0\x16\x01\x02\x14\x02\0\x02\x3c\x01\x01\
        \xc2\xff\x28\0";
    assert_eq!(first(10_242), bytes(&[&head[..], &filled(10_242)[..10_240]].concat()));
    // None at all leaves no parameter.
    let head = b"\x0d\x0c\x05\x06\x13\x01\0\x16\x01\x03\x14\x02\0\x02";
    assert_eq!(first(0), bytes(head));
}

#[test]
fn connect_data_overflows_after_an_oa() {
    let mut one = Session::initiator(request(filled(10_242)), LIMIT).expect("good");
    outputs(&mut one);
    // OA, version 2: CDO, the end, two octets.
    let cdo = [&b"\x0f\x07\x19\x01\x02\xc1\x02"[..], &filled(10_242)[..2]].concat();
    assert_eq!(takes(&mut one, b"\x10\x03\x16\x01\x02"), [transmit(&cdo)]);
    assert!(matches!(takes(&mut one, &ac())[..], [Output::Indication(_)]));

    let cn = spdu(
        13,
        &[b"\x05\x06\x13\x01\0\x16\x01\x02", b"\x14\x02\0\x02", b"\x3c\x01\x01", b"\xc2\x01a"],
    );
    let mut other = Session::responder(responder_options());
    assert_eq!(takes(&mut other, &cn), [transmit(b"\x10\x03\x16\x01\x02")]);
    assert_eq!(takes(&mut other, b"\x0f\x06\x19\x01\0\xc1\x01b"), []);
    let last = takes(&mut other, b"\x0f\x06\x19\x01\x02\xc1\x01c");
    assert_eq!(indication(&last).user_data, bytes(b"abc"));
}

#[test]
fn connect_data_beyond_the_limit_is_aborted_as_a_restriction() {
    let cn = spdu(
        13,
        &[b"\x05\x06\x13\x01\0\x16\x01\x02", b"\x14\x02\0\x02", b"\x3c\x01\x01", b"\xc2\x01a"],
    );
    let mut session =
        Session::responder(ResponderOptions { ssdu_limit: 2, ..responder_options() });
    takes(&mut session, &cn);
    takes(&mut session, b"\x0f\x06\x19\x01\0\xc1\x01b");
    let (ab, error) = fails(&mut session, b"\x0f\x06\x19\x01\x02\xc1\x01c");
    assert!(matches!(error, Error::Buffer(_)));
    assert_eq!(ab, [transmit(b"\x19\x03\x11\x01\x11"), Output::AwaitDisconnect]);
}

#[test]
fn a_responder_refuses_what_it_can_not_serve() {
    let selectors = vec![bytes(b"sess")];
    let refused = |options, cn: &[u8]| {
        let (outputs, error) = fails(&mut Session::responder(options), cn);
        let Error::Refused { reason, .. } = error else { panic!("{error}") };
        let [Output::Transmit(rf), Output::AwaitDisconnect] = &outputs[..] else {
            panic!("no RF")
        };
        (reason, rf.to_bytes())
    };
    // An unknown selector: transport connection released, reason 129.
    let options = ResponderOptions { selectors, ..responder_options() };
    let rf = bytes(b"\x0c\x06\x11\x01\x01\x32\x01\x81");
    assert_eq!(refused(options, &cn(2)), (RefuseReason::SELECTOR_UNKNOWN, rf));
    // Versions 3 and 4: both of ours are named.
    let rf = bytes(b"\x0c\x09\x11\x01\x01\x16\x01\x03\x32\x01\x84");
    assert_eq!(refused(responder_options(), &cn(0x0c)), (RefuseReason::VERSION, rf.clone()));
    // Version 1 with extended user data.
    let cn = spdu(13, &[b"\x05\x06\x13\x01\0\x16\x01\x01", b"\x14\x02\0\x02", b"\xc2\x02cp"]);
    assert_eq!(refused(responder_options(), &cn), (RefuseReason::VERSION, rf));
    // No duplex, as where requirements are absent; TSDUs of 100 octets.
    let rf = bytes(b"\x0c\x06\x11\x01\x01\x32\x01\x86");
    let cn = spdu(13, &[b"\x05\x06\x13\x01\0\x16\x01\x02", b"\xc1\x02cp"]);
    assert_eq!(refused(responder_options(), &cn), (RefuseReason::RESTRICTION, rf.clone()));
    let item = b"\x05\x0c\x13\x01\0\x15\x04\0\0\0\x64\x16\x01\x02";
    let cn = spdu(13, &[item, b"\x14\x02\0\x02", b"\xc1\x02cp"]);
    assert_eq!(refused(responder_options(), &cn), (RefuseReason::RESTRICTION, rf));
}

#[test]
fn a_user_refuses_with_data() {
    let reject = |versions, reason, len: usize| {
        let mut session = Session::responder(responder_options());
        takes(&mut session, &cn(versions));
        let user_data = filled(len).into();
        session.request(Request::ConnectReject { reason, user_data }).expect("good");
        match &outputs(&mut session)[..] {
            [Output::Transmit(rf), Output::AwaitDisconnect] => rf.to_bytes(),
            other => panic!("{other:?}"),
        }
    };
    let data = RefuseReason::USER_DATA;
    let rf = [&b"\x0c\xff\x02\x60\x11\x01\x01\x32\xff\x02\x59\x02"[..], &filled(600)].concat();
    assert_eq!(reject(2, data, 600), bytes(&rf));
    // Version 1 can not carry so much.
    let rf = bytes(b"\x0c\x06\x11\x01\x01\x32\x01\0");
    assert_eq!(reject(1, data, 600), rf);
    let rf = bytes(b"\x0c\x06\x11\x01\x01\x32\x01\x01");
    assert_eq!(reject(2, RefuseReason::USER_CONGESTION, 5), rf);
}

#[test]
fn an_initiator_is_told_of_a_refusal() {
    let cases: [(&[u8], u8, &[u8]); 3] = [
        (b"\x0c\x06\x11\x01\x01\x32\x01\x81", 129, b""),
        (b"\x0c\x09\x11\x01\0\x32\x04\x02cpr", 2, b"cpr"),
        (b"\x0c\0", 0, b""),
    ];
    for (rf, reason, user_data) in cases {
        let mut session = Session::initiator(request(&b"cp"[..]), LIMIT).expect("good");
        outputs(&mut session);
        let (reason, user_data) = (RefuseReason(reason), bytes(user_data));
        let refused = indicate(Indication::ConnectRefused { reason, user_data });
        assert_eq!(takes(&mut session, rf), [refused, Output::Disconnect]);
    }
}

#[test]
fn an_ac_comes_whole_with_an_enclosure_item_or_in_segments() {
    let item = &[5, 6, 19, 1, 0, 22, 1, 2][..];
    let whole = [spdu(14, &[item, b"\x14\x02\0\x02\x19\x01\x03\x34\x01s", b"\xc1\x02cp"])];
    let segments = [
        spdu(14, &[item, b"\x14\x02\0\x02\x19\x01\x01\x34\x01s", b"\xc1\x01c"]),
        spdu(14, &[b"\x19\x01\0"]),
        spdu(14, &[b"\x19\x01\x02", b"\xc1\x01p"]),
    ];
    for tsdus in [&whole[..], &segments] {
        let mut session = Session::initiator(request(&b"cp"[..]), LIMIT).expect("good");
        outputs(&mut session);
        let outputs: Vec<_> = tsdus.iter().flat_map(|tsdu| takes(&mut session, tsdu)).collect();
        let [Output::Indication(Indication::ConnectAccepted(confirm))] = &outputs[..] else {
            panic!("{outputs:?}");
        };
        assert_eq!((&confirm.user_data[..], &confirm.responding[..]), (&b"cp"[..], &b"s"[..]));
        assert_eq!((confirm.version, confirm.requirements), (Version::V2, Requirements::DUPLEX));
    }
}

#[test]
fn an_ac_must_fit_the_cn() {
    // Version 1 after a CN of version 2; half-duplex; as absent requirements mean.
    let cases: [&[&[u8]]; 3] = [
        &[&[5, 6, 19, 1, 0, 22, 1, 1], &[20, 2, 0, 2]],
        &[&[5, 6, 19, 1, 0, 22, 1, 2], &[20, 2, 0, 1]],
        &[&[5, 6, 19, 1, 0, 22, 1, 2]],
    ];
    for parameters in cases {
        let mut session = Session::initiator(request(filled(600)), LIMIT).expect("good");
        outputs(&mut session);
        let ac = spdu(14, parameters);
        let (outputs, error) = fails(&mut session, &ac);
        assert!(matches!(error, Error::Violation(_)), "{error}");
        let ab = [&b"\x19\x0e\x11\x01\x05\x31\x09"[..], &ac[..9]].concat();
        assert_eq!(outputs, [transmit(&ab), Output::AwaitDisconnect]);
    }
}

#[test]
fn requests_that_can_not_be_served_are_our_callers_misuse() {
    let typed_data = Requirements::DUPLEX | Requirements::TYPED_DATA;
    for requirements in [Requirements::KERNEL, Requirements::HALF_DUPLEX, typed_data] {
        let request = ConnectRequest { requirements, ..request(&b""[..]) };
        assert_eq!(Session::initiator(request, LIMIT).err(), Some(Misuse::Requirements));
    }
    let long = ConnectRequest { called: filled(5_000), ..request(&b""[..]) };
    assert_eq!(Session::initiator(long, LIMIT).err(), Some(Misuse::ParametersTooLong));

    let mut session = Session::responder(responder_options());
    takes(&mut session, &cn(1));
    let half = ConnectResponse { requirements: Requirements::HALF_DUPLEX, ..response(&b""[..]) };
    assert_eq!(session.request(Request::ConnectAccept(half)), Err(Misuse::Requirements));
    let misuse = session.request(Request::ConnectAccept(response(filled(513))));
    assert_eq!(misuse, Err(Misuse::UserDataTooLong { len: 513, max: 512 }));
    let misuse = session.request(Request::Data(Rope::new()));
    let state = "awaiting the S-CONNECT response";
    assert_eq!(misuse, Err(Misuse::OutOfState { primitive: "S-DATA request", state }));
    assert_eq!(session.request(Request::ConnectAccept(response(filled(512)))), Ok(()));
}
