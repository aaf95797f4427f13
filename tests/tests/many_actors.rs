//! Ten thousand actors on one clock: they start, each of them gets every tick, and they stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use streamlib::prelude::*;
use streamlib_tests::until;
use tokio::sync::Mutex;

const ACTORS: usize = 10_000;

/// One test at a time: they count the memory and the threads of the process.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Counts its ticks.
#[actor(dispatcher = tokio)]
struct Beat {
    #[output]
    beat: Output<DataMessage<u64>>,
    ticks: Arc<AtomicU64>,
}

impl Actor for Beat {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        // Relaxed: a count on its own.
        self.ticks.fetch_add(1, Ordering::Relaxed);
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
        let ticks = Arc::<AtomicU64>::default();
        counts.push(ticks.clone());
        actors.push(spawn(Beat::new(ticks).clocked(clock.clone()))?);
    }
    let begin = Instant::now();
    for ticked in 1..=TICKS {
        clock.advance(1).await?;
        // Relaxed: the clock has waited for them.
        let behind = counts
            .iter()
            .filter(|count| count.load(Ordering::Relaxed) != ticked);
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

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_graphs_share_a_clock_of_real_time() -> Result<()> {
    let _alone = ALONE.lock().await;
    let clock = SoftwareClock::fps(2);
    let (memory, threads) = size();
    let begin = Instant::now();
    let mut counts = Vec::with_capacity(ACTORS);
    let mut shows = Vec::with_capacity(ACTORS);
    for _ in 0..ACTORS {
        let ticks = Arc::<AtomicU64>::default();
        counts.push(ticks.clone());
        shows.push(pipeline! {
            clock house = clock.clone();
            beat = Beat::new(ticks) @ house on tokio;
            null = Null::new() on inline;
            beat >> null;
        }?);
    }
    let started = begin.elapsed();
    let each = |least: u64| {
        counts
            .iter()
            .all(|count| count.load(Ordering::Relaxed) >= least)
    };
    assert!(until(|| each(3)).await, "some have not ticked");
    let (memory, threads) = (
        size().0.saturating_sub(memory),
        size().1.saturating_sub(threads),
    );
    let begin = Instant::now();
    for show in &shows {
        show.stop().await?;
    }
    println!(
        "{ACTORS} graphs: started in {started:.2?}, {} bytes each, {threads} more threads, stopped in {:.2?}",
        memory * 1024 / ACTORS as u64,
        begin.elapsed()
    );
    assert!(threads < 10, "{threads} more threads");
    assert!(memory / 1024 < 400, "{} MiB", memory / 1024);
    assert!(started.as_secs() < 20 && begin.elapsed().as_secs() < 20);
    Ok(())
}
