use streamlib::prelude::*;

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = pipeline! {
        clok house = SoftwareClock::fps(60);
        copy = Compositor::new(640, 360) @ house;
        bars >> copy >> Null::new();
    };
}
