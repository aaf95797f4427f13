//! A clock burned into colour bars, and read back from the picture at the end of the chain.

use streamlib::prelude::*;
use streamlib_graphics::{Stamp, clock};

/// Says once a second which frame it sees.
#[actor(dispatcher = inline)]
struct Read {
    #[input]
    video: Input<VideoFrame>,
}

impl Actor for Read {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest()
            && tick.frame_number.is_multiple_of(60)
        {
            match Stamp::read(&frame) {
                Some(stamp) => println!("frame {} of {}", stamp.frame_number, stamp.time),
                None => println!("no stamp in frame {}", tick.frame_number),
            }
        }
        Ok(())
    }
}

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);

        bars    = TestPattern::new(Pattern::SmpteHdBars).size(1280, 720) @ house;
        clock   = clock(1280, 720) @ house;
        mix     = Compositor::new(1280, 720);
        display = Display::new("A clock");

        bars  >> mix.layers;
        clock >> mix.layers;
        mix   >> [display, Read::new()];
    }?;
    show.run().await
}
