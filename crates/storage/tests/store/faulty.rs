//! A disk that can be held, broken or filled up at will.

use std::{
    io,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use restante_storage::{Backend, File, MemoryBackend};

/// A disk in memory whose syncs wait for leave.
#[derive(Clone, Default)]
pub(crate) struct FaultyBackend {
    pub(crate) memory: MemoryBackend,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Faults {
    syncs: Mutex<Syncs>,
    changed: Condvar,
    full: AtomicBool,
    names_fail: AtomicBool,
    renames_fail: AtomicBool,
    reads_fail: AtomicBool,
    reserved: AtomicBool,
    trip: Mutex<Option<Trip>>,
}

/// What is done before so many more calls that change something.
struct Trip {
    calls: u32,
    then: Box<dyn FnOnce() + Send>,
}

impl Faults {
    fn count(&self) {
        let mut trip = self.trip.lock().unwrap();
        let Some(waiting) = &mut *trip else { return };
        waiting.calls = waiting.calls.saturating_sub(1);
        if waiting.calls == 0
            && let Some(trip) = trip.take()
        {
            (trip.then)();
        }
    }
}

#[derive(Default)]
struct Syncs {
    held: bool,
    broken: bool,
    /// How many may go on although they are held.
    leave: u32,
    waiting: u32,
    done: u32,
}

impl FaultyBackend {
    pub(crate) fn of(memory: MemoryBackend) -> Self {
        Self { memory, faults: Arc::default() }
    }

    /// Whether place was reserved since it was asked last, and not filled.
    pub(crate) fn reserved(&self) -> bool {
        self.faults.reserved.swap(false, Ordering::SeqCst)
    }

    /// From now on a sync waits.
    pub(crate) fn hold(&self) {
        self.faults.syncs.lock().unwrap().held = true;
    }

    /// Waits until a sync waits.
    pub(crate) fn wait_for_sync(&self) {
        let syncs = self.faults.syncs.lock().unwrap();
        let none = |syncs: &mut Syncs| syncs.waiting == 0;
        drop(self.faults.changed.wait_while(syncs, none).unwrap());
    }

    /// Lets one sync go on, and waits until it is no longer waiting.
    pub(crate) fn let_one_go(&self) {
        let mut syncs = self.faults.syncs.lock().unwrap();
        syncs.leave += 1;
        self.faults.changed.notify_all();
        let there = |syncs: &mut Syncs| syncs.leave > 0;
        drop(self.faults.changed.wait_while(syncs, there).unwrap());
    }

    /// Lets all syncs go on.
    pub(crate) fn release(&self) {
        self.faults.syncs.lock().unwrap().held = false;
        self.faults.changed.notify_all();
    }

    /// From now on a sync fails; those that wait do at once.
    pub(crate) fn break_syncs(&self) {
        let mut syncs = self.faults.syncs.lock().unwrap();
        (syncs.broken, syncs.held) = (true, false);
        self.faults.changed.notify_all();
    }

    /// How often a segment in use was synced.
    pub(crate) fn syncs(&self) -> u32 {
        self.faults.syncs.lock().unwrap().done
    }

    /// Does something before the call that is so many calls away and changes something.
    pub(crate) fn trip(&self, calls: u32, then: impl FnOnce() + Send + 'static) {
        let then = Box::new(then);
        *self.faults.trip.lock().unwrap() = Some(Trip { calls: calls.max(1), then });
    }

    /// Does it now, if it was not done.
    pub(crate) fn trip_now(&self) {
        let trip = self.faults.trip.lock().unwrap().take();
        if let Some(trip) = trip {
            (trip.then)();
        }
    }

    /// Whether names can't be made durable.
    pub(crate) fn set_names_fail(&self, fail: bool) {
        self.faults.names_fail.store(fail, Ordering::SeqCst);
    }

    /// Whether nothing can be renamed.
    pub(crate) fn set_renames_fail(&self, fail: bool) {
        self.faults.renames_fail.store(fail, Ordering::SeqCst);
    }

    /// Whether nothing can be read.
    pub(crate) fn set_reads_fail(&self, fail: bool) {
        self.faults.reads_fail.store(fail, Ordering::SeqCst);
    }

    /// Whether there is no room for another file.
    pub(crate) fn set_full(&self, full: bool) {
        self.faults.full.store(full, Ordering::SeqCst);
    }
}

struct FaultyFile {
    file: Arc<dyn File>,
    faults: Arc<Faults>,
    /// Set while a file is made ready beside those in use: its first sync is no commit's.
    fresh: AtomicBool,
}

impl FaultyFile {
    fn can_read(&self) -> io::Result<()> {
        match self.faults.reads_fail.load(Ordering::SeqCst) {
            true => Err(io::Error::other("reads fail")),
            false => Ok(()),
        }
    }
}

impl FaultyBackend {
    fn wrap(&self, file: Arc<dyn File>, fresh: bool) -> Arc<dyn File> {
        Arc::new(FaultyFile { file, faults: self.faults.clone(), fresh: fresh.into() })
    }
}

impl Backend for FaultyBackend {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        Ok(self.wrap(self.memory.open(name)?, false))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn File>> {
        self.faults.count();
        if self.faults.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(self.wrap(self.memory.create(name)?, true))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.memory.list()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.faults.count();
        self.memory.remove(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.faults.count();
        if self.faults.renames_fail.load(Ordering::SeqCst) {
            return Err(io::Error::other("renames fail"));
        }
        self.memory.rename(from, to)
    }

    fn free_bytes(&self) -> io::Result<u64> {
        self.memory.free_bytes()
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.faults.count();
        if self.faults.names_fail.load(Ordering::SeqCst) {
            return Err(io::Error::other("names fail"));
        }
        self.memory.sync_directory()
    }
}

impl File for FaultyFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.can_read()?;
        self.file.read_at(buffer, offset)
    }

    fn read_bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        self.can_read()?;
        self.file.read_bytes(offset, length)
    }

    fn is_cached(&self, offset: u64, length: u64) -> bool {
        self.file.is_cached(offset, length)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()> {
        self.faults.count();
        self.file.write_at(octets, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        self.faults.reserved.store(true, Ordering::SeqCst);
        self.file.reserve(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.faults.count();
        if self.fresh.swap(false, Ordering::SeqCst) {
            return self.file.sync();
        }
        let faults = &self.faults;
        let mut syncs = faults.syncs.lock().unwrap();
        syncs.waiting += 1;
        faults.changed.notify_all();
        while syncs.held && syncs.leave == 0 {
            syncs = faults.changed.wait(syncs).unwrap();
        }
        syncs.waiting -= 1;
        syncs.leave = syncs.leave.saturating_sub(1);
        syncs.done += 1;
        faults.changed.notify_all();
        if syncs.broken { Err(io::Error::other("broken")) } else { self.file.sync() }
    }
}
