//! Filters (X.413 §8.1.2) as people write and read them: `subject ~ "NOTAM" and not status =
//! processed`. One language for the command line, the console and the admin API;
//! `docs/operating.md` teaches it.
//!
//! What a filter says about an entry is the store's matter: it is neither simplified nor
//! evaluated here.

mod attribute;
mod lex;
mod parse;
mod print;
mod value;

pub use attribute::{attribute, name};
pub use parse::{DEPTH_MAX, TEXT_BYTES_MAX, parse};
pub use print::print;

use crate::text;

/// Why a text is no filter, and where. Shown, it is three lines: why, the text, and a mark under
/// the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Where, in characters from 0; as many as there are where the text ends too early.
    pub at: usize,
    /// Why, and what may stand there.
    pub fault: String,
    text: String,
}

impl std::error::Error for FilterError {}

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before: String = self.text.chars().take(self.at).collect();
        let column = text::line(&before).chars().count();
        let (fault, shown) = (text::line(&self.fault), text::line(&self.text));
        write!(f, "{fault}\n  {shown}\n  {:column$}^", "")
    }
}

#[cfg(test)]
mod tests;
