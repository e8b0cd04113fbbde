//! Events: what the operator reads. Each tells a fact in the words of the catalogue. Inside
//! they are `tracing` events of one target; they go to standard error, a line each (time,
//! severity, facility, text), and to the streams of the log.
//!
//! What could end a line or move a cursor, and can come from peers, is escaped.

mod catalogue;
mod facts;

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
use utoipa::ToSchema;

pub use catalogue::{Catalogue, Differences, Translatable};
pub(crate) use facts::Fact;
pub use facts::{About, FactId};

use crate::{
    config::Least,
    logging::{Logging, Told},
};

/// Where events of this program are told; those of libraries have other targets.
const TARGET: &str = "restante";

macro_rules! names {
    ($(#[doc = $about:literal])* $kind:ident
        { $($(#[doc = $doc:literal])* $name:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
        )]
        pub enum $kind {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)+
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

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

names! {
    /// Who tells it.
    Facility {
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
}

names! {
    /// How much an event matters, and in which way.
    Severity {
        /// What goes on.
        Info = "info",
        /// What goes on and is worth to be seen.
        Notice = "notice",
        /// What was to be done is done.
        Success = "success",
        /// Each single thing that goes on.
        Detail = "detail",
        /// What a peer did wrong, and limits that were reached.
        Warning = "warning",
        /// What the operator has to see to.
        Error = "error",
        /// What ends the program.
        Fatal = "fatal",
        /// What the operator has to see to at once.
        Critical = "critical",
        /// Somebody is who they say.
        AuthOk = "authok",
        /// Somebody is not who they say.
        AuthFail = "authfail",
        /// For somebody who looks for a fault.
        Debug = "debug",
        /// What goes over the wire.
        Pdu = "pdu",
    }
}

impl Severity {
    /// The letter that stands for it.
    pub fn letter(self) -> char {
        match self {
            Self::Info => 'I',
            Self::Notice => 'N',
            Self::Success => 'S',
            Self::Detail => 'D',
            Self::Warning => 'W',
            Self::Error => 'E',
            Self::Fatal => 'F',
            Self::Critical => 'C',
            Self::AuthOk => 'L',
            Self::AuthFail => 'A',
            Self::Debug => 'X',
            Self::Pdu => 'P',
        }
    }

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

/// What an event tells, in the words of the catalogue that is in use.
struct Words<'a> {
    who: Option<&'a dyn fmt::Display>,
    fact: Fact<'a>,
    catalogue: &'a Catalogue,
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(who) = self.who {
            write!(f, "{who}: ")?;
        }
        self.catalogue.write(&self.fact, f)
    }
}

/// Tells a fact.
pub(crate) fn tell(fact: Fact<'_>) {
    tell_as(fact.id().about().facility, None, fact, false);
}

/// Tells a fact that says more of the one that was told before: both are of one set.
pub(crate) fn tell_more(fact: Fact<'_>) {
    tell_as(fact.id().about().facility, None, fact, true);
}

/// Tells a fact of somebody.
pub(crate) fn tell_of(facility: Facility, who: &dyn fmt::Display, fact: Fact<'_>) {
    tell_as(facility, Some(who), fact, false);
}

fn tell_as(facility: Facility, who: Option<&dyn fmt::Display>, fact: Fact<'_>, follows: bool) {
    let About { id, severity, .. } = fact.id().about();
    let level = severity.level();
    if level > LevelFilter::current() {
        return;
    }
    let catalogue = dispatcher::get_default(|events| {
        let logging =
            events.downcast_ref::<Events>().and_then(|events| events.streams().upgrade());
        logging.map_or_else(|| catalogue::built_in().clone(), |logging| logging.catalogue())
    });
    let words = Words { who, fact, catalogue: &catalogue };
    // The level of an event is fixed where it is told.
    macro_rules! tell_at {
        ($level:expr) => {
            tracing::event!(
                target: TARGET, $level, facility = facility.name(), severity = severity.name(),
                id, follows, "{words}"
            )
        };
    }
    match level {
        Level::ERROR => tell_at!(Level::ERROR),
        Level::WARN => tell_at!(Level::WARN),
        Level::INFO => tell_at!(Level::INFO),
        Level::DEBUG => tell_at!(Level::DEBUG),
        Level::TRACE => tell_at!(Level::TRACE),
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

    fn write_line(&self, level: Level, told: &Told) {
        let now = Timestamp::now();
        let now = now.round(Unit::Millisecond).unwrap_or(now);
        let severity = match level {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            _ => "debug",
        };
        let mut line = format!("{now:.3} {severity} {}: ", told.facility.name());
        // A String takes whatever is written.
        let _ = writeln!(line, "{}", Escaped(&told.text));
        (self.write)(&line);
    }
}

impl Subscriber for Events {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        // What is wanted may change.
        tracing::subscriber::Interest::sometimes()
    }

    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.target() == TARGET && *about.level() <= self.wanted()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.wanted())
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(told) = fields.told() else { return };
        let (level, streams) = (*event.metadata().level(), self.streams().upgrade());
        let has_tty = streams.as_ref().is_some_and(|streams| streams.has_tty());
        if level <= self.least && !has_tty {
            self.write_line(level, &told);
        }
        if let Some(streams) = streams {
            streams.tell(told);
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
    facility: Option<Facility>,
    severity: Option<Severity>,
    id: Option<FactId>,
    follows: bool,
    text: String,
}

impl Fields {
    fn told(self) -> Option<Told> {
        let Self { facility, severity, id, follows, text } = self;
        Some(Told { facility: facility?, severity: severity?, id: id?, follows, text })
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "follows" {
            self.follows = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "facility" => self.facility = Facility::of(value),
            "severity" => self.severity = Severity::of(value),
            "id" => self.id = FactId::of(value),
            _ => {}
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
            tell_of(Facility::P3, &name, Fact::BindRefused { why: &"no such MTA" });
        });
        let expected = r"warning p3: mta\n1\u{1b}[2J\u{85}é: bind refused: no such MTA";
        assert_eq!(lines.read(), [expected]);
        let whole = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let time = whole.split_once(' ').unwrap().0;
        assert_eq!((time.len(), time.ends_with('Z')), ("2026-03-01T10:15:02.123Z".len(), true));
    }

    #[test]
    fn what_matters_less_is_left_out() {
        let lines = told(Least::Warning, || {
            tell(Fact::Stopping);
            tell(Fact::NotAccepting { error: &"too many" });
        });
        assert_eq!(
            lines.read(),
            ["error server: connections can't be accepted: too many; see ulimit -n"]
        );
    }
}
