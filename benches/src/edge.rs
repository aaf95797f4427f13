//! An edge of a `pipeline!` beside the ring's own calls, as somebody would write them by hand.
//!
//! The ports are connected by the calls that `pipeline!` expands to, and then used as their actors use
//! them, but all on one thread: what is measured is the edge, not the way of the tick.

use std::array;
use std::hint::black_box;
use std::marker::PhantomData;
use std::time::Instant;

use streamlib::__private::{GraphBuilder, between, connect, input, output};
use streamlib::message::Message;
use streamlib::prelude::*;
use streamlib::ring;
use streamlib::time::{ClockId, Timestamp};

use crate::figures::Figures;

const ROUNDS: usize = 501;
const CALLS: u64 = 2_000;

/// A tiny message.
pub type Number = DataMessage<u64>;

/// What an edge carries in these measurements.
pub trait Cargo: Message + Clone + Default {
    /// What is sent, again and again.
    fn cargo() -> Self;
}

impl Cargo for Number {
    fn cargo() -> Self {
        Self::new(1)
    }
}

impl Cargo for VideoFrame {
    /// A small picture: only its handle crosses the edge.
    fn cargo() -> Self {
        Self::new(PixelFormat::Rgb8, 16, 9).unwrap_or_default()
    }
}

#[actor]
struct Give<T: Message> {
    #[output]
    item: Output<T>,
}

#[actor]
struct Take<T: Message> {
    #[input]
    item: Input<T>,
}

impl<T: Message> Actor for Give<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

impl<T: Message> Actor for Take<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

/// What a slot of the ring by hand holds.
struct Stamped<T> {
    tick: TimedTick,
    item: T,
}

impl<T: Default> Default for Stamped<T> {
    fn default() -> Self {
        Self {
            tick: tick(0),
            item: T::default(),
        }
    }
}

fn tick(number: u64) -> TimedTick {
    TimedTick {
        timestamp: Timestamp::default(),
        frame_number: number,
        clock_id: ClockId::default(),
    }
}

/// Publishes an item and reads it at `N` inputs, each time it is called.
pub fn of_a_pipeline<T: Cargo, const N: usize>() -> impl FnMut(u64) {
    let mut give = Give::<T>::new();
    let mut takers: [Take<T>; N] = array::from_fn(|_| Take::new());
    let (from, to) = (PhantomData::<Give<T>>, PhantomData::<Take<T>>);
    let ends = || between(from, PhantomData::<()>, to, PhantomData::<()>);
    let inputs = takers.each_mut().map(|take| input(ends(), &mut take.item));
    let output = output(ends(), &mut give.item);
    connect(&mut GraphBuilder::new(), output, inputs);
    let cargo = T::cargo();
    move |number| {
        give.item.send(black_box(&cargo).clone(), tick(number));
        for take in &mut takers {
            if let Some(item) = take.item.latest() {
                black_box((&*item, item.tick().frame_number));
            }
        }
    }
}

/// The same with a ring of ticks and items.
pub fn by_hand<T: Cargo, const N: usize>() -> impl FnMut(u64) {
    let (mut writer, mut readers) = ring::latest::<Stamped<T>, N>();
    let cargo = T::cargo();
    move |number| {
        let (mut item, tick) = (black_box(&cargo).clone(), tick(number));
        item.stamp(tick);
        let mut slot = writer.slot();
        slot.tick = tick;
        slot.item = item;
        slot.publish();
        for reader in &mut readers {
            if let Some(Stamped { item, tick }) = reader.latest() {
                black_box((item, tick.frame_number));
            }
        }
    }
}

/// Nanoseconds for an item and its `N` readers, in a pipeline and by hand, in turn: what the machine
/// does meanwhile meets both. Medians of the rounds.
#[must_use]
pub fn beside<T: Cargo, const N: usize>() -> Figures {
    let (mut ours, mut theirs) = (of_a_pipeline::<T, N>(), by_hand::<T, N>());
    let (mut in_pipeline, mut in_hand) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        in_pipeline.push(round(&mut ours));
        in_hand.push(round(&mut theirs));
    }
    Figures::one("ns", median(in_pipeline)).and("by_hand_ns", median(in_hand))
}

fn round(step: &mut impl FnMut(u64)) -> f64 {
    let begin = Instant::now();
    (0..CALLS).for_each(step);
    begin.elapsed().as_secs_f64() * 1e9 / CALLS as f64
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}
