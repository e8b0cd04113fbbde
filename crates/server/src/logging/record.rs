//! What goes into the log: audit records, a keyword with pairs, and events, a text with a
//! severity.

use restante_view::audit::Keyword;
use rustix::thread::gettid;

use crate::{
    events::{Facility, FactId, Severity},
    shared,
};

/// The longest value of an audit record or text of an event, octets: what is longer is cut.
const TEXT_OCTETS_MAX: usize = 4096;
/// What is put where a text was cut.
const CUT: &str = "…";

/// A record.
#[derive(Debug)]
pub(crate) struct Record {
    /// When: microseconds since 1970.
    pub(super) time: i64,
    /// The number of the thread that tells it.
    pub(super) thread: i32,
    pub(super) what: What,
}

/// What it tells.
#[derive(Debug)]
pub(super) enum What {
    Audit(Audit),
    Event(Told),
}

/// What an audit record says.
#[derive(Debug)]
pub(crate) struct Audit {
    pub(super) keyword: Keyword,
    pub(super) association: String,
    pub(super) pairs: Vec<(&'static str, String)>,
}

/// What an event says.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) severity: Severity,
    pub(crate) facility: Facility,
    pub(crate) id: FactId,
    /// Whether it says more of the one before: both are of one set.
    pub(crate) follows: bool,
    pub(crate) text: String,
}

impl Audit {
    /// A record of what an association does.
    pub(crate) fn new(keyword: Keyword, association: String) -> Self {
        Self { keyword, association, pairs: Vec::new() }
    }

    /// Adds a pair.
    pub(crate) fn put(&mut self, key: &'static str, value: impl ToString) {
        self.pairs.push((key, cut(value.to_string())));
    }

    /// Adds a pair, where there is a value.
    pub(crate) fn put_some(&mut self, key: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }
}

impl Record {
    pub(super) fn audit(audit: Audit) -> Self {
        Self::now(What::Audit(audit))
    }

    pub(super) fn event(told: Told) -> Self {
        Self::now(What::Event(Told { text: cut(told.text), ..told }))
    }

    fn now(what: What) -> Self {
        thread_local!(static THREAD: i32 = gettid().as_raw_nonzero().get());
        Self { time: shared::now().0, thread: THREAD.with(|thread| *thread), what }
    }
}

/// A text that is not too long.
fn cut(mut text: String) -> String {
    if text.len() > TEXT_OCTETS_MAX {
        let mut end = TEXT_OCTETS_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let long = "a".to_owned() + &"é".repeat(TEXT_OCTETS_MAX / 2);
        let short = cut(long);
        assert_eq!(short.len(), TEXT_OCTETS_MAX - 1 + CUT.len());
        assert!(short.ends_with("é…"));
        let fits = "b".repeat(TEXT_OCTETS_MAX);
        assert_eq!(cut(fits.clone()), fits);
    }
}
