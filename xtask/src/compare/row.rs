//! What is compared with what, and the goals: the table.

use super::bars::BARS;
use super::cards::CARDS;
use super::chain::CHAIN;
use super::conversions::conversions;
use super::graphics::GRAPHICS;
use super::jitter::JITTER;
use super::layers::layers;
use super::process::PROCESS;
use super::ptp::PTP;
use super::side::Counted;
use super::side::Side::{self, FutureSdr, GStreamer, Measure, SameRun};

/// One measurement of ours beside one of a peer's.
pub struct Comparison {
    pub ours: Side,
    pub theirs: Side,
    /// Whether every core is kept busy meanwhile.
    pub busy: bool,
    /// Whether both sides show pictures on an X server.
    pub on_screen: bool,
    /// How many times each side is measured, unless `--runs` says otherwise.
    pub runs: usize,
    /// What is read from the two measurements.
    pub rows: &'static [Row],
}

/// One line of the table: a figure of both measurements.
pub struct Row {
    pub name: &'static str,
    /// The peer, as it is printed.
    pub peer: &'static str,
    pub unit: &'static str,
    /// What the figure is called on our side and on theirs.
    pub ours: &'static str,
    pub theirs: &'static str,
    pub goal: Goal,
}

/// What is to be reached.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Ours over theirs is at most this.
    Ratio(f64),
    /// Ours is at most this, whatever theirs is.
    Ours(f64),
    /// None: the figures are shown.
    Free,
}

use Goal::Ratio;

/// A ratio of at most this; none where it may be infinite.
pub(super) const fn at_most(ratio: f64) -> Goal {
    if ratio.is_finite() {
        Ratio(ratio)
    } else {
        Goal::Free
    }
}

/// A row whose figure has the same name on both sides.
pub(super) const fn row(
    name: &'static str,
    peer: &'static str,
    unit: &'static str,
    figure: &'static str,
    goal: Goal,
) -> Row {
    Row {
        name,
        peer,
        unit,
        ours: figure,
        theirs: figure,
        goal,
    }
}

/// The same figure beside both ways of running FutureSDR: its default, and a local domain.
const fn futuresdr(
    name: &'static str,
    unit: &'static str,
    figures: [&'static str; 3],
    most: f64,
) -> [Row; 2] {
    let [ours, threads, local] = figures;
    let goal = Ratio(most);
    [
        Row {
            name,
            peer: "FutureSDR, all cores",
            unit,
            ours,
            theirs: threads,
            goal,
        },
        Row {
            name,
            peer: "FutureSDR, one thread",
            unit,
            ours,
            theirs: local,
            goal,
        },
    ]
}

pub(super) const fn beside(ours: Side, theirs: Side, rows: &'static [Row]) -> Comparison {
    Comparison {
        ours,
        theirs,
        busy: false,
        on_screen: false,
        runs: 5,
        rows,
    }
}

/// A measurement of ours beside one of each of two peers: processor time, with a goal for the ratio, and frames a second.
macro_rules! both {
    ($ours:literal, $goal:expr, $first:expr, $first_peer:expr, $second:expr, $second_peer:expr) => {
        [
            $crate::compare::row::a_frame!($ours, $goal, $first, $first_peer),
            $crate::compare::row::a_frame!($ours, $goal, $second, $second_peer),
        ]
    };
}

/// The same beside one peer.
macro_rules! a_frame {
    ($ours:literal, $goal:expr, $theirs:expr, $peer:expr) => {
        $crate::compare::row::beside(
            $crate::compare::side::Side::Measure($ours),
            $theirs,
            &[
                $crate::compare::row::row(
                    $ours,
                    $peer,
                    "us",
                    "cpu_us",
                    $crate::compare::row::at_most($goal),
                ),
                $crate::compare::row::row(
                    concat!($ours, "-fps"),
                    $peer,
                    "fps",
                    "fps",
                    $crate::compare::row::Goal::Free,
                ),
            ],
        )
    };
}

pub(super) use {a_frame, both};

/// An edge of a `pipeline!` beside the ring's own calls.
const fn edge(name: &'static str, rows: &'static [Row]) -> Comparison {
    beside(Measure(name), SameRun, rows)
}

const fn edge_row(name: &'static str) -> Row {
    Row {
        name,
        peer: "ring calls by hand",
        unit: "ns",
        ours: "ns",
        theirs: "by_hand_ns",
        goal: Ratio(1.05),
    }
}

/// A profile that is off beside none: where time is too noisy to tell them apart, instructions do.
const fn profile_off(clock: &'static str, metrics: bool, rows: &'static [Row]) -> Comparison {
    const fn side(clock: &'static str, profile: bool, metrics: bool) -> Side {
        let build = Counted { profile, metrics };
        Side::Instructions { clock, build }
    }
    Comparison {
        ours: side(clock, true, metrics),
        theirs: side(clock, false, metrics),
        busy: false,
        on_screen: false,
        runs: 3,
        rows,
    }
}

const fn profile_off_row(name: &'static str) -> Row {
    row(
        name,
        "built without profile",
        "ins",
        "instructions",
        Ratio(1.01),
    )
}

/// What a profile adds to a tick and actor, beside what that takes without.
const fn profile_on(name: &'static str, ours: &'static str, off: &'static str) -> Row {
    Row {
        name,
        peer: "a tick and actor",
        unit: "ns",
        ours,
        theirs: off,
        goal: Goal::Ours(1_000.0),
    }
}

/// All of it.
pub fn comparisons() -> impl Iterator<Item = &'static Comparison> {
    COMPARISONS
        .iter()
        .chain(&BARS)
        .chain(layers())
        .chain(GRAPHICS)
        .chain(CARDS)
        .chain(conversions())
        .chain(&CHAIN)
        .chain(&PROCESS)
        .chain(&PTP)
        .chain(&*JITTER)
}

