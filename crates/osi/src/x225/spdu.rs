//! Reads a TSDU as SPDUs (X.225 §8): concatenation, parameters in any order and with either form
//! of length indicator. Unknown parameters are passed over.

use crate::x225::{ConnectionIdentifier, Error};
use bytes::Bytes;

/// The most SPDUs in one TSDU.
const SPDUS_MAX: usize = 8;

/// Parameter codes.
pub(super) mod code {
    pub(crate) const CONNECTION_IDENTIFIER: u8 = 1;
    pub(crate) const CONNECT_ACCEPT_ITEM: u8 = 5;
    pub(crate) const CALLED_USER_REFERENCE: u8 = 9;
    pub(crate) const CALLING_USER_REFERENCE: u8 = 10;
    pub(crate) const COMMON_REFERENCE: u8 = 11;
    pub(crate) const ADDITIONAL_REFERENCE: u8 = 12;
    pub(crate) const SYNC_TYPE: u8 = 15;
    pub(crate) const TOKEN_ITEM: u8 = 16;
    pub(crate) const TRANSPORT_DISCONNECT: u8 = 17;
    pub(crate) const PROTOCOL_OPTIONS: u8 = 19;
    pub(crate) const REQUIREMENTS: u8 = 20;
    pub(crate) const TSDU_MAXIMUM_SIZE: u8 = 21;
    pub(crate) const VERSION: u8 = 22;
    pub(crate) const INITIAL_SERIAL_NUMBER: u8 = 23;
    pub(crate) const ENCLOSURE: u8 = 25;
    pub(crate) const TOKEN_SETTING: u8 = 26;
    pub(crate) const LINKING_INFORMATION: u8 = 33;
    /// The activity's; within linking information, the old activity's.
    pub(crate) const ACTIVITY_IDENTIFIER: u8 = 41;
    pub(crate) const SERIAL_NUMBER: u8 = 42;
    pub(crate) const REFLECT: u8 = 49;
    pub(crate) const REASON: u8 = 50;
    pub(crate) const CALLING_SELECTOR: u8 = 51;
    /// Called selector in a CN, responding selector in an AC.
    pub(crate) const CALLED_SELECTOR: u8 = 52;
    pub(crate) const DATA_OVERFLOW: u8 = 60;
    pub(crate) const USER_DATA: u8 = 193;
    pub(crate) const EXTENDED_USER_DATA: u8 = 194;
}

/// The kinds of SPDU that have a meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// CN.
    Connect,
    /// OA.
    OverflowAccept,
    /// CDO.
    ConnectDataOverflow,
    /// AC.
    Accept,
    /// RF.
    Refuse,
    /// FN.
    Finish,
    /// DN.
    Disconnect,
    /// NF.
    NotFinished,
    /// AB.
    Abort,
    /// AA.
    AbortAccept,
    /// GT, before others or alone.
    GiveTokens,
    /// PT, before others or alone.
    PleaseTokens,
    /// GTC.
    GiveTokensConfirm,
    /// GTA.
    GiveTokensAck,
    /// DT, which follows a GT or PT and takes all that is left of its TSDU.
    DataTransfer,
    /// MIP.
    MinorSync,
    /// MIA.
    MinorSyncAck,
    /// AS.
    ActivityStart,
    /// AR.
    ActivityResume,
    /// AI.
    ActivityInterrupt,
    /// AIA.
    ActivityInterruptAck,
    /// AD.
    ActivityDiscard,
    /// ADA.
    ActivityDiscardAck,
    /// AE, which is a MAP without sync type item.
    ActivityEnd,
    /// AEA, which is an MAA.
    ActivityEndAck,
    /// ED.
    ExceptionData,
    /// ER.
    ExceptionReport,
    /// One of a functional unit that is not there.
    Other(u8),
}

impl Kind {
    /// Those that begin a TSDU, with their SPDU identifiers.
    const FIRST: [(u8, Self); 14] = [
        (13, Self::Connect),
        (16, Self::OverflowAccept),
        (15, Self::ConnectDataOverflow),
        (14, Self::Accept),
        (12, Self::Refuse),
        (9, Self::Finish),
        (10, Self::Disconnect),
        (8, Self::NotFinished),
        (25, Self::Abort),
        (26, Self::AbortAccept),
        (1, Self::GiveTokens),
        (2, Self::PleaseTokens),
        (21, Self::GiveTokensConfirm),
        (22, Self::GiveTokensAck),
    ];

