//! Failover on simulated clocks: one train of ticks, whatever becomes of the clocks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::follow::Follow;
use super::members::State;
use crate::clock::{AnyClock, ClockState, ClockStatus, SoftwareClock, Timeline};
use crate::time::{Rate, Timestamp};

const PERIOD: f64 = 20e6;

/// A clock that does what the test says.
#[derive(Clone)]
struct Simulated(Arc<Mutex<Train>>);

#[derive(Clone, Copy)]
struct Train {
    /// When tick 0 was, and nanoseconds from one tick to the next.
    start: f64,
    period: f64,
    state: ClockState,
}

impl Simulated {
    fn new(start: f64, ppm: f64, state: ClockState) -> Self {
        Self(Arc::new(Mutex::new(Train {
            start,
            period: PERIOD * (1.0 + ppm * 1e-6),
            state,
        })))
    }

    fn train(&self) -> Train {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Train)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Timeline for Simulated {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        let train = self.train();
        let ticks = (monotonic.as_nanos() as f64 - train.start) / train.period;
        (ticks >= 0.0 && train.state != ClockState::Acquiring).then_some(ticks as u64)
    }

    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        let train = self.train();
        let due = train.start + frame_number as f64 * train.period;
        (train.state != ClockState::Acquiring).then(|| Timestamp::from_nanos(due as u64))
    }

    fn timestamp(&self, frame_number: u64) -> Timestamp {
        Timestamp::ZERO + Rate::fps(50).time_of(frame_number)
    }

    fn time(&self, monotonic: Timestamp) -> Timestamp {
        monotonic
    }

    fn status(&self) -> ClockStatus {
        ClockStatus::new(self.train().state, "")
    }
}

/// What a ticker would make of it.
struct Bench {
    state: State,
    clocks: Vec<AnyClock>,
    timelines: Vec<Arc<dyn Timeline>>,
    now: u64,
    ticks: Vec<(u64, u64)>,
}

impl Bench {
    fn new(simulated: &[Simulated]) -> Self {
        let mut state = State::new(simulated.len());
        state.follow = Some(Follow::new(Rate::fps(50)));
        Self {
            state,
            clocks: simulated
                .iter()
                .map(|_| AnyClock::new(SoftwareClock::fps(50)))
                .collect(),
            timelines: simulated
                .iter()
                .map(|clock| Arc::new(clock.clone()) as Arc<dyn Timeline>)
                .collect(),
            now: 100_000_000_000,
            ticks: Vec::new(),
        }
    }

    fn run(&mut self, seconds: f64) {
        let end = self.now + (seconds * 1e9) as u64;
        while self.now < end {
            self.now += 5_000_000;
            let now = Timestamp::from_nanos(self.now);
            self.state.look(now, &self.timelines, &self.clocks);
            let Some(follow) = &self.state.follow else {
                continue;
            };
            let Some(newest) = follow.newest(now) else {
                continue;
            };
            let next = self.ticks.last().map_or(newest, |(number, _)| number + 1);
            for number in next..=newest {
                let due = follow.due(number).unwrap_or_default().as_nanos();
                self.ticks.push((number, due));
            }
        }
    }

    /// Each number once and none left out, and about a period from each to the next.
    #[track_caller]
    fn check(&self) {
        assert!(self.ticks.len() > 10);
        for pair in self.ticks.windows(2) {
            assert_eq!(pair[1].0, pair[0].0 + 1);
            let share = (pair[1].1 - pair[0].1) as f64 / PERIOD;
            // 500 millionths of slew, and a thousandth that a clock's period may be off.
            assert!((share - 1.0).abs() < 1.6e-3, "{pair:?}: {share} periods");
        }
    }

    fn apart(&self, clock: usize) -> f64 {
        let follow = self.state.follow.as_ref();
        follow
            .and_then(|follow| {
                follow.apart(&*self.timelines[clock], Timestamp::from_nanos(self.now))
            })
            .unwrap_or(f64::NAN)
    }

    fn changes(&self) -> Vec<(usize, &'static str)> {
        self.state
            .changes
            .iter()
            .map(|change| (change.place, change.what))
            .collect()
    }
}

#[test]
fn goes_to_the_next_clock_and_back_in_one_train() {
    let best = Simulated::new(3e9, 40.0, ClockState::Locked);
    let next = Simulated::new(3.011e9, -40.0, ClockState::FreeRunning);
    let mut bench = Bench::new(&[best.clone(), next]);
    bench.run(10.0);
    assert!(bench.apart(0).abs() < 1e-4);
    // The first gives the numbers.
    let (first, due) = bench.ticks[100];
    let its = best.due(first).unwrap_or_default().as_nanos();
    assert!(its.abs_diff(due) < 100, "{first}: {its} and {due}");

    best.change(|train| train.state = ClockState::Holdover);
    bench.run(4.0);
    assert!(bench.apart(0).abs() < 1e-4, "holdover");
    bench.run(2.0);
    bench.run(30.0);
    assert!(bench.apart(1).abs() < 1e-4, "the next");
    best.change(|train| train.state = ClockState::Locked);
    bench.run(2.5);
    assert!(bench.apart(1).abs() < 1e-4, "not yet");
    bench.run(40.0);
    assert!(bench.apart(0).abs() < 1e-4, "back");
    assert_eq!(
        bench.changes(),
        [
            (0, "drives"),
            (0, "drives on without its reference"),
            (1, "drives"),
            (0, "drives"),
        ]
    );
    bench.check();
}

