//! What of an actor is at work, and since when: one word, so that no look finds the one of this call and the other of
//! the next.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What of an actor is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Call {
    Process = 0,
    OnStart = 1,
    OnStop = 2,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Process => "process",
            Self::OnStart => "on_start",
            Self::OnStop => "on_stop",
        })
    }
}

/// The call above the lowest bits, which are the `Call`: nanoseconds since the start of the program are far from needing all.
const BITS: u32 = 2;

/// Which call runs since when; 0 while none does.
#[derive(Debug, Default)]
pub(super) struct Busy(AtomicU64);

// Relaxed throughout: one task writes the word, and whoever reads it needs nothing else that was written before it.
impl Busy {
    /// A call begins, at a time that is not 0.
    #[inline]
    pub(super) fn begin(&self, call: Call, since: u64) {
        self.0
            .store(since << BITS | u64::from(call as u8), Ordering::Relaxed);
    }

    /// It has returned.
    #[inline]
    pub(super) fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// What runs, and since when.
    pub(super) fn now(&self) -> Option<(Call, u64)> {
        let word = self.0.load(Ordering::Relaxed);
        let call = match word % (1 << BITS) {
            0 => Call::Process,
            1 => Call::OnStart,
            _ => Call::OnStop,
        };
        (word != 0).then_some((call, word >> BITS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_runs_and_since_when() {
        let busy = Busy::default();
        assert_eq!(busy.now(), None);
        let century = 100 * 366 * 24 * 3_600 * 1_000_000_000;
        for call in [Call::Process, Call::OnStart, Call::OnStop] {
            for since in [1, 2, century] {
                busy.begin(call, since);
                assert_eq!(busy.now(), Some((call, since)));
            }
            busy.end();
            assert_eq!(busy.now(), None);
        }
    }

    #[test]
    fn no_call_is_seen_with_the_time_of_another() {
        const CALLS: [Call; 3] = [Call::OnStart, Call::Process, Call::OnStop];
        let (busy, seen) = (Busy::default(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut since = 0;
                while seen.load(Ordering::Relaxed) < 20_000 {
                    since += 1;
                    busy.begin(CALLS[since as usize % 3], since);
                    busy.end();
                }
            });
            while seen.load(Ordering::Relaxed) < 20_000 {
                if let Some((call, since)) = busy.now() {
                    let is_right = call == CALLS[since as usize % 3];
                    // The other thread is to end also where this fails.
                    seen.fetch_add(if is_right { 1 } else { 20_000 }, Ordering::Relaxed);
                    assert!(is_right, "{call} since {since}");
                }
            }
        });
    }
}
