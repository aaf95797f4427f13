//! The clocks of a failover clock as one timeline: looked at when it is asked, followed, and reported on.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::audience::{Audience, Listener};
use super::change::ClockChange;
use super::choice::{Change, Choice, Patience};
use super::follow::Follow;
use crate::Error;
use crate::clock::{AnyClock, Clock, ClockState, ClockStatus, Timeline, monotonic};
use crate::time::{ClockId, Rate, Timestamp};

/// How many changes are remembered.
const REMEMBERED: usize = 256;
/// The clocks are not looked at again before this has passed.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// Ticks that are less than so many microseconds from those of the clock that drives are in phase with it.
const IN_PHASE: f64 = 100.0;

/// The timeline of a failover clock.
pub(super) struct Members {
    clocks: Vec<AnyClock>,
    /// Found when they are first needed: a clock may have to find its rate.
    timelines: OnceLock<Vec<Arc<dyn Timeline>>>,
    state: Mutex<State>,
    audience: Audience,
    id: OnceLock<ClockId>,
}

pub(super) struct State {
    pub(super) choice: Choice,
    pub(super) follow: Option<Follow>,
    looked: Option<Timestamp>,
    states: Vec<ClockState>,
    /// Whether each clock is of the common rate; `None` until it knows its own.
    of_the_rate: Vec<Option<bool>>,
    /// The clock that has given the ticks their numbers and their epoch.
    numbered_by: Option<usize>,
    /// The newest changes, and how many there have been.
    pub(super) changes: VecDeque<ClockChange>,
    pub(super) count: u64,
    /// Those that the audience has not got yet.
    news: Vec<ClockChange>,
    /// What there is to warn of.
    warnings: Vec<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Members {
    pub(super) fn new(clocks: Vec<AnyClock>) -> Self {
        Self {
            timelines: OnceLock::new(),
            state: Mutex::new(State::new(clocks.len())),
            clocks,
            audience: Audience::default(),
            id: OnceLock::new(),
        }
    }

    /// The id of the clock that these are the members of, for the log.
    pub(super) fn set_id(&self, id: ClockId) {
        let _ = self.id.set(id);
    }

    pub(super) fn change_patience(&self, change: impl FnOnce(&mut Patience)) {
        change(&mut lock(&self.state).choice.patience);
    }

    pub(super) fn listen(&self, listener: Listener) {
        self.audience.add(listener);
    }

    /// The changes up to now.
    pub(super) fn changes(&self, now: Timestamp) -> Vec<ClockChange> {
        self.look(now);
        lock(&self.state).changes.iter().cloned().collect()
    }

    /// The rate of the clocks; `None` if they have no common one.
    pub(super) fn rate(&self) -> Option<Rate> {
        self.timelines().ok()?;
        lock(&self.state).follow.as_ref().map(Follow::rate)
    }

    /// The timelines of the clocks, or why there can be none: not yet, perhaps.
    pub(super) fn timelines(&self) -> Result<&[Arc<dyn Timeline>], String> {
        if let Some(timelines) = self.timelines.get() {
            return Ok(timelines);
        }
        let rate = self.find_rate()?;
        let timeline = |clock: &AnyClock| {
            let none = || format!("{} keeps no real time; take it out", called(clock));
            clock.timeline().ok_or_else(none)
        };
        let timelines = self.clocks.iter().map(timeline);
        let timelines = timelines.collect::<Result<Vec<_>, _>>()?;
        let follow = || Follow::new(rate);
        lock(&self.state).follow.get_or_insert_with(follow);
        Ok(self.timelines.get_or_init(|| timelines))
    }

    /// The rate of the clocks that know theirs. One may not, yet: a genlock clock that has seen no pulses. It is waited for
    /// only where all are such clocks.
    fn find_rate(&self) -> Result<Rate, String> {
        let (mut known, mut unknown) = (None, None);
        // All are asked, so that all have begun to look for theirs.
        let rates: Vec<_> = self.clocks.iter().map(|clock| clock.known_rate()).collect();
        let is_known = |rate: &Option<Rate>| rate.is_some_and(|rate| rate.check().is_ok());
        let one_is_known = rates.iter().any(is_known);
        for (clock, its) in self.clocks.iter().zip(rates) {
            if its.is_none() && one_is_known {
                continue;
            }
            let its = its.unwrap_or_else(|| clock.rate());
            if its.check().is_err() {
                // One whose rate was said wrongly never will; why, it says to who subscribes.
                match clock.subscribe(Vec::new()) {
                    Err(Error::Graph(_)) => {}
                    Err(error) => return Err(format!("{}: {error}", called(clock))),
                    Ok(_) => {
                        return Err(format!("the rate of {} is {its}", called(clock)));
                    }
                }
                unknown = unknown.or(Some(clock));
            } else if let Some((first, rate)) = known {
                if its != rate {
                    return Err(format!(
                        "{} is of {its}, and {} of {rate}; give all the same rate",
                        called(clock),
                        called(first)
                    ));
                }
            } else {
                known = Some((clock, its));
            }
        }
        match (known, unknown) {
            (Some((_, rate)), _) => Ok(rate),
            (None, Some(clock)) => Err(format!(
                "the rate of {} is not known ({}); say it: `.fps(50)`",
                called(clock),
                clock.status()
            )),
            (None, None) => Err("no clocks were given".to_owned()),
        }
    }

    /// Looks at the clocks, if it is time to, and goes on towards the one that drives.
    pub(super) fn look(&self, now: Timestamp) {
        let Ok(timelines) = self.timelines() else {
            return;
        };
        let mut state = lock(&self.state);
        if state.looked.is_some_and(|looked| now < looked + LOOK_AGAIN) {
            return;
        }
        state.look(now, timelines, &self.clocks);
        if state.news.is_empty() && state.warnings.is_empty() {
            return;
        }
        // Before anybody else can look and find later ones.
        self.audience.leave(state.news.drain(..));
        let warnings = std::mem::take(&mut state.warnings);
        drop(state);
        let id = self.id.get().copied().unwrap_or_default();
        self.audience.tell(id);
        for warning in warnings {
            tracing::warn!(clock = %id, "{warning}");
        }
    }
}

fn called(clock: &AnyClock) -> String {
    format!("{}, {}", clock.name(), clock.id())
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clocks.fmt(f)
    }
}

