//! Filters as text and encoded. The oracle says what holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::filter(data));
