//! The log: records that go to any number of streams, each of which takes what it is to take and
//! writes it in its own way.
//!
//! An audit record is made only where a stream wants some: whoever could make one asks
//! [`Logging::audits`] first. Streams can be replaced while the store runs; those that are the
//! same before and after go on without a gap.

mod file;
mod format;
mod live;
mod network;
mod note;
mod recent;
mod record;
mod search;
mod stream;
mod system;
mod tty;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use restante_view::audit::Keyword;
use tokio::sync::broadcast;
use tracing::level_filters::LevelFilter;

use crate::{
    config,
    events::{self, Catalogue, Differences, Fact, tell, tell_more},
};

use file::Files;
pub(crate) use live::StreamState;
use network::Network;
pub(crate) use note::{Note, deliveries};
use recent::Recent;
pub(crate) use recent::{KEPT_MAX, LogRecord};
pub(crate) use record::{Audit, Record, Told};
pub(crate) use search::{Found, Wanted};
use stream::{Sink, Stream};
use system::System;
use tty::Tty;

/// How long a stream may take to write what waits when the store stops.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// So many texts for no message are told of one by one.
const UNKNOWN_TOLD_MAX: usize = 100;
/// The association of what the store does by itself.
pub(crate) const BY_ITSELF: u64 = 0;

