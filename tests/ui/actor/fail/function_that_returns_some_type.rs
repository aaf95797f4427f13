use streamlib::prelude::*;

#[actor]
fn number() -> impl Message {
    DataMessage::new(1)
}

fn main() {
    let _ = pipeline! { number().fps(60) >> Null::new() };
}
