//! The tick on which a source ends, on a virtual clock: the same on every run, wherever the actors run.

use std::collections::BTreeMap;

use streamlib::prelude::*;
use streamlib_tests::{Log, Through, counted};

/// How often each graph is run.
const RUNS: usize = 300;

/// Says on tick 3 that it ends; sends something on that tick, or nothing.
#[actor]
struct Ending {
    #[output]
    number: Output<DataMessage<u64>>,
    sends_last: bool,
}

impl Actor for Ending {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let is_last = tick.frame_number == 3;
        if self.sends_last || !is_last {
            self.number.send(DataMessage::new(tick.frame_number), tick);
        }
        if is_last {
            return Err(Error::EndOfStream);
        }
        Ok(())
    }
}

#[actor]
fn steady(tick: TimedTick) -> DataMessage<u64> {
    DataMessage::new(tick.frame_number)
}

type Seen = (u64, Option<u64>, bool);

/// Notes its tick, what is new, and whether that was all.
#[actor]
struct Notes {
    #[input]
    ends: Input<DataMessage<u64>>,
    #[input(optional)]
    goes_on: Input<DataMessage<u64>>,
    log: Log<Seen>,
}

impl Actor for Notes {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let new = self.ends.next().map(|number| **number);
        self.log
            .push((tick.frame_number, new, self.ends.has_ended()));
        Ok(())
    }
}

/// What a join sees from tick 2 on: the source has ended from tick 4 on, and not on tick 3.
fn from_two(last: Option<u64>) -> Vec<Seen> {
    vec![
        (2, Some(2), false),
        (3, last, false),
        (4, None, true),
        (5, None, true),
    ]
}

macro_rules! on {
    ($name:ident, $place:ident) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn a_source_has_ended_from_the_next_tick_on() -> Result<()> {
                for sends_last in [true, false] {
                    let seen = counted!(RUNS, {
                        let (clock, log) = (VirtualClock::fps(50), Log::new());
                        let show = pipeline! {
                            clock house = clock.clone();
                            a = Ending::new(sends_last) @ house on $place;
                            b = steady() @ house on $place;
                            notes = Notes::new(log.clone()) on $place;
                            a >> notes.ends;
                            b >> notes.goes_on;
                        }?;
                        clock.advance(6).await?;
                        show.stop().await?;
                        log.entries().split_off(2)
                    });
                    let expected = from_two(sends_last.then_some(3));
                    assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                }
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn what_ends_with_it_does_so_on_the_same_tick() -> Result<()> {
                for sends_last in [true, false] {
                    let seen = counted!(RUNS, {
                        let (clock, log) = (VirtualClock::fps(50), Log::new());
                        let show = pipeline! {
                            clock house = clock.clone();
                            a = Ending::new(sends_last) @ house on $place;
                            b = steady() @ house on $place;
                            first = Through::new() on $place;
                            second = Through::new() on $place;
                            notes = Notes::new(log.clone()) on $place;
                            a >> first >> second >> notes.ends;
                            b >> notes.goes_on;
                        }?;
                        clock.advance(6).await?;
                        show.stop().await?;
                        log.entries().split_off(2)
                    });
                    let expected = from_two(sends_last.then_some(3));
                    assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                }
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn what_nothing_else_feeds_hears_of_the_last_item_only() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        a = Ending::new(true) @ house on $place;
                        notes = Notes::new(log.clone()) on $place;
                        a >> notes.ends;
                    }?;
                    clock.advance(6).await?;
                    show.stop().await?;
                    log.entries().split_off(2)
                });
                let expected = vec![(2, Some(2), false), (3, Some(3), false)];
                assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_reader_on_another_clock_has_one_more_tick_and_knows_it() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, other) = (VirtualClock::fps(50), VirtualClock::fps(50));
                    let log = Log::new();
                    let show = pipeline! {
                        clock house = clock.clone();
                        clock away = other.clone();
                        a = Ending::new(true) @ house on $place;
                        notes = Notes::new(log.clone()) @ away on $place;
                        a >> notes.ends;
                    }?;
                    for _ in 0..6 {
                        clock.advance(1).await?;
                        other.advance(1).await?;
                    }
                    show.stop().await?;
                    log.entries().split_off(2)
                });
                let expected = vec![(2, Some(2), false), (3, Some(3), true)];
                assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn the_last_picture_of_a_layer_is_shown() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        white = White::new() @ house on $place;
                        black = TestPattern::new(Pattern::Black).size(8, 8) @ house on $place;
                        mix = Compositor::new(8, 8) on $place;
                        black >> mix.layers;
                        white >> mix.layers;
                        look = Look::new(log.clone()) on $place;
                        mix >> look;
                    }?;
                    clock.advance(7).await?;
                    show.stop().await?;
                    log.entries()
                });
                let expected = vec![255, 255, 255, 255, 0, 0, 0];
                assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                Ok(())
            }
        }
    };
}

/// Sends white pictures, and says with that of tick 3 that it is the last.
#[actor]
struct White {
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for White {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let white = VideoFrame::from_pixels(PixelFormat::Rgb8, 8, 8, [255; 192])?;
        self.video.send(white, tick);
        if tick.frame_number == 3 {
            return Err(Error::EndOfStream);
        }
        Ok(())
    }
}

#[actor]
struct Look {
    #[input]
    video: Input<VideoFrame>,
    log: Log<u8>,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            self.log.push(frame.pixels()[0]);
        }
        Ok(())
    }
}

on!(on_inline, inline);
on!(on_tokio, tokio);
on!(on_threads, threads);
