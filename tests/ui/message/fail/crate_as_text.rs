use streamlib::prelude::*;

#[derive(Message)]
#[streamlib(crate = "streamlib")]
struct Pose;

fn main() {
    let _ = Pose::NAME;
}
