//! Counts pictures where they cannot be shown, and says so once a second.

use std::time::{Duration, Instant};

use super::screen::{Shared, say};

const EVERY: Duration = Duration::from_secs(1);

/// Takes pictures until the display stops.
pub(super) fn run(shared: &Shared) {
    let mut counted = 0;
    let mut shown = 0;
    let mut since = Instant::now();
    let mut size = (0, 0);
    while !shared.is_stopping() {
        if let Some(frame) = shared.take_frame() {
            size = frame.dimensions();
            shown += 1;
            shared.counts().add_shown();
        }
        let time = since.elapsed();
        if time >= EVERY {
            let frames: u64 = shown - counted;
            let fps = frames as f64 / time.as_secs_f64();
            let (width, height) = size;
            say(format_args!(
                "{frames} frames of {width}×{height}, {fps:.1} fps"
            ));
            (counted, since) = (shown, Instant::now());
        }
        // Awake for every picture, so that none is held on to; and to say the line in time.
        shared.wait(None, EVERY.saturating_sub(since.elapsed()));
    }
}
