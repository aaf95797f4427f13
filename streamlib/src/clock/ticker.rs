//! The thread, the sleeping and the broadcast of a clock, over any timeline.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::broadcast::{Broadcast, Subscriber, Subscribers, Subscription};
use super::pace::Pace;
use super::precision::{AtomicPrecision, Awake, Granted, Role, WakeUps};
use super::{ClockStatus, Precision, Timeline, monotonic};
use crate::Result;
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

/// The last part of a sleep, in which the subscribers can't be changed.
const FINAL_SLEEP: Duration = Duration::from_millis(10);
/// How long it sleeps at most before it asks the timeline again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How often it asks a timeline that has no time yet.
const NO_TIME: Duration = Duration::from_millis(10);

/// How often a clock that is ahead of everything else looks at how much of its core it takes; half of it is
/// too much.
const LOOK_AT_LOAD: Duration = Duration::from_secs(1);

/// Ticks when a [`Timeline`] says so, on a thread of its own while it has subscribers: what the clocks
/// of real time are made of.
///
/// It asks the timeline when the next tick is due, sleeps, and asks again before the last part of the
/// sleep. Ticks that have passed meanwhile (the machine was asleep, the process was stopped) are merged
/// into the newest. A frame number never comes twice and never goes back, whatever the timeline does; one
/// that steps by more than a second is followed in its beat, while the numbers, and the timestamps
/// that are worked out from them, go on as if it had not.
///
/// Clones are the same ticker.
pub struct Ticker<T: Timeline>(Arc<Driver<T>>);

struct Driver<T> {
    id: ClockId,
    rate: Rate,
    /// Nanoseconds from one tick to the next, of a timeline that has found its rate later.
    found: AtomicU64,
    timeline: Arc<T>,
    precision: AtomicPrecision,
    broadcast: Broadcast,
    state: Mutex<State>,
    /// Whether the ticking thread has something to look at: the list, or the timeline. Raised with the
    /// state locked, so that the thread can't fall asleep over it.
    changed: AtomicBool,
    wake: Condvar,
}

struct State {
    /// Here while no thread ticks them.
    resting: Option<Resting>,
    /// How often the timeline has stepped.
    steps: u64,
    /// What the ticking thread was given, and how it wakes up.
    granted: Option<Granted>,
    wakeups: Option<WakeUps>,
}

struct Resting {
    subscribers: Subscribers,
    pace: Pace,
}

impl<T: Timeline> Ticker<T> {
    /// A ticker of `rate`, the rate of the timeline's numbers. An invalid rate is an error of
    /// [`subscribe`](Self::subscribe).
    #[must_use]
    pub fn new(rate: Rate, timeline: impl Into<Arc<T>>) -> Self {
        let (broadcast, subscribers) = Broadcast::new();
        Self(Arc::new_cyclic(|weak: &Weak<Driver<T>>| {
            let weak = weak.clone();
            broadcast.on_change(move || {
                if let Some(driver) = weak.upgrade() {
                    driver.change();
                }
            });
            Driver {
                id: ClockId::new_unique(),
                rate,
                found: AtomicU64::new(0),
                timeline: timeline.into(),
                precision: AtomicPrecision::new(Precision::default()),
                broadcast,
                state: Mutex::new(State {
                    resting: Some(Resting {
                        subscribers,
                        pace: Pace::default(),
                    }),
                    steps: 0,
                    granted: None,
                    wakeups: None,
                }),
                changed: AtomicBool::new(false),
                wake: Condvar::new(),
            }
        }))
    }

