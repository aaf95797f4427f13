use streamlib::prelude::*;

#[actor(new = make)]
fn one(gain: u64) -> DataMessage<u64> {
    DataMessage::new(gain)
}

fn main() {}
