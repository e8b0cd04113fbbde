//! Space: segments in which little is left are rewritten, one group after the other, and their
//! files given back.
//!
//! What is rewritten is written beside the log at a bounded rate and is durable before it counts;
//! the writer has no part in it. Only segments are touched that the index on disk has gone past,
//! as what is left out of them is nowhere else any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Options, Shared, Store,
    rewrite::{Group, Rewriting, Rewritten},
};
use crate::{
    StorageError,
    index::{Index, Share},
    log::{REWRITINGS_MAX, Segment, Segments, read_all, rewritings_of, turn_of, with_rewritings},
    record::{Effect, SEGMENT_HEADER_BYTES, decode_effects},
};

/// What takes less than this part of a segment is joined with its neighbours.
const SMALL_PART: u64 = 16;

/// What the rewriting of segments knows and keeps to.
pub(super) struct Space {
    segment_bytes: u64,
    live_percent_min: u64,
    bytes_per_second: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether something may be there to be done.
    wanted: bool,
    closing: bool,
    /// Segments that are left alone until the next start: damaged, or the disk refused.
    left_alone: BTreeSet<u64>,
    /// Why the last rewriting came to nothing.
    failure: Option<StorageError>,
}

/// What a store takes on the disk.
#[derive(Debug, Clone)]
pub struct SpaceUse {
    /// Segments of the log.
    pub segments: u64,
    /// What they take, octets.
    pub bytes: u64,
    /// Of that, in records that hold an entry that is there, octets; as far as the index is.
    pub live_bytes: u64,
    /// What is free on the volume, octets.
    pub free_bytes: u64,
    /// Why the last rewriting of segments came to nothing.
    pub failure: Option<StorageError>,
}

/// What [`Store::reclaim`] came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Segments that were rewritten.
    pub segments: u64,
    /// What they took less afterwards, octets.
    pub bytes: u64,
}

/// A segment that may be rewritten.
struct Candidate {
    segment: Arc<Segment>,
    /// What would be left, about, octets.
    left: u64,
}

impl Space {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            segment_bytes: options.segment_bytes,
            live_percent_min: u64::from(options.live_percent_min.min(100)),
            bytes_per_second: options.reclaim_bytes_per_second,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something may be there to be done.
    pub(super) fn want(&self) {
        self.lock().wanted = true;
        self.changed.notify_all();
    }

    /// Ends what is being done.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }

    /// Waits for something to do; false when there is nothing more to come.
    fn wait(&self) -> bool {
        let idle = |state: &mut State| !state.wanted && !state.closing;
        let state = self.changed.wait_while(self.lock(), idle);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.wanted = false;
        !state.closing
    }

    /// Waits until so many octets may have been read since `begun`.
    fn keep_pace(&self, begun: Instant, bytes: u64) -> Result<(), StorageError> {
        let due = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second.max(1) as f64);
        let wait = due.saturating_sub(begun.elapsed());
        let open = |state: &mut State| !state.closing;
        let waited = self.changed.wait_timeout_while(self.lock(), wait, open);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closing { Err(StorageError::Closed) } else { Ok(()) }
    }

    /// Whether a segment has so little left that it is to be rewritten.
    fn is_due(&self, candidate: &Candidate) -> bool {
        let Candidate { segment, left } = candidate;
        let below = left.saturating_mul(100) < segment.bytes.saturating_mul(self.live_percent_min);
        below && rewritings_of(segment.sequence) < REWRITINGS_MAX
    }
}

/// Works until the store is closed.
pub(super) fn run(shared: &Shared) {
    let space = &shared.space;
    while space.wait() {
        let mut all = Reclaimed::default();
        loop {
            let (begun, mut read) = (Instant::now(), 0);
            let rewritten = rewrite_next(shared, &mut |bytes| {
                read += bytes;
                space.keep_pace(begun, read)
            });
            match rewritten {
                Ok(Some(Reclaimed { segments, bytes })) => {
                    all.segments += segments;
                    all.bytes += bytes;
                }
                Ok(None) | Err(StorageError::Closed | StorageError::Stopped(_)) => break,
                Err(error) => {
                    space.lock().failure = Some(error.clone());
                    shared.watch.not_reclaimed(error);
                    break;
                }
            }
        }
        shared.watch.reclaimed(all);
    }
}

/// Rewrites the group of segments that needs it most; `None` where none does.
fn rewrite_next(
    shared: &Shared,
    pace: &mut dyn FnMut(u64) -> Result<(), StorageError>,
) -> Result<Option<Reclaimed>, StorageError> {
    let _records_stay = shared.upkeep.records_stay();
    if let Some(error) = shared.stopped() {
        return Err(error);
    }
    shared.segments.sweep()?;
    let Some(group) = choose(shared)? else { return Ok(None) };
    let rewritten = rewrite(shared, &group, pace);
    let leave_alone = match &rewritten {
        Ok(None) => true,
        Err(StorageError::Io(error)) => error.kind() != io::ErrorKind::StorageFull,
        Err(StorageError::NotReadable(_)) => true,
        _ => false,
    };
    if leave_alone {
        let sequences = group.segments.iter().map(|segment| segment.sequence);
        shared.space.lock().left_alone.extend(sequences);
    }
    let before: u64 = group.segments.iter().map(|segment| segment.bytes).sum();
    let Some(after) = rewritten? else { return Ok(Some(Reclaimed::default())) };
    let bytes = before.saturating_sub(after.bytes);
    let segments = group.segments.len() as u64;
    drop(group);
    shared.segments.free(&after);
    shared.segments.sweep()?;
    Ok(Some(Reclaimed { segments, bytes }))
}

