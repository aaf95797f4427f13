//! Ours: a graph on a clock of real time, in which an actor answers that is `on process`, or `on threads`.

use streamlib::prelude::{
    Actor, Error, Input, Output, Pipeline, PixelFormat, Result, TimedTick, VideoFrame, actor,
    pipeline,
};

use super::turns::Turn;
use super::{Cargo, number_in};
use crate::figures::monotonic_ns;
use crate::journey::{Arrive, Parcel, Send, Times};

/// Sends a parcel back.
#[actor]
struct Echo {
    #[input]
    parcel: Input<Parcel>,
    #[output]
    back: Output<Parcel>,
}

impl Actor for Echo {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(parcel) = self.parcel.latest() {
            self.back.send(*parcel, tick);
        }
        Ok(())
    }
}

/// Sends so many pictures, in which stands when.
#[actor]
struct Show {
    #[output]
    video: Output<VideoFrame>,
    size: (PixelFormat, u32, u32),
    count: u64,
    number: u64,
}

impl Actor for Show {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.number == self.count {
            return Err(Error::EndOfStream);
        }
        let left = monotonic_ns();
        let (format, width, height) = self.size;
        let mut frame = self.video.slot();
        frame.reset(format, width, height)?;
        let pixels = frame.pixels_mut();
        pixels[..8].copy_from_slice(&self.number.to_ne_bytes());
        pixels[8..16].copy_from_slice(&left.to_ne_bytes());
        frame.publish(tick);
        self.number += 1;
        Ok(())
    }
}

/// Sends another picture of the same size back.
#[actor]
struct Reflect {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    back: Output<VideoFrame>,
}

impl Actor for Reflect {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let mut back = self.back.slot();
            back.reset(frame.format(), frame.width(), frame.height())?;
            back.pixels_mut()[..16].copy_from_slice(&frame.pixels()[..16]);
            back.publish(tick);
        }
        Ok(())
    }
}

/// Notes when a picture is back.
#[actor(dispatcher = inline)]
struct Look {
    #[input]
    video: Input<VideoFrame>,
    times: Times,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            let (number, left) = (number_in(frame.pixels()), number_in(&frame.pixels()[8..]));
            self.times.arrived(number, left);
        }
        Ok(())
    }
}

/// The answer comes from another process.
pub fn on_process(cargo: Cargo, turn: Turn, times: Times) -> Result<Pipeline> {
    let count = times.count();
    match cargo {
        Cargo::Message => pipeline! {
            clock house = turn;
            send = Send::parcels(count) @ house;
            echo = Echo::new() on process;
            send >> echo >> Arrive::new(times);
        },
        Cargo::Picture(format, width, height) => pipeline! {
            clock house = turn;
            show = Show::new((format, width, height), count, 0) @ house;
            back = Reflect::new() on process;
            show >> back >> Look::new(times);
        },
    }
}

/// The answer comes from this one.
pub fn on_threads(cargo: Cargo, turn: Turn, times: Times) -> Result<Pipeline> {
    let count = times.count();
    match cargo {
        Cargo::Message => pipeline! {
            clock house = turn;
            send = Send::parcels(count) @ house;
            echo = Echo::new() on threads;
            send >> echo >> Arrive::new(times);
        },
        Cargo::Picture(format, width, height) => pipeline! {
            clock house = turn;
            show = Show::new((format, width, height), count, 0) @ house;
            back = Reflect::new() on threads;
            show >> back >> Look::new(times);
        },
    }
}

/// Waits until all have been there and back.
///
/// # Errors
/// When bytes were copied on the way.
pub async fn end(show: Pipeline) -> Result<()> {
    show.finished().await;
    let copied: u64 = show.status().actors.iter().map(|actor| actor.copied).sum();
    show.stop().await?;
    match copied {
        0 => Ok(()),
        _ => Err(Error::other(format!("{copied} bytes were copied"))),
    }
}
