//! A train of edges from outside: what a genlock clock follows.

use std::time::Duration;

use crate::Result;
use crate::time::Timestamp;

/// Gives the edges of a pulse train, each with the instant at which it came.
///
/// ```
/// use std::time::Duration;
/// use streamlib::clock::{GenlockClock, PulseSource};
/// use streamlib::prelude::*;
///
/// /// A card whose driver tells when its reference input had an edge.
/// struct Card { /* … */ }
///
/// impl PulseSource for Card {
///     fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
///         # std::thread::sleep(wait);
///         # return Ok(None);
///         # #[allow(unreachable_code)]
///         // … wait for the driver, and at most as long as asked …
///         Ok(Some(Timestamp::from_nanos(12_345)))
///     }
/// }
///
/// let house = GenlockClock::new(Card {}).fps(50);
/// assert_eq!(house.rate(), Rate::fps(50));
/// ```
pub trait PulseSource: Send + 'static {
    /// Waits for the next edge, about `wait` at most, and gives the instant at which it came on the
    /// operating system's monotonic clock (`CLOCK_MONOTONIC` on Linux); `None` if none has come. One that lies more than 20 ms
    /// ahead or a minute behind is refused.
    ///
    /// Give each edge as it comes: exact stamps that come late, ten at a time, are a train that stops and comes back.
    ///
    /// It is called on a thread of its own, again and again, while the clock is there.
    ///
    /// # Errors
    ///
    /// [`Error::EndOfStream`](crate::Error::EndOfStream) when there will be no more edges. After any
    /// other error, which is logged and stands in the clock's status, the source is asked again a second later. So is one that
    /// panics.
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>>;

    /// What it is, in words, for `status`: `PPS /dev/pps0`.
    fn describe(&self) -> String {
        "pulses".to_owned()
    }
}

impl PulseSource for Box<dyn PulseSource> {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        (**self).next(wait)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}
