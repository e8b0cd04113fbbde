//! Messages, reports and their envelopes as a person reads them, as JSON, and as files. What is
//! shown is what the standards' types say; nothing is interpreted beyond that.

pub(crate) mod entry;
mod envelope;
mod ipm;
mod names;
mod notification;
mod report;
pub(crate) mod save;
pub(crate) mod section;
pub(crate) mod value;

pub(crate) use entry::Entry;

#[cfg(test)]
mod tests;
