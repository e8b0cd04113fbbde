//! The fields of a header: one a line, folded, in ASCII; other characters as RFC 2047 has them.
//! What is given can't end a line: control characters become blanks.

use base64ct::{Base64, Encoding as _};
use jiff::{Timestamp, fmt::rfc2822};

/// The longest line, where there are blanks at which it can be folded (RFC 5322 §2.1.1).
const LINE_MAX: usize = 76;
/// Octets of a text that go into one encoded word: 75 characters hold no more (RFC 2047 §2).
const ENCODED_OCTETS_MAX: usize = 42;

/// Fields in their order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// Adds a field.
    pub(super) fn put(&mut self, name: &'static str, value: &str) {
        let value = match value.is_ascii() {
            true => value.to_owned(),
            false => encoded(value),
        };
        let plain = |c: char| if c.is_ascii_control() { ' ' } else { c };
        self.0.push((name, value.chars().map(plain).collect()));
    }

    /// Adds a field where there is none of the name.
    pub(super) fn put_if_absent(&mut self, name: &'static str, value: impl FnOnce() -> String) {
        if self.0.iter().all(|(there, _)| *there != name) {
            self.put(name, &value());
        }
    }

    /// Adds a field of values with commas between, where there are any.
    pub(super) fn put_list(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = String>,
    ) {
        self.put_joined(name, ", ", values);
    }

    /// Adds a field of values with blanks between, where there are any.
    pub(super) fn put_words(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = String>,
    ) {
        self.put_joined(name, " ", values);
    }

    fn put_joined(
        &mut self,
        name: &'static str,
        between: &str,
        values: impl IntoIterator<Item = String>,
    ) {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.put(name, &values.join(between));
        }
    }

    /// Adds a time, seconds since 1970.
    pub(super) fn put_time(&mut self, name: &'static str, seconds: i64) {
        let time = Timestamp::from_second(seconds).ok();
        let printer = rfc2822::DateTimePrinter::new();
        if let Some(text) = time.and_then(|time| printer.timestamp_to_string(&time).ok()) {
            self.put(name, &text);
        }
    }

    /// The lines of a header, without the empty one that ends it.
    pub(super) fn lines(&self) -> String {
        self.0.iter().map(|(name, value)| folded(&format!("{name}: {value}"))).collect()
    }
}

/// A line in parts that begin with a blank each but the first.
fn folded(line: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for part in line.split_inclusive(' ') {
        // A blank at the end of a line would be lost on its way: it begins the next one.
        if length > 0 && length + part.trim_end().len() > LINE_MAX && text.ends_with(' ') {
            text.pop();
            text.push_str("\r\n ");
            length = 1;
        }
        text.push_str(part);
        length += part.len();
    }
    let text = text.trim_end();
    format!("{text}\r\n")
}

/// A text as encoded words.
fn encoded(text: &str) -> String {
    let mut words = Vec::new();
    let mut some = String::new();
    for character in text.chars() {
        if some.len() + character.len_utf8() > ENCODED_OCTETS_MAX {
            words.push(std::mem::take(&mut some));
        }
        some.push(character);
    }
    words.push(some);
    let word = |text: &String| format!("=?UTF-8?B?{}?=", Base64::encode_string(text.as_bytes()));
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A name that people read.
pub(super) fn word(text: &str) -> String {
    let text = text.trim();
    match text.is_ascii() {
        false => encoded(text),
        true if !text.is_empty() && text.split(' ').all(is_atom) => text.to_owned(),
        true => quoted(text),
    }
}

/// Whether a text needs no quotes (RFC 5322 §3.2.3).
pub(super) fn is_atom(text: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    !text.is_empty() && text.chars().all(harmless)
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(if character.is_control() { ' ' } else { character });
    }
    quoted.push('"');
    quoted
}
