//! What a worker may do, for the fuzzer: a script of bytes, by which it says, sends and scribbles whatever can be said, sent and
//! scribbled, to a program that reads it as it reads any worker.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use rustix::fs::MemfdFlags;

use super::line::Line;
use super::remote::{Answer, Outcome};
use super::segment::{AREA, Envelope, Segment, Side};
use super::socket;
use crate::Result;
use crate::actor::{Crossing, Elsewhere, Output, Port, PortInfo};
use crate::memory::{Access, MOST_BYTES, Mapping};
use crate::message::{AudioBuffer, DataMessage, KeyEvent, VideoFrame};
use crate::ring::Policy;
use crate::time::TimedTick;

static PORT: PortInfo = PortInfo {
    name: "out",
    index: 0,
    payload: "any",
    doc: "",
    required: false,
    policy: Policy::Latest,
    slots: 0,
};

/// How many bytes each block of the worker has.
const BLOCK: usize = 4096;
/// How many blocks it has.
const BLOCKS: usize = 4;

/// What is done next.
const SAY: u8 = 0;
const SEND: u8 = 1;
const SCRIBBLE: u8 = 2;
const ASK: u8 = 3;

struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }
}

/// The worker's things.
struct Worker {
    segment: Segment,
    socket: OwnedFd,
    blocks: Vec<Mapping>,
    turn: u32,
}

impl Worker {
    /// Says something: how it is to be found, which may be wrong, and what.
    fn say(&mut self, script: &mut Script<'_>) {
        let (flags, descriptors, block) = (script.byte(), script.byte(), script.byte());
        let len = usize::from(script.word());
        let bytes = script.take(len.min(AREA));
        let envelope = Envelope {
            len: match flags & 2 {
                0 => bytes.len(),
                _ => usize::from(script.word()) << (script.byte() % 17),
            },
            descriptors: descriptors.into(),
            block: (flags & 1 != 0).then_some(block),
        };
        self.turn += 1;
        self.segment.say(Side::There, self.turn, envelope, bytes);
    }

    /// Sends a descriptor of something, as that of a block.
    fn send(&self, script: &mut Script<'_>) -> Result<()> {
        let (number, what) = (script.byte(), script.byte());
        let loose =
            || rustix::fs::memfd_create("loose", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING);
        match usize::from(what) {
            block @ ..BLOCKS => {
                socket::send(&self.socket, &[number], &[self.blocks[block].as_fd()])
            }
            4 => socket::send(&self.socket, &[number], &[]),
            5 => socket::send(&self.socket, &[number, number], &[self.socket.as_fd()]),
            6 => match loose() {
                Ok(file) => socket::send(&self.socket, &[number], &[file.as_fd()]),
                Err(_) => Ok(()),
            },
            _ => socket::send(&self.socket, &[number], &[self.socket.as_fd()]),
        }
    }

    /// Writes into a block, whether or not it is lent.
    fn scribble(&self, script: &mut Script<'_>) {
        let block = &self.blocks[usize::from(script.byte()) % BLOCKS];
        let (at, value) = (usize::from(script.word()) % BLOCK, script.byte());
        // SAFETY: it lies in the block, and nobody reads at this moment.
        unsafe { block.start().add(at).write(value) };
    }
}

/// Has a worker do what the script `data` says until something of it is refused, and says how many of its messages were
/// understood. After each of them the program must be as it was, and all pixels and samples that it was given readable.
pub fn answers(data: &[u8]) -> usize {
    let mut understood = 0;
    // Err: it is refused, and the worker would be ended.
    let _ = run(&mut Script(data), &mut understood);
    understood
}

