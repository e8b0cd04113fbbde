//! X.411: the Message Transfer System abstract service, MTSAbstractService (1999) and
//! MTSAbstractService88, with the trace types of MTAAbstractService that reach a user. These
//! modules have IMPLICIT tags.
//!
//! Files go by topic; the types stand beside each other, as in the ASN.1 module.

mod bind;
mod content_type;
mod credentials;
mod extension_attributes;
mod extensions;
mod identifiers;
pub mod oids;
mod or_name;
mod security_label;

pub use bind::*;
pub use content_type::*;
pub use credentials::*;
pub use extension_attributes::*;
pub use extensions::*;
pub use identifiers::*;
pub use or_name::*;
pub use security_label::*;

/// `Time`: UTCTime.
pub type Time = restante_ber::UtcTime;
