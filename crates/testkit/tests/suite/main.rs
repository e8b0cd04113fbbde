//! The integration suite: one binary, a module a subject.

mod kill;
mod oracles;
mod store;
mod vectors;
