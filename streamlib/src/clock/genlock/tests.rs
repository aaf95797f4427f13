//! The loop on simulated edges: how soon it locks, how near it stays, and what it does when they fail.

use super::phase_lock::PhaseLock;
use super::rates;
use super::ratio::Pulses;
use std::time::Duration;

use crate::Result;
use crate::clock::ClockState;
use crate::time::{Rate, Timestamp};

/// Where the simulated time begins.
const START: f64 = 7e12;
const SECOND: f64 = 1e9;

fn at(nanos: f64) -> Timestamp {
    Timestamp::from_nanos(nanos.round() as u64)
}

/// Numbers without a pattern, the same ones for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From -1 to 1.
    fn around(&mut self) -> f64 {
        self.share() * 2.0 - 1.0
    }
}

/// Edges as a device would give them.
struct Pulsing {
    random: Random,
    /// The next pulse, and nanoseconds from one to the next.
    next: f64,
    period: f64,
    /// The most that an edge is from its place.
    jitter: f64,
    missing: f64,
    extra: f64,
}

impl Pulsing {
    fn new(seed: u64, rate: Rate, ppm: f64) -> Self {
        Self {
            random: Random::new(seed),
            next: START,
            period: rates::nanos(rate) / (1.0 + ppm * 1e-6),
            jitter: 200_000.0,
            missing: 0.0,
            extra: 0.0,
        }
    }
}

/// A loop, and what a ticker would make of it.
struct Bench {
    lock: PhaseLock,
    pulsing: Pulsing,
    now: f64,
    ticks: Vec<Timestamp>,
    /// When it was first locked.
    locked: Option<f64>,
}

impl Bench {
    fn new(pulsing: Pulsing) -> Self {
        Self {
            lock: PhaseLock::new(),
            now: pulsing.next,
            pulsing,
            ticks: Vec::new(),
            locked: None,
        }
    }

    fn state(&self) -> ClockState {
        self.lock.state(at(self.now))
    }

    /// Ticks what is due, in silence.
    fn wait(&mut self, nanos: f64) {
        self.now += nanos;
        while let Some(due) = self.lock.due(self.ticks.len() as u64)
            && due <= at(self.now)
        {
            assert_eq!(self.lock.newest(due), Some(self.ticks.len() as u64));
            self.ticks.push(due);
        }
    }

    fn edge(&mut self, edge: f64) {
        // It is heard of a little later.
        let late = 20_000.0 + 60_000.0 * self.pulsing.random.share();
        self.wait((edge + late - self.now).max(0.0));
        self.lock.push(at(edge), at(self.now));
        if self.locked.is_none() && self.state() == ClockState::Locked {
            self.locked = Some(self.now - START);
        }
    }

    fn run(&mut self, seconds: f64) {
        let end = self.now + seconds * SECOND;
        while self.pulsing.next < end {
            let Pulsing {
                random,
                next,
                period,
                jitter,
                missing,
                extra,
            } = &mut self.pulsing;
            let edge = *next + *jitter * random.around();
            let stray = *next + *period * random.share();
            let (is_missing, is_extra) = (random.share() < *missing, random.share() < *extra);
            *next += *period;
            if !is_missing {
                self.edge(edge);
            }
            if is_extra {
                self.edge(stray.max(self.now - 20_000.0));
            }
        }
        self.wait((end - self.now).max(0.0));
    }

    /// Nothing comes, while the train goes on somewhere.
    fn silence(&mut self, seconds: f64) {
        let end = self.now + seconds * SECOND;
        while self.pulsing.next < end {
            self.pulsing.next += self.pulsing.period;
        }
        self.wait(end - self.now);
    }

    /// The greatest distance of a tick of the last seconds from the nearest pulse.
    fn farthest(&self, seconds: f64) -> f64 {
        self.ticks
            .iter()
            .map(|tick| tick.as_nanos() as f64)
            .filter(|tick| *tick > self.now - seconds * SECOND)
            .map(|tick| {
                let pulses = (tick - self.pulsing.next) / self.pulsing.period;
                (pulses - pulses.round()).abs() * self.pulsing.period
            })
            .fold(0.0, f64::max)
    }

