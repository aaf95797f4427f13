//! All the macros where streamlib is `studio::live`, and in edition 2024's strictest clippy.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use studio::live::prelude::*;
use studio::{Label, Shot};

/// Keeps what comes, and hands it on in two ways.
#[actor(new = assemble, dispatcher = inline, on_error = stop)]
#[streamlib(crate = studio::live)]
struct Keep<T, const N: usize>
where
    T: Message + Clone + Debug + PartialEq,
{
    #[input(every = 8)]
    item: Input<T>,
    #[input(optional)]
    unless: Input<T>,
    #[input]
    others: Inputs<T>,
    #[output]
    left: Output<T>,
    #[output]
    right: Output<T>,
    kept: Arc<Mutex<Vec<T>>>,
}

impl<T: Message + Clone + Debug + PartialEq, const N: usize> Keep<T, N> {
    fn new() -> (Self, Arc<Mutex<Vec<T>>>) {
        let kept = Arc::new(Mutex::new(Vec::with_capacity(N)));
        (Self::assemble(kept.clone()), kept)
    }
}

impl<T: Message + Clone + Debug + PartialEq, const N: usize> Actor for Keep<T, N> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        while let Some(item) = self.item.next() {
            self.left.send(item.clone(), tick);
            self.right.send(item.clone(), tick);
            if let Ok(mut kept) = self.kept.lock() {
                kept.push(item.clone());
            }
        }
        Ok(())
    }
}

/// Ticks at its own rate.
#[actor(clock = SoftwareClock::new(self.rate))]
#[streamlib(crate = studio::live)]
struct Metronome {
    #[output]
    beat: Output<Shot>,
    rate: Rate,
}

impl Actor for Metronome {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.beat.send(Shot::default(), tick);
        Ok(())
    }
}

/// Has more to configure than a function should have parameters, of every sort.
#[actor]
#[streamlib(crate = studio::live)]
#[allow(dead_code, reason = "it is only made")]
struct Wide {
    #[input]
    video: Input<VideoFrame>,
    #[input(optional)]
    video_key: Input<VideoFrame>,
    #[output]
    out: Output<VideoFrame>,
    name: String,
    title: Option<Box<str>>,
    table: [u64; 64],
    red: f32,
    green: f32,
    blue: f32,
    is_on: bool,
    is_loud: bool,
    is_fast: bool,
}

impl Actor for Wide {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = (&self.video, &self.video_key, &self.out);
        Ok(())
    }
}

/// Has nothing to configure.
#[actor]
#[streamlib(crate = studio::live)]
struct Silent;

impl Actor for Silent {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[test]
fn every_sort_of_configuration_is_a_parameter() {
    let wide = Wide::new(
        String::new(),
        None,
        [0; 64],
        0.0,
        0.5,
        1.0,
        true,
        false,
        true,
    );
    assert!(wide.is_on && wide.table.len() == 64);
    let _ = Silent::new();
}

#[tokio::test]
async fn a_graph_runs_and_what_travels_arrives() -> Result<()> {
    let time = VirtualClock::new(Rate::fps(60));
    let (keep, kept) = Keep::<_, 3>::new();
    let show = pipeline! {
        #![streamlib(crate = studio::live)]

        clock house = time.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(64, 36) @ house;
        ramp = TestPattern::new(Pattern::Gradient).size(64, 36) @ house on tokio;

        bars.video >> Label::new(7) >> keep.item;
        ramp >> Null::new();
        keep.left >> [Null::new(), Null::new()];
        keep.right >> Null::new();
    }?;
    time.advance(3).await?;
    show.stop().await?;
    let kept = kept.lock().map_or_else(|_| Vec::new(), |kept| kept.clone());
    assert_eq!(kept, [const { Shot { camera: 7 } }; 3]);
    Ok(())
}

#[test]
fn a_source_may_bring_its_own_clock() -> Result<()> {
    let show = pipeline! {
        #![streamlib(crate = ::studio::live)]
        Metronome::new(Rate::fps(25)) >> Null::new()
    }?;
    drop(show);
    Ok(())
}

mod program {
    use studio::live::prelude::*;

    #[studio::live::main]
    #[streamlib(crate = studio::live)]
    pub async fn main() -> Result<()> {
        std::future::ready(()).await;
        Err(Error::EndOfStream)
    }
}

#[test]
fn main_reports_what_went_wrong() {
    assert_eq!(program::main(), std::process::ExitCode::FAILURE);
}
