//! A thousand graphs that start and stop leave nothing behind, nor do actors that fail and that are wired while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use streamlib::prelude::*;
use streamlib_tests::until;
use tokio::sync::Mutex;

const CYCLES: usize = 1_000;
/// More items than the rings of these spawned actors ever hold: their slots are taken one after another, as far as needed.
const ROOM: i64 = 16;

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

/// Fails on every tick and is opened again, which takes a file each time.
#[actor(on_error = restart)]
struct Failing {
    #[input]
    item: Input<DataMessage<Item>>,
    _alive: Alive,
    ticks: Arc<AtomicI64>,
    file: Option<std::fs::File>,
}

impl Actor for Failing {
    async fn on_start(&mut self) -> Result<()> {
        self.file = Some(std::fs::File::open("/proc/self/status")?);
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        Err(Error::graph("unplugged"))
    }
}

/// Threads, file descriptors, tokio's tasks and those of streamlib's own runtime, items in rings, actors.
fn alive() -> [i64; 6] {
    let entries = |folder| std::fs::read_dir(folder).expect("this is Linux").count() as i64;
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    let own = streamlib::dispatch::own_runtime().expect("it is there");
    [
        entries("/proc/self/task"),
        entries("/proc/self/fd"),
        tasks as i64,
        own.metrics().num_alive_tasks() as i64,
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

/// A graph that runs until its source has ended, with an actor that fails.
async fn runs() -> Result<()> {
    let ticks = Arc::<AtomicI64>::default();
    let show = pipeline! {
        one = Finite::new(Alive::new(), 3).fps(1_000);
        one >> [
            Sink::new(Alive::new(), ticks.clone()),
            Failing::new(Alive::new(), ticks.clone(), None),
        ];
    }?;
    show.run().await
}

/// Actors that are spawned, linked and cut, some before and some after they have ended.
async fn wires(number: usize, stays: &SourceHandle) -> Result<()> {
    let ticks = Arc::<AtomicI64>::default();
    let source = spawn(Source::new(Alive::new(), None).fps(1_000))?;
    let sink = spawn(Sink::new(Alive::new(), ticks.clone()))?;
    // It has room again when those of the rounds before have ended.
    let mut kept = Err(Error::EndOfStream);
    let mut links = || {
        kept = &stays.out >> &sink.item;
        kept.is_ok()
    };
    assert!(until(&mut links).await);
    let kept = kept?;
    let link = (&source.out >> &sink.item)?;
    if number.is_multiple_of(3) {
        assert!(until(|| ticks.load(Ordering::Relaxed) > 2).await);
    }
    match number % 4 {
        0 => link.disconnect(),
        1 => source.stop().await?,
        2 => sink.stop().await?,
        _ => drop(link),
    }
    if number.is_multiple_of(2) {
        kept.disconnect();
    }
    // What has ended can be linked all the same.
    drop((&source.out >> &sink.item)?);
    Ok(())
}

/// Sends until it ends by itself.
#[actor]
struct Finite {
    #[output]
    out: Output<DataMessage<Item>>,
    _alive: Alive,
    last: u64,
}

impl Actor for Finite {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.slot().publish(tick);
        if tick.frame_number >= self.last {
            return Err(Error::EndOfStream);
        }
        Ok(())
    }
}

/// One test at a time: they count what there is in the process.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_graphs_leave_nothing_behind() -> Result<()> {
    let _alone = ALONE.lock().await;
    let clock = SoftwareClock::fps(1_000);
    // What is made once and stays: workers, streamlib's runtime.
    for number in 0..20 {
        cycle(number, &clock).await?;
    }
    let before = settled(0).await;
    for number in 0..CYCLES {
        cycle(number, &clock).await?;
    }
    as_before(before).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_graphs_that_run_and_fail() -> Result<()> {
    let _alone = ALONE.lock().await;
    for _ in 0..5 {
        runs().await?;
    }
    let before = settled(0).await;
    for _ in 0..CYCLES / 5 {
        runs().await?;
    }
    as_before(before).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_actors_that_are_spawned_linked_and_cut() -> Result<()> {
    let _alone = ALONE.lock().await;
    let stays = spawn(Source::new(Alive::new(), None).fps(1_000))?;
    for number in 0..24 {
        wires(number, &stays).await?;
    }
    let mut before = settled(1).await;
    before[4] = ROOM;
    for number in 0..CYCLES {
        wires(number, &stays).await?;
    }
    as_before(before).await;
    stays.stop().await
}

/// What there is once all is calm, with so many actors and what their rings have room for.
async fn settled(actors: i64) -> [i64; 6] {
    let is_over = || {
        let [.., tasks, own, items, left] = alive();
        (tasks, own, left) == (0, 0, actors) && items <= actors * ROOM
    };
    assert!(until(is_over).await, "{:?}", alive());
    let mut calm = alive();
    // A worker more than there are tasks ends when it finds that out.
    until(|| std::mem::replace(&mut calm, alive()) == calm).await;
    alive()
}

/// Waits until there is no more than there was.
async fn as_before(before: [i64; 6]) {
    let no_more = || {
        alive()
            .iter()
            .zip(before)
            .all(|(now, before)| *now <= before)
    };
    assert!(
        until(no_more).await,
        "threads, descriptors, tasks, own tasks, items, actors: {before:?} before, {:?} after",
        alive()
    );
    println!("{before:?} before, {:?} after", alive());
}
