//! The APDUs as octets, and identifiers in the forms that peers give them.

use super::*;
use crate::Open;
use crate::x225::ConnectionIdentifier;
use bytes::Bytes;
use proptest::prelude::*;
use restante_ber::{Decode, Encode, Rope, UtcTime};

fn identifier() -> SessionConnectionIdentifier {
    SessionConnectionIdentifier {
        calling_ss_user_reference: Bytes::from_static(b"peer"),
        common_reference: UtcTime(1_767_323_045), // 2026-01-02 03:04:05
        additional_reference_information: Bytes::new(),
    }
}

#[test]
fn apdus_octet_by_octet() {
    let data = || Some(Open(Rope::from(vec![5, 0])));
    let cases: [(RtseApdu, &[u8]); 8] = [
        // Checkpoint size 4, the window's default, two-way alternate, NULL.
        (
            RtseApdu::Rtorq(Rtorq {
                checkpoint_size: 4,
                window_size: 3,
                dialogue_mode: DialogueMode::TWA,
                connection_data: ConnectionData::Open(data()),
            }),
            b"\xb0\x0c\x80\x01\x04\x82\x01\x01\xa3\x04\xa0\x02\x05\x00",
        ),
        // Nothing but a session connection to recover.
        (
            RtseApdu::Rtorq(Rtorq {
                checkpoint_size: 0,
                window_size: 3,
                dialogue_mode: DialogueMode::MONOLOGUE,
                connection_data: ConnectionData::Recover(identifier()),
            }),
            b"\xb0\x19\xa3\x17\xa1\x15\x04\x04peer\x17\x0d260102030405Z",
        ),
        // A window of 5; no data.
        (
            RtseApdu::Rtoac(Rtoac {
                checkpoint_size: 0,
                window_size: 5,
                connection_data: ConnectionData::Open(None),
            }),
            b"\xb1\x07\x81\x01\x05\xa2\x02\x80\x00",
        ),
        (
            RtseApdu::Rtorj(Rtorj {
                refuse_reason: Some(RefuseReason::CANNOT_RECOVER),
                user_data: None,
            }),
            b"\xb2\x03\x80\x01\x01",
        ),
        (RtseApdu::Rttp(1), b"\x02\x01\x01"),
        (RtseApdu::Rttr(Rope::from(&b"part"[..])), b"\x04\x04part"),
        (
            RtseApdu::Rtab(Rtab {
                abort_reason: Some(AbortReason::USER_ERROR),
                reflected_parameter: None,
                user_data: data(),
            }),
            b"\xb6\x07\x80\x01\x06\xa2\x02\x05\x00",
        ),
        (
            RtseApdu::Rtab(Rtab {
                abort_reason: None,
                reflected_parameter: None,
                user_data: None,
            }),
            b"\xb6\x00",
        ),
    ];
    for (apdu, octets) in cases {
        assert_eq!(&apdu.to_ber()[..], octets, "{apdu:?}");
        assert_eq!(RtseApdu::from_ber(octets), Ok(apdu));
    }
}

#[test]
fn session_connections_are_the_same_in_whatever_form_they_are_named() {
    let session = identifier().to_session();
    // T61String and UTCTime, as elements.
    assert_eq!(&session.user_reference[..], b"\x14\x04peer");
    assert_eq!(&session.common_reference[..], b"\x17\x0d260102030405Z");
    assert_eq!(SessionConnectionIdentifier::from_session(&session), Some(identifier()));
    let octets = Bytes::from_static(b"\x04\x04peer");
    let session = ConnectionIdentifier { user_reference: octets, ..session };
    assert_eq!(SessionConnectionIdentifier::from_session(&session), Some(identifier()));
    // In an RTORQ: as a T61String; with an offset; with additional information.
    let cases: [(&[u8], &[u8]); 3] = [
        (b"\xa1\x15\x14\x04peer\x17\x0d260102030405Z", b""),
        (b"\xa1\x19\x04\x04peer\x17\x11260102040405+0100", b""),
        (b"\xa1\x18\x04\x04peer\x17\x0d260102030405Z\x80\x01x", b"x"),
    ];
    for (octets, additional) in cases {
        let mut expected = identifier();
        expected.additional_reference_information = Bytes::from_static(additional);
        let read = ConnectionData::from_ber(octets);
        assert_eq!(read, Ok(ConnectionData::Recover(expected)), "{octets:02x?}");
    }
    // Without additional information, and references that are no elements.
    let plain = ConnectionIdentifier {
        user_reference: Bytes::from_static(b"peer"),
        ..identifier().to_session()
    };
    assert_eq!(SessionConnectionIdentifier::from_session(&plain), None);
    assert_eq!(SessionConnectionIdentifier::from_session(&Default::default()), None);
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_as_the_same(
        mut octets in prop::collection::vec(any::<u8>(), 0..60),
        first in prop::sample::select(vec![0xb0_u8, 0xb1, 0xb2, 0xb6, 2, 4, 0x24]),
    ) {
        octets.insert(0, first);
        if let Ok(apdu) = RtseApdu::from_ber(&octets) {
            prop_assert_eq!(RtseApdu::from_bytes(&apdu.to_ber()), Ok(apdu));
        }
    }
}
