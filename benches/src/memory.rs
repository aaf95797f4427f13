//! What this machine's memory can do: the limit of whatever touches a picture once.

use std::hint::black_box;

use streamlib::memory::Pool;

use crate::figures::{Figures, per_call_ns};

impl Figures {
    /// Also says how long a plain copy takes that moves as many bytes as the work does which reads `read` and writes
    /// `written` bytes a frame.
    #[must_use]
    pub fn beside_copying(self, read: usize, written: usize) -> Self {
        self.and("copy_us", copy_ns((read + written) / 2) / 1e3)
    }
}

/// Nanoseconds to copy `bytes` bytes, from one of two places to a third, as a frame comes and goes; in memory as
/// frames have it.
fn copy_ns(bytes: usize) -> f64 {
    let pool = Pool::new();
    let place = |value| {
        let mut buffer = pool.take(bytes);
        buffer.make_mut().fill(value);
        buffer
    };
    let (from, mut to) = ([place(1), place(2)], place(0));
    let to = to.make_mut();
    per_call_ns(20, |number| {
        to.copy_from_slice(black_box(&from[number as usize % 2]));
        black_box(&mut *to);
    })
}
