//! The clocks of a failover clock as one timeline: looked at when it is asked, followed, and reported on.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::audience::{Audience, Listener};
use super::change::ClockChange;
use super::choice::{Change, Choice, Patience};
use super::follow::Follow;
use crate::clock::{AnyClock, Clock, ClockState, ClockStatus, Timeline, monotonic};
use crate::time::{ClockId, Rate, Timestamp};

/// How many changes are remembered.
const REMEMBERED: usize = 256;
/// The clocks are not looked at again before this has passed.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// The timeline of a failover clock.
pub(super) struct Members {
    clocks: Vec<AnyClock>,
    /// Found when it is first needed: a clock may have to find its rate.
    timelines: OnceLock<Result<Vec<Arc<dyn Timeline>>, String>>,
    state: Mutex<State>,
    audience: Audience,
    id: OnceLock<ClockId>,
}

pub(super) struct State {
    pub(super) choice: Choice,
    pub(super) follow: Option<Follow>,
    looked: Option<Timestamp>,
    states: Vec<ClockState>,
    pub(super) changes: VecDeque<ClockChange>,
    /// Those that the audience has not got yet.
    news: Vec<ClockChange>,
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
        self.timelines().as_ref().ok()?;
        lock(&self.state).follow.as_ref().map(Follow::rate)
    }

    /// The timelines of the clocks, or why there can be none.
    pub(super) fn timelines(&self) -> &Result<Vec<Arc<dyn Timeline>>, String> {
        self.timelines.get_or_init(|| {
            let first = self.clocks.first().ok_or("no clocks were given")?;
            let rate = first.rate();
            let mut timelines = Vec::with_capacity(self.clocks.len());
            for clock in &self.clocks {
                let called = called(clock);
                let its = clock.rate();
                if its.check().is_err() {
                    let detail = clock.status();
                    return Err(format!(
                        "the rate of {called} is not known ({detail}); say it: `.fps(50)`"
                    ));
                }
                if its != rate {
                    return Err(format!(
                        "{called} is of {its}, and {} of {rate}; give all the same rate",
                        self::called(first)
                    ));
                }
                timelines.push(
                    clock
                        .timeline()
                        .ok_or_else(|| format!("{called} keeps no real time; take it out"))?,
                );
            }
            lock(&self.state).follow = Some(Follow::new(rate));
            Ok(timelines)
        })
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
        if state.news.is_empty() {
            return;
        }
        // Before anybody else can look and find later ones.
        self.audience.leave(state.news.drain(..));
        drop(state);
        self.audience
            .tell(self.id.get().copied().unwrap_or_default());
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
            changes: VecDeque::new(),
            news: Vec::new(),
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
        self.states
            .extend(timelines.iter().map(|timeline| timeline.state()));
        let change = self.choice.look(now, &self.states);
        let driver = self.choice.driver();
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
            Err(error) => return ClockStatus::new(ClockState::Lost, error.as_str()),
        };
        let state = lock(&self.state);
        let mut words = Vec::new();
        let driver = state.choice.driver();
        if let (Some(driver), Some(follow)) = (driver, &state.follow)
            && let (Some(clock), Some(timeline)) = (self.clocks.get(driver), timelines.get(driver))
        {
            words.push(format!("{} drives", called(clock)));
            if let Some(apart) = follow.apart(&**timeline, now) {
                let micros = apart.abs() * 1e6 / follow.rate().as_f64();
                if micros >= 100.0 {
                    words.push(format!("{micros:.0} µs from being in phase with it"));
                }
            }
        }
        let changes = state.changes.len().saturating_sub(1);
        if changes > 0 {
            let ending = if changes == 1 { "" } else { "s" };
            words.push(format!("{changes} change{ending}"));
        }
        let own = match driver.and_then(|driver| state.states.get(driver)) {
            Some(state) => *state,
            None => ClockState::Acquiring,
        };
        drop(state);
        let mut detail = words.join(", ");
        for (clock, timeline) in self.clocks.iter().zip(timelines) {
            detail.push_str(if detail.is_empty() { "" } else { "; " });
            detail.push_str(&format!("{} {}", clock.name(), timeline.status()));
        }
        ClockStatus::new(own, detail)
    }

    fn state(&self) -> ClockState {
        self.look(monotonic::now());
        let state = lock(&self.state);
        let driver = state.choice.driver();
        driver
            .and_then(|driver| state.states.get(driver).copied())
            .unwrap_or(ClockState::Acquiring)
    }
}
