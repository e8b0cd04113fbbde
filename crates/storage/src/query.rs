//! A filter as data: what [`crate::Storage::select`] is asked.
//!
//! All that a query names must hold. Texts are compared without regard to case.

use std::ops::RangeInclusive;

use memchr::memmem::Finder;

use crate::{Count, EntryRow};

/// Which entries are wanted. The default is all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Sequence-numbers.
    pub numbers: RangeInclusive<u32>,
    /// Creation times, microseconds since 1970-01-01 00:00 UTC.
    pub creation_time: RangeInclusive<i64>,
    /// Entry-classes; empty for any.
    pub classes: Vec<u8>,
    /// Parents, children or both.
    pub family: Family,
    /// What else must hold.
    pub tests: Vec<Test>,
    /// No more than so many: the lowest numbers, or the highest.
    pub limit: Option<usize>,
    /// Whether the highest numbers are those that are passed over, and then those that are
    /// wanted. What is selected ascends all the same.
    pub newest: bool,
    /// So many of what else is wanted are passed over: the lowest numbers, or the highest. Takes
    /// no longer for many than for few where nothing but class, status and family is tested.
    pub skip: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            numbers: 0..=u32::MAX,
            creation_time: i64::MIN..=i64::MAX,
            classes: Vec::new(),
            family: Family::All,
            tests: Vec::new(),
            limit: None,
            newest: false,
            skip: 0,
        }
    }
}

/// Which generations are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Any.
    All,
    /// Entries that have no parent.
    MainOnly,
    /// The children of one entry, not their children.
    ChildrenOf(u32),
}

/// A test of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The status is one of these.
    Status(Vec<u8>),
    /// The kind is one of these.
    Kind(Vec<u8>),
    /// The priority is one of these.
    Priority(Vec<u8>),
    /// The size lies in this range, octets.
    Size(RangeInclusive<u64>),
    /// The creation time lies in this range.
    CreationTime(RangeInclusive<i64>),
    /// A text matches.
    Text(TextField, TextMatch),
}

/// A column that holds text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// Who sent it.
    Originator,
    /// What it is about.
    Subject,
    /// Its identifiers.
    MessageId,
    /// Its content-type.
    ContentType,
}

/// How a text is compared, without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMatch {
    /// It is this.
    Equals(String),
    /// It begins with this.
    StartsWith(String),
    /// This is somewhere in it.
    Contains(String),
}

impl Query {
    /// Whether `row` is wanted. A text that was cut passes its test: see
    /// [`crate::Selection::is_exact`].
    pub fn matches(&self, row: &EntryRow<'_>) -> bool {
        self.ready().matches(row)
    }

    /// Makes the needles ready once, not once a row.
    pub(crate) fn ready(&self) -> ReadyQuery<'_> {
        let folded = |test: &Test| match test {
            Test::Text(_, TextMatch::Equals(text))
            | Test::Text(_, TextMatch::StartsWith(text))
            | Test::Text(_, TextMatch::Contains(text)) => text.to_lowercase(),
            _ => String::new(),
        };
        let tests = self.tests.iter().map(|test| (test, folded(test))).collect();
        ReadyQuery { query: self, tests }
    }
}

/// A query with its needles in lower case.
pub(crate) struct ReadyQuery<'a> {
    query: &'a Query,
    tests: Vec<(&'a Test, String)>,
}

impl ReadyQuery<'_> {
    pub(crate) fn matches(&self, row: &EntryRow<'_>) -> bool {
        let query = self.query;
        query.numbers.contains(&row.number)
            && query.creation_time.contains(&row.creation_time)
            && (query.classes.is_empty() || query.classes.contains(&row.class))
            && match query.family {
                Family::All => true,
                Family::MainOnly => row.parent.is_none(),
                Family::ChildrenOf(number) => row.parent == Some(number),
            }
            && self.tests.iter().all(|(test, folded)| holds(test, folded, row))
    }

    /// What was asked.
    pub(crate) fn query(&self) -> &Query {
        self.query
    }

    /// Whether nothing is asked beside numbers and times that counts do not say.
    pub(crate) fn is_answered_by_counts(&self) -> bool {
        let by_status = |(test, _): &(&Test, String)| matches!(test, Test::Status(_));
        !matches!(self.query.family, Family::ChildrenOf(_)) && self.tests.iter().all(by_status)
    }

    /// Whether all entries of a kind are wanted, where counts answer that.
    pub(crate) fn matches_all(&self, kind: &Count) -> bool {
        let query = self.query;
        let status = |(test, _): &(&Test, String)| match test {
            Test::Status(statuses) => statuses.contains(&kind.status),
            _ => false,
        };
        (query.classes.is_empty() || query.classes.contains(&kind.class))
            && (query.family == Family::All || !kind.child)
            && self.tests.iter().all(status)
    }

    /// Whether a text is tested, so that a row whose text was cut is not surely wanted.
    pub(crate) fn tests_text(&self) -> bool {
        self.tests.iter().any(|(test, _)| matches!(test, Test::Text(..)))
    }

    /// What finds out at once that none of many rows has the texts that are tested.
    pub(crate) fn sieve(&self) -> Sieve {
        let texts = self.tests.iter().filter(|(test, _)| matches!(test, Test::Text(..)));
        let ascii = texts.filter(|(_, folded)| folded.is_ascii() && !folded.is_empty());
        let needle = |(_, folded): &(&Test, String)| Needle {
            has_letters: folded.bytes().any(|octet| octet.is_ascii_alphabetic()),
            finder: Finder::new(folded).into_owned(),
        };
        Sieve { needles: ascii.map(needle).collect(), lower: Vec::new() }
    }

    /// The statuses of which every row that is wanted has one.
    pub(crate) fn statuses(&self) -> Option<&[u8]> {
        self.tests.iter().find_map(|(test, _)| match test {
            Test::Status(statuses) => Some(statuses.as_slice()),
            _ => None,
        })
    }
}

