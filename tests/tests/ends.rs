//! Graphs that are stopped at bad moments, and actors that panic outside of `process`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use streamlib::actor::ActorState;
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, until};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_anywhere_is_counted_and_holds_up_nobody() -> Result<()> {
    for when in [When::Start, When::Stop, When::Drop] {
        let (broken, whole) = (Log::new(), Log::new());
        let clock = VirtualClock::fps(60);
        let show = pipeline! {
            clock house = clock.clone();
            source = Numbers::new(u64::MAX) @ house;
            fragile = Fragile::new(Bomb(when));
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
        let status = show.status();
        let fragile = status.actor("fragile").expect("it is in the graph");
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
    }
    Ok(())
}
