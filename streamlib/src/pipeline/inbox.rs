//! Where the ticks of a task arrive.
//!
//! An inbox turns what its edges tell into the next thing to do: work on a tick, pass on that a tick is
//! over, or end. Ticks that come while the task is busy are merged into the newest.

use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::beat::{Beat, BeatRx};
use super::edge::{ENDED, EdgeRx};
use super::signal::{Change, Signal};
use crate::clock::Subscriber;
use crate::sync::Ordering;
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

mod deadline;
mod due;
mod follow;
#[cfg(all(test, streamlib_loom))]
mod model;
#[cfg(test)]
mod tests;

use deadline::Deadline;
use due::due;

/// What a task does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Work on this tick.
    Tick {
        tick: TimedTick,
        /// Ticks that were merged into it.
        missed: u64,
        /// Whether not all inputs had come so far.
        late: bool,
    },
    /// This tick brings nothing.
    Pass(u64),
    /// Something that fed it was taken away, perhaps all that ever ticked it.
    Cut,
    /// There will be no more ticks, since this one if it is known.
    End(Option<TimedTick>),
}

/// Where the ticks of a task arrive.
pub(crate) struct Inbox {
    signal: Arc<Signal>,
    edges: Vec<EdgeRx>,
    /// The number of the newest tick that this task is done with, plus one.
    done: u64,
    /// The number of the newest tick of which those downstream have heard, plus one.
    told: u64,
    /// Whether the ticks come from a clock, which numbers all of them.
    clocked: bool,
    last_frame: Option<u64>,
    /// Whether edges can come and go, so that having none is not the end.
    open: bool,
    /// Of edges that come and go: the clock whose ticks it works on.
    follows: Option<ClockId>,
    /// Ticks that follow the last one at once, and the rate that tells when.
    burst: u64,
    /// The clock that ticks the task together with its edges, each tick after they have handled it.
    beat: Option<BeatRx>,
    /// A tick that is over and brought nothing, while one before it still has to be worked on.
    owed: Option<u64>,
    /// What else leads into a task that a clock ticks; when all of it has ended, one more tick is the last.
    feeds: Vec<EdgeRx>,
    /// Whether that tick has been.
    feeds_are_over: bool,
    last: Option<TimedTick>,
    rate: Rate,
    clock_id: ClockId,
}

impl Inbox {
    pub(crate) fn new(signal: Arc<Signal>, edges: Vec<EdgeRx>, clocked: bool, rate: Rate) -> Self {
        Self {
            signal,
            edges,
            done: 0,
            told: 0,
            clocked,
            last_frame: None,
            open: false,
            follows: None,
            burst: 0,
            beat: None,
            owed: None,
            feeds: Vec::new(),
            feeds_are_over: false,
            last: None,
            rate,
            clock_id: ClockId::default(),
        }
    }

    /// An inbox whose edges come and go while the task runs.
    pub(crate) fn open(signal: Arc<Signal>, edges: Vec<EdgeRx>, clocked: bool, rate: Rate) -> Self {
        let mut inbox = Self::new(signal, edges, clocked, rate);
        inbox.open = true;
        inbox
    }

    /// What tells this inbox that a tick of the clock has come, after which it waits no longer for
    /// the edges that are behind; `None` unless several edges lead into it.
    pub(crate) fn deadline(&self) -> Option<Box<dyn Subscriber>> {
        (self.edges.len() > 1).then(|| {
            Box::new(Deadline {
                signal: Arc::clone(&self.signal),
                edges: self
                    .edges
                    .iter()
                    .map(|edge| Arc::clone(&edge.progress))
                    .collect(),
            }) as Box<dyn Subscriber>
        })
    }

    /// The clock whose ticks the task works on after its edges, if it is fed on it; and what it reads without waiting.
    pub(crate) fn clocked_by(&mut self, beat: Option<BeatRx>, feeds: Vec<EdgeRx>) {
        self.beat = beat;
        self.feeds = feeds;
    }

