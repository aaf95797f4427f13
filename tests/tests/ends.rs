//! Graphs that are stopped at bad moments, and actors that panic outside of `process`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use streamlib::actor::ActorState;
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, status_of, until};
use tokio::sync::Mutex;

/// Takes its time to open.
#[actor]
struct Slow {
    #[output]
    out: Output<DataMessage<u64>>,
    opening: Arc<AtomicBool>,
    log: Log<&'static str>,
}

impl Actor for Slow {
    async fn on_start(&mut self) -> Result<()> {
        self.opening.store(true, Ordering::Release);
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.log.push("opened");
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.log.push("ticked");
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.log.push("closed");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_during_the_start_lets_it_open_and_close_without_a_tick() -> Result<()> {
    for drops in [false, true] {
        let (opening, log) = (Arc::new(AtomicBool::new(false)), Log::new());
        let show = pipeline! {
            slow = Slow::new(opening.clone(), log.clone()).fps(500);
            slow >> Null::new();
        }?;
        assert!(until(|| opening.load(Ordering::Acquire)).await);
        if drops {
            drop(show);
        } else {
            show.stop().await?;
        }
        assert!(until(|| log.entries().len() == 2).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(log.entries(), ["opened", "closed"]);
    }
    Ok(())
}

/// How an actor ends the graph that it is in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    SaysSo,
    Drops,
    StopsInTheBackground,
    WaitsForItself,
}

type Handle = Arc<Mutex<Option<Pipeline>>>;

/// Ends its own graph on its third tick.
#[actor]
struct Suicidal {
    #[output]
    out: Output<DataMessage<u64>>,
    how: How,
    show: Handle,
}

impl Actor for Suicidal {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.send(DataMessage::new(tick.frame_number), tick);
        if tick.frame_number < 3 {
            return Ok(());
        }
        match self.how {
            How::SaysSo => return Err(Error::EndOfStream),
            How::Drops => drop(self.show.lock().await.take()),
            How::StopsInTheBackground => {
                if let Some(show) = self.show.lock().await.take() {
                    tokio::spawn(async move { show.stop().await });
                }
            }
            How::WaitsForItself => {
                if let Some(show) = self.show.lock().await.take() {
                    // It can't have ended while it waits for that.
                    let waited = tokio::time::timeout(Duration::from_millis(50), show.stop());
                    assert!(waited.await.is_err());
                }
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_can_end_its_own_graph() -> Result<()> {
    for how in [
        How::SaysSo,
        How::Drops,
        How::StopsInTheBackground,
        How::WaitsForItself,
    ] {
        let (handle, log) = (Handle::default(), Log::new());
        let mut place = handle.lock().await;
        let show = pipeline! {
            actor = Suicidal::new(how, handle.clone()).fps(200);
            actor >> Collect::new(log.clone());
        }?;
        *place = Some(show);
        drop(place);
        assert!(until(|| log.entries().last().is_some_and(|last| last.0 >= 3)).await);
        // Nothing comes after it.
        let mut before = usize::MAX;
        let stands_still = || {
            std::thread::sleep(Duration::from_millis(50));
            let now = log.entries().len();
            std::mem::replace(&mut before, now) == now
        };
        assert!(until(stands_still).await, "{how:?}");
        let show = handle.lock().await.take();
        assert_eq!(show.is_some(), how == How::SaysSo);
        if let Some(show) = show {
            show.finished().await;
            show.stop().await?;
        }
    }
    Ok(())
}

/// Where a `Fragile` panics.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Start,
    Stop,
    Drop,
}

/// Panics anywhere but in `process`.
#[actor]
struct Fragile {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    bomb: Bomb,
}

struct Bomb(When);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(self.0 != When::Drop, "it breaks");
    }
}

impl Actor for Fragile {
    async fn on_start(&mut self) -> Result<()> {
        assert!(self.bomb.0 != When::Start, "it breaks");
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.out.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        assert!(self.bomb.0 != When::Stop, "it breaks");
        Ok(())
    }
}

/// Runs a graph with one that breaks, `fragile`, beside one that does not.
macro_rules! breaks {
    ($when:expr, $word:ident) => {{
        let (when, broken, whole) = ($when, Log::new(), Log::new());
        let clock = VirtualClock::fps(60);
        let show = pipeline! {
            clock house = clock.clone();
            source = Numbers::new(u64::MAX) @ house;
            fragile = Fragile::new(Bomb(when)) on $word;
            source >> [fragile, Collect::new(whole.clone())];
            fragile >> Collect::new(broken.clone());
        }?;
        clock.advance(10).await?;
        assert_eq!(whole.entries().len(), 10);
        assert_eq!(
            broken.entries().len(),
            if when == When::Start { 0 } else { 10 }
        );
        let begin = Instant::now();
        let stopped = show.stop().await;
        assert!(begin.elapsed() < Duration::from_secs(5), "{when:?}");
        let fragile = status_of(&show, "fragile");
        assert_eq!(fragile.panics, 1, "{when:?}");
        assert!(
            fragile
                .last_error
                .as_deref()
                .is_some_and(|error| error.contains("it breaks"))
        );
        // Only what never opened has failed; the others had done their work.
        if when == When::Start {
            let error = stopped
                .expect_err("an actor could not be opened")
                .to_string();
            assert!(
                error.contains("`fragile`") && error.contains("it breaks"),
                "{error}"
            );
            assert_eq!(fragile.state, ActorState::Failed);
        } else {
            stopped?;
            assert_eq!(fragile.state, ActorState::Stopped);
        }
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_anywhere_is_counted_and_holds_up_nobody() -> Result<()> {
    for when in [When::Start, When::Stop, When::Drop] {
        breaks!(when, threads);
        breaks!(when, inline);
        breaks!(when, tokio);
    }
    Ok(())
}

/// Fails on every third tick, and panics whenever it is closed.
#[actor(on_error = restart)]
struct Reopened {
    #[input]
    number: Input<DataMessage<u64>>,
    log: Log<(&'static str, u64)>,
    tick: u64,
}

impl Actor for Reopened {
    async fn on_start(&mut self) -> Result<()> {
        self.log.push(("start", self.tick));
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.tick = tick.frame_number;
        if tick.frame_number == 3 {
            return Err(Error::graph("unplugged"));
        }
        self.log.push(("process", tick.frame_number));
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.log.push(("stop", self.tick));
        panic!("it breaks when it is closed")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_survives_an_on_stop_that_panics() -> Result<()> {
    let (clock, log) = (VirtualClock::fps(60), Log::new());
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> Reopened::new(log.clone(), 0);
    }?;
    clock.advance(7).await?;
    show.stop().await?;
    let reopened = status_of(&show, "reopened");
    let counted = (reopened.errors, reopened.panics, reopened.restarts);
    assert_eq!(counted, (1, 2, 1));
    assert_eq!(reopened.state, ActorState::Stopped);
    let seen = [
        ("start", 0),
        ("process", 0),
        ("process", 1),
        ("process", 2),
        // On the second tick after it.
        ("stop", 3),
        ("start", 3),
        ("process", 5),
        ("process", 6),
        ("stop", 6),
    ];
    assert_eq!(log.entries(), seen);
    Ok(())
}

/// What a panic carries, whose drop panics as well; and so does that of what that one carries.
struct Payload(u8);

impl Drop for Payload {
    fn drop(&mut self) {
        if self.0 > 0 {
            std::panic::panic_any(Self(self.0 - 1));
        }
    }
}

/// Panics on every tick, and when it ends.
#[actor]
struct Throws {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Throws {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        std::panic::panic_any(Payload(2))
    }

    async fn on_stop(&mut self) -> Result<()> {
        std::panic::panic_any(Payload(2))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_panic_carries_may_panic_as_well() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        throws = Throws::new();
        inside = Throws::new() on inline;
        source >> [throws, inside];
    }?;
    clock.advance(5).await?;
    show.stop().await?;
    for name in ["throws", "inside"] {
        let throws = status_of(&show, name);
        assert_eq!((throws.ticks, throws.panics), (5, 6), "{name}");
        assert_eq!(throws.state, ActorState::Stopped);
    }
    Ok(())
}

/// An error whose words break.
#[derive(Debug)]
struct Unspeakable;

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("there are no words")
    }
}

impl std::error::Error for Unspeakable {}

/// Fails on every tick.
#[actor]
struct Mute {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Mute {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Err(Error::other(Unspeakable))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_may_panic_when_it_is_told() -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> Mute::new();
    }?;
    clock.advance(5).await?;
    show.stop().await?;
    let mute = status_of(&show, "mute");
    assert_eq!((mute.ticks, mute.panics), (5, 5));
    assert_eq!(mute.last_error.as_deref(), Some("there are no words"));
    Ok(())
}

/// Breaks when it is dropped, once, if it is armed.
struct Breaks(Arc<AtomicBool>);

impl Drop for Breaks {
    fn drop(&mut self) {
        assert!(!self.0.swap(false, Ordering::AcqRel), "the item breaks");
    }
}

/// Sends such items.
#[actor]
struct Sends {
    #[output]
    out: Output<DataMessage<Breaks>>,
    armed: Arc<AtomicBool>,
}

impl Actor for Sends {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let item = Breaks(Arc::clone(&self.armed));
        self.out.send(DataMessage::new(item), tick);
        Ok(())
    }
}

/// Reads them, unless it ignores them.
#[actor]
struct Takes {
    #[input]
    item: Input<DataMessage<Breaks>>,
    ignores: bool,
}

impl Actor for Takes {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if !self.ignores {
            let _ = self.item.latest();
        }
        Ok(())
    }
}

/// The same, elsewhere.
#[actor(dispatcher = tokio)]
struct TakesOnTokio {
    #[input]
    item: Input<DataMessage<Breaks>>,
    ignores: bool,
}

impl Actor for TakesOnTokio {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if !self.ignores {
            let _ = self.item.latest();
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_breaks_is_counted_wherever_it_is_dropped() -> Result<()> {
    let (clock, armed) = (VirtualClock::fps(60), Arc::new(AtomicBool::new(false)));
    let show = pipeline! {
        clock house = clock.clone();
        sends = Sends::new(armed.clone()) @ house;
        takes = Takes::new(false);
        inside = Takes::new(false) on inline;
        beside = TakesOnTokio::new(false);
        sends >> [takes, inside, beside];
    }?;
    let panics = || {
        show.status()
            .actors
            .iter()
            .map(|actor| actor.panics)
            .sum::<u64>()
    };
    clock.advance(20).await?;
    assert_eq!(panics(), 0);
    armed.store(true, Ordering::Release);
    clock.advance(20).await?;
    assert_eq!(panics(), 1);
    armed.store(true, Ordering::Release);
    show.stop().await?;
    assert_eq!(panics(), 2);
    Ok(())
}

/// The last that reads what an actor has sent that is gone is cut; what is left then breaks.
macro_rules! cut_last {
    ($takes:expr, $clock:ident) => {{
        let armed = Arc::new(AtomicBool::new(false));
        let sends = spawn(Sends::new(armed.clone()).clocked($clock.clone()))?;
        let takes = spawn($takes)?;
        let link = (&sends.out >> &takes.item)?;
        $clock.advance(1).await?;
        sends.stop().await?;
        drop(sends);
        armed.store(true, Ordering::Release);
        link.disconnect();
        let mut ticks = 0;
        while takes.status().panics == 0 && ticks < 5_000 {
            ticks += 1;
            $clock.advance(1).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(!armed.load(Ordering::Acquire), "it is let go of");
        assert_eq!(takes.status().panics, 1);
        let stopped = tokio::time::timeout(Duration::from_secs(5), takes.stop()).await;
        (stopped.expect("it ends"), takes.status())
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_breaks_when_its_link_is_cut_ends_nothing() -> Result<()> {
    let clock = VirtualClock::fps(60);
    for ignores in [false, true] {
        for (stopped, status) in [
            cut_last!(Takes::new(ignores), clock),
            cut_last!(TakesOnTokio::new(ignores), clock),
        ] {
            stopped?;
            assert_eq!(status.state, ActorState::Stopped);
            assert_eq!(status.last_error.as_deref(), Some("the item breaks"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_breaks_between_two_calls_ends_its_actor_and_no_other() -> Result<()> {
    let clock = VirtualClock::fps(60);
    for _ in 0..5 {
        // It is ticked whatever it is linked to, and does not look at it.
        for (stopped, status) in [
            cut_last!(Takes::new(true).clocked(clock.clone()), clock),
            cut_last!(TakesOnTokio::new(true).clocked(clock.clone()), clock),
        ] {
            let error = stopped.expect_err("it has failed").to_string();
            assert!(error.contains("in the drop of an item"), "{error}");
            assert_eq!(status.state, ActorState::Failed);
        }
    }
    breaks!(When::Stop, threads);
    Ok(())
}

/// Looks at nothing that it is given.
#[actor(on_error = stop_all)]
struct Vital {
    #[input]
    item: Input<DataMessage<Breaks>>,
}

impl Actor for Vital {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_graph_stops_with_what_it_cannot_be_without_also_when_that_is_taken_away() -> Result<()> {
    let (ends, goes_on) = (
        tokio::runtime::Runtime::new()?,
        tokio::runtime::Runtime::new()?,
    );
    let show = ends.block_on(async {
        pipeline! {
            sends = Sends::new(Arc::default()).fps(500);
            sends >> vital;
            vital = Vital::new() on tokio;
            apart = Numbers::new(u64::MAX).fps(500);
            apart >> Null::new();
        }
    })?;
    assert!(goes_on.block_on(until(|| status_of(&show, "vital").ticks > 3)));
    drop(ends);
    goes_on.block_on(async {
        let ends = tokio::time::timeout(Duration::from_secs(5), show.finished());
        ends.await.expect("all of it stops");
        show.stop().await.expect_err("one has failed");
    });
    Ok(())
}

#[test]
fn what_a_runtime_takes_with_it_is_not_waited_for() -> Result<()> {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
    };
    let (ends, goes_on) = (runtime()?, runtime()?);
    let log = Log::new();
    let (show, takes) = ends.block_on(async {
        let show = pipeline! {
            source = Numbers::new(u64::MAX).fps(500) on tokio;
            source >> Collect::new(log.clone());
        }?;
        let takes = spawn(TakesOnTokio::new(true).fps(500))?;
        assert!(until(|| log.entries().len() > 3 && takes.status().ticks > 3).await);
        Ok::<_, Error>((show, takes))
    })?;
    drop(ends);
    goes_on.block_on(async {
        let stops = async { (show.stop().await, takes.stop().await) };
        let stopped = tokio::time::timeout(Duration::from_secs(5), stops).await;
        let (show, takes) = stopped.expect("they have ended");
        for stopped in [show, takes] {
            let error = stopped.expect_err("its task is gone").to_string();
            assert!(error.contains("a runtime that is shut down"), "{error}");
        }
    });
    Ok(())
}
