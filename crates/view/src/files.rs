//! Contents and body parts as files. Peers choose the names of their files: what is left of such
//! a name has no folder, does not hide, and is a name everywhere.

use std::fmt::Write as _;

use restante_ber::{Decode, Encode, Rope, Tag, Writer};
use restante_mhs::x420::{BodyPart, InformationObject};

use crate::Entry;

/// How long a file's name may be, in characters; file systems take 255 octets.
const NAME_CHARACTERS_MAX: usize = 60;

/// The body parts of an entry, each with a name: text as UTF-8, files as they are, a forwarded
/// message as a content of its own, anything else as it is encoded. None where the content is no
/// message of X.420.
pub fn body_parts(entry: &Entry) -> Vec<(String, Rope)> {
    let content = entry.content().filter(|_| entry.is_interpersonal());
    let object =
        content.and_then(|content| InformationObject::from_bytes(&content.to_bytes()).ok());
    let Some(InformationObject::Ipm(message)) = object else { return Vec::new() };
    message.body.0.iter().map(file).collect()
}

/// A body part as a file, with what is left of its name.
pub(crate) fn file(part: &BodyPart) -> (String, Rope) {
    let (name, octets) = file_of(part);
    (safe_name(&name), octets)
}

/// A text as RFC 3986 has it in a segment of a path, and RFC 5987 in a parameter.
pub fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for octet in text.bytes() {
        match octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet) {
            true => encoded.push(char::from(octet)),
            // Writing to a string can't fail.
            false => drop(write!(encoded, "%{octet:02X}")),
        }
    }
    encoded
}

/// The name and the octets of a body part: text as UTF-8, files as they are, a forwarded message
/// as a content of its own, anything else as it is encoded.
fn file_of(part: &BodyPart) -> (String, Rope) {
    if let Some(text) = part.text() {
        return ("text.txt".to_owned(), Rope::from(text.into_bytes()));
    }
    match part {
        BodyPart::Extended(extended) => {
            if let Some(Ok(file)) = extended.file() {
                return (file.name().unwrap_or_else(|| "file".to_owned()), file.contents);
            }
            if let Some((_, octets)) = extended.forwarded_content() {
                return ("content.ber".to_owned(), octets);
            }
            if let Some(basic) = extended.basic() {
                return file_of(&basic);
            }
        }
        BodyPart::BilaterallyDefined(octets) => {
            return ("bilaterally-defined".to_owned(), octets.clone());
        }
        BodyPart::Message(message) => {
            if let Ok(element) = message.data.element() {
                // An InformationObject: `[0]` in place of the IPM's own tag, octets as they came.
                let mut writer = Writer::new();
                writer.constructed(Tag::context(0), |writer| writer.octets(element.contents()));
                return ("message.ber".to_owned(), writer.finish());
            }
        }
        _ => {}
    }
    (format!("{}.ber", part.name()), part.to_rope())
}

/// What is left of a name that somebody else chose: its last part, of letters, digits and `-_.`,
/// not too long.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = last.chars().map(keep).collect();
    let count = name.chars().count();
    // The end is kept: it tells programs what the file is.
    let name: String = name.chars().skip(count.saturating_sub(NAME_CHARACTERS_MAX)).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_tamed() {
        for (name, expected) in [
            ("report.pdf", "report.pdf"),
            ("Übersicht 1.txt", "Übersicht_1.txt"),
            ("../../etc/passwd", "passwd"),
            (r"C:\windows\system32\a.exe", "a.exe"),
            ("..", "unnamed"),
            (".bashrc", "bashrc"),
            ("", "unnamed"),
            ("a/", "unnamed"),
            ("a\0b\n\x1b[2J", "a_b___2J"),
            ("C:", "C_"),
        ] {
            assert_eq!(safe_name(name), expected, "{name:?}");
        }
        let long = safe_name(&format!("{}.pdf", "ä".repeat(300)));
        assert!(long.len() < 200 && long.ends_with(".pdf"), "{long}");
    }
}