/// Words of ASCII, each of which is in every row that is wanted, unless a text of it was cut.
pub(crate) struct Sieve {
    needles: Vec<Needle>,
    /// Texts in lower case, in room that is used again.
    lower: Vec<u8>,
}

struct Needle {
    has_letters: bool,
    finder: Finder<'static>,
}

impl Sieve {
    /// Whether all words are somewhere in the texts of some rows, which have no letter beyond
    /// ASCII whose lower case is in ASCII.
    pub(crate) fn may_hold(&mut self, texts: &str) -> bool {
        let Self { needles, lower } = self;
        if needles.iter().any(|needle| needle.has_letters) {
            lower.clear();
            lower.extend_from_slice(texts.as_bytes());
            lower.make_ascii_lowercase();
        }
        needles.iter().all(|needle| {
            let texts = if needle.has_letters { &lower[..] } else { texts.as_bytes() };
            needle.finder.find(texts).is_some()
        })
    }
}

fn holds(test: &Test, folded: &str, row: &EntryRow<'_>) -> bool {
    match test {
        Test::Status(statuses) => statuses.contains(&row.status),
        Test::Kind(kinds) => kinds.contains(&row.kind),
        Test::Priority(priorities) => priorities.contains(&row.priority),
        Test::Size(range) => range.contains(&row.size),
        Test::CreationTime(range) => range.contains(&row.creation_time),
        Test::Text(field, how) => {
            let text = match field {
                TextField::Originator => row.originator,
                TextField::Subject => row.subject,
                TextField::MessageId => row.message_id,
                TextField::ContentType => row.content_type,
            };
            row.cut || text_matches(how, folded, text)
        }
    }
}

fn text_matches(how: &TextMatch, folded: &str, text: &str) -> bool {
    if text.is_ascii() && folded.is_ascii() {
        return ascii_matches(how, folded.as_bytes(), text.as_bytes());
    }
    let text = text.to_lowercase();
    match how {
        TextMatch::Equals(_) => text == folded,
        TextMatch::StartsWith(_) => text.starts_with(folded),
        TextMatch::Contains(_) => text.contains(folded),
    }
}

fn ascii_matches(how: &TextMatch, folded: &[u8], text: &[u8]) -> bool {
    let starts = |text: &[u8]| {
        text.get(..folded.len()).is_some_and(|start| start.eq_ignore_ascii_case(folded))
    };
    match how {
        TextMatch::Equals(_) => text.eq_ignore_ascii_case(folded),
        TextMatch::StartsWith(_) => starts(text),
        TextMatch::Contains(_) => match folded.first() {
            None => true,
            Some(first) => text
                .iter()
                .enumerate()
                .any(|(at, octet)| octet.eq_ignore_ascii_case(first) && starts(&text[at..])),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(needle: &str, text: &str) -> bool {
        text_matches(&TextMatch::Contains(needle.into()), &needle.to_lowercase(), text)
    }

    #[test]
    fn a_sieve_lets_pass_what_has_all_words_in_whatever_case() {
        let text = |word: &str| Test::Text(TextField::Subject, TextMatch::Contains(word.into()));
        let query = Query { tests: vec![text("SIGMET"), text("0042")], ..Query::default() };
        let ready = query.ready();
        let mut sieve = ready.sieve();
        assert!(sieve.may_hold("Sigmet 10042") && sieve.may_hold("0042sIGMET"));
        assert!(!sieve.may_hold("Sigmet 1042") && !sieve.may_hold("0042"));
        // What has other letters in lower case is nothing for it, nor is what is in every text.
        let query = Query { tests: vec![text("ÜBER"), text("")], ..Query::default() };
        let ready = query.ready();
        assert!(ready.sieve().may_hold("nothing"));
    }

    #[test]
    fn texts_are_compared_without_regard_to_case() {
        assert!(contains("SIGMET", "Sigmet egll"));
        assert!(contains("egll", "sigmet EGLL"));
        assert!(contains("", "anything"));
        assert!(!contains("egllx", "sigmet egll"));
        assert!(contains("ÜBER", "Flug über Köln"));
        let starts = TextMatch::StartsWith("Sig".into());
        assert!(text_matches(&starts, "sig", "SIGMET"));
        assert!(!text_matches(&starts, "sig", "a sigmet"));
        let equals = TextMatch::Equals("Sigmet".into());
        assert!(text_matches(&equals, "sigmet", "SIGMET"));
        assert!(!text_matches(&equals, "sigmet", "SIGMETS"));
    }
}
