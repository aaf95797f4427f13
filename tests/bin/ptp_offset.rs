//! How far a `PtpClock` and a ptp4l are off their common master, as a line of figures for `cargo xtask
//! compare`.
//!
//! Three machines on a network of namespaces, software timestamps. The master keeps the system's clock, so
//! that the error of ours is known at any instant; ptp4l runs freely beside it, on the very clock that the master
//! keeps. Like is compared with like in what each has measured as its offset, packet by packet. Ours is
//! compared besides in how far off it was in truth, which is less, for it filters.

#[cfg(target_os = "linux")]
fn main() {
    use std::time::Duration;

    use streamlib::clock::ptp::PtpClock;
    use streamlib::clock::{Clock, ClockState};
    use streamlib::prelude::*;
    use streamlib_tests::lab::{Lab, ST2059, errors, most, offsets, rms, wait_until};

    let Some(lab) = Lab::new() else {
        std::process::exit(1);
    };
    let (one, two, three) = (lab.machine(), lab.machine(), lab.machine());
    let _master = one.ptp4l(ST2059);
    let settings = format!("{ST2059}; slaveOnly 1; summary_interval -3; freq_est_interval 0");
    let theirs = three.ptp4l(&settings);
    let clock = two.run(|| PtpClock::new("eth0", Rate::fps(50)));
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
        let measured = scope.spawn(|| offsets(&clock, 30));
        let ours = errors(&clock, 30);
        (measured.join().expect("it does not panic"), ours)
    });
    let theirs = &theirs.offsets()[already..];
    println!(
        "{{\"measured_rms_ns\": {}, \"measured_max_ns\": {}, \"ours_rms_ns\": {}, \"ours_max_ns\": {}, \
         \"ptp4l_rms_ns\": {}, \"ptp4l_max_ns\": {}}}",
        rms(&measured),
        most(&measured),
        rms(&ours),
        most(&ours),
        rms(theirs),
        most(theirs)
    );
}

#[cfg(not(target_os = "linux"))]
fn main() {
    std::process::exit(1);
}
