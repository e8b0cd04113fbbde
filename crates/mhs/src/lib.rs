//! The types of X.402, X.411, X.413, X.419 and X.420: a module for each Recommendation, and
//! X.501, X.509 and STANAG 4406 as far as they are needed.
//!
//! A type carries the name that it has in its ASN.1 module, a field its identifier in snake
//! case. Octets that can be signed, or that go out again, are kept as they came. Editions of
//! 1988 and 1994 that differ are types of their own.
//!
//! It knows no state and no peer: what may be sent to whom is decided above.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod oids;
pub mod p772;
#[cfg(test)]
mod vectors;
pub mod x402;
pub mod x411;
pub mod x413;
pub mod x419;
pub mod x420;
pub mod x501;
pub mod x509;
