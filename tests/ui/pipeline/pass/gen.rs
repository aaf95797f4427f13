use streamlib::prelude::*;

pub fn main() {
    let r#gen = TestPattern::new(Pattern::SmpteBars).fps(60);
    let display = Null::new();
    let _ = pipeline! { gen >> display };

    // A node of that name, a port by name.
    let _ = pipeline! {
        gen = TestPattern::new(Pattern::SmpteBars).fps(60);
        gen.video >> Null::new()
    };
}
