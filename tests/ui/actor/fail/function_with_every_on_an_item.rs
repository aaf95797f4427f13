use streamlib::prelude::*;

#[actor]
fn count() -> DataMessage<u64> {
    DataMessage::new(1)
}

#[actor]
fn sum(#[input(every = 8)] number: &DataMessage<u64>) -> DataMessage<u64> {
    DataMessage::new(**number)
}

fn main() {
    let _ = pipeline! { count().fps(60) >> sum() >> Null::new() };
}
