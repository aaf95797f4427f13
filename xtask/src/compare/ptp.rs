//! How far `PtpClock` is off its master, beside a slave that is linuxptp's ptp4l, in the same run: idle and with all cores busy.
//!
//! What is compared is what IEEE 1588 calls `offsetFromMaster`, of every sync that both slaves heard; `tests/bin/ptp_offset.rs`
//! says how it is measured. The goal is for its root mean square: over ten seconds (`measured-rms`) and over one
//! (`measured-rms-of-seconds`), the middle one of several each. `offset-rms` is how far ours was off in truth, beside what ptp4l
//! measured. A maximum is one packet, which comes late to one of the two by chance, and has no goal.

use super::row::Goal::{Free, Ratio};
use super::row::{Comparison, Goal, Row};
use super::side::Side;

const fn row(name: &'static str, [ours, theirs]: [&'static str; 2], goal: Goal) -> Row {
    Row {
        name,
        peer: "ptp4l",
        unit: "ns",
        ours,
        theirs,
        goal,
    }
}

const RMS: [&str; 2] = ["measured_rms_ns", "ptp4l_rms_ns"];
const SECONDS: [&str; 2] = ["measured_s_rms_ns", "ptp4l_s_rms_ns"];
const MAX: [&str; 2] = ["measured_max_ns", "ptp4l_max_ns"];
const OFF_RMS: [&str; 2] = ["ours_rms_ns", "ptp4l_rms_ns"];
const OFF_MAX: [&str; 2] = ["ours_max_ns", "ptp4l_max_ns"];

const fn comparison(busy: bool, rows: &'static [Row]) -> Comparison {
    Comparison {
        ours: Side::PtpOffset,
        theirs: Side::SameRun,
        busy,
        on_screen: false,
        runs: 3,
        rows,
    }
}

pub const PTP: [Comparison; 2] = [
    comparison(
        false,
        &[
            row("ptp-measured-rms", RMS, Ratio(1.5)),
            row("ptp-measured-rms-of-seconds", SECONDS, Ratio(1.5)),
            row("ptp-measured-max", MAX, Free),
            row("ptp-offset-rms", OFF_RMS, Ratio(1.5)),
            row("ptp-offset-max", OFF_MAX, Free),
        ],
    ),
    comparison(
        true,
        &[
            row("ptp-busy-measured-rms", RMS, Ratio(1.5)),
            row("ptp-busy-measured-rms-of-seconds", SECONDS, Ratio(1.5)),
            row("ptp-busy-measured-max", MAX, Free),
            row("ptp-busy-offset-rms", OFF_RMS, Ratio(1.5)),
            row("ptp-busy-offset-max", OFF_MAX, Free),
        ],
    ),
];
