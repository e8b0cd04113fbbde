//! A disk in memory that knows what was synced, so that a crash can be taken at any moment.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Backend, File};

/// A directory in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryBackend(Arc<Mutex<Directory>>);

#[derive(Debug, Default)]
struct Directory {
    files: BTreeMap<String, Arc<Mutex<Content>>>,
    /// The names that a crash leaves.
    durable: BTreeMap<String, Arc<Mutex<Content>>>,
    syncs: u64,
    octets_written: u64,
    /// What is said to be free; `None` is without end.
    free_bytes: Option<u64>,
}

#[derive(Debug, Default, Clone)]
struct Content {
    now: Sparse,
    durable: Sparse,
    unsynced: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Write(u64, Vec<u8>),
    Length(u64),
}

/// Octets up to a length, of which those never written are zero and take no memory.
#[derive(Debug, Default, Clone)]
struct Sparse {
    octets: Vec<u8>,
    length: u64,
}

/// A write that a crash may lose, keep or tear.
#[derive(Debug, Clone, Copy)]
pub struct UnsyncedWrite<'a> {
    /// The file's name.
    pub name: &'a str,
    /// Where it was written.
    pub offset: u64,
    /// How much, octets.
    pub length: usize,
}

impl MemoryBackend {
    /// An empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often a file was synced.
    pub fn syncs(&self) -> u64 {
        lock(&self.0).syncs
    }

    /// How many octets were written.
    pub fn octets_written(&self) -> u64 {
        lock(&self.0).octets_written
    }

    /// Sets how much is said to be free, octets. Writes are not counted against it.
    pub fn set_free_bytes(&self, free_bytes: u64) {
        lock(&self.0).free_bytes = Some(free_bytes);
    }

    /// What a crash at this moment would leave: all that was synced and, of each write since,
    /// in the order of files and then of writes, as many of its first octets as `keep` says.
    pub fn crash(&self, mut keep: impl FnMut(UnsyncedWrite<'_>) -> usize) -> Self {
        let mut left = Directory::default();
        for (name, content) in &lock(&self.0).durable {
            let content = lock(content);
            let mut after = content.durable.clone();
            for step in &content.unsynced {
                match step {
                    Step::Length(length) => after.set_len(*length),
                    Step::Write(offset, octets) => {
                        let write = UnsyncedWrite { name, offset: *offset, length: octets.len() };
                        let kept = keep(write).min(octets.len());
                        after.write(&octets[..kept], *offset);
                    }
                }
            }
            let content = Content { now: after.clone(), durable: after, unsynced: Vec::new() };
            left.files.insert(name.clone(), Arc::new(Mutex::new(content)));
        }
        left.durable = left.files.clone();
        Self(Arc::new(Mutex::new(left)))
    }

    /// As after a sync that failed: what is not synced yet can be read and counts as synced, but
    /// is not durable.
    pub fn forget_unsynced(&self) {
        for content in lock(&self.0).files.values() {
            lock(content).unsynced.clear();
        }
    }

    /// Changes an octet on the disk behind everybody's back.
    pub fn damage(&self, name: &str, offset: u64) {
        let directory = lock(&self.0);
        let mut content = lock(&directory.files[name]);
        let content = &mut *content;
        for sparse in [&mut content.now, &mut content.durable] {
            let mut octet = [0];
            if sparse.read(&mut octet, offset).is_ok() {
                sparse.write(&[octet[0] ^ 0x10], offset);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sparse {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).ok_or(io::ErrorKind::InvalidInput)?;
        if end > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.fill(0);
        let there = self.octets.get(offset as usize..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        Ok(())
    }

    fn write(&mut self, octets: &[u8], offset: u64) {
        let end = offset as usize + octets.len();
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        self.octets[offset as usize..end].copy_from_slice(octets);
        self.length = self.length.max(end as u64);
    }

    fn set_len(&mut self, length: u64) {
        self.length = length;
        self.octets.truncate(length as usize);
    }
}

struct MemoryFile {
    directory: MemoryBackend,
    content: Arc<Mutex<Content>>,
}

impl Backend for MemoryBackend {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let content = lock(&self.0).files.get(name).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemoryFile { directory: self.clone(), content }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let mut directory = lock(&self.0);
        if directory.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Arc::<Mutex<Content>>::default();
        directory.files.insert(name.to_owned(), content.clone());
        Ok(Arc::new(MemoryFile { directory: self.clone(), content }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(lock(&self.0).files.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let removed = lock(&self.0).files.remove(name);
        removed.map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let files = &mut lock(&self.0).files;
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(lock(&self.0).free_bytes.unwrap_or(u64::MAX))
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut directory = lock(&self.0);
        directory.durable = directory.files.clone();
        Ok(())
    }
}

impl File for MemoryFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        lock(&self.content).now.read(buffer, offset)
    }

    fn is_cached(&self, _offset: u64, _length: u64) -> bool {
        true
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()> {
        lock(&self.directory.0).octets_written += octets.len() as u64;
        let mut content = lock(&self.content);
        content.now.write(octets, offset);
        content.unsynced.push(Step::Write(offset, octets.to_vec()));
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.content).now.length)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut content = lock(&self.content);
        content.now.set_len(length);
        content.unsynced.push(Step::Length(length));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        lock(&self.directory.0).syncs += 1;
        let mut content = lock(&self.content);
        for step in std::mem::take(&mut content.unsynced) {
            match step {
                Step::Write(offset, octets) => content.durable.write(&octets, offset),
                Step::Length(length) => content.durable.set_len(length),
            }
        }
        Ok(())
    }
}
