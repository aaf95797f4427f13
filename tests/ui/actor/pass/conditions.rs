// Conditions and other attributes, on the struct, on its configuration and on what is derived.
#![deny(warnings)]
use streamlib::prelude::*;

/// There on every machine.
#[actor]
#[cfg_attr(all(), derive(Debug))]
#[allow(clippy::struct_excessive_bools)]
#[must_use]
pub struct Here {
    /// What comes in.
    #[input]
    pub video: Input<VideoFrame>,
    #[cfg(all())]
    on: bool,
    #[cfg(any())]
    off: NoSuchType,
    #[cfg(not(any()))]
    #[allow(unused)]
    also: u8,
    #[doc = "Written out."]
    #[cfg_attr(any(), no_such_attribute)]
    rate: Rate,
}

#[cfg(any())]
#[actor]
struct Gone {
    #[input]
    video: Input<NoSuchType>,
}

#[cfg(all())]
impl Actor for Here {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = (self.on, self.rate, self.video.latest().is_some());
        Ok(())
    }
}

pub fn main() {
    let here = Here::new(true, 2, Rate::fps(60));
    println!("{here:?}");
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> here };
}
