//! All segments of a store: their names and headers, new ones, and those whose place was taken.
//!
//! A segment is named by its sequence. One that was rewritten has a new sequence, whose low 48
//! bits are those of the last segment that it stands for, and whose high 16 bits count up; its
//! name tells the first as well. Its file is whole when it has that name, and from then on those
//! for which it stands are none any more, whether they are still there or not.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use super::{Place, Segment, open_files::OpenFiles};
use crate::{
    Backend, File, StorageError,
    record::{RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, SegmentHeaderError, seed},
};

const NAME_END: &str = ".log";

/// What is being written and counts for nothing yet.
const UNFINISHED_END: &str = ".new";

/// Files of freed segments, to be used again.
const SPARE_END: &str = ".spare";

/// How many of them are kept.
const SPARES_MAX: usize = 2;

const TURN_BITS: u32 = 48;

/// The highest number of rewritings that a sequence can tell.
pub(crate) const REWRITINGS_MAX: u64 = u64::MAX >> TURN_BITS;

/// The place in the log of a segment with this sequence.
pub(crate) fn turn_of(sequence: u64) -> u64 {
    sequence & ((1 << TURN_BITS) - 1)
}

/// How often it was rewritten.
pub(crate) fn rewritings_of(sequence: u64) -> u64 {
    sequence >> TURN_BITS
}

/// The sequence of a segment that has this place in the log and was rewritten so often.
pub(crate) fn with_rewritings(turn: u64, rewritings: u64) -> u64 {
    rewritings << TURN_BITS | turn
}

pub(super) fn name_of(sequence: u64, first: u64) -> String {
    match rewritings_of(sequence) {
        0 => format!("{sequence:016x}{NAME_END}"),
        _ => format!("{sequence:016x}-{first:012x}{NAME_END}"),
    }
}

/// Sequence and first of a segment's name.
fn parse(name: &str) -> Option<(u64, u64)> {
    let digits = name.strip_suffix(NAME_END)?;
    let (sequence, first) = match digits.split_once('-') {
        Some((sequence, first)) => (sequence, u64::from_str_radix(first, 16).ok()?),
        None => (digits, 0),
    };
    let sequence = u64::from_str_radix(sequence, 16).ok()?;
    let first = if rewritings_of(sequence) == 0 { sequence } else { first };
    (name_of(sequence, first) == name).then_some((sequence, first))
}

/// What a store keeps of its segments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentLimits {
    /// Files that are open, beside those in use at the moment.
    pub(crate) open_files_max: usize,
    /// The length of a file that is worth being kept for another segment, octets.
    pub(crate) spare_bytes: u64,
}

impl Default for SegmentLimits {
    fn default() -> Self {
        Self { open_files_max: 64, spare_bytes: 0 }
    }
}

/// All segments of a store.
pub(crate) struct Segments {
    pub(crate) store: Uuid,
    limits: SegmentLimits,
    files: Arc<OpenFiles>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those of the log, by their turn.
    log: BTreeMap<u64, Arc<Segment>>,
    /// Those whose place was taken and who may still be asked for by an old place.
    replaced: BTreeMap<u64, Arc<Segment>>,
    /// Those that are free as soon as nobody holds them.
    freed: Vec<Arc<Segment>>,
    spares: Vec<String>,
    /// Names of files that are nothing any more.
    leftovers: Vec<String>,
}

type Header = Option<SegmentHeader>;

/// A segment's file as it was found.
struct Found {
    first: u64,
    bytes: u64,
    header: Header,
}

/// Reads a segment's header; `None` where it is damaged.
fn read_header(file: &dyn File, bytes: u64) -> Result<Header, StorageError> {
    let mut octets = [0; 64];
    if bytes < SEGMENT_HEADER_BYTES {
        return Ok(None);
    }
    file.read_at(&mut octets, 0)?;
    match SegmentHeader::decode(&octets) {
        Ok(header) => Ok(Some(header)),
        Err(SegmentHeaderError::Damaged) => Ok(None),
        Err(SegmentHeaderError::Version(version)) => Err(StorageError::NotReadable(format!(
            "its format is version {version}; use the release that wrote it, or a later one"
        ))),
    }
}

