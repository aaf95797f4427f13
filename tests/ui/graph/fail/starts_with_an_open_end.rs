use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    video >> Null::new();
}

fn main() {
    let _ = Branded::new().and_then(|graph| graph.start());
}
