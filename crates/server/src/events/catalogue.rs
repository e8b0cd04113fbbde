//! The message catalogue: a text for each fact that an event tells of. One in English is built
//! in; a file in TOML, `identifier = "text"` a line, may have others. `{name}` in a text stands
//! for what is said with the fact, `{{` and `}}` for braces.
//!
//! A file that is no catalogue, or a text with a name that its fact has not, is refused. Texts
//! that are missing are those that are built in; texts for nothing are passed over: both are told
//! of.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::Path,
    sync::{Arc, LazyLock},
};

use toml::Spanned;

use super::{
    Escaped,
    facts::{Fact, FactId},
};
use crate::config::ConfigError;

/// Texts.
#[derive(Debug)]
pub struct Catalogue {
    /// Of each fact, in the order of [`FactId::ALL`].
    texts: Vec<Text>,
}

/// What of a catalogue's file is not as it should be, but does no harm.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Identifiers for which it has no text.
    pub missing: Vec<&'static str>,
    /// Its texts for identifiers that there are not.
    pub unknown: Vec<String>,
}

/// A line for each.
impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for id in &self.missing {
            writeln!(f, "no text for {id}")?;
        }
        for id in &self.unknown {
            writeln!(f, "a text for {}, which there is not", Escaped(id))?;
        }
        Ok(())
    }
}

/// A text, in the order of its parts.
#[derive(Debug)]
struct Text(Vec<Part>);

#[derive(Debug)]
enum Part {
    Words(String),
    Value(&'static str),
}

/// The one that is built in.
pub(super) fn built_in() -> &'static Arc<Catalogue> {
    static BUILT_IN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        let text = |fact: &FactId| {
            let words = || Text(vec![Part::Words(fact.about().text.to_owned())]);
            Text::parse(*fact, fact.about().text).unwrap_or_else(|_| words())
        };
        Arc::new(Catalogue { texts: FactId::ALL.iter().map(text).collect() })
    });
    &BUILT_IN
}

impl Catalogue {
    /// The one that is built in.
    pub(crate) fn built_in() -> Arc<Self> {
        built_in().clone()
    }

    /// That of a file; what of it is not as it should be.
    ///
    /// # Errors
    /// Where the file can't be read, is no catalogue, or has a text that can't be.
    pub fn load(path: &Path) -> Result<(Self, Differences), ConfigError> {
        let read = fs::read_to_string(path);
        let text = read.map_err(|cause| ConfigError::Catalogue { path: path.into(), cause })?;
        Self::parse(&text, &path.display().to_string())
    }

    fn parse(text: &str, name: &str) -> Result<(Self, Differences), ConfigError> {
        let mut texts: BTreeMap<String, Spanned<String>> = toml::from_str(text)
            .map_err(|error| ConfigError::at(name, text, error.span(), error.message()))?;
        let mut missing = Vec::new();
        let mut all = Vec::new();
        for fact in FactId::ALL {
            let about = fact.about();
            let given = texts.remove(about.id);
            if given.is_none() {
                missing.push(about.id);
            }
            let words = given.as_ref().map_or(about.text, |given| given.get_ref());
            let parsed = Text::parse(*fact, words).map_err(|why| {
                ConfigError::at(name, text, given.as_ref().map(Spanned::span), &why)
            })?;
            all.push(parsed);
        }
        let unknown = texts.into_keys().collect();
        Ok((Self { texts: all }, Differences { missing, unknown }))
    }

    /// Writes the text of a fact.
    pub(super) fn write(&self, fact: &Fact<'_>, to: &mut dyn fmt::Write) -> fmt::Result {
        let at = FactId::ALL.binary_search(&fact.id()).unwrap_or_default();
        let parts = self.texts.get(at).map(|text| text.0.as_slice()).unwrap_or_default();
        for part in parts {
            match part {
                Part::Words(words) => to.write_str(words)?,
                Part::Value(name) => match fact.value(name) {
                    Some(value) => write!(to, "{value}")?,
                    None => to.write_str(name)?,
                },
            }
        }
        Ok(())
    }
}

