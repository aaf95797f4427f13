use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        delay(2) >> Null::<VideoFrame>::new();
    };
}
