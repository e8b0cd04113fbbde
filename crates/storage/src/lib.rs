//! The message log and its index.
