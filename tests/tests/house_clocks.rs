//! Clocks that follow something from outside, in real time: a genlock clock on another clock, and failover
//! when its pulses stop.

use std::collections::VecDeque;
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use streamlib::clock::{
    ClockChange, ClockPulses, ClockState, ClockStatus, PulseSource, Subscriber, Subscription,
    Timeline,
};
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, until};

/// Pulses that the test stops and starts again.
struct Switched {
    pulses: ClockPulses,
    on: Arc<AtomicBool>,
}

impl PulseSource for Switched {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        let pulse = self.pulses.next(wait)?;
        Ok(pulse.filter(|_| self.on.load(Ordering::Acquire)))
    }

    fn describe(&self) -> String {
        "a switched clock".to_owned()
    }
}

/// Pulses that were written down before.
struct Written(VecDeque<Timestamp>);

impl PulseSource for Written {
    fn next(&mut self, _: Duration) -> Result<Option<Timestamp>> {
        self.0.pop_front().map(Some).ok_or(Error::EndOfStream)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn follows_another_clock() -> Result<()> {
    let reference = SoftwareClock::fps(59.94);
    let log = Log::new();
    let genlock = GenlockClock::new(ClockPulses::new(&reference)?);
    let show = pipeline! {
        clock house = genlock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Collect::new(log.clone());
    }?;
    // The rate was not said, and is found.
    assert_eq!(genlock.rate(), Rate::new(60_000, 1001)?);
    assert!(until(|| genlock.status().state == ClockState::Locked).await);
    assert!(until(|| log.entries().len() >= 60).await);
    let (theirs, ours) = (reference.timeline(), genlock.timeline());
    let (theirs, ours) = (theirs.expect("real time"), ours.expect("real time"));
    let newest = ours.newest(genlock.now()).expect("it ticks");
    let at = ours.due(newest + 10).expect("it ticks");
    let near = theirs
        .newest(at + Duration::from_millis(8))
        .expect("it ticks");
    let pulse = theirs.due(near).expect("it ticks");
    let apart = if pulse > at { pulse - at } else { at - pulse };
    // Two looks at lines that are bent all the time, and half a frame would be 8 ms.
    assert!(
        apart < Duration::from_micros(500),
        "{apart:?} from the pulse"
    );
    let status = show.status();
    let house = status.clock("house").expect("it is the graph's clock");
    assert_eq!((house.kind.as_str(), house.id), ("genlock", genlock.id()));
    // On a busy machine the pulses may stay away for a moment.
    let locked = "clock house: genlock, locked: software clock";
    assert!(until(|| show.status().to_string().contains(locked)).await);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_go_on_when_the_pulses_stop_and_when_they_come_back() -> Result<()> {
    let on = Arc::new(AtomicBool::new(true));
    let pulses = ClockPulses::new(&SoftwareClock::fps(50))?;
    let genlock = GenlockClock::new(Switched {
        pulses,
        on: on.clone(),
    })
    .fps(50);
    let house_clock = Clock::prefer((genlock.clone(), SoftwareClock::fps(50)))
        .holdover(Duration::from_millis(300))
        .settle(Duration::from_millis(300))
        .start_within(Duration::from_secs(8));
    let heard = Arc::new(Mutex::new(Vec::<ClockChange>::new()));
    let hears = heard.clone();
    house_clock.on_change(move |change| {
        if let Ok(mut heard) = hears.lock() {
            heard.push(change.clone());
        }
    });
    let log = Log::new();
    let show = pipeline! {
        clock house = house_clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Collect::new(log.clone());
    }?;
    let drives = |place: usize| {
        let changes = house_clock.changes();
        changes
            .last()
            .is_some_and(|change| change.place == place && change.state != ClockState::Holdover)
    };
    let waited = |ticks: usize| log.entries().len() >= ticks;
    assert!(until(|| drives(0)).await, "{:?}", house_clock.changes());
    assert!(until(|| waited(20)).await);
    on.store(false, Ordering::Release);
    assert!(until(|| drives(1)).await, "{:?}", house_clock.changes());
    let seen = log.entries().len();
    assert!(until(|| waited(seen + 20)).await);
    let table = show.status().to_string();
    assert!(
        table.contains("clock house: failover, free running: software"),
        "{table}"
    );
    assert!(
        table.contains("genlock holdover: a switched clock: no pulse for"),
        "{table}"
    );
    on.store(true, Ordering::Release);
    assert!(until(|| drives(0)).await, "{:?}", house_clock.changes());
    let seen = log.entries().len();
    assert!(until(|| waited(seen + 20)).await);
    show.stop().await?;

    let numbers: Vec<u64> = log.entries().iter().map(|(tick, _)| *tick).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "{numbers:?}"
    );
    let changes = house_clock.changes();
    // Whatever the machine merged, the numbers are those of the time that has passed.
    for pair in changes.windows(2) {
        let (Some(before), Some(after)) = (pair[0].frame_number, pair[1].frame_number) else {
            continue;
        };
        let passed = (pair[1].at - pair[0].at).as_secs_f64() * 50.0;
        let ticks = (after - before) as f64;
        assert!((ticks - passed).abs() <= 1.1, "{ticks} in {passed}");
    }
    let heard = heard.lock().map(|heard| heard.clone()).unwrap_or_default();
    assert_eq!(heard, changes);
    let told = changes[0].to_string();
    assert!(
        told.starts_with("genlock, clock ") && told.ends_with("drives (locked)"),
        "{told}"
    );
    Ok(())
}

/// A clock whose state the test says.
#[derive(Clone)]
struct Said {
    clock: SoftwareClock,
    is_lost: Arc<AtomicBool>,
}

struct SaidTimeline(Arc<dyn Timeline>, Arc<AtomicBool>);

impl Timeline for SaidTimeline {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        self.0.newest(monotonic)
    }
    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        self.0.due(frame_number)
    }
    fn timestamp(&self, frame_number: u64) -> Timestamp {
        self.0.timestamp(frame_number)
    }
    fn time(&self, monotonic: Timestamp) -> Timestamp {
        self.0.time(monotonic)
    }
    fn status(&self) -> ClockStatus {
        let is_lost = self.1.load(Ordering::Acquire);
        let state = if is_lost {
            ClockState::Lost
        } else {
            ClockState::Locked
        };
        ClockStatus::new(state, "")
    }
}

