//! A program that ticks at 60 fps, to be stopped from outside: a line a tick, and what was missed at the
//! end of its standard input.

use std::io::Write;

use streamlib::prelude::*;

/// Prints the number of each tick.
#[actor]
struct Beat {
    #[output]
    beat: Output<DataMessage<u64>>,
}

impl Actor for Beat {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "tick {}", tick.frame_number)?;
        out.flush()?;
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        beat = Beat::new().fps(60);
        beat >> Null::new();
    }?;
    let ended =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    if let Ok(read) = ended.await {
        read?;
    }
    show.stop().await?;
    let missed = show.status().actor("beat").map_or(0, |beat| beat.missed);
    println!("missed {missed}");
    Ok(())
}
