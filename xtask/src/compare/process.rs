//! A tick's way to another process and back, for a message and for pictures of two sizes.
//!
//! One program measures all sides in turn, on the ticks of one clock of real time. Nobody looks at the pixels: what is measured is
//! what crossing costs, whatever the size. iceoryx2 is used bare, by a thread of its own that sleeps until the tick is due; it has
//! a ring of one, and its own events wake whoever waits, both ways, as our side is woken: nobody polls. The socket copies the bytes
//! twice in each direction. Which core Linux runs the other side on decides a journey, and stays as it is for many: one run
//! says little, and the medians of ten are printed, with their spread.

use super::row::Comparison;
use super::row::Goal::{self, Free, Ratio};
use super::row::Row;
use super::side::Side::{MeasureOf, SameRun};

const fn row(
    name: &'static str,
    peer: &'static str,
    ours: &'static str,
    theirs: &'static str,
    goal: Goal,
) -> Row {
    Row {
        name,
        peer,
        unit: "us",
        ours,
        theirs,
        goal,
    }
}

macro_rules! comparison {
    ($word:literal, $p50:literal, $p99:literal) => {
        Comparison {
            ours: MeasureOf("process", $word),
            theirs: SameRun,
            busy: false,
            on_screen: false,
            runs: 10,
            rows: &[
                row($p50, "iceoryx2", "p50_us", "iceoryx2_p50_us", Ratio(1.2)),
                row($p99, "iceoryx2", "p99_us", "iceoryx2_p99_us", Free),
                row($p50, "threads", "p50_us", "threads_p50_us", Free),
                row($p99, "threads", "p99_us", "threads_p99_us", Free),
                row($p50, "a Unix socket", "p50_us", "socket_p50_us", Free),
                row($p99, "a Unix socket", "p99_us", "socket_p99_us", Free),
            ],
        }
    };
}

pub const PROCESS: [Comparison; 3] = [
    comparison!("message", "process-message-p50", "process-message-p99"),
    comparison!("1080p", "process-1080p-p50", "process-1080p-p99"),
    comparison!("2160p", "process-2160p-p50", "process-2160p-p99"),
];
