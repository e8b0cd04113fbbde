//! Fixtures, oracles and the integration suite. Never shipped.
//!
//! A daemon under test is the real one; what judges it shares nothing with it: `tshark`, PDUs made
//! by another encoder, a disk that can be cut off.

pub mod browser;
pub mod link;
pub mod oracles;
pub mod peers;
pub mod process;
pub mod service;
pub mod simulation;
pub mod tshark;
pub mod vectors;
