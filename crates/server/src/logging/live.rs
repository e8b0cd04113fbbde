//! Streams as whoever runs the store sees and changes them while it runs: which there are, how
//! they fare, what a line of each looks like, and others in their place until the next start or
//! until the configuration file is read again.
//!
//! It refuses to write where the configuration file does not: a stream that is changed from afar
//! has a directory, a pipe or a socket that the file names.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::PoisonError,
};

use restante_view::audit::Keyword;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Logging, StreamError,
    file::{Files, path_at},
    format::Lines,
    network::Network,
    record::{Audit, Record, Told},
    system::System,
};
use crate::{
    config::{self, AuditChoice, Audits, Config, ConfigError, Destination},
    events::{Differences, Fact, FactId},
    shared::now,
};

/// A stream of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StreamState {
    /// What it is called.
    pub(crate) name: String,
    /// Of which kind it is: `file`, `tty`, `system` or `network`.
    pub(crate) kind: &'static str,
    /// Where it writes now.
    #[schema(example = "/var/log/restante/audit.2026-03-01-00-00.log")]
    pub(crate) to: String,
    /// Whether operations are refused while it can't be written.
    pub(crate) required: bool,
    /// Whether it could not be written the last time.
    pub(crate) failing: bool,
    /// How many records it has lost.
    pub(crate) lost: u64,
    /// What it makes of an event and of an audit record that it takes.
    pub(crate) preview: Vec<String>,
}

/// Why streams are not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// It is no configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It says more than what streams there are.
    #[error("only [logging] can be changed here; see the configuration file for all else")]
    More,
    /// It would write elsewhere.
    #[error("{0} is not in the configuration file; name it there first")]
    Elsewhere(PathBuf),
    /// A stream can't be had.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

impl Logging {
    /// Has the streams of a configuration file from now on.
    pub(crate) fn reload(&self, config: &config::Logging) -> Result<Differences, StreamError> {
        let differences = self.replace(config)?;
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = config.clone();
        Ok(differences)
    }

    /// Has other streams until the file is read again: those of a text that is a `[logging]` of a
    /// configuration file.
    pub(crate) fn change(&self, text: &str) -> Result<Differences, NotChanged> {
        Ok(self.replace(&self.readable(text)?)?)
    }

    /// What the streams of such a text would be.
    pub(crate) fn preview(&self, text: &str) -> Result<Vec<StreamState>, NotChanged> {
        Ok(previews(&self.readable(text)?))
    }

    /// The streams that there are.
    pub(crate) fn states(&self) -> Vec<StreamState> {
        let streams = self.streams();
        let mut states = previews(&streams.config);
        for (state, stream) in states.iter_mut().zip(&streams.all) {
            (state.failing, state.lost) = (stream.is_failing(), stream.lost());
        }
        states
    }

    /// What there is, as a text that [`Logging::change`] takes.
    pub(crate) fn text(&self) -> String {
        let logging = self.streams().config.clone();
        let text = Config { logging, ..Config::default() }.to_string();
        let begin = text.find("[logging]").unwrap_or_default();
        text.get(begin..).unwrap_or_default().to_owned()
    }

    fn readable(&self, text: &str) -> Result<config::Logging, NotChanged> {
        let mut config = Config::parse(text, "[logging]")?;
        let logging = std::mem::take(&mut config.logging);
        if config != Config::default() {
            return Err(NotChanged::More);
        }
        let file = self.file.read().unwrap_or_else(PoisonError::into_inner);
        let known = paths(&file);
        let elsewhere = paths(&logging).into_iter().find(|path| !known.contains(path));
        match elsewhere.map(Path::to_owned) {
            Some(path) => Err(NotChanged::Elsewhere(path)),
            None => Ok(logging),
        }
    }
}

/// Where streams write, and where their texts come from.
fn paths(config: &config::Logging) -> BTreeSet<&Path> {
    let files = config.file.iter().map(|stream| &*stream.directory);
    let system = config.system.iter().map(|stream| &stream.to);
    let network = config.network.iter().map(|stream| &stream.to);
    let places = system.chain(network).filter_map(|to| match to {
        Destination::Unix(path) | Destination::Journal(path) | Destination::Pipe(path) => {
            Some(&**path)
        }
        Destination::Udp(_) | Destination::Tcp(_) => None,
    });
    let all = files.chain(places).chain([&*config.directory, &*config.catalogue]);
    // Nothing stands for what another says.
    all.filter(|path| !path.as_os_str().is_empty()).collect()
}

/// An event and an audit record as there are, as far as a stream takes any.
fn samples(events: &config::EventChoice, audits: &AuditChoice) -> Vec<Record> {
    let id = FactId::DeliveryRefused;
    let about = id.about();
    let text = Fact::DeliveryRefused { mta: &"mta1", reason: &"the mailbox is full" }.to_string();
    let (severity, facility) = (about.severity, about.facility);
    let told = Told { severity, facility, id, follows: false, text };
    let event = (events.wanted().next().is_some()).then(|| Record::event(told));
    let keyword = match audits.log {
        Audits::All => Some(Keyword::Fetch),
        Audits::None => None,
        Audits::Chosen => audits.chosen.keys().next().copied(),
    };
    let audit = keyword.map(|keyword| {
        let mut audit = Audit::new(keyword, "4-17".into());
        audit.put("p7-seqnum", 3);
        audit.put("mailbox", "/cn=alice/o=example/c=gb/");
        audit.put("result", "ok");
        Record::audit(audit)
    });
    event.into_iter().chain(audit).collect()
}