    /// Those that come after a GT or PT, with their SPDU identifiers, which others have too.
    const CONCATENATED: [(u8, Self); 14] = [
        (1, Self::DataTransfer),
        (2, Self::PleaseTokens),
        (49, Self::MinorSync),
        (50, Self::MinorSyncAck),
        (45, Self::ActivityStart),
        (29, Self::ActivityResume),
        (25, Self::ActivityInterrupt),
        (26, Self::ActivityInterruptAck),
        (57, Self::ActivityDiscard),
        (58, Self::ActivityDiscardAck),
        (41, Self::ActivityEnd),
        (42, Self::ActivityEndAck),
        (48, Self::ExceptionData),
        (0, Self::ExceptionReport),
    ];

    /// The SPDU identifier.
    pub(super) fn si(self) -> u8 {
        let known = Self::FIRST.iter().chain(&Self::CONCATENATED);
        match self {
            Self::Other(si) => si,
            kind => known.into_iter().find(|(_, k)| *k == kind).map_or(0, |(si, _)| *si),
        }
    }

    /// The kind that an identifier has at the beginning of a TSDU.
    fn first(si: u8) -> Self {
        Self::FIRST.iter().find(|(s, _)| *s == si).map_or(Self::Other(si), |(_, kind)| *kind)
    }

    /// The kind that an identifier has after a GT or PT.
    fn concatenated(si: u8) -> Self {
        let found = Self::CONCATENATED.iter().find(|(s, _)| *s == si);
        found.map_or(Self::Other(si), |(_, kind)| *kind)
    }

    fn is_prefix(self) -> bool {
        matches!(self, Self::GiveTokens | Self::PleaseTokens)
    }
}

/// One SPDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spdu {
    pub(super) kind: Kind,
    pub(super) parameters: Parameters,
    /// The user data parameter, or what follows the parameters of a DT.
    pub(super) user_data: Bytes,
}

/// The parameters of all SPDUs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) connection_identifier: ConnectionIdentifier,
    /// From initiator to responder and back, in octets; 0: no limit.
    pub(super) tsdu_maximum_size: Option<(u16, u16)>,
    pub(super) version: Option<u8>,
    pub(super) initial_serial_number: Option<u32>,
    pub(super) token_setting: Option<u8>,
    pub(super) token_item: Option<u8>,
    pub(super) requirements: Option<u16>,
    pub(super) calling: Bytes,
    pub(super) called: Bytes,
    pub(super) data_overflow: bool,
    pub(super) transport_disconnect: Option<u8>,
    pub(super) enclosure: Option<u8>,
    pub(super) sync_type: Option<u8>,
    pub(super) activity: Bytes,
    pub(super) serial_number: Option<u32>,
    /// What an AR continues: its activity, serial number and connection identifier.
    pub(super) linking: Option<Box<Self>>,
    /// The reason code and, after it, user data.
    pub(super) reason: Option<(u8, Bytes)>,
    pub(super) extended_user_data: bool,
}

/// Reads all SPDUs of a TSDU.
pub(super) fn read(tsdu: Bytes) -> Result<Vec<Spdu>, Error> {
    let mut spdus: Vec<Spdu> = Vec::new();
    let mut rest = tsdu;
    while !rest.is_empty() {
        let (si, field) = take_unit(&mut rest, "an SPDU is longer than its TSDU")?;
        let kind = match spdus.last() {
            None => Kind::first(si),
            Some(before) if before.kind.is_prefix() => Kind::concatenated(si),
            Some(_) => return Err(Error::Malformed("octets follow the last SPDU of a TSDU")),
        };
        let mut spdu = Spdu { kind, parameters: Parameters::default(), user_data: Bytes::new() };
        if matches!(kind, Kind::Other(_)) {
            rest.clear();
        } else {
            spdu.take_field(field, true)?;
        }
        if kind == Kind::DataTransfer {
            spdu.user_data = core::mem::take(&mut rest);
        }
        spdus.push(spdu);
        if spdus.len() > SPDUS_MAX {
            return Err(Error::Malformed("too many SPDUs in one TSDU"));
        }
    }
    Ok(spdus)
}

/// Takes an identifier, its length indicator and what this spans off the front.
fn take_unit(rest: &mut Bytes, too_long: &'static str) -> Result<(u8, Bytes), Error> {
    let (code, len, header_len) = match **rest {
        [code, 0xff, high, low, ..] => (code, usize::from(u16::from_be_bytes([high, low])), 4),
        [_, 0xff, ..] | [] | [_] => return Err(Error::Malformed("a length indicator is cut off")),
        [code, len, ..] => (code, usize::from(len), 2),
    };
    if rest.len() - header_len < len {
        return Err(Error::Malformed(too_long));
    }
    let mut unit = rest.split_to(header_len + len);
    Ok((code, unit.split_off(header_len)))
}

