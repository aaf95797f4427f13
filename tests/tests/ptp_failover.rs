//! Failover between a house reference, PTP and this machine, with linuxptp's ptp4l on a network of the test's own: one train of
//! ticks, in the numbers and the epoch of the clock that drove first.
#![cfg(target_os = "linux")]

use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use streamlib::clock::ptp::PtpClock;
use streamlib::clock::{
    ClockPulses, ClockState, FailoverClock, PulseSource, Subscriber, Subscription, Timeline,
};
use streamlib::prelude::*;
use streamlib_tests::Log;
use streamlib_tests::lab::{Lab, Machine, Ptp4l, ST2059, middle, wait_until};

/// For a lock, a change of clocks, or half a period at half a millisecond a second, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(40);
const FPS: f64 = 100.0;
const PERIOD: f64 = 1e9 / FPS;

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
}

fn master(machine: &Machine) -> Ptp4l {
    machine.ptp4l(ST2059)
}

fn slave(machine: &Machine) -> PtpClock {
    let builder = PtpClock::builder("eth0").rate(Rate::fps(FPS));
    let clock = machine.run(move || builder.build());
    clock.expect("a clock on eth0")
}

fn monotonic() -> Timestamp {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Timestamp::from_nanos((now.tv_sec * 1_000_000_000 + now.tv_nsec) as u64)
}

/// A tick, when it was due, and when it came, by the monotonic clock.
#[derive(Clone, Copy)]
struct Arrival {
    tick: TimedTick,
    due: Timestamp,
    came: Timestamp,
}

struct Arrivals(Log<Arrival>, Arc<dyn Timeline>);

impl Subscriber for Arrivals {
    fn tick(&mut self, tick: TimedTick) {
        let came = monotonic();
        let due = self.1.due(tick.frame_number).expect("it ticks");
        self.0.push(Arrival { tick, due, came });
    }
}

/// The ticks of a clock, from now until the subscription is dropped.
fn ticks(clock: &FailoverClock) -> (Subscription, Log<Arrival>) {
    let (log, timeline) = (Log::new(), clock.timeline().expect("one"));
    let arrivals = Box::new(Arrivals(log.clone(), timeline));
    let mut subscription = clock.subscribe(vec![arrivals]).expect("of one rate");
    subscription.start();
    (subscription, log)
}

/// The places of the clocks that have driven, in their order.
fn driven(clock: &FailoverClock) -> Vec<usize> {
    let changes = clock.changes().into_iter();
    let drives = changes.filter(|change| change.what == "drives");
    drives.map(|change| change.place).collect()
}

#[track_caller]
fn comes_to(clock: &FailoverClock, places: &[usize]) {
    let reached = wait_until(PATIENCE, || driven(clock) == places);
    assert!(reached, "not {places:?}: {:?}", clock.changes());
}

/// Nanoseconds from the next tick of a clock to the nearest one of PTP.
fn apart(house: &FailoverClock, ptp: &PtpClock) -> f64 {
    let (house, ptp) = (house.timeline().expect("one"), ptp.timeline().expect("one"));
    let next = house.newest(monotonic()).expect("it ticks") + 1;
    let due = house.due(next).expect("it ticks");
    let nearest = ptp.newest(due + Duration::from_secs_f64(PERIOD / 2e9));
    let nearest = ptp.due(nearest.expect("it has time")).expect("it has time");
    due.as_nanos() as f64 - nearest.as_nanos() as f64
}

/// Each number comes once and in order, none before it is due; and each is a period after the one before: one that did not come is of
/// a machine that has slept through it.
fn is_one_train(ticks: &[Arrival]) {
    let mut left_out = 0;
    for pair in ticks.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        let (from, to) = (before.tick.frame_number, after.tick.frame_number);
        assert!(to > from, "{from} then {to}");
        assert_eq!(
            after.tick.timestamp - before.tick.timestamp,
            Rate::fps(FPS).time_of(to) - Rate::fps(FPS).time_of(from)
        );
        assert!(after.came >= after.due, "{to} came early");
        let periods = (to - from) as f64;
        let passed = (after.due - before.due).as_nanos() as f64 / PERIOD;
        // It slews by 500 millionths, and a driver's own period may be off by as much; also from when it was late to when it came.
        let late = (before.came - before.due).as_nanos() + (after.came - after.due).as_nanos();
        let bound = 1.6e-3 * (periods + late as f64 / PERIOD);
        assert!(
            (passed - periods).abs() <= bound,
            "{passed} periods from {from} to {to}"
        );
        left_out += to - from - 1;
    }
    println!("{} ticks, {left_out} were slept through", ticks.len());
}

