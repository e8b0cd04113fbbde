//! A record as a line: what comes before, then `S-facility-identifier text` of an event, or
//! `KEYWORD association key=value …` of an audit record.

use std::{env, fmt::Write, process};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use restante_view::audit::Quoted;
use rustix::process::getuid;

use super::record::{Audit, Record, Told, What};
use crate::{
    config::{AuditChoice, Audits, DateFormat, FieldName, Format, NetworkStream, SystemStream},
    events::Escaped,
};

/// The name of the program, of at most eight characters.
pub(super) const PROGRAM: &str = "restante";
const _: () = assert!(PROGRAM.len() <= 8);

/// Writes lines.
#[derive(Debug)]
pub(super) struct Lines {
    format: Format,
    zone: TimeZone,
    user: String,
    audits: AuditChoice,
}

impl Lines {
    pub(super) fn new(format: &Format, audits: &AuditChoice) -> Self {
        let named = |name: &str| env::var(name).ok().filter(|user| !user.is_empty());
        let user = named("USER").or_else(|| named("LOGNAME"));
        Self {
            zone: zone(format.utc),
            user: user.unwrap_or_else(|| getuid().as_raw().to_string()),
            format: format.clone(),
            audits: audits.clone(),
        }
    }

    /// Those of a system stream, whose time and process the system writes itself.
    pub(super) fn of_system(stream: &SystemStream) -> Self {
        let fields = stream.fields.clone();
        Self::new(&Format { fields, ..Format::default() }, &stream.audits)
    }

    /// Of a network stream there are only the pairs that are chosen.
    pub(super) fn of_network(stream: &NetworkStream) -> Self {
        Self::new(&Format::default(), &stream.audits)
    }

    /// Adds the line of a record, with its end.
    pub(super) fn add(&self, record: &Record, to: &mut String) {
        let begin = to.len();
        self.add_head(record, to);
        match &record.what {
            What::Event(told) => self.add_event(told, to),
            What::Audit(audit) => self.add_audit(audit, to),
        }
        while to.len() > begin && to.ends_with(' ') {
            to.pop();
        }
        to.push('\n');
    }

    fn has(&self, field: FieldName) -> bool {
        self.format.fields.contains(&field)
    }

    fn add_head(&self, record: &Record, to: &mut String) {
        if self.has(FieldName::Time) {
            self.add_time(record.time, to);
        }
        if self.has(FieldName::Program) {
            to.push_str(PROGRAM);
            to.push(' ');
        }
        // A String takes whatever is written.
        if self.has(FieldName::Process) {
            let _ = write!(to, "{} ", process::id());
        }
        if self.has(FieldName::Thread) {
            let _ = write!(to, "{} ", record.thread);
        }
        if self.has(FieldName::User) {
            let _ = write!(to, "({}) ", Escaped(&self.user));
        }
    }

    fn add_time(&self, time: i64, to: &mut String) {
        let Some(at) = civil(time, &self.zone) else { return };
        let date = match self.format.date {
            DateFormat::NoTime => return,
            DateFormat::NoDate => None,
            DateFormat::MonthDay => Some(format!("{:2}/{:2}", at.month(), at.day())),
            DateFormat::DayMonth => Some(format!("{:02}/{:02}", at.day(), at.month())),
            DateFormat::ShortYear => {
                let year = at.year().rem_euclid(100);
                Some(format!("{year:02}-{:02}-{:02}", at.month(), at.day()))
            }
            DateFormat::Year => Some(at.date().to_string()),
        };
        if let Some(date) = date {
            let iso = self.format.iso && self.format.date == DateFormat::Year;
            to.push_str(&date);
            to.push(if iso { 'T' } else { ' ' });
        }
        let _ = write!(to, "{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
        if self.format.microseconds {
            let _ = write!(to, ".{:06}", time.rem_euclid(1_000_000));
        }
        to.push(' ');
    }

    fn add_event(&self, told: &Told, to: &mut String) {
        let mut mark = String::new();
        if self.has(FieldName::Severity) {
            mark.push(told.severity.letter());
        }
        if self.has(FieldName::Facility) {
            mark.push_str(if mark.is_empty() { "" } else { "-" });
            mark.push_str(told.facility.name());
        }
        if self.has(FieldName::Identifier) {
            mark.push_str(if mark.is_empty() { "" } else { "-" });
            mark.push_str(told.id.about().id);
        }
        to.push_str(&mark);
        to.push_str(if mark.is_empty() { "" } else { " " });
        if self.has(FieldName::Text) {
            let _ = write!(to, "{}", Escaped(&told.text));
        }
    }

    fn add_audit(&self, audit: &Audit, to: &mut String) {
        let _ = write!(to, "{} {}", audit.keyword, audit.association);
        for (key, value) in self.chosen(audit) {
            let _ = write!(to, " {key}={}", Quoted(value));
        }
    }

    /// The pairs of a record that are written.
    pub(super) fn chosen<'a>(
        &'a self,
        audit: &'a Audit,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let chosen = match self.audits.log {
            Audits::Chosen => {
                self.audits.chosen.get(&audit.keyword).filter(|keys| !keys.is_empty())
            }
            Audits::All | Audits::None => None,
        };
        let pairs = audit.pairs.iter().map(|(key, value)| (*key, value.as_str()));
        pairs.filter(move |(key, _)| chosen.is_none_or(|keys| keys.iter().any(|one| one == key)))
    }
}

