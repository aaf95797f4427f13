//! All the macros in a crate that has nothing by name.
#![no_implicit_prelude]

use ::streamlib::actor::{Actor, Input, Output};
use ::streamlib::message::{Message, VideoFrame};
use ::streamlib::time::TimedTick;

#[derive(::streamlib::prelude::Message)]
struct Pose;

#[::streamlib::prelude::actor(dispatcher = inline, on_error = restart)]
struct Track<T: Message> {
    #[input(every = 4, slots = 8)]
    video: Input<VideoFrame>,
    #[input]
    again: Input<VideoFrame>,
    #[output]
    pose: Output<Pose>,
    #[output]
    other: Output<T>,
}

impl<T: Message> Actor for Track<T> {
    async fn process(&mut self, tick: TimedTick) -> ::streamlib::Result<()> {
        self.pose.send(Pose, tick);
        ::core::result::Result::Ok(())
    }
}

mod inner {
    use ::streamlib::actors::{Null, Pattern, TestPattern};
    use ::streamlib::prelude::{ActorExt, pipeline};

    pub fn build() -> ::streamlib::Result<::streamlib::prelude::Pipeline> {
        pipeline! {
            bars = TestPattern::new(Pattern::SmpteBars).fps(60);
            track = super::Track::<super::Pose>::new();
            bars >> [track.video, track.again];
            track.pose >> Null::new();
            track.other >> Null::new()
        }
    }
}

#[::streamlib::main]
async fn main() -> ::streamlib::Result<()> {
    ::core::mem::drop(inner::build()?);
    ::core::result::Result::Ok(())
}
