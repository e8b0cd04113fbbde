//! Where PDUs are put together, and where answers wait to be sent: in memory up to 1 MiB each, an
//! answer up to half of the budget, and to a budget of the whole process, beyond in a spool file
//! without a name, which is mapped into memory when the PDU is whole. Whoever reads sees one
//! slice, and the process stays small however many peers are slow.
//!
//! Both budgets are held until the last slice of the PDU is dropped: they bound what arrives,
//! what is worked on and what waits. It refuses nothing for its size: how large a PDU may be is
//! the association's to say.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use memmap2::Mmap;
use restante_ber::Rope;
use restante_osi::{BufferError, BufferSource, TsduBuffer};

use crate::{
    budget::{Budget, Share},
    config::Limits,
};

/// What one PDU may take in memory, octets.
const MEMORY_OCTETS_MAX: usize = 1 << 20;
/// What an answer may take without being counted, octets: nearly all are much smaller.
const ANSWER_OCTETS_MIN: usize = 16 << 10;
/// Gathers what comes in small TPDUs before it is written, octets.
const SPOOL_WRITE_OCTETS: usize = 32 << 10;

/// Room for the PDUs of all associations.
#[derive(Debug)]
pub(crate) struct Assembly {
    memory: Arc<Budget>,
    disk: Arc<Budget>,
    directory: PathBuf,
}

impl Assembly {
    /// Room within these limits; spool files lie in this directory, which is made.
    pub(crate) fn open(directory: &Path, limits: &Limits) -> io::Result<Arc<Self>> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // Better now than with the first large message.
        tempfile::tempfile_in(directory)?;
        Ok(Arc::new(Self {
            memory: Budget::new(limits.assembly_memory_octets),
            disk: Budget::new(limits.assembly_disk_octets),
            directory: fs::canonicalize(directory)?,
        }))
    }

    /// An answer that takes no more memory than there is room for, until it is sent. Pieces from
    /// `stored_from` octets on lie in the log, mapped, and take none. Blocks while it is written
    /// to a file.
    pub(crate) fn keep(
        self: &Arc<Self>,
        answer: Rope,
        stored_from: usize,
    ) -> Result<Rope, BufferError> {
        let is_made = |piece: &&Bytes| piece.len() < stored_from;
        let made: usize = answer.pieces().filter(is_made).map(Bytes::len).sum();
        if made < ANSWER_OCTETS_MIN {
            return Ok(answer);
        }
        let mut share = self.memory.share();
        // It is in memory already: a file only takes more time. But others need room as well.
        if made <= self.memory.limit() / 2 && share.grow_to(made) {
            let share = Arc::new(share);
            let counted = answer.pieces().map(|piece| {
                Bytes::from_owner(Owner { octets: piece.clone(), _share: share.clone() })
            });
            return Ok(counted.collect());
        }
        let mut buffer = Buffer { assembly: self.clone(), held: self.spool()? };
        for piece in answer.pieces().filter(is_made) {
            buffer.append(piece)?;
        }
        let mut spooled = Box::new(buffer).finish()?;
        let moved = answer.pieces().map(|piece| match is_made(&piece) {
            true => spooled.split_to(piece.len()),
            false => piece.clone(),
        });
        Ok(moved.collect())
    }

    /// Octets in one piece where they are more than one PDU may take in memory, as a content is
    /// that came in many segments: then in a file of their own. Blocks while that is written.
    pub(crate) fn join(self: &Arc<Self>, octets: Rope) -> Result<Rope, BufferError> {
        if octets.len() <= MEMORY_OCTETS_MAX || octets.pieces().nth(1).is_none() {
            return Ok(octets);
        }
        let mut buffer = Buffer { assembly: self.clone(), held: self.spool()? };
        for piece in octets.pieces() {
            buffer.append(piece)?;
        }
        Box::new(buffer).finish().map(Rope::from)
    }

    fn spool(&self) -> Result<Held, BufferError> {
        let file = tempfile::tempfile_in(&self.directory).map_err(failed)?;
        let file = BufWriter::with_capacity(SPOOL_WRITE_OCTETS, file);
        Ok(Held::Spool { file, share: self.disk.share() })
    }

    /// Buffers for one association.
    pub(crate) fn buffers(self: &Arc<Self>) -> Box<dyn BufferSource> {
        Box::new(Buffers(self.clone()))
    }
}

struct Buffers(Arc<Assembly>);

