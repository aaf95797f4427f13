// Ports have the names of modules and types that the actor's own types come from, and methods of the actor have those of
// its ports.
#![deny(warnings)]
#![allow(dead_code)]

use streamlib::prelude::*;

pub trait TapNames: streamlib::message::Message {}
impl TapNames for VideoFrame {}

mod frames {
    pub use streamlib::prelude::VideoFrame as Big;
    pub trait Kind: streamlib::message::Message {}
    impl Kind for Big {}
}

#[actor]
struct Tap<T: frames::Kind + TapNames> {
    #[input]
    frames: Input<frames::Big>,
    #[input(optional)]
    str: Inputs<T>,
    #[output]
    video: Output<frames::Big>,
    usize: String,
}

impl<T: frames::Kind + TapNames> Tap<T> {
    fn frames(&self) -> &str {
        &self.usize
    }

    fn video(&self) -> usize {
        self.frames().len()
    }
}

impl<T: frames::Kind + TapNames> Actor for Tap<T> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        assert_eq!(self.video(), 4);
        if let Some(frame) = self.frames.latest() {
            self.video.send(frame.clone(), tick);
        }
        Ok(())
    }
}

pub fn main() {
    #[actor]
    struct Last {
        #[input]
        video: Input<VideoFrame>,
    }

    impl Actor for Last {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            Ok(())
        }
    }

    let bars = TestPattern::new(Pattern::SmpteBars).size(16, 16);
    let graph = pipeline! {
        clock beat = VirtualClock::fps(25);
        bars = bars @ beat;
        tap = Tap::<VideoFrame>::new("four".to_owned());
        bars >> tap.frames;
        bars >> tap.str;
        tap.video >> Last::new();
    };
    assert!(graph.is_ok());
}
