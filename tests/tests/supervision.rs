//! Actors that fail, hang or fall silent, and what the rest of the graph makes of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use streamlib::actor::{ActorHandle, ActorState};
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, status_of, until};

/// Fails on the ticks from `from` on, by an error or by a panic; writes down what it does.
#[actor(on_error = restart { max: 3, within: Duration::from_secs(10), backoff: Duration::from_millis(200) })]
struct Fragile {
    #[input]
    number: Input<DataMessage<u64>>,
    from: u64,
    log: Log<(&'static str, u64)>,
    tick: u64,
}

impl Actor for Fragile {
    async fn on_start(&mut self) -> Result<()> {
        self.log.push(("start", self.tick));
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.tick = tick.frame_number;
        self.log.push(("process", tick.frame_number));
        if tick.frame_number < self.from {
            return Ok(());
        }
        assert!(tick.frame_number.is_multiple_of(2), "odd");
        Err(Error::graph("even"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_rest_longer_and_longer_until_there_were_enough() -> Result<()> {
    let (log, other) = (Log::new(), Log::new());
    let clock = VirtualClock::new(Rate::fps(10));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        fragile = Fragile::new(5, log.clone(), 0);
        source >> [fragile, Collect::new(other.clone())];
    }?;
    clock.advance(60).await?;
    let status = show.status();
    let fragile = status.actor("fragile").expect("the actor");
    assert_eq!(fragile.state, ActorState::Failed);
    assert_eq!((fragile.restarts, fragile.errors + fragile.panics), (3, 4));
    let table = status.to_string();
    assert!(table.contains("\nfragile: restarted 3 times\n"), "{table}");
    let worked: Vec<_> = log
        .entries()
        .into_iter()
        .filter(|(what, _)| *what == "process")
        .map(|(_, tick)| tick)
        .collect();
    // 200, 400 and 800 ms at 10 fps.
    assert_eq!(worked, [0, 1, 2, 3, 4, 5, 7, 11, 19]);
    // The others miss nothing.
    assert_eq!(other.entries().len(), 60);
    let error = show
        .stop()
        .await
        .expect_err("an actor has failed")
        .to_string();
    assert!(error.contains("actor `fragile` failed"), "{error}");
    Ok(())
}

/// A device that can be opened at the third try.
#[actor(on_error = restart { max: 5, within: Duration::from_secs(10), backoff: Duration::from_millis(200) })]
struct Device {
    #[output]
    number: Output<DataMessage<u64>>,
    tries: u32,
}

impl Actor for Device {
    async fn on_start(&mut self) -> Result<()> {
        self.tries += 1;
        if self.tries < 3 {
            return Err(Error::graph("not plugged in"));
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.number.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }

    fn summary(&self) -> String {
        format!("try {}", self.tries)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_at_first_is_tried_again() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(10));
    let show = pipeline! {
        clock house = clock.clone();
        device = Device::new(0) @ house;
        device >> Collect::new(log.clone());
    }?;
    clock.advance(1).await?;
    let device = || show.status().actor("device").expect("the actor").clone();
    assert_eq!(
        (device().state, device().restarts),
        (ActorState::Running, 0)
    );
    assert_eq!(device().last_error.as_deref(), Some("not plugged in"));
    clock.advance(7).await?;
    // 200 ms from the first tick on, and then 400.
    assert_eq!(log.entries(), [(6, 6), (7, 7)]);
    assert_eq!((device().restarts, device().errors), (2, 2));
    assert_eq!(device().summary, "try 3");
    show.stop().await
}

/// Takes the whole graph with it.
#[actor(on_error = stop_all)]
struct Vital {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Vital {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 3 {
            return Err(Error::graph("no signal"));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_all_ends_the_graph_and_run_says_why() -> Result<()> {
    let other = Log::new();
    let show = pipeline! {
        clock house = SoftwareClock::fps(200);
        source = Numbers::new(u64::MAX) @ house;
        apart = Numbers::new(u64::MAX).fps(100);
        source >> Vital::new();
        apart >> Collect::new(other.clone());
    }?;
    let error = show
        .run()
        .await
        .expect_err("a vital actor has failed")
        .to_string();
    assert!(error.contains("actor `vital` failed: no signal"), "{error}");
    let state = |name: &str| show.status().actor(name).expect("the actor").state;
    assert_eq!(state("vital"), ActorState::Failed);
    assert_eq!(state("apart"), ActorState::Stopped);
    Ok(())
}

/// A door that a thread waits at.
#[derive(Clone, Default)]
struct Door(Arc<(Mutex<bool>, Condvar)>);

impl Door {
    fn open(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.1.wait_while(open, |open| !*open));
    }
}

/// Hangs on its fifth tick.
#[actor(deadline = 10)]
struct Hangs {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    out: Output<DataMessage<u64>>,
    ticks: u64,
    door: Door,
}

impl Actor for Hangs {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.ticks += 1;
        if self.ticks == 5 {
            self.door.wait();
        }
        self.out.send(DataMessage::new(self.ticks), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_does_not_return_is_told_and_the_rest_goes_on() -> Result<()> {
    let (door, before, behind) = (Door::default(), Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(500);
        source = Numbers::new(u64::MAX) @ house;
        hangs = Hangs::new(0, door.clone());
        source >> [hangs, Collect::new(before.clone())];
        behind = Collect::new(behind.clone());
        hangs >> behind;
    }?;
    let state = |name: &str| show.status().actor(name).expect("the actor").state;
    assert!(until(|| state("hangs") == ActorState::Stalled).await);
    // What only it feeds waits for it; the others do not.
    assert_eq!(state("behind"), ActorState::Stalled);
    assert_eq!(state("collect"), ActorState::Running);
    let seen = before.entries().len();
    assert!(until(|| before.entries().len() > seen + 20).await);
    let status = show.status();
    let told = status
        .actor("hangs")
        .and_then(|actor| actor.last_error.clone());
    let told = told.expect("it is told");
    assert!(
        told.contains("has not returned for") && told.contains("(deadline 20ms)"),
        "{told}"
    );
    assert!(
        !cfg!(target_os = "linux") || told.contains("thread "),
        "{told}"
    );
    door.open();
    assert!(
        until(|| state("hangs") == ActorState::Running && state("behind") == ActorState::Running)
            .await
    );
    let seen = behind.entries().len();
    assert!(until(|| behind.entries().len() > seen + 5).await);
    let status = show.status();
    assert_eq!(status.actor("hangs").expect("the actor").stalls, 1);
    assert!(
        status.to_string().contains("\nhangs: stalled once"),
        "{status}"
    );
    show.stop().await
}

/// What hangs of an actor.
#[derive(Clone, Copy, PartialEq)]
enum Hung {
    FirstStart,
    Restart,
    Stop,
}

/// Hangs when it opens, when it opens again, or when it closes. Its ticks are shorter than opening takes.
#[actor(deadline = 1, on_error = restart)]
struct Opens {
    #[input]
    number: Input<DataMessage<u64>>,
    hung: Hung,
    starts: u32,
    door: Door,
}

impl Actor for Opens {
    async fn on_start(&mut self) -> Result<()> {
        self.starts += 1;
        match (self.hung, self.starts) {
            (Hung::FirstStart, 1) | (Hung::Restart, 2) => self.door.wait(),
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if self.hung == Hung::Restart && self.starts == 1 {
            return Err(Error::graph("unplugged"));
        }
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        if self.hung == Hung::Stop {
            self.door.wait();
        }
        Ok(())
    }
}

/// Lets `hung` hang, reads what is told of it, and lets it go on.
async fn told_of(hung: Hung, call: &str, before: ActorState) -> Result<()> {
    let door = Door::default();
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(200);
        opens = Opens::new(hung, 0, door.clone());
        source >> opens;
    }?;
    let actor = || show.status().actor("opens").expect("the actor").clone();
    let stalled = async || until(|| actor().state == ActorState::Stalled).await;
    let stops = async {
        if hung == Hung::Stop {
            assert!(until(|| actor().ticks > 3).await);
            show.stop().await?;
        }
        Ok::<_, Error>(())
    };
    let looks = async {
        assert!(stalled().await, "{call} hangs: {}", show.status());
        let told = actor().last_error.expect("it is told");
        let expected = format!("`{call}` has not returned for ");
        assert!(
            told.starts_with(&expected) && told.contains("(deadline 2s)"),
            "{told}"
        );
        let says_where = told.contains(": thread ");
        assert!(!cfg!(target_os = "linux") || says_where, "{told}");
        assert_eq!(actor().stalls, 1);
        door.open();
    };
    let (stopped, ()) = tokio::join!(stops, looks);
    stopped?;
    assert!(until(|| actor().state == before).await);
    if hung != Hung::Stop {
        let ticks = actor().ticks;
        assert!(until(|| actor().ticks > ticks + 3).await);
    }
    show.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_on_start_that_does_not_return_is_told() -> Result<()> {
    told_of(Hung::FirstStart, "on_start", ActorState::Running).await
}

#[tokio::test(flavor = "multi_thread")]
async fn also_one_that_opens_the_actor_again() -> Result<()> {
    told_of(Hung::Restart, "on_start", ActorState::Running).await
}

#[tokio::test(flavor = "multi_thread")]
async fn and_an_on_stop() -> Result<()> {
    told_of(Hung::Stop, "on_stop", ActorState::Stopped).await
}

/// Opens when the door does.
#[actor]
struct Opening {
    #[input]
    number: Input<DataMessage<u64>>,
    door: Door,
    is_opening: Arc<AtomicBool>,
}

impl Actor for Opening {
    async fn on_start(&mut self) -> Result<()> {
        self.is_opening.store(true, Ordering::Relaxed);
        self.door.wait();
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_is_starting_until_its_on_start_has_returned() -> Result<()> {
    let (door, is_opening) = (Door::default(), Arc::new(AtomicBool::new(false)));
    let clock = VirtualClock::new(Rate::fps(10));
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        device = Opening::new(door.clone(), Arc::clone(&is_opening));
        source >> device;
    }?;
    let actor = |name: &str| show.status().actor(name).expect("the actor").clone();
    assert_eq!(actor("device").state, ActorState::Starting);
    assert!(until(|| is_opening.load(Ordering::Relaxed)).await);
    assert!(until(|| actor("source").state == ActorState::Running).await);
    assert_eq!(actor("device").state, ActorState::Starting);
    let table = show.status().to_string();
    let line = table.lines().find(|line| line.starts_with("device"));
    assert!(
        line.is_some_and(|line| line.contains("starting")),
        "{table}"
    );

    door.open();
    clock.advance(3).await?;
    for name in ["source", "device"] {
        assert_eq!(
            (actor(name).state, actor(name).ticks),
            (ActorState::Running, 3)
        );
    }
    show.stop().await?;
    assert_eq!(actor("device").state, ActorState::Stopped);
    Ok(())
}

/// Waits for what never comes, until it is told.
#[actor(deadline = 5, dispatcher = tokio)]
struct Waits {
    #[input]
    number: Input<DataMessage<u64>>,
    done: Arc<AtomicBool>,
}

impl Actor for Waits {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while !self.done.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_awaits_is_not_taken_for_a_busy_thread() -> Result<()> {
    let done = Arc::new(AtomicBool::new(false));
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(500);
        waits = Waits::new(Arc::clone(&done));
        source >> waits;
    }?;
    let actor = || show.status().actor("waits").expect("the actor").clone();
    assert!(until(|| actor().state == ActorState::Stalled).await);
    let told = actor().last_error.expect("it is told");
    assert!(told.contains("it waits at an `.await`"), "{told}");
    done.store(true, Ordering::Relaxed);
    assert!(until(|| actor().state == ActorState::Running).await);
    show.stop().await
}

/// Sends on the ticks up to `last`, and is silent then.
#[actor]
struct Silent {
    #[output]
    number: Output<DataMessage<u64>>,
    last: u64,
}

impl Actor for Silent {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number <= self.last {
            self.number.send(DataMessage::new(tick.frame_number), tick);
        }
        Ok(())
    }
}

/// Writes down what it sees that is younger than a quarter of a second.
#[actor]
struct Young {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input]
    steady: Input<DataMessage<u64>>,
    log: Log<Option<u64>>,
}

impl Actor for Young {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let number = self.number.latest_within(Duration::from_millis(250));
        self.log.push(number.map(|number| **number));
        self.steady.latest_within(Duration::ZERO);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_when_a_source_falls_silent() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::new(Rate::fps(10));
    let show = pipeline! {
        clock house = clock.clone();
        silent = Silent::new(3) @ house;
        steady = Numbers::new(u64::MAX) @ house;
        young = Young::new(log.clone());
        silent >> young.number;
        steady >> young.steady;
    }?;
    clock.advance(8).await?;
    let seen = [
        Some(0),
        Some(1),
        Some(2),
        Some(3),
        Some(3),
        Some(3),
        None,
        None,
    ];
    assert_eq!(log.entries(), seen);
    let status = show.status();
    let young = status.actor("young").expect("the actor");
    assert_eq!(young.state, ActorState::Running);
    // On virtual time a quick actor is looked at now and then only, and once more at its end.
    show.stop().await?;
    let status = show.status();
    let young = status.actor("young").expect("the actor");
    assert_eq!(young.stale, 2);
    let table = status.to_string();
    let told = "\nyoung: found an input stale 2 times";
    assert!(table.ends_with(told), "{table}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_another_clock_is_as_old_as_it_was_first_seen() -> Result<()> {
    let log = Log::new();
    let (clock, other) = (
        VirtualClock::new(Rate::fps(10)),
        VirtualClock::new(Rate::fps(25)),
    );
    let show = pipeline! {
        clock house = clock.clone();
        clock away = other.clone();
        silent = Silent::new(0) @ away;
        steady = Numbers::new(u64::MAX) @ house;
        young = Young::new(log.clone()) @ house;
        silent >> young.number;
        steady >> young.steady;
    }?;
    other.advance(1).await?;
    clock.advance(5).await?;
    let seen: Vec<_> = log.entries().iter().map(Option::is_some).collect();
    assert_eq!(seen, [true, true, true, false, false]);
    show.stop().await
}

/// Opens at once and closes slowly; fails on its third tick if it is to.
#[actor(on_error = stop)]
struct Writer {
    #[output]
    out: Output<DataMessage<u64>>,
    log: Log<&'static str>,
    fails: bool,
}

impl Actor for Writer {
    async fn on_start(&mut self) -> Result<()> {
        self.log.push("open");
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.fails && tick.frame_number >= 3 {
            return Err(Error::graph("the disk is full"));
        }
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.log.push("closed");
        Ok(())
    }
}

/// What is to become of a parent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    GoesOn,
    Ends,
    Fails,
    ItsChildFails,
}

/// Starts a writer when it starts, and holds on to it. Its fate comes when the writer has ticked.
#[actor(on_error = stop)]
struct Parent {
    #[input]
    number: Input<DataMessage<u64>>,
    fate: Fate,
    log: Log<&'static str>,
    children: Log<ActorState>,
    child: Option<WriterHandle>,
}

impl Parent {
    fn with(fate: Fate, log: &Log<&'static str>, children: &Log<ActorState>) -> Self {
        Self::new(fate, log.clone(), children.clone(), None)
    }
}

impl Actor for Parent {
    async fn on_start(&mut self) -> Result<()> {
        let writer = Writer::new(self.log.clone(), self.fate == Fate::ItsChildFails);
        self.child = Some(spawn(writer.fps(500))?);
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let child = self.child.as_ref().expect("it was started").status();
        self.children.push(child.state);
        match self.fate {
            Fate::Ends if child.ticks > 3 => Err(Error::EndOfStream),
            Fate::Fails if child.ticks > 3 => Err(Error::graph("no more orders")),
            _ => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_lives_as_long_as_its_parent_and_is_waited_for() -> Result<()> {
    for fate in [Fate::GoesOn, Fate::Ends, Fate::Fails] {
        let (log, children) = (Log::new(), Log::new());
        let show = pipeline! {
            source = Numbers::new(u64::MAX).fps(200);
            source >> Parent::with(fate, &log, &children);
        }?;
        if fate == Fate::GoesOn {
            assert!(until(|| children.entries().len() > 5).await);
        } else {
            show.finished().await;
        }
        let stopped = show.stop().await;
        // It closes after its last tick, and that was waited for.
        assert_eq!(log.entries(), ["open", "closed"], "{fate:?}");
        let lives = |state| matches!(state, ActorState::Starting | ActorState::Running);
        assert!(children.entries().into_iter().all(lives), "{fate:?}");
        if fate == Fate::Fails {
            let error = stopped.expect_err("the parent has failed").to_string();
            assert!(error.contains("`parent` failed: no more orders"), "{error}");
        } else {
            stopped?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn run_waits_for_a_child_too() -> Result<()> {
    let (log, children) = (Log::new(), Log::new());
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(200);
        source >> Parent::with(Fate::Ends, &log, &children);
    }?;
    show.run().await?;
    assert_eq!(log.entries(), ["open", "closed"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_fails_takes_nobody_with_it() -> Result<()> {
    let (log, children) = (Log::new(), Log::new());
    let show = pipeline! {
        source = Numbers::new(u64::MAX).fps(200);
        source >> Parent::with(Fate::ItsChildFails, &log, &children);
    }?;
    let failed = || {
        let states = children.entries();
        let failed = states.iter().filter(|&&state| state == ActorState::Failed);
        failed.count()
    };
    assert!(until(|| failed() > 5).await, "{:?}", children.entries());
    assert_eq!(log.entries(), ["open", "closed"]);
    show.stop().await
}

/// Hires a parent, and so on.
#[actor]
struct Grandparent {
    #[output]
    out: Output<DataMessage<u64>>,
    log: Log<&'static str>,
    child: Option<ParentHandle>,
    deeper: Option<GrandparentHandle>,
    depth: u32,
}

impl Actor for Grandparent {
    async fn on_start(&mut self) -> Result<()> {
        if self.depth == 0 {
            let parent = Parent::with(Fate::GoesOn, &self.log, &Log::new());
            self.child = Some(spawn(parent)?);
        } else {
            let deeper = Self::new(self.log.clone(), None, None, self.depth - 1);
            self.deeper = Some(spawn(deeper.fps(500))?);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_children_of_children_are_waited_for() -> Result<()> {
    let log = Log::new();
    let oldest = spawn(Grandparent::new(log.clone(), None, None, 3).fps(500))?;
    assert!(until(|| log.entries() == ["open"]).await);
    oldest.stop().await?;
    assert_eq!(log.entries(), ["open", "closed"]);
    // Once more: nothing is left to wait for.
    oldest.stop().await
}

/// Holds a handle of whoever holds it.
#[actor]
struct Twin {
    #[output]
    out: Output<DataMessage<u64>>,
    other: Arc<Mutex<Option<ActorHandle>>>,
}

impl Actor for Twin {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.out.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_hold_each_other_end_together() -> Result<()> {
    let (other, last) = (Arc::default(), Arc::default());
    let one = spawn(Twin::new(Arc::clone(&other)).fps(500))?;
    let two = spawn(Twin::new(Arc::clone(&last)).fps(500))?;
    *other.lock().expect("nobody panics") = Some((*two).clone());
    *last.lock().expect("nobody panics") = Some((*one).clone());
    drop((other, last, two));
    one.stop().await
}

/// Fails once, and is then opened again, with another child.
#[actor(on_error = restart)]
struct Reborn {
    #[input]
    number: Input<DataMessage<u64>>,
    log: Log<&'static str>,
    child: Option<WriterHandle>,
    ticks: u32,
}

impl Actor for Reborn {
    async fn on_start(&mut self) -> Result<()> {
        self.child = Some(spawn(Writer::new(self.log.clone(), false).fps(500))?);
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.ticks += 1;
        if self.ticks == 3 {
            return Err(Error::graph("unplugged"));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_ends_the_child_that_it_replaces() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(50);
    let show = pipeline! {
        clock house = clock.clone();
        source = Numbers::new(u64::MAX) @ house;
        source >> Reborn::new(log.clone(), None, 0);
    }?;
    let count = |what| log.entries().iter().filter(|&&entry| entry == what).count();
    clock.advance(3).await?;
    assert!(until(|| count("open") == 1).await);
    clock.advance(3).await?;
    assert_eq!(status_of(&show, "reborn").restarts, 1);
    assert!(until(|| (count("open"), count("closed")) == (2, 1)).await);
    clock.advance(3).await?;
    show.stop().await?;
    assert_eq!((count("open"), count("closed")), (2, 2));
    Ok(())
}

/// How an actor fails, and in which call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Error,
    Panic,
}

impl Fault {
    fn happens(self) -> Result<()> {
        match self {
            Self::Error => Err(Error::graph("no signal")),
            Self::Panic => panic!("no signal"),
        }
    }
}

/// An actor that fails when it is opened, or on its third tick.
macro_rules! faulty {
    ($name:ident, $on_error:ident) => {
        #[actor(on_error = $on_error)]
        struct $name {
            #[input]
            number: Input<DataMessage<u64>>,
            #[output]
            out: Output<DataMessage<u64>>,
            fault: Fault,
            when_opened: bool,
        }

        impl Actor for $name {
            async fn on_start(&mut self) -> Result<()> {
                if self.when_opened {
                    self.fault.happens()?;
                }
                Ok(())
            }

            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                if tick.frame_number == 2 {
                    self.fault.happens()?;
                }
                self.out.send(DataMessage::new(tick.frame_number), tick);
                Ok(())
            }
        }
    };
}

faulty!(Stops, stop);
faulty!(StopsAll, stop_all);

/// Runs a graph with an actor that is faulty, and looks at all of them.
macro_rules! looks_at {
    ($faulty:ident, $all:expr, $fault:expr, $when_opened:expr) => {{
        let (fault, when_opened, all) = ($fault, $when_opened, $all);
        let what = format!("{fault:?}, opened: {when_opened}, all: {all}");
        let (house, away) = (VirtualClock::fps(50), VirtualClock::fps(50));
        let show = pipeline! {
            clock house = house.clone();
            clock away = away.clone();
            source = Numbers::new(u64::MAX) @ house;
            faulty = $faulty::new(fault, when_opened);
            source >> [faulty, beside];
            beside = Null::new();
            faulty >> behind;
            behind = Null::new();
            apart = Numbers::new(u64::MAX) @ away;
            apart >> far;
            far = Null::new();
        }?;
        for _ in 0..10 {
            house.advance(1).await?;
            away.advance(1).await?;
        }
        let ticks = |name| status_of(&show, name).ticks;
        let state = |name| status_of(&show, name).state;
        if all {
            show.finished().await;
            // A virtual clock may have ticked already while it is opened.
            let most = if when_opened { 1 } else { 3 };
            let ticked = (ticks("beside"), ticks("far"));
            assert!(ticked.0 <= most && ticked.1 <= most, "{what}: {ticked:?}");
        } else {
            assert_eq!((ticks("beside"), ticks("far")), (10, 10), "{what}");
            assert_eq!(state("beside"), ActorState::Running, "{what}");
        }
        assert!(until(|| state("behind") == ActorState::Stopped).await);
        assert_eq!(ticks("behind"), if when_opened { 0 } else { 2 }, "{what}");
        let faulty = status_of(&show, "faulty");
        assert_eq!(faulty.state, ActorState::Failed, "{what}");
        assert_eq!(faulty.ticks, if when_opened { 0 } else { 3 }, "{what}");
        let counted = match fault {
            Fault::Error => (1, 0),
            Fault::Panic => (0, 1),
        };
        assert_eq!((faulty.errors, faulty.panics), counted, "{what}");
        assert_eq!(faulty.restarts, 0, "{what}");
        let error = show.stop().await.expect_err("one has failed").to_string();
        assert!(error.contains("`faulty` failed: no signal"), "{error}");
        for name in ["source", "beside", "behind", "apart", "far"] {
            assert_eq!(state(name), ActorState::Stopped, "{what}: {name}");
        }
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_panics_end_as_much_as_is_said_in_either_call() -> Result<()> {
    for fault in [Fault::Error, Fault::Panic] {
        for when_opened in [false, true] {
            looks_at!(Stops, false, fault, when_opened);
            looks_at!(StopsAll, true, fault, when_opened);
        }
    }
    Ok(())
}
