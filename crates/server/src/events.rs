//! Events: what the operator reads. One line each: time, severity, facility, text.
//!
//! Inside they are `tracing` events; the facility is the target. Control characters, which can
//! come from peers, are escaped, so that nobody makes two lines out of one or moves the cursor.

use std::fmt::{self, Write};

use jiff::{Timestamp, Unit};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, format::Writer},
    registry::LookupSpan,
};

use crate::config::Severity;

/// Who tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facility {
    /// What those who run the store do.
    Admin,
    /// Start, stop, the listener.
    Server,
    /// Associations before their bind, and protocol errors.
    Osi,
    /// User agents.
    P7,
    /// MTAs.
    P3,
    /// Users and passwords.
    Directory,
    /// Log and index.
    Storage,
}

/// The target of an event is fixed where it is told: one place for each severity and facility.
macro_rules! tell_at {
    ($level:expr, $facility:expr, $text:expr) => {
        match $facility {
            Facility::Admin => tracing::event!(target: "admin", $level, "{}", $text),
            Facility::Server => tracing::event!(target: "server", $level, "{}", $text),
            Facility::Osi => tracing::event!(target: "osi", $level, "{}", $text),
            Facility::P7 => tracing::event!(target: "p7", $level, "{}", $text),
            Facility::P3 => tracing::event!(target: "p3", $level, "{}", $text),
            Facility::Directory => tracing::event!(target: "directory", $level, "{}", $text),
            Facility::Storage => tracing::event!(target: "storage", $level, "{}", $text),
        }
    };
}

/// Tells something.
pub(crate) fn tell(severity: Severity, facility: Facility, text: fmt::Arguments<'_>) {
    match severity {
        Severity::Debug => tell_at!(Level::DEBUG, facility, text),
        Severity::Info => tell_at!(Level::INFO, facility, text),
        Severity::Warning => tell_at!(Level::WARN, facility, text),
        Severity::Error => tell_at!(Level::ERROR, facility, text),
    }
}

/// Writes the events of this severity and above, a line each.
pub fn subscriber<W>(least: Severity, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match least {
        Severity::Debug => LevelFilter::DEBUG,
        Severity::Info => LevelFilter::INFO,
        Severity::Warning => LevelFilter::WARN,
        Severity::Error => LevelFilter::ERROR,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(writer).event_format(Line).finish()
}

struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let now = Timestamp::now();
        let now = now.round(Unit::Millisecond).unwrap_or(now);
        let about = event.metadata();
        write!(to, "{now:.3} {} {}: ", severity(about.level()), about.target())?;
        let mut text = Text { to: &mut to, result: Ok(()) };
        event.record(&mut text);
        text.result?;
        writeln!(to)
    }
}

fn severity(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        _ => "debug",
    }
}

/// Writes an event's text.
struct Text<'a, 'w> {
    to: &'a mut Writer<'w>,
    result: fmt::Result,
}

impl Visit for Text<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.result = write!(Escaped(self.to), "{value:?}");
        }
    }
}

struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.chars().next_back().filter(|last| last.is_control()) {
                None => self.0.write_str(part)?,
                Some(control) => {
                    self.0.write_str(&part[..part.len() - control.len_utf8()])?;
                    write!(self.0, "{}", control.escape_default())?;
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

    fn told(least: Severity, tell: impl FnOnce()) -> Lines {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(least, move || writer.clone());
        tracing::subscriber::with_default(subscriber, tell);
        lines
    }

    #[test]
    fn an_event_is_one_line() {
        let lines = told(Severity::Info, || {
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
        let lines = told(Severity::Warning, || {
            tell(Severity::Info, Facility::Server, format_args!("started"));
            tell(Severity::Error, Facility::Server, format_args!("failed"));
        });
        assert_eq!(lines.read(), ["error server: failed"]);
    }
}