    /// No two ticks may be nearer or further than a thousandth from a period, whatever has happened.
    #[track_caller]
    fn check_intervals(&self, rate: Rate) {
        let period = rates::nanos(rate);
        assert!(self.ticks.len() > 10);
        for pair in self.ticks.windows(2) {
            let share = (pair[1] - pair[0]).as_nanos() as f64 / period;
            assert!(
                (share - 1.0).abs() <= 1.1e-3,
                "{} and {} are {share} periods apart",
                pair[0],
                pair[1]
            );
        }
    }
}

fn broadcast_rates() -> Vec<Rate> {
    let mut rates = Vec::new();
    for whole in [24, 25, 30, 50, 60, 120, 240] {
        rates.extend([Rate::new(whole, 1), Rate::new(whole * 1000, 1001)]);
    }
    rates.into_iter().flatten().collect()
}

#[test]
fn finds_the_rate_and_locks_within_two_seconds() {
    for rate in broadcast_rates() {
        for (seed, ppm) in [(1, 50.0), (2, -50.0), (3, 0.0), (4, 300.0), (5, -300.0)] {
            let mut bench = Bench::new(Pulsing::new(seed, rate, ppm));
            bench.run(20.0);
            let locked = bench.locked.unwrap_or(f64::INFINITY);
            assert!(locked < 2.0 * SECOND, "{rate} {ppm}: {locked}");
            assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(rate));
            bench.check_intervals(rate);
            // 200 µs of jitter come to less than half of that at 24 fps, and a quarter at 60.
            let farthest = bench.farthest(15.0);
            let bound = if rate.as_f64() < 40.0 { 110e3 } else { 60e3 };
            assert!(farthest < bound, "{rate} {ppm}: {farthest} ns");
        }
    }
}

#[test]
fn locks_quickly_on_clean_edges() {
    let mut bench = Bench::new(Pulsing {
        jitter: 2_000.0,
        ..Pulsing::new(9, Rate::fps(50), 10.0)
    });
    bench.run(1.0);
    assert!(bench.locked.is_some_and(|locked| locked < 0.4 * SECOND));
    assert!(bench.farthest(0.5) < 5_000.0);
}

/// A train of which one edge in ten is missing, and that has one more in ten places.
fn patchy(seed: u64, rate: Rate) -> Bench {
    Bench::new(Pulsing {
        missing: 0.1,
        extra: 0.1,
        ..Pulsing::new(seed, rate, 37.0)
    })
}

#[test]
fn edges_that_are_missing_or_extra_are_passed_over() {
    for rate in [Rate::fps(24), Rate::fps(59.94)] {
        for seed in 0..12 {
            let mut bench = patchy(seed, rate);
            bench.run(60.0);
            assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(rate));
            bench.check_intervals(rate);
            let farthest = bench.farthest(50.0);
            assert!(farthest < 200e3, "{rate}, seed {seed}: {farthest} ns");
        }
    }
}

#[test]
fn locks_within_two_seconds_also_where_edges_are_missing_or_extra() {
    for rate in [Rate::fps(24), Rate::fps(59.94)] {
        let mut slowest = 0.0_f64;
        for seed in 0..300 {
            let mut bench = patchy(seed, rate);
            bench.run(2.5);
            let locked = bench.locked.unwrap_or(f64::INFINITY);
            assert!(locked < 2.0 * SECOND, "{rate}, seed {seed}: {locked}");
            slowest = slowest.max(locked);
        }
        println!("{rate}: locked after {:.2} s at most", slowest / SECOND);
    }
}

#[test]
fn follows_the_drift_of_the_train() {
    let rate = Rate::fps(60);
    let mut bench = Bench::new(Pulsing::new(5, rate, -50.0));
    bench.run(5.0);
    for step in 0..1_000 {
        let ppm = -50.0 + 0.1 * f64::from(step);
        bench.pulsing.period = rates::nanos(rate) / (1.0 + ppm * 1e-6);
        bench.run(0.1);
        assert_eq!(bench.state(), ClockState::Locked);
        assert!(bench.farthest(0.1) < 80e3);
    }
    // All at once.
    bench.pulsing.period = rates::nanos(rate) / (1.0 - 50e-6);
    bench.run(10.0);
    assert!(bench.farthest(10.0) < 150e3, "{}", bench.farthest(10.0));
    assert!(bench.farthest(3.0) < 60e3, "{}", bench.farthest(3.0));
    bench.check_intervals(rate);
}

