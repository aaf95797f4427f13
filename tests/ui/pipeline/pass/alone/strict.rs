//! A crate that forbids what it can, and that uses the names of an expansion for other things.
#![deny(warnings, missing_docs, unused, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

/// A user's own.
pub mod studio {
    use streamlib::prelude::{Actor, Input, Output, TimedTick, VideoFrame, actor};

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
        async fn process(&mut self, _tick: TimedTick) -> streamlib::Result<()> {
            Ok(())
        }
    }
}

/// Without so much as `Ok` by name.
pub mod bare {
    #![no_implicit_prelude]

    use ::streamlib::message::Message;
    use ::streamlib::prelude::{
        Actor, ActorExt, Input, Null, Output, Pattern, TestPattern, TimedTick, VideoFrame, actor,
        pipeline,
    };

    use super::studio;

    /// What other libraries call so.
    pub struct Result;

    /// A message.
    #[derive(Message)]
    pub struct Pose;

    /// Two inputs and two outputs.
    #[actor(dispatcher = inline)]
    pub struct Wipe {
        /// One.
        #[input]
        pub from: Input<VideoFrame>,
        /// The other.
        #[input(optional)]
        pub to: Input<VideoFrame>,
        /// What is seen.
        #[output]
        pub seen: Output<VideoFrame>,
        /// What is not.
        #[output]
        pub hidden: Output<VideoFrame>,
    }

    impl Actor for Wipe {
        async fn process(&mut self, _tick: TimedTick) -> ::streamlib::Result<()> {
            ::core::result::Result::Ok(())
        }
    }

    /// Builds it.
    #[must_use]
    pub fn show() -> bool {
        let show = pipeline! {
            bars = TestPattern::new(Pattern::SmpteBars).fps(60);
            wipe = Wipe::new();
            bars >> studio::Invert::new(255) >> wipe.from;
            wipe.seen >> Null::new();
        };
        ::core::result::Result::is_ok(&show)
    }
}

fn main() {
    let _ = (bare::show, bare::Result, bare::Pose);
}
