//! Workers that several actors share: how many there are, and what the end of one is to all that are in it. By itself, in one
//! test, since the pool is that of the whole program.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use streamlib::actor::ActorStatus;
use streamlib::prelude::*;
use streamlib::process::{Local, Process};
use streamlib_tests::workers::workers;
use streamlib_tests::{Collect, Log, Numbers, Seen, status_of, until};

streamlib::process::before_main!();

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Fault {
    Nothing,
    Crash,
    Hang,
}

/// Hands on what comes, and tells in which process it is. Has its fault on number 10 or the first after it; the one that comes after it
/// has none.
#[actor(deadline = 20)]
struct Steady {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    #[output]
    place: Output<DataMessage<u32>>,
    fault: Fault,
    began: Local<Option<u64>>,
}

impl Actor for Steady {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest().map(|number| **number) {
            if *self.began.get_or_insert(number) < 10 && number >= 10 {
                match self.fault {
                    Fault::Nothing => {}
                    Fault::Crash => std::process::abort(),
                    Fault::Hang => std::thread::sleep(Duration::from_secs(1000)),
                }
            }
            self.same.send(DataMessage::new(number), tick);
        }
        self.place.send(DataMessage::new(std::process::id()), tick);
        Ok(())
    }
}

fn with(fault: Fault) -> Steady {
    Steady::new(fault, Local::default())
}

fn steady() -> Steady {
    with(Fault::Nothing)
}

/// In how many processes four actors run.
async fn places_of_four() -> Result<usize> {
    let places = Log::<DataMessage<u32>>::new();
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        numbers = Numbers::new(u64::MAX) @ house;
        a = steady() on process;
        b = steady() on process;
        c = steady() on process;
        d = steady() on process;

        numbers >> [a.number, b.number, c.number, d.number];
        a.place >> Seen::new(places.clone());
        b.place >> Seen::new(places.clone());
        c.place >> Seen::new(places.clone());
        d.place >> Seen::new(places.clone());
    }?;
    clock.advance(3).await?;
    show.stop().await?;
    drop(show);
    are_gone().await;
    let places: BTreeSet<u32> = places.entries().iter().map(|place| **place).collect();
    assert!(!places.contains(&std::process::id()));
    Ok(places.len())
}

/// Waits until there are no workers, so that the next graph begins with none.
async fn are_gone() {
    assert!(until(|| workers(std::process::id()).is_empty()).await);
}

/// Two actors in a row that share a worker, of which the first has a fault: what both have to say when number 30 has come
/// out of the second, and how often they were begun anew.
async fn in_a_row(fault: Fault) -> Result<Vec<(String, u64)>> {
    let log = Log::new();
    let show = pipeline! {
        clock house = SoftwareClock::fps(50);
        numbers = Numbers::new(u64::MAX) @ house;
        first   = with(fault) on process;
        second  = steady() on process;
        numbers >> first.number;
        first.same >> second.number;
        second.same >> Collect::new(log.clone());
    }?;
    let goes_on = until(|| log.entries().iter().any(|&(_, number)| number >= 30)).await;
    let both = ["first", "second"].map(|name| status_of(&show, name));
    show.stop().await?;
    drop(show);
    are_gone().await;
    assert!(goes_on, "{both:?}");
    let told = |status: ActorStatus| (status.last_error.unwrap_or_default(), status.restarts);
    Ok(both.map(told).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn actors_share_as_many_workers_as_is_said_and_each_other_s_end() -> Result<()> {
    assert_eq!(places_of_four().await?, 2, "unless it is said");
    Process::workers(3);
    assert_eq!(places_of_four().await?, 3);
    Process::workers(0);
    assert_eq!(places_of_four().await?, 1, "there is one at least");

    // All in one now. The first crashes when the second is at rest: both are begun anew, and both say who it was.
    for (error, restarts) in in_a_row(Fault::Crash).await? {
        let told = "was killed by signal 6 (SIGABRT: it gave up); at work: first";
        assert!(error.contains(told), "{error}");
        // In the order in which they sat down.
        let both = ["(first, second)", "(second, first)"];
        assert!(both.iter().any(|both| error.contains(both)), "{error}");
        assert_eq!(restarts, 1);
    }
    // The same of one that hangs: the program itself has ended the worker, and knows because of whom.
    for (error, restarts) in in_a_row(Fault::Hang).await? {
        let told = "had not answered for 400.0ms, its deadline; because of first";
        assert!(error.contains(told), "{error}");
        assert_eq!(restarts, 1);
    }
    Ok(())
}
