//! A program that ticks at 60 fps, to be stopped from outside: a line a tick, and at the end of its standard input what was
//! missed, and how often it was told to be stalled. It is at work when it is stopped, and for a while after.

use std::io::Write;
use std::time::{Duration, Instant};

use streamlib::prelude::*;

/// After so many ticks it is to be stopped.
const STOPPED: u64 = 30;

/// Prints the number of each tick.
#[actor]
struct Beat {
    #[output]
    beat: Output<DataMessage<u64>>,
    ticks: u64,
}

/// Waits until this program has been stopped for a second or more, and then as long as the watchdog needs for a look.
fn wait_to_be_stopped() {
    let mut before = Instant::now();
    while before.elapsed() < Duration::from_secs(1) {
        before = Instant::now();
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(600));
}

impl Actor for Beat {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "tick {}", tick.frame_number)?;
        out.flush()?;
        drop(out);
        self.ticks += 1;
        if self.ticks == STOPPED {
            wait_to_be_stopped();
        }
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        beat = Beat::new(0).fps(60);
        beat >> Null::new();
    }?;
    let ended =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    if let Ok(read) = ended.await {
        read?;
    }
    show.stop().await?;
    let status = show.status();
    let beat = status.actor("beat").map(|beat| (beat.missed, beat.stalls));
    let (missed, stalls) = beat.unwrap_or_default();
    println!("missed {missed}\nstalls {stalls}");
    Ok(())
}