#[test]
fn tells_a_loss_within_two_periods_of_the_first_edge_that_is_missing_and_comes_back_without_a_jump()
{
    let rate = Rate::fps(50);
    let mut bench = Bench::new(Pulsing::new(6, rate, 30.0));
    bench.run(20.0);
    // The first that is missing is due now; one alone may be missing, and so it waits for the second, and its jitter.
    let missing = bench.pulsing.next;
    bench.wait(missing + 1.4 * bench.pulsing.period - bench.now);
    assert_eq!(bench.state(), ClockState::Locked);
    bench.wait(missing + 1.6 * bench.pulsing.period - bench.now);
    assert_eq!(bench.state(), ClockState::Holdover);
    bench.silence(0.0);
    bench.silence(20.0);
    assert!(bench.farthest(20.0) < 300e3, "{}", bench.farthest(20.0));
    let ticks = bench.ticks.len();
    bench.silence(50.0);
    assert_eq!(bench.state(), ClockState::Lost);
    assert_eq!((bench.ticks.len() - ticks) / 10, 250);
    bench.run(10.0);
    assert_eq!(bench.state(), ClockState::Locked);
    assert!(bench.farthest(3.0) < 60e3, "{}", bench.farthest(3.0));
    bench.check_intervals(rate);
}

#[test]
fn a_train_of_another_phase_is_approached() {
    let rate = Rate::fps(50);
    let mut bench = Bench::new(Pulsing::new(6, rate, 0.0));
    bench.run(5.0);
    bench.pulsing.next += 0.45 * bench.pulsing.period;
    bench.run(3.0);
    assert_eq!(bench.state(), ClockState::Acquiring);
    assert!(
        bench
            .lock
            .detail(at(bench.now))
            .contains("ms from being in phase")
    );
    // 9 ms, half a thousandth of the time.
    bench.run(18.0);
    assert_eq!(bench.state(), ClockState::Locked);
    assert!(bench.farthest(1.0) < 60e3, "{}", bench.farthest(1.0));
    bench.check_intervals(rate);
}

#[test]
fn another_rate_is_told_and_not_followed() -> Result<()> {
    for (other, within) in [
        (Rate::new(60_000, 1001)?, 6.0),
        (Rate::fps(50), 3.0),
        (Rate::fps(120), 3.0),
        (Rate::fps(30), 3.0),
    ] {
        let rate = Rate::fps(60);
        let mut bench = Bench::new(Pulsing::new(8, rate, 20.0));
        bench.run(5.0);
        bench.pulsing.period = rates::nanos(other);
        bench.run(within);
        let detail = bench.lock.detail(at(bench.now));
        assert_eq!(bench.state(), ClockState::Holdover, "{other}: {detail}");
        let expected = format!("the pulses come at {other}, and 60 fps was expected");
        assert!(detail.contains(&expected), "{detail}");
        bench.run(10.0);
        bench.pulsing.period = rates::nanos(rate);
        bench.run(30.0);
        assert_eq!(bench.state(), ClockState::Locked, "{other}");
        assert!(bench.farthest(1.0) < 60e3);
        bench.check_intervals(rate);
    }
    Ok(())
}

#[test]
fn a_rate_of_no_broadcast_is_measured() -> Result<()> {
    let rate = Rate::new(61_300, 1000)?;
    let mut bench = Bench::new(Pulsing {
        jitter: 20_000.0,
        ..Pulsing::new(8, rate, 0.0)
    });
    bench.run(10.0);
    assert!(bench.locked.is_some_and(|locked| locked < 2.0 * SECOND));
    let found = bench.lock.rates().map(|rates| rates.frames.as_f64());
    assert!(
        found.is_some_and(|found| (found / 61.3 - 1.0).abs() < 60e-6),
        "{found:?}"
    );
    assert!(bench.farthest(5.0) < 20e3);
    Ok(())
}

