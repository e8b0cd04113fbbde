//! The TPDUs of class 0 and their octets (X.224 §13). Read liberally: credit, options, references
//! where they tell nothing, unknown parameters and those of other classes are passed over.

use crate::x224::{DisconnectReason, Error, Fault, RejectCause};
use bytes::Bytes;

/// Octets of a DT TPDU's header.
pub(super) const DT_HEADER_LEN: usize = 3;

/// The most octets of a rejected TPDU that fit an ER (LI is at most 254).
const REJECTED_MAX: usize = 248;

const CR: u8 = 0xe0;
const CC: u8 = 0xd0;
const DR: u8 = 0x80;
const DT: u8 = 0xf0;
const ER: u8 = 0x70;
/// ED, EA, RJ, AK and DC: known, and without a place in class 0.
const OTHER_CLASSES: [u8; 5] = [0x10, 0x20, 0x50, 0x60, 0xc0];

const TPDU_SIZE: u8 = 0xc0;
const CALLING: u8 = 0xc1;
const CALLED: u8 = 0xc2;
const ALTERNATIVE_CLASSES: u8 = 0xc7;
const PREFERRED_SIZE: u8 = 0xf0;
const INVALID_TPDU: u8 = 0xc1;

/// A TPDU of class 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tpdu {
    /// CR.
    ConnectRequest(Connect),
    /// CC.
    ConnectConfirm(Connect),
    /// DR.
    DisconnectRequest(DisconnectReason),
    /// DT, whose user data follows.
    Data { end_of_tsdu: bool },
    /// ER.
    Error(RejectCause),
    /// One of another class, by its code.
    OtherClass(u8),
}

impl Tpdu {
    /// The octet that tells its type.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::ConnectRequest(_) => CR,
            Self::ConnectConfirm(_) => CC,
            Self::DisconnectRequest(_) => DR,
            Self::Data { .. } => DT,
            Self::Error(_) => ER,
            Self::OtherClass(code) => *code,
        }
    }
}

/// What CR and CC have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Connect {
    pub(super) dst_ref: u16,
    pub(super) src_ref: u16,
    /// The preferred class, 0 to 15.
    pub(super) class: u8,
    /// Class 0 is among the alternatives.
    pub(super) class_0_alternative: bool,
    pub(super) sizes: SizeParameters,
    pub(super) calling: Bytes,
    pub(super) called: Bytes,
}

/// The two parameters that tell a TPDU size, in octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SizeParameters {
    /// TPDU size, C0: a power of two from 128 to 8192.
    pub(super) c0: Option<usize>,
    /// Preferred maximum TPDU size, F0: a multiple of 128.
    pub(super) f0: Option<usize>,
}

/// Reads a TPDU's header, which begins with its length indicator.
pub(super) fn read(header: &[u8]) -> Result<Tpdu, Fault> {
    let too_short = || malformed("the header is too short", RejectCause::NOT_SPECIFIED, header);
    let code = *header.get(1).ok_or_else(too_short)?;
    match code & 0xf0 {
        CR => read_connect(header).map(Tpdu::ConnectRequest),
        CC => read_connect(header).map(Tpdu::ConnectConfirm),
        DR => {
            let reason = *header.get(6).ok_or_else(too_short)?;
            Ok(Tpdu::DisconnectRequest(DisconnectReason(reason)))
        }
        DT => {
            let number = *header.get(2).ok_or_else(too_short)?;
            Ok(Tpdu::Data { end_of_tsdu: number & 0x80 != 0 })
        }
        ER => {
            let cause = *header.get(4).ok_or_else(too_short)?;
            Ok(Tpdu::Error(RejectCause(cause)))
        }
        other if OTHER_CLASSES.contains(&other) => Ok(Tpdu::OtherClass(code)),
        _ => {
            let rejected = header.get(..2).unwrap_or(header);
            Err(malformed("there is no such TPDU", RejectCause::TPDU_TYPE, rejected))
        }
    }
}

fn read_connect(header: &[u8]) -> Result<Connect, Fault> {
    let Some((&[_, _, d0, d1, s0, s1, class], mut rest)) = header.split_first_chunk::<7>() else {
        return Err(malformed("the header is too short", RejectCause::NOT_SPECIFIED, header));
    };
    let mut connect = Connect {
        dst_ref: u16::from_be_bytes([d0, d1]),
        src_ref: u16::from_be_bytes([s0, s1]),
        class: class >> 4,
        ..Connect::default()
    };
    while !rest.is_empty() {
        let fault = |what, left: &[u8]| {
            let read = header.len().saturating_sub(left.len());
            let rejected = header.get(..read).unwrap_or(header);
            malformed(what, RejectCause::PARAMETER_VALUE, rejected)
        };
        let parameter = rest.split_first_chunk::<2>().and_then(|(&[code, len], rest)| {
            Some((code, rest.split_at_checked(usize::from(len))?))
        });
        let Some((code, (value, after))) = parameter else {
            return Err(fault("a parameter is longer than the TPDU", &[]));
        };
        rest = after;
        connect.take(code, value).map_err(|what| fault(what, rest))?;
    }
    Ok(connect)
}

