//! What an actor tells those that it feeds of its last ticks: when they were published, and how old they are.
//!
//! A tick travels under its number, so whoever works on tick n finds here what happened on tick n, and
//! nothing has to travel beside it.

use std::sync::atomic::{AtomicU64, Ordering, fence};

/// The ticks that are kept, at least.
const KEPT: usize = 16;

/// What happened on a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) frame_number: u64,
    /// Bit i: output i was published to.
    pub(super) published: u64,
    /// When the source's tick was due, in nanoseconds of the monotonic clock, as are the next two.
    pub(super) origin: u64,
    /// When its thread took it up last.
    pub(super) begin: u64,
    /// When it was done, and what it has published was told.
    pub(super) end: u64,
    /// The thread that was done with it.
    pub(super) thread: u64,
}

/// The last ticks of an actor, which one task writes and those that it feeds read.
pub(super) struct Board {
    places: Box<[Place]>,
    /// The number of the newest tick that was published on, plus one.
    newest: AtomicU64,
}

/// One note, under a number that is odd while it is written.
#[derive(Default)]
struct Place {
    version: AtomicU64,
    words: [AtomicU64; 6],
}

impl Board {
    /// A board that keeps `delay` ticks and some more.
    pub(super) fn new(delay: usize) -> Self {
        let places = (KEPT + delay).next_power_of_two();
        Self {
            places: (0..places).map(|_| Place::default()).collect(),
            newest: AtomicU64::new(0),
        }
    }

    fn place(&self, frame_number: u64) -> Option<&Place> {
        self.places
            .get(frame_number as usize & (self.places.len() - 1))
    }

    /// Only one task writes.
    pub(super) fn write(&self, note: Note) {
        let Some(place) = self.place(note.frame_number) else {
            return;
        };
        let words = [
            note.frame_number,
            note.published,
            note.origin,
            note.begin,
            note.end,
            note.thread,
        ];
        // Relaxed: nobody else writes it.
        let version = place.version.load(Ordering::Relaxed);
        place.version.store(version + 1, Ordering::Relaxed);
        // Release fence: a reader that sees one of the words below sees the odd version too.
        fence(Ordering::Release);
        for (place, word) in place.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        // Release: a reader that sees this version sees the words.
        place.version.store(version + 2, Ordering::Release);
        if note.published != 0 {
            // Release: pairs with the Acquire load in `newest`.
            self.newest.store(note.frame_number + 1, Ordering::Release);
        }
    }

    /// What happened on this tick, unless it is too long ago or has not happened.
    pub(super) fn read(&self, frame_number: u64) -> Option<Note> {
        let place = self.place(frame_number)?;
        // Acquire: pairs with the last store in `write`.
        let before = place.version.load(Ordering::Acquire);
        let words = place
            .words
            .each_ref()
            .map(|word| word.load(Ordering::Relaxed));
        // Acquire fence: pairs with the Release fence in `write`.
        fence(Ordering::Acquire);
        let after = place.version.load(Ordering::Relaxed);
        let [found, published, origin, begin, end, thread] = words;
        let note = Note {
            frame_number,
            published,
            origin,
            begin,
            end,
            thread,
        };
        (before == after && before % 2 == 0 && before > 0 && found == frame_number).then_some(note)
    }

    /// The newest tick that was published on.
    pub(super) fn newest(&self) -> Option<Note> {
        // Acquire: pairs with the Release store in `write`.
        let newest = self.newest.load(Ordering::Acquire);
        self.read(newest.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(frame_number: u64, published: u64) -> Note {
        Note {
            frame_number,
            published,
            origin: frame_number * 3,
            begin: frame_number * 5,
            end: frame_number * 7,
            thread: frame_number * 11,
        }
    }

    #[test]
    fn the_last_ticks_are_found_under_their_numbers() {
        let board = Board::new(20);
        assert_eq!((board.read(0), board.newest()), (None, None));
        for frame_number in 0..100 {
            board.write(note(frame_number, 1 - frame_number % 2));
        }
        assert_eq!(board.newest(), Some(note(98, 1)));
        assert!((64..100).all(|frame| board.read(frame) == Some(note(frame, 1 - frame % 2))));
        assert_eq!((board.read(3), board.read(100)), (None, None));
    }

    #[test]
    fn a_note_is_never_read_half_written() {
        let board = Board::new(0);
        let (mut found, mut looked) = (0_u64, 0_u64);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| (0..200_000).for_each(|frame| board.write(note(frame, 1))));
            while !writer.is_finished() || found == 0 {
                looked += 1;
                if let Some(read) = board.newest() {
                    assert_eq!(read, note(read.frame_number, 1));
                    found += 1;
                }
            }
        });
        assert!(found > 0 && looked >= found);
    }
}
