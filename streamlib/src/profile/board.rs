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

impl Note {
    /// Whether it was published on one of the outputs of `mask`, and was over at `by`, on a tick from `seen` on.
    pub(super) fn is_new(&self, seen: u64, mask: u64, by: u64) -> bool {
        self.published & mask != 0 && self.end <= by && self.frame_number >= seen
    }
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
    words: [AtomicU64; 7],
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
            // That before it. Relaxed: nobody else writes it.
            self.newest.load(Ordering::Relaxed),
        ];
        // Relaxed: as above.
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
            // Release: pairs with the Acquire load in `published`.
            self.newest.store(note.frame_number + 1, Ordering::Release);
        }
    }

    /// What happened on this tick, unless it is too long ago or has not happened.
    pub(super) fn read(&self, frame_number: u64) -> Option<Note> {
        self.read_with_before(frame_number).map(|(note, _)| note)
    }

    /// The same, and the number of the tick that was published on before it, plus one.
    fn read_with_before(&self, frame_number: u64) -> Option<(Note, u64)> {
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
        let [
            found,
            published,
            origin,
            begin,
            end,
            thread,
            published_before,
        ] = words;
        let note = Note {
            frame_number,
            published,
            origin,
            begin,
            end,
            thread,
        };
        let is_whole = before == after && before % 2 == 0 && before > 0;
        (is_whole && found == frame_number).then_some((note, published_before))
    }

    /// The ticks that were published on and are kept, the newest first.
    fn published(&self) -> impl Iterator<Item = Note> {
        // Acquire: pairs with the Release store in `write`.
        let newest = self.newest.load(Ordering::Acquire);
        let read = |before: u64| self.read_with_before(before.checked_sub(1)?);
        std::iter::successors(read(newest), move |&(_, before)| read(before)).map(|(note, _)| note)
    }

    /// Of the ticks up to `last` from `seen` on, the newest on which one of the outputs of `mask` was published to, and which
    /// was over at `by`: what a reader then finds that has seen all before.
    ///
    /// Mostly that is of the reader's own tick, `last`; of one before it where the reader has not waited.
    pub(super) fn found(&self, last: u64, seen: u64, mask: u64, by: u64) -> Option<Note> {
        let is_found = |note: &Note| note.is_new(seen, mask, by);
        let own = self.read(last).filter(is_found);
        own.or_else(|| {
            let mut unseen = self
                .published()
                .take_while(|note| note.frame_number >= seen);
            unseen.find(|note| note.frame_number <= last && is_found(note))
        })
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
        assert_eq!((board.read(0), board.published().next()), (None, None));
        for frame_number in 0..100 {
            board.write(note(frame_number, 1 - frame_number % 2));
        }
        assert_eq!(board.published().next(), Some(note(98, 1)));
        assert!((64..100).all(|frame| board.read(frame) == Some(note(frame, 1 - frame % 2))));
        assert_eq!((board.read(3), board.read(100)), (None, None));
        let kept: Vec<_> = board.published().map(|note| note.frame_number).collect();
        assert_eq!(kept, (36..=98).rev().step_by(2).collect::<Vec<_>>());
    }

    #[test]
    fn what_a_reader_did_not_wait_for_is_found_later_and_once() {
        let board = Board::new(0);
        let number = |found: Option<Note>| found.map(|note| note.frame_number);
        let found = |last, seen, by| number(board.found(last, seen, 1, by));
        // It has not come on tick 30, nor on 31; on 32 it is there, whatever tick of its own it is of.
        assert_eq!(found(30, 0, 1_000), None);
        board.write(note(30, 1));
        assert_eq!(found(31, 0, 30 * 7 - 1), None, "it was not over");
        assert_eq!(found(32, 0, 1_000), Some(30));
        assert_eq!(found(33, 31, 1_000), None, "it has been seen");
        // However long ago that was, and whatever brought nothing since.
        for silent in [59, 60, 61] {
            board.write(note(silent, 2));
        }
        assert_eq!(found(61, 0, 1_000), Some(30));
        // Of those that are there, the newest that is not ahead, and its own rather than any other.
        for ahead in [63, 64, 65] {
            board.write(note(ahead, 1));
        }
        assert_eq!(found(64, 31, 1_000), Some(64));
        assert_eq!(found(64, 31, 64 * 7 - 1), Some(63));
        assert_eq!(found(u64::MAX, 31, 1_000), Some(65));
    }

    #[test]
    fn a_note_is_never_read_half_written() {
        let board = Board::new(0);
        let (mut found, mut looked) = (0_u64, 0_u64);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| (0..200_000).for_each(|frame| board.write(note(frame, 1))));
            while !writer.is_finished() || found == 0 {
                looked += 1;
                if let Some(read) = board.published().next() {
                    assert_eq!(read, note(read.frame_number, 1));
                    found += 1;
                }
            }
        });
        assert!(found > 0 && looked >= found);
    }
}
