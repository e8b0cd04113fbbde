//! X.411: the Message Transfer System abstract service, MTSAbstractService (1999) and
//! MTSAbstractService88, with the trace types of MTAAbstractService that reach a user. These
//! modules have IMPLICIT tags.
//!
//! Files go by topic; the types stand beside each other, as in the ASN.1 module.

mod bind;
mod content_type;
mod controls;
mod credentials;
mod delivery;
mod errors;
pub mod extension;
mod extension_attributes;
mod extension_values;
mod extensions;
mod identifiers;
mod non_delivery;
pub mod oids;
mod or_name;
mod register;
mod report;
mod security_label;
mod submission;
#[cfg(test)]
mod tests;
mod trace;

pub use bind::*;
pub use content_type::*;
pub use controls::*;
pub use credentials::*;
pub use delivery::*;
pub use errors::*;
pub use extension_attributes::*;
pub use extension_values::*;
pub use extensions::*;
pub use identifiers::*;
pub use non_delivery::*;
pub use or_name::*;
pub use register::*;
pub use report::*;
pub use security_label::*;
pub use submission::*;
pub use trace::*;

/// `Time`: UTCTime.
pub type Time = restante_ber::UtcTime;
