use streamlib::prelude::*;

#[actor]
unsafe fn one(gain: u64) -> DataMessage<u64> {
    DataMessage::new(gain)
}

fn main() {}
