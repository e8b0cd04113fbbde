//! Puts SSDUs together that come in segments (X.225 §7.37): each segment is an SPDU of the same
//! kind, whose enclosure item tells whether it begins or ends the SSDU. An AB may come between.

use crate::buffer::{BufferError, BufferSource, TsduBuffer};
use crate::x225::Error;
use crate::x225::spdu::{Kind, Spdu};
use bytes::Bytes;

/// User data in assembly.
pub(super) struct Gathering {
    buffer: Box<dyn TsduBuffer>,
    len: usize,
}

impl Gathering {
    pub(super) fn begin(buffers: &mut dyn BufferSource) -> Self {
        Self { buffer: buffers.begin(), len: 0 }
    }

    pub(super) fn append(&mut self, octets: &[u8], limit: usize) -> Result<(), BufferError> {
        if octets.len() > limit.saturating_sub(self.len) {
            return Err(BufferError::TooLarge { limit });
        }
        self.len += octets.len();
        self.buffer.append(octets)
    }

    pub(super) fn finish(self) -> Result<Bytes, BufferError> {
        self.buffer.finish()
    }
}

impl core::fmt::Debug for Gathering {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Gathering").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The SSDU in assembly, if any.
#[derive(Debug, Default)]
pub(super) struct Assembly(Option<(Spdu, Gathering)>);

impl Assembly {
    /// Takes an SPDU; gives it back once it is whole, with the first segment's parameters.
    pub(super) fn take(
        &mut self,
        spdu: Spdu,
        limit: usize,
        buffers: &mut dyn BufferSource,
    ) -> Result<Option<Spdu>, Error> {
        if matches!(spdu.kind, Kind::GiveTokens | Kind::PleaseTokens | Kind::ConnectDataOverflow) {
            return Ok(Some(spdu));
        }
        let enclosure = spdu.parameters.enclosure.unwrap_or(3);
        let (begins, ends) = (enclosure & 1 != 0, enclosure & 2 != 0);
        let (first, mut gathering) = match self.0.take() {
            None if begins && ends => return Ok(Some(spdu)),
            Some(_) if spdu.kind == Kind::Abort && begins && ends => return Ok(Some(spdu)),
            None if begins => {
                let first = Spdu { user_data: Bytes::new(), ..spdu.clone() };
                (first, Gathering::begin(buffers))
            }
            Some((first, gathering)) if first.kind == spdu.kind && !begins => (first, gathering),
            _ => return Err(Error::Violation("segments of an SSDU that do not fit together")),
        };
        gathering.append(&spdu.user_data, limit)?;
        if ends {
            return Ok(Some(Spdu { user_data: gathering.finish()?, ..first }));
        }
        self.0 = Some((first, gathering));
        Ok(None)
    }
}
