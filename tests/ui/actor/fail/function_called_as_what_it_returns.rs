use streamlib::prelude::*;

#[derive(Message)]
struct Pose(u8);

#[actor]
fn pose() -> Pose {
    Pose(1)
}

#[actor]
fn show(#[input] pose: &Pose) {
    let Pose(_) = pose;
}

fn main() {
    let _ = pipeline! { pose().fps(60) >> show() };
}