/// Takes out those for which a rewritten one stands.
fn take_replaced(log: &mut BTreeMap<u64, Found>) -> Vec<String> {
    let rewritten: Vec<_> = log
        .iter()
        .map(|(sequence, found)| (*sequence, found.first))
        .filter(|(sequence, _)| rewritings_of(*sequence) > 0)
        .collect();
    let mut replaced = Vec::new();
    log.retain(|sequence, found| {
        let stays = !rewritten.iter().any(|(by, from)| {
            (*from..=turn_of(*by)).contains(&turn_of(*sequence))
                && rewritings_of(*by) > rewritings_of(*sequence)
        });
        if !stays {
            replaced.push(name_of(*sequence, found.first));
        }
        stays
    });
    replaced
}

impl Segments {
    /// Finds all segments that are there, and changes nothing; see [`Self::clean`]. A store that
    /// has none becomes a new one.
    pub(crate) fn open(
        backend: Arc<dyn Backend>,
        limits: SegmentLimits,
    ) -> Result<Self, StorageError> {
        let mut found = BTreeMap::new();
        let mut state = State::default();
        let mut store = None;
        for name in backend.list()? {
            if name.ends_with(SPARE_END) {
                state.spares.push(name);
            } else if name.ends_with(UNFINISHED_END) {
                state.leftovers.push(name);
            } else if let Some((sequence, first)) = parse(&name) {
                let file = backend.open(&name)?;
                let bytes = file.len()?;
                let header = read_header(&*file, bytes)?;
                if header.is_some_and(|h| *store.get_or_insert(h.store) != h.store) {
                    return Err(StorageError::NotReadable(format!(
                        "segment {name} is of another store; move it away"
                    )));
                }
                found.insert(sequence, Found { first, bytes, header });
            }
        }
        if store.is_none() && !Self::are_never_used(&*backend, &found)? {
            return Err(StorageError::NotReadable(
                "no segment has a readable header; restore from a backup".into(),
            ));
        }
        if store.is_none() {
            let names = found.iter().map(|(sequence, found)| name_of(*sequence, found.first));
            state.leftovers.extend(names);
            found.clear();
        }
        state.leftovers.extend(take_replaced(&mut found));
        let store = store.unwrap_or_else(Uuid::new_v4);
        let files = Arc::new(OpenFiles::new(backend, limits.open_files_max));
        let segments = Self { store, limits, files, state: Mutex::default() };
        let segment = |(sequence, Found { first, bytes, header }): (u64, Found)| {
            let header = header.filter(|header| header.sequence == sequence);
            (turn_of(sequence), segments.segment((sequence, first), bytes, header))
        };
        state.log = found.into_iter().map(segment).collect();
        *segments.lock() = state;
        Ok(segments)
    }

    /// Whether there is at most the first segment, without a record: a start that was cut off.
    fn are_never_used(backend: &dyn Backend, found: &BTreeMap<u64, Found>) -> io::Result<bool> {
        if found.keys().any(|sequence| *sequence != 1) {
            return Ok(false);
        }
        let Some((sequence, first)) = found.first_key_value() else { return Ok(true) };
        let file = backend.open(&name_of(*sequence, first.first))?;
        if file.len()? <= SEGMENT_HEADER_BYTES {
            return Ok(true);
        }
        let mut octets = [0; RECORD_HEADER_BYTES];
        file.read_at(&mut octets, SEGMENT_HEADER_BYTES)?;
        Ok(octets == [0; RECORD_HEADER_BYTES])
    }

