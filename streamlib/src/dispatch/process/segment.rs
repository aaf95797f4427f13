//! A few pages that two processes write to in turn: whose turn it is, and what one has to tell the other.
//!
//! The side *here* asks and the side *there* answers, one after the other. Each has a word on which the other sleeps, and
//! an area for bytes. Nothing in it is ever borrowed as a slice: every look is a load of an atomic word, and what
//! is to be understood is first copied, so that a side that scribbles changes what it says and nothing else.
//!
//! Orderings: who writes bytes stores its turn with Release; who sees the turn by an Acquire load sees the bytes.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::futex::{self, Flags};

use crate::memory::{Access, Mapping};
use crate::{Error, Result};

/// How many bytes a message may have before it goes into a block of its own.
pub(super) const AREA: usize = 32 << 10;
/// The turn of a side that is no more.
const GONE: u32 = u32::MAX;
const HEAD: usize = 64;
const SIZE: usize = 2 * (HEAD + AREA);

/// What one side tells.
#[repr(C)]
struct Head {
    turn: AtomicU32,
    /// How many bytes the message has.
    len: AtomicU32,
    /// How many descriptors came on the socket before it.
    descriptors: AtomicU32,
    /// 0, or the number of the block that the message is in, and 1.
    block: AtomicU32,
}

/// How a message is to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub len: usize,
    pub descriptors: usize,
    /// The block that it is in, if it does not fit into the area.
    pub block: Option<u8>,
}

/// Which of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Here = 0,
    There = 1,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Here => Self::There,
            Self::There => Self::Here,
        }
    }
}

/// Why nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The other side is no more.
    Gone,
    /// The time is over.
    Late,
}

pub(super) struct Segment {
    mapping: Mapping,
}

impl Segment {
    pub fn new() -> Result<Self> {
        let mapping = Mapping::new(SIZE, Access::BothWrite)?;
        Ok(Self { mapping })
    }

    /// What the other side has made.
    pub fn open(file: OwnedFd) -> Result<Self> {
        let mapping = Mapping::open(file, 1 << 20, Access::BothWrite)?;
        if mapping.len() < SIZE {
            return Err(Error::other("a segment that is too small"));
        }
        Ok(Self { mapping })
    }

    fn part(&self, side: Side) -> NonNull<u8> {
        // SAFETY: there are two parts in the `SIZE` bytes that the mapping has at least.
        unsafe { self.mapping.start().add(side as usize * (HEAD + AREA)) }
    }

    fn head(&self, side: Side) -> &Head {
        // SAFETY: a part starts with `HEAD` bytes, aligned to 64, which are atomic words of any value; nobody has
        // them as anything else.
        unsafe { self.part(side).cast().as_ref() }
    }

    fn area(&self, side: Side) -> &[AtomicU64; AREA / 8] {
        // SAFETY: after the head come `AREA` bytes, aligned to 64, which are atomic words of any value; nobody has
        // them as anything else.
        unsafe { self.part(side).add(HEAD).cast().as_ref() }
    }

    /// Says something, and wakes the other side.
    pub fn say(&self, side: Side, turn: u32, envelope: Envelope, bytes: &[u8]) {
        let head = self.head(side);
        for (word, bytes) in self.area(side).iter().zip(bytes.chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            // Relaxed, as the three below: the Release store of the turn comes after.
            word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
        }
        head.len.store(envelope.len as u32, Ordering::Relaxed);
        head.descriptors
            .store(envelope.descriptors as u32, Ordering::Relaxed);
        head.block.store(
            envelope.block.map_or(0, |block| u32::from(block) + 1),
            Ordering::Relaxed,
        );
        // Release: pairs with the Acquire load in `listen`.
        head.turn.store(turn, Ordering::Release);
        // Err: nobody sleeps on it, or the other side is gone.
        let _ = futex::wake(&head.turn, Flags::empty(), 1);
    }

