use streamlib::prelude::*;

struct Plain;

pipeline! {
    graph Branded();
    in plain: Plain;
    plain >> Null::new();
}

fn main() {}
