//! What all associations of a server share.

use std::{
    fs::DirBuilder,
    net::IpAddr,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, Unit};
use restante_directory::{BuiltIn, Directory};
use restante_ms::{Alert, Extractor, MessageStore, Now, Settings, Whose, Why};
use restante_osi::{ContextTable, Limits, ResponderOptions, RtseRecovery};
use restante_storage::{Backend, FileBackend, IndexPlace, Store};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    task::JoinError,
};

use crate::{
    StartError,
    admission::Admission,
    assembly::Assembly,
    blocks::Blocks,
    bound::BoundUsers,
    config::{self, Config},
    contexts,
    due::Alarm,
    hub::Hub,
    logging::{BY_ITSELF, Logging, deliveries},
    recovery,
    submission::{Errands, Pool},
    timing::Timings,
    traces::Traces,
};

/// Passwords that are hashed at the same time: each takes 19 MiB and a processor.
const PASSWORDS_AT_ONCE: usize = 2;
/// Invocations of a peer's that may be unanswered. Far more than it can send before it is no
/// longer read, so that no peer ever meets it.
const OUTSTANDING_MAX: usize = 4096;

/// A time as text: RFC 3339, UTC, to the millisecond. `time` is microseconds since 1970.
pub(crate) fn time_text(time: i64) -> String {
    let time = Timestamp::from_microsecond(time).unwrap_or_default();
    format!("{:.3}", time.round(Unit::Millisecond).unwrap_or(time))
}

/// The present as text.
pub(crate) fn now_text() -> String {
    time_text(now().0)
}

/// How the service is to work, with an MTA to submit to or without.
fn settings(config: &Config, with_mta: bool) -> Settings {
    Settings {
        store_submissions: config.service.store_submissions,
        logs: config.service.logs,
        quota: config.limits.quota(),
        mta: with_mta.then(|| config.mta.application_context.edition()),
        submissions_kept_days: config.service.submissions_kept_days,
        local_mta: config.local_mta.settings(&config.service.name),
        ..Settings::default()
    }
}

/// What all associations of a server share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The limits of what begins from now on.
    limits: RwLock<config::Limits>,
    /// Who may connect.
    pub(crate) admission: Arc<Admission>,
    pub(crate) service: Arc<MessageStore<Store>>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) assembly: Arc<Assembly>,
    contexts: Arc<ContextTable>,
    /// Associations over RTSE that lost their connections.
    pub(crate) recovery: RtseRecovery,
    pub(crate) bound: Arc<BoundUsers>,
    /// What goes on at the moment.
    pub(crate) hub: Arc<Hub>,
    /// Where records of what happens go.
    pub(crate) logging: Arc<Logging>,
    /// How long operations take.
    pub(crate) timings: Timings,
    /// Where operations are told to a collector of traces.
    pub(crate) traces: Option<Traces>,
    /// What the store is to submit by itself.
    pub(crate) errands: Errands,
    /// What whoever runs the store has blocked.
    pub(crate) blocks: Blocks,
    /// Whether nobody is to bind any more.
    draining: AtomicBool,
    /// What has threads that may block.
    blocking: Handle,
    operations: Arc<Semaphore>,
    deliveries: Arc<Semaphore>,
    passwords: Arc<Semaphore>,
    /// Wakes what does what is due.
    pub(crate) alarm: Alarm,
    /// The associations with the MTA, where there is one.
    pub(crate) pool: Option<Pool>,
    /// Told when what MTAs may deliver has changed.
    pub(crate) held: watch::Sender<()>,
    /// Whether the server stops.
    pub(crate) stop: watch::Receiver<bool>,
}

/// The way to the collector of traces that is configured.
fn traces(config: &Config) -> Option<Traces> {
    let endpoint = config.management.traces.as_ref()?;
    Some(Traces::open(endpoint, config.service.name.to_string()))
}

