//! Messages, reports, notifications and attributes as people read them: on a terminal, on a page,
//! as JSON, and as files. What is shown is what the standards' types say; nothing is interpreted
//! beyond that.
//!
//! It refuses to fetch anything and to write anything anywhere: an [`Entry`] is what somebody has
//! fetched, a [`Section`] what is said of it.

pub mod audit;
pub mod eml;
mod entry;
mod envelope;
pub mod files;
pub mod filter;
mod ipm;
mod names;
mod notification;
mod report;
mod section;
pub mod text;
pub mod time;
pub mod tree;
pub mod value;

pub use entry::{Entry, FETCHED, LISTED};
pub use names::ipm_identifier;
pub use section::{Section, Value};

#[cfg(test)]
mod headings_tests;
#[cfg(test)]
mod tests;
