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