#[test]
fn is_approached_at_the_stated_pace() {
    let best = Simulated::new(3e9, 0.0, ClockState::Lost);
    let next = Simulated::new(3e9 + 0.5 * PERIOD, 0.0, ClockState::FreeRunning);
    let mut bench = Bench::new(&[best.clone(), next]);
    bench.run(10.0);
    best.change(|train| train.state = ClockState::Locked);
    // 3 s to settle, and 10 ms at half a millisecond a second.
    bench.run(3.0 + 18.0);
    assert!(bench.apart(0).abs() > 0.02, "{}", bench.apart(0));
    bench.run(4.0);
    assert!(bench.apart(0).abs() < 1e-4, "{}", bench.apart(0));
    bench.check();
}

#[test]
fn a_step_of_the_clock_that_drives_is_no_step_of_the_ticks() {
    let only = Simulated::new(3e9, 10.0, ClockState::Locked);
    let mut bench = Bench::new(std::slice::from_ref(&only));
    bench.run(5.0);
    for step in [3_600e9, -1_800e9, 0.3 * PERIOD, 1.2 * PERIOD] {
        only.change(|train| train.start -= step);
        bench.run(20.0);
        assert!(bench.apart(0).abs() < 1e-4, "{step}: {}", bench.apart(0));
    }
    bench.check();
    let stepped = "has stepped, and is approached anew";
    let steps = bench
        .changes()
        .iter()
        .filter(|(_, what)| *what == stepped)
        .count();
    assert_eq!(steps, 3);
}

#[test]
fn whatever_becomes_of_the_clocks_it_is_one_train() {
    const STATES: [ClockState; 5] = [
        ClockState::FreeRunning,
        ClockState::Acquiring,
        ClockState::Locked,
        ClockState::Holdover,
        ClockState::Lost,
    ];
    for seed in 1..50_u64 {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut below = |most: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % most
        };
        let clocks: Vec<_> = (0..3)
            .map(|place| {
                let start = 1e9 + below(90_000_000_000) as f64;
                let state = if place == 2 { 0 } else { below(5) as usize };
                Simulated::new(start, below(100) as f64 - 50.0, STATES[state])
            })
            .collect();
        let mut bench = Bench::new(&clocks);
        for _ in 0..30 {
            let which = below(2) as usize;
            let clock = &clocks[which];
            match below(5) {
                0 => clock.change(|train| train.start -= below(100_000_000) as f64),
                1 => clock.change(|train| {
                    train.period = PERIOD * (1.0 + (below(200) as f64 - 100.0) * 1e-6);
                }),
                _ => clock.change(|train| train.state = STATES[below(5) as usize]),
            }
            bench.run(below(8_000) as f64 * 1e-3);
        }
        bench.run(3.0);
        bench.check();
        clocks[0].change(|train| train.state = ClockState::Locked);
        bench.run(30.0);
        assert_eq!(bench.state.choice.driver(), Some(0), "seed {seed}");
        assert!(
            bench.apart(0).abs() < 1e-4,
            "seed {seed}: {}",
            bench.apart(0)
        );
        bench.check();
    }
}

#[test]
fn changes_are_counted_beyond_those_that_are_remembered() {
    let only = Simulated::new(3e9, 0.0, ClockState::Locked);
    let mut bench = Bench::new(std::slice::from_ref(&only));
    bench.run(0.1);
    for _ in 0..200 {
        for state in [ClockState::Holdover, ClockState::Locked] {
            only.change(|train| train.state = state);
            bench.run(0.02);
        }
    }
    assert_eq!(bench.state.changes.len(), 256);
    assert_eq!(bench.state.count, 401);
    bench.check();
}

#[test]
fn looks_hold_their_patience() {
    let best = Simulated::new(3e9, 0.0, ClockState::Acquiring);
    let next = Simulated::new(3e9, 0.0, ClockState::FreeRunning);
    let mut bench = Bench::new(&[best, next]);
    bench.state.choice.patience.start = Some(Duration::from_secs(1));
    bench.run(0.9);
    assert!(bench.ticks.is_empty());
    bench.run(1.0);
    bench.check();
}

#[test]
fn it_is_locked_when_its_ticks_are_those_of_what_drives() {
    let best = Simulated::new(1e9, 0.0, ClockState::Locked);
    // A quarter of a period beside the other: some ten seconds of 500 millionths.
    let second = Simulated::new(1e9 + PERIOD / 4.0, 0.0, ClockState::Locked);
    let mut bench = Bench::new(&[best.clone(), second]);
    let state = |bench: &Bench| {
        let now = Timestamp::from_nanos(bench.now);
        bench
            .state
            .own(bench.state.micros_apart(&bench.timelines, now))
    };
    assert_eq!(state(&bench), ClockState::Acquiring);
    bench.run(1.0);
    assert_eq!(state(&bench), ClockState::Locked);
    best.change(|train| train.state = ClockState::Lost);
    bench.run(2.0);
    assert_eq!(bench.state.choice.driver(), Some(1));
    assert_eq!(state(&bench), ClockState::Acquiring);
    bench.run(20.0);
    assert_eq!(state(&bench), ClockState::Locked);
    bench.check();
}
