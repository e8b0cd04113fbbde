//! An association that is bound, fed with TSDUs. What must hold is said by the oracle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restante_testkit::oracles::bound_association(data));
