//! Any octets as the argument of an operation, its code in front. The oracle says what holds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::operation(data));
