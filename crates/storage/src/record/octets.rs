//! Reading of little-endian numbers and counted octets; the end too early is `None`.

use bytes::Bytes;

use crate::{MailboxId, NumberSet};

pub(super) struct Reader {
    rest: Bytes,
}

impl Reader {
    pub(super) fn new(octets: Bytes) -> Self {
        Self { rest: octets }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = self.rest.get(..N)?.try_into().ok()?;
        self.rest = self.rest.slice(N..);
        Some(array)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn octets(&mut self) -> Option<Bytes> {
        let length = self.u32()? as usize;
        (length <= self.rest.len()).then(|| self.rest.split_to(length))
    }

    pub(super) fn mailbox(&mut self) -> Option<MailboxId> {
        MailboxId::new(self.u32()?)
    }

    pub(super) fn numbers(&mut self) -> Option<NumberSet> {
        let mut numbers = NumberSet::new();
        for _ in 0..self.u32()? {
            numbers.insert(self.u32()?..=self.u32()?);
        }
        Some(numbers)
    }
}

pub(super) fn put_octets(octets: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(octets.len() as u32).to_le_bytes());
    out.extend_from_slice(octets);
}

pub(super) fn put_numbers(numbers: &NumberSet, out: &mut Vec<u8>) {
    let ranges = numbers.ranges();
    out.extend_from_slice(&(ranges.len() as u32).to_le_bytes());
    for range in ranges {
        out.extend_from_slice(&range.start().to_le_bytes());
        out.extend_from_slice(&range.end().to_le_bytes());
    }
}
