//! X.225 at a responder, one TSDU after the other. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::session(data));