impl Clock for Said {
    fn id(&self) -> ClockId {
        self.clock.id()
    }
    fn name(&self) -> &str {
        "said"
    }
    fn rate(&self) -> Rate {
        self.clock.rate()
    }
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.clock.subscribe(subscribers)
    }
    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        let timeline = self.clock.timeline()?;
        Some(Arc::new(SaidTimeline(timeline, self.is_lost.clone())))
    }
}

#[test]
fn a_listener_may_ask_the_clock_and_change_what_drives_it() {
    let is_lost = Arc::new(AtomicBool::new(false));
    let said = Said {
        clock: SoftwareClock::fps(50),
        is_lost: is_lost.clone(),
    };
    let house_clock = Clock::prefer((said, SoftwareClock::fps(50)))
        .holdover(Duration::ZERO)
        .settle(Duration::ZERO)
        .start_within(Duration::ZERO);
    let (told, tells) = std::sync::mpsc::channel();
    let asks = house_clock.clone();
    let mut calls = 0;
    house_clock.on_change(move |change| {
        calls += 1;
        // What is asked finds the next change, for the clocks are looked at again after 2 ms.
        is_lost.store(change.place == 0 && calls < 4, Ordering::Release);
        std::thread::sleep(Duration::from_millis(5));
        let _ = (asks.now(), asks.status(), asks.rate());
        let changes = asks.changes();
        if calls == 1 {
            let also = told.clone();
            asks.on_change(move |change| drop(also.send((1, change.clone(), Vec::new()))));
        }
        drop(told.send((0, change.clone(), changes)));
    });
    // Where it is a deadlock, it is of a thread of its own.
    let asks = house_clock.clone();
    let (enough, stops) = std::sync::mpsc::channel::<()>();
    let asking = std::thread::spawn(move || {
        while stops.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            asks.now();
            std::thread::sleep(Duration::from_millis(3));
        }
    });
    let (mut heard, mut also) = (Vec::new(), Vec::new());
    while heard.len() < 4 || also.len() < 3 {
        let wait = Duration::from_secs(30);
        let (who, change, changes) = tells.recv_timeout(wait).expect("it is told, and returns");
        if who == 1 {
            also.push(change);
        } else {
            assert!(changes.contains(&change), "{change} of {changes:?}");
            heard.push(change);
        }
    }
    drop(enough);
    asking.join().expect("it has asked");
    assert_eq!(heard, house_clock.changes());
    assert_eq!(also, heard[1..]);
    let places: Vec<usize> = heard.iter().map(|change| change.place).collect();
    // It drives, it has lost its reference, the next one drives, and it again.
    assert_eq!(places, [0, 0, 1, 0]);
}

