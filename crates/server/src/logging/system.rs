//! A stream to the system: to a syslog as RFC 5424 has it, over its socket, UDP or TCP (octets
//! counted, RFC 6587), or to the systemd journal.

use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write},
    net::{TcpStream, ToSocketAddrs, UdpSocket},
    os::unix::net::UnixDatagram,
    path::Path,
    process,
    sync::Arc,
    time::Duration,
};

use rustix::system::uname;

use super::{
    format::{Lines, PROGRAM},
    record::{Record, What},
    stream::{Sink, Written},
};
use crate::{
    config::{Destination, SystemStream},
    events::Severity,
    shared,
};

/// How long it may take to connect or to send.
pub(super) const SEND_TIME: Duration = Duration::from_secs(2);

/// A syslog or a journal.
pub(super) struct System {
    settings: SystemStream,
    lines: Lines,
    host: String,
    socket: Option<Socket>,
}

enum Socket {
    Unix(UnixDatagram),
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl System {
    pub(super) fn new(settings: &SystemStream) -> Self {
        let lines = Lines::of_system(settings);
        let name = uname().nodename().to_string_lossy().into_owned();
        // A word of visible ASCII, or nothing.
        let visible = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
        let host = if visible { name } else { "-".to_owned() };
        Self { settings: settings.clone(), lines, host, socket: None }
    }

    fn connect(&self) -> io::Result<Socket> {
        let datagrams = |path: &Path| {
            let socket = UnixDatagram::unbound()?;
            socket.connect(path)?;
            // A reader that stands still loses some rather than hold up the others.
            socket.set_write_timeout(Some(SEND_TIME))?;
            Ok(Socket::Unix(socket))
        };
        match &self.settings.to {
            Destination::Unix(path) | Destination::Journal(path) => datagrams(path),
            Destination::Udp(address) => {
                let to = resolve(address)?;
                let own = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(own)?;
                socket.connect(to)?;
                Ok(Socket::Udp(socket))
            }
            Destination::Tcp(address) => connect(address).map(Socket::Tcp),
            // The configuration has none.
            Destination::Pipe(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// A record as it is sent.
    pub(super) fn message(&self, record: &Record) -> String {
        let mut line = String::new();
        self.lines.add(record, &mut line);
        let line = line.trim_end();
        let severity = severity(record);
        if let Destination::Journal(_) = self.settings.to {
            let facility = self.settings.facility.0;
            return format!(
                "MESSAGE={line}\nPRIORITY={severity}\nSYSLOG_FACILITY={facility}\n\
                 SYSLOG_IDENTIFIER={PROGRAM}\n"
            );
        }
        let priority = u16::from(self.settings.facility.0) * 8 + u16::from(severity);
        let (time, host) = (shared::time_text(record.time), &self.host);
        let kind = match &record.what {
            What::Audit(audit) => audit.keyword.text(),
            What::Event(told) => told.id.about().id,
        };
        format!("<{priority}>1 {time} {host} {PROGRAM} {} {kind} - {line}", process::id())
    }

    fn send(&mut self, message: &str) -> io::Result<()> {
        let mut socket = match self.socket.take() {
            Some(socket) => socket,
            None => self.connect()?,
        };
        match &mut socket {
            Socket::Unix(to) => drop(to.send(message.as_bytes())?),
            Socket::Udp(to) => drop(to.send(message.as_bytes())?),
            Socket::Tcp(to) => {
                to.write_all(format!("{} {message}", message.len()).as_bytes())?;
            }
        }
        self.socket = Some(socket);
        Ok(())
    }
}

impl Sink for System {
    fn write(&mut self, records: &[Arc<Record>]) -> Written {
        for (at, record) in records.iter().enumerate() {
            let message = self.message(record);
            if self.settings.stderr {
                let mut text = String::new();
                self.lines.add(record, &mut text);
                // Whoever reads it may be gone.
                let _ = io::stderr().lock().write_all(text.as_bytes());
            }
            // A syslog that was started again is reached at once.
            let again = self.socket.is_some();
            let mut sent = self.send(&message);
            if sent.is_err() && again {
                sent = self.send(&message);
            }
            if let Err(error) = sent {
                if self.settings.console {
                    to_console(&message);
                }
                return Err((at, error));
            }
        }
        Ok(())
    }
}

/// Writes what could not be sent to the console of the system, as far as there is one.
fn to_console(message: &str) {
    if let Ok(mut console) = OpenOptions::new().write(true).open("/dev/console") {
        let mut line = String::new();
        let _ = writeln!(line, "{}", crate::events::Escaped(message));
        let _ = console.write_all(line.as_bytes());
    }
}

/// The severity of a syslog.
fn severity(record: &Record) -> u8 {
    match &record.what {
        What::Audit(_) => 6,
        What::Event(told) => match told.severity {
            Severity::Fatal => 1,
            Severity::Critical => 2,
            Severity::Error => 3,
            Severity::Warning | Severity::AuthFail => 4,
            Severity::Notice | Severity::AuthOk => 5,
            Severity::Info | Severity::Success | Severity::Detail => 6,
            Severity::Debug | Severity::Pdu => 7,
        },
    }
}

fn resolve(address: &str) -> io::Result<std::net::SocketAddr> {
    let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("{address} is unknown"));
    address.to_socket_addrs()?.next().ok_or_else(unknown)
}

/// A connection that is given up when nobody takes what is sent.
pub(super) fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&resolve(address)?, SEND_TIME)?;
    stream.set_write_timeout(Some(SEND_TIME))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
