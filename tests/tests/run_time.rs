//! Start, status, graph, the end of a stream, and what happens when an actor fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use streamlib::actor::ActorState;
use streamlib::prelude::*;
use streamlib_tests::{AddOne, Collect, Items, Log, Numbers, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_end_flows_downstream_after_the_last_item() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(9) @ house;
        source >> AddOne::new() >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    show.finished().await;
    assert_eq!(log.entries().last(), Some(&(9, 10)));
    assert!(
        show.status()
            .actors
            .iter()
            .all(|actor| actor.state == ActorState::Stopped)
    );
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn run_returns_when_all_sinks_have_ended() -> Result<()> {
    let (short, long) = (Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(500);
        one = Items::up_to(3) @ house;
        two = Items::up_to(30) @ house;
        one >> Collect::new(short.clone());
        two >> Collect::new(long.clone());
    }?;
    show.run().await?;
    // Ticks may be merged on this machine, but the last item always arrives.
    let last = |log: &Log<(u64, u64)>| log.entries().last().map(|(_, number)| *number);
    assert_eq!((last(&short), last(&long)), (Some(3), Some(30)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_handle_stops() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(500);
        source >> Collect::new(log.clone());
    }?;
    assert!(until(|| log.entries().len() > 3).await);
    drop(show);
    let mut before = usize::MAX;
    let stands_still = || {
        std::thread::sleep(Duration::from_millis(50));
        let now = log.entries().len();
        std::mem::replace(&mut before, now) == now
    };
    assert!(
        until(stands_still).await,
        "ticks still come after the handle was dropped"
    );
    Ok(())
}

/// Panics or fails on ticks of its choice, and counts how often it was opened and closed.
#[actor]
struct Faulty {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    fault: fn(u64) -> Result<()>,
    opened: Arc<AtomicU64>,
}

/// The same, which stops when it fails.
#[actor(on_error = stop)]
struct Stops {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    fault: fn(u64) -> Result<()>,
}

/// The same, which is opened again when it fails.
#[actor(on_error = restart)]
struct Restarts {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    fault: fn(u64) -> Result<()>,
    opened: Arc<AtomicU64>,
}

macro_rules! faulty {
    ($name:ident $(, $opened:ident)?) => {
        impl Actor for $name {
            async fn on_start(&mut self) -> Result<()> {
                $(self.$opened.fetch_add(1, Ordering::Relaxed);)?
                Ok(())
            }
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                (self.fault)(tick.frame_number)?;
                if let Some(number) = self.number.latest() {
                    self.out.send(DataMessage::new(**number), tick);
                }
                Ok(())
            }
        }
    };
}
faulty!(Faulty, opened);
faulty!(Stops);
faulty!(Restarts, opened);

fn panic_on_sevens(tick: u64) -> Result<()> {
    assert!(tick % 10 != 7, "seven");
    Ok(())
}

fn fail_on_sevens(tick: u64) -> Result<()> {
    if tick % 10 == 7 {
        Err("seven".into())
    } else {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_branch_leaves_the_other_whole() -> Result<()> {
    let (hurt, whole) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let opened = Arc::<AtomicU64>::default();
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        faulty = Faulty::new(panic_on_sevens, opened.clone());
        plus = AddOne::new();
        source >> [faulty, plus];
        faulty >> Collect::new(hurt.clone());
        plus >> Collect::new(whole.clone());
    }?;
    clock.advance(100).await?;
    show.stop().await?;
    assert_eq!(whole.entries().len(), 100);
    assert_eq!(
        hurt.entries().len(),
        90,
        "nothing is sent on the ticks that panic"
    );
    assert_eq!(opened.load(Ordering::Relaxed), 1);
    let status = show.status();
    let faulty = status.actor("faulty").expect("it is in the graph");
    assert_eq!((faulty.panics, faulty.errors, faulty.ticks), (10, 0, 100));
    assert_eq!(faulty.last_error.as_deref(), Some("seven"));
    assert!(
        status.to_string().contains("last error of faulty: seven"),
        "{status}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_counted_and_the_next_tick_comes() -> Result<()> {
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        faulty = Faulty::new(fail_on_sevens, Arc::default()) on inline;
        source >> faulty >> Null::new();
    }?;
    clock.advance(50).await?;
    show.stop().await?;
    assert_eq!(
        show.status().actor("faulty").map(|f| (f.errors, f.ticks)),
        Some((5, 50))
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_error_stop_ends_what_hangs_on_the_actor() -> Result<()> {
    let (hurt, whole) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        stops = Stops::new(fail_on_sevens);
        source >> [stops, Collect::new(whole.clone())];
        stops >> Collect::new(hurt.clone());
    }?;
    clock.advance(20).await?;
    assert_eq!((hurt.entries().len(), whole.entries().len()), (7, 20));
    let error = show.stop().await.expect_err("an actor has failed");
    assert!(error.to_string().contains("`stops`"), "{error}");
    assert!(error.to_string().contains("seven"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_error_restart_opens_the_actor_again() -> Result<()> {
    let log = Log::new();
    let opened = Arc::<AtomicU64>::default();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        restarts = Restarts::new(panic_on_sevens, opened.clone());
        source >> restarts >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    show.stop().await?;
    // Tick 7 panics; 8 is rested through; 9 comes after the actor was opened again.
    let numbers: Vec<u64> = log.entries().iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers[..8], [0, 1, 2, 3, 4, 5, 6, 9]);
    assert_eq!(
        opened.load(Ordering::Relaxed),
        3,
        "at the start, and after two panics"
    );
    assert_eq!(
        show.status()
            .actor("restarts")
            .map(|r| (r.restarts, r.panics)),
        Some((2, 2))
    );
    Ok(())
}

/// Fails when it is opened.
#[actor]
struct NoDevice {
    #[output]
    out: Output<DataMessage<u64>>,
}

impl Actor for NoDevice {
    async fn on_start(&mut self) -> Result<()> {
        Err("there is no device".into())
    }
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.send(DataMessage::new(0), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_that_cannot_open_ends_its_branch_and_says_why() -> Result<()> {
    let whole = Log::new();
    let show = pipeline! {
        clock house = SoftwareClock::fps(200);
        device = NoDevice::new() @ house;
        source = Items::up_to(20) @ house;
        device >> Null::new();
        source >> Collect::new(whole.clone());
    }?;
    show.finished().await;
    assert_eq!(whole.entries().last().map(|(_, number)| *number), Some(20));
    let error = show.stop().await.expect_err("an actor has failed");
    assert_eq!(
        error.to_string(),
        "actor `device` failed: there is no device"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_before_anything_runs() {
    let refused = |built: Result<Pipeline>, word: &str| {
        let error = built.map(drop).expect_err("it is impossible");
        assert!(error.to_string().contains(word), "{error}");
    };
    refused(
        pipeline! { TestPattern::new(Pattern::White).size(0, 1080).fps(60) >> Null::new() },
        "0 × 1080",
    );
    refused(
        pipeline! { TestPattern::new(Pattern::White).size(1_000_000, 8).fps(60) >> Null::new() },
        "1000000",
    );
    for (fps, given) in [
        (0.0, "0"),
        (-5.0, "-5"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
    ] {
        refused(pipeline! { Numbers::new(1).fps(fps) >> Null::new() }, given);
        refused(
            pipeline! {
                clock house = SoftwareClock::fps(fps);
                source = Numbers::new(1) @ house;
                source >> Null::new();
            },
            given,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graph_can_be_drawn() -> Result<()> {
    let clock = VirtualClock::new(Rate::new(60_000, 1_001)?);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        plus = AddOne::new() on inline;
        source >> plus >> Null::new();
    }?;
    let graph = show.graph();
    let mermaid = graph.to_mermaid();
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    for line in [
        "source<br/>Numbers<br/>house @",
        "on threads",
        "plus<br/>AddOne",
        "on inline",
    ] {
        assert!(mermaid.contains(line), "no `{line}` in\n{mermaid}");
    }
    assert!(mermaid.contains("n0 -->|\"numbers → number: "), "{mermaid}");
    let dot = graph.to_dot();
    assert!(
        dot.starts_with("digraph streamlib {") && dot.ends_with("}\n"),
        "{dot}"
    );
    assert_eq!(dot.matches(" -> ").count(), 2, "{dot}");
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_flushes_what_was_published() -> Result<()> {
    /// Writes on its end what it has seen.
    #[actor]
    struct Writer {
        #[input(every = 4)]
        number: Input<DataMessage<u64>>,
        seen: u64,
        file: Log<u64>,
    }
    impl Actor for Writer {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            while self.number.next().is_some() {
                self.seen += 1;
            }
            Ok(())
        }
        async fn on_stop(&mut self) -> Result<()> {
            self.file.push(self.seen);
            Ok(())
        }
    }
    let file = Log::new();
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> AddOne::new() >> Writer::new(0, file.clone());
    }?;
    clock.advance(50).await?;
    show.stop().await?;
    assert_eq!(file.entries(), [50]);
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_with_a_clock_of_its_own_ends_after_what_feeds_it() -> Result<()> {
    let log = Log::new();
    let show = pipeline! {
        source = Items::up_to(5).fps(500);
        sink = Collect::new(log.clone()).fps(200);
        source >> sink;
    }?;
    assert!(
        until(|| show
            .status()
            .actors
            .iter()
            .all(|a| a.state == ActorState::Stopped))
        .await
    );
    show.finished().await;
    assert_eq!(log.entries().last().map(|(_, number)| *number), Some(5));
    show.stop().await
}
