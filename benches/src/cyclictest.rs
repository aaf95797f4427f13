//! cyclictest on the core of a clock of ours, while that ticks: both are woken by the same timer, just after each other.

use std::process::{Command, Stdio};
use std::time::Duration;

use streamlib::prelude::*;

use crate::figures::monotonic_ns;

/// How long after a tick of ours cyclictest's timer rings: the clock has then done its work, and what holds up the one
/// for long holds up the other.
const AFTER: Duration = Duration::from_micros(100);
const SECOND: u64 = 1_000_000_000;

/// How cyclictest was woken.
pub struct Woken {
    /// By how many nanoseconds the times between two wake-ups differed from the interval.
    pub jitter: Vec<u64>,
    /// Nanoseconds of the monotonic clock: when it began.
    pub begin: u64,
}

/// Runs cyclictest for `loops` ticks of a clock that ticks at `realtime`, and blocks until it is done.
///
/// # Errors
/// When cyclictest is not on the machine, or where one of the two may not have real-time priority and a core: without,
/// cyclictest does not run at all.
pub fn beside(clock: &SoftwareClock, loops: usize) -> Result<Woken> {
    // By then the clock says where it ticks.
    std::thread::sleep(Duration::from_nanos(SECOND / 5));
    let status = clock.status().to_string();
    // `realtime: SCHED_FIFO 60, core 1, …`, or among what was not granted `a core of its own`.
    let core = status.split("core ").skip(1).find_map(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits?.parse::<u32>().ok()
    });
    let Some(core) = core else {
        return Err(Error::invalid(
            "what the clock beside cyclictest was given",
            status,
            "real-time priority and a core, for both: run it as root, with CAP_SYS_NICE, or with a limit of rtprio of 80",
        ));
    };
    // It begins with the next full second, which is not to come while it starts.
    let early = SECOND / 5;
    let to_second = SECOND - monotonic_ns() % SECOND;
    std::thread::sleep(Duration::from_nanos(to_second + early));
    let begin = (monotonic_ns() / SECOND + 1) * SECOND;
    let interval = interval_us(clock.rate());
    let timeline = clock.timeline().ok_or(Error::EndOfStream)?;
    let second = Timestamp::from_nanos(begin);
    let first = timeline.newest(second).map_or(0, |newest| newest + 1);
    let phase = timeline
        .due(first)
        .map_or(Duration::ZERO, |due| due - second);
    let mut command = Command::new("cyclictest");
    command.args([
        "--quiet",
        "--verbose",
        "--nsecs",
        "--threads=1",
        "--mlockall",
        "--priority=80",
    ]);
    command
        .arg(format!("--affinity={core}"))
        .arg(format!("--interval={interval}"))
        .arg(format!("--loops={loops}"))
        .arg(format!("--secaligned={}", (phase + AFTER).as_micros()));
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let latencies: Vec<u64> = text.lines().filter_map(latency).collect();
    if latencies.len() < loops / 2 {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::invalid(
            "cyclictest's output",
            format_args!("{} latencies ({said})", latencies.len()),
            format!("{loops} of them, on core {core} at real-time priority"),
        ));
    }
    let pairs = latencies.windows(2);
    let jitter = pairs.map(|pair| pair[0].abs_diff(pair[1]).max(1)).collect();
    Ok(Woken { jitter, begin })
}

/// A period in whole microseconds: cyclictest knows no others.
#[must_use]
pub fn interval_us(rate: Rate) -> u32 {
    (1e6 / rate.as_f64()).round() as u32
}

/// `       0:      17:   88293`: thread, number, nanoseconds.
fn latency(line: &str) -> Option<u64> {
    let mut parts = line.split(':').map(str::trim);
    let thread = parts.next()?.parse::<u32>();
    let number = parts.next()?.parse::<u64>();
    let latency = parts.next()?.parse().ok()?;
    (thread.is_ok() && number.is_ok()).then_some(latency)
}
