use streamlib::prelude::*;

#[actor]
fn show(#[input] text: &str) {
    println!("{text}");
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
