//! Events: what the operator reads. Inside they are `tracing` events, whose target is the
//! facility; they go to standard error, a line each (time, severity, facility, text), and to the
//! streams of the log.
//!
//! What could end a line or move a cursor, and can come from peers, is escaped.

use std::{
    fmt::{self, Write as _},
    io::Write,
    sync::{PoisonError, RwLock, Weak},
};

use jiff::{Timestamp, Unit};
use restante_view::audit::is_hidden;
use serde::{Deserialize, Serialize};
use tracing::{
    Event, Level, Metadata, Subscriber, dispatcher,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};

use crate::{
    config::Least,
    logging::{Logging, Told},
};

macro_rules! facilities {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),+ $(,)?) => {
        /// Who tells it.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Facility {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)+
        }

        impl Facility {
            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// That of a name.
            fn of(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }
        }

        /// The target of an event is fixed where it is told: one place for each severity and
        /// facility.
        macro_rules! tell_at {
            ($level:expr, $facility:expr, $severity:expr, $message:expr) => {
                match $facility {
                    $(Facility::$name => tracing::event!(
                        target: $text, $level, severity = $severity.name(), "{}", $message
                    ),)+
                }
            };
        }
    };
}

facilities! {
    /// What those who run the store do.
    Admin = "admin",
    /// Start, stop, the listener.
    Server = "server",
    /// Associations before their bind, and protocol errors.
    Osi = "osi",
    /// User agents.
    P7 = "p7",
    /// MTAs.
    P3 = "p3",
    /// Users and passwords.
    Directory = "directory",
    /// Log and index.
    Storage = "storage",
    /// The streams of the log.
    Log = "log",
}

