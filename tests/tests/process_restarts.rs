//! Actors that are started again in another process: what they find there, and how long they rest.
#![cfg(target_os = "linux")]

use streamlib::prelude::*;
use streamlib::process::Local;
use streamlib_tests::{Collect, Log, Numbers, status_of};

streamlib::process::before_main!();

/// Sends one number, once.
#[actor]
struct Once {
    #[output]
    number: Output<DataMessage<u64>>,
}

impl Actor for Once {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number == 0 {
            self.number.send(DataMessage::new(7), tick);
        }
        Ok(())
    }
}

/// Hands on the latest number, and goes down on two of its ticks; one that comes after the first cannot be opened while the
/// file is there.
#[actor]
struct Frail {
    #[input]
    number: Input<DataMessage<u64>>,
    /// What ticks it.
    #[input]
    beat: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    busy: std::path::PathBuf,
    is_open: Local<bool>,
}

impl Actor for Frail {
    async fn on_start(&mut self) -> Result<()> {
        if self.busy.exists() {
            return Err("the device is busy".into());
        }
        *self.is_open = true;
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        assert!(*self.is_open, "ticked without having been opened");
        match tick.frame_number {
            5 => {
                std::fs::write(&self.busy, "")?;
                std::process::abort()
            }
            20 => std::process::abort(),
            _ => {}
        }
        self.beat.latest();
        if let Some(number) = self.number.latest() {
            self.same.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_it_reads_what_is_there_and_is_ticked_only_once_open() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("streamlib-frail-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let busy = folder.join("busy");
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        once  = Once::new() @ house;
        beats = Numbers::new(u64::MAX) @ house;
        frail = Frail::new(busy.clone(), Local::new(false)) on process.alone();
        once >> frail.number;
        beats >> frail.beat;
        frail >> Collect::new(log.clone());
    }?;
    clock.advance(10).await?;
    let down = status_of(&show, "frail");
    assert!(busy.exists(), "{down:?}");
    std::fs::remove_file(&busy)?;
    clock.advance(50).await?;
    let status = status_of(&show, "frail");
    show.stop().await?;
    std::fs::remove_dir_all(&folder)?;
    assert_eq!(status.panics, 0, "{:?}", status.last_error);
    assert!(down.errors >= 2, "{down:?}");
    let ticks: Vec<_> = log.entries().iter().map(|&(tick, _)| tick).collect();
    let after = |crash: u64| ticks.iter().any(|&tick| tick > crash);
    assert!(after(5) && after(20), "{ticks:?}");
    assert!(ticks.len() > 20, "{ticks:?}");
    Ok(())
}

/// Ends its process on every second tick.
#[actor]
struct Flaky {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    has_worked: Local<bool>,
}

impl Actor for Flaky {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if *self.has_worked {
            std::process::abort();
        }
        *self.has_worked = true;
        if let Some(number) = self.number.latest() {
            self.same.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_good_tick_makes_no_rest_shorter() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        flaky   = Flaky::new(Local::default()) on process.alone();
        numbers >> flaky >> Collect::new(log.clone());
    }?;
    clock.advance(800).await?;
    let flaky = status_of(&show, "flaky");
    show.stop().await?;
    // After 0, 2, 6, 14, 30, 62, 126 and 254 ticks, and once more.
    assert!((5..12).contains(&flaky.restarts), "{flaky:?}");
    assert_eq!(log.entries().len() as u64, flaky.restarts + 1);
    Ok(())
}
