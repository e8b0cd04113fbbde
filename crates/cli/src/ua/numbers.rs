//! Sequence-numbers as people type them: `3`, `5-9`, `3,5-9`, and ranges with an open end.

use std::{fmt, str::FromStr};

use anyhow::{Context, bail};
use restante_mhs::x413::{NumberRange, SequenceNumber};

/// The largest sequence-number (X.413 §6).
const NUMBER_MAX: u32 = 0x7fff_ffff;

/// A range of numbers, both ends in it: `3..9`, `3..`, `..9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: Option<u32>,
    pub(crate) to: Option<u32>,
}

/// One part of a list of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    One(u32),
    Range(u32, u32),
}

/// A list of numbers and ranges: `3,5-9`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbers(pub(crate) Vec<Item>);

pub(crate) fn number(text: &str) -> anyhow::Result<u32> {
    match text.trim().parse() {
        Ok(number @ 0..=NUMBER_MAX) => Ok(number),
        _ => bail!("`{text}` is no number of an entry; it is one from 0 to {NUMBER_MAX}"),
    }
}

impl FromStr for Range {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (from, to) = text
            .split_once("..")
            .with_context(|| format!("`{text}` is no range; write 5..9, 5.. or ..9"))?;
        let end = |text: &str| (!text.trim().is_empty()).then(|| number(text)).transpose();
        Ok(Self { from: end(from)?, to: end(to)? })
    }
}

impl From<Range> for NumberRange {
    fn from(range: Range) -> Self {
        Self { from: range.from.map(SequenceNumber), to: range.to.map(SequenceNumber) }
    }
}

impl FromStr for Numbers {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let item = |text: &str| match text.split_once('-') {
            None => number(text).map(Item::One),
            Some((from, to)) => {
                let (from, to) = (number(from)?, number(to)?);
                if from > to {
                    bail!("the range {from}-{to} is reversed; write {to}-{from}");
                }
                Ok(Item::Range(from, to))
            }
        };
        text.split(',').map(item).collect::<anyhow::Result<_>>().map(Self)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(number) => number.fmt(f),
            Self::Range(from, to) => write!(f, "{from} to {to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        let numbers = |text: &str| text.parse::<Numbers>().map(|numbers| numbers.0);
        assert_eq!(numbers("3").unwrap(), [Item::One(3)]);
        assert_eq!(
            numbers("3, 5-9,12").unwrap(),
            [Item::One(3), Item::Range(5, 9), Item::One(12)]
        );
        assert_eq!(
            numbers("9-5").unwrap_err().to_string(),
            "the range 9-5 is reversed; write 5-9"
        );
        for wrong in ["", "a", "3,", "-3", "2147483648", "1-2-3"] {
            assert!(numbers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ranges_may_be_open() {
        let range = |text: &str| text.parse::<Range>().map(|range| (range.from, range.to)).ok();
        assert_eq!(range("5..9"), Some((Some(5), Some(9))));
        assert_eq!(range("5.."), Some((Some(5), None)));
        assert_eq!(range("..9"), Some((None, Some(9))));
        assert_eq!(range("5-9"), None);
    }
}
