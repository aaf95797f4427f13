use streamlib::prelude::*;

#[actor]
fn sum(#[input(every = 8)] number: &DataMessage<u64>) -> DataMessage<u64> {
    DataMessage::new(**number)
}

fn main() {}
