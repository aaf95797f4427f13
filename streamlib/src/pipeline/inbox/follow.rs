//! Whose ticks a task works on whose edges come and go, and may be of different clocks.
//!
//! Clocks number their ticks differently, so that no number of the one says anything about the other. It works on those of
//! the first edge that has ticked and goes on, as its status says; what comes from other clocks is read along with them.

use super::super::edge::ENDED;
use super::Inbox;
use crate::sync::Ordering;

impl Inbox {
    /// Finds out whose ticks these are now.
    pub(super) fn follow(&mut self) {
        let mut leads = None;
        for edge in &mut self.edges {
            // Acquire (both): pair with the Release stores of `EdgeTx`; what has ended publishes no more.
            let has_ended = edge.progress.reached.load(Ordering::Acquire) == ENDED;
            let published = edge.progress.published.load(Ordering::Acquire);
            let newest = edge.ticks.latest().filter(|_| published > 0);
            edge.clock = newest.map(|newest| newest.tick.clock_id);
            if leads.is_none() && !(has_ended && published <= edge.seen) {
                leads = newest.map(|newest| newest.tick);
            }
        }
        if let Some(newest) = leads
            && Some(newest.clock_id) != self.follows
        {
            let is_first = self.follows.replace(newest.clock_id).is_none();
            // What came before it led was read along, and merged into nothing.
            (self.done, self.told) = if is_first {
                (0, 0)
            } else {
                (newest.frame_number, 0)
            };
            for edge in &mut self.edges {
                edge.kept = None;
                if edge.is_foreign && edge.clock == self.follows {
                    // Acquire: as above.
                    let published = edge.progress.published.load(Ordering::Acquire);
                    edge.seen = edge.seen.max(published - 1);
                }
            }
        }
        for edge in &mut self.edges {
            edge.is_foreign = edge.clock.is_some() && edge.clock != self.follows;
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
    fn one_that_is_added_with_lower_numbers_holds_up_nobody() {
        let (here, there) = (Clock::new(), Clock::new());
        let (mut task, [mut first]) = Task::new();
        for number in 3_000..3_010 {
            first.publish(here.tick(number));
            assert_eq!(task.works(), [(here.tick(number), 0, false)]);
        }
        let (mut other, taken_away) = task.signal.add();
        // It is waited for, as one of the same clock would be, until it has ticked.
        first.publish(here.tick(3_010));
        assert_eq!(task.works(), []);
        for number in 0..10 {
            other.publish(there.tick(number));
            let newest = here.tick(3_010 + number);
            assert_eq!(task.works(), [(newest, 0, false)]);
            first.publish(here.tick(3_011 + number));
        }
        assert_eq!(task.works(), [(here.tick(3_020), 0, false)]);
        task.signal.remove(taken_away);
        first.publish(here.tick(3_021));
        assert_eq!(task.works(), [(here.tick(3_021), 0, false)]);
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
            only.pass(number);
            assert_eq!(task.works(), []);
        }
    }
}
