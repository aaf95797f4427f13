//! A task that a clock ticks together with what feeds it, step by step: what is late, what is merged, and what an end costs.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::super::beat::{BeatTx, beat};
use super::super::edge::{EdgeRx, EdgeTx, edge};
use super::super::signal::Signal;
use super::{Event, Inbox};
use crate::clock::{Lockstep, Subscriber};
use crate::time::{ClockId, Rate, TimedTick};

/// A clock and one upstream, which do what the test says, and the inbox of what they feed.
struct Bench {
    signal: Arc<Signal>,
    clock: Option<BeatTx>,
    feed: Option<EdgeTx>,
    inbox: Inbox,
}

fn tick(frame_number: u64) -> TimedTick {
    TimedTick {
        timestamp: crate::time::Timestamp::default() + Rate::fps(50).time_of(frame_number),
        frame_number,
        clock_id: ClockId::default(),
    }
}

/// What the task does next; `None` while it waits.
fn next(inbox: &mut Inbox) -> Option<Event> {
    match inbox.poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(event) => Some(event),
        Poll::Pending => None,
    }
}

impl Bench {
    fn new() -> Self {
        let signal = Arc::<Signal>::default();
        let (mut feed, rx) = edge(&signal, 1);
        feed.passes = true;
        let (clock, beats) = beat(&signal, std::slice::from_ref(&rx));
        let mut inbox = Inbox::new(Arc::clone(&signal), vec![rx], true, Rate::fps(50));
        inbox.clocked_by(Some(beats), Vec::new());
        Self {
            signal,
            clock: Some(clock),
            feed: Some(feed),
            inbox,
        }
    }

    fn tick(&mut self, number: u64) {
        let clock = self.clock.as_mut().expect("it is there");
        clock.tick(tick(number));
    }

    /// The clock ticks, and the upstream publishes on that tick.
    fn whole_tick(&mut self, number: u64) {
        self.tick(number);
        self.publish(number);
    }

    fn publish(&mut self, number: u64) {
        let feed = self.feed.as_mut().expect("it has not ended");
        feed.publish(tick(number));
    }

    fn pass(&mut self, number: u64) {
        let feed = self.feed.as_mut().expect("it has not ended");
        feed.pass(number, Some(ClockId::default()));
    }

    /// The upstream ends on this tick, with no item.
    fn end_on(&mut self, number: u64) {
        let feed = self.feed.take().expect("it has not ended");
        feed.ends_on(tick(number));
    }

    fn next(&mut self) -> Option<Event> {
        next(&mut self.inbox)
    }
}

/// On time, with so many merged into it.
fn worked(number: u64, missed: u64) -> Option<Event> {
    Some(Event::Tick {
        tick: tick(number),
        missed,
        late: false,
    })
}

/// One that had not been handled upstream when the next came.
fn late(number: u64) -> Option<Event> {
    Some(Event::Tick {
        tick: tick(number),
        missed: 0,
        late: true,
    })
}

fn end(number: u64) -> Option<Event> {
    Some(Event::End(Some(tick(number))))
}

/// A join of two upstreams without a clock of its own, and what tells it that its clock has ticked.
struct Join {
    clock: Box<dyn Subscriber>,
    quick: EdgeTx,
    slow: EdgeTx,
    inbox: Inbox,
}

impl Join {
    fn new() -> Self {
        Self::of(Inbox::new, Rate::fps(50))
    }

    /// One whose edges come and go: no clock tells it anything, and what rate there is its edges know.
    fn open() -> Self {
        Self::of(Inbox::open, Rate::fps(1))
    }

    fn of(new: fn(Arc<Signal>, Vec<EdgeRx>, bool, Rate) -> Inbox, rate: Rate) -> Self {
        let signal = Arc::<Signal>::default();
        let (mut quick, to_quick) = edge(&signal, 1);
        let (mut slow, to_slow) = edge(&signal, 1);
        (quick.passes, slow.passes) = (true, true);
        for edge in [&to_quick, &to_slow] {
            edge.progress.expect(ClockId::default(), Rate::fps(50));
        }
        let edges = vec![to_quick, to_slow];
        let inbox = new(Arc::clone(&signal), edges, false, rate);
        let clock = inbox.deadline().expect("it is a join");
        Self {
            clock,
            quick,
            slow,
            inbox,
        }
    }

