//! What one backup found: lines of JSON, each behind the checksum of itself and of all before it,
//! so that a line that is damaged, lost or put elsewhere is found, and the others can be read.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Damage, tree::directory_of};

const VERSION: u32 = 1;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
enum Line {
    Backup { version: u32, store: Uuid, made: String },
    Mailbox { name: String, directory: String, high_water: u32 },
    Value { key: String, value: String },
    Entry(Listed),
    End { mailboxes: u64, entries: u64 },
}

/// An entry, by its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// From the tree.
    pub(crate) file: String,
    pub(crate) number: u32,
    /// As it was when the manifest was written; the file tells an earlier one.
    pub(crate) status: u8,
    /// Of the descendants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) children: Vec<u8>,
}

/// A mailbox as a backup found it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Box {
    /// The store whose it was.
    pub(crate) store: Uuid,
    pub(crate) name: String,
    pub(crate) directory: String,
    pub(crate) high_water: u32,
    /// What its user had registered.
    pub(crate) values: Vec<(Vec<u8>, Vec<u8>)>,
    /// By number.
    pub(crate) entries: Vec<Listed>,
}

/// What a backup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) store: Uuid,
    /// When, for people.
    pub(crate) made: String,
    pub(crate) boxes: Vec<Box>,
}

impl Manifest {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut sum = 0;
        let mut put = |line: &Line| {
            let text = serde_json::to_string(line)?;
            sum = crc32c::crc32c_append(sum, text.as_bytes());
            writeln!(out, "{sum:08x} {text}")
        };
        put(&Line::Backup { version: VERSION, store: self.store, made: self.made.clone() })?;
        let mut entries = 0;
        for one in &self.boxes {
            let Box { name, directory, high_water, .. } = one.clone_head();
            put(&Line::Mailbox { name, directory, high_water })?;
            for (key, value) in &one.values {
                put(&Line::Value { key: hex(key), value: hex(value) })?;
            }
            for listed in &one.entries {
                put(&Line::Entry(listed.clone()))?;
                entries += 1;
            }
        }
        put(&Line::End { mailboxes: self.boxes.len() as u64, entries })
    }

    /// Reads one; what can't be read is named. `None` where not even the first line can.
    pub(crate) fn read(
        name: &str,
        lines: impl BufRead,
        damaged: &mut Vec<Damage>,
    ) -> io::Result<Option<Self>> {
        let mut reading = Reading { found: None, broken: false, ended: false };
        let mut sum = 0;
        let mut bad = |line: usize, why: &str| {
            damaged.push(Damage { what: format!("{name}, line {line}"), why: why.into() });
        };
        let mut last = 0;
        for (at, text) in lines.split(b'\n').enumerate() {
            last = at + 1;
            let text = text?;
            match checked(&text, &mut sum).and_then(|text| serde_json::from_slice(text).ok()) {
                Some(line) => {
                    if let Err(why) = reading.take(line) {
                        bad(last, why);
                    }
                }
                None => {
                    reading.broken = true;
                    bad(last, "it is damaged");
                }
            }
        }
        if !reading.ended {
            bad(last, "the rest is missing");
        }
        Ok(reading.found)
    }
}

impl Box {
    fn clone_head(&self) -> Self {
        let Self { name, directory, high_water, .. } = self;
        let (name, directory) = (name.clone(), directory.clone());
        Self { name, directory, high_water: *high_water, ..Self::default() }
    }
}

struct Reading {
    found: Option<Manifest>,
    /// Whether a line was lost, and with it perhaps where a mailbox begins.
    broken: bool,
    ended: bool,
}

