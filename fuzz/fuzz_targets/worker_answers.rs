//! What the worker of an actor in another process may answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamlib::process::fuzzing::answers(data));
