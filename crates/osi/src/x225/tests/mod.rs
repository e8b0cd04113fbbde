//! What the tests of the session machine share, and two machines that talk to each other with
//! user data and TSDU sizes of every kind.

mod activity;
mod connect;
mod data;
mod release;

use super::*;
use crate::buffer::MemoryBuffers;
use proptest::prelude::*;

pub(super) const LIMIT: usize = 1 << 20;

pub(super) fn buffers() -> MemoryBuffers {
    MemoryBuffers::new(LIMIT)
}

pub(super) fn bytes(octets: &[u8]) -> Bytes {
    Bytes::copy_from_slice(octets)
}

/// An SPDU as a TSDU: identifier, length, parameter field.
pub(super) fn spdu(si: u8, parameters: &[&[u8]]) -> Bytes {
    let field = parameters.concat();
    let len = u16::try_from(field.len()).expect("short");
    let indicator = match u8::try_from(len) {
        Ok(short @ 0..=254) => vec![short],
        _ => [&[0xff], &len.to_be_bytes()[..]].concat(),
    };
    bytes(&[&[si], &indicator[..], &field].concat())
}

pub(super) fn responder_options() -> ResponderOptions {
    ResponderOptions {
        selectors: Vec::new(),
        requirements: Requirements::DUPLEX,
        ssdu_limit: LIMIT,
    }
}

pub(super) fn request(user_data: impl Into<Rope>) -> ConnectRequest {
    ConnectRequest {
        connection_identifier: ConnectionIdentifier::default(),
        calling: Bytes::new(),
        called: Bytes::new(),
        requirements: Requirements::DUPLEX,
        token_setting: None,
        initial_serial_number: None,
        user_data: user_data.into(),
    }
}

pub(super) fn response(user_data: impl Into<Rope>) -> ConnectResponse {
    ConnectResponse {
        connection_identifier: ConnectionIdentifier::default(),
        responding: Bytes::new(),
        requirements: Requirements::DUPLEX,
        token_setting: None,
        initial_serial_number: None,
        user_data: user_data.into(),
    }
}

pub(super) fn outputs(session: &mut Session) -> Vec<Output> {
    core::iter::from_fn(|| session.poll_output()).collect()
}

pub(super) fn transmit(octets: &[u8]) -> Output {
    Output::Transmit(Rope::from(octets.to_vec()))
}

pub(super) fn indicate(indication: Indication) -> Output {
    Output::Indication(indication)
}

/// What a session says to a TSDU that it takes.
pub(super) fn takes(session: &mut Session, tsdu: &[u8]) -> Vec<Output> {
    session.input(bytes(tsdu), &mut buffers()).expect("a good TSDU");
    outputs(session)
}

/// What a session says to a TSDU that it does not take, and how the error reads.
pub(super) fn fails(session: &mut Session, tsdu: &[u8]) -> (Vec<Output>, Error) {
    let error = session.input(bytes(tsdu), &mut buffers()).expect_err("a bad TSDU");
    (outputs(session), error)
}

/// CN: Connect/Accept Item (no options, versions as given), duplex, user data "cp".
pub(super) fn cn(versions: u8) -> Bytes {
    spdu(13, &[&[5, 6, 19, 1, 0, 22, 1, versions], &[20, 2, 0, 2], b"\xc1\x02cp"])
}

/// AC: Connect/Accept Item (no options, version 2), duplex, user data "cpa".
pub(super) fn ac() -> Bytes {
    spdu(14, &[&[5, 6, 19, 1, 0, 22, 1, 2], &[20, 2, 0, 2], b"\xc1\x03cpa"])
}

/// A responder with data flowing, in the highest of these versions.
pub(super) fn open_responder(versions: u8) -> Session {
    let mut session = Session::responder(responder_options());
    takes(&mut session, &cn(versions));
    session.request(Request::ConnectAccept(response(&b"cpa"[..]))).expect("a good response");
    outputs(&mut session);
    session
}

/// An initiator with data flowing, in version 2.
pub(super) fn open_initiator() -> Session {
    let mut session = Session::initiator(request(&b"cp"[..]), LIMIT).expect("a good request");
    outputs(&mut session);
    takes(&mut session, &ac());
    session
}

