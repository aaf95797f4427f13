//! A clock on the operating system's monotonic time.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::broadcast::{Broadcast, Subscriber, Subscribers, Subscription};
use super::{Clock, monotonic};
use crate::Result;
use crate::time::{ClockId, IntoRate, Rate, TimedTick, Timestamp};

/// The last part of a sleep, in which the subscribers can't be changed.
const FINAL_SLEEP: Duration = Duration::from_millis(10);

/// Ticks on absolute deadlines of the operating system's monotonic clock.
///
/// The deadline of tick n is the clock's start plus n periods, worked out from n: a late wake-up
/// delays one tick and none after it. When several deadlines have passed (the machine was asleep, the
/// process was stopped) the clock ticks once, with the number of the newest.
///
/// It runs on a thread of its own while it has subscribers. Its epoch is the epoch of the monotonic
/// clock; clones are the same clock.
///
/// ```
/// use streamlib::prelude::*;
///
/// let house = SoftwareClock::new(Rate::new(60_000, 1_001)?);
/// assert_eq!(house.rate().numerator(), 60_000);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone)]
pub struct SoftwareClock(Arc<Driver>);

struct Driver {
    id: ClockId,
    rate: Rate,
    broadcast: Broadcast,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// Here while no thread ticks them.
    resting: Option<Subscribers>,
    /// Whether the list was changed since the ticking thread last looked.
    changed: bool,
    /// Tick 0, from the first time that the clock ran.
    start: Option<Timestamp>,
}

impl SoftwareClock {
    /// A clock that ticks at `rate` while it has subscribers. An invalid rate is an error of the
    /// graph that uses the clock.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let (broadcast, subscribers) = Broadcast::new();
        let driver = Arc::new_cyclic(|weak: &std::sync::Weak<Driver>| {
            let weak = weak.clone();
            broadcast.on_change(move || {
                if let Some(driver) = weak.upgrade() {
                    driver.change();
                }
            });
            Driver {
                id: ClockId::new_unique(),
                rate,
                broadcast,
                state: Mutex::new(State {
                    resting: Some(subscribers),
                    changed: false,
                    start: None,
                }),
                changed: Condvar::new(),
            }
        });
        Self(driver)
    }

    /// A clock of `fps` ticks a second.
    #[must_use]
    pub fn fps(fps: impl IntoRate) -> Self {
        Self::new(Rate::fps(fps))
    }
}

impl Clock for SoftwareClock {
    fn id(&self) -> ClockId {
        self.0.id
    }

    fn name(&self) -> &str {
        "software"
    }

    fn rate(&self) -> Rate {
        self.0.rate
    }

    fn now(&self) -> Timestamp {
        monotonic::now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.0.rate.check()?;
        Ok(self.0.broadcast.subscribe(subscribers))
    }
}

impl fmt::Debug for SoftwareClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareClock {} at {}", self.0.id, self.0.rate)
    }
}

impl Driver {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list of subscribers has changed: wakes the ticking thread, or starts one.
    fn change(self: Arc<Self>) {
        let mut state = self.lock();
        state.changed = true;
        self.changed.notify_all();
        if let Some(mut subscribers) = state.resting.take() {
            if subscribers.refresh() == 0 {
                state.resting = Some(subscribers);
                return;
            }
            drop(state);
            let driver = Arc::clone(&self);
            let thread = std::thread::Builder::new().name(format!("clock {}", self.id));
            if let Err(error) = thread.spawn(move || driver.run(subscribers)) {
                // The subscribers went with the closure: to them the clock has ended.
                tracing::error!(%error, clock = %self.id, "the clock's thread can't be started");
            }
        }
    }

    fn run(self: Arc<Self>, mut subscribers: Subscribers) {
        monotonic::exact_timers();
        let start = *self.lock().start.get_or_insert_with(monotonic::now);
        let mut next = self
            .due(start)
            .map_or(0, |due| if due == 0 { 0 } else { due + 1 });
        loop {
            let deadline = start + self.rate.time_of(next);
            if !self.sleep_until(deadline) {
                // The list has changed: only now can the clock have lost its last subscriber.
                let mut state = self.lock();
                state.changed = false;
                if subscribers.refresh() == 0 {
                    state.resting = Some(subscribers);
                    return;
                }
                continue;
            }
            // Late ticks are merged into the newest one that is due, never replayed.
            next = self.due(start).unwrap_or(next).max(next);
            subscribers.tick(TimedTick {
                timestamp: start + self.rate.time_of(next),
                frame_number: next,
                clock_id: self.id,
            });
            next += 1;
        }
    }

    /// The newest tick whose deadline has passed.
    fn due(&self, start: Timestamp) -> Option<u64> {
        let now = monotonic::now();
        (now >= start).then(|| self.rate.frame_at(now - start))
    }

    /// False if the list of subscribers was changed before the last part of the sleep.
    fn sleep_until(&self, deadline: Timestamp) -> bool {
        let mut state = self.lock();
        loop {
            if state.changed {
                return false;
            }
            let left = deadline - monotonic::now();
            if left <= FINAL_SLEEP {
                break;
            }
            let wait = self.changed.wait_timeout(state, left - FINAL_SLEEP);
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        monotonic::sleep_until(deadline);
        true
    }
}
