//! The jitter of ticks, |interval − period|: every rate and precision, idle and with all cores busy.
//!
//! Ours is what an actor on `threads` sees, behind the hop from the clock's thread. cyclictest's is the
//! wake-up of its own thread, at real-time priority; GStreamer's is the source pad of a live
//! `videotestsrc`, and ours beside it is that of the default precision.

use std::sync::LazyLock;

use super::row::Goal::{Free, Ours, Ratio};
use super::row::{Comparison, Row};
use super::side::Side::{self, Cyclictest, GStreamer, Ticks};

/// About ten seconds of ticks a side.
pub static JITTER: LazyLock<Vec<Comparison>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (fps, interval_us, gstreamer) in [
        ("23.976", 41_708, &["jitter", "24000/1001", "240"]),
        ("60", 16_667, &["jitter", "60/1", "600"]),
        ("240", 4_167, &["jitter", "240/1", "2400"]),
    ] {
        for busy in [false, true] {
            for precision in ["realtime", "normal", "low_power"] {
                let loops = 10_000_000 / interval_us;
                let theirs = Cyclictest { interval_us, loops };
                all.push(beside(fps, busy, precision, "cyclictest", theirs));
            }
            let theirs = GStreamer(gstreamer);
            all.push(beside(fps, busy, "normal", "GStreamer live source", theirs));
        }
    }
    all
});

fn beside(
    fps: &'static str,
    busy: bool,
    precision: &'static str,
    peer: &'static str,
    theirs: Side,
) -> Comparison {
    let load = if busy { "busy" } else { "idle" };
    // cyclictest's thread has real-time priority too, so `realtime` is to keep up with it.
    let tail = match precision {
        "realtime" => Ratio(1.5),
        _ => Free,
    };
    let spread = match (precision, busy) {
        ("realtime", _) | ("normal", false) => Ours(1_000.0),
        _ => Free,
    };
    let figures = [
        ("p50", "p50_us", Free),
        ("p99", "p99_us", Free),
        ("p999", "p999_us", tail),
        ("max", "max_us", Free),
        ("p99-p50", "spread_us", spread),
    ];
    let row = |(name, figure, goal)| Row {
        // The table is made once, and stays.
        name: format!("jitter-{fps}-{load}-{precision}-{name}").leak(),
        peer,
        unit: "us",
        ours: figure,
        theirs: figure,
        goal,
    };
    Comparison {
        ours: Ticks { fps, precision },
        theirs,
        busy,
        runs: 3,
        rows: Vec::from(figures.map(row)).leak(),
    }
}