impl BufferSource for Buffers {
    fn begin(&mut self) -> Box<dyn TsduBuffer> {
        let held = Held::Memory { octets: Vec::new(), share: self.0.memory.share() };
        Box::new(Buffer { assembly: self.0.clone(), held })
    }
}

struct Buffer {
    assembly: Arc<Assembly>,
    held: Held,
}

enum Held {
    Memory { octets: Vec<u8>, share: Share },
    Spool { file: BufWriter<File>, share: Share },
}

impl TsduBuffer for Buffer {
    fn append(&mut self, more: &[u8]) -> Result<(), BufferError> {
        if let Held::Memory { octets, share } = &mut self.held {
            if make_room(octets, share, more.len()) {
                octets.extend_from_slice(more);
                return Ok(());
            }
            let begun = std::mem::take(octets);
            self.held = self.assembly.spool()?;
            self.append(&begun)?;
        }
        let Held::Spool { file, share } = &mut self.held else { return Ok(()) };
        if !share.grow_to(share.octets() + more.len()) {
            return Err(BufferError::Exhausted);
        }
        file.write_all(more).map_err(failed)
    }

    fn finish(self: Box<Self>) -> Result<Bytes, BufferError> {
        match self.held {
            Held::Memory { octets, share } => {
                Ok(Bytes::from_owner(Owner { octets, _share: share }))
            }
            Held::Spool { file, share } => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                let octets = map(&file).map_err(failed)?;
                Ok(Bytes::from_owner(Owner { octets, _share: share }))
            }
        }
    }
}

/// Whether the memory could be had. The share is of what is allocated, not of what is used.
fn make_room(octets: &mut Vec<u8>, share: &mut Share, more: usize) -> bool {
    let needed = octets.len() + more;
    if needed > MEMORY_OCTETS_MAX {
        return false;
    }
    if needed <= octets.capacity() {
        return true;
    }
    let capacity = needed.max(2 * octets.capacity()).min(MEMORY_OCTETS_MAX);
    if !share.grow_to(capacity) {
        return false;
    }
    octets.reserve_exact(capacity - octets.len());
    true
}

#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file has no name and this process alone has it open; nobody truncates it or
    // writes to it again, so the mapping is whole and its octets stay as they are.
    unsafe { Mmap::map(file) }
}

fn failed(error: io::Error) -> BufferError {
    BufferError::Failed(error.to_string())
}

/// The octets of a PDU with what they take of a budget.
struct Owner<T, S> {
    octets: T,
    _share: S,
}

