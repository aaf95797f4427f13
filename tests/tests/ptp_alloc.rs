//! The thread that ticks for a PTP clock allocates nothing, alone and behind a failover clock, which asks for its state.
#![cfg(target_os = "linux")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use streamlib::clock::{ClockState, Subscriber};
use streamlib::prelude::*;
use streamlib_tests::lab::wait_until;

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + 1);
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// So many ticks are to begin with.
const WARM: u64 = 25;
const TICKS: u64 = 125;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the ticking thread has allocated at its ticks.
#[derive(Clone, Default)]
struct Seen {
    ticks: Arc<AtomicU64>,
    before: Arc<AtomicU64>,
    after: Arc<AtomicU64>,
}

impl Subscriber for Seen {
    fn tick(&mut self, _: TimedTick) {
        // Relaxed, but for the count of ticks: its Release pairs with the Acquire of who waits for it.
        match self.ticks.load(Ordering::Relaxed) {
            WARM => self.before.store(ALLOCATED.get(), Ordering::Relaxed),
            TICKS => self.after.store(ALLOCATED.get(), Ordering::Relaxed),
            _ => {}
        }
        self.ticks.fetch_add(1, Ordering::Release);
    }
}

#[track_caller]
fn allocates_nothing(clock: &impl Clock) {
    let seen = Seen::default();
    let subscription = clock.subscribe(vec![Box::new(seen.clone())]);
    let mut subscription = subscription.expect("a good rate");
    subscription.start();
    let enough = wait_until(PATIENCE, || seen.ticks.load(Ordering::Acquire) > TICKS);
    assert!(enough, "{}", clock.status());
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    assert_eq!(of(&seen.after) - of(&seen.before), 0, "{}", clock.status());
}

#[test]
fn a_tick_of_ptp_allocates_nothing() {
    let clock = PtpClock::system("CLOCK_TAI", Rate::fps(100)).expect("every Linux has it");
    let is_locked = || clock.status().state == ClockState::Locked;
    assert!(wait_until(PATIENCE, is_locked), "{}", clock.status());
    allocates_nothing(&clock);
    allocates_nothing(&FailoverClock::prefer((clock, SoftwareClock::fps(100))));
}
