//! What a worker may write to its program beside the ticks.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    streamlib::process::fuzzing::letters(data);
});