/// Why the log can't be as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// There is no catalogue of messages.
    #[error(transparent)]
    Catalogue(#[from] config::ConfigError),
    /// Its file can't be written.
    #[error("log stream {name}: {path}: {cause}; see logging.directory and who owns it")]
    File {
        /// The stream.
        name: String,
        /// The directory.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Its thread can't be had.
    #[error("log stream {name} has no thread: {cause}; see ulimit -u")]
    Thread {
        /// The stream.
        name: String,
        /// What the system says.
        cause: io::Error,
    },
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Logging {
    /// The store's epoch, which makes the identifiers of associations unique.
    epoch: OnceLock<u32>,
    invocations: AtomicU64,
    streams: RwLock<Arc<Streams>>,
    /// The streams of the configuration file.
    file: RwLock<config::Logging>,
    recent: Recent,
    /// Whether a stream takes audit records.
    audits: AtomicBool,
    reloading: Mutex<()>,
}

/// The streams, as they were configured.
#[derive(Debug)]
struct Streams {
    config: config::Logging,
    catalogue: Arc<Catalogue>,
    all: Vec<Arc<Stream>>,
}

impl Logging {
    /// Opens the streams. From now on the events of this thread go to them too.
    pub(crate) fn open(config: &config::Logging) -> Result<Arc<Self>, StreamError> {
        let logging = Arc::new(Self::default());
        let differences = logging.reload(config)?;
        events::attach(Arc::downgrade(&logging));
        tell_differences(&config.catalogue, &differences);
        Ok(logging)
    }

    /// Has other streams from now on; where one of them can't be had, those that there are. What
    /// waits for one that is no more is written.
    fn replace(&self, config: &config::Logging) -> Result<Differences, StreamError> {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.streams();
        let (catalogue, differences) = match config.catalogue.as_os_str().is_empty() {
            true => (Catalogue::built_in(), Differences::default()),
            false => Catalogue::load(&config.catalogue)
                .map(|(catalogue, differences)| (Arc::new(catalogue), differences))?,
        };
        let all = before.replaced(config)?;
        self.audits.store(all.iter().any(|stream| stream.takes_audits()), Ordering::Relaxed);
        let streams = Arc::new(Streams { config: config.clone(), catalogue, all });
        *self.streams.write().unwrap_or_else(PoisonError::into_inner) = streams;
        events::look_again();
        Ok(differences)
    }

    fn streams(&self) -> Arc<Streams> {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which epoch of the store it is.
    pub(crate) fn in_epoch(&self, epoch: u32) {
        // Once.
        let _ = self.epoch.set(epoch);
    }

    /// The identifier of an association.
    pub(crate) fn association(&self, number: u64) -> String {
        format!("{}-{number}", self.epoch.get().copied().unwrap_or_default())
    }

    /// An identifier for a submission, by which its result is known.
    fn invocation(&self) -> u64 {
        self.invocations.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether audit records go anywhere.
    pub(crate) fn audits(&self) -> bool {
        self.audits.load(Ordering::Relaxed)
    }

    /// Whether operations are to be refused, since their records can't be written.
    pub(crate) fn is_held(&self) -> bool {
        self.audits() && self.streams().all.iter().any(|stream| stream.is_held())
    }

    /// A record of what an association does, made only where it goes anywhere.
    pub(crate) fn audit(&self, keyword: Keyword, number: u64, fill: impl FnOnce(&mut Audit)) {
        if self.audits() {
            let mut audit = Audit::new(keyword, self.association(number));
            fill(&mut audit);
            self.put(audit);
        }
    }

    /// A record that was made, since some go anywhere.
    fn put(&self, audit: Audit) {
        self.write(Record::audit(audit));
    }

    /// An event.
    pub(crate) fn tell(&self, told: Told) {
        self.write(Record::event(told));
    }

    fn write(&self, record: Record) {
        let record = Arc::new(record);
        self.recent.keep(&record);
        for stream in &self.streams().all {
            stream.offer(&record);
        }
    }

    /// The records that were told last, the newest first.
    pub(crate) fn recent(&self) -> Vec<Arc<Record>> {
        self.recent.all()
    }

    /// The records that are told from now on.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Arc<Record>> {
        self.recent.watch()
    }

    /// Searches the audit records that a stream has written into files; which stream, and what is
    /// found; `None` where no stream writes any. Blocks.
    pub(crate) fn search(&self, wanted: &Wanted) -> io::Result<Option<(String, Found)>> {
        let Some((name, files)) = live::audit_files(&self.streams().config) else {
            return Ok(None);
        };
        search::search(files, wanted).map(|found| Some((name, found)))
    }

    /// Down to which level streams want events.
    pub(crate) fn level(&self) -> LevelFilter {
        let streams = self.streams();
        let wanted = streams.all.iter().flat_map(|stream| stream.events().wanted());
        wanted
            .map(|severity| severity.level())
            .max()
            .map_or(LevelFilter::OFF, LevelFilter::from_level)
    }

    /// The texts of events.
    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        self.streams().catalogue.clone()
    }

    /// Whether a stream goes to standard error or standard output.
    pub(crate) fn has_tty(&self) -> bool {
        !self.streams().config.tty.is_empty()
    }

    /// Writes what waits, and takes nothing more.
    pub(crate) fn close(&self) {
        events::attach(Weak::new());
        self.audits.store(false, Ordering::Relaxed);
        let streams = self.streams();
        streams.all.iter().for_each(|stream| stream.close());
        let until = Instant::now() + CLOSE_TIME;
        streams.all.iter().for_each(|stream| stream.wait(until));
    }
}

/// No stream.
impl Default for Streams {
    fn default() -> Self {
        let catalogue = Catalogue::built_in();
        Self { config: config::Logging::default(), catalogue, all: Vec::new() }
    }
}

impl Streams {
    /// The streams of another configuration: those that are the same go on.
    fn replaced(&self, config: &config::Logging) -> Result<Vec<Arc<Stream>>, StreamError> {
        let mut all = Vec::new();
        let same = |name: &str| self.all.iter().find(|stream| stream.name == name).cloned();
        for stream in &config.file {
            let known =
                self.config.file.contains(stream) && self.config.directory == config.directory;
            let kept = known.then(|| same(&stream.name)).flatten();
            all.push(kept.map_or_else(|| file(stream, config), Ok)?);
        }
        for stream in &config.tty {
            let kept = self.config.tty.contains(stream).then(|| same(&stream.name)).flatten();
            let new = || start(&stream.name, (&stream.events, &stream.audits), Tty::new(stream));
            all.push(kept.map_or_else(new, Ok)?);
        }
        for stream in &config.system {
            let kept = self.config.system.contains(stream).then(|| same(&stream.name)).flatten();
            let new =
                || start(&stream.name, (&stream.events, &stream.audits), System::new(stream));
            all.push(kept.map_or_else(new, Ok)?);
        }
        for stream in &config.network {
            let kept = self.config.network.contains(stream).then(|| same(&stream.name)).flatten();
            let choice = (&stream.events, &stream.audits);
            all.push(kept.map_or_else(|| start(&stream.name, choice, Network::new(stream)), Ok)?);
        }
        Ok(all)
    }
}

/// Tells what of a catalogue's file is not as it should be.
pub(crate) fn tell_differences(path: &Path, Differences { missing, unknown }: &Differences) {
    if missing.is_empty() && unknown.is_empty() {
        return;
    }
    tell(Fact::CatalogueDiffers {
        path: &path.display(),
        missing: &missing.len(),
        unknown: &unknown.len(),
    });
    missing.iter().for_each(|id| tell_more(Fact::CatalogueMisses { id }));
    for id in unknown.iter().take(UNKNOWN_TOLD_MAX) {
        tell_more(Fact::CatalogueUnknown { id });
    }
}

fn file(
    stream: &config::FileStream,
    config: &config::Logging,
) -> Result<Arc<Stream>, StreamError> {
    let choice = (&stream.events, &stream.audits);
    let files = Files::open(stream, &config.directory);
    let started =
        files.and_then(|files| Stream::start(&stream.name, choice, stream.required, files));
    let own = &stream.directory;
    let path = if own.as_os_str().is_empty() { &config.directory } else { own };
    let failed =
        |cause| StreamError::File { name: stream.name.clone(), path: path.clone(), cause };
    started.map(Arc::new).map_err(failed)
}

fn start(
    name: &str,
    choice: (&config::EventChoice, &config::AuditChoice),
    sink: impl Sink,
) -> Result<Arc<Stream>, StreamError> {
    let started = Stream::start(name, choice, false, sink);
    started.map(Arc::new).map_err(|cause| StreamError::Thread { name: name.to_owned(), cause })
}

#[cfg(test)]
mod tests;
