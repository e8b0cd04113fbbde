//! A disk that forgets: what was not synced is lost, kept, torn by sectors or kept out of order
//! when it stops; it refuses reads, writes and syncs when told to, fills up, and flips a bit.
//!
//! After a sync that failed it behaves as kernels do: what was to be synced can still be read, but
//! counts as clean, so that no later sync makes it durable. Changes of names become durable in
//! their order. The store's writer can be stopped between its batches, so that a seed decides what
//! becomes one batch.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use restante_storage::{Backend, File, StorageError, Store, Ticket};

use super::random::Random;

/// What is written whole or not at all, octets.
const SECTOR_BYTES: usize = 512;

/// The thread of the store that writes the log.
const WRITER: &str = "storage-log";

/// What a disk is to do at one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It stops: [`Disk::left`] is what it has kept.
    Stop,
    /// The call fails; of a write or a sync, a part may have been done.
    Refuse,
    /// A read fails.
    RefuseRead,
}

/// The call at which a fault came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fired {
    /// What it was.
    pub(super) fault: Fault,
    /// Whether it hit the writer's use of a segment that is written: the store is to stop.
    pub(super) log: bool,
}

/// A disk. Clones share it.
#[derive(Clone)]
pub(super) struct Disk(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// The store for whose index its writer waits before each batch.
    paced: Mutex<Option<Weak<Store>>>,
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, usize>,
    names_durable: BTreeMap<String, usize>,
    names_changed: Vec<NameChange>,
    files: Vec<Content>,
    capacity_bytes: Option<u64>,
    plan: Option<(u32, Fault)>,
    fired: Option<Fired>,
    random: Option<Random>,
    dead: bool,
    left: Option<Disk>,
    gate: Gate,
    at_gate: bool,
    calls: u64,
}

/// Where the writer is stopped.
#[derive(Default)]
enum Gate {
    #[default]
    Open,
    /// Before its next batch.
    Shut,
    /// Before its first batch after this is ready.
    After(Ticket),
}

#[derive(Clone)]
enum NameChange {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

#[derive(Default, Clone)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Step>,
    /// Whether it was synced: it is made ready before, and in use after.
    in_use: bool,
}

#[derive(Clone)]
enum Step {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Step {
    fn apply(&self, octets: &mut Vec<u8>) {
        match self {
            Self::Length(length) => octets.resize(*length, 0),
            Self::Write(offset, written) => {
                let end = offset + written.len();
                if octets.len() < end {
                    octets.resize(end, 0);
                }
                octets[*offset..end].copy_from_slice(written);
            }
        }
    }

    /// As much of it as a disk that stops has done.
    fn apply_some(&self, octets: &mut Vec<u8>, random: &mut Random) {
        match (self, random.below(4)) {
            (_, 0) => {}
            (_, 1) | (Self::Length(_), _) => self.apply(octets),
            (Self::Write(offset, written), _) => {
                let mut at = 0;
                while at < written.len() {
                    // To the end of the sector that it begins in.
                    let length = SECTOR_BYTES - (offset + at) % SECTOR_BYTES;
                    let end = written.len().min(at + length);
                    if random.percent(50) {
                        Self::Write(offset + at, written[at..end].to_vec()).apply(octets);
                    }
                    at = end;
                }
            }
        }
    }
}

fn failed() -> io::Error {
    io::Error::other("the disk fails, as it was told to")
}

impl State {
    /// Counts a call that changes something, and tells what is to become of it.
    fn count(&mut self, log: bool, reads: bool) -> Option<Fault> {
        self.calls += u64::from(!reads);
        let (calls, fault) = self.plan.as_mut()?;
        if (*fault == Fault::RefuseRead) != reads {
            return None;
        }
        *calls = calls.saturating_sub(1);
        if *calls > 0 {
            return None;
        }
        let fault = *fault;
        self.plan = None;
        self.fired = Some(Fired { fault, log });
        Some(fault)
    }

    fn random(&mut self) -> &mut Random {
        self.random.get_or_insert_with(|| Random::new(0))
    }

    /// The disk stops: what it leaves.
    fn stop(&mut self) -> io::Error {
        let mut random = self.random().clone();
        let mut names = self.names_durable.clone();
        let kept = random.below(self.names_changed.len() + 1);
        self.names_changed[..kept].iter().for_each(|change| apply_name(change, &mut names));
        let mut left = Self { capacity_bytes: self.capacity_bytes, ..Self::default() };
        for (name, file) in names {
            let content = &self.files[file];
            let mut durable = content.durable.clone();
            for step in &content.unsynced {
                step.apply_some(&mut durable, &mut random);
            }
            let (now, unsynced) = (durable.clone(), Vec::new());
            left.names.insert(name, left.files.len());
            left.files.push(Content { now, durable, unsynced, in_use: true });
        }
        left.names_durable = left.names.clone();
        self.left = Some(Disk::of(left));
        self.dead = true;
        failed()
    }

