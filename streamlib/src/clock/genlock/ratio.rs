//! How pulses and frames go together: one each, several of the ones to one of the others.

use std::time::Duration;

use crate::time::Rate;

/// How pulses and frames go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pulses {
    /// So many pulses make a frame.
    PerFrame(u32),
    /// The period of the pulses; the frames have their own.
    Every(Duration),
}

/// The rate of pulses that come every `period`, if that can be.
pub(super) fn every(period: Duration) -> Option<Rate> {
    let nanos = u64::try_from(period.as_nanos()).ok()?;
    let rate =
        fraction(1_000_000_000, nanos).unwrap_or_else(|| Rate::fps(1.0 / period.as_secs_f64()));
    rate.check().ok()
}

/// The rates, when they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rates {
    pub(super) pulses: Rate,
    pub(super) frames: Rate,
    /// Frames a pulse, as a fraction in lowest terms.
    pub(super) ratio: (u64, u64),
}

impl Rates {
    pub(super) fn new(pulses: Rate, frames: Rate) -> Option<Self> {
        let frames_a_pulse = (
            u64::from(frames.numerator()) * u64::from(pulses.denominator()),
            u64::from(frames.denominator()) * u64::from(pulses.numerator()),
        );
        let (mut a, mut b) = frames_a_pulse;
        while b != 0 {
            (a, b) = (b, a % b);
        }
        (frames_a_pulse.0 > 0 && frames_a_pulse.1 > 0).then(|| Self {
            pulses,
            frames,
            ratio: (frames_a_pulse.0 / a, frames_a_pulse.1 / a),
        })
    }

    pub(super) fn frames_a_pulse(&self) -> f64 {
        self.ratio.0 as f64 / self.ratio.1 as f64
    }
}

/// `rate` · `num` / `den`.
pub(super) fn times(rate: Rate, num: u32, den: u32) -> Option<Rate> {
    let (num, den) = (
        u64::from(rate.numerator()) * u64::from(num),
        u64::from(rate.denominator()) * u64::from(den),
    );
    fraction(num, den)
}

/// A rate whose terms may be too great before they are reduced.
pub(super) fn fraction(num: u64, den: u64) -> Option<Rate> {
    let (mut a, mut b) = (num, den);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 {
        return None;
    }
    Rate::new(u32::try_from(num / a).ok()?, u32::try_from(den / a).ok()?).ok()
}
