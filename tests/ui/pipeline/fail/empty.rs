use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {

    };
}
