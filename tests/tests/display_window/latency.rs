//! From the tick to the screen, told by what is burned into the picture itself.

use std::cell::RefCell;

use rustix::time::{ClockId, clock_gettime};
use streamlib_graphics::Stamp;

use crate::screenshot::await_screen;
use crate::server::Server;

#[test]
fn the_clock_on_the_screen_is_that_of_now() {
    let server = Server::start(640, 360);
    let mut program = server.run_with("640x360", &[("CLOCK", "1")]);
    // Each frame number that was seen, and nanoseconds from its tick to after the screenshot.
    let seen = RefCell::new(Vec::new());
    await_screen(&server, "a clock that goes on", |screen| {
        let now = clock_gettime(ClockId::Monotonic);
        let now = now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64;
        let mut seen = seen.borrow_mut();
        seen.extend(Stamp::read(&screen.frame()).map(|stamp| {
            let age = now.checked_sub(stamp.time.as_nanos());
            (
                stamp.frame_number,
                age.expect("no picture is of the future"),
            )
        }));
        seen.len() >= 5
    });
    let seen = seen.into_inner();
    assert!(seen.is_sorted_by_key(|(number, _)| *number), "{seen:?}");
    let quickest = seen.iter().map(|(_, age)| *age).min();
    // It is some milliseconds, and the screenshot.
    assert!(quickest < Some(5_000_000_000), "{seen:?}");
    server.xdotool("mousemove 300 300 key Escape");
    program.expect_end();
}
