use streamlib::prelude::*;

pipeline! {
    graph Branded(width: u32);
    in video: VideoFrame;
    out program: VideoFrame;
    mix = Compositor::new(width, 180);
    video >> mix.layers;
    mix >> program;
}

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = (|| -> Result<Pipeline> {
        pipeline! {
            left = Branded::new(320)? on threads;
            bars >> left;
            left >> Null::new();
        }
    })();
    
}
