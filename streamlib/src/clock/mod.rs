//! What ticks: the clock every actor is bound to, directly or through its upstream.
//!
//! A clock broadcasts [`TimedTick`](crate::time::TimedTick)s to [`Subscriber`]s. Every subscriber of a clock gets every tick;
//! what a busy subscriber does with one that comes too early (it merges it into the next) is its own
//! affair. Rates are rational and a tick's timestamp is worked out from its number, so nothing drifts.
//!
//! - [`SoftwareClock`] wakes on absolute deadlines of the operating system's monotonic clock.
//! - [`GenlockClock`] ticks in phase with pulses from outside.
//! - [`FailoverClock`] follows the best of several clocks that has its reference.
//! - [`VirtualClock`] ticks when it is told to, and waits on each tick until all that it set off is done.
//! - `ptp::PtpClock` follows IEEE 1588 masters on the network (feature `ptp`, Linux).
//!
//! A clock of real time is a [`Timeline`], which says when each tick is due, and a [`Ticker`], which
//! sleeps until then. To make one of your own, implement both; one that is ticked in some other way
//! implements [`Clock`] alone, and [`Broadcast`] keeps its subscribers for it.

mod any;
mod broadcast;
mod failover;
#[cfg(fuzzing)]
pub mod fuzzing;
mod genlock;
mod line;
mod lockstep;
pub(crate) mod monotonic;
mod pace;
pub(crate) mod precision;
#[cfg(all(feature = "ptp", target_os = "linux"))]
pub mod ptp;
mod software;
mod ticker;
mod timeline;
mod virtual_clock;

pub use any::AnyClock;
pub use broadcast::{Broadcast, Subscriber, Subscribers, Subscription};
pub use failover::{ClockChange, FailoverClock, IntoClocks};
#[cfg(target_os = "linux")]
pub use genlock::{CaptureFrames, Pps, VerticalBlank};
pub use genlock::{ClockPulses, GenlockClock, PulseSource};
pub use lockstep::Lockstep;
pub use precision::Precision;
pub use software::SoftwareClock;
pub use ticker::Ticker;
pub use timeline::{ClockState, ClockStatus, Timeline};
pub use virtual_clock::VirtualClock;

use std::sync::Arc;

use crate::Result;
use crate::time::{ClockId, Rate, Timestamp};

/// A source of ticks that any number of actors can share.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a clock",
    label = "this ticks nothing",
    note = "write `SoftwareClock::fps(60)`, or another type that implements `Clock`"
)]
pub trait Clock: Send + Sync + 'static {
    /// Tells this clock from every other one of the program.
    fn id(&self) -> ClockId;

    /// The kind of clock, for `status()` and `graph()`: `"software"`, `"virtual"`, `"ptp"`.
    fn name(&self) -> &str;

    /// Ticks a second, exact.
    fn rate(&self) -> Rate;

    /// The rate, if it is known without being waited for: a clock may have to find its own.
    fn known_rate(&self) -> Option<Rate> {
        Some(self.rate())
    }

    /// The time of this clock, in the same epoch as the timestamps of its ticks.
    fn now(&self) -> Timestamp;

    /// Adds subscribers, which all get the same ticks; none comes before [`Subscription::start`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if the clock's rate is not one that can be ticked at.
    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription>;

    /// Where a clock that waits for the work of each tick counts that work; `None` for a clock that
    /// keeps real time.
    fn lockstep(&self) -> Option<&Lockstep> {
        None
    }

    /// How good its time is, and what it follows.
    fn status(&self) -> ClockStatus {
        ClockStatus::default()
    }

    /// How its ticks lie on the operating system's monotonic clock; `None` for one whose ticks have no
    /// such places.
    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        None
    }

    /// A clock that follows the best of several that has its reference, as [`FailoverClock::prefer`] does:
    /// a tuple of them, or an array where all are of one type.
    ///
    /// ```
    /// use streamlib::clock::{ClockPulses, GenlockClock};
    /// use streamlib::prelude::*;
    ///
    /// let genlock = GenlockClock::new(ClockPulses::new(&SoftwareClock::fps(50))?).fps(50);
    /// let house = Clock::prefer((genlock, SoftwareClock::fps(50)));
    /// assert_eq!(house.rate(), Rate::fps(50));
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[must_use]
    fn prefer(clocks: impl IntoClocks<Follower = Self>) -> Self
    where
        Self: Sized + From<FailoverClock>,
    {
        FailoverClock::prefer(clocks).into()
    }
}
