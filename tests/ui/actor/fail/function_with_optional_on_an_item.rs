use streamlib::prelude::*;

#[actor]
fn count() -> DataMessage<u64> {
    DataMessage::new(1)
}

#[actor]
fn copy(#[input(optional)] number: &DataMessage<u64>) -> DataMessage<u64> {
    number.clone()
}

fn main() {
    let _ = pipeline! { count().fps(60) >> copy() >> Null::new() };
}
