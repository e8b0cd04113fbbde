//! X.228 and the activities of X.225 at a bound end. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::reliable(data));
