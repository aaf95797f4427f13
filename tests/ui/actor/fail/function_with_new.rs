use streamlib::prelude::*;

#[actor(new = make)]
fn one(gain: u64) -> DataMessage<u64> {
    DataMessage::new(gain)
}

fn main() {
    let _ = pipeline! { one(2).fps(60) >> Null::new() };
}