fn run(script: &mut Script<'_>, understood: &mut usize) -> Result<()> {
    let segment = Arc::new(Segment::new()?);
    let (ours, theirs) = socket::pair()?;
    let blocks = (0..BLOCKS).map(|_| Mapping::new(BLOCK, Access::OneWrites));
    let mut worker = Worker {
        segment: Segment::open(segment.as_fd().try_clone_to_owned()?)?,
        socket: theirs,
        blocks: blocks.collect::<Result<_>>()?,
        turn: 0,
    };
    let mut line = Line::new(Side::Here, segment, ours, MOST_BYTES);
    let lent = line.lender.pool().take(10);
    let mut pictures = Output::<VideoFrame>::declare(&PORT);
    let mut sounds = Output::<AudioBuffer>::declare(&PORT);
    let mut numbers = Output::<DataMessage<Vec<String>>>::declare(&PORT);
    let mut keys = Output::<KeyEvent>::declare(&PORT);
    while !script.0.is_empty() {
        match script.byte() % 4 {
            SEND => worker.send(script)?,
            SCRIBBLE => worker.scribble(script),
            // A question, with which a block is lent.
            ASK => line.say(|to| to.lender.lend(&lent).map(drop))?,
            _ => {
                worker.say(script);
                if line.listen(Some(Instant::now())).is_err() {
                    continue;
                }
                let mut reading = line.hear()?;
                let answer: Answer = reading.value()?;
                if matches!(answer.outcome, Outcome::Failed | Outcome::Panicked) {
                    reading.value::<String>()?;
                }
                type Any = (); // the actor, of which the ports know nothing
                Crossing::<Any, Elsewhere>::publish(&mut pictures, &mut reading)?;
                Crossing::<Any, Elsewhere>::publish(&mut sounds, &mut reading)?;
                Crossing::<Any, Elsewhere>::publish(&mut numbers, &mut reading)?;
                Crossing::<Any, Elsewhere>::publish(&mut keys, &mut reading)?;
                *understood += 1;
            }
        }
        let frame = pictures.slot();
        let seen: u64 = frame.pixels().iter().map(|&byte| u64::from(byte)).sum();
        let heard: f32 = sounds.slot().samples().iter().sum();
        std::hint::black_box((seen, heard, TimedTick::default()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::memory::Lender;
    use crate::message::{Crosses, PixelFormat, Shown, Writing};

    /// An answer with a picture in it, in the block `number`, as an honest worker gives it.
    fn answer(number: u8, returns: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (mut lender, mut shown) = (Lender::new(), Shown::default());
        for _ in 0..number {
            let other = lender.pool().take(10);
            assert!(lender.lend(&other).is_ok());
        }
        let mut to = Writing {
            bytes: &mut bytes,
            lender: &mut lender,
            shown: &mut shown,
            is_fresh: false,
        };
        let answer = Answer {
            outcome: Outcome::Done,
            overwritten: 1,
            stale: 2,
            copied: 3,
        };
        let frame = VideoFrame::new(PixelFormat::Rgb8, 32, 32).expect("a possible size");
        let written = to
            .value(&(returns.len() as u8))
            .and_then(|()| returns.iter().try_for_each(|block| to.value(block)))
            .and_then(|()| to.value(&answer))
            .and_then(|()| to.value(&true))
            .and_then(|()| to.value(&TimedTick::default()))
            .and_then(|()| Crosses::<(), Elsewhere>::write(&frame, &mut to))
            .and_then(|()| to.value(&[0_u8; 4]));
        assert!(written.is_ok());
        bytes
    }

    fn said(bytes: &[u8], descriptors: u8, block: Option<u8>) -> Vec<u8> {
        let mut script = vec![SAY, block.is_some().into(), descriptors, block.unwrap_or(0)];
        let here = if block.is_some() { &[][..] } else { bytes };
        script.extend((here.len() as u16).to_le_bytes());
        script.extend(here);
        script
    }

    /// Two pictures, one after the other.
    fn pictures() -> Vec<u8> {
        let mut script = vec![SEND, 0, 0, ASK];
        script.extend(said(&answer(0, &[]), 1, None));
        script.extend([SCRIBBLE, 0, 0, 1, 7, SEND, 1, 1]);
        script.extend(said(&answer(1, &[0]), 1, None));
        script
    }

    /// A message in a block, as a long one is.
    fn long() -> Vec<u8> {
        let mut script = vec![SEND, 0, 0, SEND, 2, 1];
        for (at, byte) in answer(0, &[]).into_iter().enumerate() {
            script.extend([SCRIBBLE, 1, at as u8, (at >> 8) as u8, byte]);
        }
        let len = answer(0, &[]).len() as u16;
        script.extend([SAY, 3, 2, 2, 0, 0]);
        script.extend(len.to_le_bytes());
        script.push(0);
        script
    }

    #[test]
    fn the_seeds_of_the_fuzzer_are_what_honest_workers_do() -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/worker_answers");
        for (name, script, messages) in [("pictures", pictures(), 2), ("long", long(), 1)] {
            assert_eq!(answers(&script), messages, "{name}");
            let seed = folder.join(name);
            if std::env::var_os("STREAMLIB_SEEDS").is_some() {
                std::fs::create_dir_all(&folder)?;
                std::fs::write(&seed, &script)?;
            }
            assert!(
                std::fs::read(&seed)? == script,
                "{name} is another one now; run this test with STREAMLIB_SEEDS=1 to write it"
            );
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn whatever_is_done_the_program_goes_on(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            answers(&data);
        }

        #[test]
        fn honest_work_with_some_bytes_changed_is_read_or_refused(
            is_long in any::<bool>(),
            changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut script = if is_long { long() } else { pictures() };
            for (place, byte) in changes {
                let place = place.index(script.len());
                script[place] = byte;
            }
            answers(&script);
        }
    }
}
