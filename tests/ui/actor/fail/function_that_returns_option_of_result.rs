use streamlib::prelude::*;

#[actor]
fn number() -> Option<Result<DataMessage<u64>>> {
    None
}

fn main() {
    let _ = pipeline! { number().fps(60) >> Null::new() };
}
