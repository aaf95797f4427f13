//! `delay(n)`: what was published n ticks before, and graphs that run in a circle.

use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers};

/// Adds what comes in to what it sent before.
#[actor]
struct Sum {
    #[input(optional)]
    number: Input<DataMessage<u64>>,
    #[input]
    before: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
}

impl Actor for Sum {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let number = self.number.latest().map_or(1, |number| **number);
        let before = self.before.latest().map_or(0, |before| **before);
        self.sum.send(DataMessage::new(before + number), tick);
        Ok(())
    }
}

fn entries(ticks: std::ops::Range<u64>, number: impl Fn(u64) -> u64) -> Vec<(u64, u64)> {
    ticks.map(|tick| (tick, number(tick))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_reads_its_own_output_of_the_tick_before() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        sum = Sum::new() @ house;
        sum >> delay(1) >> sum.before;
        sum >> Collect::new(log.clone());
    }?;
    clock.advance(300).await?;
    show.stop().await?;
    assert_eq!(log.entries(), entries(0..300, |tick| tick + 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_two_with_a_longer_delay() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> sum.number;
        sum = Sum::new();
        plus = AddOne::new();
        sum >> plus >> delay(3) >> sum.before;
        plus >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    show.stop().await?;
    let mut expected: Vec<u64> = Vec::new();
    for tick in 0..20 {
        let before = if tick < 3 { 0 } else { expected[tick - 3] };
        expected.push(before + tick as u64 + 1);
    }
    assert_eq!(
        log.entries(),
        entries(0..20, |tick| expected[tick as usize])
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_circle_ticks_go_through_at_once() -> Result<()> {
    let ticks = 5;
    let (late, now) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> delay(ticks) >> [Collect::new(late.clone()), AddOne::new()];
        source >> Collect::new(now.clone());
    }?;
    clock.advance(20).await?;
    show.stop().await?;
    assert_eq!(now.entries(), entries(0..20, |tick| tick));
    // Before the first item is old enough, there is none.
    assert_eq!(late.entries(), entries(5..20, |tick| tick - 5));
    Ok(())
}

/// Every item, and the newest again.
#[actor]
struct Every {
    #[input(every = 4)]
    number: Input<DataMessage<u64>>,
    log: Log<u64>,
}

impl Actor for Every {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number.is_multiple_of(3) {
            while let Some(number) = self.number.next() {
                self.log.push(**number);
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_comes_late_and_none_is_lost() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> delay(2) >> Every::new(log.clone());
    }?;
    clock.advance(31).await?;
    show.stop().await?;
    assert_eq!(log.entries(), (0..=28).collect::<Vec<_>>());
    Ok(())
}

/// Whether the late picture is the very one that was sent.
#[actor]
struct Same {
    #[input]
    now: Input<VideoFrame>,
    #[input]
    late: Input<VideoFrame>,
    kept: Option<VideoFrame>,
    same: Log<bool>,
}

impl Actor for Same {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let (Some(kept), Some(late)) = (&self.kept, self.late.latest()) {
            self.same.push(late.shares_pixels_with(kept));
        }
        self.kept = self.now.latest().map(|frame| (*frame).clone());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_kept_and_not_copied() -> Result<()> {
    let same = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::MovingBox).size(64, 36) @ house;
        check = Same::new(None, same.clone());
        bars >> check.now;
        bars >> delay(1) >> check.late;
    }?;
    clock.advance(10).await?;
    show.stop().await?;
    assert_eq!(same.entries(), [true; 9]);
    Ok(())
}

pipeline! {
    graph Echo(ticks: usize);
    in number: DataMessage<u64>;
    out sum: DataMessage<u64>;
    add = Sum::new();
    number >> add.number;
    add >> sum;
    add >> delay(ticks) >> add.before;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_may_hold_a_circle_and_its_output_may_be_read_late() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        echo = Echo::new(1)?;
        source >> echo >> delay(2) >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    let edges = show.graph().edges.iter();
    let late: Vec<_> = edges.filter_map(|edge| edge.delay.clone()).collect();
    assert_eq!(late, ["1", "2"]);
    show.stop().await?;
    assert_eq!(
        log.entries(),
        entries(2..20, |tick| (0..=tick - 2).sum::<u64>())
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_delay_is_an_error_of_the_graph() {
    let told = |ticks: usize| {
        let show = pipeline! {
            source = Numbers::new(9).fps(60);
            source >> delay(ticks) >> Null::new();
        };
        show.map(drop).expect_err("impossible").to_string()
    };
    assert_eq!(told(0), "`delay(0)`: a delay is 1 to 3600 ticks");
    assert_eq!(
        told(usize::MAX),
        format!("`delay({})`: a delay is 1 to 3600 ticks", usize::MAX)
    );
    let clocks = pipeline! {
        source = Numbers::new(9).fps(60);
        sink = Null::new().fps(50);
        source >> delay(2) >> sink;
    };
    let told = clocks.map(drop).expect_err("two clocks").to_string();
    assert!(
        told.contains("from `source` to `sink` counts the ticks of one clock"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_slots_than_a_ring_has_are_an_error_of_the_graph() {
    /// Wants too much.
    #[actor]
    struct Greedy {
        #[input(every = 5000)]
        number: Input<DataMessage<u64>>,
    }
    impl Actor for Greedy {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            self.number.latest();
            Ok(())
        }
    }
    let show = pipeline! {
        source = Numbers::new(9).fps(60);
        source >> Greedy::new();
    };
    let told = show.map(drop).expect_err("too many slots").to_string();
    assert!(
        told.contains("a ring of 5002 slots: 4096 are the most"),
        "{told}"
    );
}

/// Sends the number of every third tick, and ends with tick 6.
#[actor]
struct Thirds {
    #[output]
    number: Output<DataMessage<u64>>,
}

impl Actor for Thirds {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let number = tick.frame_number;
        if number.is_multiple_of(3) {
            self.number.send(DataMessage::new(number), tick);
        }
        match number {
            6 => Err(Error::EndOfStream),
            _ => Ok(()),
        }
    }
}

/// Asks, reads, and asks again.
#[actor]
struct AsksLate {
    #[input]
    beat: Input<DataMessage<u64>>,
    #[input]
    newest: Input<DataMessage<u64>>,
    #[input(every = 4)]
    each: Input<DataMessage<u64>>,
    #[input]
    read: Input<DataMessage<u64>>,
    told: Log<(u64, u64)>,
    ended: Log<u64>,
}

impl Actor for AsksLate {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let now = tick.frame_number;
        self.beat.latest();
        for input in [&mut self.newest, &mut self.each] {
            if input.has_ended() {
                self.ended.push(now);
            }
            let has_new = input.has_new();
            let next = input.next().map(|number| **number);
            assert_eq!(has_new, next.is_some(), "on tick {now}");
            assert!(!input.has_new(), "it has been read");
            if let Some(number) = next {
                self.told.push((now, number));
            }
        }
        let has_new = self.read.has_new();
        let latest = self.read.latest().map(|number| **number);
        assert_eq!(has_new, latest == Some(now.wrapping_sub(2)), "on {now}");
        assert!(!self.read.has_new(), "it has been read");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_input_says_what_is_due_and_not_what_has_come() -> Result<()> {
    let (told, ended) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        beat = Numbers::new(u64::MAX) @ house;
        thirds = Thirds::new() @ house;
        asks = AsksLate::new(told.clone(), ended.clone());
        beat >> asks.beat;
        thirds >> delay(2) >> [asks.newest, asks.read];
        thirds >> delay(1) >> asks.each;
    }?;
    clock.advance(12).await?;
    show.stop().await?;
    assert_eq!(
        told.entries(),
        [(1, 0), (2, 0), (4, 3), (5, 3), (7, 6), (8, 6)]
    );
    // The one from tick 7 on, the other from tick 8 on.
    assert_eq!(ended.entries(), [7, 8, 8, 9, 9, 10, 10, 11, 11]);
    Ok(())
}
