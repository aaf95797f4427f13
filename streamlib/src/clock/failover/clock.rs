//! The clock that follows the best of several.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::change::ClockChange;
use super::choice::Patience;
use super::clocks::IntoClocks;
use super::members::Members;
use crate::clock::{
    Clock, ClockStatus, Precision, Subscriber, Subscription, Ticker, Timeline, monotonic,
};
use crate::time::{ClockId, Rate, Timestamp};
use crate::{Error, Result};

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
/// [`settle`](Self::settle) (3 s) without a break. Where none is good, the last one drives on. A reference that comes and
/// goes is lost from when it first went until it has been there for `settle`.
///
/// Whatever happens, the ticks are one train: numbers go on and are neither repeated nor left out, and
/// the ticks approach the phase of another clock by no more than 500 millionths of a period a tick (half a millisecond
/// a second: half a frame of 60 fps in 17 s).
///
/// The numbers and the epoch of the timestamps are those of the clock that drives first, and stay so. Which that is, is no race:
/// better clocks that are still acquiring are waited for as long as each of them says that it needs
/// ([`Timeline::locks_within`]; about 2 s of most, 5 s of a PTP clock of SMPTE ST 2059-2 that hears a master),
/// or for [`start_within`](Self::start_within). A better one that is not there in time is told by a warning of `tracing`,
/// and whose the numbers are, by `status`, where it is not the one that drives.
///
/// A clock that has not found its rate yet (a [`GenlockClock`](crate::clock::GenlockClock) without pulses whose rate was not said)
/// keeps none of the others from ticking. If it finds another rate, it is never followed.
///
/// Each change is an entry of [`changes`](Self::changes), a call of [`on_change`](Self::on_change), a
/// `tracing` line and a word in `status`. Clones are the same clock.
#[derive(Clone)]
pub struct FailoverClock(Arc<Inner>);

struct Inner {
    ticker: Ticker<Members>,
}

impl FailoverClock {
    /// A clock that follows the first of `clocks` that is good. All must be of one rate, and keep real
    /// time: else it is an error of the graph that uses the clock.
    #[must_use]
    pub fn prefer(clocks: impl IntoClocks) -> Self {
        // The clocks know the rate, some time.
        let ticker = Ticker::new(Rate::fps(1), Members::new(clocks.into_clocks()));
        ticker.timeline().set_id(ticker.id());
        Self(Arc::new(Inner { ticker }))
    }

    /// A clock that has lost its reference drives on for so long, if another one is good; and no longer than until it says itself
    /// that its time is lost, which a genlock clock does after a minute and a PTP clock after
    /// its own `holdover`.
    #[must_use]
    pub fn holdover(self, holdover: Duration) -> Self {
        self.patience(|patience| patience.holdover = holdover)
    }

    /// A better clock must be good for so long before it drives again.
    #[must_use]
    pub fn settle(self, settle: Duration) -> Self {
        self.patience(|patience| patience.settle = settle)
    }

    /// At the start, better clocks that are still acquiring are waited for so long; if it isn't said, as long as each of
    /// them needs. The numbers, the epoch and the phase of the clock that drives first are taken over as they are; the phase of later
    /// ones is approached.
    #[must_use]
    pub fn start_within(self, start: Duration) -> Self {
        self.patience(|patience| patience.start = Some(start))
    }

    /// Ticks as exactly as `precision` says: also its clones, from the next graph on that starts while none runs on it.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        // A clone is the same ticker.
        let _ = self.0.ticker.clone().precision(precision);
        self
    }

    /// The changes so far, the newest last; at most 256 of them.
    #[must_use]
    pub fn changes(&self) -> Vec<ClockChange> {
        self.members().changes(monotonic::now())
    }

    /// Calls `listener` at each change from now on, in their order. It may ask this clock whatever it likes, and should
    /// be quick: the thread that calls it is the clock's, or one that has just asked for its time or its status. One
    /// that panics is not called again.
    pub fn on_change(&self, listener: impl FnMut(&ClockChange) + Send + 'static) {
        self.members().listen(Box::new(listener));
    }

    fn patience(self, change: impl FnOnce(&mut Patience)) -> Self {
        self.members().change_patience(change);
        self
    }

    fn members(&self) -> &Members {
        self.0.ticker.timeline()
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
        self.members().rate().unwrap_or(Rate::fps(f32::NAN))
    }

    fn now(&self) -> Timestamp {
        self.members().look(monotonic::now());
        self.0.ticker.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        if let Err(error) = self.members().timelines() {
            return Err(Error::graph(format_args!("the failover clock: {error}")));
        }
        self.0.ticker.subscribe_at(self.rate(), subscribers)
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
        write!(f, "FailoverClock {} of {:?}", self.id(), self.members())
    }
}
