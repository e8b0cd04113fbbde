//! X.419: the access protocols P3 and P7.

pub mod oids;
