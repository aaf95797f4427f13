//! Turns on one clock: of every four ticks each of the four ways has one, so that hardly ever two are on their way at a time.

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId as Time, Timespec};
use streamlib::clock::{Subscriber, Subscription};
use streamlib::prelude::{Clock, Error, Rate, Result, SoftwareClock, TimedTick, Timestamp};
use streamlib::time::ClockId;

use crate::figures::monotonic_ns;

/// How many take turns.
const WAYS: u64 = 4;

/// One of them, and a clock that has its ticks.
#[derive(Clone)]
pub struct Turn {
    house: SoftwareClock,
    rate: Rate,
    id: ClockId,
    which: u64,
}

impl Turn {
    /// The turn of number `which` of four on this clock.
    ///
    /// # Errors
    /// When the clock's rate has no fourth part.
    pub fn of(house: &SoftwareClock, which: u64) -> Result<Self> {
        let rate = house.rate();
        Ok(Self {
            house: house.clone(),
            rate: Rate::new(rate.numerator(), rate.denominator() * WAYS as u32)?,
            id: ClockId::new_unique(),
            which,
        })
    }

    /// Sleeps until its next tick is due, on the thread that asks.
    ///
    /// # Errors
    /// When the clock keeps no real time.
    pub fn sleep(&self) -> Result<()> {
        let no_time = || Error::other("the clock has no time");
        let timeline = self.house.timeline().ok_or_else(no_time)?;
        let now = Timestamp::from_nanos(monotonic_ns());
        let next = timeline.newest(now).map_or(0, |newest| newest + 1);
        let mut ours = (next..).filter(|&tick| whose(tick) == self.which);
        let due = ours.next().and_then(|tick| timeline.due(tick));
        let due = due.ok_or_else(no_time)?.as_nanos();
        let due = Timespec {
            tv_sec: (due / 1_000_000_000) as i64,
            tv_nsec: (due % 1_000_000_000) as i64,
        };
        // Err: a signal came, and one journey begins early.
        let _ = clock_nanosleep_absolute(Time::Monotonic, &due);
        Ok(())
    }
}

/// Who has this tick. Each goes after each of the others as often.
fn whose(tick: u64) -> u64 {
    let (round, turn) = (tick / WAYS, tick % WAYS);
    match round / WAYS % 2 {
        0 => (round + turn) % WAYS,
        _ => (round + WAYS - turn) % WAYS,
    }
}

impl Clock for Turn {
    fn id(&self) -> ClockId {
        self.id
    }

    fn name(&self) -> &str {
        "software, in turn"
    }

    fn rate(&self) -> Rate {
        self.rate
    }

    fn now(&self) -> Timestamp {
        self.house.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        let in_turn = |inner| {
            let (which, id) = (self.which, self.id);
            Box::new(InTurn { inner, which, id }) as Box<dyn Subscriber>
        };
        self.house
            .subscribe(subscribers.into_iter().map(in_turn).collect())
    }
}

/// A subscriber of the clock who hands on what is one's turn.
struct InTurn {
    inner: Box<dyn Subscriber>,
    which: u64,
    id: ClockId,
}

impl Subscriber for InTurn {
    fn tick(&mut self, tick: TimedTick) {
        if whose(tick.frame_number) == self.which {
            self.inner.tick(TimedTick {
                timestamp: tick.timestamp,
                frame_number: tick.frame_number / WAYS,
                clock_id: self.id,
            });
        }
    }
}
