//! Edges of a reference that a genlock clock follows.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamlib::clock::fuzzing::edges(data));
