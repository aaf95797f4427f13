use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        #[cfg(target_os = "linux")]
        bars >> Null::<VideoFrame>::new();
        bars >> Null::new();
    };
}
