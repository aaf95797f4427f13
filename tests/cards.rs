//! The card that tests run on, the simulated one unless `STREAMLIB_GPU` asks for a real one, and the actors around it.

use streamlib::gpu::Device;
use streamlib::prelude::*;

use crate::Log;

/// Asks for a real card: its number, or `cuda`.
const VARIABLE: &str = "STREAMLIB_GPU";

/// The real card that was asked for, if any was.
#[must_use]
pub fn asked_for() -> Option<String> {
    let asked = std::env::var(VARIABLE).ok()?;
    (!matches!(asked.trim(), "" | "simulated")).then_some(asked)
}

/// A card to run on: the simulated one, in the order that `seed` makes; or a real one, where one was asked for.
///
/// # Errors
/// When a real one was asked for and there is none: such a test has not run, and so has not passed.
pub fn card(seed: u64) -> Result<Device> {
    match asked_for() {
        Some(asked) => Device::named(&asked),
        None => Device::simulated(seed),
    }
}

/// Keeps what it gets.
#[actor]
pub struct Keep {
    /// Pictures.
    #[input]
    pub video: Input<VideoFrame>,
    pictures: Log<VideoFrame>,
}

impl Actor for Keep {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            self.pictures.push(frame.clone());
        }
        Ok(())
    }
}

/// The farthest that two bytes of two pictures are apart.
///
/// # Panics
/// When they are not of one size and format.
#[must_use]
pub fn apart(one: &VideoFrame, other: &VideoFrame) -> u8 {
    assert_eq!(one.format(), other.format());
    assert_eq!(one.dimensions(), other.dimensions());
    let rows = |frame: &VideoFrame| -> Vec<u8> {
        frame
            .planes()
            .flat_map(|plane| plane.rows().flatten().copied().collect::<Vec<_>>())
            .collect()
    };
    let pairs = rows(one).into_iter().zip(rows(other));
    pairs
        .map(|(one, other)| one.abs_diff(other))
        .max()
        .unwrap_or(0)
}