impl Text {
    fn parse(fact: FactId, text: &str) -> Result<Self, String> {
        let (id, values) = (fact.about().id, fact.about().values);
        let names = || match values {
            [] => "none".to_owned(),
            values => values.iter().map(|value| format!("{{{value}}}")).collect::<String>(),
        };
        let wrong = |what: &str| {
            format!("{what} in the text of {id}, which knows {}; write {{{{ for a brace", names())
        };
        let mut parts = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = ["{{", "}}"].iter().find_map(|two| rest.strip_prefix(two)) {
                words.push_str(&rest[..1]);
                rest = after;
                continue;
            }
            let name = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let (name, after) = name.ok_or_else(|| wrong("a brace alone"))?;
            let value = values.iter().find(|value| **value == name);
            let value = value.ok_or_else(|| wrong(&format!("{{{name}}}")))?;
            parts.push(Part::Words(std::mem::take(&mut words)));
            parts.push(Part::Value(value));
            rest = after;
        }
        words.push_str(rest);
        parts.push(Part::Words(words));
        Ok(Self(parts))
    }
}

/// The built-in catalogue as a file, to be translated: before each text its severity and its
/// facility.
pub struct Translatable;

impl fmt::Display for Translatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fact in FactId::ALL {
            let about = fact.about();
            let mut text = String::new();
            for character in about.text.chars() {
                if "\\\"".contains(character) {
                    text.push('\\');
                }
                text.push(character);
            }
            let (severity, facility) = (about.severity.name(), about.facility.name());
            writeln!(f, "# {severity}, {facility}\n{} = \"{text}\"", about.id)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn said(catalogue: &Catalogue, fact: &Fact<'_>) -> String {
        let mut text = String::new();
        catalogue.write(fact, &mut text).unwrap();
        text
    }

    #[test]
    fn each_built_in_text_says_all_that_is_known_and_has_its_own_identifier() {
        let mut seen = BTreeSet::new();
        for fact in FactId::ALL {
            let about = fact.about();
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(seen.insert(about.id) && about.id.chars().all(plain), "{}", about.id);
            assert_eq!(FactId::of(about.id), Some(*fact));
            Text::parse(*fact, about.text).unwrap();
            for value in about.values {
                assert!(about.text.contains(&format!("{{{value}}}")), "{}: {value}", about.id);
            }
        }
    }

    #[test]
    fn what_is_printed_to_be_translated_is_the_built_in_catalogue() {
        let printed = Translatable.to_string();
        let (catalogue, differences) = Catalogue::parse(&printed, "m.toml").unwrap();
        assert_eq!(differences, Differences::default());
        let fact = Fact::Bound { context: &"ms-access-94", calling: &"-" };
        assert_eq!(said(&catalogue, &fact), fact.to_string());
        assert!(printed.contains("# warning, p3\ndelivery-refused = \"{mta}: delivery refused: "));
    }

    #[test]
    fn a_text_in_another_language_has_its_own_order() {
        let text = "bound = \"Aufruf {calling}: {{verbunden}} ({context})\"\n";
        let (catalogue, differences) = Catalogue::parse(text, "m.toml").unwrap();
        let bound = Fact::Bound { context: &"ms-access-94", calling: &"{context}" };
        assert_eq!(said(&catalogue, &bound), "Aufruf {context}: {verbunden} (ms-access-94)");
        assert_eq!(said(&catalogue, &Fact::Stopped), "stopped", "it is not in the file");
        assert_eq!(differences.missing.len(), FactId::ALL.len() - 1);
        assert_eq!(differences.unknown, [""; 0]);
    }

    #[test]
    fn what_is_wrong_in_a_catalogue_is_told() {
        let text = format!("{Translatable}").replace("\nstopped = ", "\nstoped = ");
        let (_, differences) = Catalogue::parse(&text, "m.toml").unwrap();
        assert_eq!(differences.missing, ["stopped"]);
        assert_eq!(differences.unknown, ["stoped"]);
        for (text, expected) in [
            ("a = \"\"\nbound = \"{who} {context}\"", "m.toml:2:9: {who} in the text of bound"),
            ("stopped = \"{\"", "m.toml:1:11: a brace alone in the text of stopped"),
            ("stopped = 1", "m.toml:1:11: invalid type"),
            ("stopped", "m.toml:1:8: "),
        ] {
            let error = Catalogue::parse(text, "m.toml").unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
