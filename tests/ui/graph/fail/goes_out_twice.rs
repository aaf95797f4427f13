use streamlib::prelude::*;

pipeline! {
    graph Branded();
    out program: VideoFrame;
    out preview: VideoFrame;
    bars = TestPattern::new(Pattern::Black).fps(60);
    bars >> [program, preview];
}

fn main() {}
