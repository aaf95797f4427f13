//! Whatever edges a device tells of: no tick comes early, twice or in a burst.

use super::phase_lock::PhaseLock;
use super::rates;
use crate::clock::fuzzing::Choices;
use crate::time::{Rate, Timestamp};

/// A loop of 50 frames a second hears the edges that `data` says.
///
/// # Panics
/// When a number comes again, or two ticks are nearer to each other than they may be.
pub fn edges(data: &[u8]) {
    let rate = Rate::fps(50);
    let least = rates::nanos(rate) * (1.0 - 1.1e-3);
    let mut lock = PhaseLock::new();
    lock.set_frames(rate);
    let (mut next, mut last) = (0_u64, None::<Timestamp>);
    let mut now = Timestamp::from_nanos(7_000_000_000_000);
    let mut choices = Choices(data);
    while let Some(edge) = edge(&mut choices, &mut now) {
        // What is due by then has been ticked.
        while let Some(due) = lock.due(next).filter(|&due| due <= now) {
            assert!(lock.newest(now) >= Some(next));
            if let Some(last) = last {
                assert!(
                    (due - last).as_nanos() as f64 >= least,
                    "{last}, then {due}"
                );
            }
            last = Some(due);
            next += 1;
        }
        lock.push(edge, now);
        // Nothing before now has changed, but for what is rounded.
        if let Some(due) = lock.due(next) {
            let soonest = now - std::time::Duration::from_nanos(2);
            assert!(due >= soonest, "{due}, and it is {now}");
        }
        let _ = (lock.state(now), lock.time(now), lock.detail(now));
    }
}

/// The next edge, heard of at a later `now`; `None` when there is none left.
fn edge(choices: &mut Choices<'_>, now: &mut Timestamp) -> Option<Timestamp> {
    let (what, by) = (choices.byte()?, u64::from(choices.byte()?));
    let near = Timestamp::from_nanos;
    let after = |nanos: u64| std::time::Duration::from_nanos(nanos);
    Some(match what % 4 {
        // A train with jitter, in which some are missing.
        0 => {
            let periods = u64::from(what >> 6) + 1;
            *now += after(20_000_000 * periods + by * 1_500);
            near(now.as_nanos() - by * 1_500)
        }
        // One that comes too soon.
        1 => {
            *now += after(by * 40_000);
            *now
        }
        // Any instant at all.
        2 => {
            *now += after(by);
            near(choices.number()?.unsigned_abs())
        }
        // A silence, then an edge of a little earlier.
        _ => {
            *now += after(by * 100_000_000);
            near(now.as_nanos() - by * 1_000)
        }
    })
}
