use streamlib::prelude::*;

#[actor]
fn show(#[input] text: Option<&DataMessage<std::borrow::Cow<'_, str>>>) {
    println!("{text:?}");
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