impl Connect {
    /// Takes one parameter in; a later one replaces an earlier one.
    fn take(&mut self, code: u8, value: &[u8]) -> Result<(), &'static str> {
        match code {
            TPDU_SIZE => {
                let &[exponent @ 7..=13] = value else {
                    return Err("the TPDU size is none of 128 to 8192");
                };
                self.sizes.c0 = Some(1 << exponent);
            }
            PREFERRED_SIZE => {
                if !(1..=4).contains(&value.len()) {
                    return Err("the preferred TPDU size has no such length");
                }
                let units = value.iter().fold(0_usize, |sum, &octet| {
                    sum.saturating_mul(256).saturating_add(usize::from(octet))
                });
                if units == 0 {
                    return Err("the preferred TPDU size is 0");
                }
                self.sizes.f0 = Some(units.saturating_mul(128));
            }
            CALLING => self.calling = Bytes::copy_from_slice(value),
            CALLED => self.called = Bytes::copy_from_slice(value),
            ALTERNATIVE_CLASSES => {
                self.class_0_alternative = value.iter().any(|class| class >> 4 == 0);
            }
            _ => {}
        }
        Ok(())
    }

    /// The octets of a CR; `None` where the selectors are too long for one.
    pub(super) fn write_request(&self) -> Option<Vec<u8>> {
        self.write(CR)
    }

    /// The octets of a CC; `None` where the selectors are too long for one.
    pub(super) fn write_confirm(&self) -> Option<Vec<u8>> {
        self.write(CC)
    }

    fn write(&self, code: u8) -> Option<Vec<u8>> {
        let [d0, d1] = self.dst_ref.to_be_bytes();
        let [s0, s1] = self.src_ref.to_be_bytes();
        let mut tpdu = vec![0, code, d0, d1, s0, s1, self.class << 4];
        if let Some(size) = self.sizes.c0 {
            let exponent = u8::try_from(size.ilog2()).ok()?;
            tpdu.extend([TPDU_SIZE, 1, exponent]);
        }
        for (code, selector) in [(CALLING, &self.calling), (CALLED, &self.called)] {
            if !selector.is_empty() {
                tpdu.extend([code, u8::try_from(selector.len()).ok()?]);
                tpdu.extend_from_slice(selector);
            }
        }
        if let Some(size) = self.sizes.f0 {
            let [high, low] = u16::try_from(size / 128).ok()?.to_be_bytes();
            match high {
                0 => tpdu.extend([PREFERRED_SIZE, 1, low]),
                _ => tpdu.extend([PREFERRED_SIZE, 2, high, low]),
            }
        }
        let indicator = u8::try_from(tpdu.len() - 1).ok().filter(|&len| len < u8::MAX)?;
        if let Some(first) = tpdu.first_mut() {
            *first = indicator;
        }
        Some(tpdu)
    }
}

/// The header of a DT.
pub(super) fn dt_header(end_of_tsdu: bool) -> [u8; DT_HEADER_LEN] {
    [2, DT, if end_of_tsdu { 0x80 } else { 0 }]
}

/// A DR that refuses the CR of `dst_ref`.
pub(super) fn write_dr(dst_ref: u16, reason: DisconnectReason) -> Vec<u8> {
    let [d0, d1] = dst_ref.to_be_bytes();
    vec![6, DR, d0, d1, 0, 0, reason.0]
}

/// An ER that rejects a TPDU, given up to and including the octet that is wrong.
pub(super) fn write_er(dst_ref: u16, cause: RejectCause, rejected: &[u8]) -> Vec<u8> {
    let [d0, d1] = dst_ref.to_be_bytes();
    let rejected = rejected.get(..REJECTED_MAX).unwrap_or(rejected);
    let len = u8::try_from(rejected.len()).unwrap_or_default();
    let mut tpdu = vec![len.saturating_add(6), ER, d0, d1, cause.0, INVALID_TPDU, len];
    tpdu.extend_from_slice(rejected);
    tpdu
}

fn malformed(what: &'static str, cause: RejectCause, rejected: &[u8]) -> Fault {
    Fault { error: Error::MalformedTpdu { what, cause }, rejected: rejected.to_vec() }
}
