use streamlib::prelude::*;

pipeline! {
    graph Branded();
    out program: VideoFrame;
    bars = TestPattern::new(Pattern::Black).fps(60);
    ramp = TestPattern::new(Pattern::Gradient).fps(60);
    bars >> program;
    ramp >> program;
}

fn main() {}
