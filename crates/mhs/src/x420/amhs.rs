//! The heading that a message of the aeronautical service has in the text of its first body part
//! (ICAO Doc 9880 Part II, ATS-message-header of the basic service).
//!
//! Read for display and written for senders; what the text behind it says is nobody's matter
//! here.

use super::{Body, BodyPart};
use core::fmt;

/// The priorities of the aeronautical service, the most urgent first.
const PRIORITIES: [&str; 5] = ["SS", "DD", "FF", "GG", "KK"];

const SOH: char = '\u{1}';
const STX: char = '\u{2}';

/// An ATS-message-header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ATSMessageHeader {
    /// `PRI:`, two letters: SS, DD, FF, GG or KK.
    pub priority: String,
    /// `FT:`, day, hour and minute, six digits.
    pub filing_time: String,
    /// `OHI:`, any characters of one line.
    pub optional_heading_info: Option<String>,
}

impl ATSMessageHeader {
    /// Reads the header in front of a text and returns it with the text behind it; `None` where
    /// there is none. Lines may end in any way, prompts be in any case, and SOH or STX be lost.
    pub fn parse(text: &str) -> Option<(Self, &str)> {
        let mut rest = text.trim_start_matches([SOH, '\r', '\n', ' ']);
        let priority = field(&mut rest, "PRI:")?;
        let filing_time = field(&mut rest, "FT:")?;
        let optional_heading_info = field(&mut rest, "OHI:");
        let letters = priority.len() == 2 && priority.chars().all(|c| c.is_ascii_alphabetic());
        let digits = filing_time.len() == 6 && filing_time.chars().all(|c| c.is_ascii_digit());
        if !letters || !digits {
            return None;
        }
        let behind = rest.trim_start_matches(['\r', '\n', ' ']);
        let text = behind.strip_prefix(STX).unwrap_or(rest);
        let text = text.strip_prefix("\r\n").unwrap_or(text);
        let header = Self {
            priority: priority.to_ascii_uppercase(),
            filing_time: filing_time.to_owned(),
            optional_heading_info: optional_heading_info.map(ToOwned::to_owned),
        };
        Some((header, text))
    }

    /// Whether the priority is one of the aeronautical service.
    pub fn has_priority(&self) -> bool {
        PRIORITIES.contains(&self.priority.as_str())
    }

    /// Whether the filing time is a day of a month, an hour and a minute.
    pub fn has_filing_time(&self) -> bool {
        let field = |at, range: core::ops::RangeInclusive<u8>| {
            let two = self.filing_time.get(at..at + 2).and_then(|two| two.parse().ok());
            two.is_some_and(|two| range.contains(&two))
        };
        field(0, 1..=31) && field(2, 0..=23) && field(4, 0..=59)
    }

    /// What is not as Doc 9880 has it.
    pub fn faults(&self) -> Vec<&'static str> {
        let priority = (!self.has_priority()).then_some("the priority is none of SS DD FF GG KK");
        let time = (!self.has_filing_time()).then_some("the filing time is no time of a day");
        priority.into_iter().chain(time).collect()
    }

    /// The header of a message, in the text of its first body part.
    pub fn of(body: &Body) -> Option<Self> {
        let text = body.0.first().and_then(BodyPart::text)?;
        Self::parse(&text).map(|(header, _)| header)
    }

    /// The text of a body part: this header and what is behind it.
    pub fn with_text(&self, text: &str) -> String {
        format!("{self}{text}")
    }
}

/// From SOH to STX.
impl fmt::Display for ATSMessageHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SOH}PRI: {}\r\nFT: {}\r\n", self.priority, self.filing_time)?;
        if let Some(information) = &self.optional_heading_info {
            write!(f, "OHI: {information}\r\n")?;
        }
        write!(f, "{STX}\r\n")
    }
}

/// The rest of a line that begins with a prompt.
fn field<'a>(rest: &mut &'a str, prompt: &str) -> Option<&'a str> {
    let line = rest.trim_start_matches(['\r', '\n', ' ']);
    let (head, tail) = line.split_at_checked(prompt.len())?;
    if !head.eq_ignore_ascii_case(prompt) {
        return None;
    }
    let end = tail.find(['\r', '\n', STX]).unwrap_or(tail.len());
    let (value, tail) = tail.split_at_checked(end)?;
    *rest = tail;
    Some(value.trim())
}