    /// Ticks as exactly as `precision` says, from the next time on that its thread is started.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        self.0.precision.set(precision);
        self
    }

    /// The id of the clock that this is the ticker of.
    #[must_use]
    pub fn id(&self) -> ClockId {
        self.0.id
    }

    /// Ticks a second.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.0.rate
    }

    /// How exactly it ticks, for who works for it.
    pub(super) fn asked(&self) -> Precision {
        self.0.precision.get()
    }

    /// What it asks when to tick.
    #[must_use]
    pub fn timeline(&self) -> &Arc<T> {
        &self.0.timeline
    }

    /// The timeline's time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.timeline.time(monotonic::now())
    }

    /// The timeline's status, and what the ticker has to add to it.
    #[must_use]
    pub fn status(&self) -> ClockStatus {
        let mut status = self.0.timeline.status();
        let state = self.0.lock();
        if let Some(granted) = &state.granted {
            add(&mut status.detail, granted);
        }
        if let Some(wakeups) = &state.wakeups {
            add(&mut status.detail, wakeups);
        }
        if state.steps > 0 {
            let times = if state.steps == 1 { "time" } else { "times" };
            let steps = format_args!("its time has stepped {} {times}", state.steps);
            add(&mut status.detail, steps);
        }
        status
    }

    /// Adds subscribers, as [`Clock::subscribe`](super::Clock::subscribe) does.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if the rate is not one that can be ticked at.
    pub fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.0.rate.check()?;
        Ok(self.0.broadcast.subscribe(subscribers))
    }

    /// The same, of a clock that has found its rate only after the ticker was made.
    pub(super) fn subscribe_at(
        &self,
        rate: Rate,
        subscribers: Vec<Box<dyn Subscriber>>,
    ) -> Result<Subscription> {
        let period = rate.check()?.period().as_nanos();
        let period = u64::try_from(period).unwrap_or(u64::MAX);
        // Relaxed: one word, read on its own.
        self.0.found.store(period, Ordering::Relaxed);
        Ok(self.0.broadcast.subscribe(subscribers))
    }

    /// The timeline has changed by more than a slew (it has time now): it is asked again at once.
    pub fn look_again(&self) {
        self.0.raise(&self.0.lock());
    }
}

impl<T: Timeline> Clone for Ticker<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

fn add(detail: &mut String, more: impl std::fmt::Display) {
    let joint = if detail.is_empty() { "" } else { "; " };
    *detail = format!("{detail}{joint}{more}");
}

