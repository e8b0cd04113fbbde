//! Half-duplex, minor synchronize, activity management and exceptions: vectors of every SPDU, what
//! has no place, and two machines that walk at random.

use super::*;
use crate::x225::{ActivityIndication as I, ActivityRequest as A};
use std::collections::VecDeque;

const ALL: Tokens = Tokens::RELIABLE_TRANSFER;

fn reliable(setting: Option<Tokens>) -> ConnectRequest {
    let requirements = Requirements::RELIABLE_TRANSFER;
    ConnectRequest { requirements, token_setting: setting, ..request(&b"cp"[..]) }
}

/// Both ends, with the tokens at the initiator's or the responder's.
fn open(setting: Tokens) -> (Session, Session) {
    let mut one = Session::initiator(reliable(Some(setting)), LIMIT).expect("good");
    let requirements = Requirements::SUPPORTED;
    let mut other = Session::responder(ResponderOptions { requirements, ..responder_options() });
    carry(&mut one, &mut other, 0);
    outputs(&mut other);
    let requirements = Requirements::RELIABLE_TRANSFER;
    let accept = ConnectResponse { requirements, token_setting: None, ..response(&b"cpa"[..]) };
    other.request(Request::ConnectAccept(accept)).expect("good");
    carry(&mut other, &mut one, 0);
    outputs(&mut one);
    (one, other)
}

/// What a request puts on the wire.
fn sends(session: &mut Session, request: A) -> Vec<u8> {
    session.request(Request::Activity(request)).expect("allowed");
    let outputs = outputs(session);
    let [Output::Transmit(tsdu)] = &outputs[..] else { panic!("{outputs:?}") };
    tsdu.to_bytes().to_vec()
}

fn told(indication: I) -> Vec<Output> {
    vec![indicate(Indication::Activity(indication))]
}

#[test]
fn a_transfer_octet_by_octet() {
    let (mut one, mut other) = open(Tokens::NONE);
    // AS: activity INTEGER 1.
    let activity = bytes(&[2, 1, 1]);
    let tsdu = sends(&mut one, A::Start(activity.clone()));
    assert_eq!(tsdu, b"\x01\0\x2d\x05\x29\x03\x02\x01\x01");
    assert_eq!(takes(&mut other, &tsdu), told(I::Start(activity.clone())));
    one.request(Request::Data(b"data"[..].into())).expect("allowed");
    assert_eq!(outputs(&mut one), [transmit(b"\x01\0\x01\0data")]);
    let data = indicate(Indication::Data(bytes(b"data")));
    assert_eq!(takes(&mut other, b"\x01\0\x01\0data"), [data]);
    // MIP 1, which is to be confirmed; MIP 2 of a peer that wants no answer; MIA 1.
    let tsdu = sends(&mut one, A::SyncMinor);
    assert_eq!(tsdu, b"\x01\0\x31\x03\x2a\x011");
    assert_eq!(takes(&mut other, &tsdu), told(I::SyncMinor(1, true)));
    sends(&mut one, A::SyncMinor);
    let unconfirmed = takes(&mut other, b"\x01\0\x31\x06\x0f\x01\x01\x2a\x012");
    assert_eq!(unconfirmed, told(I::SyncMinor(2, false)));
    let tsdu = sends(&mut other, A::SyncMinorAccept(1));
    assert_eq!(tsdu, b"\x01\0\x32\x03\x2a\x011");
    assert_eq!(takes(&mut one, &tsdu), told(I::SyncMinorAccepted(1)));
    // AE and AEA with the number after.
    let tsdu = sends(&mut one, A::End);
    assert_eq!(tsdu, b"\x01\0\x29\x03\x2a\x013");
    assert_eq!(takes(&mut other, &tsdu), told(I::End));
    let tsdu = sends(&mut other, A::EndAccept);
    assert_eq!(tsdu, b"\x01\0\x2a\x03\x2a\x013");
    assert_eq!(takes(&mut one, &tsdu), told(I::EndAccepted));
}

