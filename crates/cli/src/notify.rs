//! The service manager told how the process is: `sd_notify(3)` of systemd, a datagram a message to
//! the socket that `NOTIFY_SOCKET` names. Without that variable nothing is told.

use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
    pin::pin,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tokio::time::interval;

/// Where the messages go.
const SOCKET: &str = "NOTIFY_SOCKET";
/// Within how many microseconds the next sign of life is to come, and of which process.
const WATCHDOG_TIME: &str = "WATCHDOG_USEC";
const WATCHDOG_PROCESS: &str = "WATCHDOG_PID";
/// Without a watchdog nobody waits for a sign of life.
const NEVER: Duration = Duration::from_secs(86_400);

/// The service manager, or nobody.
pub(crate) struct Notify {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often a sign of life is due.
    every: Duration,
}

impl Notify {
    /// As the environment says.
    ///
    /// # Errors
    /// Where the socket that it names can't be one.
    pub(crate) fn of_environment() -> io::Result<Self> {
        let address = env::var_os(SOCKET).map(|name| match name.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
            _ => SocketAddr::from_pathname(&name),
        });
        let open = |address| Ok::<_, io::Error>((UnixDatagram::unbound()?, address));
        let socket = address.transpose()?.map(open).transpose()?;
        let number = |key| env::var(key).ok()?.parse::<u64>().ok();
        let own = number(WATCHDOG_PROCESS).is_none_or(|id| id == u64::from(std::process::id()));
        let watchdog = number(WATCHDOG_TIME).filter(|time| own && *time > 0);
        // Twice as often as it has to be.
        let every = watchdog.map_or(NEVER, |time| Duration::from_micros(time / 2));
        Ok(Self { socket, every: every.max(Duration::from_millis(1)) })
    }

    /// It serves, and so it says.
    pub(crate) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// It takes its configuration again; [`Notify::ready`] tells that it has.
    pub(crate) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// It stops.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=stopping");
    }

    /// Awaits something, and tells meanwhile that it lives.
    pub(crate) async fn alive<T>(&self, something: impl Future<Output = T>) -> T {
        let mut due = interval(self.every);
        let mut something = pin!(something);
        loop {
            tokio::select! {
                done = &mut something => return done,
                _ = due.tick() => self.tell("WATCHDOG=1"),
            }
        }
    }

    /// Where nobody listens, nobody wants to know.
    fn tell(&self, message: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(message.as_bytes(), address);
        }
    }
}
