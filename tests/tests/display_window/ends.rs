//! Windows that are closed, and servers that die or hang.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::PATIENCE;
use crate::program::Program;
use crate::screenshot::{BARS, await_screen};
use crate::server::Server;

#[test]
fn a_window_that_somebody_else_closes_ends_the_program_well() {
    for close in ["windowclose", "windowkill"] {
        let server = Server::start(640, 480);
        let mut program = server.run("320x180");
        let window = server.window();
        await_screen(&server, close, |screen| {
            screen.bars((160, 150, 320, 180)) == BARS
        });
        server.xdotool(&format!("{close} {window}"));
        program.expect_end();
    }
}

#[test]
fn a_server_that_dies_ends_the_program_well_and_is_told() {
    let server = Server::start(640, 480);
    let mut program = server.run("320x180");
    await_screen(&server, "before the end", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS
    });
    drop(server);
    program.expect_end();
    let errors = program.last_errors().join("\n");
    assert!(errors.contains("the display server has gone"), "{errors}");
}

/// What the program counts: ticks of the display, pictures shown and dropped, milliseconds of latency.
fn counts(program: &Program) -> [f64; 4] {
    loop {
        let line = program.lines.recv_timeout(PATIENCE).expect("a line");
        if let Some(counts) = line.strip_prefix("counts ") {
            let mut numbers = counts
                .split(' ')
                .map(|number| number.parse().expect("a number"));
            return std::array::from_fn(|_| numbers.next().expect("four numbers"));
        }
    }
}

#[test]
fn a_server_that_hangs_holds_up_nobody_and_what_it_misses_is_counted() {
    let server = Server::start(640, 480);
    let settings = [("MOVING", "1"), ("COUNT", "1")];
    let mut program = server.run_with("320x180", &settings);
    let until = |what: &dyn Fn([f64; 4]) -> bool| {
        let start = Instant::now();
        loop {
            let counts = counts(&program);
            if what(counts) {
                return counts;
            }
            assert!(start.elapsed() < PATIENCE, "{counts:?}");
        }
    };
    let [ticks, shown, dropped, latency] =
        until(&|[_, shown, _, latency]| shown > 20.0 && latency > 0.0);
    assert!(
        shown + dropped <= ticks + 1.0 && latency < 1e3,
        "{ticks} {shown} {dropped} {latency}"
    );

    server.signal("-STOP");
    let stalled = until(&|[now, ..]| now > ticks + 60.0);
    let later = until(&|[now, ..]| now > stalled[0] + 60.0);
    assert_eq!(stalled[1], later[1], "nothing can be shown");
    assert!(
        later[2] > stalled[2] + 30.0,
        "{stalled:?} {later:?}: it is counted"
    );
    server.signal("-CONT");
    until(&|[_, shown, ..]| shown > later[1] + 20.0);
    server.xdotool("key Escape");
    program.expect_end();
}

/// A graph stops at once, whatever its window's server does.
#[test]
fn a_server_that_hangs_does_not_hold_up_the_end() {
    for moving in ["MOVING", "STILL"] {
        let server = Server::start(640, 480);
        let mut program = server.run_with("320x180", &[("STOP", "1"), (moving, "1")]);
        program.expect("shows");
        server.signal("-STOP");
        std::thread::sleep(Duration::from_millis(300)); // until the window waits for it
        let mut input = program.process.stdin.take().expect("stdin is piped");
        input.write_all(b"stop\n").expect("it reads");
        let took: u64 = program.rest_of("stopped ").parse().expect("milliseconds");
        // It is some 50 ms; a wait for the server itself would be without end.
        assert!(took < 1_500, "{took} ms");
        program.expect_end();
        server.signal("-CONT");
    }
}
