//! A thousand graphs that start and stop leave nothing behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use streamlib::prelude::*;
use streamlib_tests::until;

const CYCLES: usize = 1_000;

/// How many items, which live in the slots of rings, and how many actors there are.
static ITEMS: AtomicI64 = AtomicI64::new(0);
static ACTORS: AtomicI64 = AtomicI64::new(0);

/// An item that is counted while it lives.
struct Item;

impl Default for Item {
    fn default() -> Self {
        ITEMS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        ITEMS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A part of an actor that is counted while it lives.
struct Alive;

impl Alive {
    fn new() -> Self {
        ACTORS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ACTORS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[actor]
struct Source {
    #[output]
    out: Output<DataMessage<Item>>,
    _alive: Alive,
    file: Option<std::fs::File>,
}

impl Actor for Source {
    async fn on_start(&mut self) -> Result<()> {
        self.file = Some(std::fs::File::open("/proc/self/status")?);
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.slot().publish(tick);
        Ok(())
    }
}

#[actor]
struct Sink {
    #[input]
    item: Input<DataMessage<Item>>,
    _alive: Alive,
    ticks: Arc<AtomicI64>,
}

impl Actor for Sink {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if self.item.latest().is_some() {
            self.ticks.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Threads, file descriptors, tokio's tasks, items in rings, actors.
fn alive() -> [i64; 5] {
    let entries = |folder| std::fs::read_dir(folder).expect("this is Linux").count() as i64;
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    [
        entries("/proc/self/task"),
        entries("/proc/self/fd"),
        tasks as i64,
        ITEMS.load(Ordering::Relaxed),
        ACTORS.load(Ordering::Relaxed),
    ]
}

async fn cycle(number: usize, clock: &SoftwareClock) -> Result<()> {
    let ticks = Arc::<AtomicI64>::default();
    let own = SoftwareClock::fps(1_000);
    let house = if number.is_multiple_of(2) {
        &own
    } else {
        clock
    };
    let show = pipeline! {
        clock house = house.clone();
        one = Source::new(Alive::new(), None) @ house;
        two = Source::new(Alive::new(), None) @ house on tokio;
        one >> Sink::new(Alive::new(), ticks.clone());
        last = Sink::new(Alive::new(), ticks.clone()) on inline;
        two >> last;
    }?;
    match number % 3 {
        // Stopped before, after or while it starts, and dropped.
        0 => show.stop().await,
        1 => {
            assert!(until(|| ticks.load(Ordering::Relaxed) > 2).await);
            show.stop().await
        }
        _ => {
            drop(show);
            Ok(())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_graphs_leave_nothing_behind() -> Result<()> {
    let clock = SoftwareClock::fps(1_000);
    // What is made once and stays: workers, streamlib's runtime.
    for number in 0..20 {
        cycle(number, &clock).await?;
    }
    assert!(until(|| alive()[2..] == [0, 0, 0]).await, "{:?}", alive());
    let mut calm = alive();
    // A worker more than there are tasks ends when it finds that out.
    until(|| std::mem::replace(&mut calm, alive()) == calm).await;
    let before = alive();
    for number in 0..CYCLES {
        cycle(number, &clock).await?;
    }
    let no_more = || {
        alive()
            .iter()
            .zip(before)
            .all(|(now, before)| *now <= before)
    };
    assert!(
        until(no_more).await,
        "threads, descriptors, tasks, items, actors: {before:?} before, {:?} after",
        alive()
    );
    println!("{CYCLES} graphs: {before:?} before, {:?} after", alive());
    Ok(())
}
