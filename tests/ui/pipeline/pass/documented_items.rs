use streamlib::prelude::*;

pub fn main() {
    let _ = pipeline! {
        /// What all tick by.
        clock house = SoftwareClock::fps(60);
        /// What is shown.
        bars = TestPattern::new(Pattern::SmpteBars) @ house;
        /** To nobody. */
        bars >> Null::new();
    };
}
