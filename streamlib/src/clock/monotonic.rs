//! The operating system's monotonic clock, and sleeping until an absolute time of it.

use crate::time::Timestamp;

/// Nanoseconds of the monotonic clock.
#[cfg(target_os = "linux")]
pub(crate) fn now() -> Timestamp {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Timestamp::from_nanos(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// Sleeps until `deadline`, which is near.
#[cfg(target_os = "linux")]
pub(super) fn sleep_until(deadline: Timestamp) {
    use rustix::thread::clock_nanosleep_absolute;
    let nanos = deadline.as_nanos();
    let deadline = rustix::time::Timespec {
        tv_sec: (nanos / 1_000_000_000) as _,
        tv_nsec: (nanos % 1_000_000_000) as _,
    };
    // A signal may cut the sleep short; an absolute deadline makes it simple to go on.
    while let Err(rustix::io::Errno::INTR) =
        clock_nanosleep_absolute(rustix::time::ClockId::Monotonic, &deadline)
    {}
}

/// Asks the kernel not to delay this thread's timers (by default it groups them in 50 µs).
#[cfg(target_os = "linux")]
pub(super) fn exact_timers() {
    let one = std::num::NonZeroU64::MIN;
    // Where it isn't granted, timers are as exact as the system makes them.
    let _ = rustix::thread::set_current_timer_slack(Some(one));
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn now() -> Timestamp {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    Timestamp::from_nanos(START.get_or_init(Instant::now).elapsed().as_nanos() as u64)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn sleep_until(deadline: Timestamp) {
    std::thread::sleep(deadline - now());
}

#[cfg(not(target_os = "linux"))]
pub(super) fn exact_timers() {}