    fn used_bytes(&self) -> u64 {
        let bytes = |file: &usize| self.files[*file].now.len();
        u64::try_from(self.names.values().map(bytes).sum::<usize>()).unwrap_or(u64::MAX)
    }

    fn free_bytes(&self) -> u64 {
        self.capacity_bytes.map_or(u64::MAX, |all| all.saturating_sub(self.used_bytes()))
    }

    fn change_name(&mut self, change: NameChange) -> io::Result<()> {
        let fault = self.count(false, false);
        if fault == Some(Fault::Refuse) {
            return Err(failed());
        }
        apply_name(&change, &mut self.names);
        self.names_changed.push(change);
        if fault == Some(Fault::Stop) { Err(self.stop()) } else { Ok(()) }
    }
}

fn apply_name(change: &NameChange, names: &mut BTreeMap<String, usize>) {
    match change {
        NameChange::Create(name, file) => drop(names.insert(name.clone(), *file)),
        NameChange::Rename(from, to) => {
            let file = names.remove(from).expect("a file that has the name");
            names.insert(to.clone(), file);
        }
        NameChange::Remove(name) => drop(names.remove(name)),
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::of(State::default())
    }
}

impl Disk {
    fn of(state: State) -> Self {
        let (changed, paced) = (Condvar::new(), Mutex::default());
        Self(Arc::new(Shared { state: Mutex::new(state), changed, paced }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state for a call.
    fn enter(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.lock();
        if state.dead { Err(failed()) } else { Ok(state) }
    }

    /// The state for a call at which the writer is stopped: it makes it before each batch, and
    /// holds nothing then that another thread waits for.
    fn enter_by_gate(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.lock();
        if thread::current().name() == Some(WRITER) {
            loop {
                let stopped = match &state.gate {
                    _ if state.dead => false,
                    Gate::Open => false,
                    Gate::Shut => true,
                    Gate::After(ticket) => ticket.is_ready(),
                };
                if !stopped {
                    break;
                }
                state.at_gate = true;
                self.0.changed.notify_all();
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.at_gate = false;
        }
        if state.dead { Err(failed()) } else { Ok(state) }
    }

    /// Has the writer of a store wait before each batch until the one before is in the index and
    /// the next segment is ready, so that it is no chance which of them comes first. Nobody may
    /// let go of the store before this is taken back.
    pub(super) fn pace(&self, store: Option<&Arc<Store>>) {
        *self.paced() = store.map(Arc::downgrade);
    }

    fn paced(&self) -> MutexGuard<'_, Option<Weak<Store>>> {
        self.0.paced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_index(&self) {
        if thread::current().name() == Some(WRITER) {
            let paced = self.paced();
            if let Some(store) = paced.as_ref().and_then(Weak::upgrade) {
                store.wait_for_index();
            }
        }
    }

    fn set_gate(&self, gate: Gate) {
        let mut state = self.lock();
        (state.gate, state.at_gate) = (gate, false);
        self.0.changed.notify_all();
    }

    /// Stops the writer before its next batch.
    pub(super) fn hold(&self) {
        self.set_gate(Gate::Shut);
    }

    /// Lets a writer that was stopped go on: what waits for it becomes a batch, once what comes
    /// first is in the index.
    pub(super) fn go_on_with(&self, store: &Store, first: &Ticket) {
        self.set_gate(Gate::After(first.clone()));
        let answer = first.clone().wait();
        if !matches!(answer, Err(StorageError::Stopped(_))) {
            store.wait_for_index();
            self.wait_for_writer();
        }
        self.set_gate(Gate::Open);
    }

    /// Waits until the writer is stopped, or the disk is.
    pub(super) fn wait_for_writer(&self) {
        let state = self.lock();
        let on_its_way = |state: &mut State| !state.at_gate && !state.dead;
        drop(self.0.changed.wait_while(state, on_its_way));
    }

    /// Has a fault come at the call that is so many calls away: calls that change something, or
    /// reads. What of it is chance, `random` decides.
    pub(super) fn plan(&self, calls: u32, fault: Fault, random: Random) {
        let mut state = self.lock();
        (state.plan, state.fired) = (Some((calls.max(1), fault)), None);
        state.random = Some(random);
    }

    /// The fault that came since the last was planned. None comes from now on.
    pub(super) fn fired(&self) -> Option<Fired> {
        let mut state = self.lock();
        state.plan = None;
        state.fired.take()
    }

    /// Stops at once, if it has not stopped yet, and gives what is left.
    pub(super) fn left(&self) -> Self {
        let mut state = self.lock();
        if !state.dead {
            state.stop();
        }
        self.0.changed.notify_all();
        state.left.clone().expect("a disk that stopped leaves one")
    }

    /// How often it was changed.
    pub(super) fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// Limits what is free to so many octets, or to nothing.
    pub(super) fn set_free_bytes(&self, free_bytes: Option<u64>) {
        let mut state = self.lock();
        state.capacity_bytes = free_bytes.map(|free| state.used_bytes() + free);
    }

    /// Flips a bit of what is found in segments; in how many.
    pub(super) fn flip(&self, wanted: &[u8], random: &mut Random) -> usize {
        let mut state = self.lock();
        let segments = state.names.iter().filter(|(name, _)| name.ends_with(".log"));
        let segments: Vec<usize> = segments.map(|(_, file)| *file).collect();
        // The highest, so that a name does not become another's.
        let (octet, bit) = (random.below(wanted.len()), 0x80);
        let mut flipped = 0;
        for file in segments {
            let content = &mut state.files[file];
            let windows = content.now.windows(wanted.len());
            let Some(at) = windows.enumerate().find(|(_, part)| *part == wanted) else { continue };
            let at = at.0 + octet;
            content.now[at] ^= bit;
            content.durable[at] ^= bit;
            flipped += 1;
        }
        flipped
    }
}

impl Backend for Disk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let state = self.enter()?;
        let file = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(OpenFile { disk: self.clone(), file }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let mut state = self.enter()?;
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.files.len();
        state.files.push(Content::default());
        state.change_name(NameChange::Create(name.to_owned(), file))?;
        Ok(Arc::new(OpenFile { disk: self.clone(), file }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.enter()?.names.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.enter()?;
        if !state.names.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change_name(NameChange::Remove(name.to_owned()))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.enter()?;
        if !state.names.contains_key(from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change_name(NameChange::Rename(from.to_owned(), to.to_owned()))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        self.wait_for_index();
        Ok(self.enter_by_gate()?.free_bytes())
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut state = self.enter()?;
        match state.count(false, false) {
            Some(Fault::Stop) => return Err(state.stop()),
            Some(_) => return Err(failed()),
            None => {}
        }
        state.names_durable = state.names.clone();
        state.names_changed.clear();
        Ok(())
    }
}

struct OpenFile {
    disk: Disk,
    file: usize,
}

impl OpenFile {
    fn enter(&self) -> io::Result<MutexGuard<'_, State>> {
        self.disk.enter()
    }

    /// Whether a call is one of the writer's on a segment that is in use.
    fn is_log(&self, state: &State) -> bool {
        let named = |(name, file): (&String, &usize)| *file == self.file && name.ends_with(".log");
        thread::current().name() == Some(WRITER)
            && state.files[self.file].in_use
            && state.names.iter().any(named)
    }

    fn change(&self, step: Step) -> io::Result<()> {
        let mut state = self.enter()?;
        let log = self.is_log(&state);
        let fault = state.count(log, false);
        if fault == Some(Fault::Refuse) {
            let mut random = state.random().clone();
            let mut after = state.files[self.file].now.clone();
            step.apply_some(&mut after, &mut random);
            let content = &mut state.files[self.file];
            if after.len() == content.now.len() {
                content.unsynced.push(Step::Write(0, after.clone()));
                content.now = after;
            }
            return Err(failed());
        }
        let content = &mut state.files[self.file];
        step.apply(&mut content.now);
        content.unsynced.push(step);
        if fault == Some(Fault::Stop) { Err(state.stop()) } else { Ok(()) }
    }
}

impl File for OpenFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.enter()?;
        if state.count(false, true).is_some() {
            return Err(failed());
        }
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let end = offset.saturating_add(buffer.len());
        let there = state.files[self.file].now.get(offset..end);
        buffer.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn is_cached(&self, _: u64, _: u64) -> bool {
        // It is not known: who reads may wait.
        false
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.change(Step::Write(offset, octets.to_vec()))
    }

    fn len(&self) -> io::Result<u64> {
        let length = self.enter()?.files[self.file].now.len();
        u64::try_from(length).map_err(io::Error::other)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let more = length.saturating_sub(self.len()?);
        if more > self.enter()?.free_bytes() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.change(Step::Length(usize::try_from(length).map_err(io::Error::other)?))
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.enter()?;
        let log = self.is_log(&state);
        let fault = state.count(log, false);
        if fault == Some(Fault::Stop) {
            return Err(state.stop());
        }
        let mut random = state.random().clone();
        let content = &mut state.files[self.file];
        for step in std::mem::take(&mut content.unsynced) {
            match fault {
                None => step.apply(&mut content.durable),
                // What did not get there is clean all the same: no later sync takes it along.
                Some(_) => step.apply_some(&mut content.durable, &mut random),
            }
        }
        content.in_use = true;
        if fault.is_some() { Err(failed()) } else { Ok(()) }
    }
}
