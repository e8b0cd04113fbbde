//! Where records of the log go: any number of streams of each kind, each with what goes into it
//! and how it is written.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use restante_view::audit::Keyword;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Destination, SyslogFacility, destination, text, value, within};
use crate::events::{Facility, FactId, Severity};

/// The streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logging {
    /// The directory of log files, where a stream names no other.
    pub directory: PathBuf,
    /// The file of the texts of events; empty: those that are built in.
    pub catalogue: PathBuf,
    /// Streams into files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file: Vec<FileStream>,
    /// Streams to standard error or standard output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tty: Vec<TtyStream>,
    /// Streams to a syslog or the journal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system: Vec<SystemStream>,
    /// Streams of JSON to whoever reads them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkStream>,
}

/// A stream into files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileStream {
    /// The name of the file, without `.log`, which names the stream too.
    pub name: String,
    /// Its directory; empty: that of all.
    pub directory: PathBuf,
    /// Its mode, octal.
    pub permissions: Mode,
    /// A new file is begun each time so many minutes have gone by; 0: never.
    #[serde(deserialize_with = "within::<_, 0, 527_040>")]
    pub rollover_minutes: usize,
    /// How many minutes after midnight, or after Monday's, that is counted from.
    #[serde(deserialize_with = "within::<_, 0, 527_040>")]
    pub rollover_offset_minutes: usize,
    /// How many older files are kept; 0: all.
    #[serde(deserialize_with = "within::<_, 0, 1_000_000>")]
    pub kept_files: usize,
    /// For how many days files are kept that nothing is written to; 0: for ever.
    #[serde(deserialize_with = "within::<_, 0, 36_500>")]
    pub kept_days: usize,
    /// Whether the disk is asked to keep what is written.
    pub sync: bool,
    /// Whether the file is closed after each write.
    pub close: bool,
    /// Whether operations are refused while their records can't be written.
    pub required: bool,
    /// Which events go into it.
    pub events: EventChoice,
    /// Which audit records go into it.
    pub audits: AuditChoice,
    /// How a record is written.
    pub format: Format,
}

/// A stream to standard error or standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TtyStream {
    /// What it is called in events.
    pub name: String,
    /// Which of the two.
    pub output: TtyOutput,
    /// Which events go into it.
    pub events: EventChoice,
    /// Which audit records go into it.
    pub audits: AuditChoice,
    /// How a record is written.
    pub format: Format,
}

/// A stream to a syslog or the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SystemStream {
    /// What it is called in events.
    pub name: String,
    /// Where it is.
    #[serde(serialize_with = "text::serialize", deserialize_with = "destination::system")]
    pub to: Destination,
    /// What the syslog files it under.
    #[serde(with = "text")]
    pub facility: SyslogFacility,
    /// Whether what can't be sent is written to the console of the system.
    pub console: bool,
    /// Whether all is written to standard error as well.
    pub stderr: bool,
    /// What is written of a record in its message.
    pub fields: Vec<FieldName>,
    /// Which events go into it.
    #[serde(deserialize_with = "of_system")]
    pub events: EventChoice,
    /// Which audit records go into it.
    pub audits: AuditChoice,
}

/// A stream of JSON lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkStream {
    /// What it is called in events.
    pub name: String,
    /// Who reads it.
    #[serde(serialize_with = "text::serialize", deserialize_with = "destination::network")]
    pub to: Destination,
    /// Which events go into it.
    pub events: EventChoice,
    /// Which audit records go into it.
    pub audits: AuditChoice,
}

/// The events of a system stream, to which neither details of faults nor PDUs go.
fn of_system<'de, D: Deserializer<'de>>(from: D) -> Result<EventChoice, D::Error> {
    let events = EventChoice::deserialize(from)?;
    let too_much = [Severity::Debug, Severity::Pdu];
    let is_too_much = events.wanted().any(|severity| too_much.contains(&severity));
    match is_too_much {
        false => Ok(events),
        true => {
            let text = "a system stream takes no debug and no pdu; log these into a file";
            Err(serde::de::Error::custom(text))
        }
    }
}

/// Where a tty stream goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TtyOutput {
    /// Standard error.
    #[default]
    Stderr,
    /// Standard output.
    Stdout,
}

impl TtyOutput {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stderr => "stderr",
            Self::Stdout => "stdout",
        }
    }
}

/// Which events go into a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventChoice {
    /// The severities that do, of facilities for which nothing else is said.
    pub severities: Vec<Severity>,
    /// Whether of a set of messages only the first does.
    pub first_of_set: bool,
    /// The severities that do, of single facilities.
    pub facilities: BTreeMap<Facility, Vec<Severity>>,
    /// Single messages that do or do not, whatever their severity.
    pub messages: BTreeMap<FactId, bool>,
}

impl EventChoice {
    /// The severities of which events may go into the stream.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = Severity> {
        let of_facilities = self.facilities.values().flatten();
        let single = self.messages.iter().filter(|(_, on)| **on);
        let single = single.map(|(fact, _)| fact.about().severity);
        self.severities.iter().chain(of_facilities).copied().chain(single)
    }

    /// Whether a message goes into the stream.
    pub(crate) fn takes(&self, fact: FactId, facility: Facility, severity: Severity) -> bool {
        self.messages.get(&fact).copied().unwrap_or_else(|| {
            self.facilities.get(&facility).unwrap_or(&self.severities).contains(&severity)
        })
    }
}

/// Which audit records go into a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditChoice {
    /// All, none or those that are chosen.
    pub log: Audits,
    /// Those, each with the keys that are written of it; none: all.
    pub chosen: BTreeMap<Keyword, Vec<String>>,
}

/// Whether audit records go into a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audits {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// Those that are chosen.
    Chosen,
}

