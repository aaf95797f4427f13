//! How loud two channels are, over colour bars.

use streamlib::prelude::*;
use streamlib_graphics::{Measure, Sweep, level_meter};

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        clock house = SoftwareClock::fps(50);

        bars    = TestPattern::new(Pattern::SmpteHdBars).size(1280, 720) @ house;
        sound   = Sweep::new() @ house;
        meter   = level_meter(1280, 720);
        mix     = Compositor::new(1280, 720);
        display = Display::new("A level meter");

        sound >> Measure::new() >> meter.state;
        bars  >> mix.layers;
        meter >> mix.layers;
        mix   >> display;
    }?;
    show.run().await
}
