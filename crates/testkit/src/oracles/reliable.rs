//! Reliable transfer and the session's activities: whatever a peer does with activities,
//! checkpoints, exceptions and tokens, an end answers as it must or closes, says so once, and
//! what it gives up was transferred.

use super::osi::{feed, packet, round_trip};
use crate::link::Link;
use bytes::Bytes;
use restante_ber::{Encode, Null, Rope};
use restante_osi::x226::UserData;
use restante_osi::x228::RtseApdu;
use restante_osi::{Event, Request};
use std::time::Instant;

/// The presentation context of the bind in links, on which parts of APDUs go.
const BIND_CONTEXT: i64 = 3;

/// The SPDUs of activities, with reasons and serial numbers for the octets that follow: what kind
/// it is (X.225 §8.3) and its parameter.
const SPDUS: [(u8, &[u8]); 13] = [
    (45, &[0x29, 3, 2, 1]),                      // AS: an activity of a number
    (49, &[0x2a, 1]),                            // MIP: a serial number of one digit
    (50, &[0x2a, 1]),                            // MIA
    (41, &[0x2a, 1]),                            // AE
    (42, &[0x2a, 1]),                            // AEA
    (25, &[0x32, 1]),                            // AI: a reason
    (26, &[]),                                   // AIA
    (57, &[0x32, 1]),                            // AD
    (58, &[]),                                   // ADA
    (48, &[0x32, 1]),                            // ED
    (0, &[]),                                    // ER
    (29, &[0x21, 8, 0x29, 3, 2, 1, 1, 0x2a, 1]), // AR: of activity 1, behind a point
    (1, &[0x10, 1]),                             // GT, and no more: the tokens
];

/// A TSDU that begins with an empty GT, whose SPDU a number chooses, or that is any octets.
fn tsdu(choice: u8, rest: &[u8]) -> Vec<u8> {
    let (parameter, data) = rest.split_first().map_or((0, rest), |(first, data)| (*first, data));
    match (choice % 16, SPDUS.get(usize::from(choice % 16))) {
        (_, Some((kind, start))) => {
            let mut value = start.to_vec();
            if !value.is_empty() {
                value.push(parameter);
            }
            if *kind == 29 {
                // The new activity's identifier.
                value.extend([0x29, 3, 2, 1, 2]);
            }
            let length = u8::try_from(value.len()).expect("SPDUs are short");
            [&[1, 0, *kind, length], &value[..]].concat()
        }
        (13, _) => {
            let part = RtseApdu::Rttr(Rope::from(Bytes::copy_from_slice(rest)));
            let data = UserData::single(Some(BIND_CONTEXT), part.to_rope()).to_rope();
            [&[1, 0, 1, 0], &data.to_bytes()[..]].concat()
        }
        // GTC and GTA.
        (14, _) => vec![21 + parameter % 2, 0],
        _ => [&[parameter], data].concat(),
    }
}

/// APDUs of reliable transfer; and an end that is bound over it, which has something to transfer
/// itself, given TSDUs that the input chooses.
pub fn reliable(data: &[u8]) {
    round_trip::<RtseApdu>(data);
    let mut link = Link::reliable(Null.to_ber(), Instant::now());
    assert!(matches!(link.at_responder(), Some(Event::BindIndication(_))));
    let accept = Request::AcceptBind { result: Some(Null.to_rope()) };
    link.responder.association.request(accept, link.now).expect("a bind can be accepted");
    assert!(matches!(link.at_initiator(), Some(Event::BindConfirmed(_))));
    let (length, rest) = data.split_first().map_or((1, data), |(first, rest)| (*first, rest));
    let mut octets = vec![0xff];
    for piece in rest.chunks(usize::from(length).max(2)) {
        let [choice, rest @ ..] = piece else { continue };
        octets.extend(packet(&tsdu(*choice, rest)));
    }
    // The initiator has the turn and a transfer under way, the responder waits for both.
    let invocation = crate::link::invocation();
    let end = if length % 2 == 0 { &mut link.initiator } else { &mut link.responder };
    end.association.invoke(invocation, link.now).expect("an operation can be invoked");
    let end = if length % 2 == 0 { link.initiator } else { link.responder };
    feed(end, &octets, link.now);
}
