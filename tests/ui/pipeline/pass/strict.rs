//! A crate that forbids what it can.
#![deny(warnings, missing_docs, unused, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]

/// A user's own.
pub mod studio {
    use ::streamlib::prelude::{Actor, Input, Output, TimedTick, VideoFrame, actor};

    /// Turns pictures around.
    #[actor]
    pub struct Invert {
        /// What is turned.
        #[input]
        pub video: Input<VideoFrame>,
        /// What is made of it.
        #[output]
        pub inverted: Output<VideoFrame>,
        /// White.
        pub white: u8,
    }

    impl Actor for Invert {
        async fn process(&mut self, _tick: TimedTick) -> ::streamlib::Result<()> {
            ::core::result::Result::Ok(())
        }
    }
}

fn main() {
    use ::streamlib::prelude::{ActorExt, Null, Pattern, TestPattern, pipeline};

    let show = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> studio::Invert::new(255) >> Null::new();
    };
    ::core::mem::drop(show);
}
