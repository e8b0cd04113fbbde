//! `restante serve`: runs the daemon in the foreground until it is told to stop.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use restante_server::{Server, StartUpkeep, Wish, config::Config, events};
use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{failure::Failure, notify::Notify};

/// Threads that accept connections and serve the management: associations and operations have
/// theirs.
const WORKER_THREADS: usize = 2;
/// Threads that may block beyond those that limits.operations and limits.deliveries let work: for
/// passwords, for opening and closing the store.
const SPARE_BLOCKING_THREADS: usize = 8;

/// Run the store
///
/// Runs in the foreground and tells events on standard error. SIGTERM or SIGINT stops it in
/// order, a second one at once. SIGHUP has it take the streams of the log and limits from the
/// configuration file again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante serve                            all defaults, data under ./restante-data
  restante serve --config restante.toml     as this file has it; see: restante check --help
  restante serve --resync                   after files of the data directory were restored
  restante serve --increment 10000          after a restore of an older state: user agents that
                                            remember the highest number they have seen go on")]
pub(crate) struct Arguments {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Raise the sequence-numbers of all mailboxes by N before anybody is served
    ///
    /// They stay raised. Refused where a mailbox would go above 2147483647.
    #[arg(short, long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    increment: u32,
    /// Compare the index with the log and put it right, while users are served
    #[arg(short, long)]
    resync: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.as_deref())?;
    let events = events::subscriber(config.events.severity, io::stderr);
    tracing::subscriber::set_global_default(events).context("events can't be told")?;
    let limits = &config.limits;
    let blocking_threads = limits.operations + limits.deliveries + SPARE_BLOCKING_THREADS;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .max_blocking_threads(blocking_threads)
        .enable_all()
        .build()
        .context("no threads can be had")?;
    let upkeep = StartUpkeep { increment: arguments.increment, resync: arguments.resync };
    let served = runtime.block_on(serve_again(config, upkeep, arguments));
    // What has not ended by now is not waited for.
    runtime.shutdown_background();
    served
}

/// Serves until somebody wants it to end for good.
async fn serve_again(
    mut config: Config,
    upkeep: StartUpkeep,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let mut signals = Signals::new().context("signals can't be listened for")?;
    let notify = Notify::of_environment().context("the service manager can't be told")?;
    let mut upkeep = upkeep;
    let file = arguments.config.as_deref();
    while notify.alive(serve(config, upkeep, (file, &notify), &mut signals)).await?
        == Some(Wish::Restart)
    {
        config = Config::load(file)?;
        upkeep = StartUpkeep::default();
    }
    Ok(())
}

/// Serves until a signal or somebody who runs the store ends it; what the latter wanted.
async fn serve(
    config: Config,
    upkeep: StartUpkeep,
    (file, notify): (Option<&Path>, &Notify),
    Signals { hang_up, stop: signals }: &mut Signals,
) -> Result<Option<Wish>, Failure> {
    let mut running = tokio::select! {
        running = Server::start_with(config, upkeep) => running?,
        () = signals.next() => return Ok(None),
    };
    let status = format!("serving at {}", running.local_addr());
    notify.ready(&status);
    let wish = loop {
        tokio::select! {
            () = signals.next() => break None,
            wish = running.wished() => break Some(wish),
            _ = hang_up.recv() => {
                notify.reloading();
                running.reload_from(file);
                notify.ready(&status);
            }
        }
    };
    match wish {
        Some(Wish::Restart) => notify.reloading(),
        _ => notify.stopping(),
    }
    if wish == Some(Wish::Abort) {
        return Err(anyhow::anyhow!("aborted by a manager").into());
    }
    tokio::select! {
        stopped = running.shutdown() => {
            stopped?;
            Ok(wish)
        }
        () = signals.next() => Err(anyhow::anyhow!("stopped at once by a second signal").into()),
    }
}

/// The signals that stop a server, and the one that has it look at its configuration again.
struct Signals {
    hang_up: Signal,
    stop: Stops,
}

/// The signals that stop a server.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let stop = Stops { terminate, interrupt: signal(SignalKind::interrupt())? };
        Ok(Self { hang_up: signal(SignalKind::hangup())?, stop })
    }
}

impl Stops {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
