//! A lower third over colour bars; its caption changes after five seconds.

use streamlib::prelude::*;
use streamlib_graphics::{Caption, lower_third};

#[streamlib::main]
async fn main() -> Result<()> {
    let caption = |name: &str, title: &str, since| Caption {
        name: name.to_owned(),
        title: title.to_owned(),
        since,
    };
    let title = lower_third(1280, 720, caption("Ada Lovelace", "Mathematician", 0));
    let control = title.control();
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);

        bars    = TestPattern::new(Pattern::SmpteHdBars).size(1280, 720) @ house;
        title   = title @ house;
        mix     = Compositor::new(1280, 720);
        display = Display::new("A lower third");

        bars  >> mix.layers;
        title >> mix.layers;
        mix   >> display;
    }?;
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(5));
        control.set_state(caption("Grace Hopper", "Rear admiral", 0));
    });
    show.run().await
}
