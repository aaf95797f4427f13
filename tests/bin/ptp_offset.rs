//! How far a `PtpClock` and a ptp4l are off their common master, as a line of figures for `cargo xtask
//! compare`.
//!
//! Three machines on a network of namespaces, software timestamps. The master keeps the system's clock, so
//! that the error of ours is known at any instant; ptp4l runs freely beside it, on the very clock that the master
//! keeps. In a second half they change places, since the bridge serves one before the other. Like is compared with like in what each has measured as its offset, packet by packet. Ours is
//! compared besides in how far off it was in truth, which is less, for it filters.

#[cfg(target_os = "linux")]
fn main() {
    use streamlib_tests::lab::{most, rms};

    let halves = [measure(true), measure(false)];
    let all = |kind: usize| -> Vec<f64> {
        let of_kind = halves.iter().flat_map(|half| &half[kind]);
        of_kind.copied().collect()
    };
    let [measured, ours, theirs] = [0, 1, 2].map(all);
    println!(
        "{{\"measured_rms_ns\": {}, \"measured_max_ns\": {}, \"ours_rms_ns\": {}, \"ours_max_ns\": {}, \
         \"ptp4l_rms_ns\": {}, \"ptp4l_max_ns\": {}}}",
        rms(&measured),
        most(&measured),
        rms(&ours),
        most(&ours),
        rms(&theirs),
        most(&theirs)
    );
}

/// What ours has measured, how far off it was, and what ptp4l has measured; ours on the machine that comes
/// before ptp4l's, or after it.
#[cfg(target_os = "linux")]
fn measure(ours_first: bool) -> [Vec<f64>; 3] {
    use std::time::Duration;

    use streamlib::clock::ptp::PtpClock;
    use streamlib::clock::{Clock, ClockState};
    use streamlib::prelude::*;
    use streamlib_tests::lab::{Lab, ST2059, errors, offsets, wait_until};

    const SECONDS: u64 = 20;

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
    let settings = format!("{ST2059}; slaveOnly 1; summary_interval -3; freq_est_interval 0");
    let theirs = there.ptp4l(&settings);
    let clock = here.run(|| PtpClock::new("eth0", Rate::fps(50)));
    let clock = clock.expect("a clock on eth0");
    let locked = || clock.status().state == ClockState::Locked;
    assert!(
        wait_until(Duration::from_secs(30), locked),
        "{}",
        clock.status()
    );
    std::thread::sleep(Duration::from_secs(10));
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
