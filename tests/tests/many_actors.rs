//! Ten thousand actors on one clock, and a thousand on threads: they start, each of them gets every tick or says that it missed it,
//! and they stop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use streamlib::clock::{Clock, Subscriber};
use streamlib::prelude::*;
use streamlib_tests::{status_of, until};
use tokio::sync::Mutex;

const ACTORS: usize = 10_000;

/// One test at a time: they count the memory and the threads of the process.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Counts its ticks.
#[actor(dispatcher = tokio)]
struct Beat {
    #[output]
    beat: Output<DataMessage<u64>>,
    seen: Arc<Seen>,
}

/// What an actor has seen.
#[derive(Default)]
struct Seen {
    ticks: AtomicU64,
    /// The numbers of the first tick and of the last.
    first: AtomicU64,
    last: AtomicU64,
}

impl Seen {
    fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }
}

impl Actor for Beat {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        // Relaxed: counts on their own.
        if self.seen.ticks.fetch_add(1, Ordering::Relaxed) == 0 {
            self.seen.first.store(tick.frame_number, Ordering::Relaxed);
        }
        self.seen.last.store(tick.frame_number, Ordering::Relaxed);
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Kibibytes of memory, and threads, of this process.
fn size() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.expect("a number")
    };
    (line("VmRSS:"), line("Threads:"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_ten_thousand_actors_gets_every_tick_of_one_clock() -> Result<()> {
    const TICKS: u64 = 20;
    let _alone = ALONE.lock().await;
    let clock = VirtualClock::fps(50);
    let mut counts = Vec::with_capacity(ACTORS);
    let mut actors = Vec::with_capacity(ACTORS);
    for _ in 0..ACTORS {
        let seen = Arc::<Seen>::default();
        counts.push(seen.clone());
        actors.push(spawn(Beat::new(seen).clocked(clock.clone()))?);
    }
    let begin = Instant::now();
    for ticked in 1..=TICKS {
        clock.advance(1).await?;
        // Relaxed: the clock has waited for them.
        let behind = counts.iter().filter(|seen| seen.ticks() != ticked);
        assert_eq!(behind.count(), 0, "of {ACTORS} actors on tick {ticked}");
    }
    let took = begin.elapsed();
    let clock_id = clock.id();
    for actor in &actors {
        let status = actor.status();
        assert_eq!((status.ticks, status.missed), (TICKS, 0));
        assert_eq!(status.clock_id, Some(clock_id));
        actor.stop().await?;
    }
    println!("{ACTORS} actors: {TICKS} ticks of one clock in {took:.2?}");
    Ok(())
}

/// Counts what a clock gives.
struct Counts(Arc<AtomicU64>);

impl Subscriber for Counts {
    fn tick(&mut self, tick: TimedTick) {
        // Release: pairs with the Acquire load of who has seen what the tick led to.
        self.0.store(tick.frame_number + 1, Ordering::Release);
    }
}

/// So many graphs of two actors on a clock of real time, on `tokio` or on `threads`, the size that they add, and how long it took to
/// start and stop them: each has worked on every tick, or missed it and says so.
async fn graphs(count: usize, on_threads: bool) -> Result<((u64, u64), [Duration; 2])> {
    let clock = SoftwareClock::fps(2);
    let given = Arc::<AtomicU64>::default();
    let mut subscription = clock.subscribe(vec![Box::new(Counts(given.clone()))])?;
    subscription.start();
    let before = size();
    let begin = Instant::now();
    let mut shows = Vec::with_capacity(count);
    for _ in 0..count {
        let seen = Arc::<Seen>::default();
        // Relaxed: an earlier one is as good.
        let begun = given.load(Ordering::Relaxed);
        let show = if on_threads {
            pipeline! {
                clock house = clock.clone();
                beat = Beat::new(seen.clone()) @ house on threads;
                null = Null::new() on inline;
                beat >> null;
            }
        } else {
            pipeline! {
                clock house = clock.clone();
                beat = Beat::new(seen.clone()) @ house on tokio;
                null = Null::new() on inline;
                beat >> null;
            }
        }?;
        shows.push((show, seen, begun));
    }
    let started = begin.elapsed();
    let each = |least: u64| shows.iter().all(|(_, seen, _)| seen.ticks() >= least);
    assert!(until(|| each(3)).await, "some have not ticked");
    let now = size();
    let begin = Instant::now();
    for (show, seen, begun) in &shows {
        show.stop().await?;
        let [first, last] = [&seen.first, &seen.last].map(|seen| seen.load(Ordering::Relaxed));
        let status = status_of(show, "beat");
        assert_eq!(status.ticks, seen.ticks());
        // From its first on it was given every tick, and before it none that came before it was there.
        let all = status.ticks + status.missed;
        let possible = last - first + 1..=last - begun.saturating_sub(1) + 1;
        assert!(possible.contains(&all), "{all} of {possible:?}: {status:?}");
        let null = status_of(show, "null");
        assert_eq!((null.ticks, null.missed), (status.ticks, 0));
    }
    let grown = (
        now.0.saturating_sub(before.0),
        now.1.saturating_sub(before.1),
    );
    Ok((grown, [started, begin.elapsed()]))
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_graphs_share_a_clock_of_real_time() -> Result<()> {
    let _alone = ALONE.lock().await;
    let ((memory, threads), [started, stopped]) = graphs(ACTORS, false).await?;
    println!(
        "{ACTORS} graphs: started in {started:.2?}, {} bytes each, {threads} more threads, stopped in {stopped:.2?}",
        memory * 1024 / ACTORS as u64,
    );
    assert!(threads < 10, "{threads} more threads");
    assert!(memory / 1024 < 400, "{} MiB", memory / 1024);
    assert!(started.as_secs() < 20 && stopped.as_secs() < 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_graphs_on_threads_share_it_too() -> Result<()> {
    const GRAPHS: usize = 1_000;
    let _alone = ALONE.lock().await;
    let ((memory, threads), [started, stopped]) = graphs(GRAPHS, true).await?;
    println!(
        "{GRAPHS} graphs on threads: started in {started:.2?}, {} KiB each, {threads} more threads, stopped in {stopped:.2?}",
        memory / GRAPHS as u64,
    );
    // A thread for every task at most, and fewer where they take turns.
    assert!(threads < GRAPHS as u64 + 10, "{threads} more threads");
    assert!(started.as_secs() < 20 && stopped.as_secs() < 20);
    Ok(())
}

/// Returns when so many have come so far at the same time.
#[actor]
struct Meets {
    #[output]
    met: Output<DataMessage<u64>>,
    all: Arc<Barrier>,
}

impl Actor for Meets {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.all.wait();
        self.met.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_that_block_at_once_hold_up_nobody() -> Result<()> {
    const BLOCKED: usize = 500;
    let _alone = ALONE.lock().await;
    let (clock, all) = (VirtualClock::fps(50), Arc::new(Barrier::new(BLOCKED)));
    let mut actors = Vec::with_capacity(BLOCKED);
    for _ in 0..BLOCKED {
        actors.push(spawn(Meets::new(all.clone()).clocked(clock.clone()))?);
    }
    // Only where there is a thread for each of them does any come further.
    clock.advance(3).await?;
    for actor in &actors {
        let status = actor.status();
        assert_eq!((status.ticks, status.missed), (3, 0));
        actor.stop().await?;
    }
    Ok(())
}
