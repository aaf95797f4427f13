//! The clock that follows the best of several.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::choice::{Change, Choice};
use super::clocks::IntoClocks;
use super::follow::Follow;
use crate::clock::{
    AnyClock, Clock, ClockState, ClockStatus, Precision, Subscriber, Subscription, Ticker,
    Timeline, monotonic,
};
use crate::time::{ClockId, Rate, Timestamp};
use crate::{Error, Result};

/// How many changes are remembered.
const REMEMBERED: usize = 256;
/// The clocks are not looked at again before this has passed.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Ticks with the best of several clocks that has its reference, and goes on when that one loses it.
///
/// ```
/// use streamlib::clock::{ClockPulses, FailoverClock, GenlockClock};
/// use streamlib::prelude::*;
///
/// let reference = ClockPulses::new(&SoftwareClock::fps(50))?; // a card, a PPS device, …
/// let genlock = GenlockClock::new(reference).fps(50);
/// let house = FailoverClock::prefer((genlock, SoftwareClock::fps(50)));
/// assert_eq!(house.rate(), Rate::fps(50));
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// A clock drives that is locked, or that needs no reference; of several the one that was named first.
/// When it loses its reference it still drives for [`holdover`](Self::holdover) (5 s), then the next
/// one that is good does; a better one takes over again when it has been good for
/// [`settle`](Self::settle) (3 s) without a break. Where none is good, the last one drives on. At the start, better
/// clocks that are still acquiring are waited for [`start_within`](Self::start_within) (2 s).
///
/// Whatever happens, the ticks are one train: numbers go on and are neither repeated nor left out, and
/// the ticks approach the phase of another clock by no more than 500 millionths of a period a tick (at 60
/// fps 30 µs a second; half a frame in 17 s). The numbers and the epoch of the timestamps are those of the clock that
/// drove first.
///
/// Each change is an entry of [`changes`](Self::changes), a call of [`on_change`](Self::on_change), a
/// `tracing` line and a word in `status`. Clones are the same clock.
#[derive(Clone)]
pub struct FailoverClock(Arc<Inner>);

struct Inner {
    ticker: Ticker<Members>,
}

/// The timeline of a failover clock.
struct Members {
    clocks: Vec<AnyClock>,
    /// Found when it is first needed: a clock may have to find its rate.
    timelines: OnceLock<Result<Vec<Arc<dyn Timeline>>, String>>,
    state: Mutex<State>,
    listeners: Mutex<Vec<Listener>>,
    id: OnceLock<ClockId>,
}

type Listener = Box<dyn FnMut(&ClockChange) + Send>;

pub(super) struct State {
    pub(super) choice: Choice,
    pub(super) follow: Option<Follow>,
    looked: Option<Timestamp>,
    states: Vec<ClockState>,
    pub(super) changes: VecDeque<ClockChange>,
    /// Those that no listener was told of yet.
    news: Vec<ClockChange>,
}

/// A change of what drives a [`FailoverClock`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockChange {
    /// When it was, on the operating system's monotonic clock.
    pub at: Timestamp,
    /// The number of the newest tick then; `None` before the first.
    pub frame_number: Option<u64>,
    /// The place of the clock that drives now, among those that were given.
    pub place: usize,
    /// That clock: `genlock, clock 3`.
    pub clock: String,
    /// Its state.
    pub state: ClockState,
    /// What has happened: `drives`, `drives on without its reference`.
    pub what: &'static str,
}

/// `genlock, clock 3 drives (locked)`
impl fmt::Display for ClockChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.clock, self.what, self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FailoverClock {
    /// A clock that follows the first of `clocks` that is good. All must be of one rate, and keep real
    /// time: else it is an error of the graph that uses the clock.
    #[must_use]
    pub fn prefer(clocks: impl IntoClocks) -> Self {
        let clocks = clocks.into_clocks();
        let members = Members {
            timelines: OnceLock::new(),
            state: Mutex::new(State::new(clocks.len())),
            clocks,
            listeners: Mutex::default(),
            id: OnceLock::new(),
        };
        // The clocks know the rate, some time.
        let ticker = Ticker::new(Rate::fps(1), members);
        let _ = ticker.timeline().id.set(ticker.id());
        Self(Arc::new(Inner { ticker }))
    }

