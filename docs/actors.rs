//! The actors that the chapter on errors wires: they send nothing, since only their ports matter there.

use streamlib::prelude::*;

/// A tone.
#[actor]
pub struct Tone {
    /// The samples.
    #[output]
    pub samples: Output<AudioBuffer>,
}

/// One picture in, one picture out.
#[actor]
pub struct Invert {
    /// The picture.
    #[input]
    pub video: Input<VideoFrame>,
    /// The picture, inverted.
    #[output]
    pub inverted: Output<VideoFrame>,
}

/// From one picture to another.
#[actor]
pub struct Wipe {
    /// What is wiped away.
    #[input]
    pub from: Input<VideoFrame>,
    /// What comes.
    #[input]
    pub to: Input<VideoFrame>,
    /// Where the edge is.
    #[input(optional)]
    pub key: Input<DataMessage<f64>>,
    /// The picture.
    #[output]
    pub video: Output<VideoFrame>,
    /// How far it is.
    #[output]
    pub level: Output<DataMessage<f64>>,
    /// How long it takes.
    pub seconds: f64,
}

/// A beat.
#[actor]
pub struct Metronome {
    /// 1 on each beat.
    #[output]
    pub beat: Output<DataMessage<u32>>,
}

/// Draws the loudness of a tone.
#[actor]
pub struct Scope {
    /// The samples.
    #[input]
    pub samples: Input<AudioBuffer>,
    /// What they look like.
    #[output]
    pub video: Output<VideoFrame>,
}

macro_rules! silent {
    ($($actor:ty),*) => {
        $(impl Actor for $actor {
            async fn process(&mut self, _tick: TimedTick) -> Result<()> {
                Ok(())
            }
        })*
    };
}

silent!(Tone, Invert, Wipe, Metronome, Scope);
