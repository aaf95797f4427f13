//! Where the writer and one reader meet: `depth` cells, each one atomic word on its own cache line.

use crossbeam_utils::CachePadded;

use super::word::Word;
use crate::sync::{Arc, AtomicPtr, AtomicU64, Ordering};

/// One atomic word that the writer and one reader swap slots through.
pub(super) struct Cell(CachePadded<Line>);

/// What shares the cell's cache line.
struct Line {
    word: AtomicU64,
    /// How many items were overwritten here unread; counted by the writer.
    overwritten: AtomicU64,
}

impl Cell {
    fn new() -> Self {
        Self(CachePadded::new(Line {
            word: AtomicU64::new(Word::NOTHING.bits()),
            overwritten: AtomicU64::new(0),
        }))
    }

    /// The writer counts what it has overwritten.
    #[inline(always)]
    pub(super) fn count_overwritten(&self) {
        // Relaxed, and no read-modify-write: only the writer writes it, and it is a number to show.
        let count = self.0.overwritten.load(Ordering::Relaxed);
        self.0.overwritten.store(count + 1, Ordering::Relaxed);
    }

    pub(super) fn overwritten(&self) -> u64 {
        // Relaxed: a number to show.
        self.0.overwritten.load(Ordering::Relaxed)
    }

    /// The writer leaves an item and gets back what was there.
    #[inline(always)]
    pub(super) fn put(&self, word: Word) -> Word {
        // Release: the item is written before; pairs with the Acquire in `take`, `take_if`, `look`.
        // Acquire: pairs with the Release in `take`, `take_if` and `leave`: the reader has finished
        // with the slot that comes back.
        Word::from_bits(self.0.word.swap(word.bits(), Ordering::AcqRel))
    }

    /// The reader gives back a slot and gets what was there.
    #[inline(always)]
    pub(super) fn take(&self, back: Word) -> Word {
        // Acquire: pairs with the Release in `put`: the item is seen whole.
        // Release: pairs with the Acquire in `put`: this reader has finished with `back`.
        Word::from_bits(self.0.word.swap(back.bits(), Ordering::AcqRel))
    }

    /// [`take`](Self::take) if the cell still holds `expected`; else `Err` of what it holds.
    pub(super) fn take_if(&self, expected: Word, back: Word) -> Result<(), Word> {
        // Success: as in `take`. Failure, Relaxed: as in `glance`.
        self.0
            .word
            .compare_exchange(
                expected.bits(),
                back.bits(),
                Ordering::AcqRel,
                Ordering::Relaxed,
            )
            .map(drop)
            .map_err(Word::from_bits)
    }

    /// What is there, to decide whether to take it: says nothing about other memory.
    #[inline(always)]
    pub(super) fn glance(&self) -> Word {
        // Relaxed: whoever acts on it takes the word with Acquire first.
        Word::from_bits(self.0.word.load(Ordering::Relaxed))
    }

    /// What is there; the cells filled before this one are then seen filled as well.
    pub(super) fn look(&self) -> Word {
        // Acquire: pairs with the Release in `put`, after the earlier `put`s into the other cells.
        Word::from_bits(self.0.word.load(Ordering::Acquire))
    }

    fn leave(&self) {
        // Release: pairs with the Acquire in `put`: `parked` is written.
        self.0.word.fetch_or(Word::LEFT_BIT, Ordering::Release);
    }
}

/// The cells of one reader. The writer fills them in a circle; one of them always holds the newest
/// item unless the reader has taken it.
pub(super) struct Place {
    cells: Box<[Cell]>,
    /// The slot that the reader held when it left; `STAYS` before.
    parked: AtomicU64,
    /// The next one in [`Joining`].
    next: AtomicPtr<Place>,
}

impl Place {
    /// `depth` cells that hold nothing.
    pub(super) fn new(depth: usize) -> Arc<Self> {
        Arc::new(Self {
            cells: (0..depth).map(|_| Cell::new()).collect(),
            parked: AtomicU64::new(STAYS),
            next: AtomicPtr::new(std::ptr::null_mut()),
        })
    }

    #[inline(always)]
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The reader goes, and leaves the slot it held.
    pub(super) fn leave(&self, held: Word) {
        // Release: pairs with the Acquire in `parked`: the reader has finished.
        self.parked.store(held.bits(), Ordering::Release);
        // Every cell, because the writer looks into one of them at a publish.
        self.cells.iter().for_each(Cell::leave);
    }

    /// The slot that the reader held when it left; `None` while it is there.
    pub(super) fn parked(&self) -> Option<Word> {
        // Acquire: pairs with the Release in `leave`.
        let bits = self.parked.load(Ordering::Acquire);
        (bits != STAYS).then(|| Word::from_bits(bits))
    }
}

/// In `parked` as long as the reader is there: no word that a reader holds has the flags set.
const STAYS: u64 = u64::MAX;

/// Places of readers that were attached and that the writer has not seen yet: a stack that anyone
/// pushes to and only the writer empties, in one swap, so that it waits for nobody.
pub(super) struct Joining(AtomicPtr<Place>);

impl Joining {
    pub(super) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Whether somebody waits to be let in.
    #[inline(always)]
    pub(super) fn any(&self) -> bool {
        // Relaxed: `take_all` acquires; one that is missed is seen at the next publish.
        !self.0.load(Ordering::Relaxed).is_null()
    }

    pub(super) fn push(&self, place: Arc<Place>) {
        let node = Arc::into_raw(place).cast_mut();
        // Relaxed: only a value to compare with.
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: `node` came from `into_raw` above and nobody else can release it before the exchange.
            unsafe { &*node }.next.store(head, Ordering::Relaxed);
            // Release: pairs with the Acquire in `take_all`: `next` and the cells are seen as made here.
            match self
                .0
                .compare_exchange(head, node, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Empties the stack, newest first.
    pub(super) fn take_all(&self, mut each: impl FnMut(Arc<Place>)) {
        // Acquire: pairs with the Release in `push`.
        let mut node = self.0.swap(std::ptr::null_mut(), Ordering::Acquire);
        while !node.is_null() {
            // SAFETY: `push` put it there from `into_raw`, and the swap made this the only one to have it.
            let place = unsafe { Arc::from_raw(node.cast_const()) };
            // Relaxed: stored before the push that was acquired.
            node = place.next.load(Ordering::Relaxed);
            each(place);
        }
    }
}

impl Drop for Joining {
    fn drop(&mut self) {
        self.take_all(drop);
    }
}
