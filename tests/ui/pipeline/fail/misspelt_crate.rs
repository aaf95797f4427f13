use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        #![streamlib(path = ::streamlib)]
        TestPattern::new(Pattern::SmpteBars).fps(60) >> Null::new()
    };
}
