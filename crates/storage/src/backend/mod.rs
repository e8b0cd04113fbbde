//! The disk behind a few calls: a directory of files, read and written by offset.
//!
//! Nothing else in this crate touches stored files, so that a disk that crashes, tears or fails
//! can take the place of this one.

mod disk;
mod memory;

use std::{io, sync::Arc};

use bytes::Bytes;

pub use disk::FileBackend;
pub(crate) use disk::{is_there, remove_index_files, replace_index};
pub use memory::{MemoryBackend, UnsyncedWrite};

/// A directory of files.
pub trait Backend: Send + Sync {
    /// Opens a file that is there.
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>>;

    /// Creates an empty file; one of that name that is there is an error.
    fn create(&self, name: &str) -> io::Result<Arc<dyn File>>;

    /// The names of all files, in no order.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Removes a file. Who has it open goes on reading it.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Gives a file another name. A file that has that name already is replaced in one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// How much can still be written, octets.
    fn free_bytes(&self) -> io::Result<u64>;

    /// Makes creations, removals and names durable.
    fn sync_directory(&self) -> io::Result<()>;
}

/// A file, shared by its readers and its one writer.
pub trait File: Send + Sync {
    /// Fills `buffer` from `offset`; the end of the file before that is an error.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// The octets of a range; a large one may be mapped, so the range must be one that is never
    /// written again while anyone holds it.
    fn read_bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut buffer = vec![0; length];
        self.read_at(&mut buffer, offset)?;
        Ok(buffer.into())
    }

    /// Whether a range is in memory, so that reading it waits for nothing; false where that is not
    /// known.
    fn is_cached(&self, offset: u64, length: u64) -> bool;

    /// Writes all of `octets` at `offset`, inside the file's length.
    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()>;

    /// The length, octets.
    fn len(&self) -> io::Result<u64>;

    /// Whether the length is 0.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Makes the file `length` octets long: cut, or filled with zeros that have their place on
    /// the disk, so that a write inside is not refused for want of it.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// As [`File::set_len`] to a greater length, but for a file that is written in few and large
    /// pieces: the place is taken and the zeros need not be written. The first sync after a write
    /// is slower.
    fn reserve(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    /// Makes what was written durable. After an error nothing is known of what was.
    fn sync(&self) -> io::Result<()>;
}
