//! What one side of a comparison runs.

/// A build whose instructions are counted.
#[derive(Clone, Copy)]
pub struct Counted {
    /// Whether it has a profile, which is off.
    pub profile: bool,
    /// Whether it has the feature `metrics`; no recorder is installed. What is beside it has it too: a crate more, and rustc makes
    /// other functions of what has nothing to do with either.
    pub metrics: bool,
}

impl Counted {
    /// In words.
    pub fn name(self) -> &'static str {
        match (self.profile, self.metrics) {
            (true, false) => "with",
            (false, false) => "without",
            (true, true) => "with-metrics",
            (false, true) => "without-with-metrics",
        }
    }
}

/// One side of a comparison: a program that prints its figures.
pub enum Side {
    /// A measurement of this name in `benches/src/bin/measure.rs`.
    Measure(&'static str),
    /// The same, of this.
    MeasureOf(&'static str, &'static str),
    /// A measurement of this name in `benches/src/bin/gpu.rs`, on the card.
    Card(&'static str),
    /// The ticks of a clock of this rate and precision, as `benches/src/jitter.rs` measures them.
    Ticks {
        fps: &'static str,
        precision: &'static str,
    },
    /// The instructions of a tick through twelve actors, on a clock that is `virtual` or `real`.
    Instructions { clock: &'static str, build: Counted },
    /// The ticks of a clock of this rate at `realtime`, and cyclictest on the same core at the same time.
    TicksBesideCyclictest { fps: &'static str },
    /// The ticks of a clock of this rate at `realtime`, and which of them came while no core stood still.
    TicksWhileRunning { fps: &'static str },
    /// `benches/gstreamer/peer.c`, with these words.
    GStreamer(&'static [&'static str]),
    /// FFmpeg: a filter graph whose output is called `out`, and so many frames of it.
    Ffmpeg { graph: &'static str, frames: u32 },
    /// `benches/futuresdr`, with these words.
    FutureSdr(&'static [&'static str]),
    /// The other side's program, which measures both in turn.
    SameRun,
    /// cyclictest of rt-tests, one thread; at real-time priority where that is allowed.
    Cyclictest { interval_us: u32, loops: u32 },
    /// `tests/bin/ptp_offset.rs`: our PTP clock and linuxptp's side by side.
    PtpOffset,
}
