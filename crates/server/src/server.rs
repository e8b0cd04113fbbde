//! The server as a whole: it opens the store, listens, has a task on one of a few threads serve
//! each association, and stops in order: nothing new, what is in hand finished, every association
//! aborted, the store closed.

use std::{
    io,
    net::{self, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use restante_directory::DirectoryError;
use restante_ms::{Hold, Whose, Why};
use restante_storage::{Backend, Damage, OpenReport, StorageError, Store};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::watch,
    task::{JoinError, JoinHandle, JoinSet, spawn_blocking},
    time::{sleep, timeout, timeout_at},
};

use crate::{
    admin::{self, Admin},
    admission::Place,
    config::{self, Config, ConfigError, Schedule},
    connection::{Connection, stopped},
    control::{Control, Wish, Wishes},
    due,
    events::{Fact, tell, tell_more},
    holding,
    lanes::Lanes,
    logging::{self, Logging, StreamError},
    recovery,
    refusal::Refusals,
    reload,
    shared::Shared,
    submission::run_errands,
    upkeep::{StartUpkeep, raise_numbers, resync, watch},
};

/// How long to wait where a connection can't be accepted, as when no file descriptor is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// After which silence a peer's machine is asked whether it is still there.
const KEEPALIVE_TIME: Duration = Duration::from_secs(120);
/// How often it is asked again where it does not answer, and how many times.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEPALIVE_RETRIES: u32 = 3;
/// So many damaged places are told of one by one when the store is opened.
const PLACES_TOLD_MAX: usize = 100;

/// Why the server does not start, or does not stop in order.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A directory under the data directory can't be had.
    #[error("{path}: {cause}; see who owns the data directory")]
    Data {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The users and MTAs can't be read.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The store can't be opened or closed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The address can't be listened on.
    #[error("{address} can't be listened on: {cause}; see {key} and who else listens there")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The key of the configuration.
        key: &'static str,
        /// What the system says.
        cause: io::Error,
    },
    /// The threads that serve associations can't be had.
    #[error("no threads can be had for associations: {0}; see limits.threads and ulimit -u")]
    Threads(#[source] io::Error),
    /// A stream of the log can't be had.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A part of this program failed.
    #[error("a part of the server failed: {0}")]
    Failed(#[from] JoinError),
}

/// The daemon.
#[derive(Debug, Clone, Copy)]
pub struct Server;

/// A server that runs. Dropped, it stops as by [`Running::shutdown`], but nobody waits for it.
pub struct Running {
    local_addr: SocketAddr,
    management_addr: Option<SocketAddr>,
    managed: Option<JoinHandle<io::Result<()>>>,
    wishes: Wishes,
    schedules: watch::Sender<Vec<Schedule>>,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
    resync: Option<JoinHandle<()>>,
    told: JoinHandle<()>,
    shared: Arc<Shared>,
    store: Arc<Store>,
}

impl Server {
    /// Opens the store and listens; associations are served in the background from then on. To be
    /// called in a tokio runtime.
    ///
    /// # Errors
    /// Where the data can't be opened or the address can't be listened on.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        Self::start_with(config, StartUpkeep::default()).await
    }

    /// As [`Server::start`], and something is done to the store besides.
    ///
    /// # Errors
    /// As for [`Server::start`], and where the sequence-numbers can't be raised by so many.
    pub async fn start_with(config: Config, upkeep: StartUpkeep) -> Result<Running, StartError> {
        Self::start_on(None, config, upkeep).await
    }

    /// As [`Server::start_with`], with the log on this backend instead of the data directory.
    ///
    /// # Errors
    /// As for [`Server::start_with`].
    pub async fn start_on(
        backend: Option<Arc<dyn Backend>>,
        config: Config,
        upkeep: StartUpkeep,
    ) -> Result<Running, StartError> {
        let address = config.socket_address()?;
        let logging = Logging::open(&config.logging)?;
        let log = logging.clone();
        let (stop, stopped) = watch::channel(false);
        let (stops, blocking) = (stopped.clone(), Handle::current());
        let lanes = Lanes::start(config.limits.threads).map_err(StartError::Threads)?;
        let (shared, store) = spawn_blocking(move || {
            let (shared, store) = Shared::open(config, backend, stops, blocking, log)?;
            raise_numbers(&store, upkeep.increment)?;
            shared.logging.in_epoch(store.open_report().epoch);
            holding::look(&shared, &store);
            Ok::<_, StartError>((shared, store))
        })
        .await??;
        let (listener, local_addr) = listen(address, "listener.presentation_address").await?;
        tell_opened(store.open_report());
        let told = watch(&store);
        tell(Fact::Listening { address: &local_addr });
        let shared = Arc::new(shared);
        let (control, wishes) = Control::new();
        let (schedules, timed) = watch::channel(shared.config.schedule.clone());
        let managed = manage(&shared, &store, control, (timed, &stopped)).await?;
        let (management_addr, managed) = managed.unzip();
        let resync = upkeep.resync.then(|| resync(store.clone(), stopped.clone()));
        let served = tokio::spawn(serve(shared.clone(), lanes, store.clone(), listener, stopped));
        Ok(Running {
            local_addr,
            management_addr,
            managed,
            wishes,
            schedules,
            stop,
            served,
            resync,
            told,
            shared,
            store,
        })
    }
}

impl Running {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where it is managed, where there is a management listener.
    pub fn management_addr(&self) -> Option<SocketAddr> {
        self.management_addr
    }

    /// Waits until somebody who runs the store wants something of the whole process.
    pub async fn wished(&mut self) -> Wish {
        loop {
            if let Some(wish) = *self.wishes.borrow_and_update() {
                return wish;
            }
            if self.wishes.changed().await.is_err() {
                // Without a management listener nobody can wish.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Has MTAs deliver no more than this to all mailboxes or to one, as an operator wants it,
    /// until another hold is put in its place; [`Hold::default`] takes it off.
    pub fn hold_deliveries(&self, whose: Whose, hold: Hold) {
        self.shared.service.holds().put(whose, Why::Operator, hold);
    }

    /// Has the log go to other streams from now on; no association notices. Where one of them
    /// can't be had, all goes on as before.
    ///
    /// # Errors
    /// The stream that can't be had, and why.
    pub fn reload(&self, config: &config::Logging) -> Result<(), StreamError> {
        let differences = self.shared.logging.reload(config)?;
        logging::tell_differences(&config.catalogue, &differences);
        Ok(())
    }

    /// As [`Running::reload`], with what the configuration file says now, of limits too; tells how
    /// it went, and what is to wait for the next start. A file that is wrong changes nothing.
    pub fn reload_from(&self, file: Option<&Path>) {
        let reloaded = Config::load(file).map_err(|error| error.to_string()).and_then(|config| {
            self.reload(&config.logging).map_err(|error| error.to_string())?;
            Ok(config)
        });
        match reloaded {
            Ok(config) => {
                self.shared.limit(&config.limits);
                self.schedules.send_replace(config.schedule.clone());
                tell(Fact::ConfigurationTaken);
                for key in reload::waiting(&self.shared.config, &config) {
                    tell_more(Fact::ConfigurationWaits { key: &key });
                }
            }
            Err(error) => {
                tell(Fact::ConfigurationRefused { error: &error });
            }
        }
    }

    /// Stops: no new associations; operations in hand are finished, for at most
    /// limits.shutdown_time_s; every association is aborted; the store is closed.
    ///
    /// # Errors
    /// Where the store had stopped before, or can't be closed.
    pub async fn shutdown(self) -> Result<(), StartError> {
        tell(Fact::Stopping);
        self.stop.send_replace(true);
        self.served.await?;
        if let Some(managed) = self.managed {
            managed.await?.ok();
        }
        if let Some(resync) = self.resync {
            resync.await?;
        }
        let logging = self.shared.logging.clone();
        let shutdown_time = self.shared.configured_limits().shutdown_time();
        drop(self.shared);
        let closed = match Arc::into_inner(self.store) {
            Some(store) => spawn_blocking(move || store.close()).await?,
            // What still goes on for a browser has it, or an operation that outlived its time:
            // dropping it closes it then.
            None => Ok(()),
        };
        // It tells nothing more once it has let go of the data directory, which whoever starts
        // again needs.
        if let Ok(told) = timeout(shutdown_time, self.told).await {
            told?;
        }
        closed?;
        tell(Fact::Stopped);
        spawn_blocking(move || logging.close()).await?;
        Ok(())
    }
}

/// Listens on an address; `key` is what of the configuration says so.
async fn listen(
    address: SocketAddr,
    key: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let listen = async {
        let listener = TcpListener::bind(address).await?;
        let local_addr = listener.local_addr()?;
        Ok((listener, local_addr))
    };
    listen.await.map_err(|cause| StartError::Listen { address, key, cause })
}

/// Starts the management listener, where there is one.
async fn manage(
    shared: &Arc<Shared>,
    store: &Arc<Store>,
    control: Control,
    (schedules, stop): (watch::Receiver<Vec<Schedule>>, &watch::Receiver<bool>),
) -> Result<Option<(SocketAddr, JoinHandle<io::Result<()>>)>, StartError> {
    let config = &shared.config.management;
    if !config.enabled {
        return Ok(None);
    }
    let (listener, address) = listen(config.address, "management.address").await?;
    tell(Fact::Managed { address: &address });
    let (shared, store) = (shared.clone(), store.clone());
    let admin = spawn_blocking(move || Admin::open(shared, store, control)).await??;
    Ok(Some((address, admin::serve(Arc::new(admin), listener, schedules, stop.clone()))))
}

/// Accepts until it is told to stop, then sees all associations end.
async fn serve(
    shared: Arc<Shared>,
    lanes: Lanes,
    store: Arc<Store>,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) {
    let refusals = Refusals::default();
    let timed = tokio::spawn(due::run(shared.clone(), stop.clone()));
    let errands = tokio::spawn(run_errands(shared.clone(), stop.clone()));
    let mut connections = JoinSet::new();
    tokio::spawn(recovery::forget(shared.recovery.clone(), stop.clone()));
    connections.spawn(holding::watch(shared.clone(), store, stop.clone()));
    let mut failing = false;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    failing = false;
                    match shared.admission.admit(peer.ip()) {
                        Ok(place) => {
                            prepare(&stream);
                            let (shared, stop) = (shared.clone(), stop.clone());
                            let stream = stream.into_std();
                            let connection = admitted(shared, stop, stream, peer, place);
                            connections.spawn_on(connection, lanes.next());
                        }
                        Err(full) => refusals.refuse(stream, peer, &full),
                    }
                }
                Err(error) => {
                    tell_accept(&error, &mut failing);
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = connections.join_next(), if !connections.is_empty() => tell_panic(ended),
            () = stopped(&mut stop) => break,
        }
    }
    drop(listener);
    tell_panic(errands.await);
    let end = Instant::now() + shared.configured_limits().shutdown_time();
    while let Ok(Some(ended)) = timeout_at(end.into(), connections.join_next()).await {
        tell_panic(ended);
    }
    if let Ok(timed) = timeout_at(end.into(), timed).await {
        tell_panic(timed);
    }
    if let Some(pool) = &shared.pool {
        // What has not ended by then is not waited for.
        let _ = timeout_at(end.into(), pool.finished()).await;
    }
    connections.shutdown().await;
}

/// Serves an association on the thread that takes it.
async fn admitted(
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
    stream: io::Result<net::TcpStream>,
    peer: SocketAddr,
    place: Place,
) {
    match stream.and_then(TcpStream::from_std) {
        Ok(stream) => drop(Connection::new(shared, stop, stream, peer, place).run().await),
        Err(error) => {
            tell(Fact::ConnectionNotServed { peer: &peer, error: &error });
        }
    }
}

/// What helps every association, and matters to none.
fn prepare(stream: &TcpStream) {
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_TIME)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    let set = stream.set_nodelay(true);
    let set = set.and_then(|()| SockRef::from(stream).set_tcp_keepalive(&keepalive));
    if let Err(error) = set {
        tell(Fact::OptionsNotSet { error: &error });
    }
}

/// Tells what was found on disk, and louder where something was lost.
fn tell_opened(report: &OpenReport) {
    if report.damaged.is_empty() {
        return tell(Fact::Opened { report });
    }
    tell(Fact::OpenedDamaged { report });
    for damage in report.damaged.iter().take(PLACES_TOLD_MAX) {
        let Damage { segment, offset, bytes: octets, .. } = damage;
        tell_more(Fact::FoundDamaged { segment, offset, octets });
    }
}

/// Tells once, and again when it has worked in between.
fn tell_accept(error: &io::Error, failing: &mut bool) {
    if !*failing {
        tell(Fact::NotAccepting { error });
        *failing = true;
    }
}

fn tell_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tell(Fact::PartFailed { error: &error });
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
