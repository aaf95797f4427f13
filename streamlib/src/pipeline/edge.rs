//! How the tick travels: from a clock or an upstream task to a task that it ticks.
//!
//! An edge between two tasks carries the newest tick (in a ring of its own) and two numbers: how far
//! its upstream has come, and how often it has published. Nothing queues.

use std::sync::{Arc, OnceLock};

use super::signal::Signal;
use crate::clock::Subscriber;
use crate::ring::{Reader, Ring, Writer};
use crate::sync::{AtomicU64, Ordering};
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

/// How far an upstream has come that has ended.
pub(super) const ENDED: u64 = u64::MAX;

/// How far the upstream of an edge has come.
#[derive(Default)]
pub(super) struct Progress {
    /// The number of the newest tick that is over, plus one; `ENDED` when none will follow.
    pub(super) reached: AtomicU64,
    /// The clock whose number that is, plus one; 0 while it is not known. Asked only where edges come and go.
    clock: AtomicU64,
    /// The rate of that clock, if it is the one that is known from the start.
    rate: OnceLock<(ClockId, Rate)>,
    /// The tick on which it ended, if it was on one; set before it is `ENDED`.
    pub(super) ended_on: OnceLock<TimedTick>,
    /// How many ticks brought an item.
    pub(super) published: AtomicU64,
    /// How many ticks follow the one in the ring at once, see `Subscriber::burst`.
    pub(super) burst: AtomicU64,
    /// What `reached` was before it was `ENDED`.
    pub(super) handled: AtomicU64,
    /// What the receiver wants to hear, decided when the graph starts.
    pub(super) hears: OnceLock<Hears>,
}

impl Progress {
    /// What it will be ticked by is known before it ticks.
    pub(super) fn expect(&self, clock: ClockId, rate: Rate) {
        // AcqRel, Acquire: as in `EdgeTx::turn`. Err: it has ticked already, which says more.
        let _ = self
            .clock
            .compare_exchange(0, named(clock), Ordering::AcqRel, Ordering::Acquire);
        // It was known before, and is no other then.
        let _ = self.rate.set((clock, rate));
    }

    /// How far it has come, and by which clock's numbers.
    pub(super) fn place(&self) -> (Option<ClockId>, u64) {
        // Acquire (all): pair with the Release stores of `EdgeTx`. A number between two looks at one clock is of that clock;
        // between two clocks it may be of either.
        let before = self.clock.load(Ordering::Acquire);
        let reached = self.reached.load(Ordering::Acquire);
        let clock = self.clock.load(Ordering::Acquire);
        let number = clock.checked_sub(1).and_then(|id| u32::try_from(id).ok());
        let is_of_it = before == clock || reached == ENDED;
        (
            number.map(ClockId::from_u32),
            if is_of_it { reached } else { 0 },
        )
    }

    /// The rate of this clock, if it is the one that was expected.
    pub(super) fn rate_of(&self, clock: ClockId) -> Option<Rate> {
        let &(expected, rate) = self.rate.get()?;
        (expected == clock).then_some(rate)
    }
}

/// A clock as it is kept in `Progress`.
fn named(clock: ClockId) -> u64 {
    u64::from(clock.as_u32()) + 1
}

/// What the receiving end of an edge wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hears {
    /// Only of the end: its ticks come from elsewhere.
    End,
    /// Of ticks that bring an item.
    Items,
    /// Of all ticks.
    Ticks,
}

/// What an edge carries: the newest tick that brought an item, and which of those right before it did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought {
    pub(super) tick: TimedTick,
    /// Bit i: so did the tick whose number is less by i. None of them before the first.
    recent: u64,
}

impl Brought {
    /// The ticks below `limit` that brought an item: bit i is that of `limit - 1 - i`.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let newest = self.tick.frame_number;
        let shifted = if newest < limit {
            let by = u32::try_from(limit - 1 - newest);
            by.ok().and_then(|by| self.recent.checked_shl(by))
        } else {
            let by = u32::try_from(newest - limit + 1);
            by.ok().and_then(|by| self.recent.checked_shr(by))
        };
        shifted.unwrap_or(0)
    }

    /// How many ticks from `limit` on have brought one. Of those too long ago to be known each may have.
    pub(super) fn from(&self, limit: u64) -> u64 {
        match self.tick.frame_number.checked_sub(limit) {
            None => 0,
            Some(ahead @ ..=63) => (self.recent << (63 - ahead)).count_ones().into(),
            Some(ahead) => ahead - 63 + u64::from(self.recent.count_ones()),
        }
    }
}

/// The sending end of an edge. Dropping it is the end of the stream.
pub(crate) struct EdgeTx {
    signal: Arc<Signal>,
    progress: Arc<Progress>,
    ticks: Writer<Brought>,
    /// What was written last.
    newest: Brought,
    /// The clock of its last tick, if that is known.
    clock: Option<ClockId>,
    published: u64,
    /// Which of the upstream's outputs feed this edge.
    pub(crate) mask: u64,
    /// Whether the receiver hears also of ticks that bring nothing.
    pub(super) passes: bool,
    /// Whether the task that it ticks is all that its clock ticks, and so can go on by itself.
    pub(crate) alone: bool,
}

