//! TPKT of RFC 1006 §6: version 3, a reserved octet that is ignored, and the length of the whole
//! in two octets. There is no resynchronization: a wrong header ends the connection.

use crate::x224::Error;

/// Octets of a TPKT's header.
pub(crate) const HEADER_LEN: usize = 4;

/// The shortest TPKT: its header and the three octets that every TPDU has.
pub(crate) const LEN_MIN: usize = 7;

/// How many octets of TPDU follow a header.
///
/// # Errors
/// When the version is not 3 or the whole is shorter than 7 octets.
pub(crate) fn tpdu_len(header: [u8; HEADER_LEN]) -> Result<usize, Error> {
    let [version, _reserved, high, low] = header;
    if version != 3 {
        return Err(Error::MalformedTpkt("the version is not 3"));
    }
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len < LEN_MIN {
        return Err(Error::MalformedTpkt("the length is below 7"));
    }
    Ok(len - HEADER_LEN)
}

/// The header of a TPKT that carries a TPDU of `tpdu_len` octets, at most 65,531.
pub(crate) fn header(tpdu_len: usize) -> [u8; HEADER_LEN] {
    let len = u16::try_from(tpdu_len.saturating_add(HEADER_LEN)).unwrap_or(u16::MAX);
    debug_assert_eq!(usize::from(len), tpdu_len + HEADER_LEN, "a TPDU fits its TPKT");
    let [high, low] = len.to_be_bytes();
    [3, 0, high, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_at_their_bounds() {
        assert_eq!(tpdu_len([3, 0, 0, 7]), Ok(3));
        assert_eq!(tpdu_len([3, 255, 0xff, 0xff]), Ok(65_531));
        assert_eq!(header(65_531), [3, 0, 0xff, 0xff]);
        assert_eq!(header(3), [3, 0, 0, 7]);
    }

    #[test]
    fn other_headers_are_malformed() {
        let short = Err(Error::MalformedTpkt("the length is below 7"));
        assert_eq!(tpdu_len([3, 0, 0, 6]), short);
        assert_eq!(tpdu_len([3, 0, 0, 0]), short);
        let version = Err(Error::MalformedTpkt("the version is not 3"));
        assert_eq!(tpdu_len(*b"GET "), version);
        assert_eq!(tpdu_len([2, 0, 0, 7]), version);
    }
}
