//! Any octets as what is registered and what is forwarded. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::auto_action(data));
