//! A display without a display server: the picture in the terminal, which is left as it was; and without
//! a terminal either a count of the frames.
//!
//! The terminal is one that `script` (util-linux) makes; [`program`] runs in it as a process of its own.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use streamlib::actor::Harness;
use streamlib::prelude::*;

/// What the tests run as a process of its own: bars in a display for `SECONDS`, with `END` as its end.
/// Without these variables it is an ordinary run of the tests, and there is nothing to do.
#[test]
fn program() {
    let (Ok(seconds), Ok(end)) = (std::env::var("SECONDS"), std::env::var("END")) else {
        return;
    };
    let time = Duration::from_secs_f64(seconds.parse().expect("seconds"));

    let bars = TestPattern::new(Pattern::SmpteBars).size(112, 63);
    let mut bars = Harness::new(bars).expect("a possible pattern");
    let mut picture = bars.probe(|bars| &mut bars.video);
    let mut display = Harness::new(Display::new("bars")).expect("a possible display");
    let mut video = display.feed(|display| &mut display.video);
    let start = Instant::now();
    while start.elapsed() < time {
        bars.tick().expect("a picture");
        video.send(picture.latest().expect("a picture").clone());
        display.tick().expect("a display that nobody closes");
        std::thread::sleep(Duration::from_micros(16_667));
    }
    match end.as_str() {
        "stop" => drop(display.stop().expect("a display that stops")),
        "drop" => drop(display),
        "panic" => panic!("on purpose"),
        other => panic!("{other} is no end"),
    }
    println!("after the end");
}

fn this_program(seconds: &str, end: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .env("SECONDS", seconds)
        .env("END", end)
        .env_remove("DISPLAY");
    command.env(
        "PROGRAM",
        std::env::current_exe().expect("the test's own path"),
    );
    command
}

const RUN: &str = r#"exec "$PROGRAM" --exact program --nocapture --test-threads=1"#;

/// What the program writes to a terminal of 56 × 20 cells.
fn in_a_terminal(end: &str) -> String {
    let mut command = this_program("1", end);
    command.args([
        "-c",
        r#"exec script -qefc "stty cols 56 rows 20; $RUN" /dev/null"#,
    ]);
    let output = run(command.env("RUN", RUN));
    assert!(
        !output.stdout.is_empty(),
        "is there a `script`? apt-get install -y bsdutils"
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("sh: {error}"))
}

const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[0m\x1b[?25h\x1b[?1049l";

#[test]
fn the_bars_are_in_the_terminal_and_it_is_left_as_it_was() {
    for end in ["stop", "drop"] {
        let text = in_a_terminal(end);
        let (before, rest) = text
            .split_once(ENTER)
            .expect("the alternate screen is entered");
        assert_eq!(before.matches("no window").count(), 1, "{before}");
        assert_eq!(
            before.matches("shown in the terminal").count(),
            1,
            "{before}"
        );

        let (picture, after) = rest
            .split_once(LEAVE)
            .expect("the alternate screen is left");
        assert!(after.contains("after the end"), "{after:?}");
        assert!(
            !after.contains("\x1b["),
            "nothing is drawn after the end: {after:?}"
        );

        // 56 columns hold 56 × 31 pixels of a 16:9 picture: 16 rows of cells. The first full row of
        // bars is eight cells of each colour.
        let row = picture
            .split("\x1b[4;1H")
            .nth(1)
            .expect("the fourth row of cells");
        let bars = [
            "191;191;191",
            "191;191;0",
            "0;191;191",
            "0;191;0",
            "191;0;191",
            "191;0;0",
            "0;0;191",
        ];
        let expected: String = bars
            .map(|rgb| format!("\x1b[38;2;{rgb};48;2;{rgb}m{}", "▀".repeat(8)))
            .concat();
        assert!(
            row.starts_with(&expected),
            "{:?}",
            &row[..row.len().min(400)]
        );

        let frames = picture.matches("\x1b[4;1H").count();
        assert!(
            (5..=16).contains(&frames),
            "{frames} pictures in a second, 15 at most"
        );
    }
}

#[test]
fn a_panic_leaves_the_terminal_before_it_speaks() {
    let text = in_a_terminal("panic");
    let left = text.find(LEAVE).expect("the alternate screen is left");
    let message = text.find("on purpose").expect("the panic's message");
    assert!(left < message);
    // The thread may draw once more before the end; then it leaves once more as well.
    assert_eq!(text.matches(ENTER).count(), text.matches(LEAVE).count());
}

#[test]
fn without_a_terminal_frames_are_counted_a_line_a_second() {
    let output = run(this_program("2.5", "stop").args(["-c", RUN]));
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!stdout.contains('\x1b'), "{stdout:?}");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("streamlib: "))
        .collect();
    assert_eq!(lines.len(), 3, "{stderr}");
    assert!(
        lines[0].contains("no window") && lines[0].contains("frames are counted"),
        "{stderr}"
    );
    for line in &lines[1..] {
        assert!(line.contains(" frames of 112×63, "), "{line}");
        let frames: f64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .expect("a number");
        assert!((20.0..=61.0).contains(&frames), "{line}");
    }
}

#[test]
fn an_x_server_that_is_not_there_is_no_trouble() {
    let output = run(this_program("0.2", "stop")
        .env("DISPLAY", ":4095")
        .args(["-c", RUN]));
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        stderr.contains("there is no X server at DISPLAY=:4095"),
        "{stderr}"
    );
}

#[test]
fn impossible_settings_are_refused_and_say_so() {
    let refused = |display| {
        Harness::new(display)
            .expect_err("an impossible setting")
            .to_string()
    };
    assert_eq!(
        refused(Display::new("bars").size(0, 720)),
        "size is 0 × 720 pixels; expected 1 to 16384 pixels a side"
    );
    assert_eq!(
        refused(Display::new("a\0b")),
        r#"title is "a\0b"; expected text without a NUL character"#
    );
}
