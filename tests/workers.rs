//! The worker processes of a program, as `/proc` has them.

use rustix::process::{Pid, Signal, kill_process};

/// The worker processes of a process.
#[must_use]
pub fn workers(of: u32) -> Vec<u32> {
    let mut found = children(of);
    found.retain(|&child| is_worker(child));
    found
}

/// The processes that a process has started.
#[must_use]
pub fn children(of: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let tasks = std::fs::read_dir(format!("/proc/{of}/task"));
    for task in tasks.into_iter().flatten().flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let numbers = children.split_whitespace();
        found.extend(numbers.filter_map(|number| number.parse::<u32>().ok()));
    }
    found
}

/// Whether this process is one.
#[must_use]
pub fn is_worker(process: u32) -> bool {
    let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.starts_with(b"streamlib-worker\0")
}

/// Ends a process by SIGKILL.
pub fn kill(process: u32) {
    if let Some(process) = Pid::from_raw(process as i32) {
        let _ = kill_process(process, Signal::KILL);
    }
}
