use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock left  = SoftwareClock::fps(50);
        clock right = SoftwareClock::fps(60);
        bars  = TestPattern::new(Pattern::SmpteBars) @ left;
        ramp  = TestPattern::new(Pattern::Gradient) @ right;
        white = TestPattern::new(Pattern::White) @ right;
        mix   = Compositor::new(640, 360);
        over  = Compositor::new(640, 360);
        bars  >> mix.layers;
        ramp  >> mix.layers;
        mix   >> over.layers;
        white >> over.layers;
        over  >> Null::new();
    };
}
