use streamlib::prelude::*;

macro_rules! show {
    ($node:ident = $make:expr, $sink:expr) => {
        pipeline! {
            $node = $make;
            tail = Null::<VideoFrame>::new();
            $node >> [$sink, tail];
        }
    };
}

pub fn main() {
    let _ = show!(bars = TestPattern::new(Pattern::SmpteBars).fps(60), Null::new());
}
