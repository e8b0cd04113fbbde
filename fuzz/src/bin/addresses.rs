//! O/R addresses and presentation addresses, as text and encoded. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::addresses(data));
