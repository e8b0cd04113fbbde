//! Lines of an audit log, read: a keyword, the identifier of an association, `key=value` pairs.
//!
//! What stands before the keyword is whatever the stream writes there (time, program, process,
//! user); a time is found where it has the year. Values with spaces in them stand in quotes. Keys
//! and keywords are those that the log promises, and any others. It refuses to guess: a line
//! without a keyword is no record.

use std::{fmt, str::FromStr};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

macro_rules! keywords {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),+ $(,)?) => {
        /// What an audit record tells of.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Keyword {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)+
        }

        impl Keyword {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it is written.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

keywords! {
    /// An association begins, or is refused.
    Bind = "BIND",
    /// Entries are listed.
    List = "LIST",
    /// Entries are counted.
    Summarize = "SUMMARIZE",
    /// An entry is fetched.
    Fetch = "FETCH",
    /// Entries are deleted.
    Delete = "DELETE",
    /// Attributes of entries are changed (1994).
    Modify = "MODIFY",
    /// What the store is to do is registered.
    RegisterMs = "REGISTER-MS",
    /// A message is submitted.
    SubmitMessage = "SUBMIT-MESSAGE",
    /// What became of that.
    SubmitMessageResult = "SUBMIT-MESSAGE-RESULT",
    /// A probe is submitted.
    SubmitProbe = "SUBMIT-PROBE",
    /// What became of that.
    SubmitProbeResult = "SUBMIT-PROBE-RESULT",
    /// A deferred delivery is cancelled.
    CancelDeferredDelivery = "CANCEL-DEFERRED-DELIVERY",
    /// A message is delivered.
    DeliverMessage = "DELIVER-MESSAGE",
    /// A report is delivered.
    DeliverReport = "DELIVER-REPORT",
    /// An MTA is told what it may deliver.
    DeliveryControl = "DELIVERY-CONTROL",
    /// The MTA tells what it takes.
    SubmissionControl = "SUBMISSION-CONTROL",
    /// A password is changed.
    ChangeCredentials = "CHANGE-CREDENTIALS",
    /// What may be delivered is registered.
    Register = "REGISTER",
    /// An association ends.
    Unbind = "UNBIND",
    /// A user agent is alerted.
    Alert = "ALERT",
    /// The store does something by itself for a user.
    AutoAction = "AUTO-ACTION",
    /// Somebody who runs the store does something.
    Admin = "ADMIN",
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// A word that is no keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeyword;

impl FromStr for Keyword {
    type Err = NoKeyword;

    /// Underscores are read for hyphens: logs that say `SUBMIT_PROBE_RESULT` are.
    fn from_str(text: &str) -> Result<Self, NoKeyword> {
        let is = |keyword: &&Self| {
            let same = |(a, b): (u8, u8)| a == b || (a == b'_' && b == b'-');
            text.len() == keyword.text().len()
                && text.bytes().zip(keyword.text().bytes()).all(same)
        };
        Self::ALL.iter().find(is).copied().ok_or(NoKeyword)
    }
}

/// A line of an audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When, in the time zone of the log; none where the line does not have the whole date.
    pub time: Option<DateTime>,
    /// What.
    pub keyword: Keyword,
    /// The identifier of the association.
    pub association: String,
    /// All else, in its order.
    pub pairs: Vec<(String, String)>,
}

impl Record {
    /// Reads a line; `None` where it is no audit record.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = Words(line.trim_end_matches(['\r', '\n']));
        let mut before = Vec::new();
        let keyword = loop {
            let word = words.word()?;
            match word.parse() {
                Ok(keyword) => break keyword,
                Err(NoKeyword) => before.push(word),
            }
        };
        let association = words.word()?.to_owned();
        let mut pairs = Vec::new();
        while let Some(pair) = words.pair()? {
            pairs.push(pair);
        }
        Some(Self { time: time(&before), keyword, association, pairs })
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        pairs.find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The numbers of the entries that it is of, from the first to the last of each run: `3`,
    /// `1-4,7`. What is no number is passed over.
    pub fn numbers(&self) -> impl Iterator<Item = (u32, u32)> {
        let run = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some((first, last))
        };
        self.value("p7-seqnum").unwrap_or_default().split(',').filter_map(run)
    }
}

/// The time among what stands before the keyword: first of all, where it is there.
fn time(words: &[&str]) -> Option<DateTime> {
    let date = words.first()?;
    date.parse().ok().filter(|_| date.contains('T')).or_else(|| {
        let time = words.get(1).filter(|time| time.contains(':'))?;
        format!("{date}T{time}").parse().ok()
    })
}

