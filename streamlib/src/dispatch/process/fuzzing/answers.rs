//! What the worker of an actor may do on that actor's line: say, send and scribble whatever can be said, sent and scribbled.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use rustix::fs::MemfdFlags;

use super::super::line::Line;
use super::super::remote::{Answer, Outcome};
use super::super::segment::{AREA, Envelope, Segment, Side};
use super::super::socket;
use super::Script;
use crate::Result;
use crate::actor::{Crossing, Elsewhere, Output, Port, PortInfo};
use crate::memory::{Access, MOST_BYTES, Mapping};
use crate::message::{AudioBuffer, DataMessage, KeyEvent, VideoFrame};
use crate::ring::Policy;

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

/// What the program has of a worker.
struct Program {
    line: Line,
    pictures: Output<VideoFrame>,
    sounds: Output<AudioBuffer>,
    numbers: Output<DataMessage<Vec<String>>>,
    keys: Output<KeyEvent>,
}

impl Program {
    fn new(segment: Arc<Segment>, socket: OwnedFd) -> Self {
        Self {
            line: Line::new(Side::Here, segment, socket, MOST_BYTES),
            pictures: Output::declare(&PORT),
            sounds: Output::declare(&PORT),
            numbers: Output::declare(&PORT),
            keys: Output::declare(&PORT),
        }
    }

    /// Reads what has been said, as the actor's `Remote` does.
    fn hear(&mut self) -> Result<()> {
        let mut reading = self.line.hear()?;
        let answer: Answer = reading.value()?;
        if matches!(answer.outcome, Outcome::Failed | Outcome::Panicked) {
            reading.value::<String>()?;
        }
        type Any = (); // the actor, of which the ports know nothing
        Crossing::<Any, Elsewhere>::publish(&mut self.pictures, &mut reading)?;
        Crossing::<Any, Elsewhere>::publish(&mut self.sounds, &mut reading)?;
        Crossing::<Any, Elsewhere>::publish(&mut self.numbers, &mut reading)?;
        Crossing::<Any, Elsewhere>::publish(&mut self.keys, &mut reading)
    }

    /// Looks at every pixel and sample that it has been given.
    fn look(&mut self) {
        let frame = self.pictures.slot();
        let seen: u64 = frame.pixels().iter().map(|&byte| u64::from(byte)).sum();
        let heard: f32 = self.sounds.slot().samples().iter().sum();
        std::hint::black_box((seen, heard));
    }
}

/// A program and a worker of it, with which it shares what such two share.
fn pair() -> Result<(Program, Worker)> {
    let segment = Arc::new(Segment::new()?);
    let (ours, theirs) = socket::pair()?;
    let blocks = (0..BLOCKS).map(|_| Mapping::new(BLOCK, Access::OneWrites));
    let worker = Worker {
        segment: Segment::open(segment.as_fd().try_clone_to_owned()?)?,
        socket: theirs,
        blocks: blocks.collect::<Result<_>>()?,
        turn: 0,
    };
    Ok((Program::new(segment, ours), worker))
}

fn run(script: &mut Script<'_>, understood: &mut usize) -> Result<()> {
    let (mut program, mut worker) = pair()?;
    let lent = program.line.lender.pool().take(10);
    while !script.0.is_empty() {
        match script.byte() % 4 {
            SEND => worker.send(script)?,
            SCRIBBLE => worker.scribble(script),
            // A question, with which a block is lent.
            ASK => (program.line).say(|to| to.lender.lend(&lent).map(drop))?,
            _ => {
                worker.say(script);
                if program.line.listen(Some(Instant::now())).is_err() {
                    continue;
                }
                program.hear()?;
                *understood += 1;
            }
        }
        program.look();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::tests::is_seed;
    use super::*;
    use crate::Error;
    use crate::memory::Lender;
    use crate::message::{Crosses, PixelFormat, Shown, Writing};
    use crate::time::TimedTick;

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
        for (name, script, messages) in [("pictures", pictures(), 2), ("long", long(), 1)] {
            assert_eq!(answers(&script), messages, "{name}");
            is_seed("worker_answers", name, &script)?;
        }
        Ok(())
    }

    /// The worker says the same two pictures again and again, and a thread of it meanwhile writes anything over what it says.
    #[test]
    fn what_is_scribbled_while_it_is_read_is_read_or_refused() -> Result<()> {
        let said = [answer(0, &[]), answer(1, &[0])];
        let (mut understood, mut refused) = (0_u64, 0_u64);
        let until = Instant::now() + Duration::from_secs(10);
        while understood + refused < 2000 || understood.min(refused) == 0 {
            assert!(Instant::now() < until, "{understood} and {refused}");
            let (mut program, mut worker) = pair()?;
            let scribbled = Segment::open(worker.segment.as_fd().try_clone_to_owned()?)?;
            let is_over = AtomicBool::new(false);
            let seed = understood.wrapping_mul(31) ^ refused;
            let heard = std::thread::scope(|scope| {
                scope.spawn(|| scribble(&scribbled, seed, &is_over));
                let lent = program.line.lender.pool().take(10);
                (program.line).say(|to| to.lender.lend(&lent).map(drop))?;
                let heard = said.iter().zip(0..).try_for_each(|(bytes, number)| {
                    worker.turn += 1;
                    let block = &worker.blocks[usize::from(number)];
                    socket::send(&worker.socket, &[number], &[block.as_fd()])?;
                    let envelope = Envelope {
                        len: bytes.len(),
                        descriptors: 1,
                        block: None,
                    };
                    (worker.segment).say(Side::There, worker.turn, envelope, bytes);
                    let heard = match program.line.listen(Some(Instant::now())) {
                        Ok(()) => program.hear(),
                        Err(silence) => Err(Error::other(format!("{silence:?}"))),
                    };
                    program.look();
                    heard
                });
                // Relaxed: it is told nothing else.
                is_over.store(true, Ordering::Relaxed);
                heard
            });
            match heard {
                Ok(()) => understood += 1,
                Err(_) => refused += 1,
            }
        }
        Ok(())
    }

    /// Writes anything anywhere over what the worker says, with breaks.
    fn scribble(segment: &Segment, seed: u64, is_over: &AtomicBool) {
        let mut noise = seed | 1;
        // Relaxed: as above.
        while !is_over.load(Ordering::Relaxed) {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            segment.scribble(Side::There, noise as usize % 64, noise >> 32);
            (0..noise % 4096).for_each(|_| std::hint::spin_loop());
        }
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