/// Writes down the messages of the events of a module.
struct Lines(Log<String>, &'static str);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with(self.1)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut |field: &tracing::field::Field, value: &dyn Debug| {
            let _ = write!(line, " {field}={value:?}");
        });
        self.0.push(line);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn each_change_is_a_line_of_tracing() {
    let is_lost = Arc::new(AtomicBool::new(false));
    let said = Said {
        clock: SoftwareClock::fps(50),
        is_lost: is_lost.clone(),
    };
    let house_clock = Clock::prefer((said, SoftwareClock::fps(50)))
        .holdover(Duration::ZERO)
        .settle(Duration::ZERO);
    let lines = Log::new();
    let failover = Lines(lines.clone(), "streamlib::clock::failover");
    tracing::subscriber::with_default(failover, || {
        for (lost, changes) in [(false, 1), (true, 3), (false, 4)] {
            is_lost.store(lost, Ordering::Release);
            // Nothing ticks it; who asks it finds what has changed.
            while house_clock.changes().len() < changes {
                std::thread::sleep(Duration::from_millis(3));
                house_clock.now();
            }
        }
    });
    let changes = house_clock.changes();
    let expected = changes.iter().map(|change| {
        let number = change.frame_number;
        let number = number.map_or(String::new(), |number| format!(" frame_number={number}"));
        format!("INFO message={change} clock={}{number}", house_clock.id())
    });
    assert_eq!(lines.entries(), expected.collect::<Vec<_>>());
    let words = [
        "drives (locked)",
        "(lost)",
        "drives (free running)",
        "drives (locked)",
    ];
    for (line, word) in lines.entries().iter().zip(words) {
        assert!(line.contains(word), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_a_genlock_clock_is_a_line_of_tracing() -> Result<()> {
    // It is told by a thread of the clock's.
    let lines = Log::new();
    tracing::subscriber::set_global_default(Lines(lines.clone(), "streamlib::clock::genlock"))
        .expect("no other test of this program has set one");
    let on = Arc::new(AtomicBool::new(true));
    let pulses = ClockPulses::new(&SoftwareClock::fps(50))?;
    let genlock = GenlockClock::new(Switched {
        pulses,
        on: on.clone(),
    })
    .fps(50);
    let told = |level: &str, words: &str| {
        let clock = format!(" clock={} before=", genlock.id());
        let lines = lines.entries().into_iter();
        let mut ours = lines.filter(|line| line.contains(&clock));
        ours.any(|line| line.starts_with(level) && line.contains(words))
    };
    genlock.now();
    let locked = "locked: a switched clock: pulses at 50 fps";
    assert!(
        until(|| told("INFO", locked)).await,
        "{:?}",
        lines.entries()
    );
    on.store(false, Ordering::Release);
    let gone = "the pulses have gone: holdover: a switched clock: no pulse for";
    assert!(until(|| told("WARN", gone)).await, "{:?}", lines.entries());
    on.store(true, Ordering::Release);
    let back = "before=holdover";
    assert!(until(|| told("INFO", back)).await, "{:?}", lines.entries());

    // A rate that is said too late is not taken, and that is told.
    let before = genlock.now();
    let clone = genlock.clone().fps(60);
    assert_eq!(
        (clone.rate(), genlock.rate()),
        (Rate::fps(50), Rate::fps(50))
    );
    assert!(clone.now() >= before);
    let late = "60 fps was said too late: 50 fps stays";
    let detail = genlock.status().detail;
    assert!(detail.ends_with(late), "{detail}");
    let lines = lines.entries();
    let warned = |line: &String| line.starts_with("WARN") && line.contains(late);
    assert!(lines.iter().any(warned), "{lines:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_does_not_know_its_rate_yet_keeps_no_other_from_ticking() -> Result<()> {
    for (fps, place) in [(50.0, 0), (59.94, 1)] {
        let on = Arc::new(AtomicBool::new(false));
        let pulses = ClockPulses::new(&SoftwareClock::fps(fps))?;
        let genlock = GenlockClock::new(Switched {
            pulses,
            on: on.clone(),
        });
        // Whoever knows a rate is not held up by who does not.
        assert_eq!(genlock.known_rate(), None);
        let alone = FailoverClock::prefer([genlock.clone()]);
        let house_clock = Clock::prefer((genlock.clone(), SoftwareClock::fps(50)))
            .settle(Duration::from_millis(300))
            .start_within(Duration::ZERO);
        let log = Log::new();
        let show = pipeline! {
            clock house = house_clock.clone();
            numbers = Numbers::new(u64::MAX) @ house;
            numbers >> Collect::new(log.clone());
        }?;
        let waited = |ticks: usize| log.entries().len() >= ticks;
        assert!(until(|| waited(20)).await);
        assert_eq!(house_clock.rate(), Rate::fps(50));
        // It is not known of one alone, for now.
        let error = alone.subscribe(Vec::new()).err().expect("it has no rate");
        assert!(error.to_string().contains("is not known"), "{error}");

        on.store(true, Ordering::Release);
        assert!(until(|| genlock.status().state == ClockState::Locked).await);
        assert!(alone.subscribe(Vec::new()).is_ok());
        assert_eq!(alone.rate(), Rate::fps(fps));
        let status = || house_clock.status().to_string();
        let driver = || house_clock.changes().last().map(|change| change.place);
        if place == 0 {
            assert!(until(|| driver() == Some(0)).await, "{}", status());
        } else {
            let told = ", never followed: it is of 59.94 fps (60000/1001) and not of 50 fps";
            assert!(until(|| status().contains(told)).await, "{}", status());
            let seen = log.entries().len();
            assert!(until(|| waited(seen + 50)).await);
            assert_eq!(driver(), Some(1));
        }
        show.stop().await?;
        let numbers: Vec<u64> = log.entries().iter().map(|(tick, _)| *tick).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    }
    // One whose rate was said wrongly never will, and is an error.
    let pulses = ClockPulses::new(&SoftwareClock::fps(50))?;
    let wrong = GenlockClock::new(pulses).pulses_per_frame(0);
    let house_clock = FailoverClock::prefer((wrong, SoftwareClock::fps(50)));
    let error = house_clock
        .subscribe(Vec::new())
        .err()
        .expect("a wrong one");
    let message = error.to_string();
    assert!(
        message.contains("pulses_per_frame is 0; expected 1 for"),
        "{message}"
    );
    Ok(())
}

#[test]
fn a_listener_that_panics_stops_no_clock_and_no_other_listener() {
    let is_lost = Arc::new(AtomicBool::new(false));
    let said = Said {
        clock: SoftwareClock::fps(50),
        is_lost: is_lost.clone(),
    };
    let house_clock = Clock::prefer((said, SoftwareClock::fps(50)))
        .holdover(Duration::ZERO)
        .settle(Duration::ZERO);
    let (calls, log) = (Arc::new(Mutex::new(0)), Log::new());
    let counts = calls.clone();
    house_clock.on_change(move |_| {
        *counts.lock().expect("it panics after this") += 1;
        panic!("a listener of the test");
    });
    let hears = log.clone();
    house_clock.on_change(move |change| hears.push(change.place));
    let hears_of = |place: usize, changes: usize| {
        let begin = std::time::Instant::now();
        while log.entries().len() < changes && begin.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(3));
            house_clock.now();
        }
        assert_eq!(log.entries().last(), Some(&place));
    };
    hears_of(0, 1);
    is_lost.store(true, Ordering::Release);
    hears_of(1, 3);
    is_lost.store(false, Ordering::Release);
    hears_of(0, 4);
    assert_eq!(*calls.lock().expect("it was let go"), 1);
}

/// Panics once, after some pulses, and goes on when the test lets it.
struct Panics {
    pulses: Switched,
    left: u32,
}

impl PulseSource for Panics {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        self.left = self.left.wrapping_sub(1);
        if self.left == 0 {
            self.pulses.on.store(false, Ordering::Release);
            panic!("a cable of the test");
        }
        self.pulses.next(wait)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_panics_is_told_and_asked_again() -> Result<()> {
    let on = Arc::new(AtomicBool::new(true));
    let pulses = Switched {
        pulses: ClockPulses::new(&SoftwareClock::fps(50))?,
        on: on.clone(),
    };
    let genlock = GenlockClock::new(Panics { pulses, left: 100 }).fps(50);
    let locked = || genlock.status().state == ClockState::Locked;
    assert!(until(locked).await, "{}", genlock.status());
    let told = || genlock.status().detail;
    let words = "; its source panicked: a cable of the test";
    assert!(until(|| told().ends_with(words)).await, "{}", told());
    on.store(true, Ordering::Release);
    assert!(
        until(|| locked() && !told().contains(words)).await,
        "{}",
        told()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_nobody_knows_is_an_error_that_says_so() -> Result<()> {
    let house_clock = GenlockClock::new(Written(VecDeque::new()));
    let error = pipeline! {
        clock house = house_clock;
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Null::new();
    }
    .expect_err("it has no rate");
    let message = error.to_string();
    assert!(
        message.starts_with("the rate of the genlock clock is not known (pulses: no pulses yet; its source has ended); say it"),
        "{message}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_of_several_rates_are_refused() -> Result<()> {
    let house_clock = FailoverClock::prefer([SoftwareClock::fps(50), SoftwareClock::fps(59.94)]);
    let error = pipeline! {
        clock house = house_clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Null::new();
    }
    .expect_err("they are of two rates");
    let message = error.to_string();
    assert!(
        message.contains("is of 59.94 fps (60000/1001), and software, clock"),
        "{message}"
    );
    assert!(
        message.ends_with("of 50 fps; give all the same rate"),
        "{message}"
    );

    let house_clock = FailoverClock::prefer(vec![VirtualClock::fps(50)]);
    let error = pipeline! {
        clock house = house_clock;
        numbers = Numbers::new(u64::MAX) @ house;
        numbers >> Null::new();
    }
    .expect_err("a virtual clock has no time of its own");
    assert!(error.to_string().contains("keeps no real time"), "{error}");
    Ok(())
}
