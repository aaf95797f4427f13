use streamlib::prelude::*;

#[actor]
fn first<T: Clone>(#[input] item: &T, kept: &mut u64) -> T {
    *kept += 1;
    item.clone()
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> first(0) >> Null::new() };
}
