//! How late the ticks of a 60 fps clock come to an actor.

use streamlib::prelude::*;

use crate::figures::Figures;
use crate::journey::Times;

/// How many ticks: about 17 seconds of them, of which the first tenth is not counted.
const TICKS: usize = 1_000;

/// Notes how long after its deadline each tick comes.
#[actor]
struct Metronome {
    #[output]
    beat: Output<DataMessage<u64>>,
    times: Times,
    beats: u64,
}

impl Actor for Metronome {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        // A software clock's timestamps are the deadlines, in nanoseconds of the monotonic clock.
        self.times.arrived(self.beats, tick.timestamp.as_nanos());
        self.beats += 1;
        if self.beats > self.times.count() {
            return Err(Error::EndOfStream);
        }
        self.beat.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Microseconds from a tick's deadline to the actor's `process`.
///
/// # Errors
/// When the graph can't be started.
pub async fn ticks() -> Result<Figures> {
    let times = Times::new(TICKS);
    let show = pipeline! {
        metronome = Metronome::new(times.clone(), 0).fps(60);
        metronome >> Null::new();
    }?;
    show.finished().await;
    show.stop().await?;
    Ok(times.figures())
}

/// Keeps one core busy until standard input closes.
pub fn keep_busy() -> ! {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        std::hint::spin_loop();
    }
}
