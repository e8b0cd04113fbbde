//! The segments' files that are open: at most so many, those used last.
//!
//! A file that is closed here stays open for whoever holds it, and is opened again by its name
//! when it is wanted.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Backend, File};

pub(super) struct OpenFiles {
    backend: Arc<dyn Backend>,
    files_max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: HashMap<u64, (Arc<dyn File>, u64)>,
    /// Counts uses, to tell which file was used longest ago.
    uses: u64,
}

impl OpenFiles {
    pub(super) fn new(backend: Arc<dyn Backend>, files_max: usize) -> Self {
        Self { backend, files_max, state: Mutex::default() }
    }

    pub(super) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a segment, which has this name.
    pub(super) fn get(
        &self,
        sequence: u64,
        name: impl FnOnce() -> String,
    ) -> io::Result<Arc<dyn File>> {
        let mut state = self.lock();
        state.uses += 1;
        let now = state.uses;
        if let Some((file, used)) = state.files.get_mut(&sequence) {
            *used = now;
            return Ok(file.clone());
        }
        let file = self.backend.open(&name())?;
        self.keep(&mut state, sequence, file.clone());
        Ok(file)
    }

    /// The file of a segment, if it is open.
    pub(super) fn find(&self, sequence: u64) -> Option<Arc<dyn File>> {
        self.lock().files.get(&sequence).map(|(file, _)| file.clone())
    }

    /// Takes in a file that was just made.
    pub(super) fn put(&self, sequence: u64, file: Arc<dyn File>) {
        self.keep(&mut self.lock(), sequence, file);
    }

    fn keep(&self, state: &mut State, sequence: u64, file: Arc<dyn File>) {
        if state.files.len() >= self.files_max.max(1) {
            let oldest = state.files.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(sequence, _)| *sequence) {
                state.files.remove(&oldest);
            }
        }
        let used = state.uses;
        state.files.insert(sequence, (file, used));
    }

    /// Closes a file: its name is about to go.
    pub(super) fn forget(&self, sequence: u64) {
        self.lock().files.remove(&sequence);
    }
}