impl<T: AsRef<[u8]>, S> AsRef<[u8]> for Owner<T, S> {
    fn as_ref(&self) -> &[u8] {
        self.octets.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembly(memory: usize, disk: usize) -> (tempfile::TempDir, Arc<Assembly>) {
        let directory = tempfile::tempdir().unwrap();
        let limits = Limits {
            assembly_memory_octets: memory,
            assembly_disk_octets: disk,
            ..Limits::default()
        };
        let assembly = Assembly::open(&directory.path().join("spool"), &limits).unwrap();
        (directory, assembly)
    }

    /// `length` octets that differ from their neighbours, in pieces as they come.
    fn gather(assembly: &Arc<Assembly>, length: usize) -> Result<Bytes, BufferError> {
        let mut buffer = assembly.buffers().begin();
        for piece in octets(length).chunks(65_528) {
            buffer.append(piece)?;
        }
        buffer.finish()
    }

    fn octets(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_small_pdu_is_in_memory_and_counted_until_it_is_dropped() {
        let (_directory, assembly) = assembly(1 << 20, 0);
        let pdu = gather(&assembly, 100_000).unwrap();
        assert_eq!(pdu, octets(100_000));
        let part = pdu.slice(5..10);
        drop(pdu);
        assert!(assembly.memory.taken() >= 100_000);
        drop(part);
        assert_eq!(assembly.memory.taken(), 0);
    }

    #[test]
    fn a_large_pdu_is_in_a_file_that_has_no_name() {
        let (directory, assembly) = assembly(1 << 30, 4 << 20);
        for length in [MEMORY_OCTETS_MAX, MEMORY_OCTETS_MAX + 1, 3 << 20] {
            let pdu = gather(&assembly, length).unwrap();
            assert!(pdu == octets(length), "{length} octets differ");
            let on_disk = if length > MEMORY_OCTETS_MAX { length } else { 0 };
            assert_eq!(assembly.disk.taken(), on_disk);
            assert_eq!(fs::read_dir(directory.path().join("spool")).unwrap().count(), 0);
        }
        assert_eq!(assembly.disk.taken() + assembly.memory.taken(), 0);
    }

    #[test]
    fn where_memory_is_taken_a_small_one_is_in_a_file_too() {
        let (_directory, assembly) = assembly(2_000, 4_000);
        let first = gather(&assembly, 1_500).unwrap();
        let second = gather(&assembly, 1_500).unwrap();
        assert_eq!((first.len(), assembly.disk.taken()), (1_500, 1_500));
        assert_eq!(second, octets(1_500));
        assert_eq!(gather(&assembly, 3_000), Err(BufferError::Exhausted));
        drop(second);
        assert_eq!(gather(&assembly, 3_000).map(|pdu| pdu.len()), Ok(3_000));
    }

    #[test]
    fn an_answer_is_counted_or_in_a_file_until_it_is_sent() {
        let (_directory, assembly) = assembly(300_000, 1 << 30);
        let answer = |length: usize| -> Rope {
            octets(length).chunks(50_000).map(Bytes::copy_from_slice).collect()
        };
        let taken = || (assembly.memory.taken(), assembly.disk.taken());
        let small = assembly.keep(answer(1_000), usize::MAX).unwrap();
        assert_eq!((small.len(), taken()), (1_000, (0, 0)));
        let mut counted = assembly.keep(answer(150_000), usize::MAX).unwrap();
        assert_eq!(taken(), (150_000, 0));
        let large = assembly.keep(answer(150_001), usize::MAX).unwrap();
        assert_eq!((large.len(), taken()), (150_001, (150_000, 150_001)));
        drop(large);
        let other = assembly.keep(answer(50_000), usize::MAX).unwrap();
        assert_eq!(taken(), (200_000, 0));
        let spooled = assembly.keep(answer(120_000), usize::MAX).unwrap();
        assert_eq!(taken(), (200_000, 120_000));
        drop(other);
        assert_eq!(spooled, answer(120_000));
        assert_eq!(counted.split_to(100_000), answer(100_000));
        assert_eq!(taken(), (150_000, 120_000), "something of it waits");
        drop((counted, spooled));
        assert_eq!(taken(), (0, 0));
    }

    #[test]
    fn what_is_stored_is_not_copied() {
        let (_directory, assembly) = assembly(0, 1 << 20);
        let stored = Bytes::from(octets(300_000));
        let answer: Rope = [Bytes::from(octets(20_000)), stored.clone(), Bytes::from(octets(7))]
            .into_iter()
            .collect();
        let kept = assembly.keep(answer.clone(), 262_144).unwrap();
        assert_eq!(kept, answer);
        assert_eq!(assembly.disk.taken(), 20_007);
        assert!(kept.pieces().any(|piece| piece.as_ptr() == stored.as_ptr()));
    }

    #[test]
    fn what_came_in_segments_is_joined_in_a_file_where_it_is_large() {
        let (_directory, assembly) = assembly(1 << 20, 3 << 20);
        let rope = |length: usize, piece: usize| -> Rope {
            octets(length).chunks(piece).map(Bytes::copy_from_slice).collect()
        };
        let pieces = |rope: &Rope| rope.pieces().count();
        let small = assembly.join(rope(MEMORY_OCTETS_MAX, 1000)).unwrap();
        assert_eq!((pieces(&small) > 1, assembly.disk.taken()), (true, 0));
        let whole = assembly.join(rope(2 << 20, 2 << 20)).unwrap();
        assert_eq!((pieces(&whole), assembly.disk.taken()), (1, 0));
        let large = assembly.join(rope(2 << 20, 1000)).unwrap();
        assert_eq!((pieces(&large), assembly.disk.taken()), (1, 2 << 20));
        assert!(large == whole);
        assert_eq!(assembly.join(rope(2 << 20, 1000)), Err(BufferError::Exhausted));
        drop(large);
        assert_eq!(assembly.disk.taken(), 0);
    }

    #[test]
    fn an_empty_pdu_is_empty() {
        let (_directory, assembly) = assembly(0, 0);
        assert_eq!(gather(&assembly, 0), Ok(Bytes::new()));
    }

    #[test]
    fn what_is_given_up_is_given_back() {
        let (_directory, assembly) = assembly(10 << 20, 10 << 20);
        let mut buffer = assembly.buffers().begin();
        buffer.append(&octets(3 << 20)).unwrap();
        assert_eq!(assembly.disk.taken(), 3 << 20);
        drop(buffer);
        assert_eq!(assembly.disk.taken() + assembly.memory.taken(), 0);
    }
}
