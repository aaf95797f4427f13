//! What a master of PTP answers to who asks for its messages by unicast.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamlib::clock::fuzzing::answers(data));
