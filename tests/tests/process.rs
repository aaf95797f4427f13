//! Actors in processes of their own: what crosses, what it costs, and what happens when they end.
#![cfg(target_os = "linux")]

use std::time::Duration;

use streamlib::actor::ActorStatus;
use streamlib::prelude::*;
use streamlib_tests::{Collect, Items, Log, until};

streamlib::process::before_main!();

/// Adds to what comes; in its process, what it says also tells which that is.
#[actor]
struct Add {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
    #[output]
    process: Output<DataMessage<u32>>,
    by: u64,
}

impl Actor for Add {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + self.by), tick);
        }
        self.process
            .send(DataMessage::new(std::process::id()), tick);
        Ok(())
    }

    fn summary(&self) -> String {
        format!("adds {}", self.by)
    }
}

/// Writes down what it sees.
#[actor]
struct Seen<T: Message + Clone> {
    #[input]
    item: Input<T>,
    log: Log<T>,
}

impl<T: Message + Clone> Actor for Seen<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(item) = self.item.next() {
            self.log.push(item.clone());
        }
        Ok(())
    }
}

fn of(show: &Pipeline, name: &str) -> ActorStatus {
    show.status()
        .actor(name)
        .expect("it is in the graph")
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_in_another_process_and_misses_nothing_on_a_virtual_clock() -> Result<()> {
    let (log, pids) = (Log::new(), Log::new());
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        items = Items::up_to(99) @ house;
        add   = Add::new(1000) on process;
        seen  = Seen::new(pids.clone());

        items >> add.number;
        add.sum >> Collect::new(log.clone());
        add.process >> seen;
    }?;
    clock.advance(110).await?;
    let add = of(&show, "add");
    show.stop().await?;
    let sums: Vec<_> = log.entries().iter().map(|&(_, sum)| sum).collect();
    assert_eq!(sums, (1000..1100).collect::<Vec<_>>());
    assert!(pids.entries().iter().all(|pid| **pid != std::process::id()));
    assert_eq!(
        (add.dispatcher, &add.summary[..], add.copied),
        ("process", "adds 1000", 0)
    );
    Ok(())
}
