//! Graphs made of parts, in a crate that forbids what it can.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

/// The parts.
pub mod parts {
    use streamlib::prelude::{Compositor, DataMessage, Message, Null, VideoFrame, pipeline};

    pipeline! {
        /// The picture in a frame.
        pub graph Framed(width: u32, _height: u32);
        /// What comes in.
        in video: VideoFrame;
        /// What goes out.
        out program: VideoFrame;

        mix = Compositor::new(width, 180) on threads;
        video >> mix >> [program, Null::new()];
    }

    pipeline! {
        /// Takes what it is given.
        pub(crate) graph Take<T: Message, const N: usize>([first, _]: [u8; 2],) where T: Clone;
        /// Anything.
        in any: T;
        /// A number.
        in r#gen: DataMessage<[u8; N]>;
        any >> Null::new();
        gen >> Null::new();
        clock spare = streamlib::clock::SoftwareClock::fps(u32::from(first));
        black = streamlib::actors::TestPattern::new(streamlib::actors::Pattern::Black) @ spare;
        black >> Null::new();
    }
}

use streamlib::prelude::*;

pipeline! {
    graph Whole(text: &str, clock: &VirtualClock);
    clock house = clock.clone();
    graph = TestPattern::new(Pattern::SmpteBars) @ house;
    framed = parts::Framed::new(320, text.len().try_into().map_err(Error::other)?)?;
    take = parts::Take::<VideoFrame, 3>::new([25, 1])?;
    graph >> framed >> take.any;
    bytes = Bytes::new() @ house;
    bytes >> take.gen;
    bytes >> delay(text.len()) >> Null::new();
}

#[actor]
struct Bytes {
    #[output]
    bytes: Output<DataMessage<[u8; 3]>>,
}

impl Actor for Bytes {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.bytes.send(DataMessage::new([0; 3]), tick);
        Ok(())
    }
}

fn main() {
    assert!(Whole::graph().to_mermaid().contains("subgraph g0[\"framed\"]"));
    let show = Whole::new("north", &VirtualClock::new(Rate::fps(60))).and_then(Whole::start);
    assert!(show.is_ok());
    // In the body of a function too, and with nothing from outside.
    pipeline! {
        graph Small();
        black = TestPattern::new(Pattern::Black).fps(50);
        black >> Null::new();
    }
    assert_eq!(Small::graph().nodes.len(), 2);
}
