//! Packets of PTP, among those of a master that a clock follows.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamlib::clock::fuzzing::packets(data));
