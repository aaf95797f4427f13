//! How evenly the ticks of a clock come to an actor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use streamlib::clock::Precision;
use streamlib::dispatch::Threads;
use streamlib::prelude::*;

use crate::figures::{Figures, monotonic_ns};

/// How many seconds of ticks, of which the first tenth is not counted.
const SECONDS: f64 = 10.0;

/// Notes when each tick comes, in nanoseconds of the monotonic clock.
#[actor]
struct Metronome {
    #[output]
    beat: Output<DataMessage<u64>>,
    came: Arc<[AtomicU64]>,
    last: u64,
}

impl Actor for Metronome {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let now = monotonic_ns();
        if let Some(came) = self.came.get(tick.frame_number as usize) {
            // Relaxed: read when the thread that writes it has been joined.
            came.store(now, Ordering::Relaxed);
        }
        if tick.frame_number >= self.last {
            return Err(Error::EndOfStream);
        }
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Microseconds by which the time between two ticks differs from the period, as an actor on `threads` sees
/// it; and by which a tick comes late.
///
/// # Errors
/// When the words name no rate and precision, or the graph can't be started.
pub async fn ticks(rate: &str, precision: &str) -> Result<Figures> {
    let fps: f64 = rate.parse().unwrap_or_default();
    let precision = [Precision::LowPower, Precision::Normal, Precision::Realtime]
        .into_iter()
        .find(|level| level.to_string() == precision)
        .ok_or_else(|| {
            Error::invalid("the precision", precision, "low_power, normal or realtime")
        })?;
    let clock = SoftwareClock::fps(fps).precision(precision);
    Threads::precision(precision);
    let rate = clock.rate();
    let last = (rate.as_f64() * SECONDS) as u64;
    let came: Arc<[AtomicU64]> = (0..=last).map(|_| AtomicU64::new(0)).collect();
    let show = pipeline! {
        clock house = clock.clone();
        metronome = Metronome::new(came.clone(), last) @ house;
        metronome >> Null::new();
    }?;
    show.finished().await;
    show.stop().await?;
    eprintln!("clock: {}", clock.status());
    eprintln!("threads: {}", Threads::status());
    let came: Vec<u64> = came.iter().map(|at| at.load(Ordering::Relaxed)).collect();
    let due = |n: u64| {
        let timeline = clock.timeline();
        timeline
            .and_then(|timeline| timeline.due(n))
            .map_or(0, Timestamp::as_nanos)
    };
    let (mut jitter, mut late) = (Vec::new(), Vec::new());
    for n in 1..came.len() {
        // A tick that was merged into the next has no time of its own; 0 counts it as lost.
        if came[n] == 0 || came[n - 1] == 0 {
            jitter.push(0);
            late.push(0);
            continue;
        }
        let period = due(n as u64) - due(n as u64 - 1);
        jitter.push((came[n] - came[n - 1]).abs_diff(period).max(1));
        late.push(came[n].saturating_sub(due(n as u64)).max(1));
    }
    Ok(Figures::quantiles(&jitter).and_lateness(&late))
}

/// Keeps one core busy until standard input closes.
pub fn keep_busy() -> ! {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        std::hint::spin_loop();
    }
}
