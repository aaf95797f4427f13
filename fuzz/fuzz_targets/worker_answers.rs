//! What the worker of an actor in another process may say, send and scribble.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    streamlib::process::fuzzing::answers(data);
});
