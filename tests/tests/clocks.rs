//! A clock shared by several actors gives every tick to each; what comes too early is merged.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use streamlib::clock::{Broadcast, Clock, Subscriber, Subscribers, Subscription};
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, Shy, until, wait_while};
use tokio::sync::Mutex;

#[tokio::test(flavor = "multi_thread")]
async fn two_actors_on_one_clock_get_every_tick() -> Result<()> {
    let (a, b) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        one = Numbers::new(u64::MAX) @ house;
        two = Numbers::new(u64::MAX) @ house;
        one >> Collect::new(a.clone());
        two >> Collect::new(b.clone());
    }?;
    clock.advance(600).await?;
    show.stop().await?;
    let all: Vec<(u64, u64)> = (0..600).map(|n| (n, n)).collect();
    assert_eq!(a.entries(), all);
    assert_eq!(b.entries(), all);
    assert_eq!(clock.now().as_secs_f64(), 10.0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_actors_on_one_real_clock_share_all_its_ticks() -> Result<()> {
    let (a, b) = (Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);
        one = Numbers::new(u64::MAX) @ house;
        two = Numbers::new(u64::MAX) @ house;
        one >> Collect::new(a.clone());
        two >> Collect::new(b.clone());
    }?;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    show.stop().await?;
    for node in ["one", "two"] {
        let status = show.status();
        let status = status.actor(node).expect("it is in the graph");
        // The original's fault: each got every other tick.
        let all = status.ticks + status.missed;
        assert!(
            status.ticks * 2 > all,
            "{node} got {} of {all} ticks",
            status.ticks
        );
        assert!(all >= 30, "a second of 60 fps had {all} ticks");
    }
    Ok(())
}

/// A clock of the test's own, ticked by hand.
#[derive(Clone)]
struct ByHand {
    id: ClockId,
    broadcast: Broadcast,
    subscribers: Arc<Mutex<Subscribers>>,
}

impl ByHand {
    fn new() -> Self {
        let (broadcast, subscribers) = Broadcast::new();
        let subscribers = Arc::new(Mutex::new(subscribers));
        Self {
            id: ClockId::new_unique(),
            broadcast,
            subscribers,
        }
    }

