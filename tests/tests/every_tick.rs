//! A node with a clock works on every tick of it: after those that feed it on the same clock, and also when they are silent.

use std::collections::BTreeMap;
use std::time::Duration;

use streamlib::actor::ActorState;
use streamlib::prelude::*;
use streamlib_tests::{Log, Numbers, Shy, Through, counted, status_of};

/// How often each graph is run.
const RUNS: usize = 200;

/// Stops for good on tick 3, by an error.
#[actor(on_error = stop)]
struct Broken {
    #[output]
    number: Output<DataMessage<u64>>,
}

impl Actor for Broken {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 3 {
            return Err(Error::graph("unplugged"));
        }
        self.number.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Ends on tick 3, with a last item or without; sends even numbers apart as well.
#[actor]
struct Ending {
    #[output]
    number: Output<DataMessage<u64>>,
    #[output]
    even: Output<DataMessage<u64>>,
    sends_last: bool,
}

impl Actor for Ending {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let number = tick.frame_number;
        if self.sends_last || number != 3 {
            self.number.send(DataMessage::new(number), tick);
        }
        if number.is_multiple_of(2) {
            self.even.send(DataMessage::new(number), tick);
        }
        if number == 3 {
            return Err(Error::EndOfStream);
        }
        Ok(())
    }
}

/// Notes on every tick what is no older than 50 ms.
#[actor]
struct Watch {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input(optional)]
    other: Input<DataMessage<u64>>,
    log: Log<(u64, Option<u64>)>,
}

impl Actor for Watch {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let number = self.number.latest_within(Duration::from_millis(50));
        self.log
            .push((tick.frame_number, number.map(|number| **number)));
        Ok(())
    }
}

/// What is seen at 50 fps of something that comes on the ticks up to `last`, on the ticks up to `end`.
fn until_silent(last: u64, end: u64) -> Vec<(u64, Option<u64>)> {
    let seen = |tick: u64| Some(tick.min(last)).filter(|seen| tick - seen <= 2);
    (0..=end).map(|tick| (tick, seen(tick))).collect()
}