#[test]
fn tokens_are_asked_for_and_given() {
    let (mut one, mut other) = open(Tokens::NONE);
    // PT: all three tokens, user data.
    let tsdu = sends(&mut other, A::TokenPlease(ALL, b"pt"[..].into()));
    assert_eq!(tsdu, b"\x02\x07\x10\x01\x15\xc1\x02pt");
    assert_eq!(takes(&mut one, &tsdu), told(I::TokenPlease(ALL, bytes(b"pt"))));
    // GTC and GTA; a PT may follow the GTC at once.
    let tsdu = sends(&mut one, A::ControlGive);
    assert_eq!(tsdu, b"\x15\0");
    sends(&mut one, A::TokenPlease(ALL, Rope::new()));
    let given = indicate(Indication::Activity(I::TokenGive(ALL)));
    assert_eq!(takes(&mut other, &tsdu), [transmit(b"\x16\0"), given]);
    assert_eq!(takes(&mut one, b"\x16\0"), []);
    // Tokens given one by one with GTs, as peers may do that know no GTC.
    takes(&mut other, b"\x02\0");
    let (mut one, _) = open(Tokens::RESPONDER);
    assert_eq!(takes(&mut one, b"\x01\x03\x10\x01\x01"), told(I::TokenGive(Tokens(1))));
    assert_eq!(takes(&mut one, b"\x01\x03\x10\x01\x14"), told(I::TokenGive(ALL)));
    sends(&mut one, A::Start(bytes(&[2, 1, 1])));
}

#[test]
fn an_activity_is_interrupted_resumed_and_discarded() {
    let (mut one, mut other) = open(Tokens::RESPONDER);
    sends(&mut other, A::Start(bytes(&[2, 1, 1])));
    takes(&mut one, b"\x01\0\x2d\x05\x29\x03\x02\x01\x01");
    // ED: a sequence error, after which nothing is looked at; AI; AIA.
    let tsdu = sends(&mut one, A::Exception(ExceptionReason::SEQUENCE));
    assert_eq!(tsdu, b"\x01\0\x30\x03\x32\x01\x03");
    assert_eq!(takes(&mut one, b"\x01\0\x01\0data"), []);
    let reported = I::Exception(Some(ExceptionReason::SEQUENCE));
    assert_eq!(takes(&mut other, &tsdu), told(reported));
    let tsdu = sends(&mut other, A::Interrupt(ExceptionReason::NON_SPECIFIC));
    assert_eq!(tsdu, b"\x01\0\x19\x03\x32\x01\0");
    let interrupt = I::Interrupt(ExceptionReason::NON_SPECIFIC);
    assert_eq!(takes(&mut one, &tsdu), told(interrupt));
    let tsdu = sends(&mut one, A::StopAccept);
    assert_eq!(tsdu, b"\x01\0\x1a\0");
    assert_eq!(takes(&mut other, &tsdu), told(I::Stopped));
    // AR: linking information (calling reference "u", common reference "t", activity INTEGER 1,
    // serial number 7), activity INTEGER 2.
    let resume = ActivityResume {
        activity: bytes(&[2, 1, 2]),
        old_activity: bytes(&[2, 1, 1]),
        serial_number: 7,
        connection: Some(ConnectionIdentifier {
            user_reference: bytes(b"u"),
            common_reference: bytes(b"t"),
            additional_reference: Bytes::new(),
        }),
    };
    let tsdu = sends(&mut other, A::Resume(Box::new(resume.clone())));
    let ar = b"\x01\0\x1d\x15\x21\x0e\x0a\x01u\x0b\x01t\x29\x03\x02\x01\x01\x2a\x017\
        \x29\x03\x02\x01\x02";
    assert_eq!(tsdu, ar);
    assert_eq!(takes(&mut one, &tsdu), told(I::Resume(Box::new(resume))));
    // The next point is 8.
    let tsdu = sends(&mut other, A::SyncMinor);
    assert_eq!(takes(&mut one, &tsdu), told(I::SyncMinor(8, true)));
    // ER; AD; what crosses it; ADA.
    assert_eq!(takes(&mut other, b"\x01\0\0\0"), told(I::Exception(None)));
    let tsdu = sends(&mut other, A::Discard(ExceptionReason::UNRECOVERABLE));
    assert_eq!(tsdu, b"\x01\0\x39\x03\x32\x01\x06");
    assert_eq!(takes(&mut other, b"\x01\0\x32\x03\x2a\x018"), []);
    let discard = I::Discard(ExceptionReason::UNRECOVERABLE);
    assert_eq!(takes(&mut one, &tsdu), told(discard));
    let tsdu = sends(&mut one, A::StopAccept);
    assert_eq!(tsdu, b"\x01\0\x3a\0");
    assert_eq!(takes(&mut other, &tsdu), told(I::Stopped));
}

