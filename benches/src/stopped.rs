//! When the machine itself stood still: a virtual machine's cores are taken away now and then, and nothing that runs on
//! them can tick meanwhile.
//!
//! On every core a thread ahead of all others (`SCHED_FIFO` 99, by `chrt`, in a process of its own) wakes each
//! millisecond, and notes when it could not.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::thread::{CpuSet, clock_nanosleep_absolute, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, Timespec};
use streamlib::prelude::*;

use crate::figures::monotonic_ns;

const EVERY: u64 = 1_000_000;
/// A thread ahead of all others that wakes later than this had no core.
const LATE: u64 = 250_000;

/// A core did not run for some time between these two, in nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    from: u64,
    until: u64,
}

/// Notes stops until it is asked for them, or dropped.
#[derive(Debug)]
pub struct Watch(Child);

impl Watch {
    /// # Errors
    /// When `chrt` can't be started. That it may not use the priority shows at the end.
    pub fn start() -> Result<Self> {
        let child = Command::new("chrt")
            .args(["--fifo", "99"])
            .arg(std::env::current_exe()?)
            .arg("stops")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }

    /// What was noted.
    ///
    /// # Errors
    /// When the priority was refused.
    pub fn stops(mut self) -> Result<Vec<Stop>> {
        drop(self.0.stdin.take());
        let mut text = String::new();
        if let Some(mut stdout) = self.0.stdout.take() {
            stdout.read_to_string(&mut text)?;
        }
        let status = self.0.wait()?;
        if !status.success() {
            return Err(Error::invalid(
                "chrt --fifo 99 measure stops",
                status,
                "success, as root or with CAP_SYS_NICE",
            ));
        }
        Ok(text.lines().filter_map(Stop::read).collect())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Err: it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stop {
    fn read(line: &str) -> Option<Self> {
        let (from, until) = line.split_once(' ')?;
        Some(Self {
            from: from.parse().ok()?,
            until: until.parse().ok()?,
        })
    }

    /// Whether the core may have stood still at some time between the two.
    #[must_use]
    pub fn meets(&self, begin: u64, end: u64) -> bool {
        self.from < end && begin < self.until
    }
}

/// Watches every core until standard input closes, and prints what it saw.
///
/// # Errors
/// When the cores can't be asked for or chosen.
pub fn watch() -> Result<()> {
    static OVER: AtomicBool = AtomicBool::new(false);
    let allowed = sched_getaffinity(None).map_err(std::io::Error::from)?;
    let cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
    let watchers: Vec<_> = cores
        .map(|core| std::thread::spawn(move || watch_core(core, &OVER)))
        .collect();
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    // Relaxed: it carries nothing.
    OVER.store(true, Ordering::Relaxed);
    for watcher in watchers {
        for Stop { from, until } in watcher.join().unwrap_or(Err(Error::EndOfStream))? {
            println!("{from} {until}");
        }
    }
    Ok(())
}

fn watch_core(core: usize, over: &AtomicBool) -> Result<Vec<Stop>> {
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one).map_err(std::io::Error::from)?;
    let mut stops = Vec::with_capacity(4_096);
    let mut from = monotonic_ns();
    let mut due = from + EVERY;
    while !over.load(Ordering::Relaxed) {
        let wake = Timespec::try_from(Duration::from_nanos(due)).unwrap_or_default();
        // Err: a signal; the next look is a little early.
        let _ = clock_nanosleep_absolute(ClockId::Monotonic, &wake);
        let until = monotonic_ns();
        if until > due + LATE {
            stops.push(Stop { from, until });
        }
        (from, due) = (until, (due + EVERY).max(until));
    }
    Ok(stops)
}
