//! Whose ticks a task works on whose edges come and go, and may be of different clocks.
//!
//! Clocks number their ticks differently, so that no number of the one says anything about the other. It works on those of
//! the first edge that has a clock and goes on, as its status says; what comes from other clocks is read along with them, and
//! is not waited for, nor is what has no clock.

use super::super::edge::ENDED;
use super::Inbox;
use crate::sync::Ordering;

impl Inbox {
    /// Finds out whose ticks these are now, and how far all have come; says whether there are any.
    pub(super) fn follow(&mut self) -> bool {
        let mut leads = None;
        for (place, edge) in self.edges.iter_mut().enumerate() {
            (edge.clock, edge.reached) = edge.progress.place();
            // Acquire: pairs with the Release store of `EdgeTx`; what has ended publishes no more.
            let published = edge.progress.published.load(Ordering::Acquire);
            let goes_on = edge.reached != ENDED || published > edge.seen;
            if leads.is_none() && goes_on && edge.clock.is_some() {
                leads = Some(place);
            }
        }
        if let Some(leads) = leads
            && self.edges[leads].clock != self.follows
        {
            self.lead(leads);
        }
        let mut are_any = false;
        for edge in &mut self.edges {
            edge.is_foreign = edge.clock.is_none() || edge.clock != self.follows;
            are_any |= !edge.is_foreign;
        }
        if !are_any {
            self.edges.retain(|edge| edge.reached != ENDED);
        }
        are_any
    }