#[test]
fn what_has_no_place_in_activities_is_aborted() {
    // Data without an activity; a second activity end; a point out of order; a major point; an
    // activity without a name; a confirmation of nothing; tokens that are not the peer's; an
    // interruption of nothing; an FN within an activity; a token that does not exist.
    let start = &b"\x01\0\x2d\x05\x29\x03\x02\x01\x01"[..];
    let cases: [(&[&[u8]], &[u8]); 10] = [
        (&[], b"\x01\0\x01\0data"),
        (&[start, b"\x01\0\x29\x03\x2a\x011"], b"\x01\0\x29\x03\x2a\x012"),
        (&[start], b"\x01\0\x31\x03\x2a\x012"),
        (&[start], b"\x01\0\x29\x06\x0f\x01\x01\x2a\x011"),
        (&[], b"\x01\0\x2d\0"),
        (&[start], b"\x01\0\x32\x03\x2a\x011"),
        (&[b"\x15\0"], b"\x15\0"),
        (&[], b"\x01\0\x19\0"),
        (&[start], b"\x09\0"),
        (&[], b"\x01\x03\x10\x01\x40"),
    ];
    for (before, tsdu) in cases {
        let (mut one, _) = open(Tokens::RESPONDER);
        for tsdu in before {
            takes(&mut one, tsdu);
        }
        let (outputs, error) = fails(&mut one, tsdu);
        assert!(!matches!(error, Error::Buffer(_)), "{tsdu:02x?}");
        let [Output::Transmit(ab), Output::AwaitDisconnect] = &outputs[..] else {
            panic!("{outputs:?}");
        };
        assert_eq!(ab.to_bytes()[..5], [25, ab.to_bytes()[1], 17, 1, 5], "{tsdu:02x?}");
    }
}

#[test]
fn one_who_has_no_tokens_may_not_send_or_release() {
    let (_, mut other) = open(Tokens::NONE);
    for request in [
        Request::Data(Rope::new()),
        Request::Release(Rope::new()),
        Request::Activity(A::Start(bytes(&[2, 1, 1]))),
        Request::Activity(A::ControlGive),
        Request::Activity(A::SyncMinorAccept(1)),
        Request::Activity(A::EndAccept),
        Request::Activity(A::StopAccept),
    ] {
        let refused = other.request(request);
        assert!(matches!(refused, Err(Misuse::OutOfState { .. })), "{refused:?}");
    }
}

#[test]
fn the_acceptor_may_be_given_the_choice_of_tokens() {
    for (answer, mine) in [(None, false), (Some(Tokens::RESPONDER), true)] {
        let requirements = Requirements::SUPPORTED;
        let mut session =
            Session::responder(ResponderOptions { requirements, ..responder_options() });
        // Tokens: acceptor's choice; half-duplex and more than is supported.
        let item = &b"\x05\x09\x13\x01\0\x16\x01\x02\x1a\x01\x2a"[..];
        takes(&mut session, &spdu(13, &[item, b"\x14\x02\x03\x49", b"\xc1\x02cp"]));
        let requirements = Requirements::RELIABLE_TRANSFER;
        let accept = ConnectResponse { requirements, token_setting: answer, ..response(&b""[..]) };
        session.request(Request::ConnectAccept(accept)).expect("good");
        let start = session.request(Request::Activity(A::Start(bytes(&[2, 1, 1]))));
        assert_eq!(start.is_ok(), mine);
    }
}

