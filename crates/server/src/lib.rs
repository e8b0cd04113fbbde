//! The daemon: configuration, listener, associations, events.
//!
//! Start at [`Server::start`]; [`config`] says what can be set. It is glue: `osi` says what a
//! peer sent and what it is to be sent, `ms` what an operation comes to, `directory` who a peer
//! is; here are sockets, time, threads and limits. It refuses to decide anything of a protocol.

pub mod admin;
mod admission;
mod assembly;
mod bind;
mod blocks;
mod bound;
mod budget;
pub mod config;
mod connection;
mod console;
mod contexts;
mod control;
mod due;
mod dump;
mod effect;
pub mod events;
mod holding;
mod hub;
mod lanes;
mod logging;
mod outgoing;
mod outlet;
mod recovery;
mod refusal;
mod reload;
mod server;
mod shared;
mod submission;
mod timing;
mod traces;
mod upkeep;
mod work;

pub use control::Wish;
pub use dump::dump;
pub use logging::StreamError;
pub use server::{Running, Server, StartError};
pub use upkeep::{StartUpkeep, known_damage, verify};
