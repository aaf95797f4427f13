use streamlib::prelude::*;

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let screens = [0, 1];
    drop(screens);
    let _ = pipeline! {
        bars >> show;
        show = Null::new();
        for screen in screens {
            show >> screen;
        }
    };
}
