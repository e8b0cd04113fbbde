//! X.228 and the activities of X.225 at an end that is bound. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::reliable(data));