    /// Waits until the other side has said something after its turn `last`; says which turn it is.
    pub fn listen(&self, side: Side, last: u32, until: Option<Instant>) -> Result<u32, Silence> {
        let turn = &self.head(side.other()).turn;
        loop {
            // Acquire: pairs with the Release store in `say`.
            match turn.load(Ordering::Acquire) {
                GONE => return Err(Silence::Gone),
                seen if seen != last => return Ok(seen),
                _ => {}
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(Silence::Late);
            }
            let left = left.map(|left| rustix::fs::Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: left.subsec_nanos().into(),
            });
            // Err: it has been said meanwhile, the time is over, or a signal came; looked at above.
            let _ = futex::wait(turn, Flags::empty(), last, left.as_ref());
        }
    }

    /// What the other side says of its message. It may be anything.
    pub fn envelope(&self, side: Side) -> Envelope {
        let head = self.head(side.other());
        // Relaxed: `listen` has seen the turn.
        let block = head.block.load(Ordering::Relaxed);
        Envelope {
            len: head.len.load(Ordering::Relaxed) as usize,
            descriptors: head.descriptors.load(Ordering::Relaxed) as usize,
            block: block.checked_sub(1).map(|block| block.min(255) as u8),
        }
    }

    /// Copies the first `len` bytes of what the other side has said, as many as there are in an area.
    pub fn copy(&self, side: Side, len: usize, to: &mut Vec<u8>) {
        copy_words(self.area(side.other()), len, to);
    }

    /// Writes anything over what `side` says: over what is told of its message, and over the first of its bytes.
    #[cfg(test)]
    pub fn scribble(&self, side: Side, place: usize, anything: u64) {
        let head = self.head(side);
        // Relaxed: it is no message.
        match place {
            0 => head.turn.store(anything as u32, Ordering::Relaxed),
            1 => head.len.store(anything as u32, Ordering::Relaxed),
            2 => (head.descriptors).store(anything as u32 % 4, Ordering::Relaxed),
            3 => head.block.store(anything as u32 % 4, Ordering::Relaxed),
            _ => self.area(side)[place % (AREA / 8)].store(anything, Ordering::Relaxed),
        }
    }

    /// Whether the side here has asked something that the side there has not answered, as far as that one can be believed: who is
    /// asked answers once, so both count the same turns.
    pub fn is_asked(&self) -> bool {
        let turn = |side| self.head(side).turn.load(Ordering::Relaxed);
        // Relaxed: two numbers that are told, of which nothing else is concluded.
        turn(Side::Here) != turn(Side::There)
    }

    /// Has `side` be gone for whoever listens to it.
    pub fn end(&self, side: Side) {
        let turn = &self.head(side).turn;
        // Release: as in `say`; what was said before is of no interest any more.
        turn.store(GONE, Ordering::Release);
        let _ = futex::wake(turn, Flags::empty(), u32::MAX);
    }
}

impl AsFd for Segment {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.mapping.as_fd()
    }
}

/// Copies the first `len` bytes of words that somebody else may be writing to.
pub(super) fn copy_words(words: &[AtomicU64], len: usize, to: &mut Vec<u8>) {
    to.clear();
    for word in words.iter().take(len.div_ceil(8)) {
        // Relaxed: what is torn is what the other side has torn.
        to.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
    }
    to.truncate(len);
}

/// The turn after this one.
pub(super) fn next_turn(turn: u32) -> u32 {
    match turn.wrapping_add(1) {
        GONE => 0,
        next => next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Result<(Segment, Segment)> {
        let here = Segment::new()?;
        let there = Segment::open(here.as_fd().try_clone_to_owned()?)?;
        Ok((here, there))
    }

    #[test]
    fn what_is_said_is_heard_whole() -> Result<()> {
        let (here, there) = pair()?;
        let answers = std::thread::spawn(move || {
            let (mut turn, mut heard) = (0, Vec::new());
            for _ in 0..2000 {
                let until = Instant::now() + Duration::from_secs(10);
                turn = there
                    .listen(Side::There, turn, Some(until))
                    .expect("a word");
                let envelope = there.envelope(Side::There);
                there.copy(Side::There, envelope.len, &mut heard);
                heard.reverse();
                there.say(Side::There, turn, envelope, &heard);
            }
        });
        let mut answer = Vec::new();
        let mut turn = 0;
        for round in 0..2000_usize {
            let said: Vec<u8> = (0..round % 300).map(|byte| byte as u8).collect();
            let envelope = Envelope {
                len: said.len(),
                descriptors: round,
                block: (round % 2 == 0).then_some(round as u8),
            };
            let last = turn;
            turn = next_turn(turn);
            here.say(Side::Here, turn, envelope, &said);
            let until = Instant::now() + Duration::from_secs(10);
            assert_eq!(here.listen(Side::Here, last, Some(until)), Ok(turn));
            assert_eq!(here.envelope(Side::Here), envelope);
            assert!(!here.is_asked());
            here.copy(Side::Here, envelope.len, &mut answer);
            answer.reverse();
            assert_eq!(answer, said);
        }
        answers.join().expect("no panic");
        Ok(())
    }

    #[test]
    fn silence_has_an_end_and_the_end_is_heard() -> Result<()> {
        let (here, there) = pair()?;
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(here.listen(Side::Here, 0, Some(until)), Err(Silence::Late));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| there.listen(Side::There, 0, None));
            here.end(Side::Here);
            assert_eq!(waits.join().expect("no panic"), Err(Silence::Gone));
        });
        assert_eq!(next_turn(u32::MAX - 1), 0);
        Ok(())
    }

    #[test]
    fn lengths_that_cannot_be_copy_what_there_is() -> Result<()> {
        let (here, there) = pair()?;
        let impossible = Envelope {
            len: u32::MAX as usize,
            ..Envelope::default()
        };
        there.say(Side::There, 1, impossible, b"bars");
        let mut heard = Vec::new();
        here.copy(Side::Here, here.envelope(Side::Here).len, &mut heard);
        assert_eq!(heard.len(), AREA);
        assert_eq!(&heard[..5], b"bars\0");
        Ok(())
    }
}
