//! Actors that fail in processes of their own, in every way there is: what it costs them and others, and what is told.
#![cfg(target_os = "linux")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use streamlib::actor::ActorStatus;
use streamlib::prelude::*;
use streamlib_tests::{Collect, Items, Log, Numbers, Seen, status_of, until};

streamlib::process::before_main!();

/// What an actor of these tests does on a certain item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Fault {
    Nothing,
    Abort,
    Exit(i32),
    Wild,
    Hang,
    Greed,
    Error,
    Panic,
}

/// Hands on what comes, but has a fault on item number 10.
#[actor(deadline = 20)]
struct Faulty {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

/// The same, and is closed and opened again.
#[actor(on_error = restart, deadline = 20)]
struct Restarted {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

/// The same, and stops.
#[actor(on_error = stop)]
struct Stopped {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    fault: Fault,
}

macro_rules! faulty {
    ($actor:ident) => {
        impl Actor for $actor {
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                let Some(number) = self.number.next() else {
                    return Ok(());
                };
                if **number == 10 {
                    fail(self.fault)?;
                }
                self.sum.send(DataMessage::new(**number), tick);
                Ok(())
            }
        }
    };
}

faulty!(Faulty);
faulty!(Restarted);
faulty!(Stopped);

fn fail(fault: Fault) -> Result<()> {
    match fault {
        Fault::Nothing => {}
        Fault::Abort => std::process::abort(),
        Fault::Exit(code) => {
            eprintln!("leaving early");
            std::process::exit(code)
        }
        // SAFETY: none; it is a test of what happens then, in a process that is there for it.
        Fault::Wild => unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) },
        Fault::Hang => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        Fault::Greed => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 16 << 20]);
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        Fault::Error => return Err("a bad ten".into()),
        Fault::Panic => panic!("a worse ten"),
    }
    Ok(())
}

/// The numbers from 0, with these left out.
fn all_but(left_out: impl Fn(u64) -> bool, below: u64) -> Vec<u64> {
    (0..below).filter(|&number| !left_out(number)).collect()
}