/// All but bars, layers, graphics, conversions, the chain to the screen, other processes, PTP and the jitter of ticks.
const COMPARISONS: &[Comparison] = &[
    beside(
        Measure("ring-write-read"),
        Measure("triple-buffer-write-read"),
        &[row(
            "ring-write-read",
            "triple_buffer",
            "ns",
            "ns",
            Ratio(1.0),
        )],
    ),
    beside(
        Measure("ring-clean-read"),
        Measure("triple-buffer-clean-read"),
        &[row(
            "ring-clean-read",
            "triple_buffer",
            "ns",
            "ns",
            Ratio(1.0),
        )],
    ),
    beside(
        Measure("ring-4-readers"),
        Measure("triple-buffer-4-readers"),
        &[row(
            "ring-4-readers",
            "four triple_buffers",
            "ns",
            "ns",
            Ratio(1.0),
        )],
    ),
    edge("edge", &[edge_row("edge")]),
    edge("edge-4", &[edge_row("edge-4")]),
    edge("edge-frame", &[edge_row("edge-frame")]),
    edge("edge-frame-4", &[edge_row("edge-frame-4")]),
    beside(
        Measure("hop-inline"),
        GStreamer(&["hop", "200000"]),
        &[row(
            "hop-inline",
            "GStreamer identity",
            "us",
            "us",
            Ratio(0.1),
        )],
    ),
    beside(
        Measure("hop-inline"),
        FutureSdr(&["hop"]),
        &futuresdr("hop-inline", "us", ["us", "threads_us", "local_us"], 0.1),
    ),
    beside(
        Measure("hop-threads"),
        Measure("bare-futex"),
        &[row("hop-threads", "bare futex", "us", "p50_us", Ratio(1.3))],
    ),
    beside(
        Measure("ten-threads"),
        GStreamer(&["latency", "10", "4000", "1000"]),
        &[
            row(
                "ten-threads-p50",
                "10 GStreamer queues",
                "us",
                "p50_us",
                Ratio(0.5),
            ),
            row(
                "ten-threads-p99",
                "10 GStreamer queues",
                "us",
                "p99_us",
                Ratio(0.5),
            ),
        ],
    ),
    beside(
        Measure("throughput-1"),
        FutureSdr(&["throughput", "1"]),
        &futuresdr("throughput-1", "ns", ["ns", "threads_ns", "local_ns"], 0.5),
    ),
    beside(
        Measure("throughput-4"),
        FutureSdr(&["throughput", "4"]),
        &futuresdr("throughput-4", "ns", ["ns", "threads_ns", "local_ns"], 0.5),
    ),
    beside(
        Measure("profile"),
        SameRun,
        &[
            profile_on("profile-on-table", "table_ns", "off_ns"),
            profile_on("profile-on-trace", "trace_ns", "off_ns"),
            profile_on("profile-on-real", "real_table_ns", "real_off_ns"),
        ],
    ),
    profile_off("virtual", false, &[profile_off_row("profile-off-virtual")]),
    profile_off("real", false, &[profile_off_row("profile-off-real")]),
    profile_off(
        "virtual",
        true,
        &[profile_off_row("profile-off-metrics-virtual")],
    ),
    profile_off("real", true, &[profile_off_row("profile-off-metrics-real")]),
];
