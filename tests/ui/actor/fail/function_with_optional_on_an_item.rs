use streamlib::prelude::*;

#[actor]
fn copy(#[input(optional)] number: &DataMessage<u64>) -> DataMessage<u64> {
    number.clone()
}

fn main() {}
