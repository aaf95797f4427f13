//! A clock, what feeds a task on that clock, and the task, under loom: every interleaving of the three, on small bounds.
//!
//! ```sh
//! RUSTFLAGS="--cfg streamlib_loom" CARGO_TARGET_DIR=target/loom \
//!     cargo test --release -p streamlib --no-default-features --lib pipeline::inbox::model
//! ```
//!
//! The task sleeps when it has nothing to do, and is polled again only if it was woken. So a wake-up that gets lost shows as
//! a tick that is never worked on.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use loom::thread;

use super::super::beat::{BeatTx, beat};
use super::super::edge::{EdgeTx, edge};
use super::super::signal::Signal;
use super::{Event, Inbox};
use crate::clock::{Lockstep, Subscriber};
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

/// Tries all interleavings that switch threads against their will at most so often.
fn explore(preemptions: usize, test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(test);
}

fn tick(frame_number: u64) -> TimedTick {
    TimedTick {
        timestamp: Timestamp::default() + Rate::fps(50).time_of(frame_number),
        frame_number,
        clock_id: ClockId::default(),
    }
}

/// Rings when the task is woken.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Swapped, for loom knows the order of a store beside a swap only where one happens before the other.
        self.0.swap(true, Ordering::AcqRel);
    }
}

/// What is upstream: what it has published, with nothing but the edge to make that known.
struct Feed {
    edge: EdgeTx,
    items: Arc<AtomicU64>,
}

impl Feed {
    fn publish(&mut self, number: u64) {
        self.items.store(number + 1, Ordering::Relaxed);
        self.edge.publish(tick(number));
    }
}

/// A tick that was worked on, whether it was late, and how many items were there to see.
type Worked = (u64, bool, u64);

struct Task {
    inbox: Inbox,
    bell: Arc<Bell>,
    items: Arc<AtomicU64>,
    /// The number of the newest tick that was worked on, plus one.
    done: Arc<AtomicU64>,
    worked: Vec<Worked>,
    missed: u64,
    ended: bool,
}

impl Task {
    /// Works until there is nothing to do.
    fn run(&mut self) {
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut cx = Context::from_waker(&waker);
        while let Poll::Ready(event) = self.inbox.poll_next(&mut cx) {
            match event {
                Event::Tick { tick, missed, late } => {
                    let items = self.items.load(Ordering::Relaxed);
                    let number = tick.frame_number;
                    let is_next = self.worked.last().is_none_or(|last| last.0 < number);
                    assert!(is_next, "no tick comes twice, or late");
                    self.worked.push((number, late, items));
                    self.missed += missed;
                    self.done.store(number + 1, Ordering::Relaxed);
                }
                Event::Pass(_) => {}
                Event::Cut => unreachable!("nothing is taken away"),
                Event::End(_) => {
                    self.ended = true;
                    return;
                }
            }
        }
    }

    /// Runs once more if it was woken; says whether it was.
    fn run_if_woken(&mut self) -> bool {
        let woken = !self.ended && self.bell.0.swap(false, Ordering::AcqRel);
        if woken {
            self.run();
        }
        woken
    }
}

fn set_up() -> (BeatTx, Feed, Task, Arc<Signal>) {
    let signal = Arc::<Signal>::default();
    let (mut feed, rx) = edge(&signal, 1);
    feed.passes = true;
    let (clock, beats) = beat(&signal, std::slice::from_ref(&rx));
    let mut inbox = Inbox::new(Arc::clone(&signal), vec![rx], true, Rate::fps(50));
    inbox.clocked_by(Some(beats), Vec::new());
    let items = Arc::<AtomicU64>::default();
    let feed = Feed {
        edge: feed,
        items: Arc::clone(&items),
    };
    let task = Task {
        inbox,
        bell: Arc::default(),
        items,
        done: Arc::default(),
        worked: Vec::new(),
        missed: 0,
        ended: false,
    };
    (clock, feed, task, signal)
}

#[test]
fn every_tick_is_worked_on_or_counted_as_missed() {
    explore(2, || {
        let (mut clock, mut feed, mut task, _signal) = set_up();
        let clock = thread::spawn(move || {
            (0..2).for_each(|number| clock.tick(tick(number)));
            clock
        });
        let feed = thread::spawn(move || {
            (0..2).for_each(|number| feed.publish(number));
            feed
        });
        task.run();
        task.run_if_woken();
        // Both go on, as in a graph: no end wakes the task.
        let _clock = clock.join().unwrap();
        let _feed = feed.join().unwrap();
        while task.run_if_woken() {}
        let &(last, late, items) = task.worked.last().expect("a tick");
        assert_eq!((last, late, items), (1, false, 2));
        for &(number, late, items) in &task.worked {
            assert!(late || items > number, "it sees what came on its tick");
        }
        // What came before the first one is not known.
        let first = task.worked[0].0;
        assert_eq!(task.missed + task.worked.len() as u64, 2 - first);
    });
}

