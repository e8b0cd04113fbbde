//! Octets made by hand, layer by layer, and answers taken apart.

use crate::link::{End, table};
use restante_osi::{Event, Request, ResponderOptions};
use std::time::Instant;

/// A BER element with definite length.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = match contents.len() {
        len @ ..0x80 => vec![len as u8],
        len @ ..0x100 => vec![0x81, len as u8],
        len => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [&[tag][..], &length, &contents].concat()
}

/// A TSDU as one DT TPDU in one TPKT.
pub(crate) fn packet(tsdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tsdu.len() + 7).unwrap().to_be_bytes();
    [&[3, 0, length[0], length[1], 2, 0xf0, 0x80][..], tsdu].concat()
}

/// CR, class 0, source reference 1, called selector "3001".
pub(crate) const CR: &[u8] =
    &[3, 0, 0, 17, 12, 0xe0, 0, 0, 0, 1, 0, 0xc2, 4, b'3', b'0', b'0', b'1'];

/// A session parameter.
pub(crate) fn parameter(code: u8, value: &[u8]) -> Vec<u8> {
    let length = match value.len() {
        len @ ..0xff => vec![len as u8],
        len => vec![0xff, (len >> 8) as u8, len as u8],
    };
    [&[code][..], &length, value].concat()
}

/// An SPDU.
pub(crate) fn spdu(si: u8, parameters: &[&[u8]]) -> Vec<u8> {
    parameter(si, &parameters.concat())
}

/// CN of version 2, duplex, with user data.
pub(crate) fn cn(user_data: &[u8]) -> Vec<u8> {
    let item = [parameter(19, &[0]), parameter(22, &[2])].concat();
    let code = if user_data.len() > 512 { 194 } else { 193 };
    spdu(13, &[&parameter(5, &item), &parameter(20, &[0, 2]), &parameter(code, user_data)])
}

/// GT and DT with user information.
pub(crate) fn data(user_data: &[u8]) -> Vec<u8> {
    [&[1, 0, 1, 0][..], user_data].concat()
}

/// User-data: one single-ASN1-type on a context.
pub(crate) fn user_data(context: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x61, &[&tlv(0x30, &[&[2, 1, context], &tlv(0xa0, &[value])])])
}

/// CP in normal mode: ACSE on 1, the bind on 3, retrieval on 5, and what `more` adds.
pub(crate) fn cp(more: &[&[u8]]) -> Vec<u8> {
    let ber: &[u8] = &[0x30, 4, 6, 2, 0x51, 1];
    let context = |id: u8, oid: &[u8]| tlv(0x30, &[&[2, 1, id], &tlv(6, &[oid]), ber]);
    let list =
        [context(1, &[0x52, 1, 0, 1]), context(3, &[0x56, 0, 2, 9]), context(5, &[0x56, 0, 2, 5])]
            .concat();
    let parameters = [&[0x80, 2, 7, 0x80], &tlv(0xa4, &[&list])[..], &more.concat()].concat();
    tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1], &tlv(0xa2, &[&parameters])])
}

/// AARQ for ms-access-88 with the bind argument INTEGER 5 on context 3.
pub(crate) fn aarq() -> Vec<u8> {
    let bind = tlv(0x28, &[&[2, 1, 3], &tlv(0xa0, &[&tlv(0xb0, &[&[2, 1, 5]])])]);
    tlv(0x60, &[&[0xa1, 6, 6, 4, 0x56, 0, 1, 4], &tlv(0xbe, &[&bind])])
}

/// A responder that has a transport connection.
pub(crate) fn connected() -> End {
    let mut end = End::responder(ResponderOptions::new(table()), Instant::now());
    end.input(CR);
    assert_eq!(end.sent()[5], 0xd0, "a CC");
    end
}

/// A responder that has accepted a bind made by hand.
pub(crate) fn bound() -> End {
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq())]))));
    assert!(matches!(end.event(), Event::BindIndication(_)));
    end.request(Request::AcceptBind { result: None });
    assert_eq!(tsdus(&mut end).concat()[0], 14, "an AC");
    end
}

/// The TSDUs that an end has sent.
pub(crate) fn tsdus(end: &mut End) -> Vec<Vec<u8>> {
    let octets = end.sent();
    let (mut rest, mut tsdus, mut tsdu) = (&octets[..], Vec::new(), Vec::new());
    while !rest.is_empty() {
        let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let (packet, later) = rest.split_at(length);
        assert_eq!(packet[5], 0xf0, "a DT");
        tsdu.extend_from_slice(&packet[7..]);
        if packet[6] == 0x80 {
            tsdus.push(std::mem::take(&mut tsdu));
        }
        rest = later;
    }
    tsdus
}

/// The user data of the one AB that an end has sent.
pub(crate) fn abort_data(end: &mut End) -> Vec<u8> {
    let tsdus = tsdus(end);
    let [tsdu] = &tsdus[..] else { panic!("{tsdus:02x?}") };
    // AB, transport disconnect: released, by the user.
    assert_eq!(tsdu[0], 25);
    assert_eq!(tsdu[2..5], [17, 1, 3]);
    assert_eq!(tsdu[5], 193);
    tsdu[7..].to_vec()
}
