//! A clock laid over the monotonic one: it has an offset and a rate, and is moved by slewing only.

/// The greatest difference of rate with which it catches up: half a millisecond in a second.
pub(super) const MOST_SLEW: f64 = 500e-6;
/// In how long it catches up, if that is not too fast.
const CATCH_UP_NANOS: f64 = 1e9;

/// A straight line: a time, and the monotonic time at which it is.
#[derive(Clone, Copy, Debug)]
struct Line {
    local: i64,
    time: i64,
    /// By how much it is faster than the monotonic clock.
    faster: f64,
}

impl Line {
    fn time(self, local: i64) -> i64 {
        let ahead = local - self.local;
        self.time
            .saturating_add(ahead)
            .saturating_add((ahead as f64 * self.faster).floor() as i64)
    }

    fn local(self, time: i64) -> i64 {
        let ahead = time - self.time;
        let slower = ahead as f64 * (self.faster / (1.0 + self.faster));
        self.local
            .saturating_add(ahead)
            .saturating_sub(slower.floor() as i64)
    }
}

/// Two lines: the one on which it catches up, and the one after that.
///
/// Its time never goes back and never jumps: where one line ends, the next begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overlay {
    now: Line,
    then: Line,
}

impl Overlay {
    /// A clock that has this time at this monotonic time, and is faster by `faster`.
    pub(super) fn new(local: i64, time: i64, faster: f64) -> Self {
        let line = Line {
            local,
            time,
            faster,
        };
        Self {
            now: line,
            then: line,
        }
    }

    /// From `local` on: goes to where `time` is, slowly enough, and then on at its rate.
    pub(super) fn steer(&mut self, local: i64, time: i64, faster: f64) {
        // A line that began later is still to come; the clock can't be changed before it.
        let local = local.max(self.now.local);
        let here = self.time(local);
        let behind = time.saturating_sub(here) as f64;
        let slew = (behind / CATCH_UP_NANOS).clamp(-MOST_SLEW, MOST_SLEW);
        self.now = Line {
            local,
            time: here,
            faster: faster + slew,
        };
        let lasts = if slew == 0.0 { 0.0 } else { behind / slew };
        let end = local.saturating_add(lasts as i64);
        self.then = Line {
            local: end,
            time: self.now.time(end),
            faster,
        };
    }

    /// Its time at a monotonic time.
    pub(super) fn time(&self, local: i64) -> i64 {
        if local < self.then.local {
            self.now.time(local)
        } else {
            self.then.time(local)
        }
    }

    /// The first monotonic time at which it has reached `time`.
    pub(super) fn local(&self, time: i64) -> i64 {
        let line = if time < self.then.time {
            self.now
        } else {
            self.then
        };
        let mut local = line.local(time);
        // The lines are rounded to nanoseconds, each its own way.
        while self.time(local) < time {
            local += 1;
        }
        while self.time(local - 1) >= time {
            local -= 1;
        }
        local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catches_up_without_a_jump_and_stops_there() {
        let mut clock = Overlay::new(0, 1_000_000_000_000, 10e-6);
        let start = 5_000_000_000;
        let here = clock.time(start);
        assert_eq!(here, 1_000_000_000_000 + start + 50_000);
        // A millisecond ahead of it: two seconds at the greatest slew.
        clock.steer(start, here + 1_000_000, 10e-6);
        assert_eq!(clock.time(start), here);
        let end = start + 2_000_000_000;
        let there = here + 2_000_000_000 + 20_000 + 1_000_000;
        assert!((clock.time(end) - there).abs() <= 2);
        assert!((clock.time(end + 1_000_000_000) - there - 1_000_010_000).abs() <= 3);
    }

    #[test]
    fn never_goes_back_and_is_inverted_exactly() {
        let mut clock = Overlay::new(0, 1 << 60, -80e-6);
        let mut local = 0;
        let mut last = clock.time(0);
        for step in 0..2_000_i64 {
            let off = (step * 7_919) % 400_001 - 200_000;
            clock.steer(
                local,
                clock.time(local) + off,
                -80e-6 + (step % 7) as f64 * 1e-7,
            );
            for _ in 0..5 {
                local += 12_345_678 + step;
                let time = clock.time(local);
                assert!(time > last);
                last = time;
                let back = clock.local(time);
                assert!(clock.time(back) >= time && clock.time(back - 1) < time);
            }
        }
    }
}