#[test]
fn frames_are_in_phase_with_the_second() {
    for rate in [Rate::fps(24), Rate::fps(25), Rate::fps(50), Rate::fps(60)] {
        let mut bench = Bench::new(Pulsing {
            jitter: 5_000.0,
            ..Pulsing::new(3, Rate::fps(1), 50.0)
        });
        bench.lock.set_pulses(Pulses::Every(Duration::from_secs(1)));
        bench.lock.set_frames(rate);
        bench.run(100.0);
        // At the third pulse.
        assert!(bench.locked.is_some_and(|locked| locked < 2.1 * SECOND));
        for (number, tick) in bench.ticks.iter().enumerate() {
            let pulses = (tick.as_nanos() as f64 - bench.pulsing.next) / bench.pulsing.period;
            let frames = number as f64 / rate.as_f64();
            let apart = (pulses - frames) - (pulses - frames).round();
            assert!(apart.abs() < 20e-6, "{rate} {number}: {apart} s");
        }
        bench.check_intervals(rate);
    }
}

#[test]
fn pulses_slower_than_one_in_four_seconds_are_found_and_followed() -> Result<()> {
    for seconds in [3, 5, 60, 600] {
        let pulses = Rate::new(1, seconds)?;
        let period = f64::from(seconds) * SECOND;
        for stated in [true, false] {
            let mut bench = Bench::new(Pulsing {
                jitter: 5_000.0,
                ..Pulsing::new(3, pulses, 20.0)
            });
            if stated {
                bench.lock.set_pulses(Pulses::Every(pulses.period()));
                bench.lock.set_frames(Rate::new(24, seconds)?);
            }
            // An edge of long before, as of a plug that is put in.
            bench.lock.push(at(START - 7.3 * period), at(START));
            bench.run(40.5 * f64::from(seconds));
            // At the third pulse if the rate was said, and otherwise at the eighth.
            let pulses_to_lock = if stated { 2.1 } else { 7.1 };
            let locked = bench.locked.unwrap_or(f64::INFINITY) / period;
            assert!(locked < pulses_to_lock, "{seconds} {stated}: {locked}");
            assert_eq!(bench.state(), ClockState::Locked);
            let found = bench.lock.rates().map(|rates| rates.pulses);
            assert_eq!(found, Some(pulses));
            bench.check_intervals(bench.lock.rates().map_or(pulses, |rates| rates.frames));
            bench.silence(2.6 * f64::from(seconds));
            assert_ne!(bench.state(), ClockState::Locked);
        }
    }
    Ok(())
}

#[test]
fn a_silence_makes_what_came_before_it_say_nothing() {
    for stated in [true, false] {
        let rate = Rate::fps(50);
        let mut bench = Bench::new(Pulsing {
            jitter: 20_000.0,
            ..Pulsing::new(4, rate, 30.0)
        });
        if stated {
            bench.lock.set_frames(rate);
        }
        for before in [60.003, 30.017, 4.011] {
            bench.lock.push(at(START - before * SECOND), at(START));
        }
        bench.run(2.0);
        assert!(bench.locked.is_some_and(|locked| locked < 0.6 * SECOND));
        assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(rate));
    }
}

#[test]
fn two_fields_make_a_frame() -> Result<()> {
    let fields = Rate::new(60_000, 1001)?;
    let mut bench = Bench::new(Pulsing::new(3, fields, 0.0));
    bench.lock.set_pulses(Pulses::PerFrame(2));
    bench.run(10.0);
    let frames = Rate::new(30_000, 1001)?;
    assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(frames));
    bench.check_intervals(frames);
    assert!(bench.farthest(5.0) < 60e3);
    let timestamp = bench.lock.timestamp(30_000);
    assert_eq!(
        timestamp - bench.lock.timestamp(0),
        std::time::Duration::from_secs(1001)
    );
    Ok(())
}

