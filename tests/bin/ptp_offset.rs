//! How far a `PtpClock` and a ptp4l are off their common master, as a line of figures for `cargo xtask
//! compare`.
//!
//! Three machines on a network of namespaces, the kernel's software timestamps on all of them. Both slaves hear the very same
//! syncs, and of each sync both say what they measured as the offset from the master (IEEE 1588's `offsetFromMaster`: the
//! stamps of that sync, less the path delay as each of them filters it). No sync is left out, on neither side, nor is any
//! smoothed. The bridge serves one machine before the other, so that they change places: ours first, theirs, theirs, ours.
//!
//! Each of the four is a run of its own, with daemons of its own, and of their figures the middle is printed. `…_rms_ns` are over
//! all syncs of a run; `…_s_rms_ns` over the eight syncs of a second, as ptp4l itself sums up, and of those the middle one. A
//! sync that was held up between the two machines can be half a millisecond late for one of them, and would else decide the
//! whole. `…_max_ns` are of all four, one packet each.
//!
//! ptp4l steers nothing: its clock is the master's own, so that its offset is the noise of the measurement alone, less than
//! one that steers could measure. Ours is steered, and its measured offset holds its own error besides. That error is known
//! too, for the master keeps the system's clock: `ours_rms_ns` is how far ours was off in truth, 50 times a second.

#[cfg(target_os = "linux")]
fn main() {
    use streamlib_tests::lab::{middle, middle_rms, most, rms};

    let parts = [true, false, false, true].map(measure);
    let all = |kind: usize| -> Vec<f64> {
        let of_kind = parts.iter().flat_map(|part| &part[kind]);
        of_kind.copied().collect()
    };
    let middle_part = |kind: usize| middle(parts.iter().map(|part| rms(&part[kind])).collect());
    let [measured, ours, theirs] = [0, 1, 2].map(all);
    // Figures of some of the syncs are not to be compared with those of all.
    let apart = measured.len().abs_diff(theirs.len());
    assert!(
        apart * 20 <= theirs.len(),
        "{} syncs measured by ours, {} by ptp4l",
        measured.len(),
        theirs.len()
    );
    println!(
        "{{\"measured_rms_ns\": {}, \"measured_s_rms_ns\": {}, \"measured_max_ns\": {}, \"syncs\": {}, \
         \"ours_rms_ns\": {}, \"ours_max_ns\": {}, \
         \"ptp4l_rms_ns\": {}, \"ptp4l_s_rms_ns\": {}, \"ptp4l_max_ns\": {}, \"ptp4l_syncs\": {}}}",
        middle_part(0),
        middle_rms(&measured, 8),
        most(&measured),
        measured.len(),
        middle_part(1),
        most(&ours),
        middle_part(2),
        middle_rms(&theirs, 8),
        most(&theirs),
        theirs.len()
    );
}

/// What ours has measured, how far off it was, and what ptp4l has measured; ours on the machine that is made
/// before ptp4l's, or after it.
#[cfg(target_os = "linux")]
fn measure(ours_first: bool) -> [Vec<f64>; 3] {
    use std::time::Duration;

    use streamlib::clock::ptp::PtpClock;
    use streamlib::clock::{Clock, ClockState};
    use streamlib::prelude::*;
    use streamlib_tests::lab::{Lab, SLAVE, ST2059, errors, offsets, wait_until};

    const SECONDS: u64 = 10;

    let Some(lab) = Lab::new() else {
        std::process::exit(1);
    };
    let (one, two, three) = (lab.machine(), lab.machine(), lab.machine());
    let (here, there) = if ours_first {
        (two, three)
    } else {
        (three, two)
    };
    let _master = one.ptp4l(ST2059);
    let theirs = there.ptp4l(&format!("{ST2059}; {SLAVE}"));
    let clock = here.run(|| PtpClock::new("eth0", Rate::fps(50)));
    let clock = clock.expect("a clock on eth0");
    // Ten delays fill ptp4l's filter.
    let settled = || clock.status().state == ClockState::Locked && theirs.offsets().len() >= 16;
    assert!(
        wait_until(Duration::from_secs(30), settled),
        "{}; ptp4l: {:?}",
        clock.status(),
        theirs.lines()
    );
    std::thread::sleep(Duration::from_secs(5));
    let already = theirs.offsets().len();
    let (measured, ours) = std::thread::scope(|scope| {
        let measured = scope.spawn(|| offsets(&clock, SECONDS));
        let ours = errors(&clock, SECONDS);
        (measured.join().expect("it does not panic"), ours)
    });
    [measured, ours, theirs.offsets()[already..].to_vec()]
}

#[cfg(not(target_os = "linux"))]
fn main() {
    std::process::exit(1);
}
