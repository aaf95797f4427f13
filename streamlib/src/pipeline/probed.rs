//! Runs `process` of an actor on which a probe hangs.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::time::Instant;

use super::unwind::{Outcome, watched};
use super::watchdog::{nanos, thread};
use crate::Result;
use crate::actor::{Stats, set_moment};
use crate::profile::Probe;
use crate::time::TimedTick;

/// As `Runner::process` does it where no probe hangs; `paced` where the clock keeps real time. Not generic, so that
/// it is compiled once and not for every actor.
pub(super) async fn probed(
    probe: &mut Probe,
    stats: &Stats,
    paced: bool,
    tick: TimedTick,
    work: Pin<&mut (dyn Future<Output = Result<()>> + Send)>,
) -> Outcome {
    if paced {
        stats.busy(nanos(Instant::now()), thread());
    }
    let enter = || {
        set_moment(tick);
        if paced {
            stats.on_thread(thread());
        }
    };
    let mut work = pin!(watched(work, enter, || stats.on_thread(0)));
    probe.begin(tick);
    let outcome = poll_fn(|cx| {
        probe.enter();
        let polled = probe.span.in_scope(|| work.as_mut().poll(cx));
        probe.leave();
        polled
    })
    .await;
    if paced {
        stats.idle();
    }
    outcome
}
