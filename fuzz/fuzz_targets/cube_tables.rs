//! Files that say they are `.cube` tables, used on the colours that tables have trouble with.
#![no_main]

use streamlib::actors::Lut3d;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(lut) = Lut3d::parse(&String::from_utf8_lossy(data)) {
        for level in [0.0, 0.5, 1.0, -1e30, 1e30, f32::NAN] {
            let made = lut.apply([level, 0.25, 1.0 - level]);
            assert!(made.iter().all(|level| !level.is_nan()), "{made:?}");
        }
    }
});