/// What is left of a line.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// The next word; `None` at the end.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches(' ');
        let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The next pair, or that there is no other; `None` where there is something else.
    fn pair(&mut self) -> Option<Option<(String, String)>> {
        let rest = self.0.trim_start_matches(' ');
        if rest.is_empty() {
            return Some(None);
        }
        let (key, rest) = rest.split_once('=')?;
        if key.is_empty() || key.contains([' ', '"']) {
            return None;
        }
        let Some(quoted) = rest.strip_prefix('"') else {
            let (value, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            self.0 = rest;
            return Some(Some((key.to_owned(), value.to_owned())));
        };
        let (value, rest) = unquoted(quoted)?;
        if !(rest.is_empty() || rest.starts_with(' ')) {
            return None;
        }
        self.0 = rest;
        Some(Some((key.to_owned(), value)))
    }
}

/// A value up to its closing quote, and what comes behind.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                'u' => {
                    let (_, number) = text.get(at..)?.split_once('{')?;
                    let (number, _) = number.split_once('}')?;
                    value.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
                    characters.find(|(_, character)| *character == '}')?;
                }
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

/// A value as a line of an audit log has it: in quotes where it needs them, and whatever could
/// end the line or move a cursor escaped.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| !(c == ' ' || c == '"' || c == '\\' || is_hidden(c));
        if !self.0.is_empty() && self.0.chars().all(plain) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                hidden if is_hidden(hidden) => write!(f, "{}", hidden.escape_default())?,
                other => write!(f, "{other}")?,
            }
        }
        f.write_str("\"")
    }
}

/// Whether a character does something to the text around it rather than be seen: controls, line
/// and paragraph separators, and what turns the direction of writing.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_of_the_log_is_read() {
        let line = "2026-03-01 10:15:02 restante 4711 17 (post) BIND 4-17 \
                    bindtype=\"by UA\" uaname=/CN=Alice/C=GB/ result=ok";
        let record = Record::parse(line).unwrap();
        assert_eq!(record.time.unwrap().to_string(), "2026-03-01T10:15:02");
        assert_eq!((record.keyword, &*record.association), (Keyword::Bind, "4-17"));
        let pairs = [("bindtype", "by UA"), ("uaname", "/CN=Alice/C=GB/"), ("result", "ok")];
        assert_eq!(record.pairs, pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(record.value("uaname"), Some("/CN=Alice/C=GB/"));
    }

    #[test]
    fn the_numbers_of_a_record_are_runs_of_them() {
        let numbers = |pairs: &str| {
            Record::parse(&format!("DELETE 3 {pairs}")).unwrap().numbers().collect::<Vec<_>>()
        };
        assert_eq!(numbers("p7-seqnum=3"), [(3, 3)]);
        assert_eq!(numbers("p7-seqnum=1-4,9-3,x,7"), [(1, 4), (7, 7)]);
        assert_eq!(numbers("mailbox=/cn=3/"), []);
    }

    #[test]
    fn both_spellings_of_the_result_of_a_probe_are_read() {
        for spelling in ["SUBMIT_PROBE_RESULT", "SUBMIT-PROBE-RESULT"] {
            let record =
                Record::parse(&format!(" 2/ 8 14:35:06 {spelling} 3 invokeid=7")).unwrap();
            assert_eq!((record.keyword, record.time), (Keyword::SubmitProbeResult, None));
        }
    }

    #[test]
    fn what_is_no_record_is_none() {
        for line in [
            "",
            "2026-03-01 10:15:02 restante I-P7-bound bound",
            "FETCH",
            "FETCH 3 p7-seqnum",
            "FETCH 3 subject=\"open",
            "FETCH 3 a=\"b\"c",
        ] {
            assert_eq!(Record::parse(line), None, "{line}");
        }
    }

    #[test]
    fn times_with_the_year_are_read_in_each_form() {
        for (line, time) in [
            ("2026-03-01T10:15:02 UNBIND 1", "2026-03-01T10:15:02"),
            ("2026-03-01 10:15:02.000007 UNBIND 1", "2026-03-01T10:15:02.000007"),
        ] {
            assert_eq!(Record::parse(line).unwrap().time.unwrap().to_string(), time);
        }
    }

    proptest! {
        #[test]
        fn a_value_is_one_value_of_one_line_and_read_as_it_was(value in any::<String>()) {
            let line = format!("FETCH 1 subject={} result=ok", Quoted(&value));
            prop_assert!(!line.chars().any(is_hidden), "{}", line);
            let record = Record::parse(&line).unwrap();
            prop_assert_eq!(record.value("subject"), Some(value.as_str()));
            prop_assert_eq!(record.pairs.len(), 2);
        }

        #[test]
        fn any_line_is_read_or_not(line in any::<String>()) {
            let _ = Record::parse(&line);
        }
    }
}