    /// It works on the ticks of this edge from here on.
    fn lead(&mut self, leads: usize) {
        let clock = self.edges[leads].clock;
        let is_first = self.follows.is_none();
        self.follows = clock;
        (self.done, self.told) = (0, 0);
        for (place, edge) in self.edges.iter_mut().enumerate() {
            edge.kept = None;
            if is_first || edge.clock != clock {
                continue;
            }
            let newest = edge.ticks.latest().map(|newest| newest.tick);
            let newest = newest.filter(|newest| Some(newest.clock_id) == clock);
            if edge.is_foreign && newest.is_some() {
                // What came before it led was read along, and merged into nothing. Acquire: as above.
                let published = edge.progress.published.load(Ordering::Acquire);
                edge.seen = edge.seen.max(published.saturating_sub(1));
            }
            if place == leads {
                let from = newest.map(|newest| newest.frame_number);
                self.done = from.unwrap_or(edge.reached);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    use super::super::super::edge::{EdgeTx, edge};
    use super::super::super::signal::Signal;
    use super::super::{Event, Inbox};
    use crate::time::{ClockId, Rate, TimedTick, Timestamp};

    /// A clock of its own.
    #[derive(Clone, Copy)]
    struct Clock(ClockId);

    impl Clock {
        fn new() -> Self {
            Self(ClockId::new_unique())
        }

        fn tick(self, frame_number: u64) -> TimedTick {
            TimedTick {
                timestamp: Timestamp::default() + Rate::fps(50).time_of(frame_number),
                frame_number,
                clock_id: self.0,
            }
        }
    }

    struct Task {
        signal: Arc<Signal>,
        inbox: Inbox,
    }

    impl Task {
        fn new<const N: usize>() -> (Self, [EdgeTx; N]) {
            let signal = Arc::<Signal>::default();
            let mut receiving = Vec::new();
            let sending = std::array::from_fn(|_| {
                let (mut tx, rx) = edge(&signal, 1);
                tx.passes = true;
                receiving.push(rx);
                tx
            });
            let inbox = Inbox::open(Arc::clone(&signal), receiving, false, Rate::fps(1));
            (Self { signal, inbox }, sending)
        }

        /// Works on all there is: for each tick what it was, what it has missed, and whether it was late.
        fn works(&mut self) -> Vec<(TimedTick, u64, bool)> {
            let mut worked = Vec::new();
            let mut cx = Context::from_waker(Waker::noop());
            while let Poll::Ready(event) = self.inbox.poll_next(&mut cx) {
                match event {
                    Event::Tick { tick, missed, late } => worked.push((tick, missed, late)),
                    Event::Pass(_) | Event::Cut => {}
                    Event::End(_) => panic!("edges can come"),
                }
            }
            worked
        }
    }

    #[test]
    fn nothing_is_missed_because_clocks_number_their_ticks_differently() {
        for ahead in [0, 7, 1_000_000] {
            let (here, there) = (Clock::new(), Clock::new());
            let (mut task, [mut first, mut other]) = Task::new();
            for number in 0..100 {
                // The other ticks three times as often.
                (0..3).for_each(|third| other.publish(there.tick(ahead + 3 * number + third)));
                first.publish(here.tick(number));
                assert_eq!(task.works(), [(here.tick(number), 0, false)], "{ahead}");
            }
            // When the first ends, those of the other are worked on.
            (300..400).for_each(|number| other.publish(there.tick(ahead + number)));
            drop(first);
            assert_eq!(task.works(), [(there.tick(ahead + 399), 0, false)]);
            (400..403).for_each(|number| other.publish(there.tick(ahead + number)));
            assert_eq!(
                task.works(),
                [(there.tick(ahead + 402), 2, false)],
                "it was busy"
            );
            drop(other);
            assert_eq!(task.works(), []);
        }
    }

    #[test]
    fn one_of_another_clock_is_not_waited_for_whether_or_not_it_ticks() {
        let (here, there) = (Clock::new(), Clock::new());
        for (expected, ticks) in [(true, true), (true, false), (false, true), (false, false)] {
            let (mut task, [mut first]) = Task::new();
            first.publish(here.tick(3_000));
            assert_eq!(task.works(), [(here.tick(3_000), 0, false)]);
            let expected = expected.then_some((there.0, Rate::fps(50)));
            let (mut other, taken_away) = task.signal.add(expected);
            for number in 0..10 {
                match number % 3 {
                    _ if !ticks => {}
                    0 => other.publish(there.tick(number)),
                    _ => other.pass(number, Some(there.0)),
                }
                first.publish(here.tick(3_001 + number));
                let newest = here.tick(3_001 + number);
                assert_eq!(task.works(), [(newest, 0, false)]);
            }
            task.signal.remove(taken_away);
            first.publish(here.tick(3_011));
            assert_eq!(task.works(), [(here.tick(3_011), 0, false)]);
        }
    }

    #[test]
    fn one_of_its_clock_is_waited_for_before_it_ticks() {
        let here = Clock::new();
        let (mut task, [mut first]) = Task::new();
        first.publish(here.tick(0));
        assert_eq!(task.works(), [(here.tick(0), 0, false)]);
        let (mut other, _) = task.signal.add(Some((here.0, Rate::fps(50))));
        first.publish(here.tick(1));
        assert_eq!(task.works(), []);
        other.publish(here.tick(1));
        assert_eq!(task.works(), [(here.tick(1), 0, false)]);
    }

    #[test]
    fn one_that_passes_on_another_clock_holds_up_nobody() {
        for ahead in [0, 5, 1_000, 100_000] {
            let (here, there) = (Clock::new(), Clock::new());
            let (mut task, [mut first, mut gate]) = Task::new();
            for number in 0..60 {
                first.publish(here.tick(number));
                gate.publish(here.tick(number));
                assert_eq!(task.works(), [(here.tick(number), 0, false)]);
            }
            // What feeds the gate is now of the other clock, and it lets nothing through; then it does.
            for number in 60..160 {
                match number {
                    ..110 => gate.pass(ahead + number, Some(there.0)),
                    _ => gate.publish(there.tick(ahead + number)),
                }
                first.publish(here.tick(number));
                assert_eq!(task.works(), [(here.tick(number), 0, false)], "{ahead}");
            }
        }
    }

    #[test]
    fn what_goes_back_to_a_lower_number_is_of_another_clock() {
        let (here, there) = (Clock::new(), Clock::new());
        let (mut task, [mut only]) = Task::new();
        only.publish(here.tick(3_000));
        assert_eq!(task.works(), [(here.tick(3_000), 0, false)]);
        for number in 4..8 {
            only.publish(there.tick(number));
            assert_eq!(task.works(), [(there.tick(number), 0, false)]);
            only.pass(number, Some(there.0));
            assert_eq!(task.works(), []);
        }
    }
}
