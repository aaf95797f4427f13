//! Time that goes wrong: a week of it, a clock that steps by an hour, a process that was stopped.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use streamlib::clock::{Clock, ClockStatus, Subscriber, Subscription, Ticker, Timeline};
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, until};

/// Counts its ticks, and keeps the time of the last.
#[actor]
struct Week {
    #[output]
    out: Output<DataMessage<u64>>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    ticks: AtomicU64,
    last: AtomicU64,
    /// Ticks whose time was not later than that of the one before.
    backwards: AtomicU64,
}

impl Actor for Week {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        // Relaxed: read when the clock has waited for the tick.
        self.seen.ticks.fetch_add(1, Ordering::Relaxed);
        let now = tick.timestamp.as_nanos();
        let before = self.seen.last.swap(now, Ordering::Relaxed);
        if before > 0 && now <= before {
            self.seen.backwards.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// An hour at 60000/1001, in whole ticks.
const HOUR_OF_TICKS: u64 = 3_600 * 60_000 / 1_001;

/// Hears all ticks of a week.
struct Listens(Arc<Seen>);

impl Subscriber for Listens {
    fn tick(&mut self, tick: TimedTick) {
        let Seen {
            ticks,
            last,
            backwards,
        } = &*self.0;
        // Relaxed: as in `Week`.
        let count = ticks.load(Ordering::Relaxed);
        let now = tick.timestamp.as_nanos();
        if tick.frame_number != count || count > 0 && now <= last.load(Ordering::Relaxed) {
            backwards.fetch_add(1, Ordering::Relaxed);
        }
        ticks.store(count + 1, Ordering::Relaxed);
        last.store(now, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_ticks_ends_on_the_exact_time() -> Result<()> {
    let clock = VirtualClock::new(Rate::new(60_000, 1_001)?);
    let week = 7 * 24 * 3_600 * 60_000_u64 / 1_001;
    let seen = Arc::<Seen>::default();
    let mut subscription = clock.subscribe(vec![Box::new(Listens(seen.clone()))])?;
    subscription.start();
    clock.advance(week).await?;
    let exact = u128::from(week - 1) * 1_001 * 1_000_000_000 / 60_000;
    assert_eq!(u128::from(seen.last.load(Ordering::Relaxed)), exact);
    assert_eq!(seen.ticks.load(Ordering::Relaxed), week);
    assert_eq!(seen.backwards.load(Ordering::Relaxed), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_of_a_week_ends_on_the_exact_time() -> Result<()> {
    let clock = VirtualClock::new(Rate::new(60_000, 1_001)?);
    let week = 7 * 24 * 3_600 * 60_000_u64 / 1_001;
    // It sees the first hour and the last; the days between pass with nobody there.
    for (first, last) in [(0, HOUR_OF_TICKS), (week - HOUR_OF_TICKS, week)] {
        clock.advance(first - clock.frame_number()).await?;
        let seen = Arc::<Seen>::default();
        let show = pipeline! {
            clock house = clock.clone();
            week = Week::new(seen.clone()) @ house;
            null = Null::new() on inline;
            week >> null;
        }?;
        clock.advance(last - first).await?;
        show.stop().await?;
        let exact = u128::from(last - 1) * 1_001 * 1_000_000_000 / 60_000;
        assert_eq!(u128::from(seen.last.load(Ordering::Relaxed)), exact);
        assert_eq!(seen.ticks.load(Ordering::Relaxed), last - first);
        assert_eq!(seen.backwards.load(Ordering::Relaxed), 0);
        assert_eq!(show.status().actor("week").map(|week| week.missed), Some(0));
    }
    assert_eq!(clock.frame_number(), week);
    Ok(())
}

/// Ticks of a software clock, numbered from an epoch of long ago, which a test steps.
struct Stepping {
    steady: Arc<dyn Timeline>,
    ahead: Arc<AtomicI64>,
}

const RATE: i64 = 200;
const HOUR: i64 = 3_600 * RATE;

impl Stepping {
    fn ours(&self, steady: u64) -> u64 {
        (steady as i64 + self.ahead.load(Ordering::Acquire)) as u64
    }
    fn steady(&self, ours: u64) -> u64 {
        (ours as i64 - self.ahead.load(Ordering::Acquire)).max(0) as u64
    }
}

impl Timeline for Stepping {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        Some(self.ours(self.steady.newest(monotonic)?))
    }
    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        self.steady.due(self.steady(frame_number))
    }
    fn timestamp(&self, frame_number: u64) -> Timestamp {
        Timestamp::ZERO + Rate::fps(RATE as f64).time_of(frame_number)
    }
    fn time(&self, monotonic: Timestamp) -> Timestamp {
        self.newest(monotonic)
            .map_or(Timestamp::ZERO, |newest| self.timestamp(newest))
    }
    fn status(&self) -> ClockStatus {
        ClockStatus::default()
    }
}

/// A clock that is nothing but a ticker.
struct Steps(Ticker<Stepping>);

impl Clock for Steps {
    fn id(&self) -> ClockId {
        self.0.id()
    }
    fn name(&self) -> &str {
        "stepping"
    }
    fn rate(&self) -> Rate {
        self.0.rate()
    }
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.0.subscribe(subscribers)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_forward_and_two_back_change_no_frame_number() -> Result<()> {
    let ahead = Arc::new(AtomicI64::new(1_000 * HOUR));
    let rate = Rate::fps(RATE as f64);
    let steady = SoftwareClock::new(rate).timeline().expect("it has one");
    let stepping = Stepping {
        steady,
        ahead: ahead.clone(),
    };
    let ticker = Ticker::new(rate, stepping);
    let log = Log::new();
    let show = pipeline! {
        clock house = Steps(ticker.clone());
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Collect::new(log.clone());
    }?;
    for step in [0, HOUR, -2 * HOUR] {
        ahead.fetch_add(step, Ordering::Release);
        let before = log.entries().len();
        assert!(until(|| log.entries().len() > before + 50).await);
    }
    show.stop().await?;
    let numbers: Vec<u64> = log.entries().iter().map(|&(tick, _)| tick).collect();
    for pair in numbers.windows(2) {
        let gap = pair[1].saturating_sub(pair[0]);
        // The machine may be late by some ticks, not by an hour of them, and never early.
        assert!((1..5 * RATE as u64).contains(&gap), "{pair:?}");
    }
    let status = ticker.status().to_string();
    assert!(status.contains("its time has stepped 2 times"), "{status}");
    Ok(())
}

#[test]
fn three_seconds_stopped_are_one_merged_tick() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ticking"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let id = child.id().to_string();
    let signal = |signal: &str| {
        let status = Command::new("kill").args([signal, &id]).status();
        assert!(status.expect("kill starts").success());
    };
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut ticks = Vec::new();
    let (mut missed, mut stalls) = (None, None);
    let mut input = child.stdin.take();
    for line in lines {
        let line = line.expect("it is text");
        let (word, number) = line.split_once(' ').expect("a word and a number");
        let number: u64 = number.parse().expect("a number");
        match word {
            "tick" => ticks.push(number),
            "missed" => missed = Some(number),
            _ => stalls = Some(number),
        }
        // It is at work on this tick until it has been stopped.
        if ticks.len() == 30 && missed.is_none() && input.is_some() {
            signal("-STOP");
            std::thread::sleep(Duration::from_secs(3));
            signal("-CONT");
        }
        if ticks.len() == 90 {
            drop(input.take());
        }
    }
    assert!(child.wait().expect("it ends").success());
    let gaps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The stop is one gap of at least its length; a machine under load may add to it, and make others.
    let long: Vec<u64> = gaps.iter().copied().filter(|&gap| gap > 120).collect();
    assert!(
        matches!(long[..], [gap] if gap >= 178),
        "gaps of {long:?} ticks"
    );
    let skipped: u64 = gaps.iter().map(|gap| gap - 1).sum();
    assert_eq!(missed, Some(skipped), "all that was skipped was counted");
    // Two seconds are the deadline, and it was at work for all of the three: for most of them nothing ran.
    assert_eq!(stalls, Some(0), "no actor is blamed for the stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_what_a_precision_was_given() -> Result<()> {
    for precision in [Precision::LowPower, Precision::Normal, Precision::Realtime] {
        let clock = SoftwareClock::fps(500).precision(precision);
        let log = Log::new();
        let show = pipeline! {
            clock house = clock.clone();
            numbers = Numbers::new(u64::MAX) @ house;
            numbers >> Collect::new(log.clone());
        }?;
        assert!(until(|| log.entries().len() > 20).await);
        show.stop().await?;
        let status = show
            .status()
            .clock("house")
            .map(|house| house.status.to_string());
        let status = status.expect("it is in the graph");
        let begin = format!("free running: {precision}");
        assert!(status.starts_with(&begin), "{status}");
        assert!(status.contains("ticks late by"), "{status}");
        // Given or not, it is told.
        let told = status.contains("SCHED_FIFO") && status.contains("memory locked");
        assert_eq!(told, precision == Precision::Realtime, "{status}");
        let told = status.contains("idle cores kept awake");
        assert_eq!(told, precision == Precision::Realtime, "{status}");
    }
    Ok(())
}

/// Writes down how many nanoseconds after its instant each tick comes.
struct After(Log<i64>, Arc<dyn Timeline>);

impl Subscriber for After {
    fn tick(&mut self, tick: TimedTick) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let due = self.1.due(tick.frame_number).expect("it ticks").as_nanos();
        self.0
            .push(now.tv_sec * 1_000_000_000 + now.tv_nsec - due as i64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_come_at_their_instants_never_before_and_no_later_for_each_that_was_late()
-> Result<()> {
    for precision in [Precision::LowPower, Precision::Normal] {
        let clock = SoftwareClock::fps(200).precision(precision);
        let log = Log::new();
        let after = After(log.clone(), clock.timeline().expect("it has one"));
        let mut subscription = clock.subscribe(vec![Box::new(after)])?;
        subscription.start();
        assert!(until(|| log.entries().len() >= 600).await);
        let status = clock.status().to_string();
        drop(subscription);
        let after = log.entries();
        let early = after.iter().position(|after| *after < 0);
        assert_eq!(early, None, "{after:?}");
        // Sleeping for a period each time would add up what each sleep is late, 50 µs and more, and delay all of them. What
        // else the machine does delays some.
        let quick = |ticks: &[i64]| {
            let mut ticks = ticks.to_vec();
            ticks.sort_unstable();
            ticks[ticks.len() / 5]
        };
        let (first, last) = (quick(&after[..100]), quick(&after[500..600]));
        println!("{precision}: {first} ns late, and {last} ns 500 ticks later; {status}");
        assert!(
            last <= first + 1_000_000,
            "{precision}: {first} ns, {last} ns"
        );
        // The timer alone, or a spin that has learnt how long it must be.
        assert!(status.contains(", timer by "), "{status}");
        let spins = status.contains(", spins ") && !status.contains(", spins 0.0 µs");
        assert_eq!(spins, precision == Precision::Normal, "{status}");
    }
    Ok(())
}

/// Takes longer over a tick than there is time.
struct Hog;

impl Subscriber for Hog {
    fn tick(&mut self, _tick: TimedTick) {
        let begin = std::time::Instant::now();
        while begin.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_takes_a_whole_core_gives_its_priority_back() -> Result<()> {
    let clock = SoftwareClock::fps(500).precision(Precision::Realtime);
    let mut subscription = clock.subscribe(vec![Box::new(Hog)])?;
    subscription.start();
    let given_back = || clock.status().to_string().contains("given back");
    assert!(until(given_back).await, "{}", clock.status());
    Ok(())
}
