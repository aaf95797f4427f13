//! [`GenlockClock`]: frames in phase with a train of pulses from outside.
//!
//! A [`PulseSource`] gives the instants of edges. `search` finds a train in them, `track` follows it,
//! and `phase_lock` lays the frames along it; these three know no clock, no thread and no device.
//!
//! Sources on Linux: [`Pps`], [`CaptureFrames`] (V4L2), [`VerticalBlank`] (DRM); everywhere:
//! [`ClockPulses`].

mod clock;
mod of_clock;
mod phase_lock;
mod rates;
mod search;
mod source;
mod track;

pub use clock::GenlockClock;
pub use of_clock::ClockPulses;
pub use source::PulseSource;