#[test]
fn whatever_comes_no_tick_comes_early_or_twice() {
    for seed in 0..25 {
        let rates = broadcast_rates();
        let mut random = Random::new(seed + 1_000);
        let rate = rates[(random.share() * rates.len() as f64) as usize];
        let mut bench = Bench::new(Pulsing::new(seed, rate, 50.0 * random.around()));
        bench.run(3.0);
        for _ in 0..12 {
            bench.pulsing.jitter = 400e3 * random.share();
            bench.pulsing.missing = 0.3 * random.share();
            bench.pulsing.extra = 0.3 * random.share();
            match (random.share() * 4.0) as u32 {
                0 => bench.silence(10.0 * random.share()),
                1 => bench.pulsing.next += bench.pulsing.period * random.share(),
                2 => {
                    let other = rates[(random.share() * rates.len() as f64) as usize];
                    bench.pulsing.period = rates::nanos(other);
                }
                _ => {
                    // A burst, much of it out of order.
                    for _ in 0..20 {
                        bench.edge(bench.now + 1e7 * random.around());
                    }
                }
            }
            bench.run(4.0 * random.share());
        }
        bench.check_intervals(rate);
        // And the train is found again.
        bench.pulsing = Pulsing {
            next: bench.now + 1e6,
            ..Pulsing::new(seed, rate, 0.0)
        };
        bench.run(60.0);
        let detail = bench.lock.detail(at(bench.now));
        assert_eq!(
            bench.state(),
            ClockState::Locked,
            "seed {seed}, {rate}: {detail}"
        );
        assert!(
            bench.farthest(1.0) < 110e3,
            "seed {seed}: {}",
            bench.farthest(1.0)
        );
        bench.check_intervals(rate);
    }
}

#[test]
fn edges_without_any_order_make_no_train_and_do_no_harm() {
    let mut random = Random::new(77);
    let mut lock = PhaseLock::new();
    let mut now = START;
    let mut newest = None;
    for _ in 0..30_000 {
        now += 20e6 * random.share().powi(4);
        let edge = match (random.share() * 20.0) as u32 {
            0 => Timestamp::ZERO,
            1 => Timestamp::MAX,
            2 => at(now * random.share()),
            3 => at(now + 1e9 * random.around()),
            _ => at(now - 1e6 * random.share()),
        };
        lock.push(edge, at(now));
        let number = lock.newest(at(now));
        assert!(number >= newest, "{number:?} after {newest:?}");
        newest = number;
        assert!(lock.time(at(now)) <= at(now + 1e12));
        assert!(!lock.detail(at(now)).is_empty());
    }
    assert_eq!(lock.state(at(now)), ClockState::Acquiring);
}

#[test]
fn what_is_said_after_the_train_was_found_changes_nothing() {
    let rate = Rate::fps(50);
    let mut bench = Bench::new(Pulsing::new(6, rate, 0.0));
    assert!(bench.lock.set_frames(Rate::fps(60)));
    assert!(bench.lock.set_frames(rate));
    bench.run(2.0);
    assert_eq!(bench.state(), ClockState::Locked);
    let time = bench.lock.time(at(bench.now));
    assert!(!bench.lock.set_frames(Rate::fps(60)));
    assert!(!bench.lock.set_frames(Rate::fps(0)));
    assert!(!bench.lock.set_pulses(Pulses::PerFrame(2)));
    assert!(!bench.lock.set_pulses(Pulses::PerFrame(0)));
    assert!(!bench.lock.set_pulses(Pulses::Every(Duration::from_secs(1))));
    assert_eq!(bench.lock.time(at(bench.now)), time);
    // The same in other words.
    assert!(bench.lock.set_frames(rate));
    assert!(
        bench
            .lock
            .set_pulses(Pulses::Every(Duration::from_millis(20)))
    );
    assert!(bench.lock.set_pulses(Pulses::PerFrame(1)));
    bench.run(2.0);
    assert!(bench.lock.check().is_ok());
    assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(rate));
    assert_eq!(bench.state(), ClockState::Locked);
    bench.check_intervals(rate);

    // One that was found.
    let mut bench = Bench::new(Pulsing::new(6, rate, 0.0));
    bench.run(2.0);
    assert!(!bench.lock.set_frames(Rate::fps(25)));
    assert!(!bench.lock.set_pulses(Pulses::PerFrame(2)));
    assert!(bench.lock.set_pulses(Pulses::PerFrame(1)));
    assert!(bench.lock.set_frames(rate));
    assert_eq!(bench.lock.rates().map(|rates| rates.frames), Some(rate));

    // One that was only told.
    let mut lock = PhaseLock::new();
    assert!(lock.settle().is_none());
    assert!(lock.set_frames(rate));
    assert!(lock.settle().is_some());
    assert!(!lock.set_frames(Rate::fps(60)));
}

