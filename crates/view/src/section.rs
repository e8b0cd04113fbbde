//! What is said of an entry, once for people and programs: a section of named fields that is
//! printed as lines or as JSON.
//!
//! Names are those of the standards in snake case. They are the keys of the JSON, which programs
//! rely on; people see them as words.

use std::{borrow::Cow, fmt::Write as _};

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use crate::{text, time};

/// How far a section stands in the one that it is in.
const INDENT: usize = 2;

/// Fields in the order in which people read them.
#[derive(Debug, Default)]
pub struct Section(Vec<(Cow<'static, str>, Value)>);

/// The value of a field.
#[derive(Debug)]
pub enum Value {
    /// One line.
    Text(String),
    /// Any number of lines.
    Lines(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Seconds since 1970.
    Time(i64),
    /// Several values.
    List(Vec<Value>),
    /// Fields of a thing inside.
    Section(Section),
    /// Several things inside, counted from 1; the field's name is their plural.
    Sections(Vec<Section>),
}

impl Section {
    /// Adds a field.
    pub fn put(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Value>,
    ) -> &mut Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Adds a field where there is a value.
    pub fn put_some(&mut self, name: &'static str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    /// Adds a list where there is something in it.
    pub fn put_list<V: Into<Value>>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.put(name, Value::List(values));
        }
        self
    }

    /// A field as one line for people; empty where it is absent.
    pub fn field(&self, name: &str, zone: &TimeZone) -> String {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or_else(String::new, |(_, value)| value.line(zone))
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(found, _)| found != name);
    }

    /// The fields, each with its name as people read it.
    pub fn fields(&self) -> impl Iterator<Item = (String, &Value)> {
        self.0.iter().map(|(name, value)| (label(name), value))
    }

    /// For programs.
    pub fn json(&self) -> Json {
        let fields = self.0.iter().map(|(name, value)| (name.to_string(), value.json()));
        Json::Object(fields.collect::<Map<_, _>>())
    }

    /// For people, times in a time zone.
    pub fn print(&self, zone: &TimeZone) -> String {
        let mut out = String::new();
        self.print_into(&mut out, 0, zone);
        out
    }

    fn print_into(&self, out: &mut String, indent: usize, zone: &TimeZone) {
        let labels = self.0.iter().filter(|(_, value)| value.is_inline());
        let width = labels.map(|(name, _)| name.len() + 1).max().unwrap_or(0);
        for (name, value) in &self.0 {
            value.print_field(&label(name), width, out, indent, zone);
        }
    }
}

/// `content_type` for people.
fn label(name: &str) -> String {
    let word = |(at, word): (usize, &str)| match word {
        "ats" | "ipm" | "ipms" | "mmhs" | "sic" | "plad" => {
            word.to_uppercase().replace("MS", "Ms")
        }
        _ if at == 0 => {
            let mut characters = word.chars();
            let first = characters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(characters).collect()
        }
        _ => word.to_owned(),
    };
    name.split('_').enumerate().map(word).collect::<Vec<_>>().join(" ")
}

impl Value {
    /// Whether it stands behind its label, rather than below it.
    fn is_inline(&self) -> bool {
        !matches!(self, Self::Lines(_) | Self::Section(_) | Self::Sections(_))
    }

    fn json(&self) -> Json {
        match self {
            Self::Text(text) | Self::Lines(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Time(seconds) => time::utc(*seconds).into(),
            Self::List(values) => values.iter().map(Self::json).collect(),
            Self::Section(section) => section.json(),
            Self::Sections(sections) => sections.iter().map(Section::json).collect(),
        }
    }

    /// The value as one line for people.
    pub fn line(&self, zone: &TimeZone) -> String {
        match self {
            Self::Text(text) | Self::Lines(text) => text::line(text),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Time(seconds) => time::local(*seconds, zone),
            Self::List(values) => {
                values.iter().map(|value| value.line(zone)).collect::<Vec<_>>().join(", ")
            }
            Self::Section(_) | Self::Sections(_) => text::line(&self.json().to_string()),
        }
    }

    // Writing to a string can't fail; its results are dropped below.
    fn print_field(
        &self,
        label: &str,
        width: usize,
        out: &mut String,
        indent: usize,
        zone: &TimeZone,
    ) {
        match self {
            Self::List(values) => {
                let mut label = format!("{label}:");
                for value in values {
                    let value = value.line(zone);
                    let _ = writeln!(out, "{:indent$}{label:width$} {value}", "");
                    label.clear();
                }
            }
            Self::Section(section) => {
                let _ = writeln!(out, "{:indent$}{label}", "");
                section.print_into(out, indent + INDENT, zone);
            }
            Self::Sections(sections) => {
                let one = label.strip_suffix('s').unwrap_or(label);
                for (at, section) in sections.iter().enumerate() {
                    let _ = writeln!(out, "{:indent$}{one} {}", "", at + 1);
                    section.print_into(out, indent + INDENT, zone);
                }
            }
            Self::Lines(text) => {
                // Marked, so that no text can look like a field.
                for line in text::lines(text) {
                    let line = format!("{:indent$}| {line}", "");
                    let _ = writeln!(out, "{}", line.trim_end());
                }
            }
            _ => {
                let label = format!("{label}:");
                let _ = writeln!(out, "{:indent$}{label:width$} {}", "", self.line(zone));
            }
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<restante_ber::UtcTime> for Value {
    fn from(time: restante_ber::UtcTime) -> Self {
        Self::Time(time.0)
    }
}

impl From<Section> for Value {
    fn from(section: Section) -> Self {
        Self::Section(section)
    }
}

impl From<Vec<Section>> for Value {
    fn from(sections: Vec<Section>) -> Self {
        Self::Sections(sections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn one_section_for_people_and_programs() {
        let mut part = Section::default();
        part.put("type", "ia5-text")
            .put("text", Value::Lines("Subject: faked\r\n\r\n\x1b[2J".into()));
        let mut section = Section::default();
        section.put("number", 7u32).put("submission_time", restante_ber::UtcTime(1_763_973_000));
        section.put_list("to", ["Bob", "Carol\n"]).put_list("copy_to", Vec::<String>::new());
        section.put("urgent", Value::Flag(true)).put("body_parts", vec![part]);
        expect![[r#"
            Number:          7
            Submission time: 2025-11-24 08:30:00
            To:              Bob
                             Carol\n
            Urgent:          yes
            Body part 1
              Type: ia5-text
              | Subject: faked
              |
              | \u{1b}[2J
        "#]]
        .assert_eq(&section.print(&TimeZone::UTC));
        expect![[r#"
            {
              "body_parts": [
                {
                  "text": "Subject: faked\r\n\r\n\u001b[2J",
                  "type": "ia5-text"
                }
              ],
              "number": 7,
              "submission_time": "2025-11-24T08:30:00Z",
              "to": [
                "Bob",
                "Carol\n"
              ],
              "urgent": true
            }"#]]
        .assert_eq(&format!("{:#}", section.json()));
    }
}
