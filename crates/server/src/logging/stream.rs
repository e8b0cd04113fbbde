//! One stream: what goes into it, the queue of its records, and the thread that writes them.
//!
//! Nobody waits for a stream. Where more records wait than may, the next ones are lost: counted,
//! and told of. A stream that is required loses none; while it can't write, or has too much to
//! write, it says so ([`Stream::is_held`]), and operations are refused.

use std::{
    collections::VecDeque,
    fmt, io, mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tracing::dispatcher;

use super::record::{Record, What};
use crate::{
    config::{AuditChoice, Audits, EventChoice},
    events::{Fact, tell},
    shared,
};

/// Records that may wait to be written.
const WAITING_MAX: usize = 8192;
/// Records that may wait for a required stream before operations are refused.
const HELD_AT: usize = WAITING_MAX / 2;
/// After which time something that could not be written is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// How long records are gathered before they are written.
const GATHER: Duration = Duration::from_millis(5);
/// So many are written at once.
const GATHERED: usize = 256;
/// Not more often is it told that records are lost, microseconds.
const TOLD_EVERY_US: i64 = 60_000_000;

/// Where records are written.
pub(super) trait Sink: Send + 'static {
    /// Writes records.
    fn write(&mut self, records: &[Arc<Record>]) -> Written;
}

/// Whether all records were written; else how many, and why no more.
pub(super) type Written = Result<(), (usize, io::Error)>;

/// A stream.
pub(super) struct Stream {
    /// What it is called.
    pub(super) name: String,
    events: EventChoice,
    audits: AuditChoice,
    queue: Arc<Queue>,
}

/// The records that wait.
struct Queue {
    name: String,
    required: bool,
    state: Mutex<State>,
    /// There is something to be written.
    wake: Condvar,
    /// All is written, and nothing more will be.
    ended: Condvar,
    held: AtomicBool,
    failing: AtomicBool,
    lost: AtomicU64,
    /// When it was told last that records are lost.
    told: AtomicI64,
}

#[derive(Default)]
struct State {
    records: VecDeque<Arc<Record>>,
    /// Nothing more comes.
    closed: bool,
    /// Nothing more is written.
    ended: bool,
}

impl Stream {
    /// A stream into this sink, which has a thread of its own.
    pub(super) fn start(
        name: &str,
        (events, audits): (&EventChoice, &AuditChoice),
        required: bool,
        sink: impl Sink,
    ) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            name: name.to_owned(),
            required,
            state: Mutex::default(),
            wake: Condvar::new(),
            ended: Condvar::new(),
            held: AtomicBool::new(false),
            failing: AtomicBool::new(false),
            lost: AtomicU64::new(0),
            told: AtomicI64::new(i64::MIN),
        });
        let writer = queue.clone();
        // Its events go where those of this thread go.
        let events_go = dispatcher::get_default(Clone::clone);
        let work = move || {
            let _events = dispatcher::set_default(&events_go);
            writer.write_all(sink);
        };
        thread::Builder::new().name(format!("log-{name}")).spawn(work)?;
        Ok(Self { name: name.to_owned(), events: events.clone(), audits: audits.clone(), queue })
    }

    /// Whether it takes audit records.
    pub(super) fn takes_audits(&self) -> bool {
        self.audits.log != Audits::None
    }

    /// Which events go into it.
    pub(super) fn events(&self) -> &EventChoice {
        &self.events
    }

    /// Whether its records can't be written, so that nothing is to be done that makes some.
    pub(super) fn is_held(&self) -> bool {
        self.queue.held.load(Ordering::Relaxed)
    }

    /// Whether it could not be written the last time.
    pub(super) fn is_failing(&self) -> bool {
        self.queue.failing.load(Ordering::Relaxed)
    }

    /// How many records it has lost.
    pub(super) fn lost(&self) -> u64 {
        self.queue.lost.load(Ordering::Relaxed)
    }

    /// Whether a record goes into it.
    fn takes(&self, record: &Record) -> bool {
        match &record.what {
            What::Audit(audit) => match self.audits.log {
                Audits::All => true,
                Audits::None => false,
                Audits::Chosen => self.audits.chosen.contains_key(&audit.keyword),
            },
            What::Event(told) => {
                let first = !(self.events.first_of_set && told.follows);
                first && self.events.takes(told.id, told.facility, told.severity)
            }
        }
    }

    /// Takes a record, where it is to go into it.
    pub(super) fn offer(&self, record: &Arc<Record>) {
        if self.takes(record) {
            self.queue.push(record.clone());
        }
    }

    /// Nothing more comes.
    pub(super) fn close(&self) {
        // What is lost from now on is told, whatever was told before.
        self.queue.told.store(i64::MIN, Ordering::Relaxed);
        self.queue.locked().closed = true;
        self.queue.wake.notify_one();
    }

    /// Waits until all is written, at most until `until`; what still waits then is lost.
    pub(super) fn wait(&self, until: Instant) {
        let mut state = self.queue.locked();
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.ended = true;
                let records = mem::take(&mut state.records);
                drop(state);
                return self.queue.lose(records.len(), &"the server stops");
            }
            let waited = self.queue.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream {}", self.name)
    }
}