/// Runs `Faulty`, with a branch beside it; what both have seen, and how the first is.
async fn with_fault(fault: Fault) -> Result<(Vec<u64>, usize, ActorStatus)> {
    let (log, other) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        items  = Items::up_to(39) @ house;
        faulty = Faulty::new(fault) on process.alone();
        items  >> [faulty.number, Collect::new(other.clone())];
        faulty >> Collect::new(log.clone());
    }?;
    clock.advance(41).await?;
    let status = status_of(&show, "faulty");
    show.stop().await?;
    let seen = log.entries().iter().map(|&(_, number)| number).collect();
    Ok((seen, other.entries().len(), status))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_it_costs_it_one_tick_and_others_none_and_is_told() -> Result<()> {
    for (fault, told) in [
        (Fault::Abort, "was killed by signal 6 (SIGABRT"),
        (Fault::Wild, "was killed by signal 11 (SIGSEGV"),
        (
            Fault::Exit(3),
            "ended with exit code 3; its last words: leaving early",
        ),
        (Fault::Exit(0), "ended with exit code 0"),
    ] {
        let (seen, other, status) = with_fault(fault).await?;
        assert_eq!(
            seen,
            all_but(|number| number == 10, 40),
            "{fault:?}: {status:?}"
        );
        assert_eq!(other, 40, "{fault:?}");
        assert_eq!((status.errors, status.restarts), (1, 1), "{fault:?}");
        let error = status.last_error.unwrap_or_default();
        assert!(
            error.contains(told) && error.contains("(faulty)"),
            "{error}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_and_a_panic_are_what_they_are_anywhere() -> Result<()> {
    for (fault, told, counts) in [
        (Fault::Error, "a bad ten", (1, 0)),
        (Fault::Panic, "a worse ten", (0, 1)),
    ] {
        let (seen, other, status) = with_fault(fault).await?;
        assert_eq!((seen, other), (all_but(|number| number == 10, 40), 40));
        assert_eq!((status.errors, status.panics), counts);
        assert_eq!(
            (status.last_error.as_deref(), status.restarts),
            (Some(told), 0)
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_restarted_or_stopped_as_on_error_says() -> Result<()> {
    let (log, other) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        restart = Restarted::new(Fault::Abort) on process.alone();
        stop    = Stopped::new(Fault::Exit(1)) on process.alone();
        numbers >> [restart.number, stop.number];
        restart >> Collect::new(log.clone());
        stop    >> Collect::new(other.clone());
    }?;
    clock.advance(30).await?;
    let (restart, stop) = (status_of(&show, "restart"), status_of(&show, "stop"));
    assert!(show.stop().await.is_err(), "one has failed");
    // It rests for two ticks.
    let seen: Vec<_> = log.entries().iter().map(|&(_, number)| number).collect();
    assert_eq!(seen, all_but(|number| (10..12).contains(&number), 30));
    assert_eq!((restart.errors, restart.restarts), (1, 1));
    assert_eq!(other.entries().len(), 10);
    assert_eq!(stop.state, streamlib::actor::ActorState::Failed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_ended_at_its_deadline() -> Result<()> {
    let (log, other) = (Log::new(), Log::new());
    let show = pipeline! {
        clock house = SoftwareClock::fps(40);
        numbers = Numbers::new(u64::MAX) @ house;
        hang    = Restarted::new(Fault::Hang) on process.alone();
        numbers >> [hang.number, Collect::new(other.clone())];
        hang    >> Collect::new(log.clone());
    }?;
    let goes_on = || log.entries().iter().any(|&(_, number)| number > 30);
    let went_on = until(goes_on).await;
    let hang = status_of(&show, "hang");
    show.stop().await?;
    assert!(went_on, "{hang:?}");
    let error = hang.last_error.unwrap_or_default();
    assert!(
        error.contains("had not answered for 500.0ms, its deadline"),
        "{error}"
    );
    assert!(hang.restarts >= 1 && hang.missed > 10, "{}", hang.restarts);
    // While it hung, the others went on.
    let numbers: Vec<_> = other.entries().iter().map(|&(_, number)| number).collect();
    assert!(
        numbers
            .iter()
            .filter(|&&number| (11..30).contains(&number))
            .count()
            >= 10,
        "{numbers:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_too_much_memory_is_ended() -> Result<()> {
    let log = Log::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        greedy  = Faulty::new(Fault::Greed) on process.memory(400 << 20);
        numbers >> greedy >> Collect::new(log.clone());
    }?;
    clock.advance(20).await?;
    let greedy = status_of(&show, "greedy");
    show.stop().await?;
    let error = greedy.last_error.unwrap_or_default();
    assert!(error.contains("its limit is 400 MiB"), "{error}");
    assert_eq!((log.entries().len(), greedy.restarts), (19, 1));
    Ok(())
}

/// Sends a picture of 31.6 MiB on every tick, and draws nothing in it.
#[actor]
struct Large {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    video: Output<VideoFrame>,
    #[output]
    text: Output<DataMessage<String>>,
    first_long: u64,
}

impl Actor for Large {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(number) = self.number.next() else {
            return Ok(());
        };
        if **number >= self.first_long {
            let text = "bars".repeat(1 << 20);
            self.text.send(DataMessage::new(text), tick);
        } else {
            let frame = VideoFrame::new(PixelFormat::Rgba8, 3840, 2160)?;
            self.video.send(frame, tick);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_sends_more_than_it_may_has_an_error_and_is_not_ended() -> Result<()> {
    for (limit, first_long, sent, told) in [
        // All that is sent is kept: three times 31.6 MiB are, and the fourth is too much.
        (
            120,
            u64::MAX,
            3,
            "32 MiB more to be sent, where 95 MiB are held on the other side of this process's border, and its limit is 120 \
             MiB: let some go, or allow it more (`process.memory(…)`)",
        ),
        // So has what finds room in no message.
        (
            97,
            3,
            3,
            "5 MiB more to be sent, where 95 MiB are held on the other side of this process's border, and its limit is 97 MiB: \
             let some go, or allow it more (`process.memory(…)`)",
        ),
    ] {
        let (log, texts) = (Log::new(), Log::new());
        let clock = VirtualClock::fps(60);
        let show = pipeline! {
            clock house = clock.clone();
            numbers = Numbers::new(u64::MAX) @ house;
            large   = Large::new(first_long) on process.memory(limit << 20);
            numbers >> large;
            large.video >> Seen::new(log.clone());
            large.text >> Seen::new(texts.clone());
        }?;
        clock.advance(6).await?;
        let large = status_of(&show, "large");
        show.stop().await?;
        assert_eq!(large.last_error.as_deref(), Some(told));
        assert_eq!((log.entries().len(), texts.entries().len()), (sent, 0));
        assert_eq!((large.errors, large.restarts), (3, 0));
    }
    Ok(())
}