#[test]
fn reliable_transfer_is_agreed_on_whole_or_not_at_all() {
    let mut session = Session::responder(responder_options());
    let cn = spdu(13, &[b"\x05\x06\x13\x01\0\x16\x01\x02", b"\x14\x02\x02\x49", b"\xc1\x02cp"]);
    assert!(matches!(fails(&mut session, &cn).1, Error::Refused { .. }), "only duplex is wanted");
    let mut session = Session::initiator(reliable(None), LIMIT).expect("good");
    outputs(&mut session);
    // Without exceptions.
    let ac = spdu(14, &[b"\x05\x06\x13\x01\0\x16\x01\x02", b"\x14\x02\0\x49", b"\xc1\x03cpa"]);
    assert!(matches!(fails(&mut session, &ac).1, Error::Violation(_)));
}

/// A request by its number.
fn numbered(number: u8) -> Request {
    let resume = ActivityResume {
        activity: bytes(&[2, 1, 2]),
        old_activity: bytes(&[2, 1, 1]),
        serial_number: u32::from(number),
        connection: None,
    };
    Request::Activity(match number % 14 {
        0 => A::TokenPlease(ALL, Rope::new()),
        1 => A::ControlGive,
        2 => A::Start(bytes(&[2, 1, 1])),
        3 => A::Resume(Box::new(resume)),
        4 | 5 => A::SyncMinor,
        6 => A::SyncMinorAccept(u32::from(number) / 14),
        7 => A::End,
        8 => A::EndAccept,
        9 => A::Interrupt(ExceptionReason::NON_SPECIFIC),
        10 => A::Discard(ExceptionReason::LOCAL),
        11 => A::StopAccept,
        12 => A::Exception(ExceptionReason::NON_SPECIFIC),
        _ => return Request::Data(b"data"[..].into()),
    })
}

/// Puts what a session sends on the way.
fn send(session: &mut Session, way: &mut VecDeque<Bytes>) {
    for output in outputs(session) {
        match output {
            Output::Transmit(tsdu) => way.push_back(tsdu.to_bytes()),
            Output::Indication(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    /// Whatever an end lets its user do, in whatever order TSDUs of both ways arrive, the other
    /// end takes; and there is one who can do something when all has arrived.
    #[test]
    fn what_one_end_allows_the_other_takes(
        steps in prop::collection::vec((any::<bool>(), any::<u8>(), 0..4_u8), 1..200),
    ) {
        let (one, other) = open(Tokens::NONE);
        let mut ends = [one, other];
        let mut ways = [VecDeque::new(), VecDeque::new()];
        let deliver = |ends: &mut [Session; 2], ways: &mut [VecDeque<Bytes>; 2], to: usize| {
            let Some(tsdu) = ways[1 - to].pop_front() else { return false };
            ends[to].input(tsdu, &mut buffers()).expect("taken");
            send(&mut ends[to], &mut ways[to]);
            true
        };
        for (end, number, arrive) in steps {
            let end = usize::from(end);
            if ends[end].request(numbered(number)).is_ok() {
                send(&mut ends[end], &mut ways[end]);
            }
            if arrive & 1 != 0 {
                deliver(&mut ends, &mut ways, 0);
            }
            if arrive & 2 != 0 {
                deliver(&mut ends, &mut ways, 1);
            }
        }
        while deliver(&mut ends, &mut ways, 0) || deliver(&mut ends, &mut ways, 1) {}
        let able = (0..=1).any(|end| {
            (1..=13).any(|number| ends[end].request(numbered(number)).is_ok())
        });
        prop_assert!(able, "a deadlock");
    }
}
