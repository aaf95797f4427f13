use streamlib::prelude::*;

pipeline! {
    graph Bars(house: impl Clock);
    bars = TestPattern::new(Pattern::SmpteBars) @ house;
    bars >> Null::new();
}

fn main() {}