impl Spdu {
    /// Takes in the units of a parameter field, or of a group within it.
    fn take_field(&mut self, mut field: Bytes, groups: bool) -> Result<(), Error> {
        while !field.is_empty() {
            let (code, value) = take_unit(&mut field, "a parameter is longer than its SPDU")?;
            match code {
                code::CONNECTION_IDENTIFIER | code::CONNECT_ACCEPT_ITEM if groups => {
                    self.take_field(value, false)?;
                }
                code::LINKING_INFORMATION if groups => self.take_linking(value)?,
                _ => self.take(code, value)?,
            }
        }
        Ok(())
    }

    /// Takes in the group that has the same parameters as an AR itself.
    fn take_linking(&mut self, field: Bytes) -> Result<(), Error> {
        let parameters = Parameters::default();
        let mut group = Self { kind: self.kind, parameters, user_data: Bytes::new() };
        group.take_field(field, false)?;
        self.parameters.linking = Some(Box::new(group.parameters));
        Ok(())
    }

    /// Takes in one parameter; a later one replaces an earlier one.
    fn take(&mut self, code: u8, value: Bytes) -> Result<(), Error> {
        let parameters = &mut self.parameters;
        let identifier = &mut parameters.connection_identifier;
        match code {
            code::CALLED_USER_REFERENCE | code::CALLING_USER_REFERENCE => {
                identifier.user_reference = value;
            }
            code::COMMON_REFERENCE => identifier.common_reference = value,
            code::ADDITIONAL_REFERENCE => identifier.additional_reference = value,
            code::TSDU_MAXIMUM_SIZE => {
                let [a, b, c, d] = fixed(&value, "TSDU maximum size is not 4 octets long")?;
                let sizes = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                parameters.tsdu_maximum_size = Some(sizes);
            }
            code::REQUIREMENTS => {
                let bits = fixed(&value, "session user requirements are not 2 octets long")?;
                parameters.requirements = Some(u16::from_be_bytes(bits));
            }
            code::INITIAL_SERIAL_NUMBER => {
                parameters.initial_serial_number = Some(serial_number(&value)?);
            }
            code::SERIAL_NUMBER => parameters.serial_number = Some(serial_number(&value)?),
            code::ACTIVITY_IDENTIFIER => parameters.activity = value,
            code::REASON => {
                let mut data = value;
                let reason = data.split_to(data.len().min(1));
                let [reason] = fixed(&reason, "the reason code is empty")?;
                parameters.reason = Some((reason, data));
            }
            code::CALLING_SELECTOR => parameters.calling = value,
            code::CALLED_SELECTOR => parameters.called = value,
            code::USER_DATA => self.user_data = value,
            code::EXTENDED_USER_DATA => {
                parameters.extended_user_data = true;
                self.user_data = value;
            }
            _ => parameters.take_octet(code, &value)?,
        }
        Ok(())
    }
}

impl Parameters {
    /// Takes in a parameter of one octet.
    fn take_octet(&mut self, code: u8, value: &[u8]) -> Result<(), Error> {
        let octet = || fixed(value, "a parameter is not 1 octet long").map(|[octet]| octet);
        match code {
            code::SYNC_TYPE => self.sync_type = Some(octet()?),
            code::TOKEN_ITEM => self.token_item = Some(octet()?),
            code::TRANSPORT_DISCONNECT => self.transport_disconnect = Some(octet()?),
            code::VERSION => self.version = Some(octet()?),
            code::ENCLOSURE => self.enclosure = Some(octet()?),
            code::TOKEN_SETTING => self.token_setting = Some(octet()?),
            code::DATA_OVERFLOW => self.data_overflow = octet()? & 1 != 0,
            _ => {}
        }
        Ok(())
    }
}

fn fixed<const N: usize>(value: &[u8], what: &'static str) -> Result<[u8; N], Error> {
    value.try_into().map_err(|_| Error::Malformed(what))
}

/// Up to six decimal digits.
fn serial_number(digits: &[u8]) -> Result<u32, Error> {
    if !(1..=6).contains(&digits.len()) {
        return Err(Error::Malformed("a serial number has 1 to 6 digits"));
    }
    digits.iter().try_fold(0, |number: u32, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + u32::from(digit - b'0')),
        _ => Err(Error::Malformed("a serial number has a digit that is none")),
    })
}
