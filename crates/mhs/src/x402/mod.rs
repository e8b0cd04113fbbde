//! X.402: O/R addresses as people write them, and how two of them are compared.
//!
//! Two syntaxes are read and written: with slashes, `/CN=EGLLZTZX/O=EGLL/PRMD=GB-X/ADMD=ICAO/C=XX`
//! and a last slash (RFC 2156 §4.3), and with semicolons, `G=john; S=smith; O=a bank; P=abl;
//! A=snomail; C=gb` (F.401 Annex B, RFC 1685). What begins with a slash is in the former.
//!
//! - Labels are read in any case, long or short. What is not listed is refused, with its position.
//! - A delimiter inside a value is doubled, as is `=` inside the type of a domain-defined
//!   attribute; `$` before `/`, `;`, `=` or `$` makes it an ordinary character too. Doubling is
//!   written; `$` is written before `$` alone.
//! - Several `OU` without numbers are read as each syntax orders units: the rightmost is OU1
//!   between slashes, the leftmost between semicolons.
//! - Characters of ASCII go into the printable form of an attribute whatever the repertoire of
//!   PrintableString says, since `@` and `_` are met there; others go into the teletex form, or
//!   the universal one where ISO 8859-1 does not have them. When only these forms are there,
//!   they are shown. T.61's combining accents are not interpreted.
//! - An extension attribute that has no label, or can't be read, is shown as `EXT.n=` and the
//!   hexadecimal octets of its value, so that no part of an address is lost in its text.
//! - Values longer than the upper bounds are taken: what such an address names exists or not.

mod attribute;
mod build;
mod read;
mod write;

pub use attribute::{Attribute, AttributeType};
pub use read::{AddressError, AddressFault};

#[cfg(test)]
mod tests;
