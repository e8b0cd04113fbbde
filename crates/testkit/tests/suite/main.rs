//! The integration suite: one binary, a module a subject.

mod oracles;
mod vectors;
