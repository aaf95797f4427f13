use streamlib::prelude::*;

#[actor]
fn number() -> Result<DataMessage<u64>, u8> {
    Err(3)
}

fn main() {
    let _ = pipeline! { number().fps(60) >> Null::new() };
}
