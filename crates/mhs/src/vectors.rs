//! What the tests of wire vectors share.

use restante_ber::{Bytes, Decode, Encode};

/// Octets from hexadecimal digits; blanks are for the eye, and `--` begins a remark that ends
/// with its line.
pub(crate) fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text
        .lines()
        .filter_map(|line| line.split("--").next())
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    assert_eq!(digits.len() % 2, 0, "half an octet in {text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Asserts that a value has exactly this encoding, and that the encoding is read as the value.
#[track_caller]
pub(crate) fn both_ways<T: Decode + Encode + PartialEq + core::fmt::Debug>(
    value: &T,
    encoding: &str,
) {
    let encoding = hex(encoding);
    assert_eq!(T::from_bytes(&encoding).as_ref(), Ok(value));
    let written = value.to_ber();
    assert_eq!(written, encoding, "written {written:02x?}");
}

/// Asserts that an encoding, of any form, is read as the value.
#[track_caller]
pub(crate) fn reads<T: Decode + PartialEq + core::fmt::Debug>(value: &T, encoding: &str) {
    assert_eq!(T::from_bytes(&hex(encoding)).as_ref(), Ok(value));
}
