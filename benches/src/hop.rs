//! What an actor adds to a message's way: inside a task, across threads, and ten times across threads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::futex;
use streamlib::prelude::*;

use crate::figures::{Figures, monotonic_ns};
use crate::journey::{Arrive, Pass, Send, Times};

const TICKS: u64 = 100_000;
/// Hand-offs between two threads: how many, how many a second.
const HANDOFFS: (usize, u32) = (2_000, 1_000);
/// Journeys through ten actors: how many, how many a second.
const JOURNEYS: (usize, u32) = (1_000, 250);

/// Microseconds that one `inline` actor adds to a tick: what ten of them add to a graph.
///
/// # Errors
/// When the graph can't be started.
pub async fn inline() -> Result<Figures> {
    let (none, ten) = (through_none(TICKS).await?, through_ten(TICKS).await?);
    let hop = (ten - none).as_secs_f64() / 10.0 / TICKS as f64;
    Ok(Figures::one("us", hop * 1e6).and("tick_us", none.as_secs_f64() * 1e6 / TICKS as f64))
}

/// How long `ticks` ticks take from a source to a sink with nothing between them.
///
/// # Errors
/// When the graph can't be started.
pub async fn through_none(ticks: u64) -> Result<Duration> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        send = Send::parcels(u64::MAX) @ house;
        send >> Arrive::new(Times::new(0));
    }?;
    lap(&clock, ticks, show).await
}

/// The same with ten `inline` actors between them.
///
/// # Errors
/// When the graph can't be started.
pub async fn through_ten(ticks: u64) -> Result<Duration> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        send = Send::parcels(u64::MAX) @ house;
        send >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new()
             >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new() >> Pass::new()
             >> Arrive::new(Times::new(0));
    }?;
    lap(&clock, ticks, show).await
}

/// The same with ten actors on `threads`.
///
/// # Errors
/// When the graph can't be started.
pub async fn through_ten_threads(ticks: u64) -> Result<Duration> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        send = Send::parcels(u64::MAX) @ house;
        a = Pass::new() on threads;
        b = Pass::new() on threads;
        c = Pass::new() on threads;
        d = Pass::new() on threads;
        e = Pass::new() on threads;
        f = Pass::new() on threads;
        g = Pass::new() on threads;
        h = Pass::new() on threads;
        i = Pass::new() on threads;
        j = Pass::new() on threads;
        send >> a >> b >> c >> d >> e >> f >> g >> h >> i >> j >> Arrive::new(Times::new(0));
    }?;
    lap(&clock, ticks, show).await
}

async fn lap(clock: &VirtualClock, ticks: u64, show: Pipeline) -> Result<Duration> {
    clock.advance(ticks / 10).await?; // warm
    let begin = Instant::now();
    clock.advance(ticks).await?;
    let took = begin.elapsed();
    show.stop().await?;
    Ok(took)
}

/// Microseconds from a source on one thread to a sink on another.
///
/// # Errors
/// When the graph can't be started.
pub async fn threads() -> Result<Figures> {
    let times = Times::new(HANDOFFS.0);
    let show = pipeline! {
        send   = Send::parcels(times.count()).fps(HANDOFFS.1) on threads;
        arrive = Arrive::new(times.clone()) on threads;
        send >> arrive;
    }?;
    show.finished().await;
    show.stop().await?;
    Ok(times.figures())
}

/// The same by hand: one thread stores a number and wakes the other, which sleeps in a futex.
#[must_use]
pub fn bare_futex() -> Figures {
    let times = Times::new(HANDOFFS.0);
    let (turn, left) = (AtomicU32::new(0), AtomicU64::new(0));
    let period = Duration::from_secs(1) / HANDOFFS.1;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..HANDOFFS.0 as u32 {
                // Acquire: pairs with the store of `turn`, after that of `left`.
                while turn.load(Ordering::Acquire) == number {
                    // Err: the number was stored before we slept, or a signal came; look again.
                    let _ = futex::wait(&turn, futex::Flags::PRIVATE, number, None);
                }
                times.arrived(u64::from(number), left.load(Ordering::Relaxed));
            }
        });
        let begin = Instant::now();
        for number in 0..HANDOFFS.0 as u32 {
            std::thread::sleep((begin + period * number).saturating_duration_since(Instant::now()));
            left.store(monotonic_ns(), Ordering::Relaxed);
            turn.store(number + 1, Ordering::Release); // pairs with the load in the other thread
            // It cannot fail with an address of our own.
            let _ = futex::wake(&turn, futex::Flags::PRIVATE, 1);
        }
    });
    times.figures()
}

/// Microseconds from a source through ten actors, each on a thread of its own, to the sink.
///
/// # Errors
/// When the graph can't be started.
pub async fn ten_threads() -> Result<Figures> {
    let times = Times::new(JOURNEYS.0);
    let show = pipeline! {
        send = Send::parcels(times.count()).fps(JOURNEYS.1) on threads;
        a = Pass::new() on threads;
        b = Pass::new() on threads;
        c = Pass::new() on threads;
        d = Pass::new() on threads;
        e = Pass::new() on threads;
        f = Pass::new() on threads;
        g = Pass::new() on threads;
        h = Pass::new() on threads;
        i = Pass::new() on threads;
        j = Pass::new() on threads;
        send >> a >> b >> c >> d >> e >> f >> g >> h >> i >> j >> Arrive::new(times.clone());
    }?;
    show.finished().await;
    show.stop().await?;
    Ok(times.figures())
}