macro_rules! on {
    ($name:ident, $place:ident) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn a_reader_is_told_that_its_only_source_is_silent() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        shy = Shy::new(3..=6, Log::new()) @ house on $place;
                        watch = Watch::new(log.clone()) @ house on $place;
                        shy >> watch.number;
                    }?;
                    clock.advance(9).await?;
                    let watch = status_of(&show, "watch");
                    assert_eq!((watch.ticks, watch.missed, watch.late), (9, 0, 0));
                    show.stop().await?;
                    (status_of(&show, "watch").stale, log.entries())
                });
                // What comes on a tick is seen on that tick.
                let mut expected = until_silent(2, 6);
                expected.extend([(7, Some(7)), (8, Some(8))]);
                assert_eq!(seen, BTreeMap::from([((2, expected), RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn also_through_others_and_in_a_graph_of_several_branches() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        shy = Shy::new(3..=6, Log::new()) @ house on $place;
                        one = Through::new() on $place;
                        two = Through::new() @ house on $place;
                        again = Shy::new(3..=6, Log::new()) @ house on $place;
                        watch = Watch::new(log.clone()) @ house on $place;
                        shy >> one >> two >> watch.number;
                        again >> watch.other;
                    }?;
                    clock.advance(9).await?;
                    show.stop().await?;
                    (status_of(&show, "watch").stale, log.entries())
                });
                let mut expected = until_silent(2, 6);
                expected.extend([(7, Some(7)), (8, Some(8))]);
                assert_eq!(seen, BTreeMap::from([((2, expected), RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_source_that_has_stopped_is_silent_for_good() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        broken = Broken::new() @ house on $place;
                        shy = Shy::new(3..=6, Log::new()) @ house on $place;
                        watch = Watch::new(log.clone()) @ house on $place;
                        broken >> watch.number;
                        shy >> watch.other;
                    }?;
                    clock.advance(7).await?;
                    let (broken, watch) = (status_of(&show, "broken"), status_of(&show, "watch"));
                    assert_eq!(broken.state, ActorState::Failed);
                    assert_eq!(watch.state, ActorState::Running);
                    assert!(show.stop().await.is_err(), "an actor has failed");
                    (status_of(&show, "watch").stale, log.entries())
                });
                let expected = (2, until_silent(2, 6));
                assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn it_ends_when_all_that_feeds_it_has_ended() -> Result<()> {
                for sends_last in [false, true] {
                    let seen = counted!(RUNS, {
                        let (clock, log) = (VirtualClock::fps(50), Log::new());
                        let show = pipeline! {
                            clock house = clock.clone();
                            ending = Ending::new(sends_last) @ house on $place;
                            through = Through::new() on $place;
                            watch = Watch::new(log.clone()) @ house on $place;
                            ending.number >> watch.number;
                            ending.even >> through >> watch.other;
                        }?;
                        clock.advance(9).await?;
                        show.finished().await;
                        assert_eq!(status_of(&show, "watch").state, ActorState::Stopped);
                        show.stop().await?;
                        log.entries()
                    });
                    // Where the last tick of all brings nothing, it is not worked on.
                    let last = if sends_last { 3 } else { 2 };
                    let expected = until_silent(last, last);
                    assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                }
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn the_same_clock_may_have_another_name_or_be_brought() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log, other) = (VirtualClock::fps(50), Log::new(), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        clock again = clock.clone();
                        ending = Ending::new(false) @ house on $place;
                        named = Watch::new(log.clone()) @ again on $place;
                        brings = Watch::new(other.clone()).clocked(clock.clone()) on $place;
                        ending.number >> [named.number, brings.number];
                        ending.even >> [named.other, brings.other];
                    }?;
                    clock.advance(5).await?;
                    show.stop().await?;
                    (log.entries(), other.entries())
                });
                let expected = until_silent(2, 2);
                let expected = (expected.clone(), expected);
                assert_eq!(seen, BTreeMap::from([(expected, RUNS)]));
                Ok(())
            }

            pipeline! {
                graph Watched(clock: VirtualClock, log: Log<(u64, Option<u64>)>);
                in number: DataMessage<u64>;
                clock inside = clock;
                watch = Watch::new(log) @ inside on $place;
                number >> watch.number;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_graph_in_the_graph_may_be_handed_the_clock() -> Result<()> {
                let seen = counted!(RUNS, {
                    let (clock, log) = (VirtualClock::fps(50), Log::new());
                    let show = pipeline! {
                        clock house = clock.clone();
                        shy = Shy::new(3..=6, Log::new()) @ house on $place;
                        watched = Watched::new(clock.clone(), log.clone())?;
                        shy >> watched;
                    }?;
                    clock.advance(7).await?;
                    show.stop().await?;
                    log.entries()
                });
                assert_eq!(seen, BTreeMap::from([(until_silent(2, 6), RUNS)]));
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn what_comes_from_another_clock_is_not_waited_for() -> Result<()> {
                // The last tick brings nothing: it is worked on if that shows that the camera has ended.
                for (before, after, last) in [(0, 4, 6), (4, 0, 2)] {
                    let seen = counted!(RUNS, {
                        let (clock, away, log) =
                            (VirtualClock::fps(50), VirtualClock::fps(30), Log::new());
                        let show = pipeline! {
                            clock house = clock.clone();
                            clock far = away.clone();
                            ending = Ending::new(false) @ house on $place;
                            camera = Numbers::new(1) @ far on $place;
                            watch = Watch::new(log.clone()) @ house on $place;
                            ending.number >> watch.number;
                            camera >> watch.other;
                        }?;
                        away.advance(before).await?;
                        clock.advance(6).await?;
                        away.advance(after).await?;
                        clock.advance(6).await?;
                        show.finished().await;
                        show.stop().await?;
                        log.entries()
                    });
                    assert_eq!(seen, BTreeMap::from([(until_silent(2, last), RUNS)]));
                }
                Ok(())
            }
        }
    };
}

on!(on_inline, inline);
on!(on_tokio, tokio);
on!(on_threads, threads);
