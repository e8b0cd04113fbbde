//! Takes TPKTs apart as their octets come, in any fragmentation. Only headers are gathered, at
//! most 255 octets; user data is passed on as it lies in the input. What a length announces is
//! never allocated.

use crate::tpkt;
use crate::x224::{Error, Fault, RejectCause};

/// A part of a TPDU.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// The whole header, its length indicator included, and how many octets of user data follow.
    Header { octets: Vec<u8>, user_data: usize },
    /// Some of the user data, and whether it is the last of this TPDU.
    UserData { octets: &'a [u8], last: bool },
}

/// Where in a TPKT the octets taken so far end.
#[derive(Debug)]
pub(super) enum Deframer {
    /// Within the header of a TPKT.
    Tpkt(Vec<u8>),
    /// Within the header of a TPDU of `len` octets in all.
    Tpdu { header: Vec<u8>, len: usize },
    /// Within user data, with so many octets to come.
    UserData(usize),
}

impl Deframer {
    pub(super) fn new() -> Self {
        Self::Tpkt(Vec::new())
    }

    /// The next part that `input` completes, taken out of it; `None` when more is needed.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Part<'a>>, Fault> {
        loop {
            match self {
                Self::Tpkt(have) => {
                    have.extend_from_slice(take(input, tpkt::HEADER_LEN - have.len()));
                    let Ok(header) = <[u8; tpkt::HEADER_LEN]>::try_from(have.as_slice()) else {
                        return Ok(None);
                    };
                    let len = tpkt::tpdu_len(header).map_err(Fault::unquoted)?;
                    *self = Self::Tpdu { header: Vec::new(), len };
                }
                Self::Tpdu { header, len } => {
                    let Some(header_len) = header_len(header, *len, input)? else {
                        return Ok(None);
                    };
                    header.extend_from_slice(take(input, header_len - header.len()));
                    if header.len() < header_len {
                        return Ok(None);
                    }
                    let octets = core::mem::take(header);
                    let user_data = *len - header_len;
                    *self = Self::after(user_data);
                    return Ok(Some(Part::Header { octets, user_data }));
                }
                Self::UserData(left) => {
                    let octets = take(input, *left);
                    if octets.is_empty() {
                        return Ok(None);
                    }
                    let left = *left - octets.len();
                    *self = Self::after(left);
                    return Ok(Some(Part::UserData { octets, last: left == 0 }));
                }
            }
        }
    }

    fn after(left: usize) -> Self {
        if left == 0 { Self::new() } else { Self::UserData(left) }
    }
}

/// How long the header of a TPDU is, from its length indicator; `None` when that is still to come.
fn header_len(header: &[u8], len: usize, input: &[u8]) -> Result<Option<usize>, Fault> {
    let Some(&indicator) = header.first().or(input.first()) else { return Ok(None) };
    let header_len = usize::from(indicator) + 1;
    if indicator == 0 || indicator == u8::MAX || header_len > len {
        let what = "the length indicator does not fit the TPDU";
        let error = Error::MalformedTpdu { what, cause: RejectCause::NOT_SPECIFIED };
        return Err(Fault { error, rejected: vec![indicator] });
    }
    Ok(Some(header_len))
}

/// Takes up to `len` octets off the front.
fn take<'a>(input: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(len).unwrap_or((input, &[]));
    *input = rest;
    taken
}