impl EdgeTx {
    /// Tick `tick` is over upstream, and brought an item.
    #[inline]
    pub(crate) fn publish(&mut self, tick: TimedTick) {
        let before = self.newest.tick;
        if self.clock != Some(tick.clock_id) {
            self.turn(tick.clock_id);
        }
        // One that goes back is of another clock as well, and a distance that no history covers.
        let since = tick.frame_number.wrapping_sub(before.frame_number);
        let since = u32::try_from(since).ok();
        let recent = since.and_then(|since| self.newest.recent.checked_shl(since));
        self.newest = Brought {
            tick,
            recent: recent.unwrap_or(0) | 1,
        };
        self.ticks.write(self.newest);
        self.published += 1;
        // Release (both): pair with the Acquire loads in `Inbox`, which then sees the tick, and the
        // items that were published before it.
        self.progress
            .published
            .store(self.published, Ordering::Release);
        self.progress
            .reached
            .store(tick.frame_number + 1, Ordering::Release);
        self.signal.notify();
    }

    /// Tick `frame_number` is over upstream, and brought nothing. It is one of `clock`, where that may change.
    #[inline]
    pub(crate) fn pass(&mut self, frame_number: u64, clock: Option<ClockId>) {
        if self.passes {
            if let Some(clock) = clock
                && self.clock != Some(clock)
            {
                self.turn(clock);
            }
            // Release: as in `publish`.
            self.progress
                .reached
                .store(frame_number + 1, Ordering::Release);
            self.signal.notify();
        }
    }
}

impl EdgeTx {
    /// The ticks are those of another clock from here on.
    #[cold]
    fn turn(&mut self, clock: ClockId) {
        if self.clock.replace(clock).is_some() {
            // Release (both): whoever finds the new clock, or a tick of it, finds no number of the one before.
            self.progress.reached.store(0, Ordering::Release);
        }
        self.progress.clock.store(named(clock), Ordering::Release);
    }

    /// Takes over what the receiver wants to hear, before the first tick.
    pub(super) fn settle(&mut self) {
        match self.progress.hears.get() {
            Some(Hears::End) => self.mask = 0,
            Some(Hears::Ticks) => self.passes = true,
            Some(Hears::Items) | None => {}
        }
    }

    /// Says on what tick the upstream ends, right before this is dropped.
    pub(crate) fn ends_on(&self, tick: TimedTick) {
        // An upstream ends once; the first word stays.
        let _ = self.progress.ended_on.set(tick);
    }

    /// Whether nobody receives any more.
    pub(crate) fn is_detached(&self) -> bool {
        Arc::strong_count(&self.progress) == 1
    }
}

impl Drop for EdgeTx {
    fn drop(&mut self) {
        // Relaxed (both): only this end writes `reached`; who reads `handled` has seen `ENDED` below.
        let handled = self.progress.reached.load(Ordering::Relaxed);
        self.progress.handled.store(handled, Ordering::Relaxed);
        // Release: as in `publish`.
        self.progress.reached.store(ENDED, Ordering::Release);
        self.signal.notify();
    }
}

impl Subscriber for EdgeTx {
    fn tick(&mut self, tick: TimedTick) {
        if self.alone {
            // Relaxed: as in `burst`.
            self.progress.burst.store(0, Ordering::Relaxed);
        }
        self.publish(tick);
    }

    fn burst(&mut self, first: TimedTick, count: u64) -> bool {
        if self.alone {
            // Relaxed: the Release stores of `publish` come after it.
            self.progress.burst.store(count - 1, Ordering::Relaxed);
            self.publish(first);
        }
        self.alone
    }
}

/// The receiving end of an edge.
pub(crate) struct EdgeRx {
    pub(super) progress: Arc<Progress>,
    pub(super) ticks: Reader<Brought>,
    pub(super) seen: u64,
    /// Of edges that come and go: how far it has come by the last look.
    pub(super) reached: u64,
    /// By which clock's numbers.
    pub(super) clock: Option<ClockId>,
    /// Whether that is by another clock than the one whose ticks the task works on.
    pub(super) is_foreign: bool,
    /// Of a join: the newest tick that was seen to bring an item while another edge was waited for.
    pub(super) kept: Option<TimedTick>,
}

pub(crate) fn edge(signal: &Arc<Signal>, mask: u64) -> (EdgeTx, EdgeRx) {
    let tick = TimedTick {
        timestamp: Timestamp::default(),
        frame_number: 0,
        clock_id: ClockId::default(),
    };
    let none = Brought { tick, recent: 0 };
    let (ticks, [newest]) = match Ring::builder().readers(1).build_with(|| none) {
        Ok((writer, readers)) => match <[Reader<Brought>; 1]>::try_from(readers) {
            Ok(readers) => (writer, readers),
            Err(_) => unreachable!("a ring has as many readers as it was built for"),
        },
        Err(error) => unreachable!("a ring of one reader: {error}"),
    };
    let progress = Arc::new(Progress::default());
    let rx = EdgeRx {
        progress: Arc::clone(&progress),
        ticks: newest,
        seen: 0,
        reached: 0,
        clock: None,
        is_foreign: false,
        kept: None,
    };
    (
        EdgeTx {
            signal: Arc::clone(signal),
            progress,
            ticks,
            newest: none,
            clock: None,
            published: 0,
            mask,
            passes: false,
            alone: false,
        },
        rx,
    )
}
