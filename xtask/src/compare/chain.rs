//! The whole chain at 1080p60, to the screen: bars, a lower third with a running clock over them, a window.
//!
//! Both sides show their pictures on one X server without a screen, which reads the pixels in memory that it shares with
//! them. A picture's time runs from when its tick, or its buffer, is due to when the server has it. Processor time is
//! that of the program; `…-and-server` has that of the X server with it.
//!
//! Where every core is busy, ours asks for `realtime`, which is for programs that must not be late then; the server stays an ordinary
//! program, and so does GStreamer. `chain-busy-normal` is what comes of it without, which has the same goal.

use super::row::Comparison;
use super::row::Goal::{Free, Ours, Ratio};
use super::row::Row;
use super::side::Side::{GStreamer, Measure};

/// GStreamer as it is fastest: a still picture for the bars, no waiting at the sink, and queues that let go of what comes
/// too late. When the cores are busy, its compositor falls behind by seconds all the same.
const PIPELINE: &str = "compositor name=mix \
    ! video/x-raw,format=BGRA,width=1920,height=1080,framerate=60/1 \
    ! videoconvert ! queue max-size-buffers=1 leaky=downstream ! ximagesink name=sink sync=false \
    videotestsrc pattern=smpte75 num-buffers=1 \
    ! video/x-raw,format=BGRA,width=1920,height=1080 ! imagefreeze is-live=true num-buffers=1200 \
    ! video/x-raw,framerate=60/1 ! queue max-size-buffers=1 leaky=downstream ! mix.sink_0 \
    videotestsrc is-live=true pattern=solid-color foreground-color=0 num-buffers=1200 \
    ! video/x-raw,format=BGRA,width=1920,height=1080,framerate=60/1 \
    ! timeoverlay valignment=bottom halignment=left \
    ! queue max-size-buffers=1 leaky=downstream ! mix.sink_1";

const fn row(name: &'static str, figure: &'static str, goal: super::row::Goal) -> Row {
    Row {
        name,
        peer: "GStreamer, to the screen",
        unit: "us",
        ours: figure,
        theirs: figure,
        goal,
    }
}

/// How many of 100 pictures that are due are shown; the others have been dropped on the way, or were never made.
const fn shown(name: &'static str) -> Row {
    Row {
        unit: "%",
        ..row(name, "shown_percent", Free)
    }
}

const fn comparison(ours: &'static str, busy: bool, rows: &'static [Row]) -> Comparison {
    Comparison {
        ours: Measure(ours),
        theirs: GStreamer(&["chain", PIPELINE]),
        busy,
        on_screen: true,
        runs: 3,
        rows,
    }
}

/// A frame at 60 fps is 16.7 ms; what is shown later than 16 ms after its tick is a frame late.
pub const CHAIN: [Comparison; 3] = [
    comparison(
        "chain",
        false,
        &[
            row("chain-idle-p50", "p50_us", Free),
            row("chain-idle-p99", "p99_us", Ours(16_000.0)),
            row("chain-idle-p999", "p999_us", Free),
            shown("chain-idle-shown"),
            row("chain-idle-cpu", "cpu_us", Ratio(0.3)),
            row("chain-idle-cpu-and-server", "all_cpu_us", Free),
        ],
    ),
    comparison(
        "chain-realtime",
        true,
        &[
            row("chain-busy-realtime-p50", "p50_us", Free),
            row("chain-busy-realtime-p99", "p99_us", Ours(16_000.0)),
            row("chain-busy-realtime-p999", "p999_us", Free),
            shown("chain-busy-realtime-shown"),
            // A free one: what has fallen behind does not do the same work.
            row("chain-busy-realtime-cpu", "cpu_us", Free),
        ],
    ),
    comparison(
        "chain",
        true,
        &[
            row("chain-busy-normal-p50", "p50_us", Free),
            row("chain-busy-normal-p99", "p99_us", Ours(16_000.0)),
            row("chain-busy-normal-p999", "p999_us", Free),
            shown("chain-busy-normal-shown"),
        ],
    ),
];
