// What a user calls `Ok` or `node` is nobody's business.
use streamlib::prelude::{
    Actor, ActorExt, Compositor, Input, Null, Output, Pattern, TestPattern, TimedTick, VideoFrame, actor,
};

#[allow(dead_code, non_upper_case_globals, non_snake_case)]
mod taken {
    pub struct Result {}
    pub struct Option {}
    pub struct Vec {}
    pub struct String {}
    pub struct Box {}
    pub struct PhantomData {}
    pub struct Pipeline {}
    pub struct Error {}
    pub struct Port {}
    pub struct Ports {}
    pub trait Default {}
    pub trait Deref {}
    pub trait Into {}
    pub trait Iterator {}
    pub const Ok: u32 = 1;
    pub fn Err() {}
    pub fn Some() {}
    pub const None: u32 = 4;
    pub mod core {}
    pub mod std {}
    pub fn drop() {}
    pub fn connect() {}
    pub fn input() {}
    pub fn output() {}
    pub fn stage() {}
}
#[allow(unused_imports)]
use taken::*;

#[allow(non_camel_case_types, dead_code)]
type u64 = ();
#[allow(non_camel_case_types, dead_code)]
type str = ();

#[actor(dispatcher = inline)]
struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, _tick: TimedTick) -> streamlib::Result<()> {
        ::core::result::Result::Ok(())
    }
}

#[allow(non_snake_case, unused_variables)]
pub fn main() {
    let (Result, pipeline, clock, on, threads) = (5, 6, 7, 8, 9);
    let (node, graph, stage, inputs, edge_0, streamlib, state) = (10, 11, 12, 13, 14, 15, 16);
    let invert = Invert::new();
    let bars = TestPattern::new(Pattern::SmpteBars).size(Ok + node, None).fps(60 + clock);
    let show = ::streamlib::pipeline! {
        mix = Compositor::new(node * graph, stage) @ ticks;
        bars >> mix >> invert >> [Null::new(), last];
        last = Null::new();
        edge_1 = TestPattern::new(Pattern::Gradient).size(pipeline, on) @ ticks;
        edge_1 >> mix.layers;
        clock ticks = ::streamlib::prelude::SoftwareClock::fps(60 + edge_0 + inputs);
    };
    assert!(!matches!(show, ::core::result::Result::Err(_)) || node == 10);
}