impl State {
    pub(super) fn new(clocks: usize) -> Self {
        Self {
            choice: Choice::new(clocks),
            follow: None,
            looked: None,
            states: Vec::with_capacity(clocks),
            of_the_rate: vec![None; clocks],
            numbered_by: None,
            changes: VecDeque::new(),
            count: 0,
            news: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The state of a clock: lost, if it is not of the common rate. That may be seen late, when it has found its own.
    fn state_of(&mut self, place: usize, timeline: &dyn Timeline, clock: &AnyClock) -> ClockState {
        let state = timeline.state();
        let Some(of_the_rate) = self.of_the_rate.get_mut(place) else {
            return state;
        };
        if of_the_rate.is_none()
            && state != ClockState::Acquiring
            && let Some(follow) = &self.follow
        {
            let (its, rate) = (clock.rate(), follow.rate());
            *of_the_rate = Some(its == rate);
            if its != rate {
                self.warnings.push(format!(
                    "{} is of {its}, and the others of {rate}; it is never followed",
                    called(clock)
                ));
            }
        }
        match of_the_rate {
            Some(false) => ClockState::Lost,
            _ => state,
        }
    }

    /// How far the ticks are from those of the clock that drives, in microseconds, if it is that far that it is worth saying.
    pub(super) fn micros_apart(
        &self,
        timelines: &[Arc<dyn Timeline>],
        now: Timestamp,
    ) -> Option<f64> {
        let (timeline, follow) = (timelines.get(self.choice.driver()?)?, self.follow.as_ref()?);
        let apart = follow.apart(&**timeline, now)?;
        Some(apart.abs() * 1e6 / follow.rate().as_f64()).filter(|micros| *micros >= IN_PHASE)
    }

    /// The state of the clock that these are the members of: that of the one that drives, but for its phase, which may still be
    /// approached.
    pub(super) fn own(&self, micros_apart: Option<f64>) -> ClockState {
        let driver = self.choice.driver();
        match driver.and_then(|driver| self.states.get(driver)) {
            Some(ClockState::Locked) if micros_apart.is_some() => ClockState::Acquiring,
            Some(state) => *state,
            None => ClockState::Acquiring,
        }
    }

    /// The first clock drives, and gives the ticks their numbers and their epoch: to the end of the program, as someone may find
    /// out who meant another one to.
    fn numbers(&mut self, place: usize, clocks: &[AnyClock]) {
        self.numbered_by = Some(place);
        let acquires = |(_, state): &(_, &ClockState)| **state == ClockState::Acquiring;
        let better = clocks.iter().zip(&self.states).take(place).filter(acquires);
        let better: Vec<_> = better.map(|(clock, _)| called(clock)).collect();
        if let (Some(clock), false) = (clocks.get(place), better.is_empty()) {
            self.warnings.push(format!(
                "the numbers and the timestamps of the ticks are those of {} from now on: {} had no reference in time (`start_within`)",
                called(clock),
                better.join(" and ")
            ));
        }
    }

    /// Lets the choice look at the clocks, goes on towards the one that drives, and writes down what has
    /// changed.
    pub(super) fn look(
        &mut self,
        now: Timestamp,
        timelines: &[Arc<dyn Timeline>],
        clocks: &[AnyClock],
    ) {
        self.looked = Some(now);
        self.states.clear();
        for (place, (timeline, clock)) in timelines.iter().zip(clocks).enumerate() {
            let state = self.state_of(place, &**timeline, clock);
            self.states.push(state);
        }
        let locks_within = |place: usize| {
            let timeline = timelines.get(place);
            timeline.map_or(Duration::ZERO, |timeline| timeline.locks_within())
        };
        let change = self.choice.look(now, &self.states, locks_within);
        let driver = self.choice.driver();
        if let (Some(Change::Drives(first)), None) = (change, self.numbered_by) {
            self.numbers(first, clocks);
        }
        let (Some(driver), Some(follow)) = (driver, &mut self.follow) else {
            return;
        };
        let Some(timeline) = timelines.get(driver) else {
            return;
        };
        let mut what = change.map(|change| match change {
            Change::Drives(_) => "drives",
            Change::Holds(_) => "drives on without its reference",
            Change::Caught(_) => "has its reference again",
        });
        if let Some(Change::Drives(_)) = change {
            follow.drive(&**timeline, now);
        }
        if follow.follow(&**timeline, now) {
            what = what.or(Some("has stepped, and is approached anew"));
        }
        if let (Some(what), Some(clock), Some(&state)) =
            (what, clocks.get(driver), self.states.get(driver))
        {
            let change = ClockChange {
                at: now,
                frame_number: follow.newest(now),
                place: driver,
                clock: called(clock),
                state,
                what,
            };
            self.count += 1;
            if self.changes.len() == REMEMBERED {
                self.changes.pop_front();
            }
            self.changes.push_back(change.clone());
            self.news.push(change);
        }
    }
}

impl Timeline for Members {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        self.look(monotonic::now());
        lock(&self.state).follow.as_ref()?.newest(monotonic)
    }

    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        self.look(monotonic::now());
        lock(&self.state).follow.as_ref()?.due(frame_number)
    }

