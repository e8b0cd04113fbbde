//! O/R names and identifiers as addresses and message identifiers of Internet mail (RFC 2156 §4).

use restante_mhs::x402::AttributeType;
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x420::{IPMIdentifier, text};

use super::fields::{is_atom, quoted, word};

/// Where an O/R address is a local part: no name of the Internet (RFC 2606).
const DOMAIN: &str = "x400.invalid";
/// Where an IPM-identifier is a local part (RFC 2156 §4.7.3.3).
const IDENTIFIER_DOMAIN: &str = "MHS";
/// The domain-defined attribute that holds an address of Internet mail (RFC 2156 §4.3.2).
const INTERNET: &str = "RFC-822";
/// What stands there for characters that a PrintableString does not have.
const ENCODED: [(&str, char); 9] = [
    ("(a)", '@'),
    ("(p)", '%'),
    ("(b)", '!'),
    ("(q)", '"'),
    ("(u)", '_'),
    ("(l)", '('),
    ("(r)", ')'),
    ("(n)", '\n'),
    ("(126)", '~'),
];

/// A name that people read, and an address.
pub(super) fn mailbox(free: Option<&str>, name: &ORName) -> String {
    let address = addr_spec(name);
    let called = free.map(str::to_owned).or_else(|| common_name(&name.address));
    match called.filter(|called| !called.trim().is_empty()) {
        Some(called) => format!("{} <{address}>", word(&called)),
        None => format!("<{address}>"),
    }
}

/// Somebody of whom no address is known: a group of nobody (RFC 822 §6.1).
pub(super) fn nobody(free: Option<&str>) -> String {
    format!("{}:;", word(free.unwrap_or("unknown")))
}

/// An O/R name as an address.
pub(super) fn addr_spec(name: &ORName) -> String {
    if let Some(internet) = internet(&name.address) {
        return internet;
    }
    let text = name.to_string();
    format!("{}@{DOMAIN}", local(&standard(&text)))
}

/// What identifies a message.
pub(super) fn message_id(identifier: &IPMIdentifier) -> String {
    let relative = ascii(identifier.user_relative_identifier.as_str());
    let user = identifier.user.as_ref().map(|user| standard(&user.to_string()));
    let whole = format!("{relative}*{}", user.unwrap_or_default());
    format!("<{}@{IDENTIFIER_DOMAIN}>", local(&whole))
}

/// A delimiter inside of a value is marked here, and doubled in the text form of X.402.
fn standard(text: &str) -> String {
    ascii(&text.replace("//", "$/"))
}

/// Characters that are not of ASCII as the octets that T.61 has for them (RFC 2156 §3.3).
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_ascii() {
            plain.push(character);
            continue;
        }
        for octet in text::to_teletex(&character.to_string()) {
            match octet.is_ascii_graphic() {
                true => plain.push(char::from(octet)),
                false => plain.push_str(&format!("{{{octet:03}}}")),
            }
        }
    }
    plain
}

fn local(text: &str) -> String {
    let dotted = !text.is_empty() && text.split('.').all(is_atom);
    if dotted { text.to_owned() } else { quoted(text) }
}

/// The address of Internet mail that an O/R address holds.
fn internet(address: &ORAddress) -> Option<String> {
    let found = address.attributes().into_iter().find_map(|one| match one.attribute_type {
        AttributeType::DomainDefined(kind) if kind.eq_ignore_ascii_case(INTERNET) => {
            Some(one.value)
        }
        _ => None,
    })?;
    let mut text = String::new();
    let mut rest = found.as_str();
    while let Some(first) = rest.chars().next() {
        let encoded = ENCODED.iter().find(|(encoded, _)| rest.starts_with(encoded));
        let (character, length) = match encoded {
            Some((encoded, character)) => (*character, encoded.len()),
            None => (first, first.len_utf8()),
        };
        text.push(character);
        rest = rest.get(length..).unwrap_or_default();
    }
    // What can be read as more than one address is shown as the O/R address that it came in.
    let (user, domain) = text.rsplit_once('@')?;
    let plain = user.split('.').all(is_atom) && domain.split('.').all(is_atom);
    plain.then_some(text)
}

fn common_name(address: &ORAddress) -> Option<String> {
    let of = |wanted: AttributeType| {
        let found = address.attributes().into_iter().find(|one| one.attribute_type == wanted);
        found.map(|one| one.value)
    };
    let person = || {
        let parts = [of(AttributeType::GivenName), of(AttributeType::Surname)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    of(AttributeType::CommonName).or_else(person)
}
