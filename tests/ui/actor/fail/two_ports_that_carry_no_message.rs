use streamlib::prelude::*;

struct Pose;

#[actor]
fn find() -> Pose {
    Pose
}

#[actor]
fn show(#[input] pose: &Pose) {
    let Pose = pose;
}

fn main() {
    let _ = pipeline! { find().fps(60) >> show() };
}