/// How a record is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Format {
    /// The date, before the time.
    pub date: DateFormat,
    /// Whether the time has microseconds.
    pub microseconds: bool,
    /// Whether times are in UTC, not in the zone of this machine.
    pub utc: bool,
    /// Whether a `T` stands between date and time, where the date has the whole year.
    pub iso: bool,
    /// What is written of a record.
    pub fields: Vec<FieldName>,
}

/// The date of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateFormat {
    /// Month and day, padded with spaces.
    #[serde(rename = "MM/DD")]
    MonthDay,
    /// None: the time alone.
    #[serde(rename = "no-date")]
    NoDate,
    /// Neither time nor date.
    #[serde(rename = "no-time")]
    NoTime,
    /// Day and month.
    #[serde(rename = "DD/MM")]
    DayMonth,
    /// Year of the century, month and day.
    #[serde(rename = "YY-MM-DD")]
    ShortYear,
    /// Year, month and day.
    #[default]
    #[serde(rename = "YYYY-MM-DD")]
    Year,
}

/// What can be written of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldName {
    /// Date and time.
    Time,
    /// The program.
    Program,
    /// The number of the process.
    Process,
    /// The number of the thread.
    Thread,
    /// The user whose process it is.
    User,
    /// The letter of the severity, of events.
    Severity,
    /// The facility, of events.
    Facility,
    /// The identifier of the message, of events.
    Identifier,
    /// The text, of events.
    Text,
}

/// The mode of a file, octal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode(pub u32);

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:03o}", self.0))
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let mode = u32::from_str_radix(&text, 8).ok().filter(|mode| *mode <= 0o777);
        // The store itself writes to it.
        mode.filter(|mode| mode & 0o200 != 0).map(Self).ok_or_else(|| {
            let text = format!("{text:?}: write an octal mode that lets its owner write: \"640\"");
            serde::de::Error::custom(text)
        })
    }
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            directory: "restante-logs".into(),
            catalogue: PathBuf::new(),
            file: Vec::new(),
            tty: Vec::new(),
            system: Vec::new(),
            network: Vec::new(),
        }
    }
}

impl Default for FileStream {
    fn default() -> Self {
        Self {
            name: "restante".into(),
            directory: PathBuf::new(),
            permissions: Mode(0o640),
            rollover_minutes: 0,
            rollover_offset_minutes: 0,
            kept_files: 0,
            kept_days: 0,
            sync: false,
            close: false,
            required: false,
            events: EventChoice::default(),
            audits: AuditChoice::default(),
            format: Format::default(),
        }
    }
}

impl Default for TtyStream {
    fn default() -> Self {
        Self {
            name: "tty".into(),
            output: TtyOutput::default(),
            events: EventChoice::default(),
            audits: AuditChoice { log: Audits::None, ..AuditChoice::default() },
            format: Format::default(),
        }
    }
}

impl Default for SystemStream {
    fn default() -> Self {
        use FieldName::{Facility, Identifier, Severity, Text};
        Self {
            name: "system".into(),
            to: Destination::Unix("/dev/log".into()),
            facility: value::known("daemon"),
            console: false,
            stderr: false,
            fields: vec![Severity, Facility, Identifier, Text],
            events: EventChoice::default(),
            audits: AuditChoice { log: Audits::None, ..AuditChoice::default() },
        }
    }
}

impl Default for NetworkStream {
    fn default() -> Self {
        Self {
            name: "network".into(),
            to: value::known("tcp:127.0.0.1:5170"),
            events: EventChoice::default(),
            audits: AuditChoice::default(),
        }
    }
}

impl Default for EventChoice {
    /// What an operator reads.
    fn default() -> Self {
        use Severity::{AuthFail, AuthOk, Critical, Error, Fatal, Info, Notice, Success, Warning};
        Self {
            severities: vec![
                Info, Notice, Success, Warning, Error, Fatal, Critical, AuthOk, AuthFail,
            ],
            facilities: BTreeMap::new(),
            messages: BTreeMap::new(),
            first_of_set: false,
        }
    }
}

impl Default for AuditChoice {
    fn default() -> Self {
        Self { log: Audits::All, chosen: BTreeMap::new() }
    }
}

impl Default for Format {
    fn default() -> Self {
        use FieldName::{
            Facility, Identifier, Process, Program, Severity, Text, Thread, Time, User,
        };
        Self {
            date: DateFormat::default(),
            microseconds: false,
            utc: false,
            iso: false,
            fields: vec![
                Time, Program, Process, Thread, User, Severity, Facility, Identifier, Text,
            ],
        }
    }
}

impl Logging {
    /// Takes paths from a directory.
    pub(super) fn relative_to(&mut self, directory: &Path) {
        self.directory = directory.join(&self.directory);
        if !self.catalogue.as_os_str().is_empty() {
            self.catalogue = directory.join(&self.catalogue);
        }
        for stream in &mut self.file {
            if !stream.directory.as_os_str().is_empty() {
                stream.directory = directory.join(&stream.directory);
            }
        }
    }

    /// The names of all streams.
    fn names(&self) -> impl Iterator<Item = &str> {
        let files = self.file.iter().map(|stream| &*stream.name);
        let tty = self.tty.iter().map(|stream| &*stream.name);
        let system = self.system.iter().map(|stream| &*stream.name);
        files.chain(tty).chain(system).chain(self.network.iter().map(|stream| &*stream.name))
    }

    /// What no single value shows.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let names: Vec<_> = self.names().collect();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err("two streams of [logging] have the same name; give each its own");
            }
            let known = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            if name.is_empty() || !name.chars().all(known) {
                return Err(
                    "the name of a stream of [logging] is made of letters, digits, - and _",
                );
            }
        }
        Ok(())
    }
}