/// Carries all that one session has to send to the other, in TSDUs no longer than `max` (0: any);
/// gives back what else it wanted.
fn carry(from: &mut Session, to: &mut Session, max: u16) -> Vec<Output> {
    let mut rest = Vec::new();
    for output in outputs(from) {
        match output {
            Output::Transmit(tsdu) => {
                assert!(max == 0 || tsdu.len() <= usize::from(max), "{} octets", tsdu.len());
                to.input(tsdu.to_bytes(), &mut buffers()).expect("a good peer");
            }
            other => rest.push(other),
        }
    }
    rest
}

/// The CN of a machine of ours, changed to demand TSDUs of at most so many octets both ways.
fn demanding(cn: Bytes, size: u16) -> Bytes {
    if size == 0 {
        return cn;
    }
    let field = if cn[1] == 0xff { &cn[4..] } else { &cn[2..] };
    let [5, 6, options @ .., _, _, _] = &field[..8] else { panic!("no Connect/Accept Item") };
    let [high, low] = size.to_be_bytes();
    let item = [&[5, 12], options, &[21, 4, high, low, high, low], &field[5..8]].concat();
    spdu(13, &[&item, &field[8..]])
}

fn filled(len: usize) -> Bytes {
    Bytes::from(vec![u8::try_from(len % 251).expect("small"); len])
}

proptest! {
    #[test]
    fn two_ends_understand_each_other(
        lens in prop::collection::vec(prop_oneof![0..600_usize, 0..150_000_usize], 5),
        demanded in prop_oneof![Just(0_u16), 512..3_000_u16],
    ) {
        let data: Vec<Bytes> = lens.iter().map(|len| filled(*len)).collect();
        let mut one = Session::initiator(request(data[0].clone()), LIMIT).expect("good");
        let mut other = Session::responder(responder_options());
        let Some(Output::Transmit(cn)) = one.poll_output() else { panic!("no CN") };
        let cn = demanding(cn.to_bytes(), demanded);
        other.input(cn, &mut buffers()).expect("a good CN");
        let mut told = carry(&mut other, &mut one, demanded); // an OA, perhaps
        carry(&mut one, &mut other, demanded);
        told.extend(outputs(&mut other));
        let [Output::Indication(Indication::Connect(indication))] = &told[..] else {
            panic!("no S-CONNECT indication");
        };
        prop_assert_eq!(&indication.user_data, &data[0]);
        let accept = Request::ConnectAccept(response(data[1].clone()));
        prop_assert_eq!(other.request(accept), Ok(()));
        carry(&mut other, &mut one, demanded);
        let [Output::Indication(Indication::ConnectAccepted(confirm))] = &outputs(&mut one)[..]
        else {
            panic!("no S-CONNECT confirm");
        };
        prop_assert_eq!(&confirm.user_data, &data[1]);
        one.request(Request::Data(data[2].clone().into())).expect("open");
        carry(&mut one, &mut other, demanded);
        prop_assert_eq!(outputs(&mut other), [indicate(Indication::Data(data[2].clone()))]);
        one.request(Request::Release(data[3].clone().into())).expect("open");
        carry(&mut one, &mut other, demanded);
        let release = Indication::Release { user_data: data[3].clone(), collision: false };
        prop_assert_eq!(outputs(&mut other), [indicate(release)]);
        other.request(Request::ReleaseAccept(data[4].clone().into())).expect("released");
        prop_assert_eq!(carry(&mut other, &mut one, demanded), [Output::AwaitDisconnect]);
        let accepted = indicate(Indication::ReleaseAccepted(data[4].clone()));
        prop_assert_eq!(outputs(&mut one), [accepted, Output::Disconnect]);
    }

    #[test]
    fn random_octets_never_panic(
        tsdus in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..6),
        first in prop::sample::select(vec![1_u8, 8, 9, 10, 12, 13, 14, 15, 16, 25, 26]),
        state in 0..3,
    ) {
        let mut session = match state {
            0 => Session::responder(responder_options()),
            1 => open_responder(3),
            _ => Session::initiator(request(filled(20_000)), LIMIT).expect("good"),
        };
        for mut tsdu in tsdus {
            tsdu.insert(0, first);
            let _ = session.input(Bytes::from(tsdu), &mut buffers());
        }
        outputs(&mut session);
    }
}
