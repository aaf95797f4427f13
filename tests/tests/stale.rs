//! What is counted about inputs: what was stale, and what was overwritten; neither goes backwards.

use std::time::Duration;

use streamlib::prelude::*;
use streamlib_tests::{Log, Numbers, Shy, status_of};

/// Says nothing up to a tick.
#[actor]
struct Late {
    #[output]
    number: Output<DataMessage<u64>>,
    first: u64,
}

impl Actor for Late {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number >= self.first {
            self.number.send(DataMessage::new(tick.frame_number), tick);
        }
        Ok(())
    }
}

/// Looks for what is younger than a quarter of a second.
#[actor]
struct Young {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input(optional)]
    unused: Input<DataMessage<u64>>,
    log: Log<bool>,
}

impl Actor for Young {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let age = Duration::from_millis(250);
        self.log.push(self.number.latest_within(age).is_some());
        assert!(self.unused.latest_within(age).is_none());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_dead_from_the_start_is_stale() -> Result<()> {
    for other in [false, true] {
        let (clock, log) = (VirtualClock::fps(10), Log::new());
        let away = if other {
            VirtualClock::fps(10)
        } else {
            clock.clone()
        };
        let show = pipeline! {
            clock house = clock.clone();
            clock away = away.clone();
            late  = Late::new(6) @ away;
            young = Young::new(log.clone()) @ house;
            late >> young.number;
        }?;
        for _ in 0..8 {
            clock.advance(1).await?;
            if other {
                away.advance(1).await?;
            }
        }
        show.stop().await?;
        // It was asked for on the ticks 0 to 2 before a quarter of a second had passed. What is of another clock is seen a tick later.
        let (first, stale) = if other { (7, 4) } else { (6, 3) };
        let expected: Vec<_> = (0..8).map(|tick| tick >= first).collect();
        assert_eq!(log.entries(), expected);
        assert_eq!(status_of(&show, "young").stale, stale);
    }
    Ok(())
}

/// Does nothing but look.
#[actor]
struct Quick {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Quick {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.number.latest_within(Duration::ZERO);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_was_stale_is_counted_at_the_end() -> Result<()> {
    let clock = VirtualClock::fps(10);
    let show = pipeline! {
        clock house = clock.clone();
        source = Shy::new(1..=u64::MAX, Log::new()) @ house;
        quick  = Quick::new() @ house;
        source >> quick;
    }?;
    // A number that is no multiple of how often a quick actor is looked at.
    clock.advance(101).await?;
    show.stop().await?;
    let quick = status_of(&show, "quick");
    assert_eq!((quick.ticks, quick.stale), (101, 100));
    Ok(())
}

/// Reads one input and several.
#[actor]
struct Reads {
    #[input(optional)]
    one: Input<DataMessage<u64>>,
    #[input]
    many: Inputs<DataMessage<u64>>,
}

impl Actor for Reads {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.one.latest_within(Duration::ZERO);
        for input in &mut self.many {
            input.latest_within(Duration::ZERO);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_stays_when_an_input_is_rewired() -> Result<()> {
    for to_one in [true, false] {
        let (fast, slow) = (VirtualClock::fps(100), VirtualClock::fps(10));
        let numbers = spawn(Numbers::new(u64::MAX).clocked(fast.clone()))?;
        let reads = spawn(Reads::new().clocked(slow.clone()))?;
        let input = if to_one { &reads.one } else { &reads.many };
        for round in 1..=3 {
            let link = (&numbers.numbers >> input)?;
            fast.advance(10).await?;
            // Looked at on each tick: the first brings ten items, of which nine were overwritten; the next none, and that is stale.
            slow.advance(40).await?;
            link.disconnect();
            slow.advance(40).await?;
            let status = reads.status();
            assert!(status.dropped >= (round - 1) * 9, "{status:?}");
            assert!(status.stale >= (round - 1) * 39, "{status:?}");
        }
        reads.stop().await?;
        let status = reads.status();
        assert_eq!((status.dropped, status.stale), (27, 3 * 39));
        numbers.stop().await?;
    }
    Ok(())
}