fn rewrite(
    shared: &Shared,
    group: &Group,
    pace: &mut dyn FnMut(u64) -> Result<(), StorageError>,
) -> Result<Option<Arc<Segment>>, StorageError> {
    let rewritings = group.segments.iter().map(|segment| rewritings_of(segment.sequence)).max();
    let turn = group.segments.iter().map(|segment| segment.turn()).max();
    let sequence = with_rewritings(turn.unwrap_or(0), rewritings.unwrap_or(0) + 1);
    let rewritten = Rewriting::run(shared, group, sequence, pace)?;
    let Some(Rewritten { segment, places }) = rewritten else { return Ok(None) };
    if let Err(error) = shared.index.relocate(&segment, &places) {
        shared.stop(format!("the index can't be written ({error})"));
        return Err(error.into());
    }
    Ok(Some(segment))
}

/// The group that needs it most.
fn choose(shared: &Shared) -> Result<Option<Group>, StorageError> {
    let Some(durable) = shared.index.durable_position()? else { return Ok(None) };
    let oldest = shared.view.pending().oldest().map_or(u64::MAX, |place| place.turn());
    let bound = durable.turn().min(oldest);
    let shares = shared.index.shares()?;
    let space = &shared.space;
    let left_alone = space.lock().left_alone.clone();
    let all: Vec<_> = shared
        .segments
        .all()
        .into_iter()
        .take_while(|segment| segment.turn() < bound)
        .map(|segment| candidate(segment, &shares))
        .collect();
    let allowed = |at: usize| {
        all.get(at).filter(|candidate| !left_alone.contains(&candidate.segment.sequence))
    };
    let due = (0..all.len()).filter(|at| allowed(*at).is_some_and(|one| space.is_due(one)));
    let part = |at: &usize| all[*at].left.saturating_mul(1000) / all[*at].segment.bytes.max(1);
    let Some(most) = due.min_by_key(part) else { return Ok(None) };
    let (mut from, mut to, mut left) = (most, most, all[most].left);
    loop {
        let fits = |at: usize| {
            let small = left.max(space.segment_bytes / SMALL_PART).saturating_mul(2);
            allowed(at)
                .filter(|next| next.left <= small && left + next.left <= space.segment_bytes)
        };
        if let Some(before) = from.checked_sub(1).and_then(fits) {
            (from, left) = (from - 1, left + before.left);
        } else if let Some(behind) = fits(to + 1) {
            (to, left) = (to + 1, left + behind.left);
        } else {
            break;
        }
    }
    let segments = all[from..=to].iter().map(|candidate| candidate.segment.clone()).collect();
    Ok(Some(Group { segments, shadows: from > 0 }))
}

/// What would be left of a segment. What else than entries is in it is known only of one that was
/// rewritten: all of it was needed then.
fn candidate(segment: Arc<Segment>, shares: &BTreeMap<u64, Share>) -> Candidate {
    let share = shares.get(&segment.sequence).copied().unwrap_or_default();
    let left = match rewritings_of(segment.sequence) {
        0 => share.live + SEGMENT_HEADER_BYTES,
        _ => segment.bytes.saturating_sub(share.stored.saturating_sub(share.live)),
    };
    Candidate { segment, left }
}

/// Gives the index the places that rewritten segments gave to their records, where a stop or a
/// crash came between; false where a segment can't be read whole.
pub(super) fn relocate_rest(index: &Index, segments: &Segments) -> Result<bool, StorageError> {
    let shares = index.shares()?;
    for segment in segments.all() {
        let is_replaced = |sequence: &u64| {
            let stands_for = segment.first..=segment.turn();
            *sequence != segment.sequence && stands_for.contains(&turn_of(*sequence))
        };
        if !shares.keys().any(is_replaced) {
            continue;
        }
        let mut places = Vec::new();
        let whole = read_all(segments, &segment, &mut |place, record| {
            let effects = decode_effects(record.meta).unwrap_or_default();
            if effects.iter().any(|effect| matches!(effect, Effect::Store(_))) {
                places.push((record.header.change, place));
            }
            Ok(())
        })?;
        if !whole {
            return Ok(false);
        }
        index.relocate(&segment, &places)?;
    }
    Ok(true)
}

impl Store {
    /// Rewrites all segments that have little left, now and as fast as it goes, and gives back
    /// what they took. What a reader holds is given back when it no longer does.
    ///
    /// # Errors
    /// Where the disk or the index refuses; what was rewritten before that stays so.
    pub fn reclaim(&self) -> Result<Reclaimed, StorageError> {
        self.wait_for_index();
        let mut all = Reclaimed::default();
        while let Some(Reclaimed { segments, bytes }) =
            rewrite_next(&self.shared, &mut |_| Ok(()))?
        {
            all.segments += segments;
            all.bytes += bytes;
        }
        Ok(all)
    }

    /// What is free on the volume, octets.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn free_bytes(&self) -> Result<u64, StorageError> {
        Ok(self.shared.segments.free_bytes()?)
    }

    /// What the store takes on the disk.
    ///
    /// # Errors
    /// Where the disk or the index refuses to tell.
    pub fn space_use(&self) -> Result<SpaceUse, StorageError> {
        let segments = self.shared.segments.all();
        Ok(SpaceUse {
            segments: segments.len() as u64,
            bytes: segments.iter().map(|segment| segment.bytes).sum(),
            live_bytes: self.shared.index.shares()?.values().map(|share| share.live).sum(),
            free_bytes: self.shared.segments.free_bytes()?,
            failure: self.shared.space.lock().failure.clone(),
        })
    }
}
