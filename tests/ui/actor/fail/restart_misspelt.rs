use std::time::Duration;

use streamlib::prelude::*;

#[actor(on_error = restart { max: 5, witin: Duration::from_secs(10) })]
struct Camera {
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Camera {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Camera::new();
}
