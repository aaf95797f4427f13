//! The ticks of a PTP clock: frame n is n periods after the SMPTE epoch (SMPTE ST 2059-1).

use std::sync::Arc;
use std::time::Duration;

use super::follower::Follower;
use super::local;
use super::smpte::{nanos, timestamp};
use crate::clock::{ClockState, ClockStatus, Timeline};
use crate::time::{Rate, Timestamp};

/// Frame boundaries counted from 1970-01-01T00:00:00 TAI, on the disciplined clock.
#[derive(Debug)]
pub(super) struct PtpTimeline {
    pub rate: Rate,
    pub follower: Arc<Follower>,
    /// How long the first lock takes at most: while nobody is heard, and when a master is.
    pub locks_within: [Duration; 2],
}

impl Timeline for PtpTimeline {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        self.follower.with_servo(|servo| {
            let time = servo.overlay()?.time(nanos(monotonic));
            let since_epoch = timestamp(time).since_epoch();
            (time >= 0).then(|| self.rate.frame_at(since_epoch))
        })
    }

    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        let time = nanos(self.timestamp(frame_number));
        self.follower
            .with_servo(|servo| Some(timestamp(servo.overlay()?.local(time))))
    }

    fn timestamp(&self, frame_number: u64) -> Timestamp {
        Timestamp::ZERO + self.rate.time_of(frame_number)
    }

    fn time(&self, monotonic: Timestamp) -> Timestamp {
        self.follower.with_servo(|servo| {
            servo.overlay().map_or(Timestamp::ZERO, |overlay| {
                timestamp(overlay.time(nanos(monotonic)))
            })
        })
    }

    fn locks_within(&self) -> Duration {
        let [unheard, heard] = self.locks_within;
        if self.follower.facts().following {
            heard
        } else {
            unheard
        }
    }

    fn status(&self) -> ClockStatus {
        self.follower.status().summary()
    }

    fn state(&self) -> ClockState {
        self.follower.with_servo(|servo| servo.state(local::now()))
    }
}
