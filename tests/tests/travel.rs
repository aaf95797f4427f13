//! The tick travels with the data: through chains, fan-outs and joins, and across clocks.

use std::time::Duration;

use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Log, Numbers, until};

/// Adds what its two inputs have, and notes if they are not of one tick.
#[actor]
struct Sum {
    #[input]
    a: Input<DataMessage<u64>>,
    #[input]
    b: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    torn: Log<(u64, u64, u64)>,
}

impl Actor for Sum {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let (Some(a), Some(b)) = (self.a.latest(), self.b.latest()) else {
            self.torn.push((tick.frame_number, 0, 0));
            return Ok(());
        };
        let (at, bt) = (a.tick().frame_number, b.tick().frame_number);
        if at != tick.frame_number || bt != tick.frame_number {
            self.torn.push((tick.frame_number, at, bt));
        }
        self.sum.send(DataMessage::new(**a + **b), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_crosses_a_chain_within_its_tick() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> AddOne::new() >> AddOne::new() >> AddOne::new() >> Collect::new(log.clone());
    }?;
    clock.advance(100).await?;
    show.stop().await?;
    assert_eq!(
        log.entries(),
        (0..100).map(|n| (n, n + 3)).collect::<Vec<_>>()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_waits_for_all_its_branches() -> Result<()> {
    let (log, torn) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        long   = AddOne::new();
        longer = AddOne::new() on tokio;
        sum    = Sum::new(torn.clone());

        source >> [sum.a, long];
        long   >> longer >> sum.b;
        sum    >> Collect::new(log.clone());
    }?;
    clock.advance(1000).await?;
    show.stop().await?;
    assert_eq!(torn.entries(), []);
    assert_eq!(
        log.entries(),
        (0..1000).map(|n| (n, 2 * n + 2)).collect::<Vec<_>>()
    );
    let status = show.status();
    assert_eq!(
        status
            .actor("sum")
            .map(|sum| (sum.ticks, sum.late, sum.missed)),
        Some((1000, 0, 0))
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inline_join_runs_too() -> Result<()> {
    let (log, torn) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house on inline;
        left   = AddOne::new() on inline;
        right  = AddOne::new() on inline;
        sum    = Sum::new(torn.clone()) on inline;

        source >> [left, right];
        left   >> sum.a;
        right  >> sum.b;
        sum    >> Collect::new(log.clone());
    }?;
    clock.advance(500).await?;
    show.stop().await?;
    assert_eq!(torn.entries(), []);
    assert_eq!(log.entries().len(), 500);
    Ok(())
}

/// Passes on one item in `n`.
#[actor]
struct Every {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    some: Output<DataMessage<u64>>,
    n: u64,
}

impl Actor for Every {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest()
            && **number % self.n == 0
        {
            self.some.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_sends_nothing_holds_up_no_join() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        some   = Every::new(10);
        sum    = Sum::new(Log::new());

        source >> [sum.a, some];
        some   >> sum.b;
        sum    >> Collect::new(log.clone());
    }?;
    clock.advance(100).await?;
    show.stop().await?;
    // The newest of each: the tick's own number, and the last multiple of ten.
    assert_eq!(
        log.entries(),
        (0..100).map(|n| (n, n + n / 10 * 10)).collect::<Vec<_>>()
    );
    assert_eq!(
        show.status().actor("some").map(|some| some.ticks),
        Some(100)
    );
    Ok(())
}

/// Hangs from the tenth tick on, until it is let go.
#[actor]
struct Hang {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    go: tokio::sync::watch::Receiver<bool>,
}

impl Actor for Hang {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number >= 10 {
            self.go.wait_for(|go| *go).await.map_err(Error::other)?;
        }
        if let Some(number) = self.number.latest() {
            self.out.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_waits_one_period_and_no_longer() -> Result<()> {
    let log = Log::new();
    let (go, wait) = tokio::sync::watch::channel(false);
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(200);
        hang   = Hang::new(wait);
        sum    = Sum::new(Log::new());

        source >> [sum.a, hang];
        hang   >> sum.b;
        sum    >> Collect::new(log.clone());
    }?;
    assert!(
        until(|| log.entries().len() > 30).await,
        "the other branch goes on"
    );
    let late = show.status().actor("sum").map_or(0, |sum| sum.late);
    assert!(late >= 10, "ticks that came late are counted: {late}");
    assert!(go.send(true).is_ok());
    let ticks = || show.status().actor("hang").map_or(0, |hang| hang.ticks);
    let before = ticks();
    assert!(
        until(|| ticks() > before + 5).await,
        "the branch that hung goes on"
    );
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_with_another_clock_reads_the_newest_on_its_own_ticks() -> Result<()> {
    let log = Log::new();
    let (fast, slow) = (VirtualClock::fps(60), VirtualClock::fps(10));
    let show = pipeline! {
        clock fast = fast.clone();
        clock slow = slow.clone();
        source = Numbers::new(u64::MAX) @ fast;
        source >> sample;
        sample = Collect::new(log.clone()) @ slow;
    }?;
    for _ in 0..5 {
        fast.advance(6).await?;
        slow.advance(1).await?;
    }
    assert_eq!(log.entries(), [(0, 5), (1, 11), (2, 17), (3, 23), (4, 29)]);
    // On virtual time a quick actor is looked at now and then only, and once more at its end.
    show.stop().await?;
    assert_eq!(
        show.status().actor("sample").map(|sample| sample.dropped),
        Some(25)
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clocks_that_the_types_do_not_show_are_refused_at_start() {
    let built = pipeline! {
        clock house = VirtualClock::fps(60);
        one = Numbers::new(9) @ house;
        two = AddOne::new().fps(30);
        sum = Sum::new(Log::new());

        one >> [two, sum.a];
        two >> sum.b;
        sum >> Null::new();
    };
    let error = built.map(drop).expect_err("two clocks meet in `sum`");
    assert!(error.to_string().contains("`sum`"), "{error}");
}

/// All that came, in order.
#[actor]
struct Each {
    #[input(every = 8)]
    number: Input<DataMessage<u64>>,
    log: Log<u64>,
}

impl Actor for Each {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while let Some(number) = self.number.next() {
            self.log.push(**number);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_every_input_skips_nothing_up_to_its_depth() -> Result<()> {
    let (each, newest) = (Log::new(), Log::new());
    let (fast, slow) = (VirtualClock::fps(60), VirtualClock::fps(10));
    let show = pipeline! {
        clock fast = fast.clone();
        clock slow = slow.clone();
        source = Numbers::new(u64::MAX) @ fast;
        all    = Each::new(each.clone()) @ slow;
        some   = Collect::new(newest.clone()) @ slow;
        source >> [all, some];
    }?;
    fast.advance(6).await?;
    slow.advance(1).await?;
    assert_eq!(each.entries(), [0, 1, 2, 3, 4, 5]);
    fast.advance(20).await?;
    slow.advance(1).await?;
    assert_eq!(each.entries()[6..], [18, 19, 20, 21, 22, 23, 24, 25]);
    show.stop().await?;
    assert_eq!(show.status().actor("all").map(|all| all.dropped), Some(12));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_of_ten_are_far_faster_than_a_frame() -> Result<()> {
    use std::time::Instant;

    /// Sends the time.
    #[actor]
    struct Now {
        #[output]
        now: Output<DataMessage<Instant>>,
    }
    impl Actor for Now {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            self.now.send(DataMessage::new(Instant::now()), tick);
            Ok(())
        }
    }
    /// Passes the time on.
    #[actor]
    struct Pass {
        #[input]
        then: Input<DataMessage<Instant>>,
        #[output]
        out: Output<DataMessage<Instant>>,
    }
    impl Actor for Pass {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            if let Some(then) = self.then.latest() {
                self.out.send(DataMessage::new(**then), tick);
            }
            Ok(())
        }
    }
    /// Writes down how old the time is.
    #[actor]
    struct Age {
        #[input]
        then: Input<DataMessage<Instant>>,
        log: Log<Duration>,
    }
    impl Actor for Age {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            if let Some(then) = self.then.latest() {
                self.log.push(then.elapsed());
            }
            Ok(())
        }
    }

    let (inline, threads) = (Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(60);
        a = Now::new() @ house;
        a1 = Pass::new() on inline; a2 = Pass::new() on inline; a3 = Pass::new() on inline;
        a4 = Pass::new() on inline; a5 = Pass::new() on inline; a6 = Pass::new() on inline;
        a7 = Pass::new() on inline; a8 = Pass::new() on inline; a9 = Pass::new() on inline;
        a10 = Age::new(inline.clone()) on inline;
        a >> a1 >> a2 >> a3 >> a4 >> a5 >> a6 >> a7 >> a8 >> a9 >> a10;

        b = Now::new() @ house;
        b1 = Pass::new() on threads; b2 = Pass::new() on threads; b3 = Pass::new() on threads;
        b4 = Pass::new() on threads; b5 = Pass::new() on threads; b6 = Pass::new() on threads;
        b7 = Pass::new() on threads; b8 = Pass::new() on threads; b9 = Pass::new() on threads;
        b10 = Age::new(threads.clone()) on threads;
        b >> b1 >> b2 >> b3 >> b4 >> b5 >> b6 >> b7 >> b8 >> b9 >> b10;
    }?;
    assert!(until(|| inline.entries().len() > 60 && threads.entries().len() > 60).await);
    show.stop().await?;
    for (chain, log) in [("inline", inline), ("threads", threads)] {
        let mut ages = log.entries();
        ages.sort();
        let median = ages[ages.len() / 2];
        println!(
            "ten actors, {chain}: median {median:?}, max {:?}",
            ages[ages.len() - 1]
        );
        // A tick-per-hop design would need ten periods of 16.7 ms; a quarter of one is generous here.
        assert!(
            median < Duration::from_micros(16_667 / 4),
            "{chain}: {median:?}"
        );
    }
    Ok(())
}