/// The streams of a configuration, in the order in which they are opened.
fn previews(config: &config::Logging) -> Vec<StreamState> {
    let lines = |lines: &Lines, records: &[Record]| -> Vec<String> {
        let line = |record| {
            let mut text = String::new();
            lines.add(record, &mut text);
            text.trim_end().to_owned()
        };
        records.iter().map(line).collect()
    };
    let state = |name: &str, kind, to: String, preview| StreamState {
        name: name.to_owned(),
        kind,
        to,
        required: false,
        failing: false,
        lost: 0,
        preview,
    };
    let files = config.file.iter().map(|stream| {
        let to = path_at(stream, &config.directory, now().0).display().to_string();
        let records = samples(&stream.events, &stream.audits);
        let preview = lines(&Lines::new(&stream.format, &stream.audits), &records);
        StreamState { required: stream.required, ..state(&stream.name, "file", to, preview) }
    });
    let tty = config.tty.iter().map(|stream| {
        let records = samples(&stream.events, &stream.audits);
        let preview = lines(&Lines::new(&stream.format, &stream.audits), &records);
        state(&stream.name, "tty", stream.output.name().to_owned(), preview)
    });
    let system = config.system.iter().map(|stream| {
        let sink = System::new(stream);
        let records = samples(&stream.events, &stream.audits);
        let preview = records.iter().map(|record| sink.message(record)).collect();
        state(&stream.name, "system", stream.to.to_string(), preview)
    });
    let network = config.network.iter().map(|stream| {
        let sink = Network::new(stream);
        let records = samples(&stream.events, &stream.audits);
        let preview = records.iter().map(|record| sink.line(record).trim_end().to_owned());
        state(&stream.name, "network", stream.to.to_string(), preview.collect())
    });
    files.chain(tty).chain(system).chain(network).collect()
}

/// The files of the stream whose audit records are searched, the oldest first, and its name.
pub(super) fn audit_files(config: &config::Logging) -> Option<(String, super::search::Files)> {
    let takes = |log| move |stream: &&config::FileStream| stream.audits.log == log;
    let all = config.file.iter().find(takes(Audits::All));
    let stream = all.or_else(|| config.file.iter().find(takes(Audits::Chosen)))?;
    let zone = super::format::zone(stream.format.utc);
    let files = Files::existing(stream, &config.directory);
    let files = files.into_iter().map(|path| (path, zone.clone())).collect();
    Some((stream.name.clone(), files))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn logging(directory: &Path) -> Arc<Logging> {
        let stream = config::FileStream { name: "audit".into(), ..Default::default() };
        let directory = directory.to_owned();
        let file = vec![stream];
        Logging::open(&config::Logging { directory, file, ..Default::default() }).unwrap()
    }

    #[test]
    fn streams_are_shown_and_changed_until_the_file_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let logging = logging(directory.path());
        let [state] = &logging.states()[..] else { panic!() };
        assert_eq!((&*state.name, state.kind), ("audit", "file"));
        assert_eq!(state.to, directory.path().join("audit.log").display().to_string());
        let [event, audit] = &state.preview[..] else { panic!() };
        assert!(
            event.ends_with("W-p3-delivery-refused mta1: delivery refused: the mailbox is full")
        );
        assert!(
            audit.ends_with(" FETCH 4-17 p7-seqnum=3 mailbox=/cn=alice/o=example/c=gb/ result=ok")
        );
        let text = logging.text();
        let changed =
            text.replace("log = \"all\"", "log = \"none\"").replace("\"time\"", "\"severity\"");
        let [preview] = &logging.preview(&changed).unwrap()[..] else { panic!() };
        assert_eq!(preview.preview.len(), 1);
        assert!(logging.audits(), "a preview changes nothing");
        logging.change(&changed).unwrap();
        assert!(!logging.audits());
        let file = logging.file.read().unwrap().clone();
        logging.reload(&file).unwrap();
        assert_eq!(logging.text(), text);
    }

    #[test]
    fn what_is_not_in_the_file_is_not_written_to() {
        let directory = tempfile::tempdir().unwrap();
        let logging = logging(directory.path());
        let refused = |text: &str| logging.change(text).unwrap_err().to_string();
        let elsewhere = refused("[logging]\ndirectory = \"/etc\"\n");
        assert_eq!(elsewhere, "/etc is not in the configuration file; name it there first");
        let begin = logging.text();
        let pipe = format!("{begin}\n[[logging.network]]\nto = \"pipe:/tmp/p\"\n");
        assert!(refused(&pipe).starts_with("/tmp/p is not in the configuration file"));
        let more = refused(&format!("{begin}\n[events]\nseverity = \"debug\"\n"));
        assert!(more.starts_with("only [logging] can be changed here"), "{more}");
        assert!(refused("[logging]\nfiles = 1\n").starts_with("[logging]:2:1: unknown field"));
        assert_eq!(logging.text(), begin);
    }
}
