//! The one writer: gathers what waits, appends, syncs once, makes visible, answers.

use std::{io, sync::Arc, thread, time::Instant};

use super::{Shared, numbering::Numbering, queue::Request};
use crate::{
    Committed, StorageError,
    index::Applied,
    log::{AppendError, Appender, Parts, Place},
    record::{Effect, Kind, RecordHeader, encode_effects},
    ticket::Answer,
    view::Pin,
};

pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) appender: Appender,
    pub(super) numbering: Numbering,
    pub(super) epoch: u32,
    /// See [`super::Options::free_bytes_min`].
    pub(super) free_bytes_min: u64,
    /// The last change-number that was given, and that of the last record in the log.
    pub(super) change: u64,
    pub(super) previous: u64,
    pub(super) meta: Vec<u8>,
}

/// Answers what waits when the writer ends, also by a panic.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop("the writer panicked".into());
        }
        self.0.queue.close();
        refuse(self.0.queue.drain(), &self.0.stopped().unwrap_or(StorageError::Closed));
    }
}

/// A record that is in the log and not yet durable.
struct Written {
    record: Applied,
    committed: Committed,
    pins: Vec<Pin>,
    answer: Option<Answer>,
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let _end = End(self.shared.clone());
        while let Some(batch) = self.shared.queue.take() {
            if let Some(error) = self.shared.stopped() {
                refuse(batch, &error);
                continue;
            }
            self.shared.view.pending().wait_for_room();
            self.write_batch(batch);
        }
    }

    fn write_batch(&mut self, batch: Vec<Request>) {
        let mut written = Vec::with_capacity(batch.len());
        let mut first = self.change + 1;
        // Asked once a batch, and while nothing is held that others wait for: a disk may take its
        // time to say. Next to a sync it costs nothing.
        let full = self.no_space();
        let mut requests = batch.into_iter();
        let mut refused = Vec::new();
        let mut result = Ok(());
        while result.is_ok() {
            let Some(request) = requests.next() else { break };
            if let Some(error) = full.as_ref().filter(|_| request.needs_room()) {
                self.shared.watch.refused(error);
                refuse([request], error);
                continue;
            }
            match self.numbering.check(&request.steps) {
                Ok(()) => result = self.write(request, &mut first, &mut written),
                Err(error) => refused.push((request, error)),
            }
        }
        match result.and_then(|()| self.sync()) {
            Ok(()) => {
                if self.appender.wants_next() {
                    self.shared.view.pending().prepare_segment();
                }
                let last = written.last().map(|last| last.record.place);
                written.into_iter().for_each(|written| self.make_visible(written));
                // Not before: a check of the log up to here waits for what the index is to get.
                if let Some(last) = last {
                    self.shared.upkeep.set_durable(last);
                }
                // Why they were refused, such as a mailbox that is there already, is seen now.
                refused.into_iter().for_each(|(request, error)| refuse([request], &error));
            }
            Err(error) => {
                // Nothing is known of what is on disk: no second try makes it good again.
                self.shared.stop(format!("a write to the log failed ({error})"));
                if let Some(error) = self.shared.stopped() {
                    let answers = written.into_iter().filter_map(|written| written.answer);
                    answers.for_each(|answer| answer.give(Err(error.clone())));
                    refuse(refused.into_iter().map(|(request, _)| request), &error);
                    refuse(requests, &error);
                }
            }
        }
    }

    /// Has what was written on disk.
    fn sync(&mut self) -> io::Result<()> {
        let began = Instant::now();
        self.appender.sync()?;
        self.shared.watch.synced(began.elapsed(), self.change);
        Ok(())
    }

    /// Why nothing is taken in that needs room, if so.
    fn no_space(&self) -> Option<StorageError> {
        if let Some(error) = self.shared.watch.index_full() {
            return Some(error);
        }
        let free = match self.shared.segments.free_bytes() {
            Ok(free) if free >= self.free_bytes_min => return None,
            Ok(free) => free,
            // Nothing is known; what is written finds out.
            Err(_) => return None,
        };
        let text = format!("{free} octets are free, {} are to stay", self.free_bytes_min);
        let error = io::Error::new(io::ErrorKind::StorageFull, text);
        Some(StorageError::NoSpace(Arc::new(error)))
    }

    /// Appends the record of a request that was checked, unless there is no room. After an error
    /// it is among what was written, as nothing is known of it.
    fn write(
        &mut self,
        request: Request,
        first: &mut u64,
        written: &mut Vec<Written>,
    ) -> io::Result<()> {
        let room = self.appender.make_room(request.meta_bytes, request.content_bytes);
        if let Err(AppendError::Refused(error)) = room {
            self.shared.watch.refused(&error);
            refuse([request], &error);
            return Ok(());
        }
        if request.needs_room() {
            self.shared.watch.taken();
        }
        if let Ok(true) = room {
            // What is in the segment before is durable by now.
            *first = self.change + 1;
        }
        self.change += 1;
        let (mut effects, committed) = self.numbering.assign(request.steps, self.change);
        self.meta.clear();
        encode_effects(&effects, &mut self.meta);
        debug_assert_eq!(self.meta.len(), request.meta_bytes);
        forget_envelopes(&mut effects);
        let mut header = self.header(Kind::Transaction, *first);
        header.content_checksum = request.content_checksum;
        header.content_bytes = request.content_bytes;
        let parts = Parts { header, meta: &self.meta, content: &request.content };
        let place = match room {
            Err(AppendError::Failed(error)) => Err(error),
            _ => self.appender.append(&parts),
        };
        let Request { pins, answer, .. } = request;
        let (place, result) = match place {
            Ok(place) => (place, Ok(())),
            Err(error) => (Place { segment: 0, offset: 0, bytes: 0 }, Err(error)),
        };
        let record = Applied { change: self.change, place, effects };
        written.push(Written { record, committed, pins, answer });
        result
    }

    /// The header of the record that is written next, without a content.
    fn header(&mut self, kind: Kind, batch: u64) -> RecordHeader {
        RecordHeader {
            epoch: self.epoch,
            kind,
            change: self.change,
            previous: std::mem::replace(&mut self.previous, self.change),
            batch,
            meta_bytes: self.meta.len() as u32,
            content_checksum: 0,
            content_bytes: 0,
        }
    }

    /// Writes a record of the store's own while nobody else does, and makes it visible.
    pub(super) fn write_alone(
        &mut self,
        kind: Kind,
        effects: Vec<Effect>,
    ) -> Result<(), StorageError> {
        self.meta.clear();
        encode_effects(&effects, &mut self.meta);
        self.appender.make_room(self.meta.len(), 0)?;
        self.change += 1;
        let change = self.change;
        let header = self.header(kind, change);
        let parts = Parts { header, meta: &self.meta, content: &[] };
        let place = self.appender.append(&parts)?;
        self.sync()?;
        self.shared.upkeep.set_durable(place);
        self.shared.view.apply(Arc::new(Applied { change, place, effects }));
        Ok(())
    }

    fn make_visible(&self, written: Written) {
        let Written { record, mut committed, pins, answer } = written;
        let changed = self.shared.view.apply(Arc::new(record));
        drop(pins);
        committed.deleted = changed.deleted;
        committed.raised = changed.raised;
        if let Some(answer) = answer {
            answer.give(Ok(committed));
        }
    }
}

/// Envelopes are read from the log; they are not kept until the index has their entries.
fn forget_envelopes(effects: &mut [Effect]) {
    for effect in effects {
        if let Effect::Store(entries) = effect {
            entries.iter_mut().for_each(|entry| entry.envelope = Default::default());
        }
    }
}

fn refuse(requests: impl IntoIterator<Item = Request>, error: &StorageError) {
    let answers = requests.into_iter().filter_map(|request| request.answer);
    answers.for_each(|answer| answer.give(Err(error.clone())));
}
