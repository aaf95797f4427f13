//! Files that say they are JPEG pictures.
#![no_main]

use streamlib::actors::images;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = images::decode_jpeg(data) {
        assert!(!frame.is_empty());
    }
});