    /// Waits for the next thing to do.
    #[inline]
    pub(crate) async fn next(&mut self) -> Event {
        if self.burst > 0 {
            return self.following();
        }
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The clock whose ticks it works on, where that may change.
    pub(super) fn follows(&self) -> Option<ClockId> {
        self.follows
    }

    /// Whether there is something to do that has not been looked at.
    pub(crate) fn is_ready(&self) -> bool {
        // Relaxed: a hint; `next` looks properly.
        self.burst > 0
            || self.owed.is_some()
            || self.signal.has_changes()
            || self
                .edges
                .iter()
                .filter(|edge| !edge.is_foreign)
                .any(|edge| {
                    let published = edge.progress.published.load(Ordering::Relaxed);
                    let reached = edge.progress.reached.load(Ordering::Relaxed);
                    published > edge.seen || reached > self.done
                })
    }

    /// The next tick of a burst.
    #[inline]
    fn following(&mut self) -> Event {
        self.burst -= 1;
        let frame_number = self.last_frame.map_or(0, |last| last + 1);
        self.last_frame = Some(frame_number);
        let timestamp = Timestamp::default() + self.rate.time_of(frame_number);
        let tick = TimedTick {
            timestamp,
            frame_number,
            clock_id: self.clock_id,
        };
        Event::Tick {
            tick,
            missed: 0,
            late: false,
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.take() {
            return Poll::Ready(event);
        }
        self.signal.waker.register(cx.waker());
        let in_flight = self.signal.in_flight();
        if let Some(event) = self.take() {
            return Poll::Ready(event);
        }
        self.signal.dealt_with(in_flight);
        Poll::Pending
    }

    fn take(&mut self) -> Option<Event> {
        if self.signal.has_changes()
            && let Some(event) = self.apply_changes()
        {
            return Some(event);
        }
        if self.last.is_some() {
            return Some(Event::End(self.last));
        }
        if let Some(owed) = self.owed.take() {
            return Some(Event::Pass(owed));
        }
        if self.beat.is_some() {
            return self.on_beat();
        }
        if self.open && !self.follow() {
            return None;
        }
        // How far the slowest and the fastest of the edges that go on have come.
        let (mut slowest, mut fastest, mut fresh) = (ENDED, 0, false);
        let is_join = self.edges.len() > 1;
        for edge in self.edges.iter_mut().filter(|edge| !edge.is_foreign) {
            // Acquire: pairs with the Release stores of `EdgeTx`.
            let reached = if self.open {
                edge.reached
            } else {
                edge.progress.reached.load(Ordering::Acquire)
            };
            slowest = slowest.min(reached);
            if reached != ENDED {
                fastest = fastest.max(reached);
            }
            let is_fresh = edge.progress.published.load(Ordering::Acquire) > edge.seen;
            fresh |= is_fresh;
            let is_kept = |kept: TimedTick| kept.frame_number >= self.done;
            if is_join && is_fresh && !edge.kept.is_some_and(is_kept) {
                let newest = edge.ticks.latest().map(|brought| brought.tick);
                let is_followed =
                    |tick: &TimedTick| !self.open || Some(tick.clock_id) == self.follows;
                edge.kept = newest.filter(is_followed);
            }
        }
        if self.edges.is_empty() {
            return (!self.open).then_some(Event::End(None));
        }
        if slowest == ENDED {
            return match self.tick(self.done, ENDED, false) {
                Some(event) => Some(event),
                None if self.open => {
                    // Acquire: as above.
                    let goes_on =
                        |edge: &EdgeRx| edge.progress.reached.load(Ordering::Acquire) != ENDED;
                    self.edges.retain(goes_on);
                    return if self.edges.is_empty() {
                        None
                    } else {
                        self.take()
                    };
                }
                None => Some(Event::End(self.ended_on())),
            };
        }
        if slowest > self.done {
            let from = std::mem::replace(&mut self.done, slowest);
            // Only a join has a tick to keep an item for.
            let limit = if is_join { slowest } else { ENDED };
            let tick = if fresh {
                self.tick(from, limit, false)
            } else {
                None
            };
            return Some(self.up_to(slowest - 1, tick));
        }
        if is_join && fastest > self.done {
            let expired = if self.open {
                // That before the newest of the quickest, which as a rule tells where the clock is.
                fastest - 1
            } else {
                // Acquire: pairs with the Release store in `Deadline::tick`.
                self.signal.expired.load(Ordering::Acquire)
            };
            if expired > self.done {
                let from = std::mem::replace(&mut self.done, expired);
                let tick = self.tick(from, expired, true);
                // Where edges have come and gone it may have been told before.
                let is_told = tick.is_none() && expired <= self.told;
                return (!is_told).then(|| self.up_to(expired - 1, tick));
            }
        }
        None
    }

    /// What there is to do until tick `number` is over: that, if nothing came before it.
    #[inline]
    fn up_to(&mut self, number: u64, tick: Option<Event>) -> Event {
        if let Some(Event::Tick { tick, .. }) = tick
            && tick.frame_number < number
        {
            self.owed = Some(number);
        }
        self.told = self.told.max(number.saturating_add(1));
        tick.unwrap_or(Event::Pass(number))
    }

    /// The newest tick of the clock that all edges have handled; while they have not, the one before it.
    fn on_beat(&mut self) -> Option<Event> {
        // Acquire: pairs with the Release stores of `EdgeTx`.
        let reached = self.edges.iter();
        let reached = reached.map(|edge| edge.progress.reached.load(Ordering::Acquire));
        let mut limit = reached.min().unwrap_or(ENDED);
        let have_ended = limit == ENDED && (self.feeds.is_empty() || self.feeds_are_over);
        if have_ended {
            match self.left() {
                Some(left) => limit = left,
                None => return Some(Event::End(self.ended_on())),
            }
        }
        let beat = self.beat.as_mut()?;
        // Asked before the newest is looked at, which then is the last.
        let is_over = beat.is_over();
        let is_next = |tick: &TimedTick| tick.frame_number >= self.done;
        // Those that have ended are not waited for, and so never late.
        let is_due = |tick: &TimedTick| tick.frame_number < limit || !have_ended;
        let (tick, late) = match beat.newest() {
            Some(Beat { tick, .. }) if is_next(&tick) && tick.frame_number < limit => (tick, false),
            Some(Beat {
                before: Some(before),
                ..
            }) if is_next(&before) && is_due(&before) => (before, before.frame_number >= limit),
            beat => {
                let waits = match beat {
                    // The last of all is never late: no other comes.
                    Some(Beat { tick, .. }) if is_next(&tick) => is_due(&tick),
                    _ => !is_over,
                };
                if waits {
                    return None;
                }
                // The clock gives none of what is left: it comes along the edges, as it does without a clock.
                self.beat = None;
                return self.take();
            }
        };
        // It sees the items up to its own.
        self.newest(self.done, tick.frame_number + 1);
        Some(self.event(tick, 0, late))
    }

    /// Up to which tick edges of which all have ended leave something to work on: a tick that some of them has handled,
    /// or any tick for an item that came after its own. The end itself is no tick.
    fn left(&self) -> Option<u64> {
        let mut edges = self.edges.iter();
        // Relaxed (both): stored before the `ENDED` that has been seen.
        let handled = edges
            .clone()
            .map(|edge| edge.progress.handled.load(Ordering::Relaxed));
        let is_fresh = |edge: &EdgeRx| edge.progress.published.load(Ordering::Relaxed) > edge.seen;
        let handled = handled.max().filter(|&handled| handled > self.done);
        handled.or_else(|| edges.any(is_fresh).then_some(ENDED))
    }

    /// The newest tick from `from` on and below `limit` that brought an item, and with it all that came before.
    fn tick(&mut self, from: u64, limit: u64, late: bool) -> Option<Event> {
        let (tick, missed) = self.newest(from, limit)?;
        Some(self.event(tick, missed, late))
    }

    /// The newest tick from `from` on and below `limit` that brought an item, and how many did that are merged into it.
    #[inline]
    fn newest(&mut self, from: u64, limit: u64) -> Option<(TimedTick, u64)> {
        let mut newest: Option<TimedTick> = None;
        let mut missed = u64::MAX;
        let is_join = self.edges.len() > 1;
        for edge in self.edges.iter_mut().filter(|edge| !edge.is_foreign) {
            // Acquire: pairs with the Release store in `EdgeTx::publish`.
            let published = edge.progress.published.load(Ordering::Acquire);
            if published == edge.seen {
                continue;
            }
            let Some(&last) = edge.ticks.latest() else {
                continue;
            };
            let rate = if !self.open {
                Some(self.rate)
            } else if Some(last.tick.clock_id) == self.follows {
                edge.progress.rate_of(last.tick.clock_id)
            } else {
                continue; // it has turned to another clock right now
            };
            let came = published - edge.seen;
            let number = last.tick.frame_number;
            let is_due = (from..limit).contains(&number);
            let (tick, came) = if is_due || !is_join && number < limit {
                (last.tick, came)
            } else {
                match due(edge.kept, last, came, from..limit, rate) {
                    Some(due) => due,
                    None => continue,
                }
            };
            missed = missed.min(came - 1);
            edge.seen += came;
            if newest.is_none_or(|newest| newest.frame_number < tick.frame_number) {
                newest = Some(tick);
            }
        }
        let tick = newest?;
        if is_join {
            missed = self.merged(from, tick.frame_number, missed);
        }
        Some((tick, missed))
    }

    /// The task works on `tick`.
    #[inline]
    fn event(&mut self, tick: TimedTick, mut missed: u64, late: bool) -> Event {
        if self.clocked {
            // The clock itself may have merged ticks, which its numbers tell.
            missed = self
                .last_frame
                .map_or(0, |last| tick.frame_number.saturating_sub(last + 1));
            // Acquire: pairs with the Release store in the drop of `EdgeTx`, so that this tick sees the
            // last items. An end on the tick itself counts from the next on, whichever of the two came first.
            let ended = |feed: &EdgeRx| {
                feed.progress.reached.load(Ordering::Acquire) == ENDED
                    && feed
                        .progress
                        .ended_on
                        .get()
                        .is_none_or(|end| end.is_over_on(tick))
            };
            self.feeds_are_over = !self.feeds.is_empty() && self.feeds.iter().all(ended);
            let is_last =
                self.feeds_are_over && (self.beat.is_none() || self.edges.iter().all(ended));
            self.last = is_last.then_some(tick);
            self.last_frame = Some(tick.frame_number);
            self.clock_id = tick.clock_id;
            if let [edge] = &*self.edges {
                // Relaxed: stored before what the Acquire load above has seen.
                self.burst = edge.progress.burst.load(Ordering::Relaxed);
            }
        }
        self.done = self.done.max(tick.frame_number + 1);
        self.told = self.told.max(tick.frame_number + 1);
        Event::Tick { tick, missed, late }
    }

    /// The tick on which the last of the edges ended.
    fn ended_on(&self) -> Option<TimedTick> {
        let ends = self.edges.iter();
        ends.filter_map(|edge| edge.progress.ended_on.get().copied())
            .max_by_key(|tick| tick.frame_number)
    }

    /// Takes over edges that came and went, and says what that means for the task.
    fn apply_changes(&mut self) -> Option<Event> {
        let (mut end, mut cut) = (false, false);
        for change in self.signal.take_changes() {
            match change {
                Change::Add(edge) => self.edges.push(edge),
                Change::Remove(progress) => {
                    self.edges
                        .retain(|edge| !ptr::eq(Arc::as_ptr(&edge.progress), progress.as_ptr()));
                    cut = true;
                }
                // Without its clock, a task goes on until what feeds it has ended.
                Change::End => match &mut self.beat {
                    Some(beat) => beat.close(),
                    None => end = true,
                },
            }
        }
        match (end, cut) {
            (true, _) => Some(Event::End(None)),
            (false, true) => Some(Event::Cut),
            (false, false) => None,
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.signal.close();
    }
}
