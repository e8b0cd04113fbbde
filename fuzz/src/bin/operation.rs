//! Any octets as the argument of an operation, its code in front. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::operation(data));
