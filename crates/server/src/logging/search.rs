//! A search of the audit records that file streams have written: by keyword, mailbox, association,
//! time and text, or all that belongs to one message, from its submission or delivery to its
//! fetches and its deletion.
//!
//! It reads the newest files, up to a limit, and says whether older ones were left out. It refuses
//! nothing that is no record: events between records, and lines that somebody else wrote, are
//! passed over.

use std::{
    collections::{BTreeSet, VecDeque},
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

use jiff::{Timestamp, tz::TimeZone};
use restante_view::audit::{Keyword, Record};

use super::recent::{LogPair, LogRecord};
use crate::shared::time_text;

/// What is read of files for one search, octets.
const READ_OCTETS_MAX: u64 = 64 << 20;
/// A longer line is no record, octets.
const LINE_OCTETS_MAX: u64 = 1 << 20;
/// So many records are found, the newest.
const FOUND_MAX: usize = 1_000;
/// So many names of what belongs to a message are remembered.
const NAMES_MAX: usize = 10_000;

/// What is looked for: all that is given must hold.
#[derive(Debug, Default, Clone)]
pub(crate) struct Wanted {
    /// The keyword.
    pub(crate) keyword: Option<Keyword>,
    /// The mailbox, or part of its name.
    pub(crate) mailbox: String,
    /// The identifier of the association.
    pub(crate) association: String,
    /// An identifier of a message, or part of one: what belongs to it.
    pub(crate) message: String,
    /// A text in any value.
    pub(crate) text: String,
    /// From when on, microseconds since 1970.
    pub(crate) since: Option<i64>,
    /// Until when.
    pub(crate) until: Option<i64>,
    /// How many.
    pub(crate) limit: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The newest first.
    pub(crate) records: Vec<LogRecord>,
    /// Whether there are more, older ones.
    pub(crate) more: bool,
    /// Whether older files, or the older part of one, were not read.
    pub(crate) cut: bool,
}

/// Files to be searched, the oldest first, with the time zone of their times.
pub(super) type Files = Vec<(PathBuf, TimeZone)>;

/// What of a file is read: from where on, octets.
type Part = (PathBuf, u64, TimeZone);

/// Searches. Blocks.
pub(super) fn search(files: Files, wanted: &Wanted) -> io::Result<Found> {
    let limit = wanted.limit.clamp(1, FOUND_MAX);
    let mut message = Message::of(&wanted.message);
    let mut found = VecDeque::new();
    let (files, cut) = newest(files)?;
    let mut more = false;
    for (path, from, zone) in files {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        while lines.by_ref().take(LINE_OCTETS_MAX).read_until(b'\n', &mut line)? > 0 {
            let record = str::from_utf8(&line).ok().and_then(Record::parse);
            line.clear();
            let Some(record) = record else { continue };
            let time = record.time.and_then(|time| zone.to_timestamp(time).ok());
            let ours = message.as_mut().is_none_or(|message| message.has(&record));
            if !ours || !wanted.meets(&record, time) {
                continue;
            }
            if found.len() >= limit {
                found.pop_front();
                more = true;
            }
            found.push_back(shown(record, time));
        }
    }
    Ok(Found { records: found.into_iter().rev().collect(), more, cut })
}

/// The newest of files and from where on each is read, as far as may be read; whether something
/// is left out.
fn newest(files: Files) -> io::Result<(Vec<Part>, bool)> {
    let mut left = READ_OCTETS_MAX;
    let mut read = Vec::new();
    let mut cut = false;
    for (path, zone) in files.into_iter().rev() {
        let length = match path.metadata() {
            Ok(about) => about.len(),
            // It was removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if left == 0 {
            cut = true;
            break;
        }
        let from = length.saturating_sub(left);
        cut |= from > 0;
        left -= length - from;
        read.push((path, from, zone));
    }
    read.reverse();
    Ok((read, cut))
}

fn shown(record: Record, time: Option<Timestamp>) -> LogRecord {
    let pair = |(key, value)| LogPair { key, value };
    LogRecord {
        time: time.map(|time| time_text(time.as_microsecond())).unwrap_or_default(),
        severity: None,
        facility: None,
        identifier: None,
        text: None,
        keyword: Some(record.keyword.text()),
        association: Some(record.association),
        pairs: record.pairs.into_iter().map(pair).collect(),
    }
}

impl Wanted {
    fn meets(&self, record: &Record, time: Option<Timestamp>) -> bool {
        let time = time.map(Timestamp::as_microsecond);
        let has = |value: &str, part: &str| value.to_lowercase().contains(&part.to_lowercase());
        let after = |since| time.is_some_and(|time| time >= since);
        let before = |until| time.is_some_and(|time| time <= until);
        self.keyword.is_none_or(|keyword| keyword == record.keyword)
            && (self.association.is_empty() || record.association == self.association)
            && (self.mailbox.is_empty()
                || record.value("mailbox").is_some_and(|mailbox| has(mailbox, &self.mailbox)))
            && (self.text.is_empty()
                || record.pairs.iter().any(|(_, value)| has(value, &self.text)))
            && self.since.is_none_or(after)
            && self.until.is_none_or(before)
    }
}

/// What is known of a message while records are read in their order.
struct Message {
    /// The identifier that is asked for.
    wanted: String,
    /// Identifiers that are the message's too.
    identifiers: BTreeSet<String>,
    /// Its submissions: association and invokeid.
    submissions: BTreeSet<(String, String)>,
    /// Its entries: mailbox and number.
    entries: BTreeSet<(String, u32)>,
}

impl Message {
    fn of(wanted: &str) -> Option<Self> {
        let wanted = wanted.trim();
        (!wanted.is_empty()).then(|| Self {
            wanted: wanted.to_lowercase(),
            identifiers: BTreeSet::new(),
            submissions: BTreeSet::new(),
            entries: BTreeSet::new(),
        })
    }

    /// Whether a record is about it.
    fn has(&mut self, record: &Record) -> bool {
        let value = |key| record.value(key);
        let named = ["p1msgid", "subjectmsgid", "msgid", "ipmid", "content-id"];
        let is_named = named.into_iter().filter_map(value).any(|identifier| {
            self.identifiers.contains(identifier)
                || identifier.to_lowercase().contains(&self.wanted)
        });
        let submission = value("invokeid").map(|id| (record.association.clone(), id.to_owned()));
        let is_submitted = submission.as_ref().is_some_and(|one| self.submissions.contains(one));
        let mailbox = value("mailbox").unwrap_or_default();
        let is_entry = record.numbers().any(|(first, last)| {
            let from = (mailbox.to_owned(), first);
            self.entries.range(from..=(mailbox.to_owned(), last)).next().is_some()
        });
        if !is_named && !is_submitted && !is_entry {
            return false;
        }
        let known = self.identifiers.len() + self.submissions.len() + self.entries.len();
        if known < NAMES_MAX && (is_named || is_submitted) {
            self.submissions.extend(submission);
            self.identifiers
                .extend(["p1msgid", "ipmid"].into_iter().filter_map(value).map(Into::into));
            let number = record.numbers().next();
            self.entries.extend(number.map(|(number, _)| (mailbox.to_owned(), number)));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OLD: &str = "\
2026-03-01 09:00:00 SUBMIT-MESSAGE 1-2 invokeid=4 ipmid=\"a1 of me\" mailbox=/cn=bob/
2026-03-01 09:00:01 SUBMIT-MESSAGE-RESULT 1-2 invokeid=4 p1msgid=[/C=GB/;m1] mailbox=/cn=bob/
2026-03-01 09:00:01 SUBMIT-MESSAGE 1-3 invokeid=5 mailbox=/cn=bob/
2026-03-01 09:30:00 I-server-stopping stopping
";
    const NEW: &str = "\
2026-03-01 10:00:00 DELIVER-MESSAGE 1-5 p1msgid=[/C=GB/;m1] p7-seqnum=7 mailbox=/cn=alice/
2026-03-01 10:00:01 DELIVER-MESSAGE 1-5 p1msgid=[/C=GB/;m2] p7-seqnum=8 mailbox=/cn=alice/
2026-03-01 10:01:00 FETCH 1-6 p7-seqnum=7 mailbox=/cn=alice/
2026-03-01 10:01:00 FETCH 1-6 p7-seqnum=7 mailbox=/cn=carol/
2026-03-01 10:02:00 FETCH 1-6 p7-seqnum=8 mailbox=/cn=alice/
2026-03-01 10:03:00 DELETE 1-6 p7-seqnum=2,5-9 mailbox=/cn=alice/
";

    fn found(change: impl FnOnce(&mut Wanted)) -> (Vec<String>, bool) {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            fs::write(&path, text).unwrap();
            (path, TimeZone::UTC)
        };
        let gone = (directory.path().join("gone"), TimeZone::UTC);
        let files = vec![file("1", OLD), gone, file("2", NEW)];
        let mut wanted = Wanted { limit: 100, ..Wanted::default() };
        change(&mut wanted);
        let found = search(files, &wanted).unwrap();
        assert!(!found.cut);
        let short = |record: &LogRecord| {
            format!("{} {}", &record.time[11..19], record.keyword.unwrap_or_default())
        };
        (found.records.iter().map(short).collect(), found.more)
    }

    #[test]
    fn a_message_is_followed_from_its_submission_to_its_deletion() {
        let (records, _) = found(|wanted| wanted.message = "A1 of".into());
        let expected = [
            "10:03:00 DELETE",
            "10:01:00 FETCH",
            "10:00:00 DELIVER-MESSAGE",
            "09:00:01 SUBMIT-MESSAGE-RESULT",
            "09:00:00 SUBMIT-MESSAGE",
        ];
        assert_eq!(records, expected);
    }

    #[test]
    fn what_is_given_must_hold() {
        let (records, _) = found(|wanted| {
            wanted.keyword = Some(Keyword::Fetch);
            wanted.mailbox = "CN=Alice".into();
        });
        assert_eq!(records, ["10:02:00 FETCH", "10:01:00 FETCH"]);
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap().as_microsecond());
        let (records, _) = found(|wanted| {
            wanted.since = at("2026-03-01T10:01:00Z");
            wanted.until = at("2026-03-01T10:02:30Z");
            wanted.association = "1-6".into();
        });
        assert_eq!(records.len(), 3);
        let (records, more) = found(|wanted| {
            wanted.text = ";M".into();
            wanted.limit = 2;
        });
        assert_eq!(records, ["10:00:01 DELIVER-MESSAGE", "10:00:00 DELIVER-MESSAGE"]);
        assert!(more, "the result of the submission is older");
    }

    #[test]
    fn the_newest_is_read_where_there_is_too_much() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("long");
        let file = File::create(&path).unwrap();
        file.set_len(READ_OCTETS_MAX + 10).unwrap();
        let old = (directory.path().join("old"), TimeZone::UTC);
        fs::write(&old.0, OLD).unwrap();
        let (read, cut) = newest(vec![old, (path.clone(), TimeZone::UTC)]).unwrap();
        assert!(cut);
        assert_eq!((read.len(), &read[0].0, read[0].1), (1, &path, 10));
    }
}
