use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::Black).fps(3);
        mix = Compositor::new(64, 36);
        bars >> [mix., Null::new()];
        mix >> Null::new();
    };
}
