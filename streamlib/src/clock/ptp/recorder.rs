//! What statime measures, handed on: its clock and its filter, which do nothing by themselves.

use std::sync::Arc;

use statime::Clock;
use statime::config::TimePropertiesDS;
use statime::filters::{Filter, FilterEstimate, FilterUpdate};
use statime::port::Measurement;
use statime::time::{Duration as Span, Time};

use super::estimate::{Direction, Exchange};
use super::follower::Follower;

/// Statime's times are positive; a correction may be taken from a time just after the start of the
/// machine. So local times are so much later there.
const LATER: i64 = 1 << 60;

/// Statime's clock: ours is read only, and steered by the servo.
pub(super) struct Local;

impl Clock for Local {
    type Error = std::convert::Infallible;

    fn now(&self) -> Time {
        to_time(super::local::now())
    }
    fn step_clock(&mut self, _: Span) -> Result<Time, Self::Error> {
        Ok(self.now())
    }
    fn set_frequency(&mut self, _: f64) -> Result<Time, Self::Error> {
        Ok(self.now())
    }
    fn set_properties(&mut self, _: &TimePropertiesDS) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Statime's filter: it hands every measurement to the servo.
pub(super) struct Recorder(Arc<Follower>);

impl Filter for Recorder {
    type Config = Arc<Follower>;

    fn new(follower: Arc<Follower>) -> Self {
        Self(follower)
    }

    fn measurement<C: Clock>(&mut self, measured: Measurement, _: &mut C) -> FilterUpdate {
        let found = match (measured.raw_sync_offset, measured.raw_delay_offset) {
            (Some(offset), _) => Some((Direction::FromMaster, offset)),
            (None, Some(offset)) => Some((Direction::ToMaster, offset)),
            (None, None) => None,
        };
        if let Some((direction, offset)) = found {
            let local: i64 = measured.event_time.nanos().saturating_to_num();
            let master: i64 = (measured.event_time - offset).nanos().saturating_to_num();
            self.0.take(Exchange {
                direction,
                local: local - LATER,
                master,
            });
        }
        FilterUpdate::default()
    }

    fn update<C: Clock>(&mut self, _: &mut C) -> FilterUpdate {
        FilterUpdate::default()
    }

    fn demobilize<C: Clock>(self, _: &mut C) {
        self.0.master_changed();
    }

    fn current_estimates(&self) -> FilterEstimate {
        FilterEstimate {
            offset_from_master: Span::ZERO,
            mean_delay: Span::ZERO,
        }
    }
}

pub(super) fn to_time(local: i64) -> Time {
    Time::from_nanos((local + LATER).unsigned_abs())
}
