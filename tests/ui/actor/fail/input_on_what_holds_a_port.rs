use streamlib::prelude::*;

/// A beat.
#[derive(Clone, Default, Message)]
struct Beat;

#[actor]
fn drum(tick: TimedTick) -> Beat {
    let _ = tick;
    Beat
}

#[actor]
struct Perhaps {
    #[input]
    beat: Option<Beat>,
}

#[actor]
struct Shared {
    #[input]
    beat: Box<std::sync::Arc<Input<Beat>>>,
}

#[actor]
struct Echo {
    #[input]
    heard: Input<Beat>,
    #[output]
    said: Option<Output<Beat>>,
}

impl Actor for Perhaps {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

impl Actor for Shared {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

impl Actor for Echo {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        drum = drum().fps(50);
        perhaps = Perhaps::new();
        shared = Shared::new();
        echo = Echo::new();
        last = Perhaps::new();
        drum >> [perhaps, shared, echo];
        echo >> last;
    };
}
