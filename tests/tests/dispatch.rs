//! Each dispatcher really runs the actors that name it.

use std::time::{Duration, Instant};

use streamlib::prelude::*;
use streamlib_tests::{Collect, Items, Log, Numbers, Place, Where, until};

fn last(log: &Log<Place>) -> Place {
    log.entries().pop().expect("it has run")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_word_names_where_the_actor_runs() -> Result<()> {
    let (threads, inline, tokio_task, inline_of_task) =
        (Log::new(), Log::new(), Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        a = Where::new(threads.clone()) on threads;
        b = Where::new(inline.clone()) on inline;
        c = Where::new(tokio_task.clone()) on tokio;
        d = Where::new(inline_of_task.clone()) on inline;
        source >> a >> b >> c >> d;
    }?;
    clock.advance(20).await?;
    show.stop().await?;

    for (threads, inline) in threads.entries().iter().zip(inline.entries()) {
        assert!(threads.thread.starts_with("streamlib "), "{threads:?}");
        assert_eq!(threads.task, None);
        // Right after it, on the same thread.
        assert_eq!(inline, *threads);
    }
    let task = last(&tokio_task);
    assert!(task.task.is_some(), "{task:?}");
    assert_eq!(
        last(&inline_of_task).task,
        task.task,
        "inline in the task of its upstream"
    );
    let words: Vec<_> = show
        .status()
        .actors
        .iter()
        .map(|actor| actor.dispatcher)
        .collect();
    assert_eq!(words, ["threads", "threads", "inline", "tokio", "inline"]);
    Ok(())
}

/// Blocks its thread on every tick.
#[actor]
struct Block {
    #[input]
    number: Input<DataMessage<u64>>,
    time: Duration,
}

impl Actor for Block {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if self.number.latest().is_some() {
            std::thread::sleep(self.time);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actors_that_block_hold_up_no_other() -> Result<()> {
    let log = Log::new();
    let nap = Duration::from_millis(300);
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(100);
        source >> [
            Block::new(nap), Block::new(nap), Block::new(nap), Block::new(nap),
            Block::new(nap), Block::new(nap), Collect::new(log.clone()),
        ];
    }?;
    let start = Instant::now();
    assert!(until(|| log.entries().len() > 100).await);
    let took = start.elapsed();
    show.stop().await?;
    // One after another, the six would let the seventh work once in 1.8 s, which is 180 s for 100.
    assert!(
        took < Duration::from_secs(9),
        "100 ticks of 10 ms took {took:?}"
    );
    Ok(())
}

/// Waits for a timer of tokio's.
#[actor]
struct Timer {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
}

impl Actor for Timer {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if let Some(number) = self.number.latest() {
            self.out.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokio_works_in_actors_wherever_they_run() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        a = Timer::new() on threads;
        b = Timer::new() on inline;
        c = Timer::new() on tokio;
        source >> a >> b >> c >> Collect::new(log.clone());
    }?;
    clock.advance(10).await?;
    show.stop().await?;
    assert_eq!(log.entries().len(), 10);
    Ok(())
}

#[test]
fn a_graph_needs_no_runtime_around_it() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        source = Items::up_to(4).fps(1000);
        collect = Collect::new(log.clone()) on tokio;
        source >> collect;
    }?;
    // Not even one with timers.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        show.finished().await;
        show.stop().await
    })?;
    assert_eq!(log.entries().last().map(|(_, number)| *number), Some(4));
    Ok(())
}

#[tokio::test]
async fn a_current_thread_runtime_is_enough() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house on tokio;
        collect = Collect::new(log.clone()) on tokio;
        source >> collect;
    }?;
    clock.advance(100).await?;
    assert_eq!(log.entries().len(), 100);
    show.stop().await
}

/// Wakes another actor in the middle of its work, and goes on working.
#[actor]
struct Wakes {
    #[output]
    out: Output<DataMessage<u64>>,
    tell: tokio::sync::mpsc::UnboundedSender<Instant>,
}

impl Actor for Wakes {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.send(DataMessage::new(tick.frame_number), tick);
        self.tell.send(Instant::now()).map_err(Error::other)?;
        std::thread::sleep(Duration::from_millis(400));
        Ok(())
    }
}

/// Waits to be woken.
#[actor]
struct Waits {
    #[output]
    out: Output<DataMessage<u64>>,
    told: tokio::sync::mpsc::UnboundedReceiver<Instant>,
    log: Log<Duration>,
}

impl Actor for Waits {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(at) = self.told.recv().await {
            self.log.push(at.elapsed());
        }
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_woken_in_the_middle_of_a_tick_starts_at_once() -> Result<()> {
    let log = Log::new();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let show = pipeline! {
        wakes = Wakes::new(tell).fps(2);
        waits = Waits::new(told, log.clone()).fps(50);
        wakes >> Null::new();
        waits >> Null::new();
    }?;
    assert!(until(|| log.entries().len() >= 3).await);
    drop(show);
    let quickest = log.entries().into_iter().min();
    assert!(
        quickest < Some(Duration::from_millis(200)),
        "woken after {quickest:?}"
    );
    Ok(())
}
