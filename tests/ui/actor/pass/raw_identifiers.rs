// Words that Rust keeps, as names of actors, ports, nodes, clocks and configuration.
use streamlib::prelude::*;

#[allow(non_camel_case_types)]
#[actor(new = r#use)]
struct r#loop {
    #[input]
    r#in: Input<VideoFrame>,
    #[input(optional)]
    r#ref: Input<VideoFrame>,
    #[output]
    r#else: Output<VideoFrame>,
    #[output]
    r#if: Output<DataMessage<u8>>,
    r#type: u8,
    r#async: bool,
}

impl Actor for r#loop {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = (self.r#type, self.r#async);
        Ok(())
    }
}

#[derive(Message)]
#[allow(non_camel_case_types)]
struct r#struct {
    r#fn: u8,
}

pub fn main() {
    assert_eq!(r#struct::NAME, "struct");
    assert_eq!(r#struct { r#fn: 1 }.r#fn, 1);
    let r#static = Null::new();
    let _ = pipeline! {
        clock r#dyn = SoftwareClock::fps(60);
        r#match = TestPattern::new(Pattern::SmpteBars) @ r#dyn;
        r#for = r#loop::r#use(1, true);
        r#match >> [r#for.r#in, r#for.r#ref];
        r#for.r#else >> r#static;
        r#for.r#if >> Null::new();
    };
}
