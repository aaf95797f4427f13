//! Polls `process` of an actor on which a probe hangs.

use std::task::Poll;
use std::time::Instant;

use super::unwind::{Outcome, caught};
use super::watchdog::nanos;
use super::whereabouts::thread;
use crate::Result;
use crate::actor::{Stats, set_moment};
use crate::profile::Probe;

/// As `Runner::process` does it where no probe hangs; `paced` where the clock keeps real time. Not generic, so that
/// it is compiled once and not for every actor.
pub(super) fn probed(
    probe: &mut Probe,
    stats: &Stats,
    paced: bool,
    poll: &mut dyn FnMut() -> Poll<Result<()>>,
) -> Poll<Outcome> {
    set_moment(probe.tick());
    if paced {
        if probe.is_new() {
            stats.busy(nanos(Instant::now()), thread());
        }
        stats.on_thread(thread());
    }
    probe.enter();
    let polled = probe.span.in_scope(|| caught(poll));
    probe.leave();
    if paced && polled.is_pending() {
        stats.on_thread(0);
    } else if paced {
        stats.idle();
    }
    polled
}