impl Reading {
    fn take(&mut self, line: Line) -> Result<(), &'static str> {
        match (line, &mut self.found) {
            (Line::Backup { version: VERSION, store, made }, None) => {
                self.found = Some(Manifest { store, made, boxes: Vec::new() });
            }
            (Line::Backup { .. }, None) => return Err("a later version wrote it; use that one"),
            (_, None) => return Err("nothing says of which store it is"),
            (Line::Backup { .. }, Some(_)) => return Err("it is there twice"),
            (Line::Mailbox { name, directory, high_water }, Some(found)) => {
                // Nothing outside of the tree is reached by what a manifest says.
                self.broken = directory != directory_of(&name);
                if self.broken {
                    return Err("its directory is not that of the mailbox");
                }
                let store = found.store;
                found.boxes.push(Box { store, name, directory, high_water, ..Box::default() });
            }
            (Line::Value { key, value }, Some(found)) => {
                let last = found.boxes.last_mut().filter(|_| !self.broken);
                let last = last.ok_or("it is not known of which mailbox it is")?;
                let pair = unhex(&key).zip(unhex(&value));
                last.values.push(pair.ok_or("it makes no sense")?);
            }
            (Line::Entry(listed), Some(found)) => {
                let (directory, file) = listed.file.split_once('/').unwrap_or_default();
                let is_of = |last: &&mut Box| last.directory == directory && !file.contains('/');
                let last = found.boxes.last_mut().filter(|_| !self.broken).filter(is_of);
                let last = last.ok_or("it is not known of which mailbox it is")?;
                last.entries.push(listed);
            }
            (Line::End { mailboxes, entries }, Some(found)) => {
                self.ended = true;
                let all: usize = found.boxes.iter().map(|one| one.entries.len()).sum();
                if (mailboxes, entries) != (found.boxes.len() as u64, all as u64) {
                    return Err("it tells of more than there is");
                }
            }
        }
        Ok(())
    }
}

/// The JSON of a line whose checksum is right; `sum` is that of the line before.
fn checked<'a>(line: &'a [u8], sum: &mut u32) -> Option<&'a [u8]> {
    let (told, text) = line.split_at_checked(9)?;
    let told = std::str::from_utf8(told).ok()?.strip_suffix(' ')?;
    let told = u32::from_str_radix(told, 16).ok()?;
    let right = crc32c::crc32c_append(std::mem::replace(sum, told), text) == told;
    right.then_some(text)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?, 16).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let entry = |directory: &str, number| Listed {
            file: format!("{}/{number}.message", directory_of(directory)),
            number,
            status: 1,
            children: vec![0; number as usize % 2],
        };
        let one = |name: &str| Box {
            store: Uuid::from_u128(3),
            name: name.into(),
            directory: directory_of(name),
            high_water: 9,
            values: vec![(b"key".to_vec(), vec![0, 255])],
            entries: vec![entry(name, 1), entry(name, 4)],
        };
        let boxes = vec![one("alice"), one("bob")];
        Manifest { store: Uuid::from_u128(3), made: "now".into(), boxes }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut octets = Vec::new();
        manifest().write(&mut octets).unwrap();
        let mut damaged = Vec::new();
        let read = Manifest::read("m", &octets[..], &mut damaged).unwrap();
        assert_eq!((read, damaged), (Some(manifest()), Vec::new()));
    }

    #[test]
    fn what_is_damaged_is_named_and_costs_no_more() {
        let mut octets = Vec::new();
        manifest().write(&mut octets).unwrap();
        for at in 0..octets.len() {
            let mut flipped = octets.clone();
            flipped[at] ^= 1;
            let mut damaged = Vec::new();
            let read = Manifest::read("m", &flipped[..], &mut damaged).unwrap();
            assert!(!damaged.is_empty(), "octet {at}: {}", octets[at].escape_ascii());
            // No entry is another mailbox's than its own.
            for one in read.iter().flat_map(|read| &read.boxes) {
                let prefix = format!("{}/", one.directory);
                assert!(one.entries.iter().all(|entry| entry.file.starts_with(&prefix)));
            }
        }
        let line = String::from_utf8(octets.clone()).unwrap().lines().nth(3).unwrap().len();
        let mut damaged = Vec::new();
        let cut = &octets[..octets.len() - line];
        Manifest::read("m", cut, &mut damaged).unwrap();
        assert!(damaged.iter().any(|one| one.why == "the rest is missing"), "{damaged:?}");
    }
}
