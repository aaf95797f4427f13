//! A crate that hands streamlib on under a name of its own, and has it under another.
#![deny(warnings)]
#![forbid(unsafe_code)]

pub use engine as live;

use engine::prelude::*;

/// Where a shot was taken from.
#[derive(Message, Clone, Debug, Default, PartialEq, Eq)]
#[streamlib(crate = engine)]
pub struct Shot {
    /// The camera's number.
    pub camera: u32,
}

/// Says for each picture where it was taken from.
#[actor(dispatcher = inline)]
#[streamlib(crate = engine)]
pub struct Label {
    /// The pictures.
    #[input]
    pub video: Input<VideoFrame>,
    /// What is said of them.
    #[output]
    pub shot: Output<Shot>,
    camera: u32,
}

impl Actor for Label {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.video.next().is_some() {
            let camera = self.camera;
            self.shot.send(Shot { camera }, tick);
        }
        Ok(())
    }
}