    fn timestamp(&self, frame_number: u64) -> Timestamp {
        match &lock(&self.state).follow {
            Some(follow) => follow.timestamp(frame_number),
            None => Timestamp::ZERO,
        }
    }

    fn time(&self, monotonic: Timestamp) -> Timestamp {
        match &lock(&self.state).follow {
            Some(follow) => follow.time(monotonic),
            None => monotonic,
        }
    }

    fn status(&self) -> ClockStatus {
        let now = monotonic::now();
        self.look(now);
        let timelines = match self.timelines() {
            Ok(timelines) => timelines,
            Err(error) => return ClockStatus::new(ClockState::Lost, error),
        };
        let state = lock(&self.state);
        let mut words = Vec::new();
        let driver = state.choice.driver();
        let micros = state.micros_apart(timelines, now);
        if let Some(clock) = driver.and_then(|driver| self.clocks.get(driver)) {
            words.push(format!("{} drives", called(clock)));
            if let Some(micros) = micros {
                words.push(format!("{micros:.0} µs from being in phase with it"));
            }
        }
        if let Some(clock) = state.numbered_by.and_then(|first| self.clocks.get(first))
            && state.numbered_by != driver
        {
            words.push(format!("numbers and timestamps of {}", called(clock)));
        }
        let changes = state.count.saturating_sub(1);
        if changes > 0 {
            let ending = if changes == 1 { "" } else { "s" };
            words.push(format!("{changes} change{ending}"));
        }
        let own = state.own(micros);
        let rate = state.follow.as_ref().map(Follow::rate);
        let of_the_rate = state.of_the_rate.clone();
        drop(state);
        let mut detail = words.join(", ");
        for ((clock, timeline), of_the_rate) in self.clocks.iter().zip(timelines).zip(of_the_rate) {
            detail.push_str(if detail.is_empty() { "" } else { "; " });
            detail.push_str(&format!("{} {}", clock.name(), timeline.status()));
            if let (Some(rate), Some(false)) = (rate, of_the_rate) {
                let its = clock.rate();
                detail.push_str(&format!(
                    ", never followed: it is of {its} and not of {rate}"
                ));
            }
        }
        ClockStatus::new(own, detail)
    }

    fn state(&self) -> ClockState {
        let now = monotonic::now();
        self.look(now);
        let Ok(timelines) = self.timelines() else {
            return ClockState::Acquiring;
        };
        let state = lock(&self.state);
        state.own(state.micros_apart(timelines, now))
    }
}