    /// Waits for a graph that starts; says how many it ticks. Before that, nobody listens.
    async fn starts(&self) -> usize {
        for _ in 0..10_000 {
            let subscribers = self.subscribers.lock().await.refresh();
            if subscribers > 0 {
                return subscribers;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        0
    }

    async fn tick(&self, frame_number: u64) -> usize {
        let mut subscribers = self.subscribers.lock().await;
        let count = subscribers.refresh();
        let timestamp = Timestamp::default() + self.rate().time_of(frame_number);
        subscribers.tick(TimedTick {
            timestamp,
            frame_number,
            clock_id: self.id,
        });
        count
    }
}

impl Clock for ByHand {
    fn id(&self) -> ClockId {
        self.id
    }
    fn name(&self) -> &str {
        "by hand"
    }
    fn rate(&self) -> Rate {
        Rate::fps(60)
    }
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        Ok(self.broadcast.subscribe(subscribers))
    }
}

/// Stalls on its first tick until it is let go.
#[actor]
struct Stall {
    #[output]
    out: Output<DataMessage<u64>>,
    stalled: Arc<AtomicBool>,
    log: Log<u64>,
}

impl Actor for Stall {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.log.push(tick.frame_number);
        wait_while(&self.stalled);
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_that_come_during_a_stall_are_merged_into_one() -> Result<()> {
    let clock = ByHand::new();
    let (stalled, log) = (Arc::new(AtomicBool::new(true)), Log::new());
    let show = pipeline! {
        clock hand = clock.clone();
        stall = Stall::new(stalled.clone(), log.clone()) @ hand;
        stall >> Null::new();
    }?;
    assert_eq!(clock.starts().await, 1);
    clock.tick(0).await;
    assert!(until(|| log.entries() == [0]).await);
    // 500 ms at 60 fps.
    for frame_number in 1..=30 {
        clock.tick(frame_number).await;
    }
    stalled.store(false, Ordering::Release);
    assert!(until(|| log.entries().len() > 1).await);
    clock.tick(31).await;
    assert!(until(|| log.entries().len() > 2).await);
    assert_eq!(
        log.entries(),
        [0, 30, 31],
        "one tick for the stall, and then the next"
    );
    let status = show.status();
    assert_eq!(status.actor("stall").map(|stall| stall.missed), Some(29));
    show.stop().await
}

/// Writes down the ticks, and what is there.
#[actor]
struct Looks {
    #[input]
    number: Input<DataMessage<u64>>,
    log: Log<(u64, Option<u64>)>,
}

impl Actor for Looks {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        // Two periods at 60 fps.
        let number = self.number.latest_within(Duration::from_millis(34));
        let number = number.map(|number| **number);
        self.log.push((tick.frame_number, number));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_a_clock_waits_for_a_source_that_hangs_until_the_next_tick() -> Result<()> {
    let clock = ByHand::new();
    let (stalled, begun, log) = (Arc::new(AtomicBool::new(false)), Log::new(), Log::new());
    let show = pipeline! {
        clock hand = clock.clone();
        stall = Stall::new(stalled.clone(), begun.clone()) @ hand;
        looks = Looks::new(log.clone()) @ hand;
        stall >> looks;
    }?;
    clock.starts().await;
    let has = |ticks| {
        let log = log.clone();
        until(move || log.entries().len() == ticks)
    };
    clock.tick(0).await;
    assert!(has(1).await);
    stalled.store(true, Ordering::Release);
    clock.tick(1).await;
    assert!(until(|| begun.entries().len() == 2).await);
    assert_eq!(log.entries(), [(0, Some(0))], "it waits for what feeds it");
    // The next tick is its deadline, and so on while the source hangs.
    for tick in 2..=5 {
        clock.tick(tick).await;
        assert!(has(tick as usize).await);
    }
    let looks = show.status();
    let looks = looks.actor("looks").expect("it is in the graph");
    assert_eq!((looks.ticks, looks.missed), (5, 0));
    assert_eq!((looks.late, looks.stale), (4, 2));
    stalled.store(false, Ordering::Release);
    // The source has merged what it missed, and the node is there with it.
    assert!(until(|| log.entries().len() == 6).await);
    assert_eq!(
        log.entries(),
        [
            (0, Some(0)),
            (1, Some(0)),
            (2, Some(0)),
            (3, None),
            (4, None),
            (5, Some(5))
        ]
    );
    show.stop().await
}

/// Hands on what comes, and stalls until it is let go.
#[actor]
struct Held {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    stalled: Arc<AtomicBool>,
}

impl Actor for Held {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        wait_while(&self.stalled);
        if let Some(number) = self.number.next() {
            self.same.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_brought_nothing_while_a_node_was_busy_is_over_when_the_node_is() -> Result<()>
{
    let clock = ByHand::new();
    let (stalled, sent, log) = (Arc::new(AtomicBool::new(true)), Log::new(), Log::new());
    let show = pipeline! {
        clock hand = clock.clone();
        shy = Shy::new(2..=2, sent.clone()) @ hand on threads;
        held = Held::new(stalled.clone()) on threads;
        looks = Looks::new(log.clone()) @ hand;
        shy >> held >> looks;
    }?;
    clock.starts().await;
    for tick in 0..=2 {
        clock.tick(tick).await;
        assert!(until(|| sent.entries().len() == tick as usize + 1).await);
        assert!(until(|| log.entries().len() == tick as usize).await);
    }
    // The node in the middle is at tick 0: it has tick 1 before it, and that tick 2 is over.
    stalled.store(false, Ordering::Release);
    assert!(
        until(|| log.entries().len() == 3).await,
        "all have handled it"
    );
    assert_eq!(log.entries(), [(0, None), (1, None), (2, Some(1))]);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_before_the_stop_reaches_a_node_with_a_clock() -> Result<()> {
    let clock = ByHand::new();
    let (stalled, begun, log) = (Arc::new(AtomicBool::new(true)), Log::new(), Log::new());
    let show = pipeline! {
        clock hand = clock.clone();
        stall = Stall::new(stalled.clone(), begun.clone()) @ hand;
        looks = Looks::new(log.clone()) @ hand;
        stall >> looks;
    }?;
    clock.starts().await;
    clock.tick(0).await;
    assert!(until(|| begun.entries().len() == 1).await);
    let (stopped, ()) = tokio::join!(show.stop(), async {
        // The clock is gone by now, and the source still at work.
        stalled.store(false, Ordering::Release);
    });
    stopped?;
    assert_eq!(log.entries(), [(0, Some(0))]);
    Ok(())
}

/// Sleeps on one tick, and writes down the number of each.
#[actor]
struct Nap {
    #[output]
    out: Output<DataMessage<u64>>,
    log: Log<(u64, Duration)>,
}

impl Actor for Nap {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let start = Instant::now();
        if tick.frame_number > 5 && self.log.entries().iter().all(|(_, nap)| nap.is_zero()) {
            std::thread::sleep(Duration::from_millis(500));
            self.log.push((tick.frame_number, start.elapsed()));
        } else {
            self.log.push((tick.frame_number, Duration::ZERO));
        }
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_second_asleep_costs_thirty_ticks_and_brings_one() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        nap = Nap::new(log.clone()).fps(60);
        nap >> Null::new();
    }?;
    let napped = || log.entries().windows(2).any(|pair| !pair[0].1.is_zero());
    assert!(until(napped).await);
    show.stop().await?;
    let entries = log.entries();
    let pair = entries
        .windows(2)
        .find(|pair| !pair[0].1.is_zero())
        .expect("it has napped");
    let (slept, skipped) = (pair[0].1, pair[1].0 - pair[0].0 - 1);
    // The nap is as long as the machine made it; the ticks must fit it.
    let expected = slept.as_secs_f64() * 60.0 - 1.0;
    assert!(
        (skipped as f64 - expected).abs() <= 2.0,
        "{skipped} skipped in {slept:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_virtual_clock_is_advanced_by_one_task_at_a_time() -> Result<()> {
    let clock = VirtualClock::new(Rate::fps(60));
    clock.advance(5).await?;
    assert_eq!(clock.frame_number(), 5);
    let impossible = VirtualClock::new(Rate::fps(-1));
    let error = impossible
        .advance(1)
        .await
        .expect_err("a clock can't run backwards");
    assert!(error.to_string().contains("-1"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_that_is_dropped_halfway_loses_nothing() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        one = Numbers::new(u64::MAX) @ house;
        one >> Collect::new(log.clone());
    }?;
    for _ in 0..500 {
        let mut advance = pin!(clock.advance(100));
        // Until it has to wait for the actors; then it is dropped.
        let _: Poll<()> = poll_fn(|cx| Poll::Ready(advance.as_mut().poll(cx).map(drop))).await;
    }
    clock.advance(5).await?;
    show.stop().await?;
    let seen: Vec<u64> = log.entries().into_iter().map(|(_, frame)| frame).collect();
    assert_eq!(seen.len() as u64, clock.frame_number());
    assert!((0..clock.frame_number()).eq(seen));
    assert_eq!(show.status().actor("one").map(|one| one.missed), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_week_of_ntsc_ends_on_the_exact_time() -> Result<()> {
    let rate = Rate::new(60_000, 1_001)?;
    let ticks = 7 * 24 * 3600 * 60_000_u64 / 1_001;
    let exact = u128::from(ticks) * 1_001 * 1_000_000_000 / 60_000;
    assert_eq!(rate.time_of(ticks).as_nanos(), exact);
    Ok(())
}
