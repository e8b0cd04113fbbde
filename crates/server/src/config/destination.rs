//! Where records are sent: to a syslog, to the journal, to whoever reads them.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error};

/// The journal's socket.
const JOURNAL: &str = "/run/systemd/journal/socket";

/// Where records are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A socket of this machine's syslog.
    Unix(PathBuf),
    /// Host and port, over UDP.
    Udp(String),
    /// Host and port, over TCP.
    Tcp(String),
    /// The socket of the systemd journal.
    Journal(PathBuf),
    /// A named pipe.
    Pipe(PathBuf),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Udp(address) => write!(f, "udp:{address}"),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Journal(path) => write!(f, "journal:{}", path.display()),
            Self::Pipe(path) => write!(f, "pipe:{}", path.display()),
        }
    }
}

/// A text that is none.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("write tcp:HOST:PORT, udp:HOST:PORT, unix:PATH, journal or pipe:PATH")]
pub struct NoDestination;

impl FromStr for Destination {
    type Err = NoDestination;

    fn from_str(text: &str) -> Result<Self, NoDestination> {
        if text == "journal" {
            return Ok(Self::Journal(JOURNAL.into()));
        }
        let (kind, rest) = text.split_once(':').ok_or(NoDestination)?;
        let port = || rest.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        match kind {
            "unix" if !rest.is_empty() => Ok(Self::Unix(rest.into())),
            "journal" if !rest.is_empty() => Ok(Self::Journal(rest.into())),
            "pipe" if !rest.is_empty() => Ok(Self::Pipe(rest.into())),
            "udp" if port().is_some() => Ok(Self::Udp(rest.to_owned())),
            "tcp" if port().is_some() => Ok(Self::Tcp(rest.to_owned())),
            _ => Err(NoDestination),
        }
    }
}

fn read<'de, D: Deserializer<'de>>(
    from: D,
    fits: impl FnOnce(&Destination) -> bool,
    forms: &str,
) -> Result<Destination, D::Error> {
    let text = String::deserialize(from)?;
    let destination = text.parse().ok().filter(fits);
    destination.ok_or_else(|| D::Error::custom(format!("{text:?}: write {forms}")))
}

/// That of a system stream.
pub(super) fn system<'de, D: Deserializer<'de>>(from: D) -> Result<Destination, D::Error> {
    let fits = |one: &Destination| !matches!(one, Destination::Pipe(_));
    read(from, fits, "unix:PATH, udp:HOST:PORT, tcp:HOST:PORT or journal")
}

/// That of a network stream.
pub(super) fn network<'de, D: Deserializer<'de>>(from: D) -> Result<Destination, D::Error> {
    let fits = |one: &Destination| matches!(one, Destination::Tcp(_) | Destination::Pipe(_));
    read(from, fits, "tcp:HOST:PORT or pipe:PATH")
}

/// What a syslog files messages under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyslogFacility(pub u8);

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "security", "console", "clock", "local0", "local1", "local2", "local3",
    "local4", "local5", "local6", "local7",
];

impl fmt::Display for SyslogFacility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FACILITIES.get(usize::from(self.0)).copied().unwrap_or("daemon"))
    }
}

impl FromStr for SyslogFacility {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = (0..24).zip(FACILITIES).find(|(_, name)| *name == text);
        number
            .map(|(number, _)| Self(number))
            .ok_or_else(|| format!("write one of {}", FACILITIES.join(", ")))
    }
}
