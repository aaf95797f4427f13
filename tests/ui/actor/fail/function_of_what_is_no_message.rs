use streamlib::prelude::*;

struct Pose {
    y: f32,
}

#[actor]
fn up(#[input(optional)] pose: Option<&Pose>) -> Pose {
    Pose { y: pose.map_or(0.0, |pose| pose.y + 1.0) }
}

fn main() {
    let _ = pipeline! { up().fps(60) >> up() };
}