#[test]
fn a_tick_that_brings_nothing_is_one_as_well() {
    explore(2, || {
        let (mut clock, mut feed, mut task, _signal) = set_up();
        let clock = thread::spawn(move || {
            clock.tick(tick(0));
            clock
        });
        let feed = thread::spawn(move || {
            feed.edge.pass(0, Some(ClockId::default()));
            feed
        });
        task.run();
        let _clock = clock.join().unwrap();
        let _feed = feed.join().unwrap();
        while task.run_if_woken() {}
        assert_eq!(task.worked, [(0, false, 0)]);
    });
}

#[test]
fn the_end_comes_after_the_last_item_and_is_no_tick() {
    explore(2, || {
        let (mut clock, mut feed, mut task, _signal) = set_up();
        let clock = thread::spawn(move || (0..2).for_each(|number| clock.tick(tick(number))));
        let feed = thread::spawn(move || {
            feed.publish(0);
            feed.edge.ends_on(tick(1));
        });
        task.run();
        task.run_if_woken();
        clock.join().unwrap();
        feed.join().unwrap();
        while task.run_if_woken() {}
        assert!(task.ended);
        assert_eq!(task.missed, 0);
        match task.worked[..] {
            [(0, _, 1)] => {}
            // It came when tick 0 had been worked on without it.
            [(0, true, 0 | 1), (1, false, 1)] => {}
            ref other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_clock_in_lockstep_ticks_again_when_its_tick_has_been_worked_on() {
    explore(3, || {
        let (mut clock, mut feed, mut task, signal) = set_up();
        let lockstep = Lockstep::default();
        signal.set_lockstep(&lockstep);
        // That of the upstream, which has its tick.
        lockstep.add(1);
        let clock = thread::spawn({
            let (lockstep, done) = (lockstep.clone(), Arc::clone(&task.done));
            move || {
                clock.tick(tick(0));
                let idle = lockstep.in_flight() == 0;
                assert!(!idle || done.load(Ordering::Relaxed) == 1);
                clock
            }
        });
        let feed = thread::spawn({
            let lockstep = lockstep.clone();
            move || {
                feed.publish(0);
                lockstep.done(1);
                feed
            }
        });
        task.run();
        task.run_if_woken();
        let _clock = clock.join().unwrap();
        let _feed = feed.join().unwrap();
        while task.run_if_woken() {}
        assert_eq!(lockstep.in_flight(), 0);
        assert_eq!(task.worked, [(0, false, 1)]);
    });
}

#[test]
fn an_edge_whose_clock_changes_loses_no_tick() {
    let other = ClockId::new_unique();
    explore(2, move || {
        let signal = Arc::<Signal>::default();
        let (mut feed, rx) = edge(&signal, 1);
        let mut inbox = Inbox::open(Arc::clone(&signal), vec![rx], false, Rate::fps(50));
        let there = move |frame_number| TimedTick {
            clock_id: other,
            ..tick(frame_number)
        };
        let feed = thread::spawn(move || {
            // Of the other clock with lower numbers.
            feed.publish(tick(5));
            (0..2).for_each(|number| feed.publish(there(number)));
            feed
        });
        let bell = Arc::<Bell>::default();
        let (mut newest, mut came) = (None, 0);
        let mut run = || {
            let waker = Waker::from(Arc::clone(&bell));
            while let Poll::Ready(event) = inbox.poll_next(&mut Context::from_waker(&waker)) {
                match event {
                    Event::Tick { tick, missed, .. } => {
                        came += 1 + missed;
                        newest = Some((tick.clock_id, tick.frame_number));
                    }
                    Event::Pass(_) => {}
                    Event::Cut | Event::End(_) => unreachable!("the edge stays"),
                }
            }
        };
        run();
        let _feed = feed.join().unwrap();
        while bell.0.swap(false, Ordering::AcqRel) {
            run();
        }
        assert_eq!(newest, Some((other, 1)));
        // One that came while it was looked for is counted with the next.
        let left = 3 - inbox.edges[0].seen;
        assert_eq!(came + left, 3);
    });
}
