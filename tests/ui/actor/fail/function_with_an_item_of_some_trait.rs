use streamlib::prelude::*;

#[actor]
fn show(#[input] what: &dyn std::fmt::Debug) {
    println!("{what:?}");
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
