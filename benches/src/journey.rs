//! Messages of 64 bytes that carry the time they left with, the actors that they pass, and their times
//! of travel.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use streamlib::prelude::*;

use crate::figures::{Figures, monotonic_ns};

/// 64 bytes: the nanosecond at which it left, its number, and nothing.
pub type Parcel = DataMessage<[u64; 8]>;

/// How long each parcel was on its way, by its number.
#[derive(Clone, Debug)]
pub struct Times(Arc<[AtomicU64]>);

impl Times {
    /// Room for the times of `count` parcels.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|_| AtomicU64::new(0)).collect())
    }

    /// Notes that the parcel `number`, which left at `left`, has arrived.
    pub fn arrived(&self, number: u64, left: u64) {
        if let Some(time) = self.0.get(number as usize) {
            // Relaxed: read when the threads that write it have been joined.
            time.store(
                monotonic_ns().saturating_sub(left).max(1),
                Ordering::Relaxed,
            );
        }
    }

    /// How many parcels there is room for.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Median and 99th percentile, in microseconds, and how many have not arrived, which are later than all others.
    #[must_use]
    pub fn p50_p99_and_lost(&self) -> [f64; 3] {
        // Relaxed: as in `figures`.
        let times = self.0.iter().map(|time| time.load(Ordering::Relaxed));
        Figures::p50_p99_and_lost(&times.collect::<Vec<_>>())
    }

    /// The quantiles of the times.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let times: Vec<u64> = self
            .0
            .iter()
            .map(|time| time.load(Ordering::Relaxed))
            .collect();
        Figures::quantiles(&times)
    }
}

/// Sends a parcel a tick, `count` of them, then ends.
#[actor]
pub struct Send {
    #[output]
    parcel: Output<Parcel>,
    count: u64,
    sent: u64,
}

impl Send {
    /// A sender of `count` parcels.
    #[must_use]
    pub fn parcels(count: u64) -> Self {
        Self::new(count, 0)
    }
}

impl Actor for Send {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.sent == self.count {
            return Err(Error::EndOfStream);
        }
        let number = self.sent;
        self.sent += 1;
        self.parcel.send(
            DataMessage::new([monotonic_ns(), number, 0, 0, 0, 0, 0, 0]),
            tick,
        );
        Ok(())
    }
}

/// Passes a parcel on.
#[actor(dispatcher = inline)]
pub struct Pass {
    #[input]
    parcel: Input<Parcel>,
    #[output]
    passed: Output<Parcel>,
}

impl Actor for Pass {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(parcel) = self.parcel.next() {
            self.passed.send(*parcel, tick);
        }
        Ok(())
    }
}

/// Notes when parcels arrive.
#[actor(dispatcher = inline)]
pub struct Arrive {
    #[input]
    parcel: Input<Parcel>,
    times: Times,
}

impl Actor for Arrive {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(parcel) = self.parcel.next() {
            self.times.arrived(parcel[1], parcel[0]);
        }
        Ok(())
    }
}
