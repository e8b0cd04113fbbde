//! X.420: interpersonal messaging, IPMSInformationObjects (1999) with its extended body parts and
//! heading extensions, the values of its message-store attributes and the registration of
//! auto-forward. These modules have IMPLICIT tags, but that of auto-forward. One reader serves
//! P2 (content-type 2) and P22 (22).
//!
//! Typed as far as index and display need it; what remains is kept as it came. A body part that
//! is not what its tag says is [`BodyPart::Unknown`], so that one bad part leaves the message
//! readable. Nothing is decrypted and no signature is verified.

pub mod amhs;
mod attributes;
mod auto_actions;
mod body_parts;
mod extended;
mod extensions;
mod file_transfer;
mod heading;
mod information_objects;
mod notification;
pub mod oids;
mod security_extensions;
pub mod text;

#[cfg(test)]
mod tests;

pub use attributes::*;
pub use auto_actions::*;
pub use body_parts::*;
pub use extended::*;
pub use extensions::*;
pub use file_transfer::*;
pub use heading::*;
pub use information_objects::*;
pub use notification::*;
pub use security_extensions::*;