    /// A clock that has lost its reference drives on for so long, if another one is good.
    #[must_use]
    pub fn holdover(self, holdover: Duration) -> Self {
        lock(&self.members().state).choice.patience.holdover = holdover;
        self
    }

    /// A better clock must be good for so long before it drives again.
    #[must_use]
    pub fn settle(self, settle: Duration) -> Self {
        lock(&self.members().state).choice.patience.settle = settle;
        self
    }

    /// At the start, better clocks that are still acquiring are waited for so long. The phase of the
    /// clock that drives first is taken over as it is; later ones are approached.
    #[must_use]
    pub fn start_within(self, start: Duration) -> Self {
        lock(&self.members().state).choice.patience.start = start;
        self
    }

    /// Ticks as exactly as `precision` says: also its clones, from the next graph on.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        // A clone is the same ticker.
        let _ = self.0.ticker.clone().precision(precision);
        self
    }

    /// The changes so far, the newest last; at most 256 of them.
    #[must_use]
    pub fn changes(&self) -> Vec<ClockChange> {
        let members = self.members();
        members.look(monotonic::now());
        lock(&members.state).changes.iter().cloned().collect()
    }

    /// Calls `listener` at each change from now on, quickly: the clock's thread waits for it. It must not
    /// ask this clock anything.
    pub fn on_change(&self, listener: impl FnMut(&ClockChange) + Send + 'static) {
        lock(&self.members().listeners).push(Box::new(listener));
    }

    fn members(&self) -> &Members {
        self.0.ticker.timeline()
    }
}

impl Members {
    /// The timelines of the clocks, or why there can be none.
    fn timelines(&self) -> &Result<Vec<Arc<dyn Timeline>>, String> {
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
    fn look(&self, now: Timestamp) {
        let Ok(timelines) = self.timelines() else {
            return;
        };
        let mut state = lock(&self.state);
        if state.looked.is_some_and(|looked| now < looked + LOOK_AGAIN) {
            return;
        }
        let first = state.looked.is_none();
        state.look(now, timelines, &self.clocks);
        let news = std::mem::take(&mut state.news);
        drop(state);
        if first {
            // Of the states at the start, only what drives is news.
            tracing::debug!(clocks = self.clocks.len(), "the clocks are looked at");
        }
        for change in &news {
            let clock = self.id.get().copied().unwrap_or_default();
            tracing::info!(%clock, frame_number = change.frame_number, "{change}");
            for listener in &mut *lock(&self.listeners) {
                listener(change);
            }
        }
    }
}

fn called(clock: &AnyClock) -> String {
    format!("{}, {}", clock.name(), clock.id())
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
            words.push(format!("{changes} changes"));
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

impl Clock for FailoverClock {
    fn id(&self) -> ClockId {
        self.0.ticker.id()
    }

    fn name(&self) -> &str {
        "failover"
    }

    /// The rate of the clocks; one that cannot be if they are of several.
    fn rate(&self) -> Rate {
        match self.members().timelines() {
            Ok(_) => lock(&self.members().state)
                .follow
                .as_ref()
                .map_or(Rate::fps(f32::NAN), Follow::rate),
            Err(_) => Rate::fps(f32::NAN),
        }
    }

    fn now(&self) -> Timestamp {
        self.members().look(monotonic::now());
        self.0.ticker.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        if let Err(error) = self.members().timelines() {
            return Err(Error::graph(format_args!("the failover clock: {error}")));
        }
        self.0.ticker.subscribe(subscribers)
    }

    fn status(&self) -> ClockStatus {
        self.0.ticker.status()
    }

    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        Some(Arc::clone(self.0.ticker.timeline()) as Arc<dyn Timeline>)
    }
}

impl fmt::Debug for FailoverClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FailoverClock {} of {:?}",
            self.id(),
            self.members().clocks
        )
    }
}
