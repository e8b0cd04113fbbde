//! Where a TSDU is put together: in buffers that the driver supplies, so that a large one may lie
//! in a file mapped into memory and the process stays small. Here are the seam and its simplest
//! filling, [`MemoryBuffers`].
//!
//! A buffer grows with the octets that have arrived, never with those merely announced.

use bytes::{Bytes, BytesMut};
use thiserror::Error;

/// Supplies a buffer for each TSDU that begins.
pub trait BufferSource: Send {
    /// A buffer for one more TSDU; whether there is room is told by its `append`.
    fn begin(&mut self) -> Box<dyn TsduBuffer>;
}

/// One TSDU in assembly. Dropping it gives up what was gathered.
pub trait TsduBuffer: Send {
    /// Adds octets at the end.
    ///
    /// # Errors
    /// Where the TSDU outgrows its limit, or the buffer can't take it.
    fn append(&mut self, octets: &[u8]) -> Result<(), BufferError>;

    /// All octets in the order in which they came.
    ///
    /// # Errors
    /// Where the buffer can't give back what it took.
    fn finish(self: Box<Self>) -> Result<Bytes, BufferError>;
}

/// Why a TSDU could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BufferError {
    /// The peer sends more in one TSDU than is allowed.
    #[error("a TSDU is larger than the limit of {limit} octets")]
    TooLarge {
        /// The limit, in octets.
        limit: usize,
    },
    /// All memory set apart for TSDUs in assembly is taken.
    #[error("no room left for TSDUs in assembly")]
    Exhausted,
    /// The file behind the buffer failed.
    #[error("the buffer of a TSDU failed: {0}")]
    Failed(String),
}

/// Buffers in memory, each up to the same limit.
#[derive(Clone, Debug)]
pub struct MemoryBuffers {
    limit: usize,
}

impl MemoryBuffers {
    /// Buffers of at most `limit` octets each.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl BufferSource for MemoryBuffers {
    fn begin(&mut self) -> Box<dyn TsduBuffer> {
        Box::new(MemoryBuffer { octets: BytesMut::new(), limit: self.limit })
    }
}

struct MemoryBuffer {
    octets: BytesMut,
    limit: usize,
}

impl TsduBuffer for MemoryBuffer {
    fn append(&mut self, octets: &[u8]) -> Result<(), BufferError> {
        if octets.len() > self.limit.saturating_sub(self.octets.len()) {
            return Err(BufferError::TooLarge { limit: self.limit });
        }
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Bytes, BufferError> {
        Ok(self.octets.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_takes_exactly_its_limit() {
        let mut buffer = MemoryBuffers::new(4).begin();
        assert_eq!(buffer.append(b"ab"), Ok(()));
        assert_eq!(buffer.append(b"cd"), Ok(()));
        assert_eq!(buffer.append(b"e"), Err(BufferError::TooLarge { limit: 4 }));
        assert_eq!(buffer.finish(), Ok(Bytes::from_static(b"abcd")));
    }
}
