use streamlib::prelude::*;

struct Screen;


impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {}
