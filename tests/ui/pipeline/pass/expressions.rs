// `?`, `.await` and borrows work in expressions as they do outside.
use std::sync::Mutex;

use streamlib::prelude::*;

async fn made() -> Result<TestPattern> {
    Ok(TestPattern::new(Pattern::SmpteBars))
}

async fn build(rates: &Mutex<Vec<u32>>) -> Result<Pipeline> {
    let sinks = vec![Null::new()];
    pipeline! {
        bars = made().await?.fps(rates.lock().unwrap()[0]);
        ramp = TestPattern::new(Pattern::Gradient).fps(rates.lock().unwrap()[1]);
        bars >> { let mut sinks = sinks; sinks.remove(0) };
        ramp >> if true { Null::new() } else { Null::<VideoFrame>::new() };
    }
}

pub fn main() {
    drop(build(&Mutex::new(vec![25, 30])));
}
