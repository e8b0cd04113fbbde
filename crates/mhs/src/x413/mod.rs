//! X.413: the Message Store abstract service, MSAbstractService (1999), with its attributes,
//! matching-rules and auto-actions. These modules have EXPLICIT tags; implicit ones, which some
//! encoders write in their place, are read where they can't be mistaken.
//!
//! One type serves both editions where 1994 only added members; [`In1988`] takes off again what a
//! peer of 1988 does not know.

pub mod attributes;
mod auto_actions;
mod bind;
mod edition;
mod errors;
mod information;
mod matching_rules;
mod modify;
pub mod oids;
mod register;
mod retrieval;
mod selector;
mod submission;

#[cfg(test)]
mod tests;

pub use auto_actions::*;
pub use bind::*;
pub use edition::*;
pub use errors::*;
pub use information::*;
pub use matching_rules::*;
pub use modify::*;
pub use register::*;
pub use retrieval::*;
pub use selector::*;
pub use submission::*;