    /// A tick of the clock, which the quick upstream has handled before the join hears of it, or has not.
    fn tick(&mut self, number: u64, quick_is_first: bool) {
        if quick_is_first {
            self.quick.publish(tick(number));
        }
        self.clock.tick(tick(number));
        if !quick_is_first {
            self.quick.publish(tick(number));
        }
    }

    fn next(&mut self) -> Option<Event> {
        next(&mut self.inbox)
    }
}

#[test]
fn a_join_works_on_every_tick_while_one_of_its_inputs_hangs() {
    for quick_is_first in [false, true] {
        let mut join = Join::new();
        join.tick(0, quick_is_first);
        assert_eq!(join.next(), None, "it waits for the slow one");
        join.slow.publish(tick(0));
        assert_eq!(join.next(), worked(0, 0));
        join.tick(1, quick_is_first);
        for number in 2..20 {
            assert_eq!(join.next(), None, "{number} is waited for until the next");
            join.tick(number, quick_is_first);
            assert_eq!(join.next(), late(number - 1));
        }
        // What hung comes again.
        join.slow.publish(tick(19));
        assert_eq!(join.next(), worked(19, 0));
        join.tick(20, quick_is_first);
        join.slow.publish(tick(20));
        assert_eq!(join.next(), worked(20, 0));
        assert_eq!(join.next(), None);
    }
}

#[test]
fn what_comes_after_its_tick_comes_with_the_next_one() {
    let mut join = Join::new();
    join.tick(0, true);
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    join.tick(1, true);
    join.tick(2, true);
    assert_eq!(join.next(), late(1));
    // It was not waited for on tick 1, nor is there anything else on tick 2.
    join.slow.publish(tick(1));
    join.clock.tick(tick(3));
    join.quick.pass(3, Some(ClockId::default()));
    assert_eq!(join.next(), late(2));
    join.clock.tick(tick(4));
    join.quick.pass(4, Some(ClockId::default()));
    assert_eq!(join.next(), Some(Event::Pass(3)));
    // Late, and alone: on the next tick that is over.
    join.slow.publish(tick(2));
    join.clock.tick(tick(5));
    join.quick.pass(5, Some(ClockId::default()));
    assert_eq!(join.next(), late(4));
    drop(join.quick);
    // After the last tick of all: on one more, and not on one that has been.
    join.slow.publish(tick(3));
    drop(join.slow);
    let last = match next(&mut join.inbox) {
        Some(Event::Tick { tick, .. }) => tick.frame_number,
        other => panic!("{other:?}"),
    };
    assert!(last >= 5, "{last}");
    assert_eq!(next(&mut join.inbox), Some(Event::End(None)));
}

#[test]
fn what_was_overwritten_by_several_belongs_to_the_ticks_before_them() {
    let mut join = Join::new();
    join.tick(0, true);
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    // It is busy, or nobody looks: three more come on one edge, and the other comes with the second of them.
    join.tick(1, true);
    join.tick(2, true);
    join.slow.publish(tick(2));
    join.tick(3, true);
    // The item of tick 1 has been overwritten, as the slow one brought none: that tick is missed.
    assert_eq!(join.next(), worked(2, 1));
    join.slow.publish(tick(3));
    assert_eq!(join.next(), worked(3, 0));
    assert_eq!(join.next(), None);
}