macro_rules! severities {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal $letter:literal),+ $(,)?) => {
        /// How much an event matters, and in which way.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Severity {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)+
        }

        impl Severity {
            /// The letter that stands for it.
            pub fn letter(self) -> char {
                match self {
                    $(Self::$name => $letter,)+
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// That of a name.
            fn of(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

severities! {
    /// What goes on.
    Info = "info" 'I',
    /// What goes on and is worth to be seen.
    Notice = "notice" 'N',
    /// What was to be done is done.
    Success = "success" 'S',
    /// Each single thing that goes on.
    Detail = "detail" 'D',
    /// What a peer did wrong, and limits that were reached.
    Warning = "warning" 'W',
    /// What the operator has to see to.
    Error = "error" 'E',
    /// What ends the program.
    Fatal = "fatal" 'F',
    /// What the operator has to see to at once.
    Critical = "critical" 'C',
    /// Somebody is who they say.
    AuthOk = "authok" 'L',
    /// Somebody is not who they say.
    AuthFail = "authfail" 'A',
    /// For somebody who looks for a fault.
    Debug = "debug" 'X',
    /// What goes over the wire.
    Pdu = "pdu" 'P',
}

impl Severity {
    /// Its level inside.
    pub(crate) fn level(self) -> Level {
        match self {
            Self::Error | Self::Fatal | Self::Critical => Level::ERROR,
            Self::Warning | Self::AuthFail => Level::WARN,
            Self::Info | Self::Notice | Self::Success | Self::AuthOk => Level::INFO,
            Self::Detail | Self::Debug => Level::DEBUG,
            Self::Pdu => Level::TRACE,
        }
    }
}

/// Tells something.
pub(crate) fn tell(severity: Severity, facility: Facility, text: fmt::Arguments<'_>) {
    match severity.level() {
        Level::ERROR => tell_at!(Level::ERROR, facility, severity, text),
        Level::WARN => tell_at!(Level::WARN, facility, severity, text),
        Level::INFO => tell_at!(Level::INFO, facility, severity, text),
        Level::DEBUG => tell_at!(Level::DEBUG, facility, severity, text),
        Level::TRACE => tell_at!(Level::TRACE, facility, severity, text),
    }
}

/// Takes the events of this program.
pub struct Events {
    least: LevelFilter,
    write: Box<dyn Fn(&str) + Send + Sync>,
    logging: RwLock<Weak<Logging>>,
}

/// Writes the events of this severity and above, a line each, and gives all to the streams of the
/// log.
pub fn subscriber<W: Write>(
    least: Least,
    writer: impl Fn() -> W + Send + Sync + 'static,
) -> Events {
    let least = match least {
        Least::Debug => LevelFilter::DEBUG,
        Least::Info => LevelFilter::INFO,
        Least::Warning => LevelFilter::WARN,
        Least::Error => LevelFilter::ERROR,
    };
    // Whoever reads it may be gone.
    let write = move |line: &str| drop(writer().write_all(line.as_bytes()));
    Events { least, write: Box::new(write), logging: RwLock::default() }
}

/// From now on the events of this thread, and of those that were begun from it, go to these
/// streams too.
pub(crate) fn attach(logging: Weak<Logging>) {
    dispatcher::get_default(|events| {
        if let Some(events) = events.downcast_ref::<Events>() {
            *events.logging.write().unwrap_or_else(PoisonError::into_inner) = logging.clone();
        }
    });
    look_again();
}

/// What streams want may have changed.
pub(crate) fn look_again() {
    tracing::callsite::rebuild_interest_cache();
}

impl Events {
    /// The streams of the log; a panic elsewhere leaves them whole.
    fn streams(&self) -> Weak<Logging> {
        self.logging.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Down to which level anybody wants something.
    fn wanted(&self) -> LevelFilter {
        let streams = self.streams().upgrade();
        streams.map_or(self.least, |streams| streams.level().max(self.least))
    }

    fn write_line(&self, about: &Metadata<'_>, text: &str) {
        let now = Timestamp::now();
        let now = now.round(Unit::Millisecond).unwrap_or(now);
        let severity = match *about.level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            _ => "debug",
        };
        let mut line = format!("{now:.3} {severity} {}: ", about.target());
        // A String takes whatever is written.
        let _ = writeln!(line, "{}", Escaped(text));
        (self.write)(&line);
    }
}

impl Subscriber for Events {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        // What is wanted may change.
        tracing::subscriber::Interest::sometimes()
    }

    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= self.wanted() && Facility::of(about.target()).is_some()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.wanted())
    }

    fn event(&self, event: &Event<'_>) {
        let about = event.metadata();
        let mut told = Fields::default();
        event.record(&mut told);
        if *about.level() <= self.least {
            let tty = self.streams().upgrade().is_some_and(|streams| streams.has_tty());
            if !tty {
                self.write_line(about, &told.text);
            }
        }
        let facility = Facility::of(about.target());
        if let Some(((streams, facility), severity)) =
            self.streams().upgrade().zip(facility).zip(told.severity)
        {
            let Fields { text, .. } = told;
            streams.tell(Told { severity, facility, text });
        }
    }

    // There are no spans.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What an event says.
#[derive(Default)]
struct Fields {
    severity: Option<Severity>,
    text: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "severity" {
            self.severity = Severity::of(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.text = format!("{value:?}");
        }
    }
}

/// A text of which nothing makes a second line or moves a cursor.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(is_hidden) {
            match part.chars().next_back().filter(|last| is_hidden(*last)) {
                None => f.write_str(part)?,
                Some(hidden) => {
                    f.write_str(&part[..part.len() - hidden.len_utf8()])?;
                    write!(f, "{}", hidden.escape_default())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// Keeps what is written, for tests that look at it.
    #[derive(Clone, Default)]
    pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        /// The lines without their time.
        pub(crate) fn read(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(octets)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn told(least: Least, tell: impl FnOnce()) -> Lines {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(least, move || writer.clone());
        tracing::subscriber::with_default(subscriber, tell);
        lines
    }

    #[test]
    fn an_event_is_one_line() {
        let lines = told(Least::Info, || {
            let name = "mta\n1\u{1b}[2J\u{85}é";
            let text = format_args!("bind refused: {name}: no such MTA");
            tell(Severity::Warning, Facility::P3, text);
        });
        let expected = r"warning p3: bind refused: mta\n1\u{1b}[2J\u{85}é: no such MTA";
        assert_eq!(lines.read(), [expected]);
        let whole = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let time = whole.split_once(' ').unwrap().0;
        assert_eq!((time.len(), time.ends_with('Z')), ("2026-03-01T10:15:02.123Z".len(), true));
    }

    #[test]
    fn what_matters_less_is_left_out() {
        let lines = told(Least::Warning, || {
            tell(Severity::Info, Facility::Server, format_args!("started"));
            tell(Severity::Error, Facility::Server, format_args!("failed"));
        });
        assert_eq!(lines.read(), ["error server: failed"]);
    }
}