#[test]
fn goes_from_genlock_to_ptp_to_this_machine_and_back_in_one_train() {
    let Some(lab) = Lab::new() else { return };
    let (one, two) = (lab.machine(), lab.machine());
    let killed = master(&one);
    let ptp = slave(&two);
    let on = Arc::new(AtomicBool::new(true));
    let pulses = ClockPulses::new(&SoftwareClock::fps(FPS)).expect("a good rate");
    let switched = Switched {
        pulses,
        on: on.clone(),
    };
    let genlock = GenlockClock::new(switched).fps(FPS);
    let house = Clock::prefer((genlock, ptp.clone(), SoftwareClock::fps(FPS)))
        .holdover(Duration::from_secs(1))
        .settle(Duration::from_millis(500))
        .start_within(PATIENCE);
    let heard = Log::new();
    let hears = heard.clone();
    house.on_change(move |change| hears.push(change.clone()));
    let (subscription, log) = ticks(&house);
    comes_to(&house, &[0]);
    assert!(wait_until(PATIENCE, || ptp.status().state == ClockState::Locked));

    on.store(false, Ordering::Release);
    comes_to(&house, &[0, 1]);
    let status = house.status().to_string();
    assert!(
        status.contains(&format!("ptp, {} drives", ptp.id()))
            && status.contains("numbers and timestamps of genlock, clock"),
        "{status}"
    );
    let in_phase = || apart(&house, &ptp).abs() < 50_000.0;
    assert!(wait_until(PATIENCE, in_phase), "{}", house.status());
    let apart = (0..100).map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        apart(&house, &ptp).abs()
    });
    let apart = middle(apart.collect());
    println!("while PTP drives: {apart:.0} ns from its ticks; {status}");
    assert!(apart < 100_000.0, "{apart} ns");

    drop(killed);
    comes_to(&house, &[0, 1, 2]);
    let _again = master(&one);
    comes_to(&house, &[0, 1, 2, 1]);
    on.store(true, Ordering::Release);
    comes_to(&house, &[0, 1, 2, 1, 0]);
    let seen = log.entries().len();
    assert!(wait_until(PATIENCE, || log.entries().len() > seen + 50));
    drop(subscription);

    is_one_train(&log.entries());
    // It held on before it left, each time that its reference went.
    let changes = house.changes();
    assert_eq!(heard.entries(), changes);
    for place in [0, 1] {
        let left = changes.iter().position(|change| change.place == place + 1);
        let before = &changes[left.expect("it has left") - 1];
        let held = (place, "drives on without its reference");
        assert_eq!((before.place, before.what), held, "{changes:?}");
    }
    for change in changes {
        println!("{change} at tick {:?}", change.frame_number);
    }
}

#[test]
fn a_master_that_is_there_gives_the_numbers_and_the_epoch() {
    let Some(lab) = Lab::new() else { return };
    let (one, two) = (lab.machine(), lab.machine());
    let _master = master(&one);
    // It is there before a clock can need it: ptp4l waits before it is a master.
    let before = slave(&two);
    assert!(wait_until(PATIENCE, || before.status().state == ClockState::Locked));
    drop(before);
    let ptp = slave(&two);
    let house = Clock::prefer((ptp.clone(), SoftwareClock::fps(FPS)));
    let begin = monotonic();
    let (subscription, log) = ticks(&house);
    assert!(wait_until(PATIENCE, || log.entries().len() > 50));
    drop(subscription);
    let first = &house.changes()[0];
    let took = first.at - begin;
    println!("{first} after {:.1} s", took.as_secs_f64());
    if first.place != 0 {
        // A machine that is busy for so long; it is the choice that is tested here.
        assert!(took >= Duration::from_secs(3), "{took:?}");
        return;
    }
    let timeline = ptp.timeline().expect("one");
    for Arrival { tick, due, .. } in log.entries() {
        let exact = Timestamp::ZERO + Rate::fps(FPS).time_of(tick.frame_number);
        assert_eq!(tick.timestamp, exact);
        // The same number at the same instant as the clock's own ticks, which it is in phase with from the first on.
        let off = timeline.due(tick.frame_number).expect("it has time");
        let off = off.as_nanos().abs_diff(due.as_nanos());
        assert!(off < 1_000_000, "tick {}: {off} ns", tick.frame_number);
    }
}

/// Writes down the warnings of one module.
struct Warnings(Log<String>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("streamlib::clock")
            && *metadata.level() == tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = String::new();
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
fn a_master_that_comes_too_late_gives_neither_and_that_is_told() {
    let Some(lab) = Lab::new() else { return };
    let (one, two) = (lab.machine(), lab.machine());
    let ptp = slave(&two);
    let house =
        Clock::prefer((ptp.clone(), SoftwareClock::fps(FPS))).settle(Duration::from_millis(500));
    let warnings = Log::new();
    tracing::subscriber::with_default(Warnings(warnings.clone()), || {
        // Nothing ticks it yet; who asks finds what has changed.
        comes_to(&house, &[1]);
    });
    let told = warnings.entries();
    let [told] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(
        told.contains("those of software, clock") && told.contains(": ptp, clock"),
        "{told}"
    );
    let (subscription, log) = ticks(&house);
    let _master = master(&one);
    comes_to(&house, &[1, 0]);
    let seen = log.entries().len();
    assert!(wait_until(PATIENCE, || log.entries().len() > seen + 50));
    drop(subscription);
    let log = log.entries();
    is_one_train(&log);
    let status = house.status().to_string();
    assert!(
        status.contains("numbers and timestamps of software, clock"),
        "{status}"
    );

    // Such a tick has no media timestamp of its own, which is said, once; but there is one of the instant at which it was due.
    let last = log[log.len() - 1];
    let timeline = ptp.timeline().expect("one");
    let number = timeline.newest(last.due).expect("it has time");
    let own = TimedTick {
        frame_number: number,
        timestamp: timeline.timestamp(number),
        clock_id: ptp.id(),
    };
    let warnings = Log::new();
    let media = tracing::subscriber::with_default(Warnings(warnings.clone()), || {
        let wrong = ptp.media_timestamp(last.tick, 90_000);
        assert_eq!(wrong, ptp.media_timestamp(last.tick, 90_000));
        ptp.media_timestamp(own, 90_000)
    });
    let told = warnings.entries();
    assert!(
        matches!(&told[..], [told] if told.contains("not counted from the SMPTE epoch")),
        "{told:?}"
    );
    let at = timeline.time(last.due).media(90_000) as u32;
    // The newest of PTP's own ticks is a period before it at most, and a unit is rounded.
    let after = at.wrapping_sub(media).wrapping_add(1);
    assert!(after <= 902, "{after} units");
}
