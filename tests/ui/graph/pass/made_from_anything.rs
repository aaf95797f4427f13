//! Graphs generic over what they are made from, and with names that the expansion has too.
use streamlib::prelude::*;

pipeline! {
    graph Bars<C: Clock>(house: C);
    out graph: VideoFrame;
    types = TestPattern::new(Pattern::SmpteBars).size(32, 18) @ house;
    types >> graph;
}

struct Graph;

impl Graph {
    fn sink() -> Null<VideoFrame> {
        Null::new()
    }
}

pub fn main() {
    let show = pipeline! {
        clock delay_0 = SoftwareClock::fps(25);
        graph = Bars::new(SoftwareClock::fps(25)).expect("bars");
        delay_1 = TestPattern::new(Pattern::Black) @ delay_0;
        graph >> delay(2) >> Graph::sink();
        delay_1 >> delay(1) >> edge_0;
        edge_0 = Null::new();
    };
    assert!(show.is_ok());
}