impl Queue {
    /// A panic elsewhere leaves it whole.
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, record: Arc<Record>) {
        let mut state = self.locked();
        if state.ended {
            drop(state);
            return self.lose(1, &"the server stops");
        }
        if state.records.len() >= WAITING_MAX && !self.required {
            drop(state);
            return self.lose(1, &"it is too slow");
        }
        state.records.push_back(record);
        let count = state.records.len();
        drop(state);
        if self.required && count >= HELD_AT {
            self.held.store(true, Ordering::Relaxed);
        }
        if count == 1 || count == GATHERED {
            self.wake.notify_one();
        }
    }

    /// Counts records that are lost, and says so now and then.
    fn lose(&self, count: usize, why: &dyn fmt::Display) {
        if count == 0 {
            return;
        }
        self.lost.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        let (now, told) = (shared::now().0, self.told.load(Ordering::Relaxed));
        let time = told.checked_add(TOLD_EVERY_US).is_none_or(|next| now >= next);
        if time
            && self.told.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let name = &self.name;
            let lost = self.lost.load(Ordering::Relaxed);
            tell(Fact::StreamLoses { stream: name, lost: &lost, why });
        }
    }

    /// Waits for records; none: it has ended.
    fn take(&self) -> Vec<Arc<Record>> {
        let mut state = self.locked();
        while state.records.is_empty() && !state.closed {
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.records.len() < GATHERED && !state.closed {
            let gathered = self.wake.wait_timeout(state, GATHER);
            state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        // What comes after the last ones is told to be lost.
        state.ended |= state.records.is_empty();
        mem::take(&mut state.records).into()
    }

    fn write_all(&self, mut sink: impl Sink) {
        loop {
            let records = self.take();
            if records.is_empty() {
                break;
            }
            let written = self.write(&mut sink, &records);
            if written && self.failing.swap(false, Ordering::Relaxed) {
                self.tell_mended();
            }
            if written && self.locked().records.len() < HELD_AT {
                self.held.store(false, Ordering::Relaxed);
            }
        }
        self.ended.notify_all();
    }

    /// Writes records; where that fails those that are required again and again. Whether all were
    /// written.
    fn write(&self, sink: &mut impl Sink, mut left: &[Arc<Record>]) -> bool {
        loop {
            let Err((written, error)) = sink.write(left) else { return true };
            left = left.get(written..).unwrap_or_default();
            if !self.failing.swap(true, Ordering::Relaxed) {
                tell(Fact::StreamFails { stream: &self.name, error: &error });
            }
            self.held.store(self.required, Ordering::Relaxed);
            let closed = self.pause();
            if !self.required || closed {
                self.lose(left.len(), &error);
                return false;
            }
        }
    }

    /// Waits before something is tried again; whether nothing more comes.
    fn pause(&self) -> bool {
        let until = Instant::now() + PAUSE;
        let mut state = self.locked();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if state.closed || left.is_zero() {
                return state.closed;
            }
            let waited = self.wake.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn tell_mended(&self) {
        let lost = self.lost.load(Ordering::Relaxed);
        tell(Fact::StreamMended { stream: &self.name, lost: &lost });
    }
}
