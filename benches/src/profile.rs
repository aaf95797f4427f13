//! What the profile costs: a tick through twelve actors, with none, with a table and with a trace; and of two on threads, in
//! real time.

use std::time::Duration;

use streamlib::dispatch::Threads;
use streamlib::prelude::*;
use streamlib::profile;

use crate::figures::{Figures, cpu_ns};
use crate::hop;
use crate::journey::{Arrive, Pass, Send, Times};

/// The actors of the graph that is measured.
const ACTORS: f64 = 12.0;
const TICKS: u64 = 20_000;
/// Each way in turn, so many times: what the machine does meanwhile meets all of them.
const ROUNDS: usize = 15;

/// The actors of the graph in real time, and its ticks.
const THREADED: (f64, u64) = (2.0, 1_000);

/// Nanoseconds a tick and actor: without a profile, and what a table and a trace add to that. Of two actors on threads, on a
/// clock that keeps real time, it is what the processor takes, and what a table adds.
///
/// # Errors
/// When the graph can't be started, or the trace's file can't be written.
pub async fn cost() -> Result<Figures> {
    let path = std::env::temp_dir().join(format!("streamlib-profile-{}.json", std::process::id()));
    let (mut off, mut table, mut trace) = (Vec::new(), Vec::new(), Vec::new());
    let (mut real_off, mut real_table) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        off.push(hop::through_ten(TICKS).await?);
        let recording = profile::start();
        table.push(hop::through_ten(TICKS).await?);
        drop(recording);
        let recording = profile::trace(&path)?;
        trace.push(hop::through_ten(TICKS).await?);
        drop(recording);
        real_off.push(on_threads_in_real_time().await?);
        let recording = profile::start();
        real_table.push(on_threads_in_real_time().await?);
        drop(recording);
    }
    std::fs::remove_file(&path)?;
    let [real_off, real_table] = [real_off, real_table].map(|mut rounds| {
        rounds.sort_unstable();
        let median = rounds.get(ROUNDS / 2).map_or(f64::NAN, |&ns| ns as f64);
        median / THREADED.0 / THREADED.1 as f64
    });
    let [off, table, trace] = [off, table, trace].map(a_tick_and_actor);
    Ok(Figures::one("off_ns", off)
        .and("table_ns", table - off)
        .and("trace_ns", trace - off)
        .and("real_off_ns", real_off)
        .and("real_table_ns", real_table - real_off))
}

/// Nanoseconds of the processor for all ticks of two actors, of which one wakes the other.
async fn on_threads_in_real_time() -> Result<u64> {
    // Nothing spins, whose turns would be counted.
    Threads::precision(Precision::LowPower);
    let show = pipeline! {
        clock house = SoftwareClock::fps(2_000).precision(Precision::LowPower);
        send   = Send::parcels(THREADED.1) @ house on threads;
        arrive = Arrive::new(Times::new(0)) on threads;
        send >> arrive;
    }?;
    let begin = cpu_ns();
    show.finished().await;
    let took = cpu_ns() - begin;
    show.stop().await?;
    Threads::precision(Precision::default());
    Ok(took)
}

/// The median, in nanoseconds a tick and actor.
fn a_tick_and_actor(mut rounds: Vec<Duration>) -> f64 {
    rounds.sort_unstable();
    let median = rounds
        .get(ROUNDS / 2)
        .map_or(f64::NAN, Duration::as_secs_f64);
    median * 1e9 / ACTORS / TICKS as f64
}

/// Passes so many ticks through the graph, for whoever counts the instructions that it takes: on a clock
/// that is `virtual`, or on one that is `real`.
///
/// # Errors
/// When the words name no clock and number, or the graph can't be started.
pub async fn ticks(clock: &str, ticks: &str) -> Result<Figures> {
    let count = ticks.parse().unwrap_or_default();
    match (clock, count) {
        ("virtual", 1..) => hop::through_ten(count).await.map(drop)?,
        ("real", 1..) => through_ten_in_real_time(count).await?,
        _ => {
            let given = format!("{clock} {ticks}");
            return Err(Error::invalid(
                "the clock and the ticks",
                given,
                "virtual N or real N",
            ));
        }
    }
    Ok(Figures::one("ticks", count as f64))
}

/// The same graph on a clock that keeps real time, where a tick is looked at by the watchdog too.
async fn through_ten_in_real_time(ticks: u64) -> Result<()> {
    // Nothing spins, whose turns would be counted.
    Threads::precision(Precision::LowPower);
    // Valgrind takes a part of a millisecond over a tick.
    let clock = SoftwareClock::fps(1_000).precision(Precision::LowPower);
    let show = pipeline! {
        clock house = clock;
        send = Send::parcels(ticks) @ house;
        send >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new()
             >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new()
             >> Arrive::new(Times::new(0));
    }?;
    show.finished().await;
    show.stop().await
}
