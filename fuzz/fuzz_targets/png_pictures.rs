//! Files that say they are PNG pictures.
#![no_main]

use std::io::Cursor;

use streamlib::actors::images;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = images::decode_png(Cursor::new(data)) {
        assert!(!frame.is_empty());
        images::encode_png(&frame, std::io::sink()).expect("what was read can be written");
    }
});