impl<T: Timeline> Driver<T> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn raise(&self, _locked: &MutexGuard<'_, State>) {
        // Release: pairs with the Acquire loads in `run`.
        self.changed.store(true, Ordering::Release);
        self.wake.notify_all();
    }

    /// The list of subscribers has changed: wakes the ticking thread, or starts one.
    fn change(self: Arc<Self>) {
        let mut state = self.lock();
        self.raise(&state);
        if let Some(mut resting) = state.resting.take() {
            if resting.subscribers.refresh() == 0 {
                state.resting = Some(resting);
                return;
            }
            drop(state);
            let driver = Arc::clone(&self);
            let thread = std::thread::Builder::new().name(format!("clock {}", self.id.as_u32()));
            if let Err(error) = thread.spawn(move || driver.run(resting)) {
                // The subscribers went with the closure: to them the clock has ended.
                tracing::error!(%error, clock = %self.id, "the clock's thread can't be started");
            }
        }
    }

    fn run(self: Arc<Self>, mut resting: Resting) {
        let (mut wakeups, mut awake) = self.prepare();
        let timeline = &*self.timeline;
        let (mut looked, mut worked) = (monotonic::now(), monotonic::worked());
        resting.pace.skip(timeline, looked);
        let mut may_hold_up = self.precision.get() == Precision::Realtime;
        loop {
            // Acquire: pairs with the Release store in `raise`.
            if self.changed.swap(false, Ordering::Acquire) && resting.subscribers.refresh() == 0 {
                // Only a change of the list can have taken the last subscriber.
                let mut state = self.lock();
                if !self.changed.load(Ordering::Acquire) {
                    state.resting = Some(resting);
                    return;
                }
                continue;
            }
            let now = monotonic::now();
            match resting.pace.due(timeline, now) {
                None => self.wait(NO_TIME),
                Some(due) if due > now + FINAL_SLEEP => {
                    self.wait((due - now - FINAL_SLEEP).min(LOOK_AGAIN));
                }
                Some(due) => {
                    if may_hold_up && now > looked + LOOK_AT_LOAD {
                        let before = std::mem::replace(&mut worked, monotonic::worked());
                        if worked.saturating_sub(before) * 2 > now - looked {
                            may_hold_up = false;
                            drop(awake.take());
                            self.lock().granted = Some(Granted::give_back());
                        }
                        looked = now;
                    }
                    wakeups.sleep_until(due);
                    self.tick(&mut resting, &mut wakeups);
                }
            }
        }
    }

    /// Asks for what the precision needs; what is held for it goes with the thread.
    fn prepare(&self) -> (WakeUps, Option<Awake>) {
        let precision = self.precision.get();
        let mut granted = Granted::ask(precision, Role::Clock);
        let awake = granted.keep_cores_awake();
        if let Some(lacks) = granted.lacks() {
            tracing::warn!(clock = %self.id, "not granted to the clock's thread: {lacks}");
        }
        self.lock().granted = Some(granted);
        (WakeUps::new(precision, self.period()), awake)
    }

    /// From one tick to the next.
    fn period(&self) -> Duration {
        // Relaxed: as in `subscribe_at`.
        match self.found.load(Ordering::Relaxed) {
            0 => self.rate.period(),
            nanos => Duration::from_nanos(nanos),
        }
    }

    fn tick(&self, Resting { subscribers, pace }: &mut Resting, wakeups: &mut WakeUps) {
        let timeline = &*self.timeline;
        let now = monotonic::now();
        // Again: it may have moved during the last part of the sleep.
        let Some(due) = pace.due(timeline, now).filter(|&due| due <= now) else {
            return;
        };
        let frame_number = pace.tick(timeline, now);
        subscribers.tick(TimedTick {
            timestamp: timeline.timestamp(frame_number),
            frame_number,
            clock_id: self.id,
        });
        wakeups.ticked(due, now);
        // Whoever is reading it is not waited for; the next tick tells as much.
        if let Ok(mut state) = self.state.try_lock() {
            state.wakeups = Some(*wakeups);
            let before = std::mem::replace(&mut state.steps, pace.steps());
            drop(state);
            if pace.steps() > before {
                tracing::warn!(clock = %self.id, "the clock's time has stepped; its frame numbers have not");
            }
        }
    }

    /// Waits until something has changed, `most` at most.
    fn wait(&self, most: Duration) {
        let state = self.lock();
        // Acquire: as above.
        if !self.changed.load(Ordering::Acquire) {
            // Whether it was woken or not, it looks at everything again.
            drop(self.wake.wait_timeout(state, most));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks at no time.
    struct Never;

    impl Timeline for Never {
        fn newest(&self, _: Timestamp) -> Option<u64> {
            None
        }
        fn due(&self, _: u64) -> Option<Timestamp> {
            None
        }
        fn timestamp(&self, _: u64) -> Timestamp {
            Timestamp::ZERO
        }
        fn time(&self, monotonic: Timestamp) -> Timestamp {
            monotonic
        }
        fn status(&self) -> ClockStatus {
            ClockStatus::default()
        }
    }

    #[test]
    fn a_rate_that_was_found_later_is_the_one_that_is_woken_for() -> Result<()> {
        let ticker = Ticker::new(Rate::fps(1), Never);
        assert_eq!(ticker.0.period(), Duration::from_secs(1));
        let subscription = ticker.subscribe_at(Rate::fps(1_000), Vec::new())?;
        assert_eq!(ticker.0.period(), Duration::from_millis(1));
        assert!(ticker.subscribe_at(Rate::fps(0), Vec::new()).is_err());
        drop(subscription);
        Ok(())
    }
}
