//! The threads that serve associations: a few, each with a runtime of its own, over which the
//! associations are spread.
//!
//! What an association has to do that is short, and waits for nothing, is done where its octets
//! arrive, without a word to another thread. All that may take long is done elsewhere (see
//! [`crate::work`]), so that no lane stands still.

use std::{
    io,
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tokio::{
    runtime::{self, Handle},
    sync::oneshot,
};
use tracing::dispatcher;

/// The threads; dropped, they end, and what they serve is given up.
pub(crate) struct Lanes {
    lanes: Vec<Lane>,
    turn: AtomicUsize,
}

struct Lane {
    handle: Handle,
    /// Dropped, the thread ends.
    _stop: oneshot::Sender<()>,
}

impl Lanes {
    /// So many threads; with 0, as many as there are processors.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        let processors = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let count = if threads == 0 { processors() } else { threads };
        let lanes = (0..count).map(Lane::start).collect::<io::Result<_>>()?;
        Ok(Self { lanes, turn: AtomicUsize::new(0) })
    }

    /// The one that takes the next association.
    pub(crate) fn next(&self) -> &Handle {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        &self.lanes[turn % self.lanes.len()].handle
    }
}

impl Lane {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        // Its events go where those of this thread go.
        let events = dispatcher::get_default(Clone::clone);
        let serve = move || {
            let _events = dispatcher::set_default(&events);
            // Nobody sends anything: it ends when it can't be sent any more.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        };
        thread::Builder::new().name(format!("lane-{number}")).spawn(serve)?;
        Ok(Self { handle, _stop: stop })
    }
}
