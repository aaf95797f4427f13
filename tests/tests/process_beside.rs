//! Workers that crash, are killed, hang or take too much memory, on a clock of real time: all else in the graph goes on tick by tick.
//!
//! A machine that is late may miss a tick for anybody. So there is a graph beside on the same clock in which nothing happens, which
//! says what the machine did, and each fault has some attempts; who waits for a worker would miss ticks in all of them.
#![cfg(target_os = "linux")]

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use streamlib::actor::ActorStatus;
use streamlib::prelude::*;
use streamlib_tests::{Collect, Log, Numbers, Seen, status_of, until};

streamlib::process::before_main!();

/// What happens to the worker on tick number [`AT`] or the first after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Fault {
    Crash,
    /// By the test, from outside.
    Killed,
    /// The same: all of its threads stand still, and it is there.
    Stopped,
    Hang,
    Greed,
}

const AT: u64 = 10;
/// Ticks a second: who waits a deadline long misses many of them, and a machine must be late by 40 ms to miss one.
const RATE: u32 = 25;
/// The most memory, in bytes, of an actor that takes more.
const MEMORY: u64 = 256 << 20;

/// Hands on what comes until its fault; the one that comes after it has none.
#[actor(deadline = 20)]
struct Faulty {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    same: Output<DataMessage<u64>>,
    #[output]
    place: Output<DataMessage<u32>>,
    fault: Fault,
    began: streamlib::process::Local<Option<u64>>,
}

impl Actor for Faulty {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(number) = self.number.latest().map(|number| **number) else {
            return Ok(());
        };
        let began = *self.began.get_or_insert(number);
        if began < AT && number >= AT {
            match self.fault {
                Fault::Crash => std::process::abort(),
                Fault::Killed | Fault::Stopped => {}
                Fault::Hang => std::thread::sleep(Duration::from_secs(1000)),
                Fault::Greed => {
                    let mut all = Vec::new();
                    loop {
                        all.push(vec![1_u8; 16 << 20]);
                        std::thread::sleep(Duration::from_millis(5));
                    }
                }
            }
        }
        self.same.send(DataMessage::new(number), tick);
        self.place.send(DataMessage::new(std::process::id()), tick);
        Ok(())
    }
}

/// Has two inputs: from what comes by way of the worker, and from what does not.
#[actor]
struct Meet {
    #[input]
    number: Input<DataMessage<u64>>,
    #[input]
    by_worker: Input<DataMessage<u64>>,
    log: Log<(u64, u64)>,
}

impl Actor for Meet {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.by_worker.latest();
        if let Some(number) = self.number.latest() {
            self.log.push((tick.frame_number, **number));
        }
        Ok(())
    }
}

/// How many ticks of those that an actor saw are missing between the first and the last.
fn gaps(log: &Log<(u64, u64)>) -> u64 {
    let log = log.entries();
    match (log.first(), log.last()) {
        (Some((first, _)), Some((last, _))) => last - first + 1 - log.len() as u64,
        _ => u64::MAX,
    }
}

/// What an attempt was like.
#[derive(Debug)]
struct Attempt {
    faulty: ActorStatus,
    /// Ticks that were missed by the worst of those beside, of which one is fed by the worker too and goes on without
    /// it, and by the graph in which nothing happens.
    beside: u64,
    still: u64,
    /// How many ticks the branch beside saw that the actor did not.
    meanwhile: usize,
}

async fn attempt(fault: Fault) -> Result<Attempt> {
    let house = SoftwareClock::fps(RATE);
    let (hands, beside, apart, met, still) =
        (Log::new(), Log::new(), Log::new(), Log::new(), Log::new());
    let places = Log::<DataMessage<u32>>::new();
    let memory = if fault == Fault::Greed {
        MEMORY
    } else {
        u64::MAX
    };
    let show = pipeline! {
        clock beat = house.clone();
        numbers = Numbers::new(u64::MAX) @ beat;
        faulty  = Faulty::new(fault, Default::default()) on process.memory(memory);
        beside  = Collect::new(beside.clone());
        meet    = Meet::new(met.clone());
        others  = Numbers::new(u64::MAX) @ beat;
        apart   = Collect::new(apart.clone());

        numbers >> [faulty.number, beside, meet.number];
        faulty.same >> [Collect::new(hands.clone()), meet.by_worker];
        faulty.place >> Seen::new(places.clone());
        others >> apart;
    }?;
    let control = pipeline! {
        clock beat = house.clone();
        numbers = Numbers::new(u64::MAX) @ beat;
        still   = Collect::new(still.clone());
        numbers >> still;
    }?;
    let signal = match fault {
        Fault::Killed => Some(Signal::KILL),
        Fault::Stopped => Some(Signal::STOP),
        _ => None,
    };
    if let Some(signal) = signal {
        let is_at_work = || hands.entries().iter().any(|&(_, number)| number >= AT);
        assert!(until(is_at_work).await);
        let worker = *places.entries()[0];
        let worker = Pid::from_raw(worker as i32).ok_or("no process")?;
        kill_process(worker, signal).map_err(Error::other)?;
    }
    // It is back, and goes on.
    let goes_on = || {
        let places: Vec<u32> = places.entries().iter().map(|place| **place).collect();
        status_of(&show, "faulty").restarts > 0 && places.first() != places.last()
    };
    let is_back = until(goes_on).await;
    let statuses = ["beside", "others", "apart", "meet"].map(|name| status_of(&show, name));
    let [faulty, control_still] = [status_of(&show, "faulty"), status_of(&control, "still")];
    show.stop().await?;
    control.stop().await?;
    assert!(is_back, "{fault:?}: {faulty:?}");
    let missed = statuses.iter().map(|status| status.missed);
    Ok(Attempt {
        beside: missed
            .chain([gaps(&beside), gaps(&apart), gaps(&met)])
            .max()
            .unwrap_or(0),
        still: control_still.missed.max(gaps(&still)),
        meanwhile: beside.entries().len().saturating_sub(hands.entries().len()),
        faulty,
    })
}

/// Whether nobody else missed a tick in one of some attempts, none of which the machine spoiled.
async fn others_miss_nothing(fault: Fault, told: &str, at_least: usize) -> Result<()> {
    let mut attempts = Vec::new();
    for _ in 0..5 {
        let attempt = attempt(fault).await?;
        let error = attempt.faulty.last_error.clone().unwrap_or_default();
        assert!(error.contains(told), "{error}");
        assert!(attempt.meanwhile >= at_least, "{attempt:?}");
        if attempt.beside <= attempt.still {
            return Ok(());
        }
        attempts.push(attempt);
    }
    panic!("{attempts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_misses_a_tick_when_a_worker_crashes() -> Result<()> {
    others_miss_nothing(Fault::Crash, "was killed by signal 6", 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_misses_a_tick_when_a_worker_is_killed() -> Result<()> {
    others_miss_nothing(Fault::Killed, "was killed by signal 9", 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_misses_a_tick_while_a_worker_hangs() -> Result<()> {
    // Until its deadline, which is twenty ticks.
    let told = "had not answered for 800.0ms, its deadline";
    others_miss_nothing(Fault::Hang, told, 15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_misses_a_tick_while_all_of_a_worker_stands_still() -> Result<()> {
    let told = "had not answered for 800.0ms, its deadline";
    others_miss_nothing(Fault::Stopped, told, 15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_misses_a_tick_while_a_worker_takes_too_much_memory() -> Result<()> {
    others_miss_nothing(Fault::Greed, "its limit is 256 MiB", 1).await
}
