//! The operating system's monotonic clock, and sleeping until an absolute time of it.

use crate::time::Timestamp;

/// Nanoseconds of the monotonic clock.
#[cfg(target_os = "linux")]
pub(crate) fn now() -> Timestamp {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Timestamp::from_nanos(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// How long this thread has had a core.
#[cfg(target_os = "linux")]
pub(super) fn worked() -> std::time::Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    std::time::Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Nothing: where this isn't known, no thread is put ahead of others.
#[cfg(not(target_os = "linux"))]
pub(super) fn worked() -> std::time::Duration {
    std::time::Duration::ZERO
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
