//! Where the records lie that were asked for lately, so that a record is read without a look into
//! the index.
//!
//! What is known here may be out of date where a record was moved or deleted meanwhile: whoever
//! does not find it there asks the index.

use std::sync::Mutex;

use super::lock;
use crate::log::Place;

/// How many are known at most.
const PLACES: usize = 4096;

/// A change and where its record lies.
type Known = Option<(u64, Place)>;

/// Places of records, each where its change-number puts it.
pub(super) struct Places(Vec<Mutex<Known>>);

impl Places {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(None)).collect())
    }

    fn slot(&self, change: u64) -> &Mutex<Known> {
        &self.0[change as usize % PLACES]
    }

    pub(super) fn get(&self, change: u64) -> Option<Place> {
        lock(self.slot(change)).filter(|(of, _)| *of == change).map(|(_, place)| place)
    }

    pub(super) fn put(&self, change: u64, place: Place) {
        *lock(self.slot(change)) = Some((change, place));
    }
}