impl Shared {
    /// Opens what lies under the data directory; makes it where there is nothing. The log lies
    /// there too, unless it is given where. Blocks.
    pub(crate) fn open(
        config: Config,
        backend: Option<Arc<dyn Backend>>,
        stop: watch::Receiver<bool>,
        blocking: Handle,
        logging: Arc<Logging>,
    ) -> Result<(Self, Arc<Store>), StartError> {
        let pool = Pool::open(&config.mta)?;
        let data = &config.data_directory;
        let at = |path: &Path| {
            let path = path.to_owned();
            move |cause| StartError::Data { path, cause }
        };
        // What lies here is nobody's business but the store's.
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(at(data))?;
        let spool = config.spool();
        let assembly = Assembly::open(&spool, &config.limits).map_err(at(&spool))?;
        let directory: Arc<dyn Directory> = Arc::new(BuiltIn::open(data)?);
        let backend = match backend {
            Some(backend) => backend,
            None => Arc::new(FileBackend::open(config.log_directory())?),
        };
        let index = IndexPlace::File(config.index_file());
        let extractor = Arc::new(Extractor);
        let store = Store::open(backend, &index, config.storage.options(), extractor)?;
        let store = Arc::new(store);
        let settings = settings(&config, pool.is_some());
        let service = MessageStore::new(store.clone(), directory.clone(), settings);
        service.read_quotas()?;
        let blocks = Blocks::read(&store)?;
        blocks.look(&store, service.holds())?;
        service.holds().put(Whose::All, Why::Configured, config.limits.hold());
        let held = watch::Sender::new(());
        let tell = held.clone();
        service.holds().observe(move || {
            tell.send_replace(());
        });
        let shared = Self {
            service: Arc::new(service),
            limits: RwLock::new(config.limits.clone()),
            admission: Admission::new(&config.limits),
            directory,
            assembly,
            contexts: Arc::new(contexts::table()),
            recovery: recovery::open(&config.limits),
            bound: Arc::default(),
            hub: Arc::default(),
            logging,
            timings: Timings::default(),
            traces: traces(&config),
            errands: Errands::default(),
            blocks,
            draining: AtomicBool::new(false),
            blocking,
            operations: Arc::new(Semaphore::new(config.limits.operations)),
            deliveries: Arc::new(Semaphore::new(config.limits.deliveries)),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            alarm: Alarm::default(),
            pool,
            held,
            stop,
            config,
        };
        Ok((shared, store))
    }

    /// How an association answers a peer that calls from an address.
    pub(crate) fn responder_options(&self, peer: IpAddr) -> ResponderOptions {
        let listener = &self.config.listener;
        let selectors = &listener.presentation_address.selectors;
        let given = |selector: &bytes::Bytes| Some(selector.clone()).filter(|s| !s.is_empty());
        ResponderOptions {
            transport_selectors: given(&selectors.transport).into_iter().collect(),
            session_selector: given(&selectors.session),
            presentation_selector: given(&selectors.presentation),
            tpdu_size: listener.tpdu_octets,
            limits: self.limits(),
            rtse: recovery::options(&self.recovery, peer),
            ..ResponderOptions::new(self.contexts.clone())
        }
    }

    /// Bounds on what a peer may take of an association.
    pub(crate) fn limits(&self) -> Limits {
        let limits = self.configured_limits();
        Limits {
            bind_time: limits.bind_time(),
            idle_time: limits.idle_time(),
            tsdu_before_bind: limits.pdu_before_bind_octets,
            tsdu: limits.pdu_octets,
            outstanding_invocations: OUTSTANDING_MAX,
            ..Limits::default()
        }
    }

    /// The limits that hold now.
    pub(crate) fn configured_limits(&self) -> config::Limits {
        self.limits.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has those of a configuration that can change while the server runs hold for what begins
    /// from now on: see [`crate::reload`].
    pub(crate) fn limit(&self, limits: &config::Limits) {
        *self.limits.write().unwrap_or_else(PoisonError::into_inner) = limits.clone();
        self.admission.limit(limits);
        self.service.holds().put(Whose::All, Why::Configured, limits.hold());
    }

    /// Whether nobody is to bind any more.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether nobody is to bind now: that is so, or no record could be written of it.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_draining() || self.logging.is_held()
    }

    /// Has nobody bind any more, or everybody again; how it was.
    pub(crate) fn drain(&self, draining: bool) -> bool {
        self.draining.swap(draining, Ordering::Relaxed)
    }

    /// Carries out deliveries where they may block; waits for their turn, which is not that of
    /// user agents: what these list does not hold up the mail.
    pub(crate) async fn deliver<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.in_turn(&self.deliveries, work).await
    }

    /// Carries out an operation of a user agent where it may block; waits for its turn.
    pub(crate) async fn operate<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.in_turn(&self.operations, work).await
    }

    /// No association could be told of an entry.
    pub(crate) fn alert_unreached(&self, alert: Alert, number: u32) {
        let (service, logging) = (self.service.clone(), self.logging.clone());
        let unreached = move || {
            let effects = service.alert_unreached(&alert, number, now());
            deliveries(&logging, BY_ITSELF, &effects, None);
        };
        drop(self.blocking.spawn_blocking(unreached));
    }

    /// The last alert that an association was told was answered. Nobody waits until that is
    /// remembered.
    pub(crate) fn alert_answered(&self, mailbox: String) {
        let service = self.service.clone();
        drop(self.blocking.spawn_blocking(move || service.alert_answered(&mailbox)));
    }

    /// Nobody took an alert of this mailbox. Nobody waits until that is remembered.
    pub(crate) fn alert_missed(&self, mailbox: String) {
        let service = self.service.clone();
        drop(self.blocking.spawn_blocking(move || service.alert_missed(&mailbox)));
    }

    /// Does what hashes passwords; waits for its turn.
    pub(crate) async fn verify<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.in_turn(&self.passwords, work).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // Nobody closes the semaphores.
        let turn = turns.clone().acquire_owned().await.ok();
        let worked = self.blocking.spawn_blocking(move || {
            // Held until the work is done, also where nobody waits for it any more.
            let _turn = turn;
            work()
        });
        worked.await
    }
}

/// This moment.
pub(crate) fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
