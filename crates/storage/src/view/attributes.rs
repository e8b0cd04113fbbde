//! Encoded attributes read for many entries at once, and kept, for the mailboxes in use, as far as
//! there is room.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

use super::{View, lock, read};
use crate::{MailboxId, Selection, StorageError, rows::ChunkPart};

/// Where fewer than one in so many entries of a stretch are wanted, they are read one by one.
const STRETCH_MAX: usize = 8;

/// The encoded attributes of entries that follow each other.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Numbers, and where the octets of each end.
    ends: Vec<(u32, usize)>,
    octets: Bytes,
    /// Taken from the room that there is, where it is kept.
    _share: Option<Share>,
}

impl Block {
    /// Of attributes that come by number.
    pub(crate) fn new(ends: Vec<(u32, usize)>, octets: Vec<u8>) -> Self {
        Self { ends, octets: octets.into(), _share: None }
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn bytes(&self) -> usize {
        self.octets.len() + self.ends.capacity() * size_of::<(u32, usize)>()
    }

    fn get(&self, number: u32) -> Option<Bytes> {
        let at = self.ends.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Some(self.octets.slice(from..self.ends[at].1))
    }
}

/// Room for blocks.
#[derive(Debug)]
pub(crate) struct Room {
    bytes_max: usize,
    taken: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Share {
    taken: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Room {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, taken: Arc::default() }
    }

    fn take(&self, bytes: usize) -> Option<Share> {
        let fits =
            |taken: usize| taken.checked_add(bytes).filter(|&together| together <= self.bytes_max);
        // The number orders nothing but itself.
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { taken: self.taken.clone(), bytes })
    }
}

/// What a chunk keeps of its entries' attributes: all of them or nothing.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<Arc<Block>>>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.get()))
    }
}

impl Kept {
    fn get(&self) -> Option<Arc<Block>> {
        lock(&self.0).clone()
    }

    fn keep(&self, block: Arc<Block>) {
        *lock(&self.0) = Some(block);
    }

    pub(crate) fn let_go(&self) {
        *lock(&self.0) = None;
    }
}

impl View {
    /// The encoded attributes of entries of a selection, by their places in it, which ascend.
    pub(crate) fn attributes_of(
        &self,
        mailbox: MailboxId,
        selection: &Selection,
        places: &[usize],
    ) -> Result<Vec<Option<Bytes>>, StorageError> {
        let mut all = Vec::with_capacity(places.len());
        for part in selection.parts(places) {
            let block = self.block(mailbox, &part)?;
            for row in part.rows() {
                all.push(match block.get(row.number) {
                    Some(attributes) => Some(attributes),
                    // Not in the index yet, or gone.
                    None => self.attributes(mailbox, row.number, row.change, row.ordinal)?,
                });
            }
        }
        Ok(all)
    }

    fn block(&self, mailbox: MailboxId, part: &ChunkPart<'_>) -> Result<Arc<Block>, StorageError> {
        if let Some(block) = part.kept().get() {
            return Ok(block);
        }
        if part.is_replaced() || part.len() * STRETCH_MAX < part.stretch() {
            return Ok(Arc::default());
        }
        // A chunk that is full does not change any more but by deletions.
        let whole = part.is_of_full_chunk() && part.len() * 2 > part.chunk_len();
        let numbers = if whole { part.chunk_numbers() } else { part.numbers() };
        let block = self.index.attributes_between(mailbox, numbers)?;
        if !whole || block.len() < part.chunk_len() {
            return Ok(Arc::new(block));
        }
        let share = self.room_for(mailbox, block.bytes());
        let is_kept = share.is_some();
        let block = Arc::new(Block { _share: share, ..block });
        if is_kept {
            part.kept().keep(block.clone());
        }
        Ok(block)
    }

    /// Room for a block of a mailbox; others let go of theirs, those first that were used longest
    /// ago.
    fn room_for(&self, mailbox: MailboxId, bytes: usize) -> Option<Share> {
        if let Some(share) = self.attributes_room.take(bytes) {
            return Some(share);
        }
        let mut others: Vec<_> = read(&self.directory).by_id.values().cloned().collect();
        others.retain(|other| other.mailbox.id != mailbox);
        others.sort_by_key(|other| other.used.load(Ordering::Relaxed));
        others.into_iter().find_map(|other| {
            read(&other.state).rows.as_ref()?.let_go_attributes();
            self.attributes_room.take(bytes)
        })
    }
}
