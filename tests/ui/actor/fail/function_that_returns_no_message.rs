use streamlib::prelude::*;

struct Place;

#[actor]
fn pose(tick: TimedTick) -> Place {
    drop(tick);
    Place
}

fn main() {
    let _ = pose();
}