    fn segment(&self, (sequence, first): (u64, u64), bytes: u64, header: Header) -> Arc<Segment> {
        Arc::new(Segment {
            sequence,
            first,
            seed: seed(self.store, sequence),
            bytes,
            sound: header.is_some(),
            used_before: header.is_some_and(|header| header.used_before),
            files: self.files.clone(),
            verified: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backend(&self) -> &dyn Backend {
        self.files.backend()
    }

    /// Removes the files that are nothing any more.
    pub(crate) fn clean(&self) -> io::Result<()> {
        let mut state = self.lock();
        let spares = state.spares.len().min(SPARES_MAX);
        let mut names = state.spares.split_off(spares);
        names.append(&mut state.leftovers);
        if names.is_empty() {
            return Ok(());
        }
        names.iter().try_for_each(|name| self.backend().remove(name))?;
        self.backend().sync_directory()
    }

    /// All of the log, in its order.
    pub(crate) fn all(&self) -> Vec<Arc<Segment>> {
        self.lock().log.values().cloned().collect()
    }

    /// Segments before the last whose files are away: the place of the first of each row of them,
    /// with the length of all, as far as that can be told.
    pub(crate) fn away(&self) -> Vec<Place> {
        let all = self.all();
        let bytes = all.iter().map(|segment| segment.bytes).max().unwrap_or(0);
        let mut next = 1;
        let mut away = Vec::new();
        for segment in all {
            if segment.first > next {
                let bytes = (segment.first - next).saturating_mul(bytes);
                away.push(Place { segment: next, offset: SEGMENT_HEADER_BYTES, bytes });
            }
            next = segment.turn() + 1;
        }
        away
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<Arc<Segment>> {
        let state = self.lock();
        let segment = state.log.get(&turn_of(sequence)).filter(|s| s.sequence == sequence);
        segment.or_else(|| state.replaced.get(&sequence)).cloned()
    }

    /// How much can still be written, octets.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        self.backend().free_bytes()
    }

    /// Makes a segment ready: filled, or with its place reserved where it is for large batches, or
    /// a file that was one before; with its header, durable.
    pub(crate) fn create(
        &self,
        sequence: u64,
        epoch: u32,
        (bytes, for_large): (u64, bool),
    ) -> io::Result<Arc<Segment>> {
        let fill = |file: &dyn File| match for_large {
            true => file.reserve(bytes),
            false => file.set_len(bytes),
        };
        let spare = if bytes == self.limits.spare_bytes { self.lock().spares.pop() } else { None };
        let Some(spare) = spare else {
            return self.make(sequence, epoch, fill);
        };
        let reused = (|| {
            let file = self.backend().open(&spare)?;
            if file.len()? != bytes {
                return Ok(None);
            }
            let store = self.store;
            let header = SegmentHeader { store, sequence, epoch, used_before: true };
            file.write_at(&header.encode(), 0)?;
            file.sync()?;
            self.backend().rename(&spare, &name_of(sequence, sequence))?;
            self.backend().sync_directory()?;
            Ok(Some(header))
        })();
        match reused {
            Ok(Some(header)) => {
                Ok(self.add(self.segment((sequence, sequence), bytes, Some(header))))
            }
            Ok(None) => {
                self.backend().remove(&spare)?;
                self.make(sequence, epoch, fill)
            }
            Err(error) => {
                // Nobody knows under which name it is now; one that counts would be in the way of
                // the next attempt. As a spare it is found again at the next start.
                let _ = self.backend().remove(&name_of(sequence, sequence));
                Err(error)
            }
        }
    }

    /// Makes a segment ready that is written once, at once.
    pub(crate) fn create_large(
        &self,
        sequence: u64,
        epoch: u32,
        bytes: u64,
    ) -> io::Result<Arc<Segment>> {
        self.make(sequence, epoch, |file| file.reserve(bytes))
    }

    /// Makes a segment; what is left of a failed attempt is taken away.
    fn make(
        &self,
        sequence: u64,
        epoch: u32,
        fill: impl Fn(&dyn File) -> io::Result<()>,
    ) -> io::Result<Arc<Segment>> {
        let name = name_of(sequence, sequence);
        let file = self.backend().create(&name)?;
        let store = self.store;
        let header = SegmentHeader { store, sequence, epoch, used_before: false };
        let filled = (|| {
            fill(&*file)?;
            file.write_at(&header.encode(), 0)?;
            file.sync()?;
            self.backend().sync_directory()?;
            file.len()
        })();
        match filled {
            Ok(bytes) => {
                self.files.put(sequence, file);
                Ok(self.add(self.segment((sequence, sequence), bytes, Some(header))))
            }
            Err(error) => {
                // The first error says more than one of the removal would.
                let _ = self.backend().remove(&name);
                Err(error)
            }
        }
    }

    fn add(&self, segment: Arc<Segment>) -> Arc<Segment> {
        self.lock().log.insert(segment.turn(), segment.clone());
        segment
    }

    /// Removes a segment behind the end of the log.
    pub(crate) fn remove(&self, sequence: u64) -> io::Result<()> {
        let Some(segment) = self.lock().log.remove(&turn_of(sequence)) else { return Ok(()) };
        self.files.forget(sequence);
        self.backend().remove(&segment.name())?;
        self.backend().sync_directory()
    }

    /// Takes out a segment that was made ready and in which there is nothing, so that its name is
    /// free. Where the disk refuses, it stays as it is.
    pub(crate) fn put_aside(&self, segment: &Segment) -> io::Result<()> {
        self.give_away(segment)?;
        self.lock().log.remove(&segment.turn());
        Ok(())
    }

    /// Gives a file away, to be used again or for good. Where the disk refuses, it has its name
    /// still.
    fn give_away(&self, segment: &Segment) -> io::Result<()> {
        self.files.forget(segment.sequence);
        let spare = format!("{:016x}{SPARE_END}", segment.sequence);
        // A sequence whose segment was dropped at a start comes again.
        let is_wanted = |spares: &[String]| spares.len() < SPARES_MAX && !spares.contains(&spare);
        if segment.bytes != self.limits.spare_bytes || !is_wanted(&self.lock().spares) {
            return self.backend().remove(&segment.name());
        }
        self.backend().rename(&segment.name(), &spare)?;
        // One that a crash may give its old name again is not used before the next start.
        if self.backend().sync_directory().is_ok() {
            self.lock().spares.push(spare);
        }
        Ok(())
    }

    /// The file for a segment that is to stand for others, without a name that counts.
    pub(crate) fn begin_rewriting(&self, sequence: u64, first: u64) -> io::Result<Arc<dyn File>> {
        let name = name_of(sequence, first) + UNFINISHED_END;
        match self.backend().remove(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.backend().create(&name)
    }

    /// Takes away what [`Self::begin_rewriting`] made.
    pub(crate) fn give_up_rewriting(&self, sequence: u64, first: u64) -> io::Result<()> {
        self.backend().remove(&(name_of(sequence, first) + UNFINISHED_END))
    }

    /// Puts a rewritten segment, whose file is whole and synced, in the place of those for which
    /// it stands; these can still be read by their old places until [`Self::free`].
    pub(crate) fn finish_rewriting(
        &self,
        header: SegmentHeader,
        first: u64,
        bytes: u64,
    ) -> io::Result<Arc<Segment>> {
        let sequence = header.sequence;
        let name = name_of(sequence, first);
        self.backend().rename(&format!("{name}{UNFINISHED_END}"), &name)?;
        self.backend().sync_directory()?;
        let segment = self.segment((sequence, first), bytes, Some(header));
        let mut state = self.lock();
        let mut from = state.log.split_off(&first);
        let mut behind = from.split_off(&(segment.turn() + 1));
        state.replaced.extend(from.into_values().map(|segment| (segment.sequence, segment)));
        state.log.append(&mut behind);
        state.log.insert(segment.turn(), segment.clone());
        Ok(segment)
    }

    /// Frees the replaced segments for which one stands.
    pub(crate) fn free(&self, by: &Segment) {
        let range = by.first..=by.turn();
        let state = &mut *self.lock();
        let freed = state.replaced.extract_if(.., |from, _| range.contains(&turn_of(*from)));
        state.freed.extend(freed.map(|(_, segment)| segment));
    }

    /// Gives back the files of freed segments that nobody holds any more; those that the disk
    /// refuses to take back, the next time.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let mut state = self.lock();
        let free: Vec<_> = state.freed.extract_if(.., |s| Arc::strong_count(s) == 1).collect();
        drop(state);
        if free.is_empty() {
            return Ok(());
        }
        let mut free = free.into_iter();
        while let Some(segment) = free.next() {
            if let Err(error) = self.give_away(&segment) {
                self.lock().freed.extend([segment].into_iter().chain(free));
                return Err(error);
            }
        }
        self.backend().sync_directory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_segments() {
        assert_eq!(parse(&name_of(0x1f, 0x1f)), Some((0x1f, 0x1f)));
        assert_eq!(parse("000000000000001f.log"), Some((0x1f, 0x1f)));
        let rewritten = (2 << TURN_BITS) + 0x1f;
        assert_eq!(name_of(rewritten, 0x1c), "000200000000001f-00000000001c.log");
        assert_eq!(parse("000200000000001f-00000000001c.log"), Some((rewritten, 0x1c)));
        assert_eq!((turn_of(rewritten), rewritings_of(rewritten)), (0x1f, 2));
        for name in ["lock", "1f.log", "000000000000001F.log", "+00000000000001f.log"] {
            assert_eq!(parse(name), None, "{name}");
        }
        for name in ["000000000000001f-00000000001c.log", "000200000000001f.log"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_sequence_that_comes_again_leaves_one_spare() {
        const BYTES: u64 = 8192;
        let backend = Arc::new(crate::MemoryBackend::new());
        let limits = SegmentLimits { spare_bytes: BYTES, ..SegmentLimits::default() };
        let segments = Segments::open(backend, limits).unwrap();
        for _ in 0..2 {
            let segment = segments.create_large(1, 1, BYTES).unwrap();
            segments.put_aside(&segment).unwrap();
        }
        for sequence in 1..=3 {
            segments.create(sequence, 1, (BYTES, false)).unwrap();
        }
    }
}