/// The time zone of a stream.
pub(super) fn zone(utc: bool) -> TimeZone {
    if utc { TimeZone::UTC } else { TimeZone::system() }
}

/// A time where it is.
pub(super) fn civil(time: i64, zone: &TimeZone) -> Option<DateTime> {
    Timestamp::from_microsecond(time).ok().map(|time| zone.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use restante_view::audit::Keyword;

    use super::*;
    use crate::events::{Facility, FactId, Severity};

    const NOON: i64 = 1_772_366_405_000_007;

    fn line(what: What, change: impl FnOnce(&mut Format)) -> String {
        let mut format = Format { utc: true, ..Format::default() };
        format.fields.retain(|field| {
            use FieldName::{Process, Thread, User};
            ![Process, Thread, User].contains(field)
        });
        change(&mut format);
        let lines = Lines::new(&format, &AuditChoice::default());
        let mut text = String::new();
        lines.add(&Record { time: NOON, thread: 7, what }, &mut text);
        text
    }

    fn event() -> What {
        let text = "mta1: refused:\n\u{1b}[2J\u{202e}no".into();
        let (id, facility) = (FactId::DeliveryRefused, Facility::P3);
        What::Event(Told { severity: Severity::Warning, facility, id, follows: false, text })
    }

    #[test]
    fn dates_and_times_as_they_are_asked_for() {
        let with = |date, microseconds, iso| {
            line(event(), |format| {
                format.fields = vec![FieldName::Time];
                (format.date, format.microseconds, format.iso) = (date, microseconds, iso);
            })
        };
        for (date, expected) in [
            (DateFormat::MonthDay, " 3/ 1 12:00:05\n"),
            (DateFormat::NoDate, "12:00:05\n"),
            (DateFormat::NoTime, "\n"),
            (DateFormat::DayMonth, "01/03 12:00:05\n"),
            (DateFormat::ShortYear, "26-03-01 12:00:05\n"),
            (DateFormat::Year, "2026-03-01 12:00:05\n"),
        ] {
            assert_eq!(with(date, false, false), expected);
        }
        assert_eq!(with(DateFormat::Year, true, true), "2026-03-01T12:00:05.000007\n");
        assert_eq!(with(DateFormat::DayMonth, false, true), "01/03 12:00:05\n");
    }

    #[test]
    fn an_event_is_one_line_that_moves_no_cursor() {
        let expected = "2026-03-01 12:00:05 restante W-p3-delivery-refused mta1: refused:\\n\
                        \\u{1b}[2J\\u{202e}no\n";
        assert_eq!(line(event(), |_| {}), expected);
        let bare = line(event(), |format| format.fields = vec![FieldName::Severity]);
        assert_eq!(bare, "W\n");
        assert_eq!(line(event(), |format| format.fields.clear()), "\n");
    }

    #[test]
    fn an_audit_record_has_no_field_of_events() {
        let mut audit = Audit::new(Keyword::Fetch, "4-17".into());
        audit.put("p7-seqnum", 3);
        audit.put("subject", "a \"b\"\r\n");
        let fields = |format: &mut Format| {
            format.fields = vec![FieldName::Severity, FieldName::Facility, FieldName::Text];
        };
        let expected = "FETCH 4-17 p7-seqnum=3 subject=\"a \\\"b\\\"\\r\\n\"\n";
        assert_eq!(line(What::Audit(audit), fields), expected);
    }
}
