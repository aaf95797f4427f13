//! One side's end of what is said between an actor's two processes: messages, and the memory that is lent with them.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use super::segment::{AREA, Envelope, Segment, Side, Silence, copy_words, next_turn};
use super::socket::{self, Wait};
use crate::memory::{Borrower, Lender, MOST_BLOCKS};
use crate::message::{Budget, Reading, Remembered, Shown, Writing};
use crate::{Error, Result};

/// The longest message there is.
const LONGEST: usize = 64 << 20;

pub(super) struct Line {
    side: Side,
    segment: Arc<Segment>,
    /// Where descriptors come and go.
    socket: OwnedFd,
    pub lender: Lender,
    borrower: Borrower,
    remembered: Remembered,
    shown: Shown,
    /// The blocks that the other side is to be told are free.
    free: Vec<u8>,
    written: Vec<u8>,
    read: Vec<u8>,
    said: u32,
    heard: u32,
    /// Nothing more can be said.
    pub is_broken: bool,
    /// What is read for the other side next is the latest there is, seen before or not.
    pub is_fresh: bool,
}

impl Line {
    /// An end of a line. The other side may lend at most `most` bytes.
    pub fn new(side: Side, segment: Arc<Segment>, socket: OwnedFd, most: u64) -> Self {
        Self {
            side,
            segment,
            socket,
            lender: Lender::new(),
            borrower: Borrower::new(most),
            remembered: Remembered::default(),
            shown: Shown::default(),
            free: Vec::with_capacity(MOST_BLOCKS),
            written: Vec::with_capacity(AREA),
            read: Vec::with_capacity(AREA + 8),
            said: 0,
            heard: 0,
            is_broken: false,
            is_fresh: true,
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// What `write` finds: nothing is then sent, and nothing lent. Else the line is broken.
    pub fn say(&mut self, write: impl FnOnce(&mut Writing<'_>) -> Result<()>) -> Result<()> {
        self.free.extend(self.borrower.let_go());
        self.written.clear();
        let mut writing = Writing {
            bytes: &mut self.written,
            lender: &mut self.lender,
            shown: &mut self.shown,
            is_fresh: self.is_fresh,
        };
        let begin = || {
            writing.value(&(self.free.len() as u8))?;
            self.free
                .iter()
                .try_for_each(|number| writing.value(number))?;
            write(&mut writing)
        };
        let written = begin().and_then(|()| match self.written.len() {
            len if len > LONGEST => Err(Error::other(format!(
                "a message of {len} bytes; {LONGEST} are the most that cross to another process"
            ))),
            len if len > AREA => {
                let mut block = self.lender.pool().try_take(len)?;
                block.make_mut().copy_from_slice(&self.written);
                self.lender.lend(&block).map(Some)
            }
            _ => Ok(None),
        });
        let block = match written {
            Ok(block) => block,
            Err(error) => {
                self.lender.settle(false);
                return Err(error);
            }
        };
        let posted = self.post(block);
        self.is_broken = posted.is_err();
        self.lender.settle(true);
        self.free.clear();
        posted
    }

    /// Sends what is written, which is in `block` where it found no room in an area.
    fn post(&mut self, block: Option<u8>) -> Result<()> {
        let mut envelope = Envelope {
            len: self.written.len(),
            block,
            ..Envelope::default()
        };
        while let Some((number, mapping)) = self.lender.news() {
            match mapping {
                Some(mapping) => socket::send(&self.socket, &[number], &[mapping.as_fd()])?,
                None => socket::send(&self.socket, &[number], &[])?,
            }
            envelope.descriptors += 1;
        }
        self.said = next_turn(self.said);
        let here = if envelope.block.is_some() {
            &[][..]
        } else {
            &self.written
        };
        self.segment.say(self.side, self.said, envelope, here);
        Ok(())
    }

    /// Waits for what the other side says next.
    pub fn listen(&mut self, until: Option<Instant>) -> Result<(), Silence> {
        self.heard = self.segment.listen(self.side, self.heard, until)?;
        Ok(())
    }

    /// Takes the message in which the other side has said something.
    ///
    /// # Errors
    /// When it is not one. The other side cannot be trusted then.
    pub fn hear(&mut self) -> Result<Reading<'_>> {
        let envelope = self.segment.envelope(self.side);
        if envelope.descriptors > MOST_BLOCKS || envelope.len > LONGEST {
            return Err(Error::other(format!("an impossible message: {envelope:?}")));
        }
        for _ in 0..envelope.descriptors {
            let mut number = [0];
            let (len, mut files) = socket::receive(&self.socket, &mut number, Wait::No)?;
            match (len, files.pop()) {
                (1, Some(file)) if files.is_empty() => self.borrower.arrived(number[0], file)?,
                (1, None) => self.borrower.forget(number[0])?,
                _ => return Err(Error::other("a descriptor was announced, and none came")),
            }
        }
        match envelope.block {
            None if envelope.len > AREA => {
                return Err(Error::other(format!(
                    "{} bytes in an area of {AREA}",
                    envelope.len
                )));
            }
            None => self.segment.copy(self.side, envelope.len, &mut self.read),
            Some(number) => {
                let block = self.borrower.take(number, envelope.len)?;
                let words = block.len().div_ceil(8);
                // SAFETY: a block is whole pages, so the words lie inside of it, and are aligned; they are of any
                // value, and whoever writes to them meanwhile is another process.
                let words = unsafe {
                    std::slice::from_raw_parts(block.as_ptr().cast::<AtomicU64>(), words)
                };
                copy_words(words, envelope.len, &mut self.read);
            }
        }
        let Self {
            lender,
            borrower,
            remembered,
            shown,
            read,
            ..
        } = self;
        let mut reading = Reading {
            bytes: read,
            borrower,
            remembered,
            shown,
            budget: Budget::default(),
        };
        for _ in 0..reading.value::<u8>()? {
            lender.came_back(reading.value()?)?;
        }
        Ok(reading)
    }
}
