// Ports are as private as their fields: inside of the module a graph wires them, outside it uses what is public.
use streamlib::prelude::*;

mod camera {
    use streamlib::prelude::*;

    #[actor]
    pub struct Camera {
        #[output]
        video: Output<VideoFrame>,
        #[output]
        level: Output<DataMessage<f64>>,
        gain: f64,
    }

    impl Actor for Camera {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            self.level.send(DataMessage::new(self.gain), tick);
            Ok(())
        }
    }

    pub fn show() -> Result<Pipeline> {
        pipeline! {
            camera = Camera::new(0.5).fps(60);
            camera.video >> Null::new();
            camera.level >> screen::Screen::named("level");
        }
    }

    pub(crate) mod screen {
        use streamlib::prelude::{Actor, DataMessage, Input, TimedTick, actor};

        #[actor(new = assemble)]
        pub(in crate::camera) struct Screen {
            #[input]
            level: Input<DataMessage<f64>>,
            name: String,
        }

        impl Screen {
            pub(super) fn named(name: &str) -> Self {
                Self::assemble(name.to_owned())
            }
        }

        impl Actor for Screen {
            async fn process(&mut self, _tick: TimedTick) -> streamlib::Result<()> {
                if let Some(level) = self.level.latest() {
                    println!("{}: {}", self.name, **level);
                }
                Ok(())
            }
        }

        #[actor]
        pub struct Meter {
            #[input]
            level: Input<DataMessage<f64>>,
        }

        impl Actor for Meter {
            async fn process(&mut self, _tick: TimedTick) -> streamlib::Result<()> {
                let _ = self.level.latest();
                Ok(())
            }
        }
    }
}

#[actor]
struct Ramp {
    #[output]
    level: Output<DataMessage<f64>>,
}

impl Actor for Ramp {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = &self.level;
        Ok(())
    }
}

fn main() {
    let _ = camera::show();
    // The only input needs no name.
    let _ = pipeline! { Ramp::new().fps(2) >> camera::screen::Meter::new() };
}