#[test]
fn a_join_whose_edges_come_and_go_works_on_what_was_overtaken() {
    let mut join = Join::open();
    join.quick.publish(tick(0));
    assert_eq!(join.next(), None, "it waits for the slow one");
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    for number in 1..20 {
        join.quick.publish(tick(number));
        let expected = if number > 1 { late(number - 1) } else { None };
        assert_eq!(join.next(), expected, "{number}");
        assert_eq!(join.next(), None);
    }
    // What hung comes again, with what it hung on: it is read with the next tick.
    join.slow.publish(tick(1));
    assert_eq!(join.next(), None);
    join.slow.publish(tick(19));
    assert_eq!(join.next(), worked(19, 0));
}

#[test]
fn a_spawned_join_that_was_busy_counts_what_was_overtaken() {
    let mut join = Join::open();
    join.quick.publish(tick(0));
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    // It is busy, and the slow one is slow on 2.
    (1..4).for_each(|number| join.quick.publish(tick(number)));
    join.slow.pass(1, Some(ClockId::default()));
    let Some(Event::Tick {
        tick: two, missed, ..
    }) = join.next()
    else {
        panic!("there are items");
    };
    // The item of 1 was overwritten by then: its tick is worked on with what is there, or merged.
    let mut accounted = 1 + missed;
    assert!(two.frame_number < 3, "{two:?}");
    (2..4).for_each(|number| join.slow.pass(number, Some(ClockId::default())));
    while let Some(event) = join.next() {
        if let Event::Tick { missed, .. } = event {
            accounted += 1 + missed;
        }
    }
    assert_eq!(accounted, 3);
}

#[test]
fn every_tick_that_brought_something_is_worked_on_or_missed() {
    for mut join in [Join::new(), Join::open()] {
        join.tick(0, true);
        join.slow.publish(tick(0));
        assert_eq!(join.next(), worked(0, 0));
        // It is busy. The quick one brings something on three ticks, and is ahead of the slow one with the last.
        for number in 1..10 {
            match number {
                1 | 5 | 9 => join.quick.publish(tick(number)),
                _ => join.quick.pass(number, Some(ClockId::default())),
            }
        }
        (1..5).for_each(|number| join.slow.pass(number, Some(ClockId::default())));
        join.slow.publish(tick(5));
        assert_eq!(join.next(), worked(5, 1));
        (6..10).for_each(|number| join.slow.pass(number, Some(ClockId::default())));
        assert_eq!(join.next(), worked(9, 0));
        // Each of them on a tick of its own, and then both on one.
        join.quick.publish(tick(10));
        join.quick.pass(11, Some(ClockId::default()));
        join.slow.pass(10, Some(ClockId::default()));
        join.slow.publish(tick(11));
        join.quick.publish(tick(12));
        join.slow.publish(tick(12));
        assert_eq!(join.next(), worked(12, 2));
        assert_eq!(join.next(), None);
    }
}

#[test]
fn also_when_it_was_busy_for_longer_than_can_be_remembered() {
    let mut join = Join::new();
    join.tick(0, true);
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    (1..301).for_each(|number| join.quick.publish(tick(number)));
    (1..201).for_each(|number| join.slow.publish(tick(number)));
    assert_eq!(join.next(), worked(200, 199));
    (201..301).for_each(|number| join.slow.publish(tick(number)));
    assert_eq!(join.next(), worked(300, 99));
    assert_eq!(join.next(), None);
}

#[test]
fn a_tick_that_brought_a_join_nothing_is_passed_on() {
    let mut join = Join::new();
    join.tick(0, true);
    join.slow.publish(tick(0));
    assert_eq!(join.next(), worked(0, 0));
    join.clock.tick(tick(1));
    join.quick.pass(1, Some(ClockId::default()));
    join.tick(2, true);
    assert_eq!(join.next(), Some(Event::Pass(1)));
    join.slow.publish(tick(2));
    assert_eq!(join.next(), worked(2, 0));
}

#[test]
fn one_that_was_looked_at_too_late_has_missed_what_came_before() {
    let mut bench = Bench::new();
    bench.whole_tick(0);
    assert_eq!(bench.next(), worked(0, 0));
    assert_eq!(bench.next(), None);
    // Idle, and yet not polled for two ticks: as if it had been busy.
    bench.whole_tick(1);
    bench.whole_tick(2);
    assert_eq!(bench.next(), worked(2, 1));
    assert_eq!(bench.next(), None);
}

