//! [`GenlockClock`]: frames in phase with a train of pulses from outside.
//!
//! A [`PulseSource`] gives the instants of edges. `search` finds a train in them, `track` follows it,
//! and `phase_lock` lays the frames along it; these three know no clock, no thread and no device.
//!
//! Sources on Linux: [`Pps`], [`CaptureFrames`] (V4L2), [`VerticalBlank`] (DRM); everywhere:
//! [`ClockPulses`]. Only the last has been run so far: no machine that this was written and tested on
//! has had a device of the other three kinds. Of them the layouts and the numbers of the kernel's calls,
//! and what is answered where there is no such device, have been checked.

#[cfg(target_os = "linux")]
mod blank;
#[cfg(target_os = "linux")]
mod capture;
mod clock;
#[cfg(target_os = "linux")]
mod device;
#[cfg(fuzzing)]
pub(super) mod fuzzing;
mod of_clock;
mod phase_lock;
#[cfg(target_os = "linux")]
mod pps;
mod rates;
mod ratio;
mod search;
mod source;
mod track;
mod train;

#[cfg(test)]
mod tests;

#[cfg(target_os = "linux")]
pub use blank::VerticalBlank;
#[cfg(target_os = "linux")]
pub use capture::CaptureFrames;
pub use clock::GenlockClock;
pub use of_clock::ClockPulses;
#[cfg(target_os = "linux")]
pub use pps::Pps;
pub use source::PulseSource;
