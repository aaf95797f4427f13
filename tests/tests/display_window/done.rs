//! What a person does at windows: keys, the mouse, one window of several.

use crate::screenshot::{BARS, await_screen};
use crate::server::Server;

#[test]
fn the_seven_bars_are_on_the_screen_keys_arrive_and_esc_ends() {
    let server = Server::start(1280, 720);
    let mut program = server.run("640x360");
    let middle = (320, 180, 640, 360);
    await_screen(&server, "bars in the middle", |screen| {
        screen.bars(middle) == BARS
            && screen.at(319, 300) == 0
            && screen.at(320 + 20, 180 + 255) == 0x0000BF // the first castellation
            && screen.at(320 + 160, 180 + 330) == 0xFFFFFF // the white patch
    });

    server.xdotool("key a");
    program.expect("key Pressed A");
    program.expect("key Released A");
    server.xdotool("key shift+F5");
    program.expect("key Pressed Shift");
    program.expect("key Pressed F5");

    server.xdotool("mousemove 480 270 mousedown 1");
    program.expect("mouse Press(Left) 160 90");
    server.xdotool("mouseup 1");
    program.expect("mouse Release(Left) 160 90");
    server.xdotool("click 4");
    program.expect("scrolled 1");
    server.xdotool("click 5");
    server.xdotool("click 5");
    program.expect("scrolled -1");

    server.xdotool("key Escape");
    program.expect("key Pressed Escape");
    program.expect_end();
    assert_eq!(server.screenshot().at(640, 360), 0, "the window has gone");
}

#[test]
fn keys_can_be_left_to_the_graph() {
    let server = Server::start(640, 480);
    let mut program = server.run_with("320x180", &[("NO_SHORTCUTS", "1")]);
    let window = server.window();
    await_screen(&server, "without shortcuts", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS
    });
    server.xdotool("mousemove 300 300 key Escape key f key i");
    program.expect("key Pressed Escape");
    program.expect("key Pressed I");
    await_screen(&server, "as it was", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS && screen.at(5, 5) == 0
    });
    server.xdotool(&format!("windowclose {window}"));
    program.expect_end();
}

/// A click that is as short as it can be arrives whole.
#[test]
fn no_click_is_lost() {
    let server = Server::start(640, 480);
    let mut program = server.run("320x180");
    await_screen(&server, "before the clicks", |screen| {
        screen.bars((160, 150, 320, 180)) == BARS
    });
    server.xdotool("mousemove 170 160 click --repeat 3 --delay 0 1");
    for _ in 0..3 {
        program.expect("mouse Press(Left) 10 10");
        program.expect("mouse Release(Left) 10 10");
    }
    server.xdotool("key Escape");
    program.expect_end();
}

#[test]
fn a_program_has_as_many_windows_as_displays() {
    let server = Server::start(640, 480);
    let mut program = server.run_with("320x180", &[("TWO", "1")]);
    let (bars, white) = (server.window(), server.window_called("white"));
    server.xdotool(&format!("windowmove {bars} 0 0"));
    server.xdotool(&format!("windowmove {white} 400 0"));
    await_screen(&server, "two windows", |screen| {
        screen.bars((0, 0, 320, 180)) == BARS && screen.at(432, 32) == 0xFFFFFF
    });
    server.xdotool("mousemove 432 32 key Escape");
    await_screen(&server, "one window", |screen| {
        screen.bars((0, 0, 320, 180)) == BARS && screen.at(432, 32) == 0
    });
    server.xdotool("mousemove 32 32 key Escape");
    program.expect_end();
}