#[test]
fn edges_that_another_clock_has_stamped_are_refused_and_the_words_say_so() {
    let words = [
        (1.7e9, "s ahead of CLOCK_MONOTONIC, on which they must be"),
        (
            0.5,
            "50 edges were refused: stamped 0.500 s ahead of CLOCK_",
        ),
        (
            -6_900.0,
            "50 edges were refused: stamped 6900.000 s behind CL",
        ),
    ];
    for (ahead, words) in words {
        let rate = Rate::fps(50);
        let mut bench = Bench::new(Pulsing::new(2, rate, 0.0));
        bench.lock.set_frames(rate);
        for _ in 0..50 {
            bench.wait(20e6);
            let edge = at(bench.now + ahead * SECOND);
            bench.lock.push(edge, at(bench.now));
        }
        let detail = bench.lock.detail(at(bench.now));
        assert!(detail.contains(words), "{detail}");
        assert!(!detail.contains("stray"), "{detail}");
        assert!(!detail.contains("no pulse"), "{detail}");
        assert_eq!(bench.state(), ClockState::Acquiring);
        // Others are followed.
        bench.pulsing.next = bench.now + 1e6;
        bench.run(2.0);
        assert_eq!(bench.state(), ClockState::Locked);
    }
}

#[test]
fn the_words_tell_silence_from_pulses_that_are_of_no_use() {
    let rate = Rate::fps(50);
    let words = |bench: &Bench| bench.lock.detail(at(bench.now));
    let mut bench = Bench::new(Pulsing::new(6, rate, 0.0));
    assert_eq!(words(&bench), "no pulses yet");
    bench.run(0.05);
    assert_eq!(words(&bench), "pulses, but no train of them yet");
    bench.run(2.0);
    // At another phase.
    bench.silence(5.0);
    assert_eq!(words(&bench), "no pulse for 5.0 s");
    bench.pulsing.next += 0.4 * bench.pulsing.period;
    bench.run(0.11);
    let detail = words(&bench);
    assert!(detail.starts_with("no pulse in its place for 5.1 s, "));
    bench.run(30.0);
    assert_eq!(bench.state(), ClockState::Locked);
    // At another rate, and then none.
    bench.pulsing.period = SECOND / 60.0;
    bench.run(5.0);
    let detail = words(&bench);
    let expected = "the pulses come at 60 fps, and 50 fps was expected, ";
    assert!(detail.starts_with(expected), "{detail}");
    bench.silence(7.0);
    let detail = words(&bench);
    let expected = "no pulse for 7.0 s; they came at 60 fps, and 50 fps was expected, ";
    assert!(detail.starts_with(expected), "{detail}");
}

#[test]
fn what_was_said_wrongly_is_an_error() {
    let mut lock = PhaseLock::new();
    lock.set_pulses(Pulses::PerFrame(0));
    assert!(lock.check().is_err());
    lock.set_frames(Rate::fps(50));
    assert!(lock.check().is_err());
    lock.set_pulses(Pulses::PerFrame(2));
    assert!(lock.check().is_ok());
    lock.set_frames(Rate::fps(-1));
    assert!(lock.check().is_err());
    let said = |lock: PhaseLock| match lock.check() {
        Ok(()) => String::new(),
        Err(error) => error.to_string(),
    };
    let every = [
        (Duration::ZERO, "every is 0ns; "),
        (Duration::from_nanos(999), "every is 999ns; "),
        (Duration::from_secs(100_000), "every is 100000s; "),
        (Duration::MAX, "every is 18446744073709551615.999999999s; "),
    ];
    for (period, begin) in every {
        let mut lock = PhaseLock::new();
        lock.set_frames(Rate::fps(50));
        lock.set_pulses(Pulses::Every(period));
        let message = said(lock);
        let expected = "expected the time from one pulse to the next, from a microsecond to a day";
        assert!(message.starts_with(begin), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    for period in [Duration::from_micros(1), Duration::from_secs(86_400)] {
        let mut lock = PhaseLock::new();
        lock.set_pulses(Pulses::Every(period));
        assert_eq!(said(lock), "");
    }
    let mut lock = PhaseLock::new();
    lock.set_frames(Rate::fps(1e6));
    lock.set_pulses(Pulses::PerFrame(2));
    assert_eq!(
        said(lock),
        "pulses_per_frame is 2; expected fewer of them: at 1000000 fps the pulses would be 2000000 a second, and there are 1000000 at most"
    );
}