#[test]
fn in_lockstep_a_tick_is_in_flight_until_it_has_been_worked_on() {
    let mut bench = Bench::new();
    let lockstep = Lockstep::default();
    bench.signal.set_lockstep(&lockstep);
    for number in 0..5 {
        assert_eq!(lockstep.in_flight(), 0, "the clock may tick");
        // The upstream has a count of its own until it has told this task.
        lockstep.add(1);
        let publishes_first = number % 2 == 0;
        if publishes_first {
            bench.publish(number);
            lockstep.done(1);
        }
        bench.tick(number);
        if !publishes_first {
            bench.publish(number);
            lockstep.done(1);
        }
        assert_ne!(lockstep.in_flight(), 0, "the clock waits");
        assert_eq!(bench.next(), worked(number, 0));
        assert_ne!(lockstep.in_flight(), 0, "also while it works");
        assert_eq!(bench.next(), None);
    }
}

#[test]
fn an_end_without_an_item_is_no_tick() {
    let mut bench = Bench::new();
    bench.whole_tick(0);
    assert_eq!(bench.next(), worked(0, 0));
    // While it works on that, the next tick comes whole, and on the one after it the upstream ends.
    bench.whole_tick(1);
    bench.tick(2);
    bench.end_on(2);
    assert_eq!(bench.next(), worked(1, 0));
    assert_eq!(bench.next(), end(2));
}

#[test]
fn also_when_the_end_is_long_ago() {
    let mut bench = Bench::new();
    bench.whole_tick(0);
    assert_eq!(bench.next(), worked(0, 0));
    bench.whole_tick(1);
    bench.whole_tick(2);
    bench.tick(3);
    bench.end_on(3);
    for number in 4..9 {
        bench.tick(number);
    }
    // Of tick 2 the clock knows nothing any more, but the item does.
    assert_eq!(bench.next(), worked(2, 1));
    assert_eq!(bench.next(), end(3));
}

#[test]
fn a_silent_upstream_that_ends_leaves_its_silent_ticks() {
    let mut bench = Bench::new();
    bench.whole_tick(0);
    assert_eq!(bench.next(), worked(0, 0));
    bench.tick(1);
    bench.pass(1);
    bench.tick(2);
    bench.end_on(2);
    assert_eq!(bench.next(), worked(1, 0));
    assert_eq!(bench.next(), end(2));
}

#[test]
fn an_item_that_came_after_its_own_tick_has_one_more() {
    let mut bench = Bench::new();
    bench.tick(0);
    bench.tick(1);
    // Tick 0 has waited for its upstream until the next one.
    assert_eq!(bench.next(), late(0));
    bench.publish(0);
    bench.end_on(1);
    assert_eq!(bench.next(), worked(1, 0));
    assert_eq!(bench.next(), end(1));
}

#[test]
fn the_last_tick_of_a_clock_is_worked_on_and_none_twice() {
    for is_stopped in [false, true] {
        let mut bench = Bench::new();
        bench.tick(0);
        bench.tick(1);
        assert_eq!(bench.next(), late(0));
        if is_stopped {
            // The graph is stopped, and the clock has not noticed.
            bench.signal.end();
        } else {
            bench.clock = None;
        }
        assert_eq!(bench.next(), None);
        bench.publish(0);
        assert_eq!(bench.next(), None);
        bench.end_on(1);
        assert_eq!(bench.next(), worked(1, 0));
        assert_eq!(bench.next(), end(1));
    }
}

#[test]
fn without_its_clock_it_ends_with_what_feeds_it() {
    let mut bench = Bench::new();
    bench.whole_tick(0);
    assert_eq!(bench.next(), worked(0, 0));
    bench.signal.end();
    assert_eq!(bench.next(), None);
    bench.end_on(1);
    assert_eq!(bench.next(), end(1));
}
