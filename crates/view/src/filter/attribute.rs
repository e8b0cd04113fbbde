//! What attributes are called in filters: a short word where there is one, the name in the table
//! of X.413 and X.420, that name without `ms-` or `mt-`, or an object identifier.

use restante_ber::Oid;
use restante_mhs::x413::attributes::{by_name, by_oid};

/// Short words for what people ask for most.
const WORDS: &[(&str, &str)] = &[
    ("number", "ms-sequence-number"),
    ("status", "ms-retrieval-status"),
    ("type", "ms-entry-type"),
    ("created", "ms-creation-time"),
    ("size", "ms-content-length"),
    ("parent", "ms-parent-sequence-number"),
    ("group", "ms-message-group-name"),
    ("note", "ms-message-notes"),
    ("from", "mt-originator-name"),
    ("recipient", "mt-this-recipient-name"),
    ("submitted", "mt-message-submission-time"),
    ("delivered", "mt-message-delivery-time"),
    ("identifier", "mt-message-identifier"),
    ("reported", "mt-subject-submission-identifier"),
    ("to", "primary-recipients"),
    ("copy", "copy-recipients"),
    ("blind-copy", "blind-copy-recipients"),
    ("reference", "originators-reference"),
    ("filing-time", "ats-filing-time"),
    ("sic", "mmhs-sic-codes"),
];

/// The attribute-type that a word means, in any case.
pub fn attribute(word: &str) -> Option<Oid> {
    let word = word.to_ascii_lowercase();
    let short = WORDS.iter().find(|(short, _)| *short == word).map(|(_, name)| *name);
    let row = by_name(short.unwrap_or(&word))
        .or_else(|| by_name(&format!("ms-{word}")))
        .or_else(|| by_name(&format!("mt-{word}")));
    row.map(|row| row.oid.clone()).or_else(|| word.parse().ok())
}

/// The word for an attribute-type.
pub fn name(attribute: &Oid) -> String {
    let Some(row) = by_oid(attribute) else { return attribute.to_string() };
    let short = WORDS.iter().find(|(_, name)| *name == row.name).map(|(short, _)| *short);
    let plain = || row.name.strip_prefix("ms-").or_else(|| row.name.strip_prefix("mt-"));
    short.or_else(plain).unwrap_or(row.name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_mhs::x413::attributes::all;

    #[test]
    fn every_attribute_has_a_word_of_its_own() {
        for row in all() {
            assert_eq!(attribute(&name(&row.oid)).as_ref(), Some(&row.oid), "{}", row.name);
            assert_eq!(attribute(row.name).as_ref(), Some(&row.oid), "{}", row.name);
        }
        assert_eq!(attribute("From"), attribute("mt-originator-name"));
        assert_eq!(attribute("1.2.3.4").unwrap().to_string(), "1.2.3.4");
        assert_eq!(attribute("colour"), None);
    }
}
